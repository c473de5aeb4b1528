//! The entries of nodes: the settings of bridges, interfaces and neighbours.

use std::collections::BTreeSet;

use crate::addresses::Address;
use crate::names::IfName;
use crate::plan::node::Entry;
use crate::plan::tables::rules;
use crate::topology::{
    Interface, InterfaceId, InterfaceKind, Mac, NodeId, Segment, SegmentId, Topology,
};

/// Makes a virtual network's bridge a fabric, in which every address is behind a known port. A virtual network carries
/// neither broadcast nor multicast, and neither does its bridge. A site's LAN is an ordinary bridge.
pub(super) fn fabric(topology: &Topology, id: SegmentId, segment: &Segment) -> Vec<Entry> {
    if segment.vnet.is_none() {
        return Vec::new();
    }
    let mut entries = Vec::new();
    let forward = |port, member| Entry::Forwarding {
        port: name(topology, port),
        mac: topology.interface(member).mac,
    };
    for member in &segment.members {
        entries.push(Entry::Port {
            port: name(topology, member.port),
            isolated: false,
        });
        entries.push(forward(member.port, member.interface));
    }
    for (port, peer) in &segment.peerings {
        entries.push(Entry::Port {
            port: name(topology, *port),
            isolated: true,
        });
        entries.extend(
            topology
                .members_shown(id, *peer)
                .map(|member| forward(*port, member.interface)),
        );
    }
    entries
}

/// The entries of a node's own interfaces, and its rules.
pub(super) fn of(topology: &Topology, node: NodeId) -> Vec<Entry> {
    let mut entries = addresses(topology, node);
    entries.extend(neighbours(topology, node));
    entries.extend(rules(topology, node));
    entries
}

fn addresses(topology: &Topology, node: NodeId) -> Vec<Entry> {
    let loopback = topology
        .node(node)
        .loopback
        .iter()
        .map(|address| Entry::Address {
            interface: IfName::loopback(),
            address: (*address).into(),
            connected: false,
        });
    let of_interfaces = topology.interfaces_of(node).flat_map(|(_, interface)| {
        // A further address, that of another peering over the same link, creates no route.
        let numbered = interface.addresses.iter().enumerate();
        numbered.map(move |(index, address)| Entry::Address {
            interface: interface.name.clone(),
            address: *address,
            connected: interface.connected && index == 0,
        })
    });
    loopback.chain(of_interfaces).collect()
}

/// All neighbours are static, so the first packet is as fast as the second. A bridge port has none: it carries other
/// nodes' packets.
fn neighbours(topology: &Topology, node: NodeId) -> Vec<Entry> {
    let speaks = |interface: &Interface| interface.up && interface.port.is_none();
    let known = topology
        .interfaces_of(node)
        .filter(|(_, interface)| speaks(interface))
        .flat_map(|(id, interface)| {
            let neighbours = if interface.segment.is_some() {
                on_segment(topology, id, interface)
            } else {
                across(topology, id)
            };
            neighbours
                .into_iter()
                .map(move |(address, mac)| Entry::Neighbour {
                    interface: interface.name.clone(),
                    address,
                    mac,
                })
        });
    known.collect()
}

fn on_segment(
    topology: &Topology,
    id: InterfaceId,
    interface: &Interface,
) -> BTreeSet<(Address, Mac)> {
    let reached = interface
        .segment
        .into_iter()
        .flat_map(|segment| topology.addresses_on(segment, id));
    let mut known: BTreeSet<_> = reached
        .map(|(member, address)| (address, topology.interface(member.interface).mac))
        .collect();
    let is_machine = topology.node(interface.node).role.is_machine();
    if let Some(nic) = interface.nic.as_ref().filter(|_| is_machine) {
        known.insert((nic.subnet_gateway, Mac::AZURE_FABRIC));
    }
    known
}

fn across(topology: &Topology, id: InterfaceId) -> BTreeSet<(Address, Mac)> {
    if topology.interface(id).kind != InterfaceKind::Link {
        return BTreeSet::new();
    }
    let far = topology.across(id).map(|far| topology.interface(far));
    far.into_iter()
        .flat_map(|far| {
            far.addresses
                .iter()
                .map(|address| (address.addr(), far.mac))
        })
        .collect()
}

fn name(topology: &Topology, id: InterfaceId) -> IfName {
    topology.interface(id).name.clone()
}
