//! Which probe goes out when, which answer belongs to it, and when enough was heard.
//!
//! Nothing here sends or reads a clock: the driver says what time it is. Every time to live of
//! every target may be in flight at once. The first probe of every hop of every target precedes
//! the second of any, so the probes of one hop are spread over the run, and two probes in a row go
//! to one target only where no other has any left.
//!
//! Silence is a finding too. A hop that is expected to stay silent is listened to until the path
//! has settled; a hop that is expected to answer is waited for as long as patience lasts, and no
//! longer than its answer takes.

use std::{
    collections::BTreeSet,
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use crate::units::Ttl;

use super::{
    path::{Path, after},
    trace::{Answer, Reply, Trace},
};

/// How late a send may be and the next still be due on time. A sender that is woken late by less
/// keeps its pace over the run; one that is later does not send everything missed in one burst.
const CATCH_UP: Duration = Duration::from_millis(1);

/// Hops that an open-ended trace looks for at most, as traceroute does.
const LONGEST_TRACE: Ttl = Ttl::new(30).expect("30 is not 0");

/// Time to live of a ping, as Linux sends it.
const PING_TTL: Ttl = Ttl::new(64).expect("64 is not 0");

const FIRST_TTL: Ttl = Ttl::new(1).expect("1 is not 0");

/// A destination, and what is expected on the way there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Where the probes go.
    pub destination: Ipv4Addr,
    /// The lowest time to live that is probed.
    pub first_ttl: Ttl,
    /// The highest. If it is below the first, nothing is probed.
    pub last_ttl: Ttl,
    /// Where no answer is awaited; an answer from there is recorded like any other.
    pub silent: BTreeSet<Ttl>,
    /// How long after the last send silence is final where no answer is awaited: no less than
    /// any round trip of the path can take.
    pub settle: Duration,
    /// How long an awaited answer may be missing, from its probe's send on, before it is given
    /// up. Once one probe of a hop was refused, its others are not awaited.
    pub patience: Duration,
}

impl Target {
    /// A trace towards a destination at an unknown distance of up to 30 hops. Nothing bounds its
    /// round-trip times, so it takes as long to settle as patience lasts.
    #[must_use]
    pub fn trace(destination: Ipv4Addr, patience: Duration) -> Self {
        Self {
            destination,
            first_ttl: FIRST_TTL,
            last_ttl: LONGEST_TRACE,
            silent: BTreeSet::new(),
            settle: patience,
            patience,
        }
    }

    /// A ping: one hop, whose probes all ask for the destination itself.
    #[must_use]
    pub fn ping(destination: Ipv4Addr, patience: Duration) -> Self {
        Self {
            first_ttl: PING_TTL,
            last_ttl: PING_TTL,
            ..Self::trace(destination, patience)
        }
    }
}

/// A probe that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Send {
    /// The place of its target among the targets.
    pub target: usize,
    /// The time to live to send it with.
    pub ttl: Ttl,
    /// The sequence number, unique for the target.
    pub sequence: u16,
}

/// A probe that has its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// The place of its target among the targets.
    pub target: usize,
    /// The time to live that it was sent with.
    pub ttl: Ttl,
    /// Which of the hop's probes it is, from 0.
    pub probe: usize,
    /// The answer.
    pub reply: Reply,
}

/// The state of all probes of a run.
#[derive(Debug)]
pub struct Strategy {
    paths: Vec<Path>,
    rounds: usize,
    most_hops: usize,
    pace: Duration,
    due: Instant,
    /// The turn that comes next, counted over targets, then hops, then rounds.
    next_turn: usize,
    /// When each target with missing answers gives them up, and which target.
    closing: BTreeSet<(Instant, usize)>,
}

impl Strategy {
    /// Probes every hop of every target `probes_per_hop` times, one send each `pace`, from `now` on.
    #[must_use]
    pub fn new(targets: Vec<Target>, pace: Duration, probes_per_hop: u8, now: Instant) -> Self {
        let path = |target| Path::new(target, probes_per_hop);
        let paths: Vec<_> = targets.into_iter().map(path).collect();
        let mut strategy = Self {
            most_hops: paths.iter().map(Path::hop_count).max().unwrap_or(0),
            paths,
            rounds: usize::from(probes_per_hop),
            pace,
            due: now,
            next_turn: 0,
            closing: BTreeSet::new(),
        };
        strategy.pass_idle_turns();
        strategy
    }

    /// The next probe if it is due, counted as sent `now` unless [`Self::sent`] or
    /// [`Self::not_sent`] says otherwise.
    pub fn next_send(&mut self, now: Instant) -> Option<Send> {
        if now < self.due {
            return None;
        }
        let send = self.turn(self.next_turn)?;
        let earliest = now.checked_sub(CATCH_UP).unwrap_or(now);
        self.due = after(self.due.max(earliest), self.pace);
        self.sent(send.target, send.sequence, now);
        Some(send)
    }

    /// A probe left at `at`.
    pub fn sent(&mut self, target: usize, sequence: u16, at: Instant) {
        self.change(target, |path| path.sent(sequence, at));
    }

    /// A probe could not be sent, so no answer to it is awaited.
    pub fn not_sent(&mut self, target: usize, sequence: u16, reason: String) {
        self.change(target, |path| path.not_sent(sequence, reason));
    }

    /// An answer arrived at `at`. Says which probe it answers, nothing if none or one that already
    /// has its answer.
    pub fn received(&mut self, target: usize, answer: &Answer, at: Instant) -> Option<Answered> {
        let received = self.change(target, |path| path.received(answer, at))?;
        received.map(|(ttl, probe, reply)| Answered {
            target,
            ttl,
            probe,
            reply,
        })
    }

    /// When to look again if no answer comes before, nothing if nothing is left to wait for.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        if self.has_sends_left() {
            return Some(self.due);
        }
        self.closing.last().map(|(at, _)| *at)
    }

    /// Whether everything was sent, and answered or given up.
    #[must_use]
    pub fn finished(&self, now: Instant) -> bool {
        !self.has_sends_left() && self.closing.last().is_none_or(|(at, _)| *at <= now)
    }

    /// What was found, in the order of the targets.
    #[must_use]
    pub fn into_traces(self) -> Vec<Trace> {
        self.paths.into_iter().map(Path::into_trace).collect()
    }

    fn change<T>(&mut self, target: usize, change: impl FnOnce(&mut Path) -> T) -> Option<T> {
        let path = self.paths.get_mut(target)?;
        if let Some(at) = path.closes_at() {
            self.closing.remove(&(at, target));
        }
        let result = change(path);
        if let Some(at) = path.closes_at() {
            self.closing.insert((at, target));
        }
        self.pass_idle_turns();
        Some(result)
    }

    /// Moves on to the next turn that has a probe to send.
    fn pass_idle_turns(&mut self) {
        while self.has_sends_left() && self.turn(self.next_turn).is_none() {
            self.next_turn += 1;
        }
    }

    fn has_sends_left(&self) -> bool {
        self.next_turn < self.rounds * self.most_hops * self.paths.len()
    }

    /// The probe whose turn it is, nothing if the target has no such hop or not any more.
    fn turn(&self, turn: usize) -> Option<Send> {
        let target = turn.checked_rem(self.paths.len())?;
        let hop = (turn / self.paths.len()).checked_rem(self.most_hops)?;
        let round = turn / self.paths.len() / self.most_hops;
        let (ttl, sequence) = self.paths.get(target)?.probe(round, hop)?;
        Some(Send {
            target,
            ttl,
            sequence,
        })
    }
}
