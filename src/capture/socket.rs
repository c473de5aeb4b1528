//! Packet sockets: the packets that pass the interfaces of a namespace, as the kernel sees them.
//!
//! A socket belongs to the network namespace of the thread that opened it, and may be used from any thread.

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
use crate::capture::pcapng::{Direction, Reception};

/// Size of a socket's buffer in bytes. It holds some ten thousand small packets: the kernel counts a kilobyte for each.
const BUFFER_BYTES: usize = 32 << 20;

/// Every protocol (`ETH_P_ALL`), in network byte order.
const ALL: u16 = 3_u16.to_be();

/// A non-blocking socket that receives the packets of all interfaces of its namespace that its filter accepts.
#[derive(Debug)]
pub struct PacketSocket {
    socket: Socket,
    /// Sends a packet to itself at the end of the capture.
    own: UdpSocket,
}

/// A received packet; its first bytes are in the caller's buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// The interface's index in its namespace.
    pub index: u32,
    /// Whether it arrived or left.
    pub way: Direction,
    /// The packet's length in bytes; the buffer may hold fewer.
    pub length: usize,
    /// When it passed, since 1970.
    pub stamp: Duration,
    /// Packets that the socket had lost before this one.
    dropped: u32,
}

impl PacketSocket {
    /// Opens a socket in the network namespace that the calling thread is in.
    ///
    /// The kernel begins to stamp packets shortly after the first socket of the machine enables it. Until then, a stamp
    /// is the time of reading.
    ///
    /// # Errors
    ///
    /// [`CaptureError::Socket`], mainly without `CAP_NET_RAW`.
    pub fn open(program: &[SockFilter]) -> Result<Self, CaptureError> {
        let failed = |action| move |error: io::Error| CaptureError::Socket(action, error);
        let refused = |action| move |errno: Errno| CaptureError::Socket(action, errno.into());
        let socket = Socket::new_raw(
            Domain::PACKET,
            Type::RAW,
            Some(Protocol::from(i32::from(ALL))),
        )
        .map_err(failed("open a packet socket"))?;
        // Until now the socket has received packets without the filter; they are discarded.
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

    /// Takes one waiting packet; `None` if there is none.
    ///
    /// # Errors
    ///
    /// Errors of the kernel, except if no packet waits or an interface went down.
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

    /// Ends the capture, and returns how many packets the socket has lost. `known` is the last known number.
    ///
    /// Each packet carries the number of packets lost before it. To count also the losses after the last packet, one
    /// more packet is sent over the loopback interface.
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
    /// How many packets the socket had lost before this one. If the kernel reports no number, there are no new losses.
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

/// Requests a large buffer. A smaller one loses packets only under load, and counts them.
fn enlarge_buffer(socket: &Socket) {
    if setsockopt(socket, sockopt::RcvBufForce, &BUFFER_BYTES).is_err() {
        setsockopt(socket, sockopt::RcvBuf, &BUFFER_BYTES).ok();
    }
}

/// The direction and recipient by the kernel's packet type (packet(7)).
fn way(kind: u8) -> Direction {
    match kind {
        libc::PACKET_OUTGOING => Direction::Outbound,
        libc::PACKET_BROADCAST => Direction::Inbound(Reception::Broadcast),
        libc::PACKET_MULTICAST => Direction::Inbound(Reception::Multicast),
        libc::PACKET_OTHERHOST => Direction::Inbound(Reception::Promiscuous),
        _ => Direction::Inbound(Reception::Unicast),
    }
}

/// The kernel's data about a packet; `None` if they name no interface.
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
