//! The interfaces of a capture, and their descriptions.

use std::collections::BTreeSet;

use crate::addresses::Address;
use crate::capture::pcapng::LinkType;
use crate::engine::EngineError;
use crate::routing::{self, Sender, Tables};
use crate::topology::{InterfaceId, InterfaceKind, LinkKind, NodeId, Topology};

/// An interface of a capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) node: NodeId,
    pub(super) name: String,
    /// The kind of its node, and what it leads to.
    pub(super) description: String,
    pub(super) link_type: LinkType,
}

/// The filter for the packets of a tunnel on their path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tunnel {
    pub(super) public: [Address; 2],
    pub(super) port: u16,
}

/// A node's interfaces, or the one with that name.
pub(super) fn of_node(
    topology: &Topology,
    node: NodeId,
    name: Option<&str>,
) -> Result<Vec<Point>, EngineError> {
    let all = topology.interfaces_of(node);
    let named =
        all.filter(|(_, interface)| name.is_none_or(|name| interface.name.as_str() == name));
    let points: Vec<Point> = named.map(|(id, _)| point(topology, id)).collect();
    if !points.is_empty() {
        return Ok(points);
    }
    let there = topology.interfaces_of(node);
    Err(EngineError::NoSuchInterface {
        node: topology.node(node).name.to_string(),
        name: name.unwrap_or_default().to_owned(),
        there: there
            .map(|(_, interface)| interface.name.to_string())
            .collect(),
    })
}

/// Every interface that a packet from a node to an address may pass, then those of the return path. The interfaces that
/// carry a tunnel come after the tunnel itself. Also returns the tunnels.
pub(super) fn along(
    topology: &Topology,
    tables: &Tables,
    from: NodeId,
    to: Address,
) -> (Vec<Point>, Vec<Tunnel>) {
    let mut passed = routing::ways(topology, tables, from, to);
    let far = topology.nodes.iter().position(|node| {
        let mut own = node.interfaces.iter();
        node.loopback.contains(&to) || own.any(|id| has(topology, *id, to))
    });
    if let (Some(far), Some(back)) = (far, topology.node(from).address) {
        let answering = Sender::answering(NodeId(far), to);
        passed.extend(routing::ways(topology, tables, answering, back));
    }
    let mut seen = BTreeSet::new();
    let mut tunnels = BTreeSet::new();
    let mut points = Vec::new();
    for interface in passed {
        let under = underlay(topology, tables, interface, &mut tunnels);
        let all = [interface].into_iter().chain(under);
        let new = all.filter(|interface| seen.insert(*interface));
        points.extend(new.map(|interface| point(topology, interface)));
    }
    (points, tunnels.into_iter().collect())
}

fn has(topology: &Topology, interface: InterfaceId, address: Address) -> bool {
    let mut addresses = topology.interface(interface).addresses.iter();
    addresses.any(|own| own.addr() == address)
}

/// The interfaces that carry a tunnel, in both directions; empty if the interface is no tunnel.
fn underlay(
    topology: &Topology,
    tables: &Tables,
    interface: InterfaceId,
    tunnels: &mut BTreeSet<Tunnel>,
) -> Vec<InterfaceId> {
    let link = topology.interface(interface).link;
    let Some(link) = link.map(|link| topology.link(link)) else {
        return Vec::new();
    };
    let LinkKind::Tunnel { public, port, .. } = link.kind else {
        return Vec::new();
    };
    tunnels.insert(Tunnel { public, port });
    // From this end on, in the direction of the packet.
    let order = if interface == link.ends[0] {
        [0, 1]
    } else {
        [1, 0]
    };
    let ends = order.map(|end| (topology.interface(link.ends[end]).node, public[1 - end]));
    let ways = ends.map(|(node, to)| routing::ways(topology, tables, node, to));
    // A delayed path across the internet is a link that no route names.
    let carriers = order.map(|end| topology.sending_ends(link.ends[end]));
    ways.into_iter().chain(carriers).flatten().collect()
}

fn point(topology: &Topology, id: InterfaceId) -> Point {
    let interface = topology.interface(id);
    Point {
        node: interface.node,
        name: interface.name.to_string(),
        description: describe(topology, id),
        link_type: match interface.kind {
            InterfaceKind::Tunnel => LinkType::Raw,
            InterfaceKind::Link | InterfaceKind::Bridge => LinkType::Ethernet,
        },
    }
}

/// `VPN gateway: tunnel hub-branch to branch-vpngw:hub-branch`.
fn describe(topology: &Topology, id: InterfaceId) -> String {
    let interface = topology.interface(id);
    let title = topology.node(interface.node).role.title();
    let far = topology.across(id).map(|far| topology.interface(far));
    let link = interface.link.map(|link| topology.link(link));
    let (Some(link), Some(far)) = (link, far) else {
        return format!("{title}: bridge");
    };
    let kind = match link.kind {
        LinkKind::Wire => "link",
        LinkKind::Tunnel { .. } => "tunnel",
    };
    let far_node = &topology.node(far.node).name;
    format!("{title}: {kind} {} to {far_node}:{}", link.name, far.name)
}
