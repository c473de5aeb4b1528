//! What a wire has carried, counted by the carrying thread and read by any other.

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
};

/// What one direction of a wire has carried so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames handed to the interface at the far end.
    pub frames: u64,
    /// Bytes in those frames, Ethernet headers included.
    pub bytes: u64,
    /// Frames lost: too many were under way, or the interface at the far end was down or gone.
    pub dropped: u64,
}

/// The counters of one direction while they grow.
///
/// Each number is exact; two of them read at once may be a frame apart.
#[derive(Debug, Default)]
pub(super) struct Tally {
    frames: AtomicU64,
    bytes: AtomicU64,
    dropped: AtomicU64,
}

impl Tally {
    /// Counts a frame by how the interface at the far end took it.
    pub(super) fn count(&self, written: &io::Result<usize>) {
        match written {
            Ok(len) => {
                self.frames.fetch_add(1, Ordering::Relaxed);
                self.bytes.fetch_add(*len as u64, Ordering::Relaxed);
            }
            Err(_) => self.count_dropped(),
        }
    }

    /// Counts a frame that never reached the far end.
    pub(super) fn count_dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// The numbers as they stand.
    pub(super) fn read(&self) -> Counters {
        Counters {
            frames: self.frames.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
        }
    }
}
