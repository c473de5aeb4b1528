//! The counters of a wire, written by its thread and read by any other.

use std::sync::atomic::{AtomicU64, Ordering};

use super::queue::Fate;

/// The counters of one direction of a wire. A frame is what an interface passes at once: packets that are segmented
/// later count as one.
///
/// Every received frame, and every second copy of a duplicate, is in one of `frames`, `lost`, `queue_full`,
/// `far_end_down` and `blackholed`, or still in transit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames delivered to the interface at the far end.
    pub frames: u64,
    /// Bytes in those frames, Ethernet headers included.
    pub bytes: u64,
    /// Frames lost randomly, according to the direction's [`loss`](crate::units::Impairment::loss).
    pub lost: u64,
    /// Frames lost because too many frames were in transit, or too many bytes waited at a rate.
    pub queue_full: u64,
    /// Frames lost because the interface at the far end was down or gone, or rejected them.
    pub far_end_down: u64,
    /// Frames lost because the wire was a blackhole when they were due.
    pub blackholed: u64,
    /// Second copies of random duplicates.
    pub duplicated: u64,
    /// Frames scheduled before an earlier one.
    pub reordered: u64,
}

impl Counters {
    /// Frames lost for any reason.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.lost + self.queue_full + self.far_end_down + self.blackholed
    }
}

/// The counters of one direction, updated by its thread only.
///
/// Each counter is exact; two of them read together may differ by one frame.
#[derive(Debug, Default)]
pub(super) struct Tally {
    frames: AtomicU64,
    bytes: AtomicU64,
    lost: AtomicU64,
    queue_full: AtomicU64,
    far_end_down: AtomicU64,
    blackholed: AtomicU64,
    duplicated: AtomicU64,
    reordered: AtomicU64,
}

impl Tally {
    /// Counts what happened to a received frame.
    pub(super) fn count_fate(&self, fate: Fate) {
        let counts = [
            (&self.lost, fate.lost),
            (&self.queue_full, fate.queue_full),
            (&self.duplicated, fate.duplicated),
            (&self.reordered, fate.reordered),
        ];
        for (counter, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            counter.fetch_add(u64::from(count), Ordering::Relaxed);
        }
    }

    /// Counts a frame of that many bytes, delivered to the interface at the far end.
    pub(super) fn count_carried(&self, bytes: u64) {
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts a frame that the interface at the far end rejected.
    pub(super) fn count_far_end_down(&self) {
        self.far_end_down.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a frame lost in a blackhole.
    pub(super) fn count_blackholed(&self) {
        self.blackholed.fetch_add(1, Ordering::Relaxed);
    }

    /// The present counters.
    pub(super) fn read(&self) -> Counters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counters {
            frames: read(&self.frames),
            bytes: read(&self.bytes),
            lost: read(&self.lost),
            queue_full: read(&self.queue_full),
            far_end_down: read(&self.far_end_down),
            blackholed: read(&self.blackholed),
            duplicated: read(&self.duplicated),
            reordered: read(&self.reordered),
        }
    }
}
