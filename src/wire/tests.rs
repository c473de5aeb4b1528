//! Wires between real namespaces. They need root.
#![expect(
    clippy::disallowed_methods,
    reason = "namespaces are made and left without the module that does it for labs, and Debian's ip and ping judge"
)]

use std::{fs::File, process::Command, thread, time::Instant};

use nix::{
    sched::{CloneFlags, setns, unshare},
    time::{ClockId, clock_gettime},
};

use super::*;

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

    fn with_tap(address: &str) -> (Self, Tap) {
        let namespace = Self::create();
        let tap = namespace
            .within(|| Tap::open(&IfName::new("w0").unwrap()))
            .unwrap();
        assert!(
            namespace
                .run("ip -o link show dev w0")
                .contains("state DOWN")
        );
        namespace.run(&format!("ip address add {address}/24 dev w0"));
        namespace.run("ip link set w0 up");
        (namespace, tap)
    }
}

fn on_fresh_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(work).join().unwrap())
}

fn joined(delay: Duration) -> (Namespace, Namespace, Wires) {
    let (left, left_tap) = Namespace::with_tap("192.0.2.1");
    let (right, right_tap) = Namespace::with_tap("192.0.2.2");
    let wire = Wire {
        ends: [left_tap, right_tap],
        delay,
    };
    (left, right, Wires::start(vec![wire]).unwrap())
}

/// Least, mean and greatest time that ping reports, in milliseconds.
fn round_trips(report: &str) -> Vec<f64> {
    let (_, figures) = report.rsplit_once(" = ").unwrap();
    figures
        .split(['/', ' '])
        .take(3)
        .map(|figure| figure.parse().unwrap())
        .collect()
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the figure is wanted where the test runs"
)]
fn privileged_a_wire_adds_its_delay_in_both_directions() {
    let (left, _right, wires) = joined(Duration::from_millis(10));
    left.run("ping -c 1 -q 192.0.2.2");
    let report = left.run("ping -c 40 -i 0.02 -q 192.0.2.2");
    println!("{report}");
    let times = round_trips(&report);
    assert!(times[0] >= 20.0 && times[1] < 30.0, "{report}");
    assert!(wires.are_running());
}

#[test]
fn privileged_a_wire_counts_what_it_carries_and_what_it_drops() {
    let (left, right, wires) = joined(Duration::from_millis(1));
    left.run("ping -c 3 -i 0.01 -q -s 1000 192.0.2.2");
    let carried = wires.counters()[0];
    assert!(
        carried
            .iter()
            .all(|way| way.frames >= 4 && way.bytes > 3 * 1042),
        "{carried:?}"
    );
    right.run("ip link set w0 down");
    left.within(|| {
        Command::new("ping")
            .args(["-c", "3", "-i", "0.01", "-W", "0.2", "192.0.2.2"])
            .output()
            .unwrap()
    });
    let [there, _] = wires.counters()[0];
    assert!(there.dropped >= 3, "{there:?}");
}

#[test]
fn privileged_a_wire_that_is_a_blackhole_loses_everything_and_shows_nothing() {
    let (left, _right, wires) = joined(Duration::from_millis(1));
    left.run("ping -c 1 -q 192.0.2.2");
    let lost = || {
        let words = ["-c", "3", "-i", "0.01", "-W", "0.2", "-q", "192.0.2.2"];
        let output = left.within(|| Command::new("ping").args(words).output().unwrap());
        String::from_utf8(output.stdout).unwrap()
    };
    wires.set_blackhole(0, true);
    assert!(lost().contains(" 0 received"), "{}", lost());
    assert!(left.run("ip link show dev w0").contains("LOWER_UP"));
    wires.set_blackhole(0, false);
    assert!(lost().contains(" 3 received"), "{}", lost());
}

#[test]
fn privileged_a_deleted_interface_does_not_keep_the_thread_busy() {
    let (left, tap) = Namespace::with_tap("192.0.2.1");
    let (_right, far_tap) = Namespace::with_tap("192.0.2.2");
    let wire = Wire {
        ends: [tap, far_tap],
        delay: Duration::ZERO,
    };
    let stop = EventFd::new().unwrap();
    let carrier = Carrier::new(
        vec![wire],
        Arc::new([Tally::default(), Tally::default()]),
        Arc::new([AtomicBool::new(false)]),
        &stop,
    )
    .unwrap();
    let thread = thread::spawn(|| {
        carrier.run().unwrap();
        Duration::from(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap())
    });
    left.run("ip link delete w0");
    left.run("ip link set lo up");
    left.run("ping -c 4 -i 0.1 -q 127.0.0.1");
    stop.write(1).unwrap();
    let time_on_cpu = thread.join().unwrap();
    assert!(time_on_cpu < Duration::from_millis(100), "{time_on_cpu:?}");
}

#[test]
fn privileged_a_dropped_wire_takes_its_interfaces_along() {
    let (left, _right, wires) = joined(Duration::from_millis(1));
    drop(wires);
    // A program that another test is just starting holds every descriptor for a moment.
    let began = Instant::now();
    while left.run("ip -o link").contains("w0") {
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn privileged_a_name_in_use_is_refused() {
    let (left, _tap) = Namespace::with_tap("192.0.2.1");
    let refused = left
        .within(|| Tap::open(&IfName::new("w0").unwrap()))
        .unwrap_err();
    assert_eq!(refused.to_string(), "cannot create the TAP interface w0");
}
