//! Filters that routes cannot express: TTLs that are set or restored, and peerings that drop packets.

use crate::addresses::Address;
use crate::names::IfName;
use crate::plan::filter::{Filter, Refused};
use crate::plan::limits;
use crate::plan::node::{Entry, NodePlan};
use crate::topology::{
    GatewayHops, InterfaceId, Link, LinkKind, Mac, NodeId, Peering, Topology, VnetId,
};

/// Gives nodes their filters. Those of one node are in an order independent of the lab file's.
pub(super) fn add(topology: &Topology, nodes: &mut [NodePlan]) {
    for node in asking_nodes(topology) {
        nodes[node.0].entries.push(Entry::AskEachSource);
    }
    let ttls = topology.links.iter();
    let ttls = ttls.flat_map(|link| inner_ttls(topology, link));
    let filters = ttls
        .chain(hidden_gateways(topology))
        .chain(not_forwarding(topology))
        .chain(silences(topology))
        .chain(peerings(topology))
        .chain(selections(topology))
        .chain(limits::clamped(topology));
    for (node, filter) in filters {
        nodes[node.0].filters.push(filter);
    }
    for node in nodes {
        node.filters.sort();
    }
}

/// An interface, by node and name.
fn interface(topology: &Topology, id: InterfaceId) -> (NodeId, IfName) {
    let interface = topology.interface(id);
    (interface.node, interface.name.clone())
}

/// The nodes that check the source of each packet: Azure's routers. These checks cause every silent hop.
fn asking_nodes(topology: &Topology) -> impl Iterator<Item = NodeId> {
    let nodes = topology.nodes.iter().zip((0..).map(NodeId));
    nodes
        .filter(|(node, _)| node.role.is_azure() && node.role.forwards())
        .map(|(_, node)| node)
}

fn inner_ttls(topology: &Topology, link: &Link) -> Vec<(NodeId, Filter)> {
    let LinkKind::Tunnel { inner_ttl, .. } = &link.kind else {
        return Vec::new();
    };
    let set = link.ends.iter().zip(inner_ttl);
    set.filter_map(|(end, ttl)| {
        let (node, tunnel) = interface(topology, *end);
        let ttl = (*ttl)?;
        Some((node, Filter::SetInnerTtl { tunnel, ttl }))
    })
    .collect()
}

/// The VPN gateways of a lab that are hidden from traceroute.
fn hidden_gateways(topology: &Topology) -> Vec<(NodeId, Filter)> {
    if topology.semantics.vpn_gateway_hops == GatewayHops::Legacy {
        return Vec::new();
    }
    let nodes = (0..topology.nodes.len()).map(NodeId);
    nodes
        .filter(|node| topology.node(*node).role.is_vpn_gateway())
        .filter_map(|node| hidden(topology, node))
        .collect()
}

fn hidden(topology: &Topology, node: NodeId) -> Option<(NodeId, Filter)> {
    let (node, nic) = interface(topology, topology.nic(node)?);
    let tunnels = limits::tunnels(topology, node);
    (!tunnels.is_empty()).then_some((node, Filter::HideGateway { nic, tunnels }))
}

/// The network interfaces without IP forwarding of machines that forward through another one.
fn not_forwarding(topology: &Topology) -> impl Iterator<Item = (NodeId, Filter)> {
    let interfaces = (0..topology.interfaces.len()).map(InterfaceId);
    let not_forwarding = interfaces.filter(|id| {
        let interface = topology.interface(*id);
        topology.node(interface.node).role.forwards() && !interface.forwards()
    });
    not_forwarding.map(|id| {
        let (node, nic) = interface(topology, id);
        (node, Filter::DropForwarded { nic })
    })
}

/// The interfaces through which some answers to traces do not leave.
fn silences(topology: &Topology) -> Vec<(NodeId, Filter)> {
    let interfaces = (0..topology.interfaces.len()).map(InterfaceId);
    let silences = interfaces.filter_map(|id| {
        let sources = topology.silenced_at(id);
        let (node, interface) = interface(topology, id);
        (!sources.is_empty()).then_some((node, Filter::Silence { interface, sources }))
    });
    silences.collect()
}

/// The traffic selectors of tunnels, at the first end of each.
fn selections(topology: &Topology) -> impl Iterator<Item = (NodeId, Filter)> {
    topology.links.iter().filter_map(|link| match &link.kind {
        LinkKind::Tunnel { selectors, .. } if !selectors.is_empty() => {
            let (node, tunnel) = interface(topology, link.ends[0]);
            let pairs = selectors.clone();
            Some((node, Filter::SelectTraffic { tunnel, pairs }))
        }
        _ => None,
    })
}

/// The peerings that drop packets, if the lab enforces their flags.
fn peerings(topology: &Topology) -> Vec<(NodeId, Filter)> {
    if !topology.semantics.strict_peering_flags {
        return Vec::new();
    }
    let vnets = topology.virtual_networks.iter();
    let all = vnets.flat_map(|vnet| vnet.peerings.iter().map(move |peering| (vnet, peering)));
    all.filter_map(|(vnet, peering)| {
        let remote = topology.vnet(peering.remote).segment;
        let ports = &topology.segment(vnet.segment).peerings;
        let (port, _) = ports.iter().find(|(_, peer)| *peer == remote)?;
        let (node, port) = interface(topology, *port);
        let refused = refused(topology, peering)?;
        Some((node, Filter::FilterPeering { port, refused }))
    })
    .collect()
}

fn refused(topology: &Topology, peering: &Peering) -> Option<Refused> {
    if !peering.gives_access {
        return Some(Refused::Everything);
    }
    let appliances = appliances(topology, peering.remote);
    (!peering.takes_forwarded && !appliances.is_empty()).then_some(Refused::Forwarded(appliances))
}

fn appliances(topology: &Topology, vnet: VnetId) -> Vec<(Mac, Address)> {
    let nodes = (0..topology.nodes.len()).map(NodeId);
    nodes
        .filter(|node| {
            let role = &topology.node(*node).role;
            role.is_appliance() && role.vnet() == Some(vnet)
        })
        .flat_map(|node| topology.nics(node))
        .filter_map(|(nic, _)| Some((topology.interface(nic).mac, topology.address_of(nic)?)))
        .collect()
}
