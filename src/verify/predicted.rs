//! The trace that the routes predict.

use std::iter;
use std::time::Duration;

use crate::addresses::Address;
use crate::network::State;
use crate::topology::{Expectation, ExpectedHop, ExpectedPath, NodeId};
use crate::verify::demand::{address, both_ways};
use crate::verify::via;
use crate::verify::why::{Loss, Untold, explain};

/// A predicted trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predicted {
    /// Who answers at each hop; the last is the destination. `None` if no answer arrives.
    pub hops: Option<Vec<Option<Address>>>,
    /// The round-trip time of the links; `None` if no answer arrives.
    pub round_trip_time: Option<Duration>,
    /// Whether a firewall rejects the packets, so that an ICMP error arrives instead of silence.
    pub is_rejected: bool,
    /// The firewalls whose effect cannot be told. The prediction is that without them.
    pub untold: Vec<Untold>,
}

/// Predicts the trace from one machine to another.
#[must_use]
pub fn predict(state: &State<'_>, from: NodeId, to: NodeId) -> Predicted {
    let State {
        topology, tables, ..
    } = state;
    let why = explain(state, from, address(topology, to));
    // Another node may have the address and answer instead.
    let is_answered = why.is_answered() && topology.taken_for(from, to).is_none();
    let round_trip_time = || {
        // Answers to a translated address take another way than the routes to the sender.
        if !why.there.translations.is_empty() {
            return why.ways().map(|way| way.delay).sum();
        }
        let ways = both_ways(topology, tables, from, to);
        ways.into_iter().map(|way| way.delay).sum()
    };
    Predicted {
        hops: is_answered.then(|| why.hops()),
        round_trip_time: is_answered.then(round_trip_time),
        is_rejected: why.there.loss.as_ref().is_some_and(Loss::is_rejected),
        untold: why.untold.clone(),
    }
}

impl Predicted {
    /// Whether the prediction fulfils an expectation of the same pair.
    #[must_use]
    pub fn is_as_expected(&self, state: &State<'_>, expectation: &Expectation) -> bool {
        let is_right = |(hop, expected): (&Option<Address>, &ExpectedHop)| match hop {
            Some(address) => expected.addresses.contains(address),
            None => expected.addresses.is_empty(),
        };
        match (&self.hops, &expectation.path) {
            (None, ExpectedPath::Unreachable) => !self.is_rejected,
            (Some(hops), ExpectedPath::Hops(expected)) => {
                hops.len() == expected.len() && iter::zip(hops, expected).all(is_right)
            }
            (Some(_), ExpectedPath::Reached { .. }) => via::is_met(state, expectation),
            (None, ExpectedPath::Hops(_) | ExpectedPath::Reached { .. })
            | (Some(_), ExpectedPath::Unreachable) => false,
        }
    }

    /// The prediction as an expectation.
    #[must_use]
    pub fn expectation(&self, from: NodeId, to: NodeId) -> Expectation {
        let hop = |address: &Option<Address>| ExpectedHop {
            addresses: address.iter().copied().collect(),
            words: Vec::new(),
            round_trip_time: None,
        };
        let path = match &self.hops {
            Some(hops) => ExpectedPath::Hops(hops.iter().map(hop).collect()),
            None => ExpectedPath::Unreachable,
        };
        Expectation { from, to, path }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::collections::BTreeSet;

    use super::*;
    use crate::lab;
    use crate::network::Disturbances;
    use crate::routing::Failures;
    use crate::topology::LinkId;

    /// How many expectations of hub-spoke match the prediction if these links are down, and how many there are.
    fn fulfilled(down: &[&str]) -> (usize, usize) {
        let text = include_str!("../../labs/hub-spoke.yaml");
        let topology = lab::resolve(&lab::parse(text).unwrap()).unwrap();
        let links: BTreeSet<LinkId> = down
            .iter()
            .flat_map(|name| topology.links_named(name))
            .collect();
        let failures = Failures::noticed(&topology, links);
        let lab = Cow::Borrowed(&topology);
        let state = State::solve(lab, failures, Disturbances::default()).unwrap();
        let holds = |expected: &&Expectation| {
            predict(&state, expected.from, expected.to).is_as_expected(&state, expected)
        };
        let expectations = topology.expectations.iter();
        (
            expectations.filter(holds).count(),
            topology.expectations.len(),
        )
    }

    #[test]
    fn what_is_predicted_is_what_the_articles_print() {
        assert_eq!(fulfilled(&[]), (30, 30));
        assert_eq!(fulfilled(&["er1-primary"]), (24, 30));
    }
}
