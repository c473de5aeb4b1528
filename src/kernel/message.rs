//! Operations as netlink messages.

use std::net::Ipv4Addr;
use std::os::fd::RawFd;

use netlink_packet_route::address::{AddressAttribute, AddressFlags, AddressMessage};
use netlink_packet_route::link::{InfoData, InfoKind, InfoVeth, LinkAttribute, LinkMessage};
use netlink_packet_route::neighbour::{
    NeighbourAddress, NeighbourAttribute, NeighbourFlags, NeighbourMessage, NeighbourState,
};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteHeader, RouteNextHop, RouteNextHopFlags, RouteProtocol,
    RouteScope, RouteType,
};
use netlink_packet_route::rule::{RuleAction, RuleAttribute, RuleMessage, RulePortRange};
use netlink_packet_route::{AddressFamily, IpProtocol, RouteNetlinkMessage};
use rtnetlink::{
    AddressMessageBuilder, LinkBridgePort, LinkMessageBuilder, LinkUnspec, LinkVeth,
    RouteMessageBuilder,
};

mod dump;

pub(super) use dump::{
    all_addresses, all_forwarding, all_links, all_neighbours, all_routes, all_rules,
};

use crate::addresses::{Address, Prefix};
use crate::names::IfName;
use crate::plan::{Hop, InterfacePlan, Path, Protocol, RouteKey, RuleSelector};
use crate::topology::Mac;

/// The size of a full Ethernet frame.
const FULL_FRAME: u32 = 1_514;

/// Looks up interface indexes by name.
pub(super) trait Indexes {
    /// The interface's index.
    fn index(&self, name: &IfName) -> u32;
}

/// A veth pair: `near` in the namespace of the socket, `far` in that of the file. Neither is up yet.
pub(super) fn veth(
    near: &InterfacePlan,
    far: &InterfacePlan,
    far_namespace: RawFd,
) -> RouteNetlinkMessage {
    let far = described(LinkMessageBuilder::<LinkUnspec>::new(), far)
        .setns_by_fd(far_namespace)
        .build();
    let near = described(
        LinkMessageBuilder::<LinkVeth>::new_with_info_kind(InfoKind::Veth),
        near,
    );
    let pair = near.set_info_data(InfoData::Veth(InfoVeth::Peer(with_one_queue(far))));
    RouteNetlinkMessage::NewLink(with_one_queue(pair.build()))
}

/// One queue for each interface of a pair. By default the kernel creates one per processor, each with its files under
/// /sys, and none of them is ever used.
fn with_one_queue(mut message: LinkMessage) -> LinkMessage {
    message
        .attributes
        .extend([LinkAttribute::NumTxQueues(1), LinkAttribute::NumRxQueues(1)]);
    message
}

pub(super) fn bridge(bridge: &InterfacePlan) -> RouteNetlinkMessage {
    let builder = LinkMessageBuilder::<LinkUnspec>::new_with_info_kind(InfoKind::Bridge);
    RouteNetlinkMessage::NewLink(described(builder, bridge).build())
}

fn described<T>(builder: LinkMessageBuilder<T>, end: &InterfacePlan) -> LinkMessageBuilder<T> {
    builder
        .name(end.name.as_str())
        .index(end.index)
        .address(end.mac.0.to_vec())
        .arp(end.resolves)
}

fn with_state<T>(builder: LinkMessageBuilder<T>, up: bool, master: Option<u32>) -> LinkMessage {
    let builder = if up { builder.up() } else { builder };
    let builder = match master {
        Some(master) => builder.controller(master),
        None => builder,
    };
    builder.build()
}

pub(super) fn wireguard(name: &IfName, index: u32, mtu: u32) -> RouteNetlinkMessage {
    let builder = LinkMessageBuilder::<LinkUnspec>::new_with_info_kind(InfoKind::Wireguard);
    RouteNetlinkMessage::NewLink(builder.name(name.as_str()).index(index).mtu(mtu).build())
}

/// An ifb device, which returns packets to the interface that they were taken from.
pub(super) fn ifb(name: &IfName, index: u32) -> RouteNetlinkMessage {
    let builder = LinkMessageBuilder::<LinkUnspec>::new_with_info_kind(InfoKind::Ifb);
    RouteNetlinkMessage::NewLink(builder.name(name.as_str()).index(index).build())
}

/// The most packets of one connection that the kernel passes to an interface as one: its own default (`GSO_MAX_SEGS`).
const MANY_PACKETS: u32 = 65_535;

/// The most bytes that the kernel passes to an interface as one packet. If that is at most one frame, it passes single
/// packets only.
pub(super) fn largest_burst(index: u32, bytes: u32) -> RouteNetlinkMessage {
    let is_one_frame = bytes <= FULL_FRAME;
    let mut message = LinkUnspec::new_with_index(index).build();
    message.attributes.extend([
        LinkAttribute::GsoMaxSize(bytes),
        LinkAttribute::GsoMaxSegs(if is_one_frame { 1 } else { MANY_PACKETS }),
    ]);
    RouteNetlinkMessage::SetLink(message)
}

/// Makes an interface a port of its bridge, and brings it up if the plan says so.
pub(super) fn finish(end: &InterfacePlan, master: Option<u32>) -> RouteNetlinkMessage {
    set_link(LinkUnspec::new_with_index(end.index), end.up, master)
}

fn set_link<T>(
    builder: LinkMessageBuilder<T>,
    up: bool,
    master: Option<u32>,
) -> RouteNetlinkMessage {
    RouteNetlinkMessage::SetLink(with_state(builder, up, master))
}

/// Configures an existing interface: a TAP's end of a link.
pub(super) fn adopt(index: u32, end: &InterfacePlan, master: Option<u32>) -> RouteNetlinkMessage {
    let builder = LinkUnspec::new_with_index(index)
        .address(end.mac.0.to_vec())
        .arp(end.resolves);
    set_link(builder, end.up, master)
}

/// Sets the queue length of an interface.
pub(super) fn queue_length(index: u32, packets: u32) -> RouteNetlinkMessage {
    let builder = LinkUnspec::new_with_index(index).txqueuelen(packets);
    RouteNetlinkMessage::SetLink(builder.build())
}

pub(super) fn bring_up(index: u32) -> RouteNetlinkMessage {
    RouteNetlinkMessage::SetLink(LinkUnspec::new_with_index(index).up().build())
}

/// Brings up an interface that replaces another, with its Ethernet address, so that frames for that address are
/// accepted from the start.
pub(super) fn stand_in(index: u32, address: &[u8]) -> RouteNetlinkMessage {
    let builder = LinkUnspec::new_with_index(index).address(address.to_vec());
    RouteNetlinkMessage::SetLink(builder.up().build())
}

pub(super) fn set_up(index: u32, up: bool) -> RouteNetlinkMessage {
    let builder = LinkUnspec::new_with_index(index);
    let builder = if up { builder.up() } else { builder.down() };
    RouteNetlinkMessage::SetLink(builder.build())
}

pub(super) fn set_carrier(index: u32, carrier: bool) -> RouteNetlinkMessage {
    let builder = LinkUnspec::new_with_index(index).carrier(carrier);
    RouteNetlinkMessage::SetLink(builder.build())
}

pub(super) fn link_away(index: u32) -> RouteNetlinkMessage {
    RouteNetlinkMessage::DelLink(LinkUnspec::new_with_index(index).build())
}

pub(super) fn link_named(name: &IfName) -> RouteNetlinkMessage {
    RouteNetlinkMessage::GetLink(LinkUnspec::new_with_name(name.as_str()).build())
}

pub(super) fn link_at(index: u32) -> RouteNetlinkMessage {
    RouteNetlinkMessage::GetLink(LinkUnspec::new_with_index(index).build())
}

pub(super) fn port(index: u32, isolated: bool) -> RouteNetlinkMessage {
    use netlink_packet_route::link::InfoBridgePort;
    let builder = LinkBridgePort::new(index)
        .append_info_data(InfoBridgePort::Learning(false))
        .append_info_data(InfoBridgePort::UnicastFlood(false))
        .append_info_data(InfoBridgePort::MulticastFlood(false))
        .append_info_data(InfoBridgePort::BroadcastFlood(false))
        .append_info_data(InfoBridgePort::Isolated(isolated));
    RouteNetlinkMessage::NewLink(builder.build())
}

pub(super) fn address(index: u32, address: Prefix, connected: bool) -> RouteNetlinkMessage {
    RouteNetlinkMessage::NewAddress(address_message(index, address, connected))
}

pub(super) fn address_away(index: u32, address: Prefix, connected: bool) -> RouteNetlinkMessage {
    RouteNetlinkMessage::DelAddress(address_message(index, address, connected))
}

fn address_message(index: u32, address: Prefix, connected: bool) -> AddressMessage {
    let mut message = AddressMessageBuilder::<Ipv4Addr>::new()
        .index(index)
        .address(address.addr().expect_ipv4(), address.prefix_len())
        .build();
    // The builder adds a broadcast address, which no node of a lab uses.
    message
        .attributes
        .retain(|attribute| !matches!(attribute, AddressAttribute::Broadcast(_)));
    if !connected {
        message
            .attributes
            .push(AddressAttribute::Flags(AddressFlags::Noprefixroute));
    }
    message
}

pub(super) fn neighbour(index: u32, address: Address, mac: Mac) -> RouteNetlinkMessage {
    RouteNetlinkMessage::NewNeighbour(neighbour_message(index, address, mac))
}

pub(super) fn neighbour_away(index: u32, address: Address, mac: Mac) -> RouteNetlinkMessage {
    RouteNetlinkMessage::DelNeighbour(neighbour_message(index, address, mac))
}

fn neighbour_message(index: u32, address: Address, mac: Mac) -> NeighbourMessage {
    let mut message = NeighbourMessage::default();
    message.header.family = AddressFamily::Inet;
    message.header.ifindex = index;
    message.header.state = NeighbourState::Permanent;
    message
        .attributes
        .push(NeighbourAttribute::Destination(NeighbourAddress::Inet(
            address.expect_ipv4(),
        )));
    message
        .attributes
        .push(NeighbourAttribute::LinkLayerAddress(mac.0.to_vec()));
    message
}

/// A static entry in the forwarding table of the port's bridge.
pub(super) fn forwarding(port: u32, mac: Mac) -> RouteNetlinkMessage {
    RouteNetlinkMessage::NewNeighbour(forwarding_message(port, mac))
}

pub(super) fn forwarding_away(port: u32, mac: Mac) -> RouteNetlinkMessage {
    RouteNetlinkMessage::DelNeighbour(forwarding_message(port, mac))
}

fn forwarding_message(port: u32, mac: Mac) -> NeighbourMessage {
    let mut message = NeighbourMessage::default();
    message.header.family = AddressFamily::Bridge;
    message.header.ifindex = port;
    message.header.state = NeighbourState::Noarp;
    message.header.flags = NeighbourFlags::Controller;
    message
        .attributes
        .push(NeighbourAttribute::LinkLayerAddress(mac.0.to_vec()));
    message
}

pub(super) fn route(key: &RouteKey, path: &Path, indexes: &impl Indexes) -> RouteNetlinkMessage {
    let builder = RouteMessageBuilder::<Ipv4Addr>::new()
        .destination_prefix(key.prefix.addr().expect_ipv4(), key.prefix.prefix_len())
        .protocol(route_protocol(path.protocol));
    let builder = path
        .source
        .map(Address::expect_ipv4)
        .into_iter()
        .fold(builder, RouteMessageBuilder::<Ipv4Addr>::pref_source);
    let builder = key
        .table
        .into_iter()
        .fold(builder, RouteMessageBuilder::<Ipv4Addr>::table_id);
    let builder = match &*path.hops {
        [] => builder.kind(RouteType::BlackHole),
        [hop] => single(builder, hop, indexes),
        hops => builder.multipath(hops.iter().map(|hop| next_hop(hop, indexes)).collect()),
    };
    RouteNetlinkMessage::NewRoute(builder.build())
}

/// Removes a route by its table, prefix and protocol, with any next hops.
pub(super) fn route_away(
    prefix: Prefix,
    table: Option<u32>,
    kind: RouteType,
    protocol: Protocol,
) -> RouteNetlinkMessage {
    let builder = RouteMessageBuilder::<Ipv4Addr>::new()
        .destination_prefix(prefix.addr().expect_ipv4(), prefix.prefix_len())
        .protocol(route_protocol(protocol))
        .kind(kind)
        .scope(RouteScope::NoWhere);
    let builder = table
        .into_iter()
        .fold(builder, RouteMessageBuilder::<Ipv4Addr>::table_id);
    RouteNetlinkMessage::DelRoute(builder.build())
}

fn single(
    builder: RouteMessageBuilder<Ipv4Addr>,
    hop: &Hop,
    indexes: &impl Indexes,
) -> RouteMessageBuilder<Ipv4Addr> {
    let builder = builder.output_interface(indexes.index(&hop.name));
    match hop.via {
        None => builder.scope(RouteScope::Link),
        Some(via) if hop.on_link => builder.gateway(via.expect_ipv4()).onlink(),
        Some(via) => builder.gateway(via.expect_ipv4()),
    }
}

fn next_hop(hop: &Hop, indexes: &impl Indexes) -> RouteNextHop {
    let mut next = RouteNextHop::default();
    next.interface_index = indexes.index(&hop.name);
    if hop.on_link {
        next.flags = RouteNextHopFlags::Onlink;
    }
    next.attributes.extend(
        hop.via
            .map(|via| RouteAttribute::Gateway(RouteAddress::Inet(via.expect_ipv4()))),
    );
    next
}

fn route_protocol(protocol: Protocol) -> RouteProtocol {
    match protocol {
        Protocol::Static => RouteProtocol::Static,
        Protocol::Bgp => RouteProtocol::Bgp,
        Protocol::Ospf => RouteProtocol::Ospf,
        Protocol::Kernel => RouteProtocol::Kernel,
        Protocol::Other(number) => RouteProtocol::from(number),
    }
}

/// The priority of rules that lead to separate tables. Without one the kernel would put each new rule before all
/// others, so that their order would depend on the lab's history.
const TABLE_RULE: u32 = 32_000;

/// The priority of the rule for the main table, after all others.
pub(super) const MAIN_RULE: u32 = 32_765;

/// A rule that sends every packet to the main table, the kernel's default.
pub(super) fn rule_for_everything() -> RouteNetlinkMessage {
    RouteNetlinkMessage::NewRule(to_table(RouteHeader::RT_TABLE_MAIN, MAIN_RULE))
}

pub(super) fn rule_for_everything_away() -> RouteNetlinkMessage {
    RouteNetlinkMessage::DelRule(to_table(RouteHeader::RT_TABLE_MAIN, MAIN_RULE))
}

fn to_table(table: u8, priority: u32) -> RuleMessage {
    let mut message = RuleMessage::default();
    message.header.family = AddressFamily::Inet;
    message.header.action = RuleAction::ToTable;
    message.header.table = table;
    message.attributes.push(RuleAttribute::Priority(priority));
    message
}

pub(super) fn rule(packets: &RuleSelector, table: u32) -> RouteNetlinkMessage {
    RouteNetlinkMessage::NewRule(rule_message(packets, table))
}

pub(super) fn rule_away(packets: &RuleSelector, table: u32) -> RouteNetlinkMessage {
    // Without a priority, the message matches any.
    let mut message = rule_message(packets, table);
    let is_priority = |one: &RuleAttribute| matches!(one, RuleAttribute::Priority(_));
    message.attributes.retain(|one| !is_priority(one));
    RouteNetlinkMessage::DelRule(message)
}

fn rule_message(packets: &RuleSelector, table: u32) -> RuleMessage {
    let mut message = to_table(RouteHeader::RT_TABLE_UNSPEC, TABLE_RULE);
    match packets {
        RuleSelector::Arriving { interface, to } => {
            message.header.dst_len = 32;
            message.attributes.extend([
                RuleAttribute::Iifname(interface.to_string()),
                RuleAttribute::Destination((*to).into()),
            ]);
        }
        RuleSelector::From(source) => {
            message.header.src_len = 32;
            message
                .attributes
                .push(RuleAttribute::Source((*source).into()));
        }
        RuleSelector::Udp { to, port } => {
            message.header.dst_len = 32;
            message.attributes.extend([
                RuleAttribute::Destination((*to).into()),
                RuleAttribute::IpProtocol(IpProtocol::Udp),
                RuleAttribute::DestinationPortRange(RulePortRange {
                    start: *port,
                    end: *port,
                }),
            ]);
        }
    }
    message.attributes.push(RuleAttribute::Table(table));
    message
}
