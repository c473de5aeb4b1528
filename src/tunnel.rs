//! WireGuard tunnels, for kernels that have none.
//!
//! One end of a tunnel is a TUN interface and a UDP socket, each opened in the namespace where it
//! belongs, and a thread between them. The thread ends when the [`Tunnel`] is dropped, and the
//! interface vanishes with it.
//!
//! The protocol is gotatun's. Its own program hands every packet from task to task, one at a time;
//! here one thread takes packets as they come from the kernel, many at once, and hands them to the
//! kernel as many again.
//!
//! Only IPv4 passes, from and to any address: what may use a tunnel is a matter of routes.

use std::{
    io,
    net::SocketAddrV4,
    pin::pin,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use nix::{
    errno::Errno,
    sys::eventfd::{EfdFlags, EventFd},
};
use tokio::time;

use crate::names::IfName;
use crate::privilege;

mod carrier;
mod interface;
pub mod keys;
mod session;
#[cfg(test)]
mod tests;
mod underlay;

pub use interface::Tun;
pub use underlay::Underlay;

use carrier::{Carrier, Shared};
use keys::{KeyPair, PublicKey};
use session::Session;

/// How old a call may be that whoever begins to wait for a session relies on: an older one may have
/// been lost before.
const FRESH: Duration = Duration::from_millis(100);

/// How long a call may be unanswered before whoever waits for a session repeats it. `WireGuard`'s own
/// five seconds (its paper, section 6.1) spare links that are shared with others.
const REPEAT: Duration = Duration::from_secs(1);

/// Bytes of the thread's stack, where no packet is ever put.
const STACK: usize = 256 << 10;

/// All that one end of a tunnel is made of.
#[derive(Debug)]
pub struct Endpoint {
    /// The interface whose packets go through the tunnel.
    pub tun: Tun,
    /// The socket that carries them, encrypted.
    pub underlay: Underlay,
    /// This end's keys.
    pub keys: KeyPair,
    /// The other end's public key.
    pub peer: PublicKey,
    /// Where the other end's socket is.
    pub peer_address: SocketAddrV4,
    /// How long the tunnel may be silent before this end sends an empty packet, in seconds. With
    /// none, a session ends after three idle minutes and the next packet has to start another.
    pub keepalive_seconds: Option<u16>,
}

/// One end of a tunnel, open as long as this value lives.
pub struct Tunnel {
    shared: Arc<Shared>,
    stop: EventFd,
    thread: Option<JoinHandle<Result<(), Errno>>>,
}

/// What one end of a tunnel has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// How long ago the ends last agreed on keys, or nothing without a session.
    pub since_handshake: Option<Duration>,
    /// Bytes received from the peer: handshakes, and packets once decrypted.
    pub received: usize,
    /// Bytes sent to the peer: handshakes, and packets once encrypted, 32 bytes more for each.
    pub sent: usize,
    /// Where the peer was last heard from, or was said to be.
    pub peer_address: SocketAddrV4,
}

/// What could not be done with a tunnel.
#[derive(Debug, thiserror::Error)]
pub enum TunnelError {
    /// The kernel refused the interface, as it does when the name is taken.
    #[error("cannot create the TUN interface {name}")]
    Open {
        /// The interface asked for.
        name: IfName,
        /// The kernel's answer.
        #[source]
        source: io::Error,
    },
    /// Packets of this size do not fit the buffers that they are encrypted in.
    #[error("a tunnel takes packets of {most} bytes at most, not of {mtu}", most = interface::LARGEST_MTU)]
    Mtu {
        /// The size asked for, in bytes.
        mtu: u16,
    },
    /// The kernel refused the UDP socket, as it does for an address of no interface.
    #[error("cannot open a UDP socket on {address}")]
    Bind {
        /// The address asked for.
        address: SocketAddrV4,
        /// The kernel's answer.
        #[source]
        source: io::Error,
    },
    /// The kernel gave no random bytes for a key.
    #[error("cannot generate a key")]
    Random(#[source] getrandom::Error),
    /// The kernel refused the thread, or what it waits with.
    #[error("cannot wait for packets of a tunnel to {peer}")]
    Wait {
        /// Where the other end's socket is.
        peer: SocketAddrV4,
        /// The kernel's answer.
        #[source]
        source: io::Error,
    },
    /// The other end did not answer in time.
    #[error("no session with {peer} after {} s", waited.as_secs_f64())]
    NoSession {
        /// Where the other end's socket is.
        peer: SocketAddrV4,
        /// How long it was waited for.
        waited: Duration,
    },
}

/// Starts one end of a tunnel.
///
/// With a keepalive it calls the other end at once; without one, [`Tunnel::ready`] or the first
/// packet does. Bind both ends' [`Underlay`] first and set the path between them up: a call that
/// is lost is only repeated after five seconds, or by [`Tunnel::ready`].
///
/// # Errors
///
/// [`TunnelError::Wait`].
pub fn start(endpoint: Endpoint) -> Result<Tunnel, TunnelError> {
    let peer = endpoint.peer_address;
    run(endpoint).map_err(|source| TunnelError::Wait { peer, source })
}

fn run(endpoint: Endpoint) -> io::Result<Tunnel> {
    let session = Session::new(&endpoint);
    let shared = Arc::new(Shared::new(session, endpoint.underlay));
    let stop = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
    let carrier = Carrier::new(shared.clone(), endpoint.tun, &stop)?;
    let thread = thread::Builder::new()
        .name("tunnel".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            // With more rights than it needs it would carry packets all the same.
            let _ = privilege::give_up();
            carrier.run()
        })?;
    Ok(Tunnel {
        shared,
        stop,
        thread: Some(thread),
    })
}

impl Tunnel {
    /// Waits until the ends have agreed on keys, so that the next packet passes. Without keys, or
    /// with such as are due for renewal, it calls the other end at once and every second. Both
    /// ends may wait at once.
    ///
    /// Keys stay good for two minutes, whatever became of the path or the peer meanwhile.
    ///
    /// # Errors
    ///
    /// [`TunnelError::NoSession`] after `patience`.
    ///
    /// # Panics
    ///
    /// On a tokio runtime without timers.
    pub async fn ready(&self, patience: Duration) -> Result<(), TunnelError> {
        time::timeout(patience, self.agreement())
            .await
            .map_err(|_| TunnelError::NoSession {
                peer: self.stats().peer_address,
                waited: patience,
            })
    }

    async fn agreement(&self) {
        let mut patience = FRESH;
        loop {
            let mut agreed = pin!(self.shared.agreed.notified());
            // From here on no agreement is missed.
            agreed.as_mut().enable();
            if self.shared.is_active_or_call(patience) {
                return;
            }
            patience = REPEAT;
            // Whether in time or not: the next turn looks.
            let _ = time::timeout(patience, agreed).await;
        }
    }

    /// What this end has seen so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.session().stats()
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        let was_told = self.stop.write(1).is_ok();
        if let Some(thread) = self.thread.take()
            && was_told
        {
            // A thread that failed or panicked carries nothing any more, which is all that is
            // asked of it here.
            drop(thread.join());
        }
    }
}

impl std::fmt::Debug for Tunnel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tunnel")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
