//! A ping every ten milliseconds, which shows how long a path was broken.

use std::collections::BTreeSet;
use std::io::Read;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};

use crate::lab::Lab;
use crate::program::{Beside, pid};

/// Milliseconds between two pings, and how ping is told.
const PACE_MS: usize = 10;
const PACE: &str = "0.01";

/// Pings that go on until they are looked at.
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
    /// Starts to ping.
    pub(crate) fn start(lab: &Lab, from: &str, to: &str) -> Self {
        let words = ["ping", "-n", "-i", PACE, to];
        let mut command = lab.command_inside(from, &words);
        Self {
            ping: Beside::start(command.stdout(Stdio::piped())),
            words: format!("{from} to {to}"),
        }
    }

    /// Ends it, and tells which pings were answered.
    pub(crate) fn end(mut self) -> Answered {
        // SIGINT has ping print what it has; a ping that ended by itself says so below.
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
    /// Between which machines.
    pub(crate) fn words(&self) -> &str {
        &self.words
    }

    /// How many pings were lost, up to the last that was answered.
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

    /// Every ping was answered, and there were at least so many.
    #[track_caller]
    pub(crate) fn lost_none(&self, least: usize) {
        assert_eq!(self.lost(), 0, "lost from {}", self.words);
        let count = self.numbers.len();
        assert!(count >= least, "only {count} pings from {}", self.words);
    }
}
