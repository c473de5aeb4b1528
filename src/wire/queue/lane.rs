//! One direction of a wire: what happens to each frame, and the frames in transit.
//!
//! Terms, order of random draws and times are those of Linux's netem (`netem_enqueue` of `net/sched/sch_netem.c`),
//! except for two guarantees. Without jitter or reorder, frames leave in the order of arrival, even when the delay is
//! shortened. Without a configured queue, frames are dropped only if they would wait long at a rate.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BinaryHeap, VecDeque},
    time::{Duration, Instant},
};

use super::{
    super::frame::{Frame, Pool},
    lot::Lot,
};
use crate::units::{Bandwidth, Impairment};

/// The most memory of the frames in transit in one direction: 100 ms at 4 Gbit/s and more, or 30,000 single full
/// frames.
const MOST_MEMORY: usize = 64 * 1024 * 1024;

/// The amount in transit below which a direction that was full accepts frames again.
const ROOM_AGAIN: usize = MOST_MEMORY / 8 * 7;

/// The longest wait at a rate without a configured queue: the buffer of a switch port, and enough for TCP to fill the
/// link over any distance on land.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// How long lateness counts: a sender replaces late frames within a round trip.
const LATENESS_LASTS: Duration = LONGEST_WAIT;

/// Frames that may wait at a rate for any time; otherwise a slow link would accept almost none.
const FEWEST_WAITING: usize = 32;

/// The result for an arriving frame: how many of it and its duplicate had each result. The rest is in transit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in super::super) struct Fate {
    /// Lost randomly.
    pub(in super::super) lost: u8,
    /// Lost because the queue was full.
    pub(in super::super) queue_full: u8,
    /// Duplicated randomly.
    pub(in super::super) duplicated: u8,
    /// Overtaking a frame in transit.
    pub(in super::super) reordered: u8,
}

/// One direction.
#[derive(Debug)]
pub(super) struct Lane {
    impairment: Impairment,
    lot: Lot,
    /// Frames sorted by time, which is the order of arrival.
    in_turn: VecDeque<Waiting>,
    /// Frames that overtake one of `in_turn`.
    ahead: BinaryHeap<Reverse<Waiting>>,
    /// The latest time of any frame.
    latest: Option<Instant>,
    /// When the last frame has crossed the link, according to its rate only. After a late wake-up this may be before
    /// the time at which the frame left.
    free: Option<Instant>,
    lateness: Option<Lateness>,
    /// How many frames have arrived.
    came: u64,
    memory: usize,
}

/// How late a frame left, because the thread had no processor.
#[derive(Debug, Clone, Copy)]
struct Lateness {
    by: Duration,
    seen: Instant,
}

/// A frame in transit.
#[derive(Debug)]
struct Waiting {
    due: Instant,
    /// Its arrival number, which orders frames with the same time.
    number: u64,
    frame: Frame,
}

impl Lane {
    /// A direction without frames in transit.
    pub(super) fn new(impairment: Impairment, lot: Lot) -> Self {
        Self {
            impairment,
            lot,
            in_turn: VecDeque::new(),
            ahead: BinaryHeap::new(),
            latest: None,
            free: None,
            lateness: None,
            came: 0,
            memory: 0,
        }
    }

    /// Sets the impairments of later frames.
    pub(super) fn set(&mut self, impairment: Impairment) {
        self.impairment = impairment;
    }

    /// Whether one more frame of any size is accepted.
    pub(super) fn has_room(&self) -> bool {
        self.memory < MOST_MEMORY
    }

    /// Whether there is enough room to accept frames again.
    pub(super) fn has_room_again(&self) -> bool {
        self.memory < ROOM_AGAIN
    }

    /// When the next frame leaves.
    pub(super) fn first_due(&self) -> Option<Instant> {
        let ahead = self.ahead.peek().map(|Reverse(waiting)| waiting.due);
        let in_turn = self.in_turn.front().map(|waiting| waiting.due);
        ahead.into_iter().chain(in_turn).min()
    }

    /// Decides what happens to a frame that arrived at `now`.
    pub(super) fn take(&mut self, frame: Frame, now: Instant, pool: &mut Pool) -> Fate {
        let mut fate = Fate::default();
        let duplicated = self.lot.falls_on(self.impairment.duplicate);
        let lost = self.lot.falls_on(self.impairment.loss);
        fate.duplicated += u8::from(duplicated);
        fate.lost += u8::from(lost);
        if duplicated && !lost {
            let second = pool.copy(&frame);
            // netem enqueues the second copy like a new packet, so it may be lost separately.
            if self.lot.falls_on(self.impairment.loss) {
                fate.lost += 1;
                pool.recycle(second);
            } else {
                self.hold(second, now, pool, &mut fate);
            }
        }
        if lost && !duplicated {
            pool.recycle(frame);
        } else {
            self.hold(frame, now, pool, &mut fate);
        }
        fate
    }

    /// Removes and returns the frame that leaves first, at `now`.
    pub(super) fn pop(&mut self, now: Instant) -> Option<Frame> {
        let is_ahead = match (self.ahead.peek(), self.in_turn.front()) {
            (Some(Reverse(ahead)), Some(in_turn)) => ahead < in_turn,
            (ahead, _) => ahead.is_some(),
        };
        let waiting = if is_ahead {
            self.ahead.pop().map(|Reverse(waiting)| waiting)
        } else {
            self.in_turn.pop_front()
        };
        let Waiting { due, frame, .. } = waiting?;
        self.memory -= frame.memory();
        self.note_lateness(now.saturating_duration_since(due), now);
        Some(frame)
    }

    fn note_lateness(&mut self, by: Duration, now: Instant) {
        let by = by.min(Bandwidth::CATCH_UP);
        if by > self.credit(now) {
            self.lateness = Some(Lateness { by, seen: now });
        }
    }

    /// How much idle time of the link may be compensated: as much as the thread was late recently.
    fn credit(&self, now: Instant) -> Duration {
        let lateness = self.lateness;
        let lateness = lateness.filter(|it| now <= it.seen + LATENESS_LASTS);
        lateness.map_or(Duration::ZERO, |it| it.by)
    }

    fn hold(&mut self, frame: Frame, now: Instant, pool: &mut Pool, fate: &mut Fate) {
        if self.is_full(now) {
            fate.queue_full += 1;
            pool.recycle(frame);
            return;
        }
        let due = self.due(&frame, now);
        fate.reordered += u8::from(self.latest.is_some_and(|latest| due < latest));
        self.latest = self.latest.max(Some(due));
        self.memory += frame.memory();
        self.came += 1;
        let waiting = Waiting {
            due,
            number: self.came,
            frame,
        };
        if self.in_turn.back().is_some_and(|last| waiting < *last) {
            self.ahead.push(Reverse(waiting));
        } else {
            self.in_turn.push_back(waiting);
        }
    }

    /// Whether the configured queue, or the default limit of a rate, is full.
    fn is_full(&self, now: Instant) -> bool {
        let under_way = self.in_turn.len() + self.ahead.len();
        match (self.impairment.queue, self.impairment.rate) {
            (Some(most), _) => under_way >= usize::try_from(most).unwrap_or(usize::MAX),
            (None, Some(_)) if under_way >= FEWEST_WAITING => {
                let undisturbed = now + self.impairment.delay + self.impairment.jitter;
                self.latest
                    .is_some_and(|latest| latest > undisturbed + LONGEST_WAIT)
            }
            (None, _) => false,
        }
    }

    fn due(&mut self, frame: &Frame, now: Instant) -> Instant {
        let asked = self.impairment;
        if self.lot.falls_on(asked.reorder) {
            return now;
        }
        let undisturbed = now + self.lot.around(asked.delay, asked.jitter);
        let keeps_order = asked.jitter.is_zero() && asked.reorder.is_none();
        let Some(rate) = asked.rate else {
            let due = self.latest.filter(|_| keeps_order).max(Some(undisturbed));
            self.free = self.free.max(due);
            return due.unwrap_or(undisturbed);
        };
        let crossed = self.start(undisturbed, now) + rate.time_for(frame.len_on_the_wire());
        self.free = Some(crossed);
        crossed.max(undisturbed).max(self.latest.unwrap_or(crossed))
    }

    /// When a link with a rate starts to send a frame that could start at `undisturbed`: when it is free. After late
    /// frames, later ones start earlier, to make up for lost time and keep the rate.
    fn start(&self, undisturbed: Instant, now: Instant) -> Instant {
        let earliest = undisturbed.checked_sub(self.credit(now));
        let earliest = earliest.unwrap_or(undisturbed);
        self.free.map_or(undisturbed, |free| free.max(earliest))
    }
}

impl Waiting {
    fn order(&self) -> (Instant, u64) {
        (self.due, self.number)
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Waiting {}
