//! What is broken, as routing sees it.

use std::collections::BTreeSet;

use crate::topology::{LinkId, Session, SessionId, Topology};

/// Links that are down and sessions that have ended.
///
/// The two are apart because they happen apart: an interface that goes down takes its node's own
/// routes along at once, while a session over a distant link lives until its timers run out, and goes
/// on attracting traffic that is lost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Failures {
    /// Links whose interfaces are down.
    pub links: BTreeSet<LinkId>,
    /// Sessions whose ends know that they have lost each other.
    pub sessions: BTreeSet<SessionId>,
}

impl Failures {
    /// Links that are down since long ago, so that every session has noticed.
    #[must_use]
    pub fn noticed(topology: &Topology, links: BTreeSet<LinkId>) -> Self {
        let is_lost = |session: &Session| session.carriers.iter().any(|link| links.contains(link));
        let numbered = topology.sessions.iter().enumerate();
        let sessions = numbered
            .filter(|(_, session)| is_lost(session))
            .map(|(index, _)| SessionId(index))
            .collect();
        Self { links, sessions }
    }
}
