//! The active failures and impairments of a running lab, in words.

use std::fmt;

use crate::network::Disturbances;
use crate::topology::{LinkId, SessionId, Topology};
use crate::units::Impairment;

/// An active failure, or an impairment that differs from the lab file, of one link; or a BGP session that is shut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// The link, or the BGP session.
    pub link: String,
    /// What kind of disturbance it is.
    pub kind: DisturbanceKind,
    /// The impairments in words; empty for a failure.
    pub impairment: String,
    /// The command that ends it.
    pub command: String,
}

/// The kinds of disturbance of a link or session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisturbanceKind {
    /// It is down.
    Down,
    /// It silently drops all packets.
    Blackhole,
    /// The BGP session is shut.
    Shut,
    /// Its impairments differ from the lab file.
    Impaired,
}

impl InForce {
    /// All active failures and impairments, in the order of the links: failures first.
    #[must_use]
    pub fn of(topology: &Topology, disturbances: &Disturbances) -> Vec<Self> {
        let down = disturbances.down.iter();
        let down = down.map(|link| Self::down(topology, *link));
        let blackholed = disturbances.blackholed.iter();
        let blackholed = blackholed.map(|link| Self::blackhole(topology, *link));
        let shut = disturbances.shut.iter();
        let shut = shut.map(|session| Self::shut(topology, *session));
        let impaired = disturbances.impaired.iter();
        let impaired = impaired.map(|(link, now)| {
            Self::impaired(topology, *link, both_directions(topology, *link, now))
        });
        down.chain(blackholed).chain(shut).chain(impaired).collect()
    }

    /// A link that is down.
    pub(super) fn down(topology: &Topology, link: LinkId) -> Self {
        Self::failure(topology, link, DisturbanceKind::Down)
    }

    /// A blackholed link.
    pub(super) fn blackhole(topology: &Topology, link: LinkId) -> Self {
        Self::failure(topology, link, DisturbanceKind::Blackhole)
    }

    /// A BGP session that is shut.
    pub(super) fn shut(topology: &Topology, session: SessionId) -> Self {
        let name = topology.session_name(session);
        Self {
            command: format!("lab heal {name}"),
            link: name,
            kind: DisturbanceKind::Shut,
            impairment: String::new(),
        }
    }

    fn failure(topology: &Topology, link: LinkId, kind: DisturbanceKind) -> Self {
        let name = &topology.link(link).name;
        Self {
            link: name.clone(),
            kind,
            impairment: String::new(),
            command: format!("lab heal {name}"),
        }
    }

    /// A link with these impairments.
    pub(super) fn impaired(topology: &Topology, link: LinkId, impairment: String) -> Self {
        let name = &topology.link(link).name;
        Self {
            link: name.clone(),
            kind: DisturbanceKind::Impaired,
            impairment,
            command: format!("lab impair {name} --clear"),
        }
    }
}

impl fmt::Display for InForce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            link,
            impairment,
            command,
            ..
        } = self;
        match self.kind {
            DisturbanceKind::Down => write!(f, "link {link} is down: `{command}` repairs it"),
            DisturbanceKind::Blackhole => write!(
                f,
                "link {link} silently drops all packets (`lab fault --blackhole`): `{command}` ends that"
            ),
            DisturbanceKind::Shut => write!(
                f,
                "BGP session {} is shut (`lab fault`): `{command}` opens it",
                link.trim_start_matches("session:")
            ),
            DisturbanceKind::Impaired => write!(
                f,
                "link {link} is impaired by `lab impair` ({impairment}): `{command}` ends that"
            ),
        }
    }
}

/// An impairment in words.
pub(super) fn words(impairment: &Impairment) -> String {
    if impairment.is_none() {
        "has no impairment".to_owned()
    } else {
        impairment.to_string()
    }
}

/// The impairments of both directions in words.
fn both_directions(topology: &Topology, link: LinkId, now: &[Impairment; 2]) -> String {
    let [there, back] = now;
    if there == back {
        return words(there);
    }
    let from = |end| topology.end_names(link, end).swap_remove(0);
    let [there, back] = [(0, there), (1, back)]
        .map(|(end, direction)| format!("from {}: {}", from(end), words(direction)));
    format!("{there}; {back}")
}
