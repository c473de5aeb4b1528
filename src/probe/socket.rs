//! Raw ICMP sockets, which send probes and receive answers. No other module does either.
//!
//! A socket belongs to the network namespace of the thread that opened it, and may be used from any thread.

use std::{
    io::{self, IoSlice, IoSliceMut},
    net::Ipv4Addr,
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    time::{Duration, SystemTime},
};

use nix::{
    errno::Errno,
    sys::{
        resource::{Resource, getrlimit, setrlimit},
        socket::{
            AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockProtocol,
            SockType, SockaddrIn, recvmsg, sendmsg, setsockopt, socket, sockopt,
        },
        time::TimeSpec,
    },
};

use crate::units::Ttl;

/// Size of a socket's buffers in bytes. The answers to some thousand probes may arrive at once, and the kernel counts
/// nearly a thousand bytes for each.
const BUFFER_LEN: usize = 4 << 20;

/// Maximum number of descriptors of a process besides its sockets.
const OTHER_DESCRIPTORS: usize = 64;

/// Raises the limit of open files to allow this many sockets, if the system permits it. Otherwise, opening them fails.
pub fn allow_descriptors(sockets: usize) {
    let wanted = u64::try_from(sockets + OTHER_DESCRIPTORS).unwrap_or(u64::MAX);
    if let Ok((now, most)) = getrlimit(Resource::RLIMIT_NOFILE)
        && now < wanted
    {
        setrlimit(Resource::RLIMIT_NOFILE, wanted.min(most), most).ok();
    }
}

/// Why a socket could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// The kernel refused the socket, as it does without `CAP_NET_RAW`.
    #[error("cannot open a raw ICMP socket")]
    Open(#[source] io::Error),
    /// The kernel refused to stamp received packets.
    #[error("cannot have the kernel stamp ICMP packets with their time of arrival")]
    Timestamps(#[source] io::Error),
}

/// A non-blocking raw ICMP socket.
#[derive(Debug)]
pub struct RawIcmp {
    fd: OwnedFd,
}

/// A packet that arrived; it is in the caller's buffer, with its IP header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// The length in bytes, at most that of the buffer.
    pub len: usize,
    /// When the kernel received it, by the wall clock.
    pub stamp: Option<SystemTime>,
}

impl RawIcmp {
    /// Opens a socket in the network namespace that the calling thread is in.
    ///
    /// The kernel begins to stamp packets shortly after the first socket of the machine enables it. Until then, a stamp
    /// is the time of reading.
    ///
    /// # Errors
    ///
    /// [`SocketError`], mainly without `CAP_NET_RAW`.
    pub fn open() -> Result<Self, SocketError> {
        let fd = socket(
            AddressFamily::Inet,
            SockType::Raw,
            SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC,
            SockProtocol::Icmp,
        )
        .map_err(|errno| SocketError::Open(errno.into()))?;
        setsockopt(&fd, sockopt::ReceiveTimestampns, &true)
            .map_err(|errno| SocketError::Timestamps(errno.into()))?;
        enlarge_buffers(&fd);
        Ok(Self { fd })
    }

    /// Sends an ICMP message with a given TTL.
    ///
    /// # Errors
    ///
    /// Errors of the kernel, such as "network is unreachable", or that the message does not fit into the buffer now.
    pub fn send(&self, message: &[u8], destination: Ipv4Addr, ttl: Ttl) -> io::Result<()> {
        let [a, b, c, d] = destination.octets();
        let destination = SockaddrIn::new(a, b, c, d, 0);
        let ttl = i32::from(ttl.get());
        sendmsg(
            self.fd.as_raw_fd(),
            &[IoSlice::new(message)],
            &[ControlMessage::Ipv4Ttl(&ttl)],
            MsgFlags::empty(),
            Some(&destination),
        )?;
        Ok(())
    }

    /// Takes one waiting packet; `None` if there is none.
    ///
    /// # Errors
    ///
    /// Errors of the kernel, except if no packet waits.
    pub fn receive(&self, buffer: &mut [u8]) -> io::Result<Option<Arrival>> {
        let mut control = nix::cmsg_space!(TimeSpec);
        let mut parts = [IoSliceMut::new(buffer)];
        let fd = self.fd.as_raw_fd();
        loop {
            match recvmsg::<()>(fd, &mut parts, Some(&mut control), MsgFlags::empty()) {
                Ok(message) => {
                    let mut extras = message.cmsgs().into_iter().flatten();
                    return Ok(Some(Arrival {
                        len: message.bytes,
                        stamp: extras.find_map(|extra| stamp(&extra)),
                    }));
                }
                Err(Errno::EAGAIN) => return Ok(None),
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }
}

impl AsFd for RawIcmp {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Requests large buffers. Smaller ones lose answers only under load.
fn enlarge_buffers(fd: &OwnedFd) {
    if setsockopt(fd, sockopt::RcvBufForce, &BUFFER_LEN).is_err() {
        setsockopt(fd, sockopt::RcvBuf, &BUFFER_LEN).ok();
    }
    if setsockopt(fd, sockopt::SndBufForce, &BUFFER_LEN).is_err() {
        setsockopt(fd, sockopt::SndBuf, &BUFFER_LEN).ok();
    }
}

fn stamp(message: &ControlMessageOwned) -> Option<SystemTime> {
    match message {
        ControlMessageOwned::ScmTimestampns(since_epoch) => {
            SystemTime::UNIX_EPOCH.checked_add(Duration::from(*since_epoch))
        }
        _ => None,
    }
}
