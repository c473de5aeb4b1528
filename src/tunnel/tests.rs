//! A tunnel between real namespaces. It needs root.
#![expect(
    clippy::disallowed_methods,
    reason = "namespaces are made and left without the module that does it for labs, Debian's ip and ping judge, and the time to a session is shown"
)]

use std::{
    fs::File,
    net::Ipv4Addr,
    os::fd::{AsRawFd, OwnedFd},
    process::{self, Command},
    thread,
    time::Instant,
};

use nix::{
    sched::{CloneFlags, setns, unshare},
    sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, socket},
};
use tokio::{runtime::Handle, task::spawn_blocking};

use super::*;

const PATIENCE: Duration = Duration::from_secs(5);

/// The bytes that fill the pings of these tests, and how ping is told to send them.
const MARK: &[u8] = b"in the clear";
const MARK_AS_HEX: &str = "696e2074686520636c656172";

/// UDP's number in an IPv4 header.
const UDP: u8 = 17;

/// A namespace that ends with this value and with what was opened in it.
struct Namespace(File);

impl Namespace {
    fn create() -> Self {
        on_fresh_thread(|| {
            unshare(CloneFlags::CLONE_NEWNET).expect("these tests need root");
            Self(File::open("/proc/thread-self/ns/net").unwrap())
        })
    }

    fn within<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        on_fresh_thread(|| {
            setns(&self.0, CloneFlags::CLONE_NEWNET).unwrap();
            work()
        })
    }

    /// What a command prints inside. It fails the test when the command fails.
    fn run(&self, command: &str) -> String {
        let mut words = command.split_whitespace();
        let output = self.within(|| {
            Command::new(words.next().unwrap())
                .args(words)
                .output()
                .unwrap()
        });
        assert!(output.status.success(), "{command}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// A socket that receives a copy of every frame of every interface inside.
    fn capture(&self) -> OwnedFd {
        let open = || {
            socket(
                AddressFamily::Packet,
                SockType::Raw,
                SockFlag::SOCK_NONBLOCK,
                SockProtocol::EthAll,
            )
        };
        self.within(open).unwrap()
    }
}

fn on_fresh_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(work).join().unwrap())
}

/// Where a tunnel's socket is: 192.0.2.1 or 192.0.2.2.
const fn outside(host: u8) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, host), 51820)
}

/// Namespaces that own 192.0.2.1 and 192.0.2.2, and the switch between them.
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
        let inside = format!("/proc/{}/fd/{}", process::id(), end.0.as_raw_fd());
        switch.run(&format!(
            "ip link add p{host} type veth peer name u0 netns {inside}"
        ));
        switch.run(&format!("ip link set p{host} up master bridge0"));
        end.run(&format!("ip address add 192.0.2.{host}/24 dev u0"));
        end.run("ip link set u0 up");
        end
    });
    Path { ends, switch }
}

/// One end of a tunnel that has 10.0.0.1 or 10.0.0.2 inside.
fn endpoint(namespace: &Namespace, host: u8, keys: KeyPair, peer: PublicKey) -> Endpoint {
    let runtime = Handle::current();
    let name = IfName::new("t0").unwrap();
    let tun = namespace.within(|| Tun::open(&name, 1420)).unwrap();
    let link = namespace.run("ip -o link show dev t0");
    assert!(
        link.contains("mtu 1420") && link.contains("state DOWN"),
        "{link}"
    );
    namespace.run(&format!("ip address add 10.0.0.{host}/24 dev t0"));
    namespace.run("ip link set t0 up");
    Endpoint {
        tun,
        underlay: namespace
            .within(|| Underlay::bind(outside(host), &runtime))
            .unwrap(),
        keys,
        peer,
        peer_address: outside(3 - host),
        keepalive_seconds: None,
    }
}

/// Both ends of a tunnel between two namespaces, ready to be started.
fn endpoints([left, right]: &[Namespace; 2]) -> [Endpoint; 2] {
    let [left_keys, right_keys] = [(); 2].map(|()| KeyPair::generate().unwrap());
    let (left_public, right_public) = (left_keys.public(), right_keys.public());
    [
        endpoint(left, 1, left_keys, right_public),
        endpoint(right, 2, right_keys, left_public),
    ]
}

/// All that `capture` has seen.
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
    let (left, right) = (start(left).await.unwrap(), start(right).await.unwrap());
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

    let (near, far) = (left.stats().await, right.stats().await);
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
    let (left, right) = (start(left).await.unwrap(), start(right).await.unwrap());
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
    let (left, _right) = (start(left).await.unwrap(), start(right).await.unwrap());
    while left.stats().await.since_handshake.is_none() {
        assert!(began.elapsed() < PATIENCE);
        time::sleep(Duration::from_millis(1)).await;
    }
    println!("session after {:?}", began.elapsed());
    // The end that was called may send first.
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
    let left = start(left).await.unwrap();
    let error = left.ready(Duration::from_millis(500)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no session with 192.0.2.2:51820 after 0.5 s"
    );
    assert_eq!(left.stats().await.since_handshake, None);
}

#[tokio::test]
async fn privileged_a_dropped_tunnel_takes_its_interface_along() {
    let Path {
        ends,
        switch: _switch,
    } = path();
    let [left, _right] = endpoints(&ends);
    let tunnel = start(left).await.unwrap();
    let [mut near, _far] = ends;
    drop(tunnel);
    let began = Instant::now();
    loop {
        let (namespace, links) = run(near, "ip -o link".to_owned()).await;
        if !links.contains("t0") {
            break;
        }
        assert!(began.elapsed() < PATIENCE, "{links}");
        near = namespace;
    }
}

#[test]
fn privileged_what_the_kernel_refuses_is_named() {
    let namespace = Namespace::create();
    let name = IfName::new("t0").unwrap();
    let _tun = namespace.within(|| Tun::open(&name, 1420)).unwrap();
    let taken = namespace.within(|| Tun::open(&name, 1420)).unwrap_err();
    assert_eq!(taken.to_string(), "cannot create the TUN interface t0");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .unwrap();
    // Without any address at all, the kernel would take every one.
    namespace.run("ip link set lo up");
    let absent = namespace
        .within(|| Underlay::bind(outside(1), runtime.handle()))
        .unwrap_err();
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
        "a tunnel takes packets of 4064 bytes at most, not of 9000"
    );
}
