//! Tests tunnels between real namespaces. They need root.
#![expect(
    clippy::disallowed_methods,
    reason = "namespaces are made and left without the module that does it for labs, Debian's ip and ping judge, and the time to a session is shown"
)]

mod namespace;

use std::{
    fs::File,
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    os::fd::{AsRawFd, OwnedFd},
    process::{self, Command, Output},
    thread,
    time::Instant,
};

use nix::{
    sched::{CloneFlags, setns, unshare},
    sys::socket::{
        AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, setsockopt, socket,
        sockopt,
    },
};
use tokio::task::spawn_blocking;

use super::*;
use namespace::Namespace;

const PATIENCE: Duration = Duration::from_secs(5);

/// The payload of these tests' pings, and the same in hexadecimal for `ping -p`.
const MARK: &[u8] = b"in the clear";
const MARK_AS_HEX: &str = "696e2074686520636c656172";

/// UDP's protocol number in an IPv4 header.
const UDP: u8 = 17;

/// The address of a tunnel's socket: 192.0.2.1 or 192.0.2.2.
const fn outside(host: u8) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, host), 51820)
}

/// Namespaces with 192.0.2.1 and 192.0.2.2, and the switch between them.
struct Path {
    ends: [Namespace; 2],
    switch: Namespace,
}

fn path() -> Path {
    let switch = Namespace::create();
    switch.run("ip link add name bridge0 type bridge mcast_snooping 0");
    switch.run("ip link set bridge0 up");
    let ends = [1, 2].map(|host| {
        let end = Namespace::create();
        switch.run(&format!(
            "ip link add p{host} type veth peer name u0 netns {}",
            end.path()
        ));
        switch.run(&format!("ip link set p{host} up master bridge0"));
        end.run(&format!("ip address add 192.0.2.{host}/24 dev u0"));
        end.run("ip link set u0 up");
        end
    });
    Path { ends, switch }
}

/// One end of a tunnel, with 10.0.0.1 or 10.0.0.2 on its interface and no peer yet.
fn endpoint(namespace: &Namespace, host: u8, mtu: u16, keys: KeyPair) -> Endpoint {
    let name = IfName::new("t0").unwrap();
    let tun = namespace.within(|| Tun::open(&name, mtu)).unwrap();
    let link = namespace.run("ip -o link show dev t0");
    assert!(
        link.contains(&format!("mtu {mtu}")) && link.contains("state DOWN"),
        "{link}"
    );
    namespace.run(&format!("ip address add 10.0.0.{host}/24 dev t0"));
    namespace.run("ip link set t0 up");
    Endpoint {
        tun,
        underlay: namespace.within(|| Underlay::bind(outside(host))).unwrap(),
        peer: keys.public(),
        keys,
        peer_address: outside(3 - host),
        keepalive_seconds: None,
    }
}

/// Both ends of a tunnel between two namespaces, ready to be started.
fn endpoints(ends: &[Namespace; 2]) -> [Endpoint; 2] {
    endpoints_of(ends, [1420; 2])
}

/// The same, with these MTUs.
fn endpoints_of([left, right]: &[Namespace; 2], mtus: [u16; 2]) -> [Endpoint; 2] {
    let [left_keys, right_keys] = [(); 2].map(|()| KeyPair::generate().unwrap());
    let (left_public, right_public) = (left_keys.public(), right_keys.public());
    let mut left = endpoint(left, 1, mtus[0], left_keys);
    let mut right = endpoint(right, 2, mtus[1], right_keys);
    left.peer = right_public;
    right.peer = left_public;
    [left, right]
}

/// All frames that `capture` has received.
fn frames(capture: &OwnedFd) -> Vec<Vec<u8>> {
    let mut buffer = [0; 4096];
    let next = || {
        recv(capture.as_raw_fd(), &mut buffer, MsgFlags::empty())
            .ok()
            .map(|len| buffer[..len].to_vec())
    };
    std::iter::from_fn(next).collect()
}

fn shows_the_mark(frame: impl AsRef<[u8]>) -> bool {
    frame
        .as_ref()
        .windows(MARK.len())
        .any(|window| window == MARK)
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
        .block_on(work)
}

async fn run(namespace: Namespace, command: String) -> (Namespace, String) {
    spawn_blocking(move || {
        let printed = namespace.run(&command);
        (namespace, printed)
    })
    .await
    .unwrap()
}

#[tokio::test]
#[expect(
    clippy::print_stdout,
    reason = "the figures are wanted where the test runs"
)]
async fn privileged_a_ping_passes_and_is_not_seen_outside() {
    let Path { ends, switch } = path();
    let [left, right] = endpoints(&ends);
    let [near, _far] = ends;
    let (inside, outside) = (near.capture(), switch.capture());
    let began = Instant::now();
    let (left, right) = (start(left).unwrap(), start(right).unwrap());
    left.ready(PATIENCE).await.unwrap();
    println!("session after {:?}", began.elapsed());

    let (_near, report) = run(
        near,
        format!("ping -c 20 -i 0.02 -q -p {MARK_AS_HEX} 10.0.0.2"),
    )
    .await;
    println!("{report}");
    assert!(report.contains("20 received"), "{report}");

    assert!(frames(&inside).iter().any(shows_the_mark));
    let outside = frames(&outside);
    assert!(!outside.iter().any(shows_the_mark));
    let ipv4: Vec<_> = outside
        .iter()
        .filter(|frame| frame[12..14] == [0x08, 0x00])
        .collect();
    assert!(
        ipv4.len() >= 40 && ipv4.iter().all(|frame| frame[23] == UDP),
        "{ipv4:x?}"
    );

    let (near, far) = (left.stats(), right.stats());
    assert!(near.since_handshake.is_some() && far.since_handshake.is_some());
    assert!(
        near.sent > far.received && far.received > 20 * 84,
        "{near:?} {far:?}"
    );
}

#[tokio::test]
async fn privileged_both_ends_may_call_each_other_at_once() {
    let Path {
        ends,
        switch: _switch,
    } = path();
    let [left, right] = endpoints(&ends);
    let (left, right) = (start(left).unwrap(), start(right).unwrap());
    let (left_ready, right_ready) = tokio::join!(left.ready(PATIENCE), right.ready(PATIENCE));
    assert!(
        left_ready.is_ok() && right_ready.is_ok(),
        "{left_ready:?} {right_ready:?}"
    );
}

#[tokio::test]
#[expect(
    clippy::print_stdout,
    reason = "the figures are wanted where the test runs"
)]
async fn privileged_an_end_with_a_keepalive_calls_by_itself() {
    let Path {
        ends,
        switch: _switch,
    } = path();
    let [mut left, right] = endpoints(&ends);
    left.keepalive_seconds = Some(25);
    let [near, far] = ends;
    let began = Instant::now();
    let (left, _right) = (start(left).unwrap(), start(right).unwrap());
    while left.stats().since_handshake.is_none() {
        assert!(began.elapsed() < PATIENCE);
        time::sleep(Duration::from_millis(1)).await;
    }
    println!("session after {:?}", began.elapsed());
    // The end that answered the handshake may send first.
    let (_far, report) = run(far, "ping -c 1 -W 1 10.0.0.1".to_owned()).await;
    assert!(report.contains("1 received"), "{report}");
    drop(near);
}

#[tokio::test]
async fn privileged_an_end_without_a_peer_says_that_no_session_came() {
    let Path {
        ends,
        switch: _switch,
    } = path();
    let [left, _right_is_not_started] = endpoints(&ends);
    let left = start(left).unwrap();
    let error = left.ready(Duration::from_millis(500)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no session with 192.0.2.2:51820 after 0.5 s"
    );
    assert_eq!(left.stats().since_handshake, None);
}

#[test]
fn privileged_a_dropped_tunnel_takes_its_interface_along() {
    let Path {
        ends,
        switch: _switch,
    } = path();
    let [left, _right] = endpoints(&ends);
    let tunnel = start(left).unwrap();
    assert!(ends[0].run("ip -o link").contains("t0"));
    drop(tunnel);
    let links = ends[0].run("ip -o link");
    assert!(!links.contains("t0"), "{links}");
}

#[test]
fn privileged_an_end_outlives_its_interface() {
    let Path {
        ends,
        switch: _switch,
    } = path();
    let [left, right] = endpoints(&ends);
    let (left, right) = (start(left).unwrap(), start(right).unwrap());
    ends[0].run("ip link del t0");
    // The end still answers its peer.
    block_on(right.ready(PATIENCE)).unwrap();
    assert!(left.stats().since_handshake.is_some());
}

#[test]
fn privileged_a_large_packet_passes_in_fragments() {
    let Path { ends, switch } = path();
    let [left, right] = endpoints_of(&ends, [1500; 2]);
    let (left, _right) = (start(left).unwrap(), start(right).unwrap());
    block_on(left.ready(PATIENCE)).unwrap();
    let outside = switch.capture();
    ends[0].run("ping -q -c 1 10.0.0.2");
    // All at once, so that several are sent in one call.
    let report = ends[0].run("ping -q -M do -s 1472 -l 60 -c 60 10.0.0.2");
    assert!(report.contains("60 received"), "{report}");
    // Bits of the header's seventh byte (RFC 791, section 3.1).
    let (may_not_be_cut, more_follow) = (0x40, 0x20);
    let frames = frames(&outside);
    let flags: Vec<u8> = frames
        .iter()
        .filter(|frame| frame[12..14] == [0x08, 0x00] && frame[23] == UDP)
        .map(|frame| frame[20])
        .collect();
    assert!(flags.iter().any(|flags| flags & more_follow != 0));
    assert!(flags.iter().all(|flags| flags & may_not_be_cut == 0));
}

#[test]
fn privileged_a_narrow_end_says_what_it_takes() {
    let Path {
        ends,
        switch: _switch,
    } = path();
    let [left, right] = endpoints_of(&ends, [1500, 1400]);
    let (_left, right) = (start(left).unwrap(), start(right).unwrap());
    block_on(right.ready(PATIENCE)).unwrap();
    let [near, far] = &ends;
    // A host behind the end with the smaller MTU.
    let host = Namespace::create();
    far.run(&format!(
        "ip link add h0 type veth peer name h1 netns {}",
        host.path()
    ));
    far.run("ip address add 10.0.1.1/24 dev h0");
    far.run("ip link set h0 up");
    far.run("sysctl -qw net.ipv4.ip_forward=1");
    host.run("ip address add 10.0.1.2/24 dev h1");
    host.run("ip link set h1 up");
    host.run("ip route add default via 10.0.1.1");
    near.run("ip route add 10.0.1.0/24 dev t0");

    let refused = far.run_in_vain("ping -M do -s 1472 -c 1 -W 1 10.0.0.1");
    assert!(refused.contains("mtu=1400"), "{refused}");
    let refused = host.run_in_vain("ping -M do -s 1472 -c 1 -W 1 10.0.0.1");
    assert!(
        refused.contains("Frag needed and DF set (mtu = 1400)"),
        "{refused}"
    );
    host.run("ping -M do -s 1372 -c 1 -W 5 10.0.0.1");
    // The other direction has no limit: the end accepts packets of any size from the tunnel.
    near.run("ping -M do -s 1472 -c 1 -W 5 10.0.1.2");
}

/// The ends of a tunnel segment and merge TCP packets, for any segment size.
#[test]
fn privileged_a_stream_arrives_whole() {
    let Path {
        ends,
        switch: _switch,
    } = path();
    let [left, right] = endpoints_of(&ends, [1420; 2]);
    let (_left, _right) = (start(left).unwrap(), start(right).unwrap());
    for largest_segment in [1360, 536, 88] {
        transfer(&ends, largest_segment);
    }
    let counters = ends[1].run("cat /proc/net/snmp");
    let tcp: Vec<_> = counters
        .lines()
        .filter(|line| line.starts_with("Tcp:"))
        .map(|line| line.split_whitespace())
        .collect();
    let wrong = tcp[0].clone().position(|name| name == "InCsumErrors");
    assert_eq!(tcp[1].clone().nth(wrong.unwrap()), Some("0"), "{counters}");
}

fn transfer([near, far]: &[Namespace; 2], largest_segment: u32) {
    let sent: Vec<u8> = (0..4_000_000_u32)
        .map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    let listener = far.within(|| TcpListener::bind("10.0.0.2:7000")).unwrap();
    setsockopt(&listener, sockopt::TcpMaxSeg, &largest_segment).unwrap();
    let mut sender = near.within(|| TcpStream::connect("10.0.0.2:7000")).unwrap();
    let (mut receiver, _) = listener.accept().unwrap();
    let mut whole = Vec::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            sender.write_all(&sent).unwrap();
            sender.shutdown(Shutdown::Write).unwrap();
        });
        receiver.read_to_end(&mut whole).unwrap();
    });
    assert!(whole == sent, "segments of {largest_segment} bytes");
}

#[test]
fn privileged_what_the_kernel_refuses_is_named() {
    let namespace = Namespace::create();
    let name = IfName::new("t0").unwrap();
    let _tun = namespace.within(|| Tun::open(&name, 1420)).unwrap();
    let taken = namespace.within(|| Tun::open(&name, 1420)).unwrap_err();
    assert_eq!(taken.to_string(), "cannot create the TUN interface t0");
    // In a namespace without any address, the kernel would accept every one.
    namespace.run("ip link set lo up");
    let absent = namespace.within(|| Underlay::bind(outside(1))).unwrap_err();
    assert_eq!(
        absent.to_string(),
        "cannot open a UDP socket on 192.0.2.1:51820"
    );
}

#[test]
fn a_packet_size_beyond_the_buffers_is_refused() {
    let refused = Tun::open(&IfName::new("t0").unwrap(), 9000).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "a tunnel takes packets of 2016 bytes at most, not of 9000"
    );
}
