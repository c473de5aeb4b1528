//! Which probe goes out when, which answer belongs to it, and when enough was heard.
//!
//! Nothing here sends or reads a clock: the driver says what time it is. Every TTL of
//! every target may be in flight at once. The first probe of every hop of every target precedes
//! the second of any, so the probes of one hop are spread over the run. In a round, groups of targets
//! come one after the other, and in a group two probes in a row go to one target only where no other
//! has any left.
//!
//! No more than so many probes are underway at a time, so that every queue on their way has room for
//! all of them and none is lost for want of it, however late somebody is to take them out.
//!
//! Silence is a finding too. A hop that is expected to stay silent is listened to until the path
//! has settled; a hop that is expected to answer is waited for as long as patience lasts, and no
//! longer than its answer takes. Where all who are expected to answer have done so, the machine has shown that it is
//! not late, and silence is final sooner.

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
pub(super) const CATCH_UP: Duration = Duration::from_millis(1);

/// Targets of a group: so few that the probes of its silent hops leave room for those that are answered,
/// and with that show that all before them have arrived where they are dropped.
const GROUP: usize = 64;

/// How long nothing is heard any more, after all that was awaited, before silence is final: longer than a packet socket
/// or a thread that carries packets waits for a processor while others get theirs.
const QUIET: Duration = Duration::from_millis(30);

const FIRST_TTL: Ttl = Ttl::new(1).expect("1 is not 0");

/// A destination, and what is expected on the way there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Where the probes go.
    pub destination: Ipv4Addr,
    /// The lowest TTL that is probed.
    pub first_ttl: Ttl,
    /// The highest. If it is below the first, nothing is probed.
    pub last_ttl: Ttl,
    /// Where no answer is awaited; an answer from there is recorded like any other.
    pub silent: BTreeSet<Ttl>,
    /// What any round trip of the path takes at most, on a machine that makes nothing late.
    pub round_trip: Duration,
    /// How long after the last send silence is final where no answer is awaited, however busy the machine is.
    pub settle: Duration,
    /// How long an awaited answer may be missing, from its probe's send on, before it is given
    /// up. Once one probe of a hop was refused, its others are not awaited.
    pub patience: Duration,
}

impl Target {
    /// A trace towards a destination at an unknown distance of at most so many hops. Nothing bounds
    /// its round-trip times, so it takes as long to settle as patience lasts.
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

    /// A ping: one hop, whose probes all ask the destination itself, with the TTL of their source's packets.
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
    /// The place of its target among the targets.
    pub target: usize,
    /// The TTL to send it with.
    pub ttl: Ttl,
    /// The sequence number, unique for the target.
    pub sequence: u16,
}

/// A probe that has its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// The place of its target among the targets.
    pub target: usize,
    /// The TTL that it was sent with.
    pub ttl: Ttl,
    /// Which of the hop's probes it is, from 0.
    pub probe: usize,
    /// The answer.
    pub reply: Reply,
}

/// How the probes of a run follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pacing {
    /// From one send to the next, whatever their targets.
    pub pace: Duration,
    /// Probes that may be underway at a time: neither answered nor [settled](Target::settle) nor, where
    /// no answer is awaited, overtaken by one to the same target that was sent later and went further.
    pub most_underway: usize,
    /// How often each hop of each target is probed.
    pub probes_per_hop: u8,
}

/// The state of all probes of a run. What an event costs does not grow with the number of targets,
/// but for the ordered sets that it is kept in.
#[derive(Debug)]
pub struct Strategy {
    paths: Vec<Path>,
    pacing: Pacing,
    due: Instant,
    next_turn: Turn,
    /// For each group, the targets that have a hop, for each hop.
    groups: Vec<Vec<Vec<usize>>>,
    /// When each probe that is underway will not be any more, its target and its sequence number.
    underway: BTreeSet<(Instant, usize, u16)>,
    /// When each target with missing answers gives them up, and which target. Nobody asks for it
    /// before the last probe was sent, so it is empty until then.
    closing: BTreeSet<(Instant, usize)>,
    /// When each target that misses answers, but none that is awaited, has had time for a round trip, and which target.
    /// Empty as long as the set above.
    quiet: BTreeSet<(Instant, usize)>,
    /// When the last answer came.
    last_answer: Option<Instant>,
}

/// Whose turn it is: that of a hop's so-and-so-many-th target in a group. Rounds come in order, in a
/// round groups, in a group hops, and for a hop its targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Turn {
    round: usize,
    group: usize,
    hop: usize,
    place: usize,
}

impl Strategy {
    /// Probes every hop of every target, from `now` on.
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

    /// The next probe if it is due, counted as sent `now` unless [`Self::sent`] or
    /// [`Self::not_sent`] says otherwise.
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

    /// A probe left at `at`.
    pub fn sent(&mut self, target: usize, sequence: u16, at: Instant) {
        self.change(target, sequence, |path| path.sent(sequence, at));
    }

    /// A probe could not be sent, so no answer to it is awaited.
    pub fn not_sent(&mut self, target: usize, sequence: u16, reason: String) {
        self.change(target, sequence, |path| path.not_sent(sequence, reason));
    }

    /// An answer arrived at `at`. Says which probe it answers, nothing if none or one that already
    /// has its answer.
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

    /// When to look again if no answer comes before, nothing if nothing is left to wait for.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        if !self.has_sends_left() {
            return self.ends_at();
        }
        let room = self.underway.first().filter(|_| self.has_no_room());
        Some(room.map_or(self.due, |(at, ..)| self.due.max(*at)))
    }

    /// Whether everything was sent, and answered or given up.
    #[must_use]
    pub fn finished(&self, now: Instant) -> bool {
        !self.has_sends_left() && self.ends_at().is_none_or(|at| at <= now)
    }

    /// When everything that is missing is given up, after the last send; nothing if nothing is missing. Where no awaited
    /// answer is missing any more, the answers show how late the machine is.
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

    /// What was found, in the order of the targets.
    #[must_use]
    pub fn into_traces(self) -> Vec<Trace> {
        self.paths.into_iter().map(Path::into_trace).collect()
    }

    /// Has something happen to a probe.
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

    /// Moves on to the next turn that has a probe to send. After the last of them, only the answers
    /// that are missing are left to wait for.
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

    /// A probe that has settled is nowhere any more. Its answer, if it comes all the same, counts.
    fn forget_settled(&mut self, now: Instant) {
        while self.underway.first().is_some_and(|(at, ..)| *at <= now) {
            self.underway.pop_first();
        }
    }

    /// What was answered went through every queue that its predecessors went through, up to where they
    /// were dropped.
    fn forget_overtaken(&mut self, target: usize, sequence: u16) {
        for sequence in self.paths[target].overtaken_by(sequence) {
            if let Some(at) = self.paths[target].settles_at(sequence) {
                self.underway.remove(&(at, target, sequence));
            }
        }
    }

    /// The probe whose turn it is, nothing if the hop does not belong to the path any more.
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

/// For each group, the targets that have a hop, for each hop; groups without any are left out. A run has
/// no more turns than probes, so that a long path among short ones costs no turns of theirs.
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
