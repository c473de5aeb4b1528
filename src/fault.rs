//! What is broken on a running lab, and when who notices.
//!
//! Time is an argument: how long since any moment that the caller chose and keeps to.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::routing::Failures;
use crate::topology::{LinkId, Session, SessionId, Topology};

/// The links that are broken, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    /// Links whose interfaces are down.
    down: BTreeMap<LinkId, Duration>,
    /// Links that lose everything without a sign.
    silent: BTreeMap<LinkId, Duration>,
}

impl Faults {
    /// A link goes down. One that is down already stays so since the earlier time.
    pub fn take_down(&mut self, link: LinkId, since: Duration) {
        self.down.entry(link).or_insert(since);
    }

    /// A link that was down works again; its sessions are back at once.
    pub fn bring_up(&mut self, link: LinkId) {
        self.down.remove(&link);
    }

    /// A link begins to lose everything, with nothing to see at its ends.
    pub fn silence(&mut self, link: LinkId, since: Duration) {
        self.silent.entry(link).or_insert(since);
    }

    /// A link that lost everything carries packets again.
    pub fn restore(&mut self, link: LinkId) {
        self.silent.remove(&link);
    }

    /// The links that are down.
    pub fn down(&self) -> impl Iterator<Item = LinkId> {
        self.down.keys().copied()
    }

    /// The links that lose everything without a sign.
    pub fn silent(&self) -> impl Iterator<Item = LinkId> {
        self.silent.keys().copied()
    }

    /// What routing makes of it by now: the links that are down, and the sessions whose ends have
    /// noticed that they lost each other.
    #[must_use]
    pub fn failures(&self, topology: &Topology, now: Duration) -> Failures {
        let sessions = topology.sessions.iter().zip(0..);
        let ended = sessions
            .filter(|(session, _)| self.end_of(topology, session).is_some_and(|end| end <= now));
        Failures {
            links: self.down().collect(),
            sessions: ended.map(|(_, index)| SessionId(index)).collect(),
        }
    }

    /// When a session that still stands will end, if nothing is mended until then: the first of
    /// them. None where nothing more is to come.
    #[must_use]
    pub fn next_change(&self, topology: &Topology, now: Duration) -> Option<Duration> {
        let ends = topology
            .sessions
            .iter()
            .filter_map(|session| self.end_of(topology, session));
        ends.filter(|end| *end > now).min()
    }

    /// When a session ends, or has ended. Its own link going down is seen at both ends at once;
    /// anything else shows when nothing was heard for the session's time.
    fn end_of(&self, topology: &Topology, session: &Session) -> Option<Duration> {
        let detection = if topology.converges_immediately {
            Duration::ZERO
        } else {
            session.detection
        };
        let seen = session.link.and_then(|link| self.down.get(&link)).copied();
        let missed = session.carriers.iter().flat_map(|link| {
            let losses = [self.down.get(link), self.silent.get(link)];
            losses.into_iter().flatten().map(|since| *since + detection)
        });
        missed.chain(seen).min()
    }
}

#[cfg(test)]
mod tests;
