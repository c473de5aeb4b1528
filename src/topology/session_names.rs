//! Names of BGP sessions for people and in storyboards.

use std::collections::BTreeSet;

use crate::topology::model::{LinkId, SessionEnd, SessionId, SessionKind, Topology};

/// What the name of a session begins with; no link or node has a colon in its name.
const SESSION: &str = "session:";

/// Links and BGP sessions that fail or heal together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// The links.
    pub links: BTreeSet<LinkId>,
    /// The sessions.
    pub sessions: BTreeSet<SessionId>,
}

impl Parts {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.links.is_empty() && self.sessions.is_empty()
    }

    /// Adds others.
    pub fn extend(&mut self, others: Self) {
        self.links.extend(others.links);
        self.sessions.extend(others.sessions);
    }
}

/// Whether a name is that of BGP sessions, and not of links or nodes.
#[must_use]
pub fn is_session_name(name: &str) -> bool {
    name.starts_with(SESSION)
}

impl Topology {
    /// The name of a session: `session:A/B` with the names of its speakers or, if several sessions have these,
    /// `session:A/B/NAME` with that of its connection, circuit or link.
    #[must_use]
    pub fn session_name(&self, id: SessionId) -> String {
        let own = self.session(id);
        let [a, b] = self.speakers_of(id);
        let speakers = own.ends.each_ref().map(SessionEnd::speaker);
        let others = self.sessions.iter();
        let same = others.filter(|other| {
            let [first, second] = other.ends.each_ref().map(SessionEnd::speaker);
            [first, second] == speakers || [second, first] == speakers
        });
        if same.count() > 1 {
            format!("{SESSION}{a}/{b}/{}", own.name)
        } else {
            format!("{SESSION}{a}/{b}")
        }
    }

    /// A name of a session that stays its own when another session gets the same speakers: `session:A/B/NAME`.
    #[must_use]
    pub fn lasting_session_name(&self, id: SessionId) -> String {
        let [a, b] = self.speakers_of(id);
        format!("{SESSION}{a}/{b}/{}", self.session(id).name)
    }

    /// The BGP sessions of a name: `session:A/B` with two speakers in either order, `session:A/B/NAME`, or
    /// `session:NAME` with a connection, a circuit, a link or a speaker for all of its sessions. A gateway's name stands
    /// for all of its instances. Empty for any other name.
    #[must_use]
    pub fn sessions_named(&self, name: &str) -> BTreeSet<SessionId> {
        let Some(words) = name.strip_prefix(SESSION) else {
            return BTreeSet::new();
        };
        let parts: Vec<&str> = words.split('/').collect();
        match parts[..] {
            [one] => self.bgp_sessions(|id| self.is_of(id, one) || self.is_between(id, one, None)),
            [a, b] => self.bgp_sessions(|id| self.is_between(id, a, Some(b))),
            [a, b, own] => self.bgp_sessions(|id| {
                self.session(id).name.as_str() == own && self.is_between(id, a, Some(b))
            }),
            _ => BTreeSet::new(),
        }
    }

    /// The names of all BGP sessions.
    pub fn session_names(&self) -> impl Iterator<Item = String> {
        let all = self.bgp_sessions(|_| true).into_iter();
        all.map(|id| self.session_name(id))
    }

    /// The links and sessions of a name; empty for an unknown one.
    #[must_use]
    pub fn parts_named(&self, name: &str) -> Parts {
        Parts {
            links: self.links_named(name).into_iter().collect(),
            sessions: self.sessions_named(name),
        }
    }

    /// The names of links and sessions.
    #[must_use]
    pub fn names_of(&self, parts: &Parts) -> Vec<String> {
        let links = parts.links.iter();
        let links = links.map(|link| self.link(*link).name.clone());
        let sessions = parts.sessions.iter();
        links
            .chain(sessions.map(|id| self.session_name(*id)))
            .collect()
    }

    /// The names of a session's two speakers.
    #[must_use]
    pub fn speakers_of(&self, id: SessionId) -> [&str; 2] {
        let ends = self.session(id).ends.each_ref();
        ends.map(|end| self.speaker_name(end.speaker()).as_str())
    }

    fn bgp_sessions(&self, is_meant: impl Fn(SessionId) -> bool) -> BTreeSet<SessionId> {
        let all = self.sessions.iter().zip(0..);
        all.filter(|(session, _)| session.kind != SessionKind::StaticTunnel)
            .map(|(_, index)| SessionId(index))
            .filter(|id| is_meant(*id))
            .collect()
    }

    /// Whether a session is that of a connection, a circuit or a link. Sessions inside a gateway or a site have the name of
    /// that, which may be a speaker's too.
    fn is_of(&self, id: SessionId, name: &str) -> bool {
        let session = self.session(id);
        let is_inside = matches!(session.kind, SessionKind::Instances | SessionKind::Site);
        !is_inside && session.name.as_str() == name
    }

    fn is_between(&self, id: SessionId, a: &str, b: Option<&str>) -> bool {
        let speakers = self.session(id).ends.each_ref().map(SessionEnd::speaker);
        let is = |end: usize, name: &str| {
            let speaker = speakers[end];
            let own = self.gateway_of(speaker.node);
            let own = own.map(|own| &self.gateway(own).name);
            let names = [&self.node(speaker.node).name, self.speaker_name(speaker)];
            names.into_iter().chain(own).any(|own| own.as_str() == name)
        };
        (is(0, a) && b.is_none_or(|b| is(1, b))) || (is(1, a) && b.is_none_or(|b| is(0, b)))
    }
}
