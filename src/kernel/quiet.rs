//! Interfaces that send nothing by themselves.
//!
//! The settings are made before the interface is up, and by netlink: a namespace's first access to a file under
//! /proc/sys costs as much as ten requests.

use netlink_packet_core::DefaultNla;
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{
    AfSpecInet, AfSpecInet6, AfSpecUnspec, In6AddrGenMode, LinkAttribute,
};
use nix::errno::Errno;
use rtnetlink::LinkUnspec;

use crate::kernel::rtnl::Request;

/// `IFLA_INET_CONF` of `linux/if_link.h`, a nest of settings.
const CONFIGURATION: u16 = 1 | 0x8000;

/// `IPV4_DEVCONF_SEND_REDIRECTS` of `linux/ip.h`.
const SEND_REDIRECTS: u16 = 6;

/// Keeps an interface quiet: no IPv6 address, so that captures contain no neighbor discovery (labs use only IPv4), and
/// no ICMP redirects, unless the namespace's settings enable them.
pub(super) fn requests(index: u32) -> [Request; 2] {
    let no_redirects = DefaultNla::new(SEND_REDIRECTS, 0_u32.to_ne_bytes().to_vec());
    let ipv4 = AfSpecInet::Other(DefaultNla::new(CONFIGURATION, encoded(&no_redirects)));
    let ipv6 = AfSpecInet6::AddrGenMode(In6AddrGenMode::None);
    [
        Request::change(configured(index, AfSpecUnspec::Inet(vec![ipv4]))),
        // A kernel without IPv6 needs no change here.
        Request::change(configured(index, AfSpecUnspec::Inet6(vec![ipv6])))
            .or_refused_with(Errno::EAFNOSUPPORT),
    ]
}

fn configured(index: u32, family: AfSpecUnspec) -> RouteNetlinkMessage {
    let mut message = LinkUnspec::new_with_index(index).build();
    message
        .attributes
        .push(LinkAttribute::AfSpecUnspec(vec![family]));
    RouteNetlinkMessage::SetLink(message)
}

fn encoded(attribute: &DefaultNla) -> Vec<u8> {
    use netlink_packet_core::Emitable;
    let mut bytes = vec![0; attribute.buffer_len()];
    attribute.emit(&mut bytes);
    bytes
}
