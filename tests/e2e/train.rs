//! A ping every 10 ms, which measures how long a path was broken.

use std::collections::BTreeSet;
use std::io::Read;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};

use crate::lab::Lab;
use crate::program::{Beside, pid};

/// Milliseconds between two pings, and the option of ping for it.
const PACE_MS: usize = 10;
const PACE: &str = "0.01";

/// A running series of pings.
#[derive(Debug)]
pub(crate) struct Train {
    ping: Beside,
    words: String,
}

/// Which pings of a train were answered.
#[derive(Debug)]
pub(crate) struct Answered {
    numbers: BTreeSet<usize>,
    words: String,
}

impl Train {
    /// Starts the pings.
    pub(crate) fn start(lab: &Lab, from: &str, to: &str) -> Self {
        let words = ["ping", "-n", "-i", PACE, to];
        let mut command = lab.command_inside(from, &words);
        Self {
            ping: Beside::start(command.stdout(Stdio::piped())),
            words: format!("{from} to {to}"),
        }
    }

    /// Ends the pings, and returns which were answered.
    pub(crate) fn end(mut self) -> Answered {
        // SIGINT makes ping print its results; a ping that ended by itself is reported below.
        let _ = kill(pid(self.ping.pid()), Signal::SIGINT);
        let mut said = String::new();
        let output = self.ping.streams().stdout.as_mut();
        let read = output
            .expect("its standard output")
            .read_to_string(&mut said);
        read.expect("what ping says");
        let numbers = said
            .split_whitespace()
            .filter_map(|word| word.strip_prefix("icmp_seq=")?.parse().ok());
        Answered {
            numbers: numbers.collect(),
            words: self.words,
        }
    }
}

impl Answered {
    /// Source and destination.
    pub(crate) fn words(&self) -> &str {
        &self.words
    }

    /// How many pings were lost, up to the last answered one.
    #[track_caller]
    pub(crate) fn lost(&self) -> usize {
        let last = self.numbers.last().copied();
        let last = last.unwrap_or_else(|| panic!("no ping of {} was answered", self.words));
        last - self.numbers.len()
    }

    /// The longest time without an answer.
    pub(crate) fn outage_ms(&self) -> usize {
        let pairs = self.numbers.iter().zip(self.numbers.iter().skip(1));
        let gaps = pairs.map(|(one, next)| next - one - 1);
        gaps.max().unwrap_or_default() * PACE_MS
    }

    /// Asserts that every ping was answered, and that there were at least `least`.
    #[track_caller]
    pub(crate) fn lost_none(&self, least: usize) {
        assert_eq!(self.lost(), 0, "lost from {}", self.words);
        let count = self.numbers.len();
        assert!(count >= least, "only {count} pings from {}", self.words);
    }
}
