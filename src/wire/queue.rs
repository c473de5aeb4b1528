//! Frames in transit: which are lost, which leaves next, and when.
//!
//! Pure: time is an argument, and there is no input or output. What happens to a frame depends on its arrival time, on
//! earlier frames and on the seed.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use super::frame::{Frame, Pool};
use crate::units::Impairment;

mod lane;
mod lot;
#[cfg(test)]
mod tests;

pub(super) use lane::Fate;

use lane::Lane;
use lot::Lot;

/// One direction of one wire, identified by the end at which frames enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Direction {
    /// The wire.
    pub(super) wire: usize,
    /// The end at which frames enter: 0 or 1.
    pub(super) entry: usize,
}

impl Direction {
    /// Both directions of a wire.
    pub(super) const fn both(wire: usize) -> [Self; 2] {
        [Self { wire, entry: 0 }, Self { wire, entry: 1 }]
    }

    /// The end at which frames leave.
    pub(super) const fn exit(self) -> usize {
        self.entry ^ 1
    }

    /// A number that no other direction has.
    pub(super) const fn number(self) -> u64 {
        (self.wire as u64) << 1 | self.entry as u64
    }

    /// The direction with this number.
    pub(super) fn of_number(number: u64) -> Option<Self> {
        let wire = usize::try_from(number >> 1).ok()?;
        let entry = usize::from(number & 1 == 1);
        Some(Self { wire, entry })
    }
}

/// All frames in transit, over all wires.
#[derive(Debug)]
pub(super) struct Queue {
    seed: u64,
    lanes: BTreeMap<Direction, Lane>,
    /// When the first frame of each non-empty lane leaves.
    heads: BTreeSet<(Instant, Direction)>,
    pool: Pool,
}

impl Queue {
    /// An empty queue. All random numbers come from `seed`, separately for each direction: traffic on one wire does not
    /// change another.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            lanes: BTreeMap::new(),
            heads: BTreeSet::new(),
            pool: Pool::new(),
        }
    }

    /// Adds a direction without frames in transit.
    pub(super) fn add(&mut self, direction: Direction, impairment: Impairment) {
        let lot = Lot::new(self.seed, direction.number());
        self.lanes.insert(direction, Lane::new(impairment, lot));
    }

    /// Removes a direction with its frames in transit.
    pub(super) fn remove(&mut self, direction: Direction) {
        if let Some(due) = self
            .lanes
            .remove(&direction)
            .and_then(|lane| lane.first_due())
        {
            self.heads.remove(&(due, direction));
        }
    }

    /// Sets the impairments of later frames of a direction. Frames in transit keep their time.
    pub(super) fn set(&mut self, direction: Direction, impairment: Impairment) {
        if let Some(lane) = self.lanes.get_mut(&direction) {
            lane.set(impairment);
        }
    }

    /// Whether a direction accepts one more frame, of any size. Otherwise frames should wait in the interface that they
    /// come from.
    pub(super) fn has_room(&self, direction: Direction) -> bool {
        self.lanes.get(&direction).is_some_and(Lane::has_room)
    }

    /// Whether a direction that was full has enough room again to read more frames.
    pub(super) fn has_room_again(&self, direction: Direction) -> bool {
        self.lanes.get(&direction).is_some_and(Lane::has_room_again)
    }

    /// The buffers for new frames.
    pub(super) fn pool(&mut self) -> &mut Pool {
        &mut self.pool
    }

    /// Adds a frame that arrived at `now`, and returns what happened to it.
    pub(super) fn push(&mut self, direction: Direction, frame: Frame, now: Instant) -> Fate {
        let Some(lane) = self.lanes.get_mut(&direction) else {
            self.pool.recycle(frame);
            return Fate::default();
        };
        let before = lane.first_due();
        let fate = lane.take(frame, now, &mut self.pool);
        let after = lane.first_due();
        self.move_head(direction, before, after);
        fate
    }

    /// Removes and returns the earliest frame that is due by `now`.
    pub(super) fn pop_due(&mut self, now: Instant) -> Option<(Direction, Frame)> {
        let (due, direction) = *self.heads.first().filter(|(due, _)| *due <= now)?;
        let lane = self.lanes.get_mut(&direction)?;
        let frame = lane.pop(now)?;
        let after = lane.first_due();
        self.move_head(direction, Some(due), after);
        Some((direction, frame))
    }

    /// When the next frame leaves; `None` without frames in transit.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.heads.first().map(|(due, _)| *due)
    }

    fn move_head(&mut self, direction: Direction, from: Option<Instant>, to: Option<Instant>) {
        if from == to {
            return;
        }
        if let Some(due) = from {
            self.heads.remove(&(due, direction));
        }
        self.heads.extend(to.map(|due| (due, direction)));
    }
}
