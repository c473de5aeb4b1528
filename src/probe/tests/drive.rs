//! Probes between real namespaces: a source and a destination with a router between them.
//!
//! These need root. Nothing is ever sent from the namespace that the tests were started in.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests build namespaces with `ip`, enter them and take the time of a run"
)]

use std::{
    fs::{self, File},
    net::Ipv4Addr,
    process::{self, Command},
    thread,
    time::{Duration, Instant},
};

use nix::sched::{CloneFlags, setns};

use crate::units::Ttl;

use crate::probe::socket::RawIcmp;
use crate::probe::strategy::{Pacing, Target};
use crate::probe::trace::{Hop, ReplyKind};
use crate::probe::train::{Line, Train};
use crate::probe::{Event, Options, drive};

const SOURCE: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 2);
const ROUTER_NEAR_SOURCE: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 1);
const ROUTER_NEAR_DESTINATION: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 1);
const DESTINATION: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);

/// The router drops packets to this address silently.
const BLACK_HOLE: Ipv4Addr = Ipv4Addr::new(10, 0, 3, 1);
/// The router answers packets to this address with "destination unreachable".
const REFUSED: Ipv4Addr = Ipv4Addr::new(10, 0, 4, 1);
/// The source has no route to this address.
const NO_ROUTE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

const OPTIONS: Options = Options {
    pacing: Pacing {
        pace: Duration::from_micros(200),
        most_underway: 250,
        probes_per_hop: 3,
    },
    base_id: 4711,
};

/// The longest expected time for an answer on this machine.
const LONGEST: Duration = Duration::from_millis(50);

/// Three namespaces in a row, removed on drop.
struct Chain {
    prefix: String,
}

impl Chain {
    fn build(test: &str) -> Self {
        let chain = Self {
            prefix: format!("probe-{}-{test}", process::id()),
        };
        let (source, router, destination) = (chain.name("a"), chain.name("r"), chain.name("b"));
        for command in [
            format!("netns add {source}"),
            format!("netns add {router}"),
            format!("netns add {destination}"),
            format!("-n {source} link add eth0 type veth peer name eth1 netns {router}"),
            format!("-n {destination} link add eth0 type veth peer name eth2 netns {router}"),
            format!("-n {source} address add {SOURCE}/24 dev eth0"),
            format!("-n {router} address add {ROUTER_NEAR_SOURCE}/24 dev eth1"),
            format!("-n {router} address add {ROUTER_NEAR_DESTINATION}/24 dev eth2"),
            format!("-n {destination} address add {DESTINATION}/24 dev eth0"),
            format!("-n {source} link set eth0 up"),
            format!("-n {router} link set eth1 up"),
            format!("-n {router} link set eth2 up"),
            format!("-n {destination} link set eth0 up"),
            format!("-n {source} route add 10.0.0.0/8 via {ROUTER_NEAR_SOURCE}"),
            format!("-n {destination} route add 10.0.0.0/8 via {ROUTER_NEAR_DESTINATION}"),
            format!("-n {router} route add blackhole {BLACK_HOLE}"),
            format!("-n {router} route add unreachable {REFUSED}"),
        ] {
            ip(&command);
        }
        chain.within("r", || {
            fs::write("/proc/sys/net/ipv4/ip_forward", "1").unwrap();
            fs::write("/proc/sys/net/ipv4/icmp_ratelimit", "0").unwrap();
        });
        chain
    }

    fn name(&self, node: &str) -> String {
        format!("{}-{node}", self.prefix)
    }

    fn within<T: Send>(&self, node: &str, work: impl FnOnce() -> T + Send) -> T {
        let file = File::open(format!("/run/netns/{}", self.name(node))).unwrap();
        let inside = || {
            setns(file, CloneFlags::CLONE_NEWNET).unwrap();
            work()
        };
        thread::scope(|scope| scope.spawn(inside).join().unwrap())
    }

    fn socket(&self, node: &str) -> RawIcmp {
        self.within(node, || RawIcmp::open().unwrap())
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        for node in ["a", "r", "b"] {
            // A namespace that was never created must not prevent the removal of the others.
            let name = self.name(node);
            Command::new("ip")
                .args(["netns", "del", &name])
                .status()
                .ok();
        }
    }
}

fn ip(arguments: &str) {
    let status = Command::new("ip").args(arguments.split(' ')).status();
    assert!(status.unwrap().success(), "ip {arguments}");
}

fn ttl(hops: u8) -> Ttl {
    Ttl::new(hops).unwrap()
}

fn paced(pace: Duration) -> Pacing {
    Pacing {
        pace,
        ..OPTIONS.pacing
    }
}

fn target(destination: Ipv4Addr, last_ttl: u8, silent: &[u8]) -> Target {
    Target {
        silent: silent.iter().copied().map(ttl).collect(),
        settle: Duration::from_millis(200),
        ..Target::trace(destination, ttl(last_ttl), Duration::from_secs(5))
    }
}

#[test]
fn privileged_both_ways_through_a_router_are_traced_at_once() {
    let chain = Chain::build("trace");
    let sources = [chain.socket("a"), chain.socket("b")];
    let targets = vec![
        (0, target(DESTINATION, 2, &[])),
        (1, target(SOURCE, 2, &[])),
        (
            0,
            Target::trace(DESTINATION, ttl(30), Duration::from_secs(5)),
        ),
        (
            0,
            Target::ping(DESTINATION, ttl(64), Duration::from_secs(5)),
        ),
    ];
    let mut answers = 0;
    let mut count = |event: Event<'_>| answers += usize::from(matches!(event, Event::Answered(_)));
    let started = Instant::now();
    let traces = drive(&sources, targets, &OPTIONS, &mut count).unwrap();
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "waited for nothing"
    );
    let addresses: Vec<Vec<_>> = traces
        .iter()
        .map(|trace| trace.hops.iter().flat_map(Hop::addresses).collect())
        .collect();
    assert_eq!(
        addresses,
        [
            vec![ROUTER_NEAR_SOURCE, DESTINATION],
            vec![ROUTER_NEAR_DESTINATION, SOURCE],
            vec![ROUTER_NEAR_SOURCE, DESTINATION],
            vec![DESTINATION],
        ]
    );
    for hop in traces.iter().flat_map(|trace| &trace.hops) {
        assert_eq!((hop.probes.len(), hop.lost()), (3, 0), "{hop:?}");
        for reply in hop.replies() {
            assert!(reply.round_trip_time > Duration::ZERO, "{hop:?}");
            assert!(reply.round_trip_time < LONGEST, "{hop:?}");
        }
    }
    assert!(answers >= 7 * 3, "{answers}");
}

#[test]
fn privileged_a_dropped_probe_costs_no_more_than_its_settling() {
    let chain = Chain::build("drop");
    let targets = vec![(0, target(BLACK_HOLE, 2, &[1, 2]))];
    let started = Instant::now();
    let traces = drive(&[chain.socket("a")], targets, &OPTIONS, &mut |_| ()).unwrap();
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(200), "{took:?}");
    assert!(took < Duration::from_millis(700), "{took:?}");
    let lost: Vec<_> = traces[0].hops.iter().map(Hop::lost).collect();
    // A router looks up the route before it checks the TTL.
    assert_eq!(lost, [3, 3]);
    assert!(!traces[0].reached());
}

#[test]
fn privileged_a_refusal_and_a_missing_route_spoil_nothing_else() {
    let chain = Chain::build("refuse");
    let targets = vec![
        (0, target(NO_ROUTE, 2, &[])),
        (0, target(REFUSED, 3, &[])),
        (0, target(DESTINATION, 2, &[])),
    ];
    let started = Instant::now();
    let traces = drive(&[chain.socket("a")], targets, &OPTIONS, &mut |_| ()).unwrap();
    let took = started.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
    let [no_route, refused, reached] = &traces[..] else {
        panic!("{traces:?}");
    };
    let reason = no_route.hops[0].send_error.as_deref().unwrap();
    assert!(reason.contains("Network is unreachable"), "{reason}");
    let refusal = refused.hops[0].replies().next().unwrap();
    assert_eq!(
        (refusal.from, refusal.kind),
        (ROUTER_NEAR_SOURCE, ReplyKind::Unreachable(1))
    );
    assert!(reached.reached());
}

#[test]
fn privileged_an_answer_that_is_read_late_is_not_measured_late() {
    let chain = Chain::build("late");
    let options = Options {
        pacing: paced(Duration::ZERO),
        base_id: OPTIONS.base_id + 1,
    };
    let targets = vec![(
        0,
        Target::ping(DESTINATION, ttl(64), Duration::from_secs(5)),
    )];
    let socket = [chain.socket("a")];
    // The kernel begins to stamp packets shortly after the first socket enables it.
    let unhurried = Options {
        pacing: paced(LONGEST),
        ..OPTIONS
    };
    drive(&socket, targets.clone(), &unhurried, &mut |_| ()).unwrap();
    // All probes are sent before the first answer; the other answers wait in the socket meanwhile.
    let mut dawdle = |event: Event<'_>| {
        if let Event::Answered(_) = event {
            thread::park_timeout(2 * LONGEST);
        }
    };
    let traces = drive(&socket, targets, &options, &mut dawdle).unwrap();
    let replies: Vec<_> = traces[0].hops[0].replies().collect();
    assert_eq!(replies.len(), 3);
    for reply in replies {
        assert!(reply.round_trip_time < LONGEST, "{reply:?}");
    }
}

#[test]
fn privileged_a_ping_goes_as_far_as_its_time_to_live() {
    let chain = Chain::build("ttl");
    let ping = |hops| {
        (
            0,
            Target::ping(DESTINATION, ttl(hops), Duration::from_secs(5)),
        )
    };
    let targets = vec![ping(1), ping(2), ping(255)];
    let traces = drive(&[chain.socket("a")], targets, &OPTIONS, &mut |_| ()).unwrap();
    let answered = traces.iter().map(|trace| trace.hops[0].addresses());
    let answered: Vec<_> = answered.flatten().collect();
    assert_eq!(answered, [ROUTER_NEAR_SOURCE, DESTINATION, DESTINATION]);

    let line = |hops| Line {
        source: 0,
        destination: DESTINATION,
        ttl: ttl(hops),
    };
    let interval = Duration::from_millis(2);
    let sources = vec![chain.socket("a")];
    let train = Train::depart(sources, vec![line(1), line(255)], interval, 4900).unwrap();
    while train.elapsed() < 5 * interval {
        thread::yield_now();
    }
    let pings = train.arrive().unwrap();
    let answered = |line: usize| pings[line].iter().filter(|ping| ping.answered).count();
    assert!(!pings[0].is_empty(), "{pings:?}");
    assert_eq!((answered(0), answered(1)), (0, pings[1].len()));
}

#[test]
fn privileged_a_train_tells_which_of_its_pings_were_lost() {
    let chain = Chain::build("train");
    let line = |destination| Line {
        source: 0,
        destination,
        ttl: ttl(64),
    };
    let lines = vec![line(DESTINATION), line(BLACK_HOLE)];
    let interval = Duration::from_millis(2);
    let train = Train::depart(vec![chain.socket("a")], lines, interval, 4800).unwrap();
    while train.elapsed() < 20 * interval {
        thread::yield_now();
    }
    let pings = train.arrive().unwrap();
    let [answered, lost] = pings.as_slice() else {
        panic!("two lines: {pings:?}");
    };
    assert_eq!(answered.len(), lost.len());
    assert!(answered.len() > 2, "{answered:?}");
    assert!(answered.iter().all(|ping| ping.answered), "{answered:?}");
    assert!(lost.iter().all(|ping| !ping.answered), "{lost:?}");
    assert!(answered.is_sorted_by_key(|ping| ping.sent), "{answered:?}");
}
