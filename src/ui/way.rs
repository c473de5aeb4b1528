//! The path of a trace's packets over nodes and links of the picture: the nodes that answered and, between two answers,
//! the path that the routes predict.

use crate::addresses::Address;
use crate::routing::{Tables, walk};
use crate::topology::{InterfaceId, LinkId, NodeId, Topology};

/// Nodes and links that packets crossed, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Way {
    /// The nodes, the sender first.
    pub(super) nodes: Vec<NodeId>,
    /// The links, tunnels among them.
    pub(super) links: Vec<LinkId>,
}

/// The path over the nodes that answered, the sender first.
pub(super) fn over(
    topology: &Topology,
    tables: &Tables,
    seen: &[NodeId],
    destination: Address,
) -> Way {
    let mut way = Way {
        nodes: seen.iter().take(1).copied().collect(),
        links: Vec::new(),
    };
    for pair in seen.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let further = by_routes(topology, tables, (from, to), destination)
            .or_else(|| beside(topology, from, to));
        way.extend(further.unwrap_or_else(|| Way {
            nodes: vec![from, to],
            links: Vec::new(),
        }));
    }
    way
}

impl Way {
    /// Appends a path that starts at this one's end.
    fn extend(&mut self, further: Self) {
        self.nodes.extend(further.nodes.into_iter().skip(1));
        self.links.extend(further.links);
    }
}

/// The path between two nodes by the routes.
fn by_routes(
    topology: &Topology,
    tables: &Tables,
    (from, to): (NodeId, NodeId),
    destination: Address,
) -> Option<Way> {
    let walk = walk(topology, tables, from, destination);
    let last = walk.nodes.iter().position(|node| *node == to)?;
    let crossed = walk.crossed.iter();
    let before = crossed.take_while(|end| topology.interface(**end).node != to);
    Some(Way {
        nodes: walk.nodes[..=last].to_vec(),
        links: before.filter_map(|end| link(topology, *end)).collect(),
    })
}

/// The path between two directly connected nodes, used if packets took another equal-cost path than the predicted one.
fn beside(topology: &Topology, from: NodeId, to: NodeId) -> Option<Way> {
    let mut own = topology.interfaces_of(from);
    let links = own.find_map(|(id, interface)| {
        if let Some(segment) = interface.segment {
            let mut members = topology.reachable_on(segment, id);
            let there = members.find(|member| topology.interface(member.interface).node == to)?;
            let home = topology.interface(there.interface).segment;
            let mut peerings = topology.segment(segment).peerings.iter();
            let peering = peerings.find(|(_, peer)| Some(*peer) == home);
            let ends = [Some(id), peering.map(|(port, _)| *port), Some(there.port)];
            let links = ends.into_iter().flatten();
            return Some(links.filter_map(|end| link(topology, end)).collect());
        }
        let across = topology.across(id)?;
        let is_there = topology.interface(across).node == to;
        is_there.then(|| link(topology, id).into_iter().collect())
    })?;
    Some(Way {
        nodes: vec![from, to],
        links,
    })
}

fn link(topology: &Topology, end: InterfaceId) -> Option<LinkId> {
    topology.interface(end).link
}
