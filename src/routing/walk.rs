//! Follows a packet through the tables: the path that the routes say it takes.

use std::{net::Ipv4Addr, time::Duration};

use crate::routing::Tables;
use crate::routing::model::{Action, NextHop};
use crate::topology::{InterfaceId, LinkKind, NodeId, Topology};

/// More routers than any packet may cross (RFC 791: a time to live of 255).
const LONGEST_WALK: usize = 255;

/// How a packet travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// The nodes it crosses, its sender first.
    pub nodes: Vec<NodeId>,
    /// How long the links take.
    pub delay: Duration,
    /// How it ends.
    pub end: End,
}

/// How a packet's travel ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// At a node that has the destination's address.
    Delivered,
    /// At the last node, which has no route to it, or passes nothing on, and drops it.
    Dropped,
    /// It would go round for ever.
    Loops,
}

/// Walks from a node to an address. Of several equal next hops the first is taken: they take equally long.
#[must_use]
pub fn walk(topology: &Topology, tables: &Tables, from: NodeId, destination: Ipv4Addr) -> Walk {
    let mut walk = Walk {
        nodes: vec![from],
        delay: Duration::ZERO,
        end: End::Loops,
    };
    let mut node = from;
    while walk.nodes.len() <= LONGEST_WALK {
        if has_address(topology, node, destination) {
            walk.end = End::Delivered;
            return walk;
        }
        let takes = node == from || topology.node(node).role.forwards();
        let step = takes.then(|| step(topology, tables, node, destination));
        let Some((next, delay)) = step.flatten() else {
            walk.end = End::Dropped;
            return walk;
        };
        walk.nodes.push(next);
        walk.delay += delay;
        node = next;
    }
    walk
}

fn has_address(topology: &Topology, node: NodeId, address: Ipv4Addr) -> bool {
    let of_interfaces = topology
        .interfaces_of(node)
        .flat_map(|(_, interface)| &interface.addresses);
    topology.node(node).loopback.contains(&address)
        || of_interfaces.into_iter().any(|own| own.addr() == address)
}

/// The next node and how long the way there takes; none where the packet is dropped.
fn step(
    topology: &Topology,
    tables: &Tables,
    node: NodeId,
    destination: Ipv4Addr,
) -> Option<(NodeId, Duration)> {
    let route = tables.of(node).lookup(destination)?;
    let Action::Forward(hops) = &route.action else {
        return None;
    };
    let hop = hops.first()?;
    neighbour(topology, *hop, destination)
}

fn neighbour(
    topology: &Topology,
    hop: NextHop,
    destination: Ipv4Addr,
) -> Option<(NodeId, Duration)> {
    let interface = topology.interface(hop.interface);
    if let Some(segment) = interface.segment {
        let address = hop.via.unwrap_or(destination);
        let member = topology
            .reachable_on(segment, hop.interface)
            .find(|member| {
                topology
                    .addresses_at(member.interface)
                    .any(|own| own == address)
            })?;
        let delay = link_delay(topology, hop.interface) + link_delay(topology, member.interface);
        return Some((topology.interface(member.interface).node, delay));
    }
    let far = topology.across(hop.interface)?;
    Some((
        topology.interface(far).node,
        link_delay(topology, hop.interface),
    ))
}

/// The time on an interface's link; for a tunnel, that of its way across the internet.
fn link_delay(topology: &Topology, interface: InterfaceId) -> Duration {
    let Some(link) = topology
        .interface(interface)
        .link
        .map(|id| topology.link(id))
    else {
        return Duration::ZERO;
    };
    match &link.kind {
        LinkKind::Wire => link.delay,
        LinkKind::Tunnel { public, .. } => {
            let path = topology
                .internet_paths
                .iter()
                .find(|path| path.public == *public);
            path.map_or(Duration::ZERO, |path| topology.link(path.link).delay)
        }
    }
}

impl Walk {
    /// The last node that the packet came to.
    #[must_use]
    pub fn last(&self) -> NodeId {
        self.nodes[self.nodes.len() - 1]
    }
}
