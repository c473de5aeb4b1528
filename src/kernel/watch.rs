//! Kernel events of links, from one netlink socket per namespace.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use netlink_packet_core::{NetlinkMessage, NetlinkPayload};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};
use nix::errno::Errno;

use crate::kernel::observe::{self, LinkState};
use crate::topology::NodeId;

/// `RTNLGRP_LINK` of `linux/rtnetlink.h`.
const LINKS: u32 = 1;

/// A link event, or the state of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkEvent {
    /// The node.
    pub node: NodeId,
    /// The interface's name there.
    pub name: String,
    /// Its index.
    pub index: u32,
    /// Its present state; `None` if it no longer exists.
    pub state: Option<LinkState>,
}

/// A socket for the link events of a namespace.
#[derive(Debug)]
pub struct Watch {
    node: NodeId,
    socket: Socket,
}

impl Watch {
    /// Opens a socket in the calling thread's namespace. It does not listen yet.
    pub(super) fn open(node: NodeId) -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        socket.bind(&SocketAddr::new(0, 0))?;
        socket.set_non_blocking(true)?;
        Ok(Self { node, socket })
    }

    /// Starts to listen.
    ///
    /// # Errors
    ///
    /// Errors of the kernel.
    pub(super) fn listen(&self) -> io::Result<()> {
        self.socket.add_membership(LINKS)
    }

    /// The same watch, with the node's id in another topology.
    #[must_use]
    pub fn of(self, node: NodeId) -> Self {
        Self { node, ..self }
    }

    /// The node of these links.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.node
    }

    /// All events since the last call, in order, without waiting. `None` if the kernel's buffer overflowed: then every
    /// link must be queried.
    #[must_use]
    pub fn take(&self) -> Option<Vec<LinkEvent>> {
        let mut events = Vec::new();
        let mut is_whole = true;
        loop {
            match self.socket.recv_from_full() {
                Ok((bytes, _)) => is_whole &= read(self.node, &bytes, &mut events),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.raw_os_error() == Some(Errno::ENOBUFS as i32) => {
                    is_whole = false;
                }
                // A failed socket gives no more events, but the links can be queried.
                Err(_) => return None,
            }
        }
        is_whole.then_some(events)
    }
}

impl AsFd for Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Parses a packet of messages; false if a message is invalid.
fn read(node: NodeId, mut bytes: &[u8], events: &mut Vec<LinkEvent>) -> bool {
    while !bytes.is_empty() {
        let Ok(message) = NetlinkMessage::<RouteNetlinkMessage>::deserialize(bytes) else {
            return false;
        };
        let length = (message.header.length as usize).next_multiple_of(4);
        bytes = bytes.get(length.max(1)..).unwrap_or_default();
        if let NetlinkPayload::InnerMessage(message) = message.payload {
            events.extend(event(node, &message));
        }
    }
    true
}

/// The event in a message. A bridge reports its ports in a separate family; there, a removal means that the port left
/// the bridge, not that it no longer exists.
pub(super) fn event(node: NodeId, message: &RouteNetlinkMessage) -> Option<LinkEvent> {
    let (RouteNetlinkMessage::NewLink(link) | RouteNetlinkMessage::DelLink(link)) = message else {
        return None;
    };
    (link.header.interface_family == AddressFamily::Unspec).then_some(())?;
    Some(LinkEvent {
        node,
        name: observe::name(link)?,
        index: link.header.index,
        state: observe::state(message),
    })
}

#[cfg(test)]
mod tests {
    use netlink_packet_route::link::{LinkAttribute, LinkFlags, LinkMessage, State};

    use super::*;

    fn told(family: AddressFamily, flags: LinkFlags, state: State) -> LinkMessage {
        let mut link = LinkMessage::default();
        link.header.interface_family = family;
        link.header.index = 1007;
        link.header.flags = flags;
        link.attributes = vec![
            LinkAttribute::IfName("eth0".to_owned()),
            LinkAttribute::OperState(state),
        ];
        link
    }

    fn state(flags: LinkFlags, operational: State) -> Option<LinkState> {
        let link = told(AddressFamily::Unspec, flags, operational);
        let event = event(NodeId(3), &RouteNetlinkMessage::NewLink(link)).unwrap();
        assert_eq!(
            (event.node, event.name.as_str(), event.index),
            (NodeId(3), "eth0", 1007)
        );
        event.state
    }

    #[test]
    fn a_link_carries_packets_when_the_kernel_has_noticed_that_it_does() {
        let up = LinkFlags::Up | LinkFlags::LowerUp;
        assert_eq!(state(up, State::Up), Some(LinkState::Up));
        assert_eq!(state(up, State::Unknown), Some(LinkState::Up));
        assert_eq!(state(up, State::Down), Some(LinkState::NoCarrier));
        assert_eq!(state(LinkFlags::Up, State::Up), Some(LinkState::NoCarrier));
        assert_eq!(
            state(LinkFlags::empty(), State::Down),
            Some(LinkState::Down)
        );
    }

    #[test]
    fn an_interface_is_gone_when_it_is_deleted_and_not_when_it_leaves_its_bridge() {
        let deleted = told(AddressFamily::Unspec, LinkFlags::Up, State::Up);
        let gone = event(NodeId(0), &RouteNetlinkMessage::DelLink(deleted));
        assert_eq!(gone.unwrap().state, None);
        let left = told(AddressFamily::Bridge, LinkFlags::Up, State::Up);
        assert_eq!(event(NodeId(0), &RouteNetlinkMessage::DelLink(left)), None);
    }
}
