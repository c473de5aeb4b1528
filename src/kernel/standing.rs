//! The content of a namespace in the plan's terms, for comparison with a plan.

use std::collections::BTreeMap;

use netlink_packet_core::{DefaultNla, Nla};
use netlink_packet_route::address::{AddressAttribute, AddressFlags, AddressMessage};
use netlink_packet_route::neighbour::{
    NeighbourAddress, NeighbourAttribute, NeighbourMessage, NeighbourState,
};
use netlink_packet_route::rule::{RuleAction, RuleAttribute, RuleMessage};
use netlink_packet_route::{IpProtocol, RouteNetlinkMessage};

use crate::addresses::Prefix;
use crate::kernel::observe::{self, LinkState, as_io};
use crate::kernel::routes::{LiveRoute, live_route};
use crate::kernel::rtnl::{BatchError, Rtnl};
use crate::kernel::{message, netns};
use crate::names::IfName;
use crate::plan::{Entry, RuleSelector};
use crate::topology::{Mac, NodeId};

/// The priorities of the kernel's own rules: for the local table, the main table, and the default table.
const KERNEL_RULES: [u32; 3] = [0, 32_766, 32_767];

/// The prefix length of a single address.
const HOST: u8 = 32;

/// The main routing table (`linux/rtnetlink.h`).
const MAIN_TABLE: u32 = 254;

/// The content of a namespace.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Its interfaces, and whether they carry packets.
    pub links: BTreeMap<IfName, LinkState>,
    /// Its IPv4 routes, except those to its own addresses.
    pub routes: Vec<LiveRoute>,
    /// Its addresses, permanent neighbors, static forwarding entries and rules, without entries that the kernel learns
    /// itself.
    pub entries: Vec<Entry>,
}

/// The content of a node's pinned namespace.
///
/// # Errors
///
/// Errors of the kernel, if the namespace is missing or netlink fails.
pub fn standing(namespace: &str, node: NodeId) -> std::io::Result<Standing> {
    netns::Netns::open(namespace)?.within(|| read(&mut Rtnl::open()?, node).map_err(as_io))?
}

/// The content of the namespace of a socket, which belongs to `node`.
pub(super) fn read(rtnl: &mut Rtnl, node: NodeId) -> Result<Standing, BatchError> {
    let links = rtnl.dump(message::all_links())?;
    let names: Names = links
        .iter()
        .filter_map(|link| match link {
            RouteNetlinkMessage::NewLink(link) => Some((link.header.index, observe::name(link)?)),
            _ => None,
        })
        .collect();
    let states = links.iter().filter_map(|link| {
        let name = names.get(&observe::index(link)?)?;
        Some((IfName::new(name).ok()?, observe::state(link)?))
    });
    let mut entries = Vec::new();
    for request in [
        message::all_addresses(),
        message::all_neighbours(),
        message::all_forwarding(),
        message::all_rules(),
    ] {
        let dump = rtnl.dump(request)?;
        entries.extend(dump.iter().filter_map(|one| entry(one, &names)));
    }
    let routes = rtnl.dump(message::all_routes())?;
    let routes = routes.iter().filter_map(|route| match route {
        RouteNetlinkMessage::NewRoute(route) => live_route(node, route, &names),
        _ => None,
    });
    Ok(Standing {
        links: states.collect(),
        routes: routes.collect(),
        entries,
    })
}

/// The names of a namespace's interfaces, by index.
type Names = BTreeMap<u32, String>;

/// The entry of a message; `None` for the kernel's own objects.
fn entry(message: &RouteNetlinkMessage, names: &Names) -> Option<Entry> {
    let interface = |index: u32| IfName::new(names.get(&index)?).ok();
    match message {
        RouteNetlinkMessage::NewAddress(message) => {
            address(interface(message.header.index)?, message)
        }
        RouteNetlinkMessage::NewNeighbour(message) => {
            let interface = interface(message.header.ifindex)?;
            match message.header.state {
                NeighbourState::Permanent => neighbour(interface, message),
                NeighbourState::Noarp => forwarding(interface, message),
                _ => None,
            }
        }
        RouteNetlinkMessage::NewRule(message) => rule(message),
        _ => None,
    }
}

fn address(interface: IfName, message: &AddressMessage) -> Option<Entry> {
    let attributes = || message.attributes.iter();
    let local = attributes().find_map(|attribute| match attribute {
        AddressAttribute::Local(std::net::IpAddr::V4(address)) => Some(*address),
        _ => None,
    })?;
    let is_unconnected = attributes().any(|attribute| {
        matches!(attribute, AddressAttribute::Flags(flags) if flags.contains(AddressFlags::Noprefixroute))
    });
    let address = Prefix::new(local.into(), message.header.prefix_len)?;
    // The kernel assigns this address to loopback itself.
    (!local.is_loopback()).then_some(Entry::Address {
        interface,
        address,
        connected: !is_unconnected,
    })
}

fn neighbour(interface: IfName, message: &NeighbourMessage) -> Option<Entry> {
    let address = message
        .attributes
        .iter()
        .find_map(|attribute| match attribute {
            NeighbourAttribute::Destination(NeighbourAddress::Inet(address)) => {
                Some((*address).into())
            }
            _ => None,
        })?;
    Some(Entry::Neighbour {
        interface,
        address,
        mac: mac(message)?,
    })
}

/// A static entry of a bridge's forwarding table, of a port of the bridge.
fn forwarding(port: IfName, message: &NeighbourMessage) -> Option<Entry> {
    let mut attributes = message.attributes.iter();
    let is_port = attributes.any(|one| matches!(one, NeighbourAttribute::Controller(_)));
    let mac = mac(message)?;
    is_port.then_some(Entry::Forwarding { port, mac })
}

fn mac(message: &NeighbourMessage) -> Option<Mac> {
    message
        .attributes
        .iter()
        .find_map(|attribute| match attribute {
            NeighbourAttribute::LinkLayerAddress(bytes) => {
                Some(Mac(bytes.as_slice().try_into().ok()?))
            }
            _ => None,
        })
}

/// Whether an attribute says that all bits of a destination port count (`FRA_DPORT_MASK`, Linux 6.15).
fn is_whole_port(attribute: &DefaultNla) -> bool {
    const DESTINATION_PORT_MASK: u16 = 29;
    let mut mask = [0; 2];
    if attribute.kind() == DESTINATION_PORT_MASK && attribute.value_len() == mask.len() {
        attribute.emit_value(&mut mask);
    }
    mask == [u8::MAX; 2]
}

/// A rule of a form that plans use. Other rules are not compared.
fn rule(told: &RuleMessage) -> Option<Entry> {
    let mut priority = 0;
    let mut table = u32::from(told.header.table);
    let mut interface = None;
    let mut to = None;
    let mut from = None;
    let mut port = None;
    for attribute in &told.attributes {
        match attribute {
            RuleAttribute::Priority(value) => priority = *value,
            RuleAttribute::Table(value) => table = *value,
            RuleAttribute::Iifname(name) => interface = Some(IfName::new(name).ok()?),
            RuleAttribute::Destination(std::net::IpAddr::V4(address)) => {
                to = Some((*address).into());
            }
            RuleAttribute::Source(std::net::IpAddr::V4(address)) => from = Some((*address).into()),
            RuleAttribute::DestinationPortRange(range) if range.start == range.end => {
                port = Some(range.start);
            }
            RuleAttribute::Other(other) if is_whole_port(other) => {}
            RuleAttribute::SuppressPrefixLen(u32::MAX)
            | RuleAttribute::Protocol(_)
            | RuleAttribute::IpProtocol(IpProtocol::Udp) => {}
            _ => return None,
        }
    }
    if KERNEL_RULES.contains(&priority) || told.header.action != RuleAction::ToTable {
        return None;
    }
    match (interface, to, from, port) {
        (None, None, None, None) if table == MAIN_TABLE && priority == message::MAIN_RULE => {
            Some(Entry::AskEachSource)
        }
        (Some(interface), Some(to), None, None) if told.header.dst_len == HOST => {
            let packets = RuleSelector::Arriving { interface, to };
            Some(Entry::Rule { packets, table })
        }
        (None, Some(to), None, Some(port)) if told.header.dst_len == HOST => {
            let packets = RuleSelector::Udp { to, port };
            Some(Entry::Rule { packets, table })
        }
        (None, None, Some(source), None) if told.header.src_len == HOST => {
            let packets = RuleSelector::From(source);
            Some(Entry::Rule { packets, table })
        }
        _ => None,
    }
}
