//! Frames under way: which one leaves next, and when.
//!
//! Pure: time is an argument, and nothing is read or written. Within a direction frames leave in
//! the order in which they came, each a fixed time after it came.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    time::{Duration, Instant},
};

#[cfg(test)]
mod tests;

/// Most bytes under way in one direction: 60 ms of a gigabit link, which is more than a process
/// carries through TAP interfaces, and little enough for a lab with a hundred wires.
pub(super) const MOST_BYTES_UNDER_WAY: usize = 8 * 1024 * 1024;

/// Most empty buffers kept for later frames: enough for a burst, little to hold on to after one.
const MOST_SPARE_FRAMES: usize = 1024;

/// One direction of one wire, named after the end at which frames enter.
///
/// The ends of all wires are numbered through, two to a wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Direction {
    /// The number of the end at which frames enter.
    pub(super) entry: usize,
}

impl Direction {
    /// The number of the end at which frames leave.
    pub(super) const fn exit(self) -> usize {
        self.entry ^ 1
    }
}

/// An Ethernet frame.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Frame(Vec<u8>);

impl Frame {
    /// The frame from its destination address on, without the checksum.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Too much is under way already; the frame is lost.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// All frames under way, over all the wires of a lab.
#[derive(Debug, Default)]
pub(super) struct Queue {
    lanes: Vec<Lane>,
    /// When the first frame of each lane that holds any leaves. A heap, as a burst makes the
    /// earliest of them wanted once a frame: to look at each of hundreds of lanes that often
    /// would cost more than to carry the frame.
    heads: BinaryHeap<Reverse<(Instant, Direction)>>,
    spare: Vec<Frame>,
}

/// The frames under way in one direction, the first to leave in front.
#[derive(Debug)]
struct Lane {
    delay: Duration,
    waiting: VecDeque<Waiting>,
    bytes: usize,
}

#[derive(Debug)]
struct Waiting {
    due: Instant,
    frame: Frame,
}

impl Queue {
    /// An empty queue for wires with these delays, two directions to each.
    pub(super) fn new(delays: impl IntoIterator<Item = Duration>) -> Self {
        let lanes = delays
            .into_iter()
            .flat_map(|delay| [Lane::new(delay), Lane::new(delay)]);
        Self {
            lanes: lanes.collect(),
            ..Self::default()
        }
    }

    /// Takes in a frame that came at `now`, or refuses it when too much is under way.
    pub(super) fn push(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        now: Instant,
    ) -> Result<(), Full> {
        let lane = &mut self.lanes[direction.entry];
        if lane.bytes + bytes.len() > MOST_BYTES_UNDER_WAY {
            return Err(Full);
        }
        let mut frame = self.spare.pop().unwrap_or_default();
        frame.0.extend_from_slice(bytes);
        let due = now + lane.delay;
        if lane.waiting.is_empty() {
            self.heads.push(Reverse((due, direction)));
        }
        lane.push(Waiting { due, frame });
        Ok(())
    }

    /// Gives out the frame that should have left first of those due by `now`.
    pub(super) fn pop_due(&mut self, now: Instant) -> Option<(Direction, Frame)> {
        self.next_deadline().filter(|due| *due <= now)?;
        let Reverse((_, direction)) = self.heads.pop()?;
        let lane = &mut self.lanes[direction.entry];
        let frame = lane.pop()?;
        if let Some(next) = lane.waiting.front() {
            self.heads.push(Reverse((next.due, direction)));
        }
        Some((direction, frame))
    }

    /// When the next frame leaves, or nothing when none is under way.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.heads.peek().map(|Reverse((due, _))| *due)
    }

    /// Takes back the buffer of a frame that has left, for one to come.
    pub(super) fn recycle(&mut self, mut frame: Frame) {
        if self.spare.len() < MOST_SPARE_FRAMES {
            frame.0.clear();
            self.spare.push(frame);
        }
    }
}

impl Lane {
    fn new(delay: Duration) -> Self {
        Self {
            delay,
            waiting: VecDeque::new(),
            bytes: 0,
        }
    }

    fn push(&mut self, waiting: Waiting) {
        self.bytes += waiting.frame.0.len();
        self.waiting.push_back(waiting);
    }

    fn pop(&mut self) -> Option<Frame> {
        let Waiting { frame, .. } = self.waiting.pop_front()?;
        self.bytes -= frame.0.len();
        Some(frame)
    }
}
