//! The kernel's `WireGuard` tunnels, or the error of a kernel without them.

use std::net::{Ipv4Addr, SocketAddr};

use super::*;
use crate::kernel::{
    WireGuardEnd, WireGuardPeer, WireGuardSeen, configure_wireguard, probe, renew_wireguard,
    wireguard_peers,
};
use crate::plan::{TunnelEnd, TunnelPlan};

const PORT: u16 = 51_820;

/// Private keys, and their public keys (`wg pubkey`).
const PRIVATE: [[u8; 32]; 2] = [[1; 32], [2; 32]];
const PUBLIC: [[u8; 32]; 2] = [
    [
        0xa4, 0xe0, 0x92, 0x92, 0xb6, 0x51, 0xc2, 0x78, 0xb9, 0x77, 0x2c, 0x56, 0x9f, 0x5f, 0xa9,
        0xbb, 0x13, 0xd9, 0x06, 0xb4, 0x6a, 0xb6, 0x8c, 0x9d, 0xf9, 0xdc, 0x2b, 0x44, 0x09, 0xf8,
        0xa2, 0x09,
    ],
    [
        0xce, 0x8d, 0x3a, 0xd1, 0xcc, 0xb6, 0x33, 0xec, 0x7b, 0x70, 0xc1, 0x78, 0x14, 0xa5, 0xc7,
        0x6e, 0xcd, 0x02, 0x96, 0x85, 0x05, 0x0d, 0x34, 0x47, 0x45, 0xba, 0x05, 0x87, 0x0e, 0x58,
        0x7d, 0x59,
    ],
];

fn public_address(node: usize) -> Ipv4Addr {
    [Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::new(192, 0, 2, 2)][node]
}

/// An end with an MTU of 1500 bytes, like an Azure gateway's, and one like a customer device's.
fn plan() -> Plan {
    let end = |node, mtu| TunnelEnd {
        device: device(node, "tunnel"),
        public: public_address(node).into(),
        mtu,
    };
    let mut plan = left_and_right("kx-tunnel", [Impairment::default(); 2]);
    plan.tunnels.push(TunnelPlan {
        id: LinkId(1),
        name: "tunnel".to_owned(),
        ends: [end(0, 1500), end(1, 1400)],
        port: PORT,
        carried: true,
    });
    for (node, address) in plan.nodes.iter_mut().zip(["10.0.0.1/24", "10.0.0.2/24"]) {
        node.entries.push(numbered("tunnel", address));
    }
    plan
}

fn end(own: usize) -> WireGuardEnd {
    let other = 1 - own;
    WireGuardEnd {
        name: IfName::new("tunnel").unwrap(),
        private_key: PRIVATE[own],
        port: PORT,
        peer: WireGuardPeer {
            public_key: PUBLIC[other],
            address: SocketAddr::from((public_address(other), PORT)),
            keepalive_seconds: 25,
        },
    }
}

fn seen(stand: &Stand, own: usize) -> WireGuardSeen {
    let peers = stand.within(own, || wireguard_peers(&end(own).name).unwrap());
    assert_eq!(peers.len(), 1);
    assert_eq!(peers[0].public_key, PUBLIC[1 - own]);
    peers[0]
}

#[test]
fn the_kernels_tunnel_cuts_what_is_too_large_and_is_renewed_at_once() {
    let stand = match Stand::try_build(plan()) {
        Ok(stand) => stand,
        Err(failure) => {
            assert!(!probe(&BTreeSet::new()).unwrap().wireguard);
            let named = failure.to_string();
            assert!(
                named.contains("no WireGuard, which `tunnel add tunnel tunnel@n0"),
                "{named}"
            );
            return;
        }
    };
    for node in [0, 1] {
        stand.within(node, || configure_wireguard(&end(node)).unwrap());
    }
    stand.run(0, "ping -c 1 -W 9 10.0.0.2");
    // The gateway's end accepts full packets; once encrypted they are too large, and are fragmented.
    stand.run(0, "ping -c 1 -W 9 -M do -s 1472 10.0.0.2");
    let too_large = stand.start(1, "ping -c 1 -W 1 -M do -s 1472 10.0.0.1");
    assert!(!too_large.wait_with_output().unwrap().status.success());
    let before = seen(&stand, 0);
    assert!(before.handshake.is_some() && before.received > 1472 && before.sent > 1472);

    // The other end loses its session, and its handshake attempt fails: it would repeat it after 5 s.
    stand.run(1, "ip link set right down");
    stand.within(1, || renew_wireguard(&end(1)).unwrap());
    assert_eq!(seen(&stand, 1).handshake, None);
    stand.run(1, "ip link set right up");
    stand.within(0, || renew_wireguard(&end(0)).unwrap());
    stand.run(0, "ping -c 1 -W 3 10.0.0.2");
    assert!(seen(&stand, 0).handshake > before.handshake);
}
