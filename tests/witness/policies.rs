//! The filters and settings of devices as statements of BIRD's filters.

use std::fmt::Write as _;

use netns_lab::topology::{FilterEntry, RouteFilter, Settings};
use netns_lab::units::Community;

/// A device's filter: the first entry that matches decides. `sets` are the statements for what an entry sets, and for
/// nothing that is set.
pub(crate) fn filtered(filter: Option<&RouteFilter>, sets: impl Fn(&Settings) -> String) -> String {
    let rest = sets(&Settings::default());
    let Some(filter) = filter else {
        return rest;
    };
    let mut text = String::new();
    for entry in &filter.entries {
        let then = if entry.permits {
            sets(&entry.set)
        } else {
            "reject;".to_owned()
        };
        let _ = write!(text, "if {} then {{ {then} }} else ", matches(entry));
    }
    let only_denies = filter.entries.iter().all(|entry| !entry.permits);
    if only_denies && !filter.entries.is_empty() {
        text + "{ " + &rest + " }"
    } else {
        text + "{ reject; }"
    }
}

fn matches(entry: &FilterEntry) -> String {
    let [least, greatest] = entry.lengths;
    let mut text = format!("net ~ [ {}{{{least},{greatest}}} ]", entry.prefix);
    for community in &entry.communities {
        let _ = write!(text, " && {} ~ bgp_community", pair(*community));
    }
    text
}

/// The statements for communities and `MULTI_EXIT_DISC`.
pub(crate) fn attributes(set: &Settings) -> String {
    let mut text = String::new();
    if let Some(med) = set.med {
        let _ = write!(text, "bgp_med = {med}; ");
    }
    if set.communities.is_some() {
        text.push_str("bgp_community = -empty-; ");
    }
    let set = set
        .communities
        .iter()
        .flatten()
        .chain(&set.added_communities);
    for community in set {
        let _ = write!(text, "bgp_community.add({}); ", pair(*community));
    }
    text
}

fn pair(community: Community) -> String {
    let [asn, value] = community.halves();
    format!("({asn},{value})")
}
