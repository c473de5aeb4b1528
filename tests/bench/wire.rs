//! The throughput and delay of a wire, compared with a pair of kernel interfaces and with the `wirefilter` of VDE
//! (Virtual Distributed Ethernet) with the same delay.
//!
//! Debian's iperf3 and ping measure each carrier in turn, round after round, so that other load on the machine affects
//! all alike. It needs root, and the packages that the script `scripts/bench-wire` installs. `ROUNDS` and `SECONDS` on
//! the command line set the amount of measurements.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::time::Duration;

use netns_lab::{
    units::{Bandwidth, Impairment},
    wire::Counters,
};

#[path = "wire/carriers.rs"]
mod carriers;
#[path = "wire/figures.rs"]
mod figures;
#[path = "wire/namespace.rs"]
mod namespace;

use carriers::{Carrier, FAR_ADDRESS};
use figures::{RoundTrips, Run, median, percentile};

/// The delay of a packet in each direction. `wirefilter` supports whole milliseconds only.
const DELAY: Duration = Duration::from_millis(1);

/// The rate of the limited wire, in Mbit/s.
const RATE: u32 = 200;

/// Pings in each round.
const PINGS: u32 = 1000;

/// A carrier, and its measurements.
struct Contender {
    carrier: Carrier,
    /// Frames lost before the measurement.
    lost_at_first: u64,
    runs: Vec<Run>,
    round_trips: Vec<f64>,
}

fn main() {
    let numbers: Vec<usize> = std::env::args()
        .filter_map(|word| word.parse().ok())
        .collect();
    let rounds = numbers.first().copied().unwrap_or(5);
    let seconds = numbers.get(1).copied().unwrap_or(2);
    // With a queue limit, packets are carried one by one, even if the limit is never reached.
    let one_by_one = Impairment {
        queue: Some(1_000_000),
        ..Impairment::delay(DELAY)
    };
    let limited = Impairment {
        rate: Bandwidth::from_megabits_per_second(RATE),
        ..Impairment::delay(DELAY)
    };
    let mut contenders: Vec<Contender> = [
        Carrier::veth(),
        Carrier::wire([Impairment::default(); 2]),
        Carrier::wire([Impairment::delay(DELAY); 2]),
        Carrier::wire([one_by_one; 2]),
        Carrier::wire([limited; 2]),
        Carrier::wirefilter(DELAY),
    ]
    .into_iter()
    .map(Contender::new)
    .collect();
    for _ in 0..rounds {
        for contender in &mut contenders {
            contender.measure(seconds);
        }
    }
    show(&contenders, rounds, seconds);
}

impl Contender {
    fn new(carrier: Carrier) -> Self {
        Self {
            lost_at_first: lost_by(&carrier),
            carrier,
            runs: Vec::new(),
            round_trips: Vec::new(),
        }
    }

    fn measure(&mut self, seconds: usize) {
        let near = self.carrier.near();
        self.runs.push(Run::of(
            &near.run(&format!("iperf3 -c {FAR_ADDRESS} -t {seconds} -O 0.5 -J")),
        ));
        let pings = format!("ping -c {PINGS} -i 0.003 {FAR_ADDRESS}");
        self.round_trips
            .extend(RoundTrips::of(&near.run(&pings)).milliseconds());
    }

    fn throughput(&self) -> f64 {
        median(self.runs.iter().map(|run| run.gigabits_per_second))
    }
}

/// Frames lost by the carrier, if it reports them.
fn lost_by(carrier: &Carrier) -> u64 {
    let counters = carrier.counters().unwrap_or_default();
    counters.iter().map(Counters::dropped).sum::<u64>() + carrier.lost_in_interfaces()
}

fn show(contenders: &[Contender], rounds: usize, seconds: usize) {
    let veth = &contenders[0];
    let base = median(veth.round_trips.iter().copied());
    println!("one TCP stream, {rounds} runs of {seconds} s; {PINGS} pings a run, 3 ms apart");
    println!("late: half of what a round trip takes beyond both delays and the median over veth");
    println!(
        "{:<29}{:>11} {:>7} {:>8} {:>8} {:>10} {:>10} {:>10}",
        "", "median", "of veth", "resent", "lost", "late p50", "p99", "max"
    );
    for contender in contenders {
        let late: Vec<f64> = contender
            .round_trips
            .iter()
            .map(|time| (time - base) / 2.0 - contender.carrier.delay().as_secs_f64() * 1e3)
            .collect();
        let resent: u64 = contender.runs.iter().map(|run| run.resent).sum();
        println!(
            "{:<29}{:>6.3} Gbit/s {:>4.0}% {:>8} {:>8} {:>7.3} ms {:>7.3} ms {:>7.3} ms",
            contender.carrier.name(),
            contender.throughput(),
            100.0 * contender.throughput() / veth.throughput(),
            resent,
            lost_by(&contender.carrier) - contender.lost_at_first,
            percentile(&late, 50),
            percentile(&late, 99),
            percentile(&late, 100),
        );
    }
}
