//! Decides when each probe is sent, matches answers to probes, and decides when to stop waiting.
//!
//! This module neither sends nor reads a clock: the driver passes the time. Every TTL of every target may be in flight
//! at once. The first probes of all hops of all targets precede all second probes, so the probes of one hop are spread
//! over the run. In a round, groups of targets follow each other. In a group, two consecutive probes go to the same
//! target only if no other target has probes left.
//!
//! The number of probes in flight is limited, so that every queue on the path has room for all of them, and none is
//! lost if a receiver reads late.
//!
//! Silence is a result too. For a hop that is expected to stay silent, the run waits until the path has settled. For a
//! hop that is expected to answer, it waits until the answer arrives or the patience ends. If all expected answers have
//! arrived, the machine is not late, and silence is final sooner.

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

/// The maximum delay of a send after which the next send keeps its time. A sender that wakes up later than this does
/// not send all missed probes in one burst.
pub(super) const CATCH_UP: Duration = Duration::from_millis(1);

/// Targets in a group. The number is low enough that the probes of silent hops leave room for answered ones. Their
/// answers show that all earlier probes have reached the place where they are dropped.
const GROUP: usize = 64;

/// How long no answer must arrive after the last awaited one before silence is final. This is longer than a packet
/// socket or a carrier thread waits for a processor that others use.
const QUIET: Duration = Duration::from_millis(30);

const FIRST_TTL: Ttl = Ttl::new(1).expect("1 is not 0");

/// A destination, and the expected answers on the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Where the probes go.
    pub destination: Ipv4Addr,
    /// The lowest TTL that is probed.
    pub first_ttl: Ttl,
    /// The highest. If it is below the first, nothing is probed.
    pub last_ttl: Ttl,
    /// TTLs at which no answer is awaited; an answer from there is recorded like any other.
    pub silent: BTreeSet<Ttl>,
    /// Maximum round-trip time of the path, on a machine that delays nothing.
    pub round_trip: Duration,
    /// Time after the last send until silence is final at TTLs where no answer is awaited, on a machine of any load.
    pub settle: Duration,
    /// Time from a probe's send until an awaited answer is given up. Once one probe of a hop was refused, answers to
    /// its others are not awaited.
    pub patience: Duration,
}

impl Target {
    /// A trace to a destination at an unknown distance of at most `most_hops` hops. Its round-trip times have no known
    /// limit, so its settling time is the patience.
    #[must_use]
    pub fn trace(destination: Ipv4Addr, most_hops: Ttl, patience: Duration) -> Self {
        Self {
            destination,
            first_ttl: FIRST_TTL,
            last_ttl: most_hops,
            silent: BTreeSet::new(),
            round_trip: patience,
            settle: patience,
            patience,
        }
    }

    /// A ping: one hop, whose probes all go to the destination, with the TTL of their source's packets.
    #[must_use]
    pub fn ping(destination: Ipv4Addr, ttl: Ttl, patience: Duration) -> Self {
        Self {
            first_ttl: ttl,
            ..Self::trace(destination, ttl, patience)
        }
    }
}

/// A probe that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Send {
    /// The index of its target.
    pub target: usize,
    /// The TTL to send it with.
    pub ttl: Ttl,
    /// The sequence number, unique for the target.
    pub sequence: u16,
}

/// A probe with its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// The index of its target.
    pub target: usize,
    /// The TTL that it was sent with.
    pub ttl: Ttl,
    /// Which of the hop's probes it is, from 0.
    pub probe: usize,
    /// The answer.
    pub reply: Reply,
}

/// The pace of the probes in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pacing {
    /// Time between two sends, to any target.
    pub pace: Duration,
    /// Maximum number of probes in flight. A probe is in flight until it is answered or [settled](Target::settle) or,
    /// if no answer is awaited, overtaken: a later probe to the same target with a higher TTL was answered.
    pub most_underway: usize,
    /// The number of probes to each hop of each target.
    pub probes_per_hop: u8,
}

/// The state of all probes of a run. The cost of an event does not grow with the number of targets, except for the
/// lookups in ordered sets.
#[derive(Debug)]
pub struct Strategy {
    paths: Vec<Path>,
    pacing: Pacing,
    due: Instant,
    next_turn: Turn,
    /// By group, then hop: the targets that have this hop.
    groups: Vec<Vec<Vec<usize>>>,
    /// The probes in flight: when each one settles, its target and its sequence number.
    underway: BTreeSet<(Instant, usize, u16)>,
    /// When each target with missing answers gives them up, and which target. It is used only after the last send, so
    /// it is empty until then.
    closing: BTreeSet<(Instant, usize)>,
    /// When each target with missing answers, none of them awaited, has had time for a round trip, and which target.
    /// Empty until the last send.
    quiet: BTreeSet<(Instant, usize)>,
    /// When the last answer came.
    last_answer: Option<Instant>,
}

/// The position of the next probe. The order is: rounds, groups in a round, hops in a group, targets of a hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Turn {
    round: usize,
    group: usize,
    hop: usize,
    place: usize,
}

impl Strategy {
    /// Probes every hop of every target, starting at `now`.
    #[must_use]
    pub fn new(targets: Vec<Target>, pacing: Pacing, now: Instant) -> Self {
        let path = |target| Path::new(target, pacing.probes_per_hop);
        let paths: Vec<_> = targets.into_iter().map(path).collect();
        let mut strategy = Self {
            groups: groups(&paths),
            paths,
            pacing,
            due: now,
            next_turn: Turn::default(),
            underway: BTreeSet::new(),
            closing: BTreeSet::new(),
            quiet: BTreeSet::new(),
            last_answer: None,
        };
        strategy.pass_idle_turns();
        strategy
    }

    /// The next probe if it is due. It counts as sent at `now` unless [`Self::sent`] or [`Self::not_sent`] is called
    /// for it.
    pub fn next_send(&mut self, now: Instant) -> Option<Send> {
        self.forget_settled(now);
        if now < self.due || self.has_no_room() {
            return None;
        }
        let send = self.turn(self.next_turn)?;
        let earliest = now.checked_sub(CATCH_UP).unwrap_or(now);
        self.due = after(self.due.max(earliest), self.pacing.pace);
        self.sent(send.target, send.sequence, now);
        Some(send)
    }

    /// A probe was sent at `at`.
    pub fn sent(&mut self, target: usize, sequence: u16, at: Instant) {
        self.change(target, sequence, |path| path.sent(sequence, at));
    }

    /// A probe could not be sent, so no answer to it is awaited.
    pub fn not_sent(&mut self, target: usize, sequence: u16, reason: String) {
        self.change(target, sequence, |path| path.not_sent(sequence, reason));
    }

    /// An answer arrived at `at`. Returns the probe that it answers; `None` if there is no such probe, or if it already
    /// has an answer.
    pub fn received(&mut self, target: usize, answer: &Answer, at: Instant) -> Option<Answered> {
        let received = self.change(target, answer.sequence, |path| path.received(answer, at))?;
        let (ttl, probe, reply) = received?;
        self.last_answer = self.last_answer.max(Some(at));
        self.forget_overtaken(target, answer.sequence);
        Some(Answered {
            target,
            ttl,
            probe,
            reply,
        })
    }

    /// When to check again if no answer arrives before; `None` if there is nothing to wait for.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        if !self.has_sends_left() {
            return self.ends_at();
        }
        let room = self.underway.first().filter(|_| self.has_no_room());
        Some(room.map_or(self.due, |(at, ..)| self.due.max(*at)))
    }

    /// Whether every probe was sent, and answered or given up.
    #[must_use]
    pub fn finished(&self, now: Instant) -> bool {
        !self.has_sends_left() && self.ends_at().is_none_or(|at| at <= now)
    }

    /// When all missing answers are given up, after the last send; `None` if none is missing. Once no awaited answer is
    /// missing, the times of the answers show how late the machine is.
    fn ends_at(&self) -> Option<Instant> {
        let (closed, _) = *self.closing.last()?;
        let all_awaited_came = self.quiet.len() == self.closing.len();
        let evidence = self.last_answer.filter(|_| all_awaited_came);
        let quiet = self.quiet.last().map(|(at, _)| *at);
        Some(match (evidence, quiet) {
            (Some(answer), Some(quiet)) => after(answer.max(quiet), QUIET).min(closed),
            _ => closed,
        })
    }

    /// The results, in the order of the targets.
    #[must_use]
    pub fn into_traces(self) -> Vec<Trace> {
        self.paths.into_iter().map(Path::into_trace).collect()
    }

    /// Applies a change to a probe's path.
    fn change<T>(
        &mut self,
        target: usize,
        sequence: u16,
        change: impl FnOnce(&mut Path) -> T,
    ) -> Option<T> {
        let had_sends_left = self.has_sends_left();
        let path = self.paths.get_mut(target)?;
        let ends = |path: &Path| [path.closes_at(), path.quiet_at()];
        let before = (!had_sends_left).then(|| ends(path));
        if let Some(at) = path.settles_at(sequence) {
            self.underway.remove(&(at, target, sequence));
        }
        let result = change(path);
        if let Some(at) = path.settles_at(sequence) {
            self.underway.insert((at, target, sequence));
        }
        let after = ends(path);
        match before {
            None => self.pass_idle_turns(),
            Some(before) => {
                let sets = [&mut self.closing, &mut self.quiet];
                for ((set, before), after) in sets.into_iter().zip(before).zip(after) {
                    before.map(|at| set.remove(&(at, target)));
                    set.extend(after.map(|at| (at, target)));
                }
            }
        }
        Some(result)
    }

    /// Moves to the next turn that has a probe to send. After the last one, only missing answers remain.
    fn pass_idle_turns(&mut self) {
        while self.has_sends_left() && self.turn(self.next_turn).is_none() {
            self.next_turn = self.turn_after(self.next_turn);
        }
        if !self.has_sends_left() {
            let paths = || self.paths.iter().zip(0..);
            let closing = paths().filter_map(|(path, target)| Some((path.closes_at()?, target)));
            self.closing = closing.collect();
            let quiet = paths().filter_map(|(path, target)| Some((path.quiet_at()?, target)));
            self.quiet = quiet.collect();
        }
    }

    fn turn_after(&self, turn: Turn) -> Turn {
        let hops = &self.groups[turn.group];
        let first = Turn {
            round: turn.round,
            ..Turn::default()
        };
        if turn.place + 1 < hops[turn.hop].len() {
            let place = turn.place + 1;
            Turn { place, ..turn }
        } else if turn.hop + 1 < hops.len() {
            let (group, hop) = (turn.group, turn.hop + 1);
            Turn {
                group,
                hop,
                ..first
            }
        } else if turn.group + 1 < self.groups.len() {
            let group = turn.group + 1;
            Turn { group, ..first }
        } else {
            let round = turn.round + 1;
            Turn { round, ..first }
        }
    }

    fn has_sends_left(&self) -> bool {
        let has_hops = !self.groups.is_empty();
        has_hops && self.next_turn.round < usize::from(self.pacing.probes_per_hop)
    }

    fn has_no_room(&self) -> bool {
        self.underway.len() >= self.pacing.most_underway
    }

    /// Removes settled probes from those in flight. A late answer to one of them still counts.
    fn forget_settled(&mut self, now: Instant) {
        while self.underway.first().is_some_and(|(at, ..)| *at <= now) {
            self.underway.pop_first();
        }
    }

    /// An answered probe passed every queue that the earlier probes of its path passed until they were dropped, so
    /// these are no longer in flight.
    fn forget_overtaken(&mut self, target: usize, sequence: u16) {
        for sequence in self.paths[target].overtaken_by(sequence) {
            if let Some(at) = self.paths[target].settles_at(sequence) {
                self.underway.remove(&(at, target, sequence));
            }
        }
    }

    /// The probe of a turn; `None` if the hop no longer belongs to the path.
    fn turn(&self, turn: Turn) -> Option<Send> {
        let hops = self.groups.get(turn.group)?;
        let target = *hops.get(turn.hop)?.get(turn.place)?;
        let (ttl, sequence) = self.paths.get(target)?.probe(turn.round, turn.hop)?;
        Some(Send {
            target,
            ttl,
            sequence,
        })
    }
}

/// By group, then hop: the targets that have this hop. Empty groups are omitted. A run has at most one turn per probe,
/// so a long path among short ones causes no empty turns.
fn groups(paths: &[Path]) -> Vec<Vec<Vec<usize>>> {
    let firsts = (0..).step_by(GROUP);
    let groups = paths.chunks(GROUP).zip(firsts).map(|(paths, first)| {
        let most_hops = paths.iter().map(Path::hop_count).max().unwrap_or(0);
        let mut by_hop = vec![Vec::new(); most_hops];
        for (path, target) in paths.iter().zip(first..) {
            for targets in by_hop.iter_mut().take(path.hop_count()) {
                targets.push(target);
            }
        }
        by_hop
    });
    groups.filter(|hops| !hops.is_empty()).collect()
}

#[cfg(test)]
pub(super) mod tests;
