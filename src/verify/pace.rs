//! The rate at which a lab is probed, such that probes do not cause the loss of other probes.

use std::time::Duration;

use crate::topology::{Expectation, Topology};

/// The gap if times are compared with documented ones: ten times the time that a packet takes in the userspace links
/// and tunnels, so that no probe waits for another.
const UNHURRIED: Duration = Duration::from_micros(150);

/// The gap otherwise, when only loss matters: the processor time of a probe and its answer on a round trip of six hops.
/// A slower machine sends the next probe later and loses none.
const QUICK: Duration = Duration::from_micros(25);

/// Half of the shortest queue on any path, that of packets that wait to be read from a TAP interface (500). The
/// kernel's own queues (1,000 received packets per processor) and the sockets' buffers are longer. Half, since two `lab
/// verify` may run at the same time.
const MOST_UNDERWAY: usize = 250;

/// The size of the largest answer: the headers of an ICMP error, the quoted probe, and the overhead of a tunnel.
const LARGEST_ANSWER: u64 = (20 + 8) + (20 + 64) + 80;

/// The pace of probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The time from one probe to the next.
    pub gap: Duration,
    /// The maximum number of outstanding probes.
    pub most_underway: usize,
}

/// The pace at which a lab's expectations are probed.
///
/// It is at most the rate at which the slowest link passes the answers if all of them cross it, so that no queue builds
/// up there. And at most as many probes are outstanding as fit into any queue, so that none is lost even if a process
/// that carries a link is delayed.
#[must_use]
pub fn pace(topology: &Topology) -> Pace {
    let is_timed = |expectation: &Expectation| {
        let mut hops = expectation.hops().iter();
        hops.any(|hop| hop.round_trip_time.is_some())
    };
    let steps = topology.storyboards.iter().flat_map(|told| &told.steps);
    let of_steps = steps.flat_map(|step| &step.expectations);
    let gap = if topology.expectations.iter().chain(of_steps).any(is_timed) {
        UNHURRIED
    } else {
        QUICK
    };
    let ways = || topology.links.iter().flat_map(|link| link.directions);
    let slowest = ways()
        .filter_map(|way| Some(way.rate?.time_for(LARGEST_ANSWER)))
        .max();
    let shortest_queue = ways()
        .filter_map(|way| usize::try_from(way.queue?).ok())
        .min();
    Pace {
        gap: gap.max(slowest.unwrap_or_default()),
        most_underway: MOST_UNDERWAY
            .min(shortest_queue.unwrap_or(MOST_UNDERWAY))
            .max(1),
    }
}

impl Pace {
    /// Probes per second.
    #[must_use]
    pub fn rate(self) -> f64 {
        1.0 / self.gap.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab;

    /// The pace for two hosts with a router between them, and further text of the lab file.
    fn pace_of(more: &str) -> (u128, usize) {
        let text = format!(
            "name: two\nsites:\n  two:\n    routers:\n      r1: {{ address: 10.0.0.1/24 }}\n      \
             r2: {{ address: 10.0.1.1/24 }}\n    hosts:\n      \
             h1: {{ address: 10.0.0.10/24, gateway: 10.0.0.1 }}\n      \
             h2: {{ address: 10.0.1.10/24, gateway: 10.0.1.1 }}\n    links:\n      \
             - {{ a: r1, b: r2, addresses: [10.0.2.0/31, 10.0.2.1/31] }}\n{more}"
        );
        let topology = lab::resolve(&lab::parse(&text).unwrap()).unwrap();
        let Pace { gap, most_underway } = pace(&topology);
        (gap.as_micros(), most_underway)
    }

    fn expecting(rtt: &str) -> String {
        let hops = "[10.0.0.1, 10.0.2.1, 10.0.1.10]";
        format!("expect:\n  - {{ from: h1, to: h2, hops: {hops}{rtt} }}\n")
    }

    fn impaired(how: &str) -> String {
        let link = "link: r1-r2, from: r1";
        format!("{}impairments:\n  - {{ {link}, {how} }}\n", expecting(""))
    }

    #[test]
    fn probes_follow_each_other_faster_where_no_time_is_documented() {
        assert_eq!(pace_of(&expecting("")), (25, 250));
        assert_eq!(pace_of(&expecting(", rtt: [0ms, ~, ~]")), (150, 250));
    }

    #[test]
    fn they_are_no_faster_than_the_slowest_link_and_no_more_than_its_queue_holds() {
        assert_eq!(pace_of(&impaired("rate: 1gbit")), (25, 250));
        // 192 bytes are 1,536 bits.
        assert_eq!(pace_of(&impaired("rate: 1mbit")), (1536, 250));
        assert_eq!(pace_of(&impaired("queue: 20")), (25, 20));
        assert_eq!(pace_of(&impaired("queue: 2000")), (25, 250));
    }
}
