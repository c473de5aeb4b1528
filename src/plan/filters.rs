//! Filters that routes cannot express: TTLs that are set or restored, and peerings that drop packets.

use std::net::Ipv4Addr;

use crate::plan::build::device;
use crate::plan::filter::{Filter, Refused};
use crate::plan::limits;
use crate::plan::operation::Operation;
use crate::topology::{
    GatewayHops, InterfaceId, Link, LinkKind, Mac, NodeId, Peering, Role, Topology, VnetId,
};

/// All filter operations of a lab. Those of one node are in an order independent of the lab file's.
pub(super) fn all(topology: &Topology) -> Vec<Operation> {
    let ttls = topology
        .links
        .iter()
        .flat_map(|link| inner_ttls(topology, link))
        .collect();
    by_interface(ttls)
        .into_iter()
        .chain(asking_nodes(topology))
        .chain(hidden_gateways(topology))
        .chain(by_interface(keeping(topology)))
        .chain(by_interface(silences(topology)))
        .chain(by_interface(peerings(topology)))
        .collect()
}

fn by_interface(mut operations: Vec<Operation>) -> Vec<Operation> {
    operations.sort_by_cached_key(|operation| operation.devices().next());
    operations
}

/// Every silent hop results from Azure routers that check source addresses.
fn asking_nodes(topology: &Topology) -> impl Iterator<Item = Operation> {
    let nodes = topology.nodes.iter().zip((0..).map(NodeId));
    nodes
        .filter(|(node, _)| node.role.is_azure() && node.role.forwards())
        .map(|(_, node)| Operation::AskEachSource { node })
}

fn inner_ttls(topology: &Topology, link: &Link) -> Vec<Operation> {
    let LinkKind::Tunnel { inner_ttl, .. } = &link.kind else {
        return Vec::new();
    };
    let set = link.ends.iter().zip(inner_ttl);
    set.filter_map(|(end, ttl)| {
        Some(Operation::Filter(Filter::SetInnerTtl {
            device: device(topology, *end),
            ttl: (*ttl)?,
        }))
    })
    .collect()
}

/// The VPN gateways of a lab that are hidden from traceroute.
fn hidden_gateways(topology: &Topology) -> Vec<Operation> {
    if topology.semantics.vpn_gateway_hops == GatewayHops::Legacy {
        return Vec::new();
    }
    let nodes = (0..topology.nodes.len()).map(NodeId);
    nodes
        .filter(|node| matches!(topology.node(*node).role, Role::VpnGateway { .. }))
        .filter_map(|node| hidden(topology, node))
        .collect()
}

fn hidden(topology: &Topology, node: NodeId) -> Option<Operation> {
    let nic = device(topology, topology.nic(node)?);
    let tunnels = limits::tunnels(topology, node);
    (!tunnels.is_empty()).then_some(Operation::Filter(Filter::HideGateway { nic, tunnels }))
}

/// The network interfaces without IP forwarding of machines that forward by another one.
fn keeping(topology: &Topology) -> Vec<Operation> {
    let interfaces = (0..topology.interfaces.len()).map(InterfaceId);
    let keeping = interfaces.filter(|id| {
        let interface = topology.interface(*id);
        topology.node(interface.node).role.forwards() && !interface.forwards()
    });
    let filter = |id| {
        Operation::Filter(Filter::KeepOwn {
            nic: device(topology, id),
        })
    };
    keeping.map(filter).collect()
}

/// The interfaces through which some answers to traces do not leave.
fn silences(topology: &Topology) -> Vec<Operation> {
    let interfaces = (0..topology.interfaces.len()).map(InterfaceId);
    let silences = interfaces.filter_map(|id| {
        let sources = topology.silenced_at(id);
        let device = device(topology, id);
        (!sources.is_empty()).then_some(Operation::Filter(Filter::Silence { device, sources }))
    });
    silences.collect()
}

/// The peerings that drop packets, if the lab enforces their flags.
fn peerings(topology: &Topology) -> Vec<Operation> {
    if !topology.semantics.strict_peering_flags {
        return Vec::new();
    }
    let vnets = topology.virtual_networks.iter();
    let all = vnets.flat_map(|vnet| vnet.peerings.iter().map(move |peering| (vnet, peering)));
    all.filter_map(|(vnet, peering)| {
        let remote = topology.vnet(peering.remote).segment;
        let ports = &topology.segment(vnet.segment).peerings;
        let (port, _) = ports.iter().find(|(_, peer)| *peer == remote)?;
        Some(Operation::Filter(Filter::FilterPeering {
            port: device(topology, *port),
            refused: refused(topology, peering)?,
        }))
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

fn appliances(topology: &Topology, vnet: VnetId) -> Vec<(Mac, Ipv4Addr)> {
    let nodes = (0..topology.nodes.len()).map(NodeId);
    nodes
        .filter(|node| match topology.node(*node).role {
            Role::VirtualMachine {
                vnet: own,
                forwards,
            } => own == vnet && forwards,
            _ => false,
        })
        .flat_map(|node| topology.nics(node))
        .filter_map(|(nic, _)| Some((topology.interface(nic).mac, topology.address_of(nic)?)))
        .collect()
}
