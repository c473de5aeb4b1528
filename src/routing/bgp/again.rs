//! Which part of BGP's outcome for one state of a lab is also valid for another state.
//!
//! The outcome for a prefix depends only on what its sources originate and on which sessions of the speakers that it
//! reached work. If these are unchanged, the outcome is unchanged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::addresses::Prefix;
use crate::routing::bgp::prefix::{Found, Propagation};
use crate::routing::bgp::rib::{Changes, Rib};
use crate::routing::bgp::{Originated, Ribs, Speakers};
use crate::routing::index::Number;

/// The prefixes whose propagation may change.
pub(super) fn touched(
    before: &Ribs,
    speakers: Speakers<'_>,
    originated: &[Vec<Originated>],
) -> BTreeSet<Prefix> {
    let flipped = (0..).zip(before.live.iter().zip(speakers.live));
    let ends: BTreeSet<Number> = flipped
        .filter(|(_, (before, now))| before != now)
        .flat_map(|(index, _)| speakers.index.ends[index])
        .collect();
    let has_reached = |propagation: &Propagation| {
        let mut ends = ends.iter();
        ends.any(|speaker| propagation.reached.binary_search(speaker).is_ok())
    };
    let mut touched: BTreeSet<Prefix> = before
        .propagations
        .iter()
        .filter(|(_, propagation)| !ends.is_empty() && has_reached(propagation))
        .map(|(prefix, _)| *prefix)
        .collect();
    let changed = before
        .originated
        .iter()
        .zip(originated)
        .filter(|(old, new)| old != new);
    for (old, new) in changed {
        let [old, new] = [old, new].map(|own| own.iter().collect::<BTreeSet<_>>());
        touched.extend(old.symmetric_difference(&new).map(|own| own.prefix));
    }
    touched
}

/// The outcomes for all prefixes, by speaker.
pub(super) fn assembled(
    speakers: usize,
    found: Vec<Found>,
) -> (BTreeMap<Prefix, Arc<Propagation>>, Vec<Rib>) {
    let mut ribs = vec![Vec::new(); speakers];
    let mut propagations = Vec::with_capacity(found.len());
    for one in found {
        for (speaker, learned) in one.learned {
            ribs[speaker.0].push((one.prefix, learned));
        }
        propagations.push((one.prefix, Arc::new(one.propagation)));
    }
    let ribs = ribs.into_iter().map(Rib::new).collect();
    (propagations.into_iter().collect(), ribs)
}

/// Replaces the outcomes for some prefixes.
pub(super) fn joined(
    before: &Ribs,
    touched: &BTreeSet<Prefix>,
    found: Vec<Found>,
) -> (BTreeMap<Prefix, Arc<Propagation>>, Vec<Rib>) {
    let (mut propagations, mut ribs) = (before.propagations.clone(), before.learned.clone());
    let mut changes: BTreeMap<Number, Changes> = BTreeMap::new();
    for prefix in touched {
        for speaker in propagations
            .remove(prefix)
            .iter()
            .flat_map(|old| &old.reached)
        {
            changes.entry(*speaker).or_default().insert(*prefix, None);
        }
    }
    for one in found {
        for (speaker, learned) in one.learned {
            let of_speaker = changes.entry(speaker).or_default();
            of_speaker.insert(one.prefix, Some(learned));
        }
        propagations.insert(one.prefix, Arc::new(one.propagation));
    }
    for (speaker, changes) in changes {
        ribs[speaker.0].change(&changes);
    }
    (propagations, ribs)
}
