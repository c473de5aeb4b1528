//! BGP over a lab's sessions, as a fixed point of advertisements.
//!
//! Every round computes what each speaker advertises from the results of the previous round, so the order of
//! declaration cannot matter. Prefixes do not depend on each other. So each one is computed separately, and again only
//! if a failure can have changed it. The best path is chosen as in RFC 4271, section 9.1.2: weight, local preference,
//! length of the AS path, `MULTI_EXIT_DISC` among paths from one neighboring AS, eBGP before iBGP. Paths that are still equal are used together (ECMP).
//!
//! A device's [`Speaker`](crate::routing::speaker::Speaker) defines what the device originates, advertises, passes on
//! and accepts.

mod advertisement;
mod again;
mod attributes;
mod originated;
mod passing;
mod prefix;
mod rib;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addresses::Prefix;
use crate::routing::Failures;
use crate::routing::igp::Sites;
use crate::routing::index::{Index, Number};
use crate::routing::speaker::Context;
use crate::routing::speaker::session::is_possible;
use crate::topology::{SessionId, Topology};

pub(super) use advertisement::{Advertisement, may_leave};
pub(super) use attributes::{communities, med};
pub(super) use originated::Originated;
pub(super) use passing::{Refused, accepted, passed_on};
pub(super) use rib::{Choice, Learned, Rib, sort};

use prefix::{Propagation, Trace};

/// A path crosses every speaker at most once, so a lab that needs more rounds than it has speakers
/// does not converge.
const SPARE_ROUNDS: usize = 8;

/// Advertisements that keep changing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "BGP does not converge: {node} keeps changing its best route to {prefix}; stopped after {rounds} rounds of advertisements"
)]
pub struct NotConverged {
    /// A node that keeps changing its best path.
    pub node: String,
    /// One of its prefixes.
    pub prefix: Prefix,
    /// How many rounds were computed.
    pub rounds: usize,
}

/// The speakers of a lab, and which of their sessions work.
#[derive(Debug, Clone, Copy)]
struct Speakers<'a> {
    topology: &'a Topology,
    index: &'a Index,
    /// Whether each session works.
    live: &'a [bool],
}

impl<'a> Speakers<'a> {
    fn context(self) -> Context<'a> {
        Context {
            topology: self.topology,
            index: self.index,
        }
    }
}

/// What every speaker learned, once BGP has converged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ribs {
    live: Vec<bool>,
    originated: Vec<Vec<Originated>>,
    /// How each prefix propagated.
    propagations: BTreeMap<Prefix, Arc<Propagation>>,
    /// What each speaker learned.
    learned: Vec<Rib>,
}

/// What BGP is computed from.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) topology: &'a Topology,
    pub(super) index: &'a Index,
    pub(super) failures: &'a Failures,
    pub(super) sites: &'a Sites,
}

/// Runs BGP until it converges. Given the outcome for another state of the same lab, it does not compute prefixes again
/// that are the same in both. The outcome is the same either way.
pub(super) fn converge(ground: Ground<'_>, before: Option<&Ribs>) -> Result<Ribs, NotConverged> {
    let rounds = ground.topology.nodes.len() + SPARE_ROUNDS;
    converge_within(ground, before, rounds)
}

/// The same with a limit on the rounds: at most `rounds` in which all speakers advertise at once, and as many in which
/// they take turns.
pub(super) fn converge_within(
    ground: Ground<'_>,
    before: Option<&Ribs>,
    rounds: usize,
) -> Result<Ribs, NotConverged> {
    let Ground {
        topology, index, ..
    } = ground;
    let carried = carried(ground);
    let originated = originated(ground, &carried);
    let live: Vec<bool> = (0..)
        .zip(&carried)
        .map(|(index, is_carried)| *is_carried && !ground.failures.shut.contains(&SessionId(index)))
        .collect();
    let speakers = Speakers {
        topology,
        index,
        live: &live,
    };
    let touched = before.map(|before| again::touched(before, speakers, &originated));
    let is_touched = |prefix| touched.as_ref().is_none_or(|all| all.contains(&prefix));
    let mut sources: Vec<(Number, Originated)> = (0..)
        .zip(&originated)
        .flat_map(|(speaker, own)| own.iter().map(move |own| (Number(speaker), *own)))
        .filter(|(_, own)| is_touched(own.prefix))
        .collect();
    sources.sort_by_key(|(_, own)| own.prefix);
    let mut trace = Trace::new(speakers, rounds);
    let found = sources
        .chunk_by(|(_, a), (_, b)| a.prefix == b.prefix)
        .map(|sources| trace.propagate(sources))
        .collect();
    if let Some((speaker, prefix)) = trace.not_converged() {
        let name = |own: Number| topology.speaker_name(index.numbered[own.0]).to_string();
        return Err(NotConverged {
            node: speaker.map_or_else(String::new, name),
            prefix,
            rounds: 2 * rounds,
        });
    }
    let (propagations, learned) = match before.zip(touched) {
        Some((before, touched)) => again::joined(before, &touched, found),
        None => again::assembled(index.numbered.len(), found),
    };
    Ok(Ribs {
        live,
        originated,
        propagations,
        learned,
    })
}

/// Whether what carries each session works: the session itself may still be shut.
fn carried(ground: Ground<'_>) -> Vec<bool> {
    let numbered = ground.topology.sessions.iter().enumerate();
    numbered
        .map(|(index, session)| {
            let has_ended = ground.failures.sessions.contains(&SessionId(index));
            !has_ended && is_possible(ground, session)
        })
        .collect()
}

/// What each speaker originates.
fn originated(ground: Ground<'_>, carried: &[bool]) -> Vec<Vec<Originated>> {
    let speakers = (0..ground.index.numbered.len()).map(Number);
    speakers
        .map(|speaker| originated::of(ground, speaker, carried))
        .collect()
}

impl Ribs {
    /// Whether a session works.
    pub(super) fn is_live(&self, session: SessionId) -> bool {
        self.live[session.0]
    }

    /// The sessions that work in one of two states only.
    pub(super) fn flipped<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = SessionId> + 'a {
        let pairs = self.live.iter().zip(&other.live).enumerate();
        pairs
            .filter(|(_, (own, other))| own != other)
            .map(|(index, _)| SessionId(index))
    }

    /// The speakers that originate or learned something else in another state.
    pub(super) fn differing<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = Number> + 'a {
        let speakers = (0..self.learned.len()).map(Number);
        speakers.filter(|speaker| {
            self.of(*speaker) != other.of(*speaker)
                || self.originated(*speaker) != other.originated(*speaker)
        })
    }

    /// What a speaker learned.
    pub(super) fn of(&self, speaker: Number) -> &Rib {
        &self.learned[speaker.0]
    }

    /// What a speaker originates.
    pub(super) fn originated(&self, speaker: Number) -> &[Originated] {
        &self.originated[speaker.0]
    }

    /// What an end of a session received.
    pub(super) fn received(
        &self,
        session: SessionId,
        listener: usize,
    ) -> impl Iterator<Item = (Prefix, &Advertisement)> {
        let propagations = self.propagations.iter();
        propagations.filter_map(move |(prefix, propagation)| {
            Some((*prefix, propagation.received(session, listener)?))
        })
    }

    /// What an end of a session received of one prefix.
    pub(super) fn received_of(
        &self,
        session: SessionId,
        listener: usize,
        prefix: Prefix,
    ) -> Option<&Advertisement> {
        self.propagations.get(&prefix)?.received(session, listener)
    }
}
