//! The failures of a network in an edited one, where links and sessions have other numbers.

use std::collections::BTreeSet;

use crate::network::{Disturbances, State};
use crate::routing::Failures;
use crate::topology::{LinkId, Session, SessionId, Topology};

impl State<'_> {
    /// The failures and disturbances of this network in another one, by the names of links and sessions. Those of parts
    /// that the other one does not have are left out.
    #[must_use]
    pub fn moved_to(&self, other: &Topology) -> (Failures, Disturbances) {
        let moved = |link: &LinkId| other.link_named(&self.topology.link(*link).name);
        let links = |links: &BTreeSet<LinkId>| links.iter().filter_map(moved).collect();
        let Disturbances {
            down,
            blackholed,
            shut,
            impaired,
        } = &self.disturbances;
        let impaired = impaired.iter();
        let disturbances = Disturbances {
            down: links(down),
            blackholed: links(blackholed),
            shut: self.moved_sessions(other, shut),
            impaired: impaired
                .filter_map(|(link, now)| Some((moved(link)?, *now)))
                .collect(),
        };
        let failures = Failures {
            links: links(&self.failures.links),
            sessions: self.moved_sessions(other, &self.failures.sessions),
            shut: self.moved_sessions(other, &self.failures.shut),
            adjacencies: links(&self.failures.adjacencies),
        };
        (failures, disturbances)
    }

    fn moved_sessions(
        &self,
        other: &Topology,
        failed: &BTreeSet<SessionId>,
    ) -> BTreeSet<SessionId> {
        let failed: Vec<_> = failed
            .iter()
            .map(|id| named(&self.topology, self.topology.session(*id)))
            .collect();
        let sessions = other.sessions.iter().zip(0..);
        sessions
            .filter(|(session, _)| failed.contains(&named(other, session)))
            .map(|(_, index)| SessionId(index))
            .collect()
    }
}

/// The names of a session and of its speakers.
fn named<'t>(topology: &'t Topology, session: &'t Session) -> [&'t str; 3] {
    let [a, b] = [0, 1].map(|end| topology.speaker_name(session.ends[end].speaker()).as_str());
    [session.name.as_str(), a, b]
}
