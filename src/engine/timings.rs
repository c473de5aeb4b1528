//! The time of each phase of building a lab.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::units::milliseconds;

/// A phase of building a lab, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Text to a lab file's content.
    Parse,
    /// Content to nodes, links and sessions.
    Resolve,
    /// Every node's routes.
    Routes,
    /// Kernel operations.
    Plan,
    /// Namespaces with their settings and files, and interfaces that a process holds.
    Namespaces,
    /// Links and bridges.
    Links,
    /// Addresses, neighbours, filters and capacities.
    Addresses,
    /// Routes in the kernel, and the kernel's link-up events.
    KernelRoutes,
    /// Tunnels and wires that a process carries.
    Tunnels,
    /// The supervisor's start, its socket, and everything that is in no other phase.
    Supervisor,
}

/// The time of a phase.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Lap {
    /// The phase.
    pub phase: Phase,
    /// Milliseconds.
    pub elapsed_ms: f64,
}

/// Measures consecutive phases.
#[derive(Debug)]
pub struct Stopwatch {
    last: Instant,
    laps: Vec<Lap>,
}

impl Stopwatch {
    /// Starts with the first phase.
    #[must_use]
    pub fn start() -> Self {
        Self {
            last: now(),
            laps: Vec::new(),
        }
    }

    /// Ends a phase and starts the next one.
    pub fn lap(&mut self, phase: Phase) {
        let at = now();
        self.laps.push(Lap {
            phase,
            elapsed_ms: milliseconds(at.saturating_duration_since(self.last)),
        });
        self.last = at;
    }

    /// All completed phases.
    #[must_use]
    pub fn into_laps(self) -> Vec<Lap> {
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
