//! Resolves the steps of storyboards.

use std::collections::BTreeSet;

use crate::azure::source::Builder;
use crate::findings::Located;
use crate::lab::expectations::pairs::Machines;
use crate::lab::model::{self, Spec, StepExpectations};
use crate::topology::{LinkId, Step, Storyboard};

impl Builder<'_> {
    /// Storyboards are resolved last: they name links and may refer to the lab's own expectations.
    pub(crate) fn storyboards(&mut self, spec: &Spec) {
        let machines = Machines::of(spec);
        let storyboards = spec.storyboards.iter();
        self.topology.storyboards = storyboards
            .map(|storyboard| {
                let mut blackholed = BTreeSet::new();
                let steps = storyboard.steps.iter();
                Storyboard {
                    name: storyboard.name.value.clone(),
                    steps: steps
                        .map(|step| self.step(&machines, step, &mut blackholed))
                        .collect(),
                }
            })
            .collect();
    }

    /// A name may belong to both a node and a link. `fault` means the node, `blackhole` the link. `blackholed` records
    /// the latter for the step that heals it.
    fn step<'s>(
        &self,
        machines: &Machines<'s>,
        step: &'s model::Step,
        blackholed: &mut BTreeSet<&'s str>,
    ) -> Step {
        let node_or_link = |name: &str| self.topology.links_named(name);
        let link = |name: &str| Vec::from_iter(self.topology.link_named(name));
        let heal = links(&step.heal, |name| {
            if blackholed.remove(name) {
                link(name)
            } else {
                node_or_link(name)
            }
        });
        blackholed.extend(step.blackhole.iter().map(|name| name.value.as_str()));
        Step {
            name: step.name.value.clone(),
            fault: links(&step.fault, node_or_link),
            blackhole: links(&step.blackhole, link),
            heal,
            wait: step.wait,
            expectations: match &step.expect {
                StepExpectations::Own(expectations) => self.resolved(machines, expectations),
                StepExpectations::Steady => self.topology.expectations.clone(),
            },
        }
    }
}

/// The links of several names, without repetitions.
fn links(names: &[Located<String>], resolve: impl FnMut(&str) -> Vec<LinkId>) -> Vec<LinkId> {
    let values = names.iter().map(|name| name.value.as_str());
    let links: BTreeSet<LinkId> = values.flat_map(resolve).collect();
    links.into_iter().collect()
}
