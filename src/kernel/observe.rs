//! Reads the links of a running namespace.

use std::collections::BTreeMap;

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{LinkAttribute, LinkFlags, LinkMessage, State};

use crate::kernel::rtnl::{BatchError, Rtnl};
use crate::kernel::{message, netns};

/// The state of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// It carries packets.
    Up,
    /// It is up, but has no carrier.
    NoCarrier,
    /// It was taken down.
    Down,
}

/// The links of a pinned namespace, by name.
///
/// # Errors
///
/// Errors of the kernel, if the namespace is missing or netlink fails.
pub fn links(namespace: &str) -> std::io::Result<BTreeMap<String, LinkState>> {
    let dump = netns::Netns::open(namespace)?
        .within(|| Rtnl::open()?.dump(message::all_links()).map_err(as_io))??;
    Ok(dump.iter().filter_map(named_state).collect())
}

/// The names of a namespace's interfaces and their MTUs, by index.
///
/// # Errors
///
/// Errors of the kernel, if the namespace cannot be entered or netlink fails.
pub fn interfaces(namespace: &netns::Netns) -> std::io::Result<BTreeMap<u32, (String, u32)>> {
    let dump = namespace.within(|| Rtnl::open()?.dump(message::all_links()).map_err(as_io))??;
    let links = dump.iter().filter_map(|message| match message {
        RouteNetlinkMessage::NewLink(link) => Some(link),
        _ => None,
    });
    Ok(links
        .filter_map(|link| Some((link.header.index, (name(link)?, mtu(link)?))))
        .collect())
}

fn named_state(message: &RouteNetlinkMessage) -> Option<(String, LinkState)> {
    let RouteNetlinkMessage::NewLink(link) = message else {
        return None;
    };
    Some((name(link)?, state(message)?))
}

/// The index in a link message.
pub(super) fn index(message: &RouteNetlinkMessage) -> Option<u32> {
    match message {
        RouteNetlinkMessage::NewLink(link) => Some(link.header.index),
        _ => None,
    }
}

/// The Ethernet address in a link message.
pub(super) fn address(link: &LinkMessage) -> Option<&[u8]> {
    link.attributes
        .iter()
        .find_map(|attribute| match attribute {
            LinkAttribute::Address(address) => Some(address.as_slice()),
            _ => None,
        })
}

/// The name in a link message.
pub(super) fn name(link: &LinkMessage) -> Option<String> {
    link.attributes
        .iter()
        .find_map(|attribute| match attribute {
            LinkAttribute::IfName(name) => Some(name.clone()),
            _ => None,
        })
}

fn mtu(link: &LinkMessage) -> Option<u32> {
    link.attributes
        .iter()
        .find_map(|attribute| match attribute {
            LinkAttribute::Mtu(mtu) => Some(*mtu),
            _ => None,
        })
}

/// The state in a link message.
pub(super) fn state(message: &RouteNetlinkMessage) -> Option<LinkState> {
    let RouteNetlinkMessage::NewLink(link) = message else {
        return None;
    };
    let operational = link
        .attributes
        .iter()
        .find_map(|attribute| match attribute {
            LinkAttribute::OperState(state) => Some(*state),
            _ => None,
        });
    Some(match operational {
        _ if !link.header.flags.contains(LinkFlags::Up) => LinkState::Down,
        // The flag changes at once; a kernel worker updates the operational state a moment later.
        _ if !link.header.flags.contains(LinkFlags::LowerUp) => LinkState::NoCarrier,
        Some(State::Up | State::Unknown) | None => LinkState::Up,
        Some(_) => LinkState::NoCarrier,
    })
}

pub(super) fn as_io(error: BatchError) -> std::io::Error {
    match error {
        BatchError::Refused(_, refusal) => refusal.errno.into(),
        BatchError::Socket(error) => error,
    }
}
