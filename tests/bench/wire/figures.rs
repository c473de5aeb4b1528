//! Parses the output of iperf3 and ping.

use serde_json::Value;

/// A run of iperf3.
pub(super) struct Run {
    pub(super) gigabits_per_second: f64,
    /// Retransmitted TCP segments.
    pub(super) resent: u64,
}

impl Run {
    /// Parses the output of `iperf3 --json`.
    pub(super) fn of(report: &str) -> Self {
        let report: Value = serde_json::from_str(report).expect("iperf3 prints JSON");
        let end = &report["end"];
        Self {
            gigabits_per_second: end["sum_received"]["bits_per_second"]
                .as_f64()
                .expect("iperf3 received something")
                / 1e9,
            resent: end["sum_sent"]["retransmits"].as_u64().unwrap_or_default(),
        }
    }
}

/// The output lines of ping.
pub(super) struct RoundTrips<'a>(&'a str);

impl<'a> RoundTrips<'a> {
    pub(super) const fn of(report: &'a str) -> Self {
        Self(report)
    }

    /// The time of each round trip.
    pub(super) fn milliseconds(&self) -> impl Iterator<Item = f64> + 'a {
        self.0.lines().filter_map(|line| {
            let (_, rest) = line.split_once("time=")?;
            rest.strip_suffix(" ms")?.parse().ok()
        })
    }
}

pub(super) fn median(values: impl Iterator<Item = f64>) -> f64 {
    percentile(&values.collect::<Vec<_>>(), 50)
}

/// The least value that `percent` of all do not exceed.
pub(super) fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let rank = (values.len() * percent).div_ceil(100).max(1);
    values.get(rank - 1).copied().unwrap_or(f64::NAN)
}
