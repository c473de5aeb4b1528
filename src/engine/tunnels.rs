//! Site-to-site tunnels: keys, and both ends set going, by a process or by the kernel.

use std::net::SocketAddrV4;
use std::time::Duration;

use crate::engine::EngineError;
use crate::kernel::{self, Build, WireGuardEnd, WireGuardPeer};
use crate::names::IfName;
use crate::plan::{Operation, Plan, TunnelEnd};
use crate::tunnel::keys::KeyPair;
use crate::tunnel::{self, Endpoint, Tun, Tunnel, Underlay};

/// Keeps a tunnel's session alive and has it made at once (the interval of `WireGuard`'s own advice).
const KEEPALIVE_SECONDS: u16 = 25;

/// How long a tunnel's first handshake may take beyond its round trip: it is a matter of
/// milliseconds, and a busy machine's of a second.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);

/// Starts every connection's tunnel over its two interfaces and sockets, and waits until it has a
/// session.
pub(super) async fn start(
    plan: &Plan,
    ends: impl Iterator<Item = (usize, [(Tun, Underlay); 2])>,
) -> Result<Vec<(String, [Tunnel; 2])>, EngineError> {
    let mut tunnels = Vec::new();
    let mut awaited = Vec::new();
    for (index, [a, b]) in ends {
        let Operation::AddTunnel {
            name,
            ends,
            port,
            carried,
        } = &plan.operations[index]
        else {
            continue;
        };
        let keys = [KeyPair::generate()?, KeyPair::generate()?];
        let public = keys.each_ref().map(KeyPair::public);
        let [key_a, key_b] = keys;
        let address = |end: &TunnelEnd| SocketAddrV4::new(end.public, *port);
        let endpoint = |(tun, underlay), keys, peer, peer_address| Endpoint {
            tun,
            underlay,
            keys,
            peer,
            peer_address,
            keepalive_seconds: Some(KEEPALIVE_SECONDS),
        };
        let a = tunnel::start(endpoint(a, key_a, public[1], address(&ends[1]))).await?;
        let b = tunnel::start(endpoint(b, key_b, public[0], address(&ends[0]))).await?;
        tunnels.push((name.clone(), [a, b]));
        awaited.push(*carried);
    }
    // One whose way is down from the start has nobody to agree with yet.
    let carried = tunnels.iter().zip(awaited).filter(|(_, carried)| *carried);
    for ((_, [a, b]), _) in carried {
        tokio::try_join!(a.ready(HANDSHAKE_PATIENCE), b.ready(HANDSHAKE_PATIENCE))?;
    }
    Ok(tunnels)
}

/// Gives the kernel's tunnels their keys.
pub(super) fn configure(plan: &Plan, build: &Build<'_>) -> Result<(), EngineError> {
    for operation in &plan.operations {
        let Operation::AddTunnel {
            name, ends, port, ..
        } = operation
        else {
            continue;
        };
        let keys = [KeyPair::generate()?, KeyPair::generate()?];
        for (own, other) in [(0, 1), (1, 0)] {
            let end = WireGuardEnd {
                name: ends[own].device.name.clone(),
                private_key: keys[own].private(),
                port: *port,
                peer: WireGuardPeer {
                    public_key: keys[other].public().to_bytes(),
                    address: SocketAddrV4::new(ends[other].public, *port).into(),
                    keepalive_seconds: KEEPALIVE_SECONDS,
                },
            };
            let configured = build
                .space(ends[own].device.node)
                .within(|| kernel::configure_wireguard(&end));
            configured
                .and_then(|result| result)
                .map_err(|source| failed(name, &end.name, source))?;
        }
    }
    Ok(())
}

fn failed(connection: &str, interface: &IfName, source: std::io::Error) -> EngineError {
    EngineError::system(
        format!("configure tunnel {connection} at {interface}"),
        source,
    )
}
