//! The source address of a node's own packets, as the kernel picks it.

use crate::addresses::{Address, Prefix};
use crate::network::State;
use crate::routing::{Action, NextHop};
use crate::topology::{NodeId, Topology};

/// The source address of a node's own packets to a destination, including ICMP errors: that of the route; otherwise one
/// of the outgoing interface, preferably in a prefix with the neighbor; otherwise the node's first address
/// (`fib_result_prefsrc` and `inet_select_addr` in Linux).
pub(super) fn source_toward(
    state: &State<'_>,
    node: NodeId,
    destination: Address,
) -> Option<Address> {
    let State {
        topology, tables, ..
    } = state;
    if is_own(topology, node, destination) {
        return Some(destination);
    }
    let route = tables.of(node).lookup(destination)?;
    let hop = match &route.action {
        Action::Forward(hops) => hops.first()?,
        Action::Fabric(hop) => hop,
        Action::Drop => return None,
    };
    route
        .source
        .or_else(|| of_interface(topology, *hop, destination))
        .or_else(|| first_of(topology, node))
}

fn is_own(topology: &Topology, node: NodeId, address: Address) -> bool {
    let mut interfaces = topology.interfaces_of(node);
    topology.node(node).loopback.contains(&address)
        || interfaces
            .any(|(_, interface)| interface.addresses.iter().any(|own| own.addr() == address))
}

/// The address of an outgoing interface, preferably in a prefix with the neighbor. `masquerade` selects the same one
/// (`nf_nat_masquerade_ipv4` in Linux).
pub(super) fn of_interface(
    topology: &Topology,
    hop: NextHop,
    destination: Address,
) -> Option<Address> {
    let addresses = &topology.interface(hop.interface).addresses;
    let neighbour = hop.via.unwrap_or(destination);
    let shared = addresses.iter().find(|own| own.contains(&neighbour));
    shared.or(addresses.first()).map(Prefix::addr)
}

fn first_of(topology: &Topology, node: NodeId) -> Option<Address> {
    let of_interfaces = topology
        .interfaces_of(node)
        .flat_map(|(_, interface)| interface.addresses.iter().map(Prefix::addr));
    let loopback = topology.node(node).loopback.iter().copied();
    loopback.chain(of_interfaces).next()
}
