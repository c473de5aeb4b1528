//! Resolves the steps of storyboards.

use std::collections::BTreeSet;

use crate::azure::source::Builder;
use crate::findings::Located;
use crate::lab::expectations::pairs::Machines;
use crate::lab::model::{self, Spec, StepExpectations};
use crate::topology::{LinkId, Parts, Step, Storyboard};

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
    /// the latter for the step that heals it. BGP sessions have names of their own.
    fn step<'s>(
        &self,
        machines: &Machines<'s>,
        step: &'s model::Step,
        blackholed: &mut BTreeSet<&'s str>,
    ) -> Step {
        let part = |name: &str| self.topology.parts_named(name);
        let link = |name: &str| Parts {
            links: self.topology.link_named(name).into_iter().collect(),
            ..Parts::default()
        };
        let heal = parts(&step.heal, |name| {
            if blackholed.remove(name) {
                link(name)
            } else {
                part(name)
            }
        });
        let blackhole: BTreeSet<LinkId> = parts(&step.blackhole, link).links;
        blackholed.extend(step.blackhole.iter().map(|name| name.value.as_str()));
        Step {
            name: step.name.value.clone(),
            fault: parts(&step.fault, part),
            blackhole: blackhole.into_iter().collect(),
            heal,
            wait: step.wait,
            expectations: match &step.expect {
                StepExpectations::Own(expectations) => self.resolved(machines, expectations),
                StepExpectations::Steady => self.topology.expectations.clone(),
            },
        }
    }
}

/// The links and sessions of several names, without repetitions.
fn parts(names: &[Located<String>], mut resolve: impl FnMut(&str) -> Parts) -> Parts {
    let mut parts = Parts::default();
    for name in names {
        parts.extend(resolve(name.value.as_str()));
    }
    parts
}
