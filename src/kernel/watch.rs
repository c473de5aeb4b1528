//! The kernel's own word of what happens to links: one netlink socket a namespace, which listens.

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

/// What happened to a link, or how it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkEvent {
    /// The node.
    pub node: NodeId,
    /// The interface's name there.
    pub name: String,
    /// Its index.
    pub index: u32,
    /// How it is now; none where it is gone.
    pub state: Option<LinkState>,
}

/// A socket that hears of every link of a namespace.
#[derive(Debug)]
pub struct Watch {
    node: NodeId,
    socket: Socket,
}

impl Watch {
    /// Opens a socket in the calling thread's namespace. It hears nothing yet.
    pub(super) fn open(node: NodeId) -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        socket.bind(&SocketAddr::new(0, 0))?;
        socket.set_non_blocking(true)?;
        Ok(Self { node, socket })
    }

    /// Listens from here on.
    ///
    /// # Errors
    ///
    /// The kernel's.
    pub fn listen(&self) -> io::Result<()> {
        self.socket.add_membership(LINKS)
    }

    /// The node whose links these are.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.node
    }

    /// Everything that has happened since the last time, in order, without waiting. None where more
    /// has happened than the kernel keeps: then only a look at every link tells.
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
                // Nothing more comes from a socket that failed, and a look at the links may.
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

/// Reads a packet of messages; false where one of them cannot be read.
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

/// What a message tells of a link. A bridge tells of its ports in a family of its own, which says
/// that a port has left and not that it is gone.
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
