//! MSS clamping.

use std::io::Read;
use std::net::{TcpListener, TcpStream};

use super::*;
use crate::plan::Filter;

/// The MSS in the SYN from `n0` to `n2` and in the answer, as captured at a node.
fn named(stand: &Stand, node: usize) -> Vec<String> {
    let mut capture = stand.start(
        node,
        "tcpdump --immediate-mode -n -i lan -c 2 tcp[tcpflags] & tcp-syn != 0",
    );
    // Its first output means that it listens.
    let stderr = capture.stderr.as_mut().unwrap();
    stderr.read_exact(&mut [0]).unwrap();
    let listener = stand.within(2, || TcpListener::bind("198.51.100.2:80").unwrap());
    while capture.try_wait().unwrap().is_none() {
        let stream = stand.within(0, || TcpStream::connect("198.51.100.2:80").unwrap());
        drop((stream, listener.accept().unwrap()));
    }
    let seen = finish(capture, "tcpdump");
    let sizes = seen.split("mss ").skip(1);
    sizes
        .map(|rest| rest.split([',', ' ', ']']).next().unwrap().to_owned())
        .collect()
}

/// `n0`, `n1`, which clamps the MSS on its link to `n0`, and `n2`.
fn stand(lab: &str) -> Stand {
    let none = [Impairment::default(); 2];
    let first = [(0, "lan", "192.0.2.1/24"), (1, "tunnel", "192.0.2.2/24")];
    let second = [(1, "lan", "198.51.100.1/24"), (2, "lan", "198.51.100.2/24")];
    let mut plan = nodes(lab, 3);
    link(&mut plan, first, none);
    link(&mut plan, second, none);
    plan.nodes[1].filters.push(Filter::ClampMss {
        tunnels: vec![IfName::new("tunnel").unwrap()],
        mss: 1350,
    });
    let stand = Stand::build(plan);
    stand.run(0, "ip route add 198.51.100.0/24 via 192.0.2.2");
    stand.run(2, "ip route add 192.0.2.0/24 via 198.51.100.1");
    stand
}

#[test]
fn a_segment_is_made_to_fit_a_tunnel_and_never_enlarged() {
    let stand = stand("kx-clamp");
    // A received SYN has crossed `n1` and is clamped; a sent one is not yet.
    assert_eq!(named(&stand, 2), ["1350", "1460"]);
    assert_eq!(named(&stand, 0), ["1460", "1350"]);
    stand.run(
        0,
        "ip route change 198.51.100.0/24 via 192.0.2.2 advmss 1200",
    );
    assert_eq!(named(&stand, 2), ["1200", "1460"]);
    stand.run(0, "ip route change 198.51.100.0/24 via 192.0.2.2");
    let shown = stand.within(0, || {
        let _listener = TcpListener::bind("192.0.2.1:81").unwrap();
        stand.within(2, || {
            let _stream = TcpStream::connect("192.0.2.1:81").unwrap();
            stand.run(2, "ss -Htni dst 192.0.2.1")
        })
    });
    // The timestamp option takes 12 bytes of every segment.
    assert!(shown.contains(" mss:1338 "), "{shown}");
}
