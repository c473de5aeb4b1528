//! Site-to-site tunnels: keys, and the start of both ends, by a process or the kernel.

use std::io;
use std::net::SocketAddrV4;
use std::time::{Duration, SystemTime};

use crate::control::TunnelStatus;
use crate::kernel::netns::Netns;
use crate::kernel::{self, WireGuardEnd, WireGuardPeer};
use crate::names::IfName;
use crate::plan::{Plan, TunnelEnd, TunnelPlan};
use crate::supervisor::error::SupervisorError;
use crate::topology::LinkId;
use crate::tunnel::keys::KeyPair;
use crate::tunnel::{self, Endpoint, Tun, Tunnel, Underlay};

/// Keeps a tunnel's session alive and establishes it at once (the interval that `WireGuard` itself recommends).
const KEEPALIVE_SECONDS: u16 = 25;

/// How long a tunnel's first handshake may take in addition to its round-trip time: usually milliseconds, on a busy
/// machine a second.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);

/// How long the ends of a tunnel may take to agree on keys after their path is back.
const RENEWAL_PATIENCE: Duration = Duration::from_secs(2);

/// The tunnels of a running lab, by connection, with both ends of each.
pub enum Tunnels {
    /// This process carries them.
    Userspace(Vec<(String, [Tunnel; 2])>),
    /// The kernel carries them.
    Kernel(Vec<(String, [KernelEnd; 2])>),
}

/// A kernel tunnel's end, with its keys.
pub struct KernelEnd {
    namespace: String,
    end: WireGuardEnd,
}

impl Tunnels {
    /// Makes the ends of tunnels agree on new keys, if they can reach each other. Otherwise, after a long outage, they
    /// would do so only at their next attempt, seconds later.
    pub async fn renew(&self, names: &[String]) {
        match self {
            Self::Userspace(tunnels) => {
                for (_, [a, b]) in tunnels.iter().filter(|(name, _)| names.contains(name)) {
                    // An end that is still cut off retries by itself.
                    let _ = tokio::try_join!(a.ready(RENEWAL_PATIENCE), b.ready(RENEWAL_PATIENCE));
                }
            }
            Self::Kernel(tunnels) => {
                let meant = tunnels.iter().filter(|(name, _)| names.contains(name));
                // One end starts the handshake, and the other answers. A missing interface has nothing to renew.
                for (_, [near, _]) in meant {
                    let _ = near.within(|| kernel::renew_wireguard(&near.end));
                }
            }
        }
    }

    /// Removes a tunnel, if it exists.
    pub(super) fn end(&mut self, name: &str) {
        match self {
            Self::Userspace(tunnels) => tunnels.retain(|(own, _)| own != name),
            Self::Kernel(tunnels) => tunnels.retain(|(own, _)| own != name),
        }
    }

    /// Adds other tunnels of the same backend.
    pub(super) fn join(&mut self, others: Self) {
        match (self, others) {
            (Self::Userspace(tunnels), Self::Userspace(others)) => tunnels.extend(others),
            (Self::Kernel(tunnels), Self::Kernel(others)) => tunnels.extend(others),
            _ => {}
        }
    }

    /// The state of each tunnel, as seen from its first end.
    #[must_use]
    pub fn status(&self) -> Vec<TunnelStatus> {
        match self {
            Self::Userspace(tunnels) => {
                let tunnels = tunnels.iter();
                tunnels
                    .map(|(name, [near, _])| {
                        let stats = near.stats();
                        TunnelStatus {
                            name: name.clone(),
                            since_handshake_ms: stats.since_handshake.map(milliseconds),
                            received_bytes: stats.received as u64,
                            sent_bytes: stats.sent as u64,
                        }
                    })
                    .collect()
            }
            Self::Kernel(tunnels) => {
                let tunnels = tunnels.iter();
                tunnels
                    .filter_map(|(name, [near, _])| near.status(name))
                    .collect()
            }
        }
    }
}

impl KernelEnd {
    fn within<T: Send>(&self, work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
        Netns::open(&self.namespace)?.within(work)?
    }

    fn status(&self, name: &str) -> Option<TunnelStatus> {
        let seen = self
            .within(|| kernel::wireguard_peers(&self.end.name))
            .ok()?;
        let seen = seen.first()?;
        Some(TunnelStatus {
            name: name.to_owned(),
            since_handshake_ms: seen.handshake.and_then(since),
            received_bytes: seen.received,
            sent_bytes: seen.sent,
        })
    }
}

/// Milliseconds since a Unix time.
#[expect(
    clippy::disallowed_methods,
    reason = "the kernel tells the time of a handshake by the wall clock"
)]
fn since(time: Duration) -> Option<u64> {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()?;
    Some(milliseconds(now.saturating_sub(time)))
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Starts every connection's tunnel over its two interfaces and sockets, and waits until it has a session.
pub(super) async fn start(
    plan: &Plan,
    ends: impl Iterator<Item = (LinkId, [(Tun, Underlay); 2])>,
) -> Result<Tunnels, SupervisorError> {
    let mut tunnels = Vec::new();
    let mut awaited = Vec::new();
    for (link, [a, b]) in ends {
        let Some(TunnelPlan {
            id: _,
            name,
            ends,
            port,
            carried,
        }) = plan.tunnel(link)
        else {
            continue;
        };
        let keys = [KeyPair::generate()?, KeyPair::generate()?];
        let public = keys.each_ref().map(KeyPair::public);
        let [key_a, key_b] = keys;
        let address = |end: &TunnelEnd| SocketAddrV4::new(end.public.expect_ipv4(), *port);
        let endpoint = |(tun, underlay), keys, peer, peer_address| Endpoint {
            tun,
            underlay,
            keys,
            peer,
            peer_address,
            keepalive_seconds: Some(KEEPALIVE_SECONDS),
        };
        let a = tunnel::start(endpoint(a, key_a, public[1], address(&ends[1])))?;
        let b = tunnel::start(endpoint(b, key_b, public[0], address(&ends[0])))?;
        tunnels.push((name.clone(), [a, b]));
        awaited.push(*carried);
    }
    // A tunnel whose path is down from the start has no reachable peer yet.
    let carried = tunnels.iter().zip(awaited).filter(|(_, carried)| *carried);
    for ((_, [a, b]), _) in carried {
        tokio::try_join!(a.ready(HANDSHAKE_PATIENCE), b.ready(HANDSHAKE_PATIENCE))?;
    }
    Ok(Tunnels::Userspace(tunnels))
}

/// Sets the keys of the kernel's tunnels.
pub(super) fn configure(plan: &Plan) -> Result<Tunnels, SupervisorError> {
    let mut tunnels = Vec::new();
    for tunnel in &plan.tunnels {
        let TunnelPlan {
            name, ends, port, ..
        } = tunnel;
        let keys = [KeyPair::generate()?, KeyPair::generate()?];
        let configured = [(0, 1), (1, 0)].map(|(own, other)| -> Result<_, SupervisorError> {
            let end = WireGuardEnd {
                name: ends[own].device.name.clone(),
                private_key: keys[own].private(),
                port: *port,
                peer: WireGuardPeer {
                    public_key: keys[other].public().to_bytes(),
                    address: SocketAddrV4::new(ends[other].public.expect_ipv4(), *port).into(),
                    keepalive_seconds: KEEPALIVE_SECONDS,
                },
            };
            let namespace = plan.namespace(ends[own].device.node);
            let end = KernelEnd { namespace, end };
            end.within(|| kernel::configure_wireguard(&end.end))
                .map_err(|source| failed(name, &end.end.name, source))?;
            Ok(end)
        });
        let [near, far] = configured;
        tunnels.push((name.clone(), [near?, far?]));
    }
    Ok(Tunnels::Kernel(tunnels))
}

fn failed(connection: &str, interface: &IfName, source: std::io::Error) -> SupervisorError {
    SupervisorError::system(
        format!("configure tunnel {connection} at {interface}"),
        source,
    )
}
