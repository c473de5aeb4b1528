//! The UDP socket under a tunnel.
//!
//! Datagrams of one size for one receiver are sent in one system call, and received in one.

use std::{
    fmt, io,
    net::{SocketAddrV4, UdpSocket},
    os::fd::{AsFd, AsRawFd, BorrowedFd},
    slice,
    sync::atomic::{AtomicUsize, Ordering},
};

use gotatun::packet::Packet;
use io::{IoSlice, IoSliceMut};
use nix::{
    cmsg_space,
    errno::Errno,
    sys::socket::{
        ControlMessage, ControlMessageOwned, MsgFlags, SockaddrIn, recvmsg, sendmsg, setsockopt,
        sockopt,
    },
};
use rustix::net::sockopt::{Ipv4PathMtuDiscovery, set_ip_mtu_discover};

use super::{TunnelError, interface::Pool};

/// A datagram, and its remote address.
pub(super) type Datagram = (Packet, SocketAddrV4);

/// The size of each buffer of the socket. A path of 50 ms at 1 Gbit/s holds 6 MB, and the kernel counts twice the size.
const BACKLOG: usize = 16 << 20;

/// The most datagrams that the kernel sends in one call (`UDP_MAX_SEGMENTS`).
const MOST_TOGETHER: usize = 64;

/// The largest payload of an IPv4 packet with a UDP header.
const LARGEST_PAYLOAD: usize = 65_535 - 20 - 8;

/// The UDP socket under a tunnel.
pub struct Underlay {
    socket: UdpSocket,
    /// Size of the smallest datagrams that the kernel refused to send together.
    refused: AtomicUsize,
}

impl Underlay {
    /// Binds a socket to `address` in the namespace of the calling thread. With the unspecified address, the route to
    /// the peer determines the source, which may change.
    ///
    /// A datagram larger than a link on its path is fragmented there, as with the kernel's WireGuard.
    ///
    /// # Errors
    ///
    /// [`TunnelError::Bind`], for a port in use or an address that no interface has.
    pub fn bind(address: SocketAddrV4) -> Result<Self, TunnelError> {
        open(address)
            .map(|socket| Self {
                socket,
                refused: AtomicUsize::new(usize::MAX),
            })
            .map_err(|source| TunnelError::Bind { address, source })
    }

    /// Sends datagrams in order, and frees them. One that cannot be sent is lost, as on any link that is down or full.
    pub(super) fn send(&self, datagrams: &mut Vec<Datagram>) {
        let mut rest = datagrams.as_slice();
        while !rest.is_empty() {
            let (run, others) = rest.split_at(self.run(rest));
            self.send_run(run);
            rest = others;
        }
        datagrams.clear();
    }

    fn send_run(&self, run: &[Datagram]) {
        // Datagrams sent together may not be fragmented; single ones may.
        if let Err(Errno::EMSGSIZE | Errno::EINVAL | Errno::EIO) = self.send_together(run)
            && run.len() > 1
        {
            self.refused.fetch_min(run[0].0.len(), Ordering::Relaxed);
            for datagram in run {
                let _ = self.send_together(slice::from_ref(datagram));
            }
        }
    }

    /// Allows datagrams of every size to be sent together again: the MTU of the path may have grown.
    pub(super) fn forget_refusals(&self) {
        self.refused.store(usize::MAX, Ordering::Relaxed);
    }

    /// How many of the first datagrams may be sent together: all of one size, except for a smaller last one.
    fn run(&self, datagrams: &[Datagram]) -> usize {
        let (first, to) = &datagrams[0];
        let size = first.len();
        if size == 0 || size >= self.refused.load(Ordering::Relaxed) {
            return 1;
        }
        let most = (LARGEST_PAYLOAD / size).clamp(1, MOST_TOGETHER);
        let alike = datagrams
            .iter()
            .take(most)
            .take_while(|(datagram, address)| datagram.len() == size && address == to)
            .count();
        let ends_smaller = alike < most
            && datagrams
                .get(alike)
                .is_some_and(|(next, address)| next.len() < size && address == to);
        alike + usize::from(ends_smaller)
    }

    fn send_together(&self, run: &[Datagram]) -> nix::Result<usize> {
        let (first, to) = &run[0];
        let mut slices = [IoSlice::new(&[]); MOST_TOGETHER];
        for (slice, (datagram, _)) in slices.iter_mut().zip(run) {
            *slice = IoSlice::new(datagram);
        }
        let size = u16::try_from(first.len()).map_err(|_| Errno::EMSGSIZE)?;
        let segments = [ControlMessage::UdpGsoSegments(&size)];
        sendmsg(
            self.socket.as_raw_fd(),
            &slices[..run.len()],
            if run.len() > 1 { &segments } else { &[] },
            MsgFlags::MSG_DONTWAIT,
            Some(&SockaddrIn::from(*to)),
        )
    }
}

fn open(address: SocketAddrV4) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(address)?;
    socket.set_nonblocking(true)?;
    set_ip_mtu_discover(&socket, Ipv4PathMtuDiscovery::DONT)?;
    setsockopt(&socket, sockopt::UdpGroSegment, &true)?;
    // Root may exceed the limits, which are too low for a link. In a user namespace the machine's limits apply
    // (`net.core.rmem_max`, `net.core.wmem_max`), and a long and fast path loses more.
    if setsockopt(&socket, sockopt::SndBufForce, &BACKLOG).is_err() {
        setsockopt(&socket, sockopt::SndBuf, &BACKLOG)?;
    }
    if setsockopt(&socket, sockopt::RcvBufForce, &BACKLOG).is_err() {
        setsockopt(&socket, sockopt::RcvBuf, &BACKLOG)?;
    }
    Ok(socket)
}

impl AsFd for Underlay {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl fmt::Debug for Underlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Underlay").field(&self.socket).finish()
    }
}

/// The receive buffers.
pub(super) struct Inbox {
    buffer: Box<[u8]>,
    control: Vec<u8>,
}

impl Inbox {
    pub(super) fn new() -> Self {
        Self {
            buffer: vec![0; usize::from(u16::MAX)].into(),
            control: cmsg_space!(i32),
        }
    }

    /// Receives the next datagrams that arrived together.
    pub(super) fn receive(
        &mut self,
        underlay: &Underlay,
        pool: &Pool,
        datagrams: &mut Vec<Datagram>,
    ) -> nix::Result<()> {
        let mut slices = [IoSliceMut::new(&mut self.buffer)];
        let message = recvmsg::<SockaddrIn>(
            underlay.socket.as_raw_fd(),
            &mut slices,
            Some(&mut self.control),
            MsgFlags::MSG_DONTWAIT,
        )?;
        let len = message.bytes;
        let each = message.cmsgs()?.find_map(|control| match control {
            ControlMessageOwned::UdpGroSegments(size) => usize::try_from(size).ok(),
            _ => None,
        });
        let Some(from) = message.address.map(SocketAddrV4::from) else {
            return Ok(());
        };
        let each = each.filter(|size| *size > 0).unwrap_or(len.max(1));
        for bytes in self.buffer[..len].chunks(each) {
            let mut packet = pool.get();
            packet.buf_mut().clear();
            packet.buf_mut().extend_from_slice(bytes);
            datagrams.push((packet, from));
        }
        Ok(())
    }
}
