//! Address space, as a set of prefixes.

use crate::addresses::Prefix;

/// Sorted prefixes, none of which contains another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space(Vec<Prefix>);

impl Space {
    /// Whether one of them contains a prefix.
    #[must_use]
    pub fn holds(&self, prefix: Prefix) -> bool {
        let after = self.0.partition_point(|own| *own <= prefix);
        let before = after.checked_sub(1).map(|last| self.0[last]);
        before.is_some_and(|own| own.contains(&prefix))
    }

    /// The prefixes.
    pub(crate) fn prefixes(&self) -> impl Iterator<Item = Prefix> + '_ {
        self.0.iter().copied()
    }

    /// Whether two spaces share an address of a prefix.
    pub(crate) fn meets(&self, other: &Self, within: Prefix) -> bool {
        let common = |own: &Prefix| match (within.contains(own), own.contains(&within)) {
            (true, _) => Some(*own),
            (_, true) => Some(within),
            _ => None,
        };
        let mut common = self.0.iter().filter_map(common);
        common.any(|prefix| other.overlaps(prefix))
    }

    /// Whether one of them overlaps a prefix.
    #[must_use]
    pub fn overlaps(&self, prefix: Prefix) -> bool {
        let prefix = prefix.trunc();
        let next = self.0.partition_point(|own| *own < prefix);
        let inside = self.0.get(next).is_some_and(|own| prefix.contains(own));
        inside || self.holds(prefix)
    }
}

impl FromIterator<Prefix> for Space {
    fn from_iter<T: IntoIterator<Item = Prefix>>(prefixes: T) -> Self {
        let mut all: Vec<Prefix> = prefixes.into_iter().map(|prefix| prefix.trunc()).collect();
        // A prefix comes after those that contain it.
        all.sort_unstable();
        all.dedup_by(|inner, outer| outer.contains(&*inner));
        Self(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Prefix {
        text.parse().unwrap()
    }

    #[test]
    fn a_space_holds_what_lies_inside_and_overlaps_what_lies_around() {
        let prefixes = ["10.1.2.0/24", "10.0.0.0/16", "10.0.5.0/24", "10.1.3.0/24"];
        let space: Space = prefixes.map(prefix).into_iter().collect();
        for (text, holds, overlaps) in [
            ("10.0.0.0/16", true, true),
            ("10.0.200.0/24", true, true),
            ("10.0.5.7/32", true, true),
            ("10.1.2.0/24", true, true),
            ("10.1.2.0/23", false, true),
            ("10.0.0.0/8", false, true),
            ("10.1.4.0/24", false, false),
            ("9.255.255.0/24", false, false),
            ("0.0.0.0/0", false, true),
        ] {
            let found = (space.holds(prefix(text)), space.overlaps(prefix(text)));
            assert_eq!(found, (holds, overlaps), "{text}");
        }
    }
}
