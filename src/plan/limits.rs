//! Rate and size limits: the capacities of gateways, and the packets of tunnels.

use std::collections::BTreeMap;

use crate::names::IfName;
use crate::plan::filter::Filter;
use crate::plan::node::{Limit, NodePlan};
use crate::topology::{Capacity, InterfaceKind, LinkKind, Node, NodeId, Topology};

/// The largest packet that enters a tunnel at a customer's device (vpn-gateway-vpn-faq and the samples for devices: a
/// tunnel's MTU is 1400).
const DEVICE_MTU: u16 = 1400;

/// The same for an Azure VPN gateway. No Azure gateway was observed to report a packet as too big: it fragments the
/// encrypted packet instead.
const GATEWAY_MTU: u16 = 1500;

/// The largest TCP segment in a tunnel (vpn-gateway-about-vpn-devices).
const TUNNEL_MSS: u16 = 1350;

/// The headers of IPv4 and TCP without options.
const TCP_HEADERS: u16 = 40;

/// Gives nodes the capacities that their interfaces share.
pub(super) fn add(topology: &Topology, nodes: &mut [NodePlan]) {
    for (node, limit) in capacities(topology) {
        nodes[node.0].limits.push(limit);
    }
}

/// The largest packet that enters a tunnel at a node, for which the lab file may give a size.
pub(super) fn tunnel_mtu(node: &Node, given: Option<u16>) -> u16 {
    given.unwrap_or(if node.role.is_vpn_gateway() {
        GATEWAY_MTU
    } else {
        DEVICE_MTU
    })
}

/// The nodes that clamp segments, each with its tunnels of one size.
pub(super) fn clamped(topology: &Topology) -> impl Iterator<Item = (NodeId, Filter)> {
    let nodes = (0..topology.nodes.len()).map(NodeId);
    nodes.flat_map(|node| {
        let sizes = tunnels_by_mss(topology, node).into_iter();
        sizes.map(move |(mss, tunnels)| (node, Filter::ClampMss { tunnels, mss }))
    })
}

/// The interfaces of a node's tunnels by their largest segment: Azure's size, or less where the tunnel's MTU is too small
/// for that. Their order does not depend on the lab file's.
fn tunnels_by_mss(topology: &Topology, node: NodeId) -> BTreeMap<u16, Vec<IfName>> {
    let mut sizes: BTreeMap<u16, Vec<IfName>> = BTreeMap::new();
    for (id, own) in topology.interfaces_of(node) {
        let Some(link) = own.link.map(|link| topology.link(link)) else {
            continue;
        };
        let LinkKind::Tunnel { mtu, .. } = &link.kind else {
            continue;
        };
        let end = usize::from(link.ends[0] != id);
        let fitting = mtu[end].map_or(TUNNEL_MSS, |mtu| mtu - TCP_HEADERS);
        let tunnels = sizes.entry(fitting.min(TUNNEL_MSS)).or_default();
        tunnels.push(own.name.clone());
    }
    for tunnels in sizes.values_mut() {
        tunnels.sort();
    }
    sizes
}

/// The interfaces of a node's tunnels, in an order independent of the lab file's.
pub(super) fn tunnels(topology: &Topology, node: NodeId) -> Vec<IfName> {
    let mut names: Vec<IfName> = topology
        .interfaces_of(node)
        .filter(|(_, interface)| interface.kind == InterfaceKind::Tunnel)
        .map(|(_, interface)| interface.name.clone())
        .collect();
    names.sort();
    names
}

/// The intermediate devices are named after the gateway, unless another interface has the name.
fn capacities(topology: &Topology) -> Vec<(NodeId, Limit)> {
    let mut taken = Vec::new();
    let limits = topology.capacities.iter();
    limits
        .filter(|capacity| is_used(topology, capacity))
        .map(|capacity| {
            let [arriving, leaving] = ["in", "out"].map(|way| {
                let name = free_name(topology, capacity, way, &taken);
                taken.push((capacity.node, name.clone()));
                name
            });
            let interfaces = capacity.interfaces.iter();
            let interfaces = interfaces.map(|id| topology.interface(*id).name.clone());
            let limit = Limit {
                name: capacity.name.to_string(),
                interfaces: interfaces.collect(),
                rate: capacity.rate,
                arriving,
                leaving,
            };
            (capacity.node, limit)
        })
        .collect()
}

/// Whether a tunnel ends at the gateway: otherwise nothing crosses its interfaces.
fn is_used(topology: &Topology, capacity: &Capacity) -> bool {
    let mut instances = capacity.interfaces.iter().filter_map(|port| {
        let instance = topology.across(*port)?;
        Some(topology.interface(instance).node)
    });
    instances.any(|node| !tunnels(topology, node).is_empty())
}

/// A name that no interface of the node and no earlier device has.
fn free_name(
    topology: &Topology,
    capacity: &Capacity,
    way: &str,
    taken: &[(NodeId, IfName)],
) -> IfName {
    let node = capacity.node;
    IfName::near(&format!("{way}-{}", capacity.name), |name| {
        let mut interfaces = topology.interfaces_of(node);
        interfaces.any(|(_, interface)| interface.name == *name)
            || taken.contains(&(node, name.clone()))
    })
}
