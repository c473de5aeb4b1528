//! The probes of one target: which are in flight, which were answered, and when silence is final.

use std::time::{Duration, Instant};

use crate::units::Ttl;

use super::{
    strategy::Target,
    trace::{Answer, Hop, Reply, ReplyKind, Trace},
};

/// The longest wait, for any caller: adding an endless wait to a clock would panic.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// The point in time `wait` after `at`, or an hour after it if `wait` is longer.
pub(super) fn after(at: Instant, wait: Duration) -> Instant {
    at + wait.min(LONGEST_WAIT)
}

/// The state of a probe.
#[derive(Debug, Clone)]
enum Slot {
    Unsent,
    Sent(Instant),
    Answered(Reply),
    Failed(String),
}

/// A target and its probes. A probe's sequence number is its index in `slots`, round by round.
#[derive(Debug)]
pub(super) struct Path {
    target: Target,
    slots: Vec<Slot>,
    hop_count: usize,
    /// The nearest hop that ended the path. Hops behind it are ignored.
    end: Option<usize>,
    /// The nearest hop that refused a probe.
    refused: Option<usize>,
    last_sent: Option<Instant>,
}

impl Path {
    pub(super) fn new(target: Target, probes_per_hop: u8) -> Self {
        let ttls = usize::from(target.first_ttl.get())..=usize::from(target.last_ttl.get());
        let hop_count = ttls.count();
        Self {
            slots: vec![Slot::Unsent; hop_count * usize::from(probes_per_hop)],
            target,
            hop_count,
            end: None,
            refused: None,
            last_sent: None,
        }
    }

    pub(super) fn hop_count(&self) -> usize {
        self.hop_count
    }

    /// The TTL and the sequence number of a hop's probe; `None` if it is not to be sent.
    pub(super) fn probe(&self, round: usize, hop: usize) -> Option<(Ttl, u16)> {
        let sequence = u16::try_from(round * self.hop_count + hop).ok()?;
        let is_to_be_sent =
            self.wants(hop) && matches!(self.slots.get(usize::from(sequence))?, Slot::Unsent);
        is_to_be_sent.then_some((self.ttl(hop)?, sequence))
    }

    /// When an unanswered probe counts as no longer in flight; `None` if it is not in flight.
    pub(super) fn settles_at(&self, sequence: u16) -> Option<Instant> {
        match self.slots.get(usize::from(sequence))? {
            Slot::Sent(at) => Some(after(*at, self.target.settle)),
            Slot::Unsent | Slot::Answered(_) | Slot::Failed(_) => None,
        }
    }

    /// The earlier probes with a lower TTL, at hops where no answer is awaited.
    pub(super) fn overtaken_by(&self, sequence: u16) -> Vec<u16> {
        let hop_of = |sequence: u16| usize::from(sequence).checked_rem(self.hop_count);
        let is_overtaken = |earlier: &u16| {
            hop_of(*earlier) < hop_of(sequence)
                && hop_of(*earlier).is_some_and(|hop| !self.is_awaited(hop))
        };
        (0..sequence).filter(is_overtaken).collect()
    }

    /// When all missing answers are given up; `None` if none is missing. An awaited answer is given up after its own
    /// patience, any other one when the path has settled.
    pub(super) fn closes_at(&self) -> Option<Instant> {
        let settled_at = after(self.last_sent?, self.target.settle);
        let given_up_at = self.slots.iter().enumerate().filter_map(|(place, slot)| {
            let hop = place % self.hop_count;
            match slot {
                Slot::Sent(_) if !self.wants(hop) => None,
                Slot::Sent(at) if self.is_awaited(hop) => Some(after(*at, self.target.patience)),
                Slot::Sent(_) => Some(settled_at),
                Slot::Unsent | Slot::Answered(_) | Slot::Failed(_) => None,
            }
        });
        given_up_at.max()
    }

    /// When every hop whose answer is missing has had time for a round trip, if none of the missing answers is awaited;
    /// `None` if one is awaited, or if none is missing.
    pub(super) fn quiet_at(&self) -> Option<Instant> {
        let slots = self.slots.iter().enumerate();
        let missing = slots.filter(|(_, slot)| matches!(slot, Slot::Sent(_)));
        let hops = missing.map(|(place, _)| place % self.hop_count);
        let mut hops = hops.filter(|hop| self.wants(*hop)).peekable();
        hops.peek()?;
        let is_quiet = !hops.any(|hop| self.is_awaited(hop));
        let last_sent = self.last_sent.filter(|_| is_quiet)?;
        Some(after(last_sent, self.target.round_trip))
    }

    pub(super) fn sent(&mut self, sequence: u16, at: Instant) {
        if let Some(slot @ (Slot::Unsent | Slot::Sent(_))) =
            self.slots.get_mut(usize::from(sequence))
        {
            *slot = Slot::Sent(at);
            self.last_sent = self.last_sent.max(Some(at));
        }
    }

    pub(super) fn not_sent(&mut self, sequence: u16, reason: String) {
        if let Some(slot @ (Slot::Unsent | Slot::Sent(_))) =
            self.slots.get_mut(usize::from(sequence))
        {
            *slot = Slot::Failed(reason);
        }
    }

    /// Stores an answer, unless its probe was never sent or already has one.
    pub(super) fn received(&mut self, answer: &Answer, at: Instant) -> Option<(Ttl, usize, Reply)> {
        let place = usize::from(answer.sequence);
        let slot = self.slots.get_mut(place)?;
        let Slot::Sent(sent_at) = *slot else {
            return None;
        };
        let reply = Reply {
            from: answer.from,
            round_trip_time: at.saturating_duration_since(sent_at),
            kind: answer.kind,
            remaining_ttl: answer.remaining_ttl,
        };
        *slot = Slot::Answered(reply);
        let (round, hop) = (place / self.hop_count, place % self.hop_count);
        self.note_end(hop, reply.kind);
        Some((self.ttl(hop)?, round, reply))
    }

    pub(super) fn into_trace(self) -> Trace {
        let hops = (0..self.hop_count).filter(|hop| self.wants(*hop));
        Trace {
            destination: self.target.destination,
            hops: hops.filter_map(|hop| self.hop(hop)).collect(),
        }
    }

    fn note_end(&mut self, hop: usize, kind: ReplyKind) {
        let nearest = |known: Option<usize>| known.into_iter().chain([hop]).min();
        if kind.ends_path() {
            self.end = nearest(self.end);
        }
        if matches!(kind, ReplyKind::Unreachable(_)) {
            self.refused = nearest(self.refused);
        }
    }

    /// Whether a hop belongs to the path, as currently known.
    fn wants(&self, hop: usize) -> bool {
        hop < self.hop_count && self.end.is_none_or(|end| hop <= end)
    }

    fn ttl(&self, hop: usize) -> Option<Ttl> {
        let ttl = usize::from(self.target.first_ttl.get()) + hop;
        u8::try_from(ttl).ok().and_then(Ttl::new)
    }

    /// Whether every probe of a hop should be answered. This does not hold after a refusal: routers limit the rate of
    /// such answers (RFC 1812, section 4.3.2.8), Linux to five in a row and then one per second.
    fn is_awaited(&self, hop: usize) -> bool {
        let is_refused = self.refused == Some(hop);
        let ttl = self.ttl(hop);
        !is_refused && ttl.is_some_and(|ttl| !self.target.silent.contains(&ttl))
    }

    fn hop(&self, hop: usize) -> Option<Hop> {
        let slots = self.slots.iter().skip(hop).step_by(self.hop_count);
        let send_error = slots.clone().find_map(|slot| match slot {
            Slot::Failed(reason) => Some(reason.clone()),
            _ => None,
        });
        let reply = |slot: &Slot| match slot {
            Slot::Answered(reply) => Some(*reply),
            _ => None,
        };
        Some(Hop {
            ttl: self.ttl(hop)?,
            probes: slots.map(reply).collect(),
            send_error,
        })
    }
}
