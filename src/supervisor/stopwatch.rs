//! The time of each phase of building a lab.

use std::time::Instant;

use crate::control::{Lap, Phase};
use crate::units::milliseconds;

/// Measures consecutive phases.
#[derive(Debug)]
pub(super) struct Stopwatch {
    last: Instant,
    laps: Vec<Lap>,
}

impl Stopwatch {
    /// Starts with the first phase.
    #[must_use]
    pub(super) fn start() -> Self {
        Self {
            last: now(),
            laps: Vec::new(),
        }
    }

    /// Ends a phase and starts the next one.
    pub(super) fn lap(&mut self, phase: Phase) {
        let at = now();
        self.laps.push(Lap {
            phase,
            elapsed_ms: milliseconds(at.saturating_duration_since(self.last)),
        });
        self.last = at;
    }

    /// All completed phases.
    #[must_use]
    pub(super) fn into_laps(self) -> Vec<Lap> {
        self.laps
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "phases are measured by the clock"
)]
fn now() -> Instant {
    Instant::now()
}
