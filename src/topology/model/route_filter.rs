//! Ordered filters of BGP routes, and what they set on the routes that they permit.

use std::fmt;

use crate::addresses::Prefix;
use crate::units::Community;

/// The longest prefix of IPv4.
const LONGEST: u8 = 32;

/// A filter of the routes of one session, in one direction: the first entry that matches a route decides, as in a
/// prefix list or a route map of a router.
///
/// A route that no entry matches is denied, except by a filter that has only entries that deny. A filter without entries
/// denies every route.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RouteFilter {
    /// The entries, in order.
    pub entries: Vec<FilterEntry>,
}

/// An entry of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterEntry {
    /// Whether it permits the routes that it matches.
    pub permits: bool,
    /// It matches this prefix and those inside it.
    pub prefix: Prefix,
    /// The least and the greatest length of the prefixes that it matches.
    pub lengths: [u8; 2],
    /// It matches only routes that carry all of these communities.
    pub communities: Vec<Community>,
    /// What it sets on the routes that it permits.
    pub set: Settings,
}

/// What an entry of a filter sets on routes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// How many times an ASN is prepended, instead of [`Policy::prepend`](super::Policy::prepend): the speaker's own on
    /// export, the neighbor's on import.
    pub prepend: Option<u8>,
    /// The local preference, on import.
    pub local_preference: Option<u32>,
    /// The `MULTI_EXIT_DISC` (RFC 4271, section 5.1.4).
    pub med: Option<u32>,
    /// The communities that replace all others.
    pub communities: Option<Vec<Community>>,
    /// The communities that are added.
    pub added_communities: Vec<Community>,
}

/// Why a filter denies a route: the number of the entry, from 1; `None` if no entry matches the route.
pub type Denial = Option<u32>;

impl RouteFilter {
    /// What is set on a route that the filter permits.
    ///
    /// # Errors
    ///
    /// The entry that denies it.
    pub fn decide(
        &self,
        prefix: Prefix,
        communities: &[Community],
    ) -> Result<Option<&Settings>, Denial> {
        let mut numbered = self.entries.iter().zip(1..);
        match numbered.find(|(entry, _)| entry.matches(prefix, communities)) {
            Some((entry, _)) if entry.permits => Ok(Some(&entry.set)),
            Some((_, number)) => Err(Some(number)),
            None if self.permits_the_rest() => Ok(None),
            None => Err(None),
        }
    }

    /// Whether it permits routes that no entry matches.
    #[must_use]
    pub fn permits_the_rest(&self) -> bool {
        !self.entries.is_empty() && self.entries.iter().all(|entry| !entry.permits)
    }
}

impl FilterEntry {
    /// An entry that permits a prefix and all prefixes inside it.
    #[must_use]
    pub fn inside(prefix: Prefix) -> Self {
        Self {
            permits: true,
            prefix,
            lengths: [prefix.prefix_len(), LONGEST],
            communities: Vec::new(),
            set: Settings::default(),
        }
    }

    fn matches(&self, prefix: Prefix, communities: &[Community]) -> bool {
        let [least, greatest] = self.lengths;
        self.prefix.contains(&prefix)
            && (least..=greatest).contains(&prefix.prefix_len())
            && self.communities.iter().all(|own| communities.contains(own))
    }
}

/// In the words of a prefix list: `permit 10.0.0.0/8 ge 16 le 24`.
impl fmt::Display for FilterEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verb, own) = (
            if self.permits { "permit" } else { "deny" },
            self.prefix.prefix_len(),
        );
        let [least, greatest] = self.lengths;
        write!(f, "{verb} {}", self.prefix)?;
        if least > own {
            write!(f, " ge {least}")?;
        }
        if greatest > own {
            write!(f, " le {greatest}")?;
        }
        shown(f, " community", &self.communities)
    }
}

fn shown(f: &mut fmt::Formatter<'_>, word: &str, communities: &[Community]) -> fmt::Result {
    if communities.is_empty() {
        return Ok(());
    }
    f.write_str(word)?;
    communities.iter().try_for_each(|one| write!(f, " {one}"))
}

/// In the words of a route map: ` set med 10`. Empty if it sets nothing.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            prepend,
            local_preference,
            med,
            communities,
            added_communities,
        } = self;
        for (word, value) in [
            ("prepend", prepend.map(u32::from)),
            ("local-preference", *local_preference),
            ("med", *med),
        ] {
            if let Some(value) = value {
                write!(f, " set {word} {value}")?;
            }
        }
        match communities.as_deref() {
            Some([]) => f.write_str(" set community none")?,
            communities => shown(f, " set community", communities.unwrap_or_default())?,
        }
        shown(f, " add community", added_communities)
    }
}

#[cfg(test)]
mod tests;
