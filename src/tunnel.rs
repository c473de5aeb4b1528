//! WireGuard tunnels, for kernels that have none.
//!
//! One end of a tunnel is a TUN interface and a UDP socket, each opened in the namespace where it
//! belongs, and the tasks between them, which run on the caller's tokio runtime. The tasks end
//! when the [`Tunnel`] is dropped, and the interface vanishes with them.
//!
//! Only IPv4 passes, from and to any address: what may use a tunnel is a matter of routes.

use std::{io, net::SocketAddrV4, time::Duration};

use gotatun::device::{Device, DeviceBuilder, Peer};
use tokio::time;

use crate::names::IfName;

mod edges;
pub mod keys;
#[cfg(test)]
mod tests;

pub use edges::{Tun, Underlay};

use edges::{Interface, Sockets};
use keys::{KeyPair, PublicKey};

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
    device: Device<(Sockets, Interface, Interface)>,
    peer: PublicKey,
    peer_address: SocketAddrV4,
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
    #[error("a tunnel takes packets of {most} bytes at most, not of {mtu}", most = edges::LARGEST_MTU)]
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
    /// The runtime refused the interface.
    #[error("cannot wait for packets on a TUN interface")]
    Watch(#[source] io::Error),
    /// The tunnel's tasks could not start, or have ended.
    #[error("the tunnel to {peer} does not run")]
    Run {
        /// Where the other end's socket is.
        peer: SocketAddrV4,
        /// What failed in it.
        #[source]
        source: gotatun::device::Error,
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

/// Starts one end of a tunnel on the current tokio runtime.
///
/// With a keepalive it calls the other end at once; without one, [`Tunnel::ready`] or the first
/// packet does. Bind both ends' [`Underlay`] first and set the path between them up: a call that
/// is lost is only repeated after five seconds.
///
/// # Errors
///
/// [`TunnelError::Watch`] and [`TunnelError::Run`].
pub async fn start(endpoint: Endpoint) -> Result<Tunnel, TunnelError> {
    let peer_address = endpoint.peer_address;
    let interface = Interface::new(endpoint.tun).map_err(TunnelError::Watch)?;
    let mut peer = Peer::new(endpoint.peer.for_gotatun())
        .with_endpoint(peer_address.into())
        .with_allowed_ips(everything());
    peer.keepalive = endpoint.keepalive_seconds;
    let device = DeviceBuilder::new()
        .with_udp(Sockets::new(endpoint.underlay))
        .with_ip(interface)
        .with_private_key(endpoint.keys.for_gotatun())
        .with_peer(peer)
        .build()
        .await
        .map_err(|source| TunnelError::Run {
            peer: peer_address,
            source,
        })?;
    Ok(Tunnel {
        device,
        peer: endpoint.peer,
        peer_address,
    })
}

/// All of IPv4, in a type of gotatun's that it does not name.
fn everything<N: std::str::FromStr>() -> Option<N> {
    "0.0.0.0/0".parse().ok()
}

impl Tunnel {
    /// Waits until the ends have agreed on keys, so that the next packet passes. Calls the other
    /// end unless a call is under way. Both ends may wait at once.
    ///
    /// # Errors
    ///
    /// [`TunnelError::NoSession`] after `patience`, and [`TunnelError::Run`].
    pub async fn ready(&self, patience: Duration) -> Result<(), TunnelError> {
        let peer = self.peer_address;
        time::timeout(
            patience,
            self.device.force_handshake(&self.peer.for_gotatun()),
        )
        .await
        .map_err(|_| TunnelError::NoSession {
            peer,
            waited: patience,
        })?
        .map_err(|source| TunnelError::Run { peer, source })
    }

    /// What this end has seen so far.
    pub async fn stats(&self) -> Stats {
        let peers = self.device.read(async |device| device.peers().await).await;
        let seen = peers.first().map(|peer| &peer.stats);
        Stats {
            since_handshake: seen.and_then(|seen| seen.last_handshake),
            received: seen.map_or(0, |seen| seen.rx_bytes),
            sent: seen.map_or(0, |seen| seen.tx_bytes),
        }
    }
}

impl std::fmt::Debug for Tunnel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tunnel")
            .field("peer", &self.peer)
            .field("peer_address", &self.peer_address)
            .finish_non_exhaustive()
    }
}
