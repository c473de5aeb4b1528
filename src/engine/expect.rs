//! The paths of a lab as they are, to be recorded as its expectations: by the routes, or by real packets.

use std::collections::BTreeSet;

use crate::addresses::Address;
use crate::engine::matrix::all_pairs;
use crate::engine::prove::observations;
use crate::engine::{EngineError, Up, state};
use crate::network::State;
use crate::report::expect::{PathNow, Seen};
use crate::routing;
use crate::topology::{Expectation, NodeId};
use crate::verify::{self, Observation, predict};

/// The paths of all pairs whose destination can be probed, as the routes predict them.
#[must_use]
pub fn paths_by_routes(state: &State<'_>) -> Vec<PathNow> {
    let pairs = probed_pairs(state).into_iter();
    pairs
        .map(|(from, to)| path_by_routes(state, from, to))
        .collect()
}

/// The path of one pair, as the routes predict it.
#[must_use]
pub fn path_by_routes(state: &State<'_>, from: NodeId, to: NodeId) -> PathNow {
    let predicted = predict(state, from, to);
    let seen = predicted.hops.map_or(Seen::Unreachable, |hops| {
        let hops = hops.into_iter().map(|hop| hop.into_iter().collect());
        hops_of(state, (from, to), hops)
    });
    PathNow { from, to, seen }
}

/// The same paths, as real packets take them.
///
/// # Errors
///
/// [`EngineError`]; lost probes are no error.
pub fn paths_by_probes(up: &Up) -> Result<Vec<PathNow>, EngineError> {
    let state = state(up)?;
    let State {
        topology, tables, ..
    } = &state;
    let pairs = probed_pairs(&state).into_iter();
    let probed = pairs.map(|(from, to)| {
        let predicted = predict(&state, from, to).expectation(from, to);
        verify::with_room(topology, tables, predicted)
    });
    let probed: Vec<Expectation> = probed.collect();
    let (observations, _) = observations(up, &state, &probed, &mut |_| {})?;
    let seen = probed.iter().zip(&observations);
    let paths = seen.map(|(probed, observation)| {
        let Expectation { from, to, .. } = *probed;
        let seen = seen_of(&state, (from, to), observation);
        PathNow { from, to, seen }
    });
    Ok(paths.collect())
}

/// Every ordered pair of machines, without those whose destination's address belongs to another node.
fn probed_pairs(state: &State<'_>) -> Vec<(NodeId, NodeId)> {
    let mut pairs = all_pairs(&state.topology);
    pairs.retain(|(from, to)| state.topology.taken_for(*from, *to).is_none());
    pairs
}

fn seen_of(state: &State<'_>, pair: (NodeId, NodeId), observation: &Observation) -> Seen {
    if !observation.reached() {
        Seen::Unreachable
    } else if observation.is_traced() {
        let hops = observation.hops.iter();
        hops_of(state, pair, hops.map(|hop| hop.addresses.clone()))
    } else {
        Seen::Reached
    }
}

/// The hops of a path. A flow takes one of several equal-cost paths, so that the nodes beside it may answer too.
fn hops_of(
    state: &State<'_>,
    (from, to): (NodeId, NodeId),
    hops: impl Iterator<Item = BTreeSet<Address>>,
) -> Seen {
    let State {
        topology, tables, ..
    } = state;
    let destination = topology.node(to).address;
    let layers = destination.map_or_else(Vec::new, |destination| {
        routing::by_distance(topology, tables, from, destination)
    });
    // If equal-cost paths have different lengths, a hop has no fixed number.
    let has_lengths = layers.iter().filter(|layer| layer.contains(&to)).count() > 1;
    if has_lengths {
        return Seen::Reached;
    }
    let name = |node: &NodeId| topology.node(*node).name.to_string();
    let answerers = |address: Address| match topology.owner(from, address) {
        Some(node) => {
            let beside = layers
                .iter()
                .filter(|layer| layer.contains(&node))
                .flatten();
            let mut names: Vec<String> = beside.map(name).collect();
            names.push(name(&node));
            names
        }
        None => vec![address.to_string()],
    };
    let hop = |hop: BTreeSet<Address>| hop.into_iter().flat_map(answerers).collect();
    Seen::Hops(hops.map(hop).collect())
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::engine::load;
    use crate::report::expect::section;

    /// The expectations of a lab by its routes that contain a text.
    fn recorded(lab: &str, about: &str) -> String {
        let lab = load(lab).unwrap();
        let state = State::whole(&lab.topology, lab.tables);
        let text = section(&lab.topology, &paths_by_routes(&state)).text;
        let lines = text.lines().filter(|line| line.contains(about));
        lines.map(str::trim).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn hops_have_the_names_of_all_nodes_that_a_flow_may_cross() {
        assert_snapshot!(recorded("hub-spoke", "from: hub-vm"), @r#"
        - { from: hub-vm, to: spoke-vm, hops: [spoke-vm] }
        - { from: hub-vm, to: branch-vm, hops: [hub-vpngw, "*", branch-vm] }
        - { from: hub-vm, to: remote-vm, hops: [[er1-msee1, er1-msee2], "*", remote-vm] }
        - { from: hub-vm, to: loc1-vm, hops: [er1-msee1, "*", "*", loc1-vm] }
        - { from: hub-vm, to: loc2-vm, hops: [[er2-msee1, er2-msee2], "*", "*", loc2-vm] }
        "#);
        assert_snapshot!(recorded("hub-nva", "from: spoke1-vm"), @r"
        - { from: spoke1-vm, to: hub-vm, hops: [hub-vm] }
        - { from: spoke1-vm, to: nva1, hops: [nva1] }
        - { from: spoke1-vm, to: nva2, hops: [nva2] }
        - { from: spoke1-vm, to: dev-vm, hops: [dev-vm] }
        - { from: spoke1-vm, to: spoke2-vm, hops: [[nva1, nva2], spoke2-vm] }
        - { from: spoke1-vm, to: spoke3-vm, unreachable: true }
        - { from: spoke1-vm, to: branch-vm, hops: [[nva1, nva2], branch-ce, branch-vm] }
        ");
    }
}
