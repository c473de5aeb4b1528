//! The nodes of equal-cost paths (ECMP).

use std::collections::BTreeSet;

use crate::addresses::Address;
use crate::routing::Tables;
use crate::routing::model::{Action, NextHop};
use crate::routing::walk::{has_address, neighbour, passes};
use crate::topology::{NodeId, Topology};

/// The most steps of a path, by the largest TTL.
const LONGEST_PATH: usize = 255;

/// The nodes at which equal-cost paths from a node to an address diverge, and those behind them. A flow crosses some of
/// them, and its hash decides which. Empty if there is only one path.
#[must_use]
pub fn equal_cost_nodes(
    topology: &Topology,
    tables: &Tables,
    from: NodeId,
    destination: Address,
) -> BTreeSet<NodeId> {
    let mut single = BTreeSet::from([from]);
    let mut node = from;
    loop {
        match nexts(topology, tables, (from, node), destination).as_slice() {
            [next] if single.insert(*next) => node = *next,
            // The path ends here, or loops.
            [] | [_] => return BTreeSet::new(),
            several => return behind(topology, tables, (from, several), destination),
        }
    }
}

/// The nodes that packets from a node to an address may reach on any equal-cost path, the sender included, if they
/// cross none of some nodes.
#[must_use]
pub fn reached_without(
    topology: &Topology,
    tables: &Tables,
    (from, destination): (NodeId, Address),
    avoided: &BTreeSet<NodeId>,
) -> BTreeSet<NodeId> {
    let mut found = BTreeSet::new();
    let mut ahead = vec![from];
    while let Some(node) = ahead.pop() {
        if !avoided.contains(&node) && found.insert(node) {
            ahead.extend(nexts(topology, tables, (from, node), destination));
        }
    }
    found
}

/// The nodes that packets from a node to an address may reach with one step, with two, and so on, on any equal-cost
/// path.
#[must_use]
pub fn by_distance(
    topology: &Topology,
    tables: &Tables,
    from: NodeId,
    destination: Address,
) -> Vec<BTreeSet<NodeId>> {
    let mut layers = Vec::new();
    let mut layer = BTreeSet::from([from]);
    while layers.len() < LONGEST_PATH {
        let nodes = layer.iter();
        let next = nodes.flat_map(|node| nexts(topology, tables, (from, *node), destination));
        layer = next.collect();
        if layer.is_empty() {
            break;
        }
        layers.push(layer.clone());
    }
    layers
}

/// Some nodes, and all nodes behind them.
fn behind(
    topology: &Topology,
    tables: &Tables,
    (from, first): (NodeId, &[NodeId]),
    destination: Address,
) -> BTreeSet<NodeId> {
    let mut found = BTreeSet::new();
    let mut ahead = first.to_vec();
    while let Some(node) = ahead.pop() {
        if found.insert(node) {
            ahead.extend(nexts(topology, tables, (from, node), destination));
        }
    }
    found
}

/// The nodes that a node may forward to; empty if the packet has arrived or is dropped.
fn nexts(
    topology: &Topology,
    tables: &Tables,
    (from, node): (NodeId, NodeId),
    destination: Address,
) -> Vec<NodeId> {
    let passes_on = node == from || topology.node(node).role.forwards();
    if !passes_on || has_address(topology, node, destination) {
        return Vec::new();
    }
    let route = tables.of(node).lookup(destination);
    let Some(Action::Forward(hops)) = route.map(|route| &route.action) else {
        return Vec::new();
    };
    let next = |hop: &NextHop| {
        let (next, crossed) = neighbour(topology, *hop, destination)?;
        let passes = passes(topology, (node == from, next), &crossed, destination);
        passes.then_some(next)
    };
    let nexts: BTreeSet<NodeId> = hops.iter().filter_map(next).collect();
    nexts.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab;
    use crate::routing::{Failures, solve};

    #[test]
    fn equal_ways_have_all_of_their_nodes() {
        let text = include_str!("../../labs/hub-nva.yaml");
        let topology = lab::resolve(&lab::parse(text).unwrap()).unwrap();
        let tables = solve(&topology, &Failures::default()).unwrap();
        let equal = |from: &str, to: &str| {
            let [from, to] = [from, to].map(|name| topology.find(name).unwrap());
            let destination = topology.node(to).address.unwrap();
            let nodes = equal_cost_nodes(&topology, &tables, from, destination);
            let names = nodes.iter().map(|node| topology.node(*node).name.as_str());
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(equal("spoke1-vm", "spoke2-vm"), "nva1 nva2 spoke2-vm");
        assert_eq!(equal("spoke1-vm", "hub-vm"), "", "one way");
        assert_eq!(equal("spoke1-vm", "spoke3-vm"), "", "no way");
    }
}
