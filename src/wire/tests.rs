//! Tests wires between real namespaces, with Debian's ping and iperf3. They need root.
//!
//! Random choices have a fixed seed, but the kernel sends frames of its own: shares have tolerances of five standard
//! deviations. Times have lower limits, or upper limits that only a machine that is always late exceeds.
#![expect(
    clippy::disallowed_methods,
    reason = "namespaces are made and left without the module that does it for labs, and Debian's programs judge"
)]

use std::{net::UdpSocket, ops::RangeInclusive, thread, time::Duration};

use nix::time::{ClockId, clock_gettime};

use super::{carrier::Carrier, *};
use crate::units::{Bandwidth, Share};

mod namespace;

use namespace::{Namespace, within_some_seconds};

const MS: Duration = Duration::from_millis(1);

/// A wire between two namespaces, 192.0.2.1 and 192.0.2.2, with an impairment for each direction.
fn impaired(there: Impairment, back: Impairment) -> (Namespace, Namespace, Wires) {
    let (left, left_tap) = Namespace::with_tap("192.0.2.1");
    let (right, right_tap) = Namespace::with_tap("192.0.2.2");
    let wire = Wire {
        ends: [left_tap, right_tap],
        directions: [there, back],
    };
    let wires = Wires::start(vec![wire], 1).unwrap();
    left.run("ping -c 1 -w 20 -q 192.0.2.2");
    (left, right, wires)
}

fn joined(delay: Duration) -> (Namespace, Namespace, Wires) {
    impaired(Impairment::delay(delay), Impairment::delay(delay))
}

fn share(percent: u32) -> Share {
    Share::from_millionths(percent * 10_000).unwrap()
}

/// The number before a word in ping's output.
fn before(word: &str, report: &str) -> u32 {
    let (front, _) = report.split_once(word).unwrap_or(("0", ""));
    let digits = front.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap();
    digits.parse().unwrap()
}

/// The minimum, mean and maximum times that ping reports, in milliseconds.
fn round_trips(report: &str) -> Vec<f64> {
    let (_, figures) = report.rsplit_once(" = ").unwrap();
    figures
        .split(['/', ' '])
        .take(3)
        .map(|figure| figure.parse().unwrap())
        .collect()
}

/// The received rate of a TCP stream of two seconds, in Mbit/s.
fn megabits_per_second(left: &Namespace, right: &Namespace) -> f64 {
    let _server = right.start("iperf3 -s -1");
    assert!(within_some_seconds(|| {
        right.run("ss -Hltn sport 5201").contains("5201")
    }));
    let report = left.run("iperf3 -c 192.0.2.2 -t 2 -O 1 -J");
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    report["end"]["sum_received"]["bits_per_second"]
        .as_f64()
        .unwrap()
        / 1e6
}

/// Frames lost because the wire did not read them in time, as the interface counts them.
fn dropped_by_interface(end: &Namespace) -> u64 {
    let report = end.run("ip -s -j link show w0");
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    report[0]["stats64"]["tx"]["dropped"].as_u64().unwrap()
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the figure is wanted where the test runs"
)]
fn privileged_a_wire_adds_its_delay_in_both_directions() {
    let (left, _right, wires) = joined(10 * MS);
    let report = left.run("ping -c 40 -i 0.02 -q 192.0.2.2");
    println!("{report}");
    let times = round_trips(&report);
    assert!(times[0] >= 20.0 && times[1] < 30.0, "{report}");
    assert!(wires.are_running());
}

#[test]
fn privileged_a_wire_loses_the_share_that_is_asked_for_and_in_that_direction() {
    let tenth = Impairment {
        loss: share(10),
        ..Impairment::default()
    };
    let (left, _right, wires) = impaired(tenth, Impairment::default());
    let before_that = wires.counters()[&0];
    let report = left.report("ping -c 3000 -i 0.001 -W 1 -q 192.0.2.2");
    let lost = 3000 - before(" received", &report);
    // 300 of 3,000; the standard deviation is 16.4.
    assert!((218..=382).contains(&lost), "{report}");
    let [there, back] = wires.counters()[&0];
    // ARP frames may be lost too.
    let counted = there.lost - before_that[0].lost;
    assert!((lost.into()..=u64::from(lost) + 10).contains(&counted));
    assert_eq!((back.dropped(), there.dropped()), (0, there.lost));
}

#[test]
fn privileged_a_wire_sends_the_share_twice_that_is_asked_for() {
    let duplicate = Impairment {
        duplicate: share(20),
        ..Impairment::delay(MS)
    };
    let (left, _right, wires) = impaired(Impairment::default(), duplicate);
    let report = left.run("ping -c 1000 -i 0.001 -q 192.0.2.2");
    // 200 of 1,000; the standard deviation is 12.6.
    let duplicates = before(" duplicates", &report);
    assert!((137..=263).contains(&duplicates), "{report}");
    assert!(wires.counters()[&0][1].duplicated >= duplicates.into());
}

#[test]
fn privileged_a_wire_varies_its_delay_as_asked() {
    let jitter = Impairment {
        jitter: 15 * MS,
        ..Impairment::delay(30 * MS)
    };
    let (left, _right, wires) = impaired(jitter, Impairment::default());
    let report = left.run("ping -c 300 -i 0.005 -q 192.0.2.2");
    let times = round_trips(&report);
    let expected: [RangeInclusive<f64>; 2] = [15.0..=20.0, 25.0..=40.0];
    assert!(expected[0].contains(&times[0]), "{report}");
    assert!(expected[1].contains(&times[1]), "{report}");
    assert!(times[2] >= 40.0, "{report}");
    assert!(wires.counters()[&0][0].reordered > 0);
}

#[test]
fn privileged_a_wire_carries_no_more_than_its_rate_and_as_much() {
    for burst in [12_500, 65_536] {
        let rate = Impairment {
            rate: Bandwidth::from_megabits_per_second(100),
            ..Impairment::delay(2 * MS)
        };
        let (left, right, wires) = impaired(rate, Impairment::default());
        left.run(&format!("ip link set w0 gso_max_size {burst}"));
        // 1,448 of a full packet's 1,500 bytes are iperf3's payload.
        let carried = [0; 3].map(|_| megabits_per_second(&left, &right) * 1500.0 / 1448.0);
        // A busy machine may take the processor from a wire for a while, which carries less then and never more.
        let most = carried.into_iter().fold(0.0, f64::max);
        assert!((95.0..=102.0).contains(&most), "{burst}: {carried:?}");
        assert_eq!(wires.counters()[&0][1].dropped(), 0);
    }
}

#[test]
fn privileged_a_wire_loses_nothing_at_full_rate() {
    for (burst, least_mean) in [(65_536, 10_000), (1514, 1000)] {
        let (left, right, wires) = joined(MS);
        left.run(&format!("ip link set w0 gso_max_size {burst}"));
        let carried = megabits_per_second(&left, &right);
        let [there, back] = wires.counters()[&0];
        assert!(carried > 50.0, "{carried}");
        assert_eq!((there.dropped(), back.dropped()), (0, 0));
        // The interface drops and counts frames that are not read in time.
        assert_eq!(dropped_by_interface(&left), 0);
        let mean = there.bytes / there.frames;
        assert!(
            mean > least_mean,
            "frames of {mean} bytes: they did not cross whole"
        );
    }
}

#[test]
fn privileged_a_wire_changes_while_it_carries() {
    let (left, _right, wires) = joined(MS);
    assert!(wires.set(0, 0, Impairment::delay(50 * MS)));
    let report = left.run("ping -c 5 -i 0.01 -q 192.0.2.2");
    assert!(round_trips(&report)[0] >= 51.0, "{report}");
    assert!(wires.set(0, 0, Impairment::default()));
    let report = left.run("ping -c 5 -i 0.01 -q 192.0.2.2");
    let times = round_trips(&report);
    assert!((1.0..50.0).contains(&times[0]), "{report}");
    assert!(!wires.set(1, 0, Impairment::default()) && !wires.set(0, 2, Impairment::default()));
}

#[test]
fn privileged_wires_come_and_go_while_others_carry() {
    let wires = Wires::start(Vec::new(), 1).unwrap();
    assert!(wires.are_running() && wires.counters().is_empty());
    let pairs: Vec<[Namespace; 2]> = (0..3)
        .map(|number| {
            let (left, left_tap) = Namespace::with_tap("192.0.2.1");
            let (right, right_tap) = Namespace::with_tap("192.0.2.2");
            let wire = Wire {
                ends: [left_tap, right_tap],
                directions: [Impairment::default(); 2],
            };
            assert_eq!(wires.add(wire).unwrap(), number);
            [left, right]
        })
        .collect();
    pairs[1][0].run("ping -c 3 -i 0.01 -q 192.0.2.2");
    let carried = wires.remove(1).unwrap();
    assert!(carried.iter().all(|way| way.frames >= 4), "{carried:?}");
    assert!(within_some_seconds(|| {
        !pairs[1]
            .iter()
            .any(|end| end.run("ip -o link").contains("w0"))
    }));
    assert_eq!(wires.remove(1), None);
    pairs[0][0].run("ping -c 3 -i 0.01 -q 192.0.2.2");
    pairs[2][1].run("ping -c 3 -i 0.01 -q 192.0.2.1");
    let left: Vec<usize> = wires.counters().into_keys().collect();
    assert_eq!(left, [0, 2]);
}

#[test]
fn privileged_a_wire_without_room_has_others_go_on_and_goes_on_itself() {
    let (left, _right, wires) = joined(Duration::from_secs(3));
    let (other, other_tap) = Namespace::with_tap("192.0.2.1");
    let (_far, far_tap) = Namespace::with_tap("192.0.2.2");
    let wire = Wire {
        ends: [other_tap, far_tap],
        directions: [Impairment::default(); 2],
    };
    wires.add(wire).unwrap();
    left.run("ip link set w0 mtu 65000 txqueuelen 500");
    left.run("ping -c 1 -w 20 -q 192.0.2.2");
    // 144 MB: more than the wire and the interface can hold.
    for _ in 0..6 {
        left.within(|| {
            let socket = UdpSocket::bind("192.0.2.1:0").unwrap();
            let datagram = vec![0; 60_000];
            for _ in 0..400 {
                socket.send_to(&datagram, "192.0.2.2:9").unwrap();
            }
        });
        other.run("ping -c 1 -w 20 -q 192.0.2.2");
    }
    assert!(dropped_by_interface(&left) > 0, "it read all the time");
    other.run("ping -c 20 -i 0.01 -q 192.0.2.2");
    left.run("ping -c 1 -w 30 -q 192.0.2.2");
    let [there, _] = wires.counters()[&0];
    assert!(
        there.bytes > 50_000_000 && there.dropped() == 0,
        "{there:?}"
    );
}

#[test]
fn privileged_a_wire_counts_what_it_carries_and_what_it_drops() {
    let (left, right, wires) = joined(MS);
    left.run("ping -c 3 -i 0.01 -q -s 1000 192.0.2.2");
    let carried = wires.counters()[&0];
    assert!(
        carried
            .iter()
            .all(|way| way.frames >= 4 && way.bytes > 3 * 1042),
        "{carried:?}"
    );
    right.run("ip link set w0 down");
    left.report("ping -c 3 -i 0.01 -W 0.2 192.0.2.2");
    let [there, _] = wires.counters()[&0];
    assert!(
        there.far_end_down >= 3 && there.dropped() == there.far_end_down,
        "{there:?}"
    );
}

#[test]
fn privileged_a_wire_that_is_a_blackhole_loses_everything_and_shows_nothing() {
    let (left, _right, wires) = joined(MS);
    let lost = || left.report("ping -c 3 -i 0.01 -W 0.2 -q 192.0.2.2");
    wires.set_blackhole(0, true);
    assert!(lost().contains(" 0 received"), "{}", lost());
    assert!(left.run("ip link show dev w0").contains("LOWER_UP"));
    wires.set_blackhole(0, false);
    assert!(lost().contains(" 3 received"), "{}", lost());
    let [there, back] = wires.counters()[&0];
    assert!(there.blackholed >= 3, "{there:?}");
    assert_eq!(
        (there.dropped(), back.dropped()),
        (there.blackholed, back.blackholed)
    );
}

#[test]
fn privileged_a_deleted_interface_does_not_keep_the_thread_busy() {
    let (left, tap) = Namespace::with_tap("192.0.2.1");
    let (_right, far_tap) = Namespace::with_tap("192.0.2.2");
    let wire = Wire {
        ends: [tap, far_tap],
        directions: [Impairment::default(); 2],
    };
    let (orders, heard) = order::channel().unwrap();
    let carrier = Carrier::new(1, heard).unwrap();
    let thread = thread::spawn(|| {
        carrier.run().unwrap();
        Duration::from(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap())
    });
    let wire = (0, wire, Arc::new(Shared::default()));
    orders.change(Change::Add(vec![wire])).unwrap();
    left.run("ip link delete w0");
    left.run("ip link set lo up");
    left.run("ping -c 4 -i 0.1 -q 127.0.0.1");
    drop(orders);
    let time_on_cpu = thread.join().unwrap();
    assert!(time_on_cpu < Duration::from_millis(100), "{time_on_cpu:?}");
}

#[test]
fn privileged_a_dropped_wire_takes_its_interfaces_along() {
    let (left, _right, wires) = joined(MS);
    drop(wires);
    assert!(within_some_seconds(|| !left
        .run("ip -o link")
        .contains("w0")));
}

#[test]
fn privileged_a_name_in_use_is_refused() {
    let (left, _tap) = Namespace::with_tap("192.0.2.1");
    let refused = left
        .within(|| Tap::open(&IfName::new("w0").unwrap()))
        .unwrap_err();
    assert_eq!(refused.to_string(), "cannot create the TAP interface w0");
}
