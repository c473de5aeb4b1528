//! Diverts a running link through a process.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use tun_rs::{DeviceBuilder, Layer, SyncDevice};

use super::*;
use crate::plan::Limit;

/// A process that carries frames between two TAPs and counts them.
struct Carried {
    count: [Arc<AtomicUsize>; 2],
    stop: Arc<AtomicBool>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Carried {
    fn start(taps: [SyncDevice; 2]) -> Self {
        let [a, b] = taps.map(Arc::new);
        let stop = Arc::new(AtomicBool::new(false));
        let count = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
        let ways = [(&a, &b, &count[0]), (&b, &a, &count[1])];
        let threads = ways.map(|(from, to, count)| {
            let (from, to) = (Arc::clone(from), Arc::clone(to));
            let (stop, count) = (Arc::clone(&stop), Arc::clone(count));
            thread::spawn(move || carry(&from, &to, &count, &stop))
        });
        Self {
            count,
            stop,
            threads: threads.into(),
        }
    }

    fn counts(&self) -> [usize; 2] {
        self.count
            .each_ref()
            .map(|count| count.load(Ordering::Relaxed))
    }

    fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().unwrap();
        }
    }
}

fn carry(from: &SyncDevice, to: &SyncDevice, count: &AtomicUsize, stop: &AtomicBool) {
    let mut frame = [0; 2048];
    while !stop.load(Ordering::Relaxed) {
        let mut waiting = [PollFd::new(from.as_fd(), PollFlags::POLLIN)];
        poll(&mut waiting, PollTimeout::from(20_u8)).unwrap();
        if let Ok(length) = from.recv(&mut frame) {
            count.fetch_add(1, Ordering::Relaxed);
            to.send(&frame[..length]).unwrap();
        }
    }
}

fn tap(stand: &Stand, node: usize, name: &str) -> SyncDevice {
    stand.within(node, || {
        let builder = DeviceBuilder::new().name(name).layer(Layer::L2);
        let tap = builder.inherit_enable_state().build_sync().unwrap();
        tap.set_nonblocking(true).unwrap();
        tap
    })
}

#[test]
fn a_link_goes_through_a_process_and_back() {
    let none = Impairment::default();
    let mut stand = pair("kx-divert", [none; 2]);
    let ends = [device(0, "left"), device(1, "right")];
    stand.run(0, "ping -c 1 192.0.2.2");
    let carried = Carried::start([tap(&stand, 0, "detour"), tap(&stand, 1, "detour")]);
    let name = IfName::new("detour").unwrap();
    for end in &ends {
        stand.live().divert(end, &name, &none).unwrap();
    }
    stand.run(0, "ping -c 20 -i 0.01 192.0.2.2");
    stand.run(1, "ping -c 20 -i 0.01 -s 5000 192.0.2.1");
    let [there, back] = carried.counts();
    // 20 single packets and 20 of four fragments, each with an answer, plus ARP.
    assert!(there >= 100 && back >= 100, "{there} and {back} frames");
    for end in &ends {
        stand.live().undivert(end).unwrap();
    }
    let before = carried.counts();
    stand.run(0, "ping -c 5 -i 0.01 192.0.2.2");
    assert_eq!(carried.counts(), before);
    carried.end();
    for (node, name) in [(0, "left"), (1, "right")] {
        let queues = stand.run(node, &format!("tc qdisc show dev {name}"));
        assert!(!queues.contains("clsact"), "{queues}");
        stand.live().undivert(&ends[node]).unwrap();
    }
}

#[test]
fn a_diverted_port_still_shares_its_capacity_and_counts_once() {
    let none = Impairment::default();
    let ends = [(0, "one", "192.0.2.1/24"), (1, "up", "192.0.2.2/24")];
    let name = |text| IfName::new(text).unwrap();
    let mut plan = nodes("kx-divlim", 2);
    link(&mut plan, ends, [none; 2]);
    plan.nodes[0].limits.push(Limit {
        name: "gateway".to_owned(),
        interfaces: vec![name("one")],
        rate: Bandwidth::parse("20mbit").unwrap(),
        arriving: name("in"),
        leaving: name("out"),
    });
    let mut stand = Stand::build(plan);
    let carried = Carried::start([tap(&stand, 0, "detour"), tap(&stand, 1, "detour")]);
    let devices = [device(0, "one"), device(1, "up")];
    for end in &devices {
        stand.live().divert(end, &name("detour"), &none).unwrap();
    }
    let passed = |stand: &Stand| {
        ["in", "out"].map(|name| {
            let shown = stand.json(0, &format!("tc -j -s qdisc show dev {name}"));
            shown[0]["packets"].as_u64().unwrap()
        })
    };
    stand.run(1, "ping -c 1 192.0.2.1");
    stand.run(
        1,
        "ip neighbour replace 192.0.2.1 lladdr 02:00:00:00:00:00 dev up nud permanent",
    );
    stand.run(
        0,
        "ip neighbour replace 192.0.2.2 lladdr 02:00:00:00:00:01 dev one nud permanent",
    );
    let [arrived, left] = passed(&stand);
    stand.run(1, "ping -c 10 -i 0.01 192.0.2.1");
    assert_eq!(passed(&stand), [arrived + 10, left + 10]);
    for end in &devices {
        stand.live().undivert(end).unwrap();
    }
    stand.run(1, "ping -c 10 -i 0.01 192.0.2.1");
    assert_eq!(passed(&stand), [arrived + 20, left + 20]);
    carried.end();
}
