//! WireGuard tunnels, for kernels without WireGuard.
//!
//! One end of a tunnel is a TUN interface and a UDP socket, each opened in its namespace, with a thread between them.
//! The thread ends when the [`Tunnel`] is dropped, and the interface vanishes with it.
//!
//! The protocol is gotatun's. Its own program passes single packets from task to task. Here one thread reads and writes
//! many packets per system call.
//!
//! Only IPv4 passes, from and to any address: routes decide what uses a tunnel.

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

/// The maximum age of a handshake attempt that a new waiter relies on; an older one may be lost.
const FRESH: Duration = Duration::from_millis(100);

/// How long a waiter for a session waits before it repeats an unanswered attempt. `WireGuard` itself waits five seconds
/// (its paper, section 6.1), to spare shared links.
const REPEAT: Duration = Duration::from_secs(1);

/// The size of the thread's stack, which never holds packets.
const STACK: usize = 256 << 10;

/// The parts of one end of a tunnel.
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
    /// The endpoint of the other end.
    pub peer_address: SocketAddrV4,
    /// After how many idle seconds this end sends an empty packet. Without it, a session ends after three idle minutes
    /// and the next packet must start another.
    pub keepalive_seconds: Option<u16>,
}

/// One end of a tunnel; it exists as long as this value.
pub struct Tunnel {
    shared: Arc<Shared>,
    stop: EventFd,
    thread: Option<JoinHandle<Result<(), Errno>>>,
}

/// The statistics of one end of a tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// The age of the last handshake; `None` without a session.
    pub since_handshake: Option<Duration>,
    /// Bytes received from the peer: handshakes, and decrypted packets.
    pub received: usize,
    /// Bytes sent to the peer: handshakes, and packets before encryption, plus 32 bytes each.
    pub sent: usize,
    /// The peer's last known endpoint, at first the configured one.
    pub peer_address: SocketAddrV4,
}

/// Errors of tunnels.
#[derive(Debug, thiserror::Error)]
pub enum TunnelError {
    /// The kernel refused the interface, for example because the name is taken.
    #[error("cannot create the TUN interface {name}")]
    Open {
        /// The requested interface.
        name: IfName,
        /// The kernel's error.
        #[source]
        source: io::Error,
    },
    /// Packets of this size do not fit into the encryption buffers.
    #[error("a tunnel takes packets of {most} bytes at most, not of {mtu}", most = interface::LARGEST_MTU)]
    Mtu {
        /// The requested size, in bytes.
        mtu: u16,
    },
    /// The kernel refused the UDP socket, for example because no interface has the address.
    #[error("cannot open a UDP socket on {address}")]
    Bind {
        /// The requested address.
        address: SocketAddrV4,
        /// The kernel's error.
        #[source]
        source: io::Error,
    },
    /// The kernel gave no random bytes for a key.
    #[error("cannot generate a key")]
    Random(#[source] getrandom::Error),
    /// The kernel refused the thread, or its descriptors.
    #[error("cannot wait for packets of a tunnel to {peer}")]
    Wait {
        /// The endpoint of the other end.
        peer: SocketAddrV4,
        /// The kernel's error.
        #[source]
        source: io::Error,
    },
    /// The other end did not answer in time.
    #[error("no session with {peer} after {} s", waited.as_secs_f64())]
    NoSession {
        /// The endpoint of the other end.
        peer: SocketAddrV4,
        /// How long this end waited.
        waited: Duration,
    },
}

/// Starts one end of a tunnel.
///
/// With a keepalive it starts a handshake at once; without one, [`Tunnel::ready`] or the first packet does. First bind
/// both ends' [`Underlay`] and bring the path between them up: a lost attempt is repeated only after five seconds, or
/// by [`Tunnel::ready`].
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
            // If this fails, the thread still carries packets.
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
    /// Waits until the ends have agreed on keys, so that the next packet passes. Without keys, or with keys due for
    /// renewal, it starts a handshake at once and every second. Both ends may wait at the same time.
    ///
    /// Keys remain valid for two minutes, even if the path or the peer fails.
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
            // From here on no notification is missed.
            agreed.as_mut().enable();
            if self.shared.is_active_or_call(patience) {
                return;
            }
            patience = REPEAT;
            // After a notification or a timeout, the next turn checks again.
            let _ = time::timeout(patience, agreed).await;
        }
    }

    /// The statistics of this end.
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
            // A thread that failed or panicked has stopped too.
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
