//! Checks that packets cross the expected nodes and avoid the others.
//!
//! Some nodes never answer a trace: gateways that do not decrement the TTL, and routers whose answers are lost. So the
//! routes decide which nodes the packets cross, on all equal-cost paths. The result counts only if the destination
//! answered real packets, and if every address that answered is on a path according to the routes.

use std::collections::BTreeSet;

use crate::network::State;
use crate::routing::{Tables, most_hops, reached_without};
use crate::topology::{Expectation, ExpectedPath, NodeId, Topology, Waypoint};
use crate::verify::Observation;
use crate::verify::demand::address;
use crate::verify::explain::{KERNEL_DIFFERS, way_there};
use crate::verify::judge::listed;

/// Whether the routes fulfil an expectation.
pub(super) fn is_met(state: &State<'_>, expectation: &Expectation) -> bool {
    let State {
        topology, tables, ..
    } = state;
    let paths = Paths::new(topology, tables, expectation);
    paths.violation().is_none()
}

/// What is wrong with the path of packets that arrived; always `None` for an expectation without `via` and `notVia`.
pub(super) fn difference(
    topology: &Topology,
    tables: &Tables,
    expectation: &Expectation,
    observation: &Observation,
) -> Option<String> {
    let ExpectedPath::Reached { via, not_via } = &expectation.path else {
        return None;
    };
    if via.is_empty() && not_via.is_empty() {
        return None;
    }
    let paths = Paths::new(topology, tables, expectation);
    let stray = paths.stray(observation);
    let (way, _) = way_there(topology, tables, expectation);
    let which = if paths.are_several() {
        "one of several equal-cost paths is"
    } else {
        "the path is"
    };
    match (paths.violation(), stray) {
        (Some(violation), None) => Some(format!(
            "{violation}; by the routes, {which} {way}, and the hops that answered agree"
        )),
        (Some(violation), Some(stray)) => Some(format!(
            "{violation}; by the routes, {which} {way}, but {stray}, {KERNEL_DIFFERS}"
        )),
        (None, Some(stray)) => Some(format!(
            "{stray}; by the routes, {which} {way}; {KERNEL_DIFFERS}"
        )),
        (None, None) => None,
    }
}

/// All equal-cost paths to an expectation's destination, according to the routes.
struct Paths<'a> {
    topology: &'a Topology,
    tables: &'a Tables,
    expectation: &'a Expectation,
    /// The nodes on any of these paths.
    nodes: BTreeSet<NodeId>,
}

impl<'a> Paths<'a> {
    fn new(topology: &'a Topology, tables: &'a Tables, expectation: &'a Expectation) -> Self {
        let mut paths = Self {
            topology,
            tables,
            expectation,
            nodes: BTreeSet::new(),
        };
        paths.nodes = paths.without(&BTreeSet::new());
        paths
    }

    /// Whether there are several paths: together they have more nodes than the longest of them.
    fn are_several(&self) -> bool {
        let Expectation { from, to, .. } = *self.expectation;
        let destination = address(self.topology, to);
        most_hops(self.topology, self.tables, from, destination) + 1 < self.nodes.len()
    }

    fn without(&self, avoided: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
        let Expectation { from, to, .. } = *self.expectation;
        let way = (from, address(self.topology, to));
        reached_without(self.topology, self.tables, way, avoided)
    }

    /// How the routes violate the expectation.
    fn violation(&self) -> Option<String> {
        let Expectation { from, to, .. } = *self.expectation;
        let ExpectedPath::Reached { via, not_via } = &self.expectation.path else {
            return None;
        };
        let missed = |waypoint: &&Waypoint| self.without(&waypoint.nodes).contains(&to);
        if let Some(missed) = via.iter().find(missed) {
            let names = missed.names.join(" or ");
            return Some(if missed.nodes.is_disjoint(&self.nodes) {
                format!("expected a path via {names}")
            } else {
                format!("expected every path via {names}, only some of the equal-cost paths are")
            });
        }
        let is_between = |node: &NodeId| ![from, to].contains(node) && self.nodes.contains(node);
        let crossed = |waypoint: &&Waypoint| waypoint.nodes.iter().any(is_between);
        let crossed = not_via.iter().find(crossed)?;
        let names = crossed.names.join(" or ");
        Some(format!("expected a path that is not via {names}"))
    }

    /// What the probes found that is on no path according to the routes.
    fn stray(&self, observation: &Observation) -> Option<String> {
        let Expectation { from, to, .. } = *self.expectation;
        if !self.nodes.contains(&to) {
            return Some("packets arrive although the routes lose them".to_owned());
        }
        let is_known = |address| {
            let owner = self.topology.owner(from, address);
            owner.is_some_and(|owner| self.nodes.contains(&owner))
        };
        for hop in &observation.hops {
            let strangers = hop.addresses.iter().copied();
            let strangers: BTreeSet<_> = strangers.filter(|address| !is_known(*address)).collect();
            if !strangers.is_empty() {
                let who = listed(self.topology, from, &strangers);
                return Some(format!("{who} answered at hop {}", hop.ttl));
            }
        }
        let arrival = observation.hops.iter().find(|hop| hop.arrival)?.ttl.get();
        let (_, predicted) = way_there(self.topology, self.tables, self.expectation);
        let is_off = usize::from(arrival) != predicted && observation.is_traced();
        (is_off && !self.are_several())
            .then(|| format!("the destination answered at hop {arrival} instead of {predicted}"))
    }
}

#[cfg(test)]
mod tests;
