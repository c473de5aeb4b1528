//! Which part of BGP's outcome for one state of a lab is also valid for another state.
//!
//! The outcome for a prefix depends only on what its sources originate and on which sessions of the nodes that it
//! reached work. If these are unchanged, the outcome is unchanged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::addresses::Prefix;
use crate::routing::bgp::prefix::{Found, Propagation};
use crate::routing::bgp::rib::{Changes, Rib};
use crate::routing::bgp::{Originated, Ribs, Speakers};
use crate::topology::{NodeId, SessionId};

/// The prefixes whose propagation may change.
pub(super) fn touched(
    before: &Ribs,
    speakers: Speakers<'_>,
    originated: &[Vec<Originated>],
) -> BTreeSet<Prefix> {
    let flipped = (0..).zip(before.live.iter().zip(speakers.live));
    let ends: BTreeSet<NodeId> = flipped
        .filter(|(_, (before, now))| before != now)
        .flat_map(|(index, _)| &speakers.topology.session(SessionId(index)).ends)
        .map(|end| end.node)
        .collect();
    let has_reached = |propagation: &Propagation| {
        let mut ends = ends.iter();
        ends.any(|node| propagation.reached.binary_search(node).is_ok())
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

/// The outcomes for all prefixes, by node.
pub(super) fn assembled(
    nodes: usize,
    found: Vec<Found>,
) -> (BTreeMap<Prefix, Arc<Propagation>>, Vec<Rib>) {
    let mut ribs = vec![Vec::new(); nodes];
    let mut propagations = Vec::with_capacity(found.len());
    for one in found {
        for (node, learned) in one.learned {
            ribs[node.0].push((one.prefix, learned));
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
    let mut changes: BTreeMap<NodeId, Changes> = BTreeMap::new();
    for prefix in touched {
        for node in propagations
            .remove(prefix)
            .iter()
            .flat_map(|old| &old.reached)
        {
            changes.entry(*node).or_default().insert(*prefix, None);
        }
    }
    for one in found {
        for (node, learned) in one.learned {
            let of_node = changes.entry(node).or_default();
            of_node.insert(one.prefix, Some(learned));
        }
        propagations.insert(one.prefix, Arc::new(one.propagation));
    }
    for (node, changes) in changes {
        ribs[node.0].change(&changes);
    }
    (propagations, ribs)
}
