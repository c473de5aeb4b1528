//! What commands are told about a live lab, by the names of links and sessions.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::control::{Changed, FaultStatus};
use crate::supervisor::live::live_lab::LiveLab;
use crate::topology::{LinkId, Parts, SessionId};
use crate::units::milliseconds;

impl LiveLab {
    /// The effect of a command.
    #[must_use]
    pub fn changed(&self, parts: &Parts, [routes, nodes]: [usize; 2], now: Duration) -> Changed {
        Changed {
            links: self.names(parts.links.iter().copied()),
            sessions: self.session_names(&parts.sessions),
            routes,
            nodes,
            cleared: Vec::new(),
            mended: 0,
            later_ms: self.later_ms(now),
            elapsed_ms: 0.0,
        }
    }

    /// The failures, for `lab status`.
    #[must_use]
    pub fn status(&self, now: Duration) -> FaultStatus {
        FaultStatus {
            down: self.names(self.failures.links.iter().copied()),
            commanded: self.names(self.commanded.iter().copied()),
            blackholed: self.names(self.faults.silent()),
            shut: self.session_names(self.faults.sessions()),
            ended_sessions: self
                .failures
                .sessions
                .iter()
                .map(|session| session.0)
                .collect(),
            lost_adjacencies: self.names(self.failures.adjacencies.iter().copied()),
            later_ms: self.later_ms(now),
            problems: self.problems.clone(),
        }
    }

    fn later_ms(&self, now: Duration) -> Option<f64> {
        let later = self.next_change()?.saturating_sub(now);
        Some(milliseconds(later))
    }

    /// The sessions that are shut, by names for another lab file.
    pub(super) fn lasting_names(&self) -> Vec<String> {
        let shut = self.faults.sessions().iter();
        shut.map(|session| self.topology.lasting_session_name(*session))
            .collect()
    }

    pub(super) fn names(&self, links: impl Iterator<Item = LinkId>) -> Vec<String> {
        links
            .map(|link| self.topology.link(link).name.clone())
            .collect()
    }

    pub(super) fn session_names(&self, sessions: &BTreeSet<SessionId>) -> Vec<String> {
        let sessions = sessions.iter();
        sessions
            .map(|session| self.topology.session_name(*session))
            .collect()
    }
}
