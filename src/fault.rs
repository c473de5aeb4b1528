//! The failures of a running lab, and when each end detects them.
//!
//! Time is an argument: the time since any fixed moment of the caller's choice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::routing::Failures;
use crate::topology::{InterfaceId, LinkId, Session, SessionId, Topology};

/// The dead interval of a site's routers (RFC 2328, appendix C.3: four intervals of 10 s).
const DEAD_INTERVAL: Duration = Duration::from_secs(40);

/// The failed links, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    /// Links whose interfaces are down.
    down: BTreeMap<LinkId, Duration>,
    /// Blackholed links.
    silent: BTreeMap<LinkId, Duration>,
    /// BGP sessions that are shut.
    shut: BTreeSet<SessionId>,
}

impl Faults {
    /// A link goes down. If it is already down, the earlier time stays.
    pub fn take_down(&mut self, link: LinkId, since: Duration) {
        self.down.entry(link).or_insert(since);
    }

    /// A link is up again, and its sessions at once.
    pub fn bring_up(&mut self, link: LinkId) {
        self.down.remove(&link);
    }

    /// A link becomes a blackhole; its ends stay up.
    pub fn silence(&mut self, link: LinkId, since: Duration) {
        self.silent.entry(link).or_insert(since);
    }

    /// A blackholed link carries packets again.
    pub fn restore(&mut self, link: LinkId) {
        self.silent.remove(&link);
    }

    /// A BGP session is shut: its speaker tells the other end at once (Cease, RFC 4486).
    pub fn shut(&mut self, session: SessionId) {
        self.shut.insert(session);
    }

    /// A BGP session is no longer shut.
    pub fn open(&mut self, session: SessionId) {
        self.shut.remove(&session);
    }

    /// The BGP sessions that are shut.
    #[must_use]
    pub const fn sessions(&self) -> &BTreeSet<SessionId> {
        &self.shut
    }

    /// The same failures with other link ids, and with these sessions shut. Failures of links without a new id are
    /// removed.
    #[must_use]
    pub fn renamed(&self, names: &BTreeMap<LinkId, LinkId>, shut: BTreeSet<SessionId>) -> Self {
        let renamed = |links: &BTreeMap<LinkId, Duration>| {
            let links = links.iter();
            links
                .filter_map(|(link, since)| Some((*names.get(link)?, *since)))
                .collect()
        };
        Self {
            down: renamed(&self.down),
            silent: renamed(&self.silent),
            shut,
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

    /// Blackholed links.
    pub fn silent(&self) -> impl Iterator<Item = LinkId> {
        self.silent.keys().copied()
    }

    /// The input of routing at the present time: the links that are down, the sessions that are shut, and the sessions and
    /// adjacencies whose ends have detected the failure.
    #[must_use]
    pub fn failures(&self, topology: &Topology, now: Duration) -> Failures {
        let sessions = topology.sessions.iter().zip(0..);
        let ended = sessions
            .filter(|(session, _)| self.end_of(topology, session).is_some_and(|end| end <= now));
        Failures {
            links: self.down().collect(),
            sessions: ended.map(|(_, index)| SessionId(index)).collect(),
            shut: self.shut.clone(),
            adjacencies: self
                .adjacencies(topology)
                .filter(|(_, end)| *end <= now)
                .map(|(link, _)| link)
                .collect(),
        }
    }

    /// Blackholed links between routers of sites, and when the adjacency over each ends.
    fn adjacencies(&self, topology: &Topology) -> impl Iterator<Item = (LinkId, Duration)> {
        let detection = if topology.converges_immediately {
            Duration::ZERO
        } else {
            DEAD_INTERVAL
        };
        let is_router = |interface: &InterfaceId| {
            let node = topology.interface(*interface).node;
            topology.node(node).role.is_router()
        };
        let silent = self.silent.iter();
        silent
            .filter(move |(link, _)| topology.link(**link).ends.iter().all(is_router))
            .map(move |(link, since)| (*link, *since + detection))
    }

    /// When the next session or adjacency will end, if nothing is healed until then; `None` if none will.
    #[must_use]
    pub fn next_change(&self, topology: &Topology, now: Duration) -> Option<Duration> {
        let ends = topology
            .sessions
            .iter()
            .filter_map(|session| self.end_of(topology, session));
        let adjacencies = self.adjacencies(topology).map(|(_, end)| end);
        ends.chain(adjacencies).filter(|end| *end > now).min()
    }

    /// When a session ends, or has ended. Both ends detect at once that its own link is down; other failures are
    /// detected when the session's timer expires.
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
