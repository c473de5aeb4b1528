//! The prefixes in use in a document, and the choice of free ones. A choice costs about as much as a lookup, however
//! many choices came before: a long list of links may omit all of its addresses.

use std::collections::BTreeMap;

use crate::addresses::{Address, Prefix};

/// Prefixes in use.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// The prefixes that no other prefix contains, by their first addresses.
    largest: BTreeMap<Address, Prefix>,
    /// By pool and length: the first address of the next prefix to try. All earlier prefixes are in use.
    next: BTreeMap<(Prefix, u8), Address>,
}

impl Taken {
    /// Adds a prefix.
    pub(crate) fn add(&mut self, prefix: Prefix) {
        let prefix = prefix.trunc();
        if self.containing(prefix).is_some() {
            return;
        }
        let within = self.largest.range(prefix.network()..=prefix.last());
        let within: Vec<Address> = within.map(|(first, _)| *first).collect();
        for first in within {
            self.largest.remove(&first);
        }
        self.largest.insert(prefix.network(), prefix);
    }

    /// The first prefix of a length in a pool, not before `first`, that overlaps no prefix in use. It is in use from
    /// now on.
    pub(crate) fn free(&mut self, pool: Prefix, length: u8, first: Address) -> Option<Prefix> {
        let mut at = self.next.get(&(pool, length)).copied().unwrap_or(first);
        loop {
            let candidate = Prefix::new(at, length)?;
            if !pool.contains(&candidate) {
                return None;
            }
            let blocking = self.blocking(candidate);
            let last =
                blocking.map_or(candidate.last(), |other| other.last().max(candidate.last()));
            at = last.saturating_add(1);
            self.next.insert((pool, length), at);
            if blocking.is_none() {
                self.add(candidate);
                return Some(candidate);
            }
            if at == last {
                return None;
            }
        }
    }

    /// Whether a prefix overlaps none in use.
    pub(crate) fn is_free(&self, prefix: Prefix) -> bool {
        self.blocking(prefix).is_none()
    }

    /// The prefix in use that contains this one.
    fn containing(&self, prefix: Prefix) -> Option<Prefix> {
        let (_, before) = self.largest.range(..=prefix.network()).next_back()?;
        before.contains(&prefix).then_some(*before)
    }

    /// A prefix in use that overlaps this one.
    fn blocking(&self, prefix: Prefix) -> Option<Prefix> {
        let mut within = self.largest.range(prefix.network()..=prefix.last());
        self.containing(prefix)
            .or_else(|| within.next().map(|(_, other)| *other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Prefix {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_free_overlaps_nothing_in_use() {
        let mut taken = Taken::default();
        for used in [
            "10.0.0.0/16",
            "10.1.2.0/24",
            "10.1.2.3/32",
            "10.3.0.0/15",
            "10.4.9.9/24",
        ] {
            taken.add(prefix(used));
        }
        let pool = prefix("10.0.0.0/8");
        let mut free = || {
            taken
                .free(pool, 16, pool.network())
                .map(|one| one.to_string())
        };
        let found = [free(), free()].map(Option::unwrap);
        assert_eq!(found, ["10.5.0.0/16", "10.6.0.0/16"]);
    }

    #[test]
    fn a_pool_has_an_end() {
        let mut taken = Taken::default();
        let pool = prefix("172.17.0.0/30");
        let mut free = || {
            taken
                .free(pool, 31, pool.network())
                .map(|one| one.to_string())
        };
        assert_eq!(free().as_deref(), Some("172.17.0.0/31"));
        assert_eq!(free().as_deref(), Some("172.17.0.2/31"));
        assert_eq!([free(), free()], [None, None]);
        let last = prefix("255.255.255.254/31");
        assert!(taken.free(last, 31, last.network()).is_some());
        assert!(taken.free(last, 31, last.network()).is_none());
    }
}
