//! The settings of netem as tc reads them back, and the error of a kernel without netem.

use std::net::UdpSocket;
use std::time::Duration;

use super::*;
use crate::kernel::{link_counters, probe};
use crate::units::Share;

fn share(text: &str) -> Share {
    Share::parse(text).unwrap()
}

fn everything() -> Impairment {
    Impairment {
        jitter: Duration::from_millis(1),
        loss: share("1%"),
        duplicate: share("0.5%"),
        reorder: share("2%"),
        rate: Bandwidth::parse("100mbit").ok(),
        queue: Some(50),
        ..Impairment::delay(Duration::from_millis(20))
    }
}

/// The queues of `left` as tc shows them, without values that the kernel chooses; for tbf, only its position.
fn queues(stand: &Stand) -> String {
    let shown = stand.run(0, "tc qdisc show dev left");
    let lines = shown.lines().map(|line| {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        match words[1] {
            "netem" => drop(words.remove(2)),
            "tbf" => words.truncate(4),
            _ => {}
        }
        for chosen in ["refcnt", "seed"] {
            if let Some(place) = words.iter().position(|word| *word == chosen) {
                words.drain(place..place + 2);
            }
        }
        words.join(" ") + "\n"
    });
    lines.collect()
}

fn check_each(stand: &mut Stand) {
    let left = device(0, "left");
    let delay = Impairment::delay(Duration::from_millis(20));
    let rated = Impairment {
        rate: Bandwidth::parse("40gbit").ok(),
        ..delay
    };
    let lossy = Impairment {
        loss: Share::ALL,
        ..Impairment::default()
    };
    let steps = [
        (
            everything(),
            "qdisc tbf 2: root\n\
             qdisc netem parent 2:1 limit 50 delay 20ms 1ms loss 1% duplicate 0.5% reorder 2% rate \
             100Mbit gap 1\n",
        ),
        (
            lossy,
            "qdisc tbf 2: root\n\
             qdisc netem parent 2:1 limit 1000 loss 100%\n",
        ),
        (delay, "qdisc netem root limit 66050 delay 20ms\n"),
        (
            rated,
            "qdisc netem root limit 396301 delay 20ms rate 40Gbit\n",
        ),
        (delay, "qdisc netem root limit 66050 delay 20ms\n"),
        (everything(), ""),
        (Impairment::default(), "qdisc noqueue 0: root\n"),
    ];
    for (impairment, expected) in steps {
        stand.live().set_impairment(&left, &impairment).unwrap();
        if !expected.is_empty() {
            assert_eq!(queues(stand), expected, "{impairment}");
        }
    }
}

#[test]
fn netem_is_told_what_is_asked_each_time_anew() {
    let mut stand = pair("kx-netem", [Impairment::default(); 2]);
    if probe(&BTreeSet::new()).unwrap().netem {
        check_each(&mut stand);
        return;
    }
    let left = device(0, "left");
    let failure = stand.live().set_impairment(&left, &everything());
    assert_eq!(
        failure.unwrap_err().to_string(),
        "this kernel has no network emulator, which `tc qdisc replace dev left root delay 20ms jitter \
         1ms loss 1% duplicate 0.5% reorder 2% rate 100mbit queue 50 in kx-netem.n0` needs: try \
         `modprobe sch_netem`, or boot a kernel that has it (Debian's has)"
    );
}

/// Of 2000 packets, 200 are lost on average; the standard deviation is 13. The queue that loses them counts them.
#[test]
fn netem_loses_packets_by_lot_and_they_are_counted() {
    let lossy = Impairment {
        loss: share("10%"),
        ..Impairment::delay(Duration::from_millis(1))
    };
    let plan = left_and_right("kx-lossy", [lossy, Impairment::default()]);
    let stand = match Stand::try_build(plan) {
        Ok(stand) => stand,
        Err(failure) => {
            assert!(!probe(&BTreeSet::new()).unwrap().netem);
            let named = failure.to_string();
            assert!(
                named.contains("no network emulator, which `link add left@n0"),
                "{named}"
            );
            return;
        }
    };
    stand.within(0, || {
        let socket = UdpSocket::bind("192.0.2.1:0").unwrap();
        for _ in 0..2_000 {
            socket.send_to(&[0; 100], "192.0.2.2:9").unwrap();
        }
    });
    let counters = link_counters(&stand.namespace(0)).unwrap();
    let queue = counters["left"].queue.clone().unwrap();
    assert_eq!(queue.kind, "netem");
    assert!((120..280).contains(&queue.dropped), "{queue:?}");
}
