//! What one speaker learned, best first.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addresses::Prefix;
use crate::routing::bgp::attributes::{self, Carried};
use crate::routing::rule::Rule;
use crate::topology::{SessionId, Topology};
use crate::units::Asn;

/// A route that a speaker learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::routing) struct Learned {
    /// The session.
    pub(in crate::routing) session: SessionId,
    /// Which end of it the speaker is.
    pub(in crate::routing) end: usize,
    /// The AS path, nearest AS first.
    pub(in crate::routing) as_path: Arc<[Asn]>,
    /// The weight of the session, which is compared first.
    pub(in crate::routing) weight: u32,
    /// The local preference, which is compared next.
    pub(in crate::routing) local_preference: u32,
    /// The route comes from a speaker of the same AS.
    pub(in crate::routing) is_internal: bool,
    /// The rule by which a route from any other session wins over this one; `None` if there is no such rule.
    pub(in crate::routing) yields_by: Option<Rule>,
    /// Its advertisement is marked as restricted.
    pub(in crate::routing) is_restricted: bool,
    /// A path from the same neighboring AS, otherwise as good, has a lower `MULTI_EXIT_DISC`.
    pub(in crate::routing) has_higher_med: bool,
    /// Its further attributes.
    pub(in crate::routing) attributes: Carried,
}

/// The smaller value is the better path.
type Merit = (bool, u32, u32, usize, bool, bool);

impl Learned {
    /// The criteria for the best path, in this order.
    fn merit(&self) -> Merit {
        (
            self.yields_by.is_some(),
            u32::MAX - self.weight,
            u32::MAX - self.local_preference,
            self.as_path.len(),
            self.has_higher_med,
            self.is_internal,
        )
    }

    /// The rule by which this route wins over another one; `None` if it does not.
    pub(in crate::routing) fn beats(&self, other: &Self) -> Option<Rule> {
        let (a, b) = (self.merit(), other.merit());
        if a >= b {
            None
        } else if a.0 != b.0 {
            other.yields_by
        } else if a.1 != b.1 {
            Some(Rule::Weight)
        } else if a.2 != b.2 {
            Some(Rule::LocalPreference)
        } else if a.3 != b.3 {
            Some(Rule::AsPathLength)
        } else if a.4 != b.4 {
            Some(Rule::MultiExitDiscriminator)
        } else {
            Some(Rule::ExternalOverInternal)
        }
    }
}

impl Learned {
    /// The `MULTI_EXIT_DISC`. A missing one is the lowest (RFC 4271, section 9.1.2.2 c).
    fn med(&self) -> u32 {
        attributes::med(&self.attributes).unwrap_or(0)
    }

    /// Whether another path is better by a `MULTI_EXIT_DISC` alone, which is compared only between paths from one
    /// neighboring AS. A path without any AS begins in the speaker's own.
    fn yields_to(&self, other: &Self) -> bool {
        let before = |one: &Self| {
            let (yields, weight, preference, length, ..) = one.merit();
            (yields, weight, preference, length)
        };
        before(self) == before(other)
            && self.as_path.first() == other.as_path.first()
            && other.med() < self.med()
    }
}

/// Marks the paths that are worse than another by their `MULTI_EXIT_DISC`, as RFC 4271, section 9.1.2.2 c, removes them.
pub(super) fn compare_meds(learned: &mut [Learned]) {
    for index in 0..learned.len() {
        let own = &learned[index];
        if own.med() > 0 {
            let is_worse = learned.iter().any(|other| own.yields_to(other));
            learned[index].has_higher_med = is_worse;
        }
    }
}

/// What a speaker learned: by prefix, in order, the best first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::routing) struct Rib {
    learned: Arc<Vec<(Prefix, Arc<[Learned]>)>>,
}

/// By prefix: the learned routes; `None` if there are none any more.
pub(super) type Changes = BTreeMap<Prefix, Option<Arc<[Learned]>>>;

/// What a speaker holds for one prefix.
#[derive(Debug, Clone, Copy)]
pub(in crate::routing) struct Choice<'a> {
    /// The best, together where equal; at least one.
    pub(in crate::routing) best: &'a [Learned],
    /// The others, best first.
    pub(in crate::routing) others: &'a [Learned],
}

/// Puts the best first. Equal paths are sorted by names in the lab file, never by their order there: a speaker passes
/// on one path only, which must not depend on the file's order. The names stand in for the router identifiers and
/// addresses of RFC 4271, section 9.1.2.2 f and g.
pub(in crate::routing) fn sort(learned: &mut [Learned], topology: &Topology) {
    let names = |learned: &Learned| {
        let session = topology.session(learned.session);
        let neighbour = topology.speaker_name(session.ends[1 - learned.end].speaker());
        (neighbour, &session.name)
    };
    learned.sort_by(|a, b| {
        let merits = a.merit().cmp(&b.merit());
        merits.then_with(|| names(a).cmp(&names(b)))
    });
}

impl<'a> Choice<'a> {
    /// Of sorted routes, at least one.
    pub(in crate::routing) fn of(learned: &'a [Learned]) -> Self {
        let first = learned[0].merit();
        let equal = learned.iter().take_while(|other| other.merit() == first);
        let equal = equal.count();
        let (best, others) = learned.split_at(equal);
        Self { best, others }
    }
}

impl Rib {
    /// Of prefixes in order.
    pub(super) fn new(learned: Vec<(Prefix, Arc<[Learned]>)>) -> Self {
        Self {
            learned: Arc::new(learned),
        }
    }

    /// The choice for each prefix.
    pub(in crate::routing) fn choices(&self) -> impl Iterator<Item = (Prefix, Choice<'_>)> {
        self.learned
            .iter()
            .map(|(prefix, learned)| (*prefix, Choice::of(learned)))
    }

    /// The choice for one prefix.
    pub(in crate::routing) fn choice(&self, prefix: Prefix) -> Option<Choice<'_>> {
        self.of(prefix).map(|learned| Choice::of(learned))
    }

    fn of(&self, prefix: Prefix) -> Option<&Arc<[Learned]>> {
        let place = self.learned.binary_search_by_key(&prefix, |(own, _)| *own);
        place.ok().map(|place| &self.learned[place].1)
    }

    /// Replaces what was learned of some prefixes.
    pub(super) fn change(&mut self, changes: &Changes) {
        if changes
            .iter()
            .all(|(prefix, new)| self.of(*prefix) == new.as_ref())
        {
            return;
        }
        let kept = self.learned.iter();
        let kept = kept.filter(|(prefix, _)| !changes.contains_key(prefix));
        let new = changes
            .iter()
            .filter_map(|(prefix, new)| Some((*prefix, Arc::clone(new.as_ref()?))));
        let mut learned: Vec<_> = kept.cloned().chain(new).collect();
        learned.sort_by_key(|(prefix, _)| *prefix);
        self.learned = Arc::new(learned);
    }
}
