//! What is broken on a running lab, and when who notices.
//!
//! Time is an argument: how long since any moment that the caller chose and keeps to.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::routing::Failures;
use crate::topology::{InterfaceId, LinkId, Role, Session, SessionId, Topology};

/// How long a site's routers go without hearing a neighbour before they give it up (RFC 2328, appendix
/// C.3: four intervals of 10 s).
const DEAD_INTERVAL: Duration = Duration::from_secs(40);

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

    /// The same faults where links are called otherwise. Those of links without another name are mended.
    #[must_use]
    pub fn renamed(&self, names: &BTreeMap<LinkId, LinkId>) -> Self {
        let renamed = |links: &BTreeMap<LinkId, Duration>| {
            let links = links.iter();
            links
                .filter_map(|(link, since)| Some((*names.get(link)?, *since)))
                .collect()
        };
        Self {
            down: renamed(&self.down),
            silent: renamed(&self.silent),
        }
    }

    /// Whether a link is down.
    #[must_use]
    pub fn is_down(&self, link: LinkId) -> bool {
        self.down.contains_key(&link)
    }

    /// The links that are down.
    pub fn down(&self) -> impl Iterator<Item = LinkId> {
        self.down.keys().copied()
    }

    /// The links that lose everything without a sign.
    pub fn silent(&self) -> impl Iterator<Item = LinkId> {
        self.silent.keys().copied()
    }

    /// What routing makes of it by now: the links that are down, and the sessions and neighbourhoods whose
    /// ends have noticed that they lost each other.
    #[must_use]
    pub fn failures(&self, topology: &Topology, now: Duration) -> Failures {
        let sessions = topology.sessions.iter().zip(0..);
        let ended = sessions
            .filter(|(session, _)| self.end_of(topology, session).is_some_and(|end| end <= now));
        Failures {
            links: self.down().collect(),
            sessions: ended.map(|(_, index)| SessionId(index)).collect(),
            adjacencies: self
                .adjacencies(topology)
                .filter(|(_, end)| *end <= now)
                .map(|(link, _)| link)
                .collect(),
        }
    }

    /// The links between routers of sites that lose everything silently, and when the routers give each
    /// other up.
    fn adjacencies(&self, topology: &Topology) -> impl Iterator<Item = (LinkId, Duration)> {
        let detection = if topology.converges_immediately {
            Duration::ZERO
        } else {
            DEAD_INTERVAL
        };
        let is_router = |interface: &InterfaceId| {
            let node = topology.interface(*interface).node;
            matches!(topology.node(node).role, Role::Router { .. })
        };
        let silent = self.silent.iter();
        silent
            .filter(move |(link, _)| topology.link(**link).ends.iter().all(is_router))
            .map(move |(link, since)| (*link, *since + detection))
    }

    /// When a session or neighbourhood that still stands will end, if nothing is mended until then: the
    /// first of them. None where nothing more is to come.
    #[must_use]
    pub fn next_change(&self, topology: &Topology, now: Duration) -> Option<Duration> {
        let ends = topology
            .sessions
            .iter()
            .filter_map(|session| self.end_of(topology, session));
        let adjacencies = self.adjacencies(topology).map(|(_, end)| end);
        ends.chain(adjacencies).filter(|end| *end > now).min()
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
