//! Reads the filters of a device: lists of prefixes, and of entries as prefix lists and route maps have them.

use crate::addresses::Prefix;
use crate::topology::{FilterEntry, RouteFilter, Settings};
use crate::units::Community;
use crate::yaml::fields::{Decoder, Fields};
use crate::yaml::numbers::{local_preference, med, prefix_length, prepended};
use crate::yaml::stand_in::no_stand_in;
use crate::yaml::tree::{Kind, Node};
use crate::yaml::values::{community, prefix};

/// Which routes a filter is for: those of a neighbor, or those to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Import,
    Export,
}

/// The action and the prefix of an entry.
struct Match {
    permits: bool,
    prefix: Prefix,
}

no_stand_in!(Match, FilterEntry, Community);

impl Direction {
    /// The names of its entries and of their settings.
    const fn mappings(self) -> [&'static str; 2] {
        match self {
            Self::Import => ["an import entry", "an import entry's settings"],
            Self::Export => ["an export entry", "an export entry's settings"],
        }
    }
}

/// An empty list is a filter too. It accepts no prefix.
pub(super) fn filter(d: &mut Decoder, node: &Node, direction: Direction) -> Option<RouteFilter> {
    let entries = d.list(node, "a list of prefixes", |d, node| {
        if matches!(node.kind, Kind::Mapping(_)) {
            entry(d, node, direction)
        } else {
            prefix(d, node).map(|prefix| FilterEntry::inside(prefix.value))
        }
    });
    Some(RouteFilter { entries: entries? })
}

fn entry(d: &mut Decoder, node: &Node, direction: Direction) -> Option<FilterEntry> {
    let [entry, settings] = direction.mappings();
    d.mapping(node, node.place, entry, |fields| {
        let matched = |permits| {
            move |d: &mut Decoder, node: &Node| {
                let prefix = prefix(d, node)?.value;
                Some(Match { permits, prefix })
            }
        };
        let matched = fields.either(("permit", matched(true)), ("deny", matched(false)));
        let bounds = ["ge", "le"].map(|key| fields.if_given(key, prefix_length));
        let communities = fields.if_given("communities", communities);
        let set = fields.if_given("set", |d, node| {
            d.mapping(node, node.place, settings, |fields| {
                Some(read_settings(fields, direction))
            })
        });
        let matched = matched?;
        let lengths = lengths(fields, matched.prefix, bounds);
        if let Some(place) = fields.place_of("set").filter(|_| !matched.permits) {
            let message = "an entry that denies routes sets nothing on them";
            fields.decoder.wrong_value::<()>(place, message);
        }
        Some(FilterEntry {
            permits: matched.permits,
            prefix: matched.prefix,
            lengths: lengths?,
            communities: communities.unwrap_or_default(),
            set: set.unwrap_or_default(),
        })
    })
}

/// The lengths of the prefixes that an entry matches, as in a prefix list: without `ge` and `le` that of its own prefix,
/// with `ge` alone up to the longest.
fn lengths(fields: &mut Fields<'_>, prefix: Prefix, [ge, le]: [Option<u8>; 2]) -> Option<[u8; 2]> {
    let own = prefix.prefix_len();
    let least = ge.unwrap_or(own);
    let greatest = le.unwrap_or(if ge.is_some() { 32 } else { own });
    let (key, value, bound) = if least < own {
        ("ge", least, own)
    } else if greatest < least {
        ("le", greatest, least)
    } else {
        return Some([least, greatest]);
    };
    let place = fields.place_of(key)?;
    let message = format!(
        "no prefix inside {prefix} matches `{key}: {value}`: expected a length from {bound} to 32"
    );
    fields.decoder.wrong_value(place, message)
}

fn read_settings(fields: &mut Fields<'_>, direction: Direction) -> Settings {
    let prepend = fields.if_given("asPathPrepend", prepended);
    let local_preference = match direction {
        Direction::Import => fields.if_given("localPreference", local_preference),
        Direction::Export => {
            fields.has_instead(
                "med",
                "localPreference",
                "other autonomous systems never receive a local preference (RFC 4271, section 5.1.5): set it where the route \
                 is imported, or set `med` here",
            );
            None
        }
    };
    Settings {
        prepend,
        local_preference,
        med: fields.if_given("med", med),
        communities: fields.if_given("communities", communities),
        added_communities: fields
            .if_given("addCommunities", communities)
            .unwrap_or_default(),
    }
}

/// Communities in order, each once.
fn communities(d: &mut Decoder, node: &Node) -> Option<Vec<Community>> {
    let mut communities = d.list(node, "a list of communities", community)?;
    communities.sort_unstable();
    communities.dedup();
    Some(communities)
}
