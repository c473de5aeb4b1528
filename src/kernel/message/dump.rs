//! Requests for all objects of a kind in a namespace.

use netlink_packet_route::address::AddressMessage;
use netlink_packet_route::link::LinkMessage;
use netlink_packet_route::neighbour::NeighbourMessage;
use netlink_packet_route::route::RouteMessage;
use netlink_packet_route::rule::RuleMessage;
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};

/// All interfaces.
pub(in crate::kernel) fn all_links() -> RouteNetlinkMessage {
    RouteNetlinkMessage::GetLink(LinkMessage::default())
}

/// All IPv4 routes.
pub(in crate::kernel) fn all_routes() -> RouteNetlinkMessage {
    let mut message = RouteMessage::default();
    message.header.address_family = AddressFamily::Inet;
    RouteNetlinkMessage::GetRoute(message)
}

/// All IPv4 addresses.
pub(in crate::kernel) fn all_addresses() -> RouteNetlinkMessage {
    let mut message = AddressMessage::default();
    message.header.family = AddressFamily::Inet;
    RouteNetlinkMessage::GetAddress(message)
}

/// All IPv4 neighbors.
pub(in crate::kernel) fn all_neighbours() -> RouteNetlinkMessage {
    all_neighbours_of(AddressFamily::Inet)
}

/// All entries of all bridges' forwarding tables.
pub(in crate::kernel) fn all_forwarding() -> RouteNetlinkMessage {
    all_neighbours_of(AddressFamily::Bridge)
}

fn all_neighbours_of(family: AddressFamily) -> RouteNetlinkMessage {
    let mut message = NeighbourMessage::default();
    message.header.family = family;
    RouteNetlinkMessage::GetNeighbour(message)
}

/// All IPv4 routing rules.
pub(in crate::kernel) fn all_rules() -> RouteNetlinkMessage {
    let mut message = RuleMessage::default();
    message.header.family = AddressFamily::Inet;
    RouteNetlinkMessage::GetRule(message)
}
