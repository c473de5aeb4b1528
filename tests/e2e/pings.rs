//! The results of many pings with Debian's ping.

use std::net::Ipv4Addr;

use crate::lab::Lab;
use crate::traceroute::ping;

/// Pings sent one after the other, without waiting for answers.
#[derive(Debug)]
pub(crate) struct Pings {
    pub(crate) sent: usize,
    /// How many pings were answered.
    pub(crate) received: usize,
    /// Further answers to the same ping.
    pub(crate) duplicates: usize,
    /// Milliseconds of every answer, in the order of arrival.
    pub(crate) times: Vec<f64>,
    /// The sequence number of each answer.
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

    /// Answers that arrived before the answer to an earlier ping.
    pub(crate) fn out_of_order(&self) -> usize {
        let pairs = self.numbers.windows(2);
        pairs.filter(|pair| pair[1] < pair[0]).count()
    }
}
