//! How fast a lab is probed, so that no probe is lost for the sake of the others.

use std::time::Duration;

use crate::topology::{Expectation, Topology};

/// Where times are compared with documented ones: ten times a packet's way through the userspace wires
/// and tunnels, so that no probe waits for another.
const UNHURRIED: Duration = Duration::from_micros(150);

/// Elsewhere nothing but loss matters.
const QUICK: Duration = Duration::from_micros(25);

/// Half of the packets that the shortest queue on any way has room for: what waits to be read from a TAP
/// interface (500). The kernel's own queues (1,000 packets that a processor is to receive) and the
/// sockets' buffers are longer. Half, since a lab may be probed twice at a time.
const MOST_UNDERWAY: usize = 250;

/// Bytes of the largest answer: an error's headers, the probe that it quotes with its own, and what a
/// tunnel adds.
const LARGEST_ANSWER: u64 = (20 + 8) + (20 + 64) + 80;

/// How probes follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// From one probe to the next.
    pub gap: Duration,
    /// How many may be underway at a time.
    pub most_underway: usize,
}

/// How fast a lab's expectations can be proved.
///
/// No faster than the slowest link passes the answers on, as if all of them had to cross it, so that
/// none queues up for it; and no more at a time than fit into any queue, so that none is lost even
/// where whoever carries them is held up.
#[must_use]
pub fn pace(topology: &Topology, expectations: &[Expectation]) -> Pace {
    let is_timed = |expectation: &Expectation| {
        let mut hops = expectation.hops.iter().flatten();
        hops.any(|hop| hop.round_trip_time.is_some())
    };
    let gap = if expectations.iter().any(is_timed) {
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
    /// Probes a second.
    #[must_use]
    pub fn rate(self) -> f64 {
        1.0 / self.gap.as_secs_f64()
    }
}
