//! What Debian's ping sees of many packets.

use std::net::Ipv4Addr;

use crate::lab::Lab;
use crate::traceroute::ping;

/// Pings that were sent one after the other, whatever became of those before.
#[derive(Debug)]
pub(crate) struct Pings {
    pub(crate) sent: usize,
    /// Answered, however often.
    pub(crate) received: usize,
    /// Further answers to the same ping.
    pub(crate) duplicates: usize,
    /// Milliseconds, one for every answer, in the order in which they came.
    pub(crate) times: Vec<f64>,
    /// The number of the ping that each of them answers.
    numbers: Vec<usize>,
}

/// Pings a machine that many times.
pub(crate) fn pings(lab: &Lab, from: &str, to: Ipv4Addr, count: usize, options: &[&str]) -> Pings {
    let count = count.to_string();
    let said = ping(
        lab,
        from,
        to,
        &[&["-c", &count, "-W", "1"], options].concat(),
    )
    .said;
    let answers = || {
        said.lines()
            .filter(|line| line.contains("icmp_seq=") && line.contains("time="))
    };
    let after = |line: &str, word: &str| {
        let mut words = line.split_whitespace();
        words.find_map(|one| one.strip_prefix(word)?.parse::<f64>().ok())
    };
    let duplicates = answers().filter(|line| line.contains("DUP!")).count();
    let times: Vec<f64> = answers().filter_map(|line| after(line, "time=")).collect();
    Pings {
        sent: count.parse().expect("a count"),
        received: times.len() - duplicates,
        duplicates,
        times,
        numbers: answers()
            .filter_map(|line| {
                let mut words = line.split_whitespace();
                words.find_map(|one| one.strip_prefix("icmp_seq=")?.parse().ok())
            })
            .collect(),
    }
}

impl Pings {
    /// The shortest time, in milliseconds.
    pub(crate) fn shortest(&self) -> f64 {
        self.times.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// Answers that came before that to an earlier ping.
    pub(crate) fn out_of_order(&self) -> usize {
        let pairs = self.numbers.windows(2);
        pairs.filter(|pair| pair[1] < pair[0]).count()
    }
}
