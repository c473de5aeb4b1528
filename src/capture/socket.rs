//! Packet sockets: what passes by the interfaces of a namespace, as the kernel saw it.
//!
//! A socket belongs to the network namespace of the thread that opened it, for life, and may be used from any thread.

use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{
    ControlMessageOwned, LinkAddr, MsgFlags, RecvMsg, recvmsg, setsockopt, sockopt,
};
use nix::sys::time::TimeSpec;
pub use socket2::SockFilter;
use socket2::{Domain, Protocol, Socket, Type};

use crate::capture::CaptureError;
use crate::capture::filter;
use crate::capture::pcapng::{Reception, Way};

/// Bytes that may wait in a socket: some ten thousand small packets, of each of which the kernel counts a kilobyte.
const BUFFER_BYTES: usize = 32 << 20;

/// Every protocol, as the kernel has it in the network's byte order (`ETH_P_ALL`).
const ALL: u16 = 3_u16.to_be();

/// A socket that hears of whatever passes by any interface of its namespace, as far as its filter lets it, and never blocks.
#[derive(Debug)]
pub struct PacketSocket {
    socket: Socket,
    /// Sends to itself, when the end is to be told.
    own: UdpSocket,
}

/// A packet, the first bytes of which are in the caller's buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// The interface's number in its namespace.
    pub index: u32,
    /// Whether it arrived or left.
    pub way: Way,
    /// Bytes that it has; there may be fewer in the buffer.
    pub length: usize,
    /// When it passed, since 1970.
    pub stamp: Duration,
    /// Packets that the socket had lost until then.
    dropped: u32,
}

impl PacketSocket {
    /// Opens a socket in the network namespace that the calling thread is in.
    ///
    /// The kernel begins to stamp packets a moment after the first socket of the machine asks for it. Until then a
    /// stamp says when the packet was read.
    ///
    /// # Errors
    ///
    /// [`CaptureError::Socket`], for want of `CAP_NET_RAW` above all.
    pub fn open(program: &[SockFilter]) -> Result<Self, CaptureError> {
        let failed = |action| move |error: io::Error| CaptureError::Socket(action, error);
        let refused = |action| move |errno: Errno| CaptureError::Socket(action, errno.into());
        let socket = Socket::new_raw(
            Domain::PACKET,
            Type::RAW,
            Some(Protocol::from(i32::from(ALL))),
        )
        .map_err(failed("open a packet socket"))?;
        // It has heard of everything since it was opened, until now.
        socket
            .attach_filter(&filter::none())
            .map_err(failed("filter what a packet socket hears"))?;
        socket
            .set_nonblocking(true)
            .map_err(failed("use a packet socket without waiting"))?;
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true)
            .map_err(refused("have the kernel stamp packets with their time"))?;
        setsockopt(&socket, sockopt::RxqOvfl, &1)
            .map_err(refused("have the kernel count lost packets"))?;
        enlarge_buffer(&socket);
        let own = own_socket().map_err(failed("open a socket at the loopback interface"))?;
        let opened = Self { socket, own };
        let read = failed("read from a packet socket");
        while opened.receive(&mut []).map_err(read)?.is_some() {}
        opened
            .socket
            .attach_filter(program)
            .map_err(failed("filter what a packet socket hears"))?;
        Ok(opened)
    }

    /// Takes one waiting packet, nothing if none waits.
    ///
    /// # Errors
    ///
    /// The kernel's; having nothing to give is none, nor is an interface that went down.
    pub fn receive(&self, buffer: &mut [u8]) -> io::Result<Option<Arrival>> {
        let mut control = nix::cmsg_space!(TimeSpec, u32);
        let mut parts = [IoSliceMut::new(buffer)];
        let fd = self.socket.as_raw_fd();
        loop {
            match recvmsg::<LinkAddr>(fd, &mut parts, Some(&mut control), MsgFlags::MSG_TRUNC) {
                Ok(message) => return Ok(arrival(&message)),
                Err(Errno::EAGAIN) => return Ok(None),
                Err(Errno::EINTR | Errno::ENETDOWN) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    /// Ends the capture, and tells how many packets the socket has lost. `known` are those that an arrival told of.
    ///
    /// A packet tells how many were lost before it. So that none is lost after the last, one more passes by the loopback
    /// interface, and is that last one.
    #[must_use]
    pub fn end(&self, known: u32) -> u32 {
        let sent = self
            .socket
            .attach_filter(&filter::loopback_alone())
            .and_then(|()| self.own.send(&[0]));
        let mut dropped = known;
        if sent.is_ok() {
            while let Ok(Some(arrival)) = self.receive(&mut []) {
                dropped = dropped.max(arrival.dropped);
            }
        }
        dropped
    }
}

impl Arrival {
    /// How many packets the socket had lost until then; none told is none since the one before.
    #[must_use]
    pub const fn dropped(&self) -> u32 {
        self.dropped
    }
}

impl AsFd for PacketSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn own_socket() -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0))?;
    socket.connect(socket.local_addr()?)?;
    Ok(socket)
}

/// Asks for a large buffer; a smaller one than asked for loses packets only under load, and counts them.
fn enlarge_buffer(socket: &Socket) {
    if setsockopt(socket, sockopt::RcvBufForce, &BUFFER_BYTES).is_err() {
        setsockopt(socket, sockopt::RcvBuf, &BUFFER_BYTES).ok();
    }
}

/// The kernel's word for whom a packet was for (packet(7)).
fn way(kind: u8) -> Way {
    match kind {
        libc::PACKET_OUTGOING => Way::Outbound,
        libc::PACKET_BROADCAST => Way::Inbound(Reception::Broadcast),
        libc::PACKET_MULTICAST => Way::Inbound(Reception::Multicast),
        libc::PACKET_OTHERHOST => Way::Inbound(Reception::Promiscuous),
        _ => Way::Inbound(Reception::Unicast),
    }
}

/// What the kernel says of a packet; nothing where it says of no interface.
fn arrival(message: &RecvMsg<'_, '_, LinkAddr>) -> Option<Arrival> {
    let at = message.address?;
    let mut arrival = Arrival {
        index: u32::try_from(at.ifindex()).unwrap_or(0),
        way: way(at.pkttype()),
        length: message.bytes,
        stamp: Duration::ZERO,
        dropped: 0,
    };
    for extra in message.cmsgs().into_iter().flatten() {
        match extra {
            ControlMessageOwned::ScmTimestampns(since_epoch) => {
                arrival.stamp = Duration::from(since_epoch);
            }
            ControlMessageOwned::RxqOvfl(dropped) => arrival.dropped = dropped,
            _ => {}
        }
    }
    Some(arrival)
}
