//! Rate limits at one end of a link, and their largest packets.

use super::*;
use crate::kernel::rtnl::{Request, Rtnl};
use crate::kernel::tbf;
use crate::kernel::tc::{self, Queue};

const NOTHING: Impairment = Impairment {
    delay: std::time::Duration::ZERO,
    jitter: std::time::Duration::ZERO,
    loss: crate::units::Share::NONE,
    duplicate: crate::units::Share::NONE,
    reorder: crate::units::Share::NONE,
    rate: None,
    queue: None,
};

/// The rate that iperf3 measures from `n0` to `n1`, with further options.
fn iperf(stand: &Stand, options: &str) -> f64 {
    let server = stand.iperf_server(1, 5201);
    let report = stand.run(0, &format!("iperf3 -J -c 192.0.2.2 -t 2 {options}"));
    finish(server, "iperf3 -s");
    megabits(&report)
}

/// Headers take 66 of a full frame's 1514 bytes. The queue and the bucket add to the measured rate, and a busy machine
/// lowers it.
fn assert_near(measured: f64, rate: f64) {
    assert!(
        measured < rate * 1.02 && measured > rate * 0.6,
        "{measured} Mbit/s arrived, of {rate}"
    );
}

#[test]
fn a_rate_holds_one_way_and_can_be_changed_and_taken_away() {
    let mut stand = pair("kx-shape", [rate("20mbit"), NOTHING]);
    let left = device(0, "left");
    assert_near(iperf(&stand, ""), 20.0);
    assert!(iperf(&stand, "-R") > 100.0);
    stand.live().set_impairment(&left, &rate("40mbit")).unwrap();
    assert_near(iperf(&stand, ""), 40.0);
    stand.live().set_impairment(&left, &NOTHING).unwrap();
    assert!(iperf(&stand, "") > 100.0);
    stand.live().set_impairment(&left, &NOTHING).unwrap();
}

#[test]
fn an_interface_takes_no_more_at_once_than_its_rate_allows() {
    let mut stand = pair("kx-burst", [rate("100mbit"), rate("1mbit")]);
    let limits = |stand: &Stand, node, name: &str| {
        let shown = stand.json(node, &format!("ip -j -d link show {name}"));
        ["gso_max_size", "gso_max_segs"].map(|key| shown[0][key].as_u64().unwrap())
    };
    assert_eq!(limits(&stand, 0, "left"), [12_500, 65_535]);
    assert_eq!(limits(&stand, 1, "right"), [1_514, 1]);
    let right = device(1, "right");
    stand.live().set_impairment(&right, &NOTHING).unwrap();
    assert_eq!(limits(&stand, 1, "right"), [65_536, 65_535]);
}

#[test]
fn queues_take_each_others_place_and_change_where_they_are() {
    let mut stand = pair("kx-place", [rate("1mbit"), NOTHING]);
    let left = device(0, "left");
    let queues = |stand: &Stand| {
        let shown = stand.json(0, "tc -j qdisc show dev left");
        let shown = shown.as_array().unwrap().iter().map(|queue| {
            let word = |key: &str| queue[key].as_str().unwrap_or_default().to_owned();
            (word("kind"), word("handle"), word("parent"))
        });
        shown.collect::<Vec<_>>()
    };
    let own = |handle: &str| ("tbf".to_owned(), handle.to_owned(), String::new());
    assert_eq!(queues(&stand), [own("1:")]);
    // `pfifo` replaces netem, which a kernel may lack; `limit` is its only setting.
    let split = |stand: &Stand, limit: u32| {
        let inside = Queue {
            kind: "pfifo",
            options: limit.to_ne_bytes().to_vec(),
        };
        let requests = [
            tc::root(1000, 2, tbf::splitter(1514)),
            tc::inside(1000, 2, inside),
        ];
        stand.within(0, || {
            let mut rtnl = Rtnl::open().unwrap();
            rtnl.run(&requests.map(Request::replace)).unwrap();
        });
    };
    split(&stand, 50);
    let first = queues(&stand);
    assert_eq!((&first[0], first[1].0.as_str()), (&own("2:"), "pfifo"));
    assert_eq!(first[1].2, "2:1");
    split(&stand, 60);
    assert_eq!(queues(&stand), first);
    let shown = stand.run(0, "tc qdisc show dev left");
    assert!(shown.contains("limit 60p"), "{shown}");
    stand.live().set_impairment(&left, &rate("2mbit")).unwrap();
    assert_eq!(queues(&stand), [own("1:")]);
    stand.run(0, "ping -c 1 192.0.2.2");
}

/// 1 if `n1` receives a frame of more than 1514 bytes within one second of a connection, otherwise 0.
fn super_packets(stand: &Stand) -> usize {
    let server = stand.iperf_server(1, 5201);
    let mut capture = stand.start(
        1,
        "tcpdump -U -n -i right -Q in -w /dev/null -c 1 greater 1515",
    );
    // tcpdump reports that it listens a moment before it does; the connection lasts longer than that.
    stand.run(0, "iperf3 -c 192.0.2.2 -t 1");
    finish(server, "iperf3 -s");
    let seen = capture.try_wait().unwrap().is_some();
    capture.kill().unwrap();
    capture.wait().unwrap();
    usize::from(seen)
}

#[test]
fn a_splitter_lets_single_packets_through_alone() {
    let stand = pair("kx-split", [NOTHING; 2]);
    assert_eq!(super_packets(&stand), 1);
    stand.within(0, || {
        let splitter = tc::root(1000, 2, tbf::splitter(1514));
        let mut rtnl = Rtnl::open().unwrap();
        rtnl.run(&[Request::replace(splitter)]).unwrap();
    });
    assert_eq!(super_packets(&stand), 0);
}
