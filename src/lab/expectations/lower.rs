//! Resolves the expectations of a lab file to one for each pair of machines.

use crate::azure::source::Builder;
use crate::findings::Located;
use crate::lab::expectations::pairs::{Machines, Pair};
use crate::lab::model::{self, Answerer, ExpectedOutcome, Spec};
use crate::topology::{Expectation, ExpectedHop, ExpectedPath, Topology, Waypoint};

impl Builder<'_> {
    pub(crate) fn expectations(&mut self, spec: &Spec) {
        self.topology.expectations = self.resolved(&Machines::of(spec), &spec.expectations);
    }

    /// The expectations of each pair. A set omits pairs whose destination cannot be probed, because its address belongs
    /// to another node as seen from the sender.
    pub(crate) fn resolved<'s>(
        &self,
        machines: &Machines<'s>,
        expectations: &'s [model::Expectation],
    ) -> Vec<Expectation> {
        let pairs = machines.pairs(expectations).all.into_iter();
        pairs.filter_map(|pair| self.expectation(pair)).collect()
    }

    fn expectation(&self, pair: Pair<'_>) -> Option<Expectation> {
        let [from, to] = [pair.from, pair.to].map(|name| self.node_named(name));
        let can_be_probed = pair.is_explicit || self.topology.taken_for(from, to).is_none();
        can_be_probed.then(|| Expectation {
            from,
            to,
            path: path(&self.topology, &pair.expectation.outcome),
        })
    }
}

/// The expected path. Another check reports unknown names.
fn path(topology: &Topology, outcome: &ExpectedOutcome) -> ExpectedPath {
    let waypoints = |names: &[Vec<Located<String>>]| {
        let names = names.iter();
        names.map(|names| waypoint(topology, names)).collect()
    };
    match outcome {
        ExpectedOutcome::TimesOut => ExpectedPath::Unreachable,
        ExpectedOutcome::Hops(hops) => {
            ExpectedPath::Hops(hops.iter().map(|hop| expected_hop(topology, hop)).collect())
        }
        ExpectedOutcome::Reached { via, not_via } => ExpectedPath::Reached {
            via: waypoints(via),
            not_via: waypoints(not_via),
        },
    }
}

fn waypoint(topology: &Topology, names: &[Located<String>]) -> Waypoint {
    let names: Vec<String> = names.iter().map(|name| name.value.clone()).collect();
    let nodes = names.iter().flat_map(|name| topology.nodes_named(name));
    Waypoint {
        nodes: nodes.collect(),
        names,
    }
}

fn expected_hop(topology: &Topology, hop: &model::ExpectedHop) -> ExpectedHop {
    let addresses = hop.answerers.iter().flat_map(|answerer| match answerer {
        Answerer::Address(address) => vec![*address],
        Answerer::Name(name) => topology.addresses_named(&name.value),
    });
    let word = |answerer: &Answerer| match answerer {
        Answerer::Address(address) => address.to_string(),
        Answerer::Name(name) => name.value.clone(),
    };
    let mut answerers = hop.answerers.iter();
    let has_names = answerers.any(|answerer| matches!(answerer, Answerer::Name(_)));
    let words = hop.answerers.iter().filter(|_| has_names).map(word);
    ExpectedHop {
        addresses: addresses.collect(),
        words: words.collect(),
        round_trip_time: hop.round_trip_time,
    }
}
