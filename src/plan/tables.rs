//! Routing tables beside the main one, and the rules that lead to them: those of a machine's several network interfaces, and
//! those of the internet's delayed paths.

use std::iter;
use std::sync::Arc;

use ipnet::Ipv4Net;

use crate::plan::build::device;
use crate::plan::operation::{Hop, Operation, Packets, Protocol};
use crate::routing::{Route, Table};
use crate::topology::{InterfaceId, InternetPath, NodeId, Topology};

/// The first routing table of a machine's network interfaces, where there are several.
const FIRST_NIC_TABLE: u32 = 100;

/// The first routing table of the internet's delayed paths, away from the kernel's own 253 to 255.
const FIRST_PATH_TABLE: u32 = 1000;

/// A node's tables in the kernel, each with its number: the main one, and one for each of several network interfaces.
pub(super) fn numbered(table: &Table) -> impl Iterator<Item = (Option<u32>, &[Route])> {
    let nics = (FIRST_NIC_TABLE..).zip(&table.nics);
    let nics = nics.map(|(number, nic)| (Some(number), &*nic.routes));
    iter::once((None, &*table.routes)).chain(nics)
}

/// The rules by which a machine with several network interfaces answers on the one that was asked, as Azure needs it
/// (virtual-machines/linux/multiple-nics).
pub(super) fn rules(topology: &Topology, node: NodeId) -> Vec<Operation> {
    let nics: Vec<InterfaceId> = topology.nics(node).map(|(id, _)| id).collect();
    if nics.len() < 2 {
        return Vec::new();
    }
    let numbered = (FIRST_NIC_TABLE..).zip(nics);
    let rules = numbered.filter_map(|(table, nic)| {
        Some(Operation::AddRule {
            node,
            packets: Packets::From(topology.address_of(nic)?),
            table,
        })
    });
    rules.collect()
}

/// Sends one tunnel's packets, in both directions, over the link with their delay.
pub(super) fn timed_path(topology: &Topology, index: usize, path: &InternetPath) -> Vec<Operation> {
    let ends = topology.link(path.link).ends;
    let first_table = FIRST_PATH_TABLE + u32::try_from(index * 2).unwrap_or(0);
    (0_usize..2)
        .zip(first_table..)
        .flat_map(|(from, table)| {
            let to = 1 - from;
            let way_in = topology.interface(ends[from]);
            let way_out = topology.interface(ends[to]);
            [
                Operation::AddRule {
                    node: topology.interface(path.access[from]).node,
                    packets: Packets::Arriving {
                        interface: topology.interface(path.access[from]).name.clone(),
                        to: path.public[to],
                    },
                    table,
                },
                Operation::AddRoute {
                    node: way_in.node,
                    prefix: path.public[to].into(),
                    table: Some(table),
                    hops: [Hop {
                        name: way_in.name.clone(),
                        via: None,
                        on_link: false,
                    }]
                    .into(),
                    source: None,
                    protocol: Protocol::Static,
                },
                // A link that is down loses its packets: they must not take the path without delay.
                Operation::AddRoute {
                    node: way_in.node,
                    prefix: Ipv4Net::default(),
                    table: Some(table),
                    hops: Arc::default(),
                    source: None,
                    protocol: Protocol::Static,
                },
                // Both ends are in one namespace, which accepts none of its own addresses as a gateway; so the tunnel's
                // end counts as a neighbour beyond the link.
                Operation::AddNeighbour {
                    device: device(topology, ends[from]),
                    address: path.public[to],
                    mac: way_out.mac,
                },
            ]
        })
        .collect()
}
