//! Routing tables beside the main one, and the rules that lead to them: those of a machine's several network interfaces, and
//! those of the internet's delayed paths.

use std::iter;
use std::sync::Arc;

use crate::addresses::Prefix;
use crate::plan::change::{Hop, Path, Protocol, RouteKey};
use crate::plan::node::{Entry, RuleSelector};
use crate::routing::{Route, Table};
use crate::topology::{InterfaceId, InternetPath, NodeId, Topology};

/// The first routing table of a machine's network interfaces, where there are several.
const FIRST_NIC_TABLE: u32 = 100;

/// The first routing table of encrypted packets that need one.
const FIRST_OUTER_TABLE: u32 = 300;

/// The first routing table of the internet's delayed paths, away from the kernel's own 253 to 255.
const FIRST_PATH_TABLE: u32 = 1000;

/// A node's tables in the kernel, each with its number: the main one, one for each of several network interfaces, and one
/// for each tunnel whose encrypted packets need it.
pub(super) fn numbered(table: &Table) -> impl Iterator<Item = (Option<u32>, &[Route])> {
    let nics = (FIRST_NIC_TABLE..).zip(&table.nics);
    let nics = nics.map(|(number, nic)| (Some(number), &*nic.routes));
    let outer = (FIRST_OUTER_TABLE..).zip(&table.outer);
    let outer = outer.map(|(number, routes)| (Some(number), routes.as_slice()));
    iter::once((None, &*table.routes)).chain(nics).chain(outer)
}

/// The rules of a node: for the encrypted packets of tunnels that need a table of their own, and those of network
/// interfaces.
pub(super) fn rules(topology: &Topology, node: NodeId) -> Vec<Entry> {
    let apart = (FIRST_OUTER_TABLE..).zip(topology.outer_ends_apart(node));
    let apart = apart.map(|(table, end)| {
        let packets = RuleSelector::Udp {
            to: end.to,
            port: end.port,
        };
        Entry::Rule { packets, table }
    });
    apart.chain(rules_of_nics(topology, node)).collect()
}

/// The rules by which a machine with several network interfaces answers through the interface that received the
/// request, as Azure needs it (virtual-machines/linux/multiple-nics).
fn rules_of_nics(topology: &Topology, node: NodeId) -> Vec<Entry> {
    let nics: Vec<InterfaceId> = topology.nics(node).map(|(id, _)| id).collect();
    if nics.len() < 2 {
        return Vec::new();
    }
    let numbered = (FIRST_NIC_TABLE..).zip(nics);
    let rules = numbered.filter_map(|(table, nic)| {
        let packets = RuleSelector::From(topology.address_of(nic)?);
        Some(Entry::Rule { packets, table })
    });
    rules.collect()
}

/// The rule and routes that send one tunnel's packets, in one direction, over the link with their delay.
pub(super) struct TimedWay {
    pub(super) node: NodeId,
    pub(super) entries: [Entry; 2],
    pub(super) routes: [(RouteKey, Path); 2],
}

/// Sends one tunnel's packets, in both directions, over the link with their delay.
pub(super) fn timed_path(topology: &Topology, index: usize, path: &InternetPath) -> [TimedWay; 2] {
    let first_table = FIRST_PATH_TABLE + u32::try_from(index * 2).unwrap_or(0);
    [(0, first_table), (1, first_table + 1)]
        .map(|(from, table)| timed_way(topology, path, from, table))
}

fn timed_way(topology: &Topology, path: &InternetPath, from: usize, table: u32) -> TimedWay {
    let to = 1 - from;
    let [way_in, way_out] =
        [from, to].map(|end| topology.interface(topology.link(path.link).ends[end]));
    let node = way_in.node;
    let key = |prefix| RouteKey {
        node,
        table: Some(table),
        prefix,
    };
    let over = |hops| Path {
        hops,
        source: None,
        protocol: Protocol::Static,
    };
    let hop = Hop {
        name: way_in.name.clone(),
        via: None,
        on_link: false,
    };
    TimedWay {
        node,
        entries: [
            Entry::Rule {
                packets: RuleSelector::Arriving {
                    interface: topology.interface(path.access[from]).name.clone(),
                    to: path.public[to],
                },
                table,
            },
            // Both ends are in one namespace, which accepts none of its own addresses as a gateway; so the tunnel's end
            // counts as a neighbour beyond the link.
            Entry::Neighbour {
                interface: way_in.name.clone(),
                address: path.public[to],
                mac: way_out.mac,
            },
        ],
        routes: [
            (key(path.public[to].into()), over([hop].into())),
            // A link that is down loses its packets: they must not take the path without delay.
            (key(Prefix::ALL_IPV4), over(Arc::default())),
        ],
    }
}
