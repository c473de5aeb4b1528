//! The tables of a lab's speakers: BIRD's output, the solver's tables, and their differences.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use netns_lab::addresses::Prefix;
use netns_lab::routing::{LearnedOrigin, Tables};
use netns_lab::topology::Topology;

use crate::configuration::{Configured, OWN_PREFERENCE};
use crate::filters::MED;
use crate::speakers::{End, title};

/// The key of a route: the speaker, the prefix, and its source, which is a session with the neighbour or [`NOBODY`].
pub(crate) type Key = (String, Prefix, String);

/// The routes of all speakers of a lab.
pub(crate) type Held = BTreeMap<Key, Quality>;

/// The source of originated routes.
pub(crate) const NOBODY: &str = "itself";

/// The attributes that decide between routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quality {
    pub(crate) path: Vec<u32>,
    pub(crate) weight: u32,
    pub(crate) local_preference: u32,
    pub(crate) med: Option<u32>,
    pub(crate) communities: Vec<[u16; 2]>,
    /// It is the best path, which the speaker advertises.
    pub(crate) is_best: bool,
}

impl Quality {
    /// The attributes of an originated route.
    pub(crate) fn own(is_best: bool) -> Self {
        Self {
            path: Vec::new(),
            weight: 0,
            local_preference: 0,
            med: None,
            communities: Vec::new(),
            is_best,
        }
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path: Vec<String> = self.path.iter().map(u32::to_string).collect();
        write!(
            f,
            "path [{}] weight {} preference {}",
            path.join(" "),
            self.weight,
            self.local_preference,
        )?;
        if let Some(med) = self.med {
            write!(f, " med {med}")?;
        }
        for [asn, value] in &self.communities {
            write!(f, " {asn}:{value}")?;
        }
        f.write_str(if self.is_best { ", best" } else { "" })
    }
}

/// The routes of each speaker by the solver.
pub(crate) fn solved(topology: &Topology, tables: &Tables, speakers: &[Configured]) -> Held {
    let mut held = Held::new();
    for Configured { speaker, .. } in speakers {
        let name = topology.speaker_name(speaker.id).to_string();
        let mut last = None;
        // Sorted by prefix, then originated before learned, then the best first.
        for route in tables.learned(topology, speaker.id) {
            let is_best = last != Some(route.prefix);
            last = Some(route.prefix);
            let (from, quality) = match route.origin {
                LearnedOrigin::Network { .. } => (NOBODY.to_owned(), Quality::own(true)),
                LearnedOrigin::Neighbour { session, .. } => {
                    let ends = &topology.session(session).ends;
                    let end = usize::from(ends[1].speaker() == speaker.id);
                    let quality = Quality {
                        path: route.as_path.iter().map(|asn| asn.get()).collect(),
                        weight: route.weight,
                        local_preference: route.local_preference,
                        med: route.med,
                        communities: route.communities.iter().map(|one| one.halves()).collect(),
                        is_best,
                    };
                    (title(topology, session, end), quality)
                }
            };
            held.insert((name.clone(), route.prefix, from), quality);
        }
    }
    held
}

/// The routes in one BIRD's output of `show route all`.
pub(crate) fn printed(topology: &Topology, configured: &Configured, text: &str) -> Held {
    let speaker = &configured.speaker;
    let name = topology.speaker_name(speaker.id).to_string();
    let mut held = Held::new();
    let mut prefix = None;
    let mut last: Option<Key> = None;
    for line in text.lines() {
        if let Some(attribute) = line.strip_prefix('\t') {
            let route = last.as_ref().and_then(|key| held.get_mut(key));
            if let Some(route) = route {
                read_attribute(route, attribute);
            }
            continue;
        }
        let Some((before, after)) = line.split_once('[') else {
            continue;
        };
        let first = before.split(' ').next().unwrap_or_default();
        prefix = first.parse().ok().or(prefix);
        let prefix: Prefix = prefix.unwrap_or_else(|| panic!("no prefix yet: {line}"));
        let protocol = after.split(' ').next().unwrap_or_default();
        let end = speaker.ends.iter().find(|end| end.protocol() == protocol);
        let from = end.map_or(NOBODY.to_owned(), |end| {
            title(topology, end.session, end.index)
        });
        // An unresolved next hop would affect BIRD's choice.
        assert!(!before.contains("unreachable"), "{line}");
        let key = (name.clone(), prefix, from);
        held.insert(key.clone(), read_route(end, after));
        last = Some(key);
    }
    held
}

/// Parses the rest of a route's first line: the time, a star if it is the best, its preference in brackets.
fn read_route(end: Option<&End>, text: &str) -> Quality {
    let (_, flags) = text.split_once(']').unwrap_or_default();
    let (star, preference) = flags.split_once('(').unwrap_or_default();
    // BIRD marks a path with `-` that another one from the same AS precedes.
    let digits = preference.split([')', '/', '-']).next().unwrap_or_default();
    let preference: u32 = digits.parse().expect("a preference is a number");
    let usual = end.map_or(OWN_PREFERENCE, |end| end.preference);
    Quality {
        weight: preference - usual,
        ..Quality::own(star.contains('*'))
    }
}

/// Parses a line of a route's attributes.
fn read_attribute(route: &mut Quality, text: &str) {
    if let Some(path) = text.strip_prefix("BGP.as_path: ") {
        let numbers = path.split_whitespace().map(str::parse);
        let numbers = numbers.map(|number| number.expect("an AS number"));
        route.path = numbers.collect();
    } else if let Some(preference) = text.strip_prefix("BGP.local_pref: ") {
        route.local_preference = preference.parse().expect("a local preference");
    } else if let Some(med) = text.strip_prefix("BGP.med: ") {
        route.med = Some(med.parse().expect("a MED"));
    } else if let Some(communities) = text.strip_prefix("BGP.community: ") {
        route.communities = communities.split_whitespace().map(community).collect();
        route.communities.sort_unstable();
    } else if let Some(marks) = text.strip_prefix("BGP.large_community: ") {
        let mark = format!("(1, {MED}, ");
        if let Some((_, after)) = marks.split_once(&mark) {
            let digits = after.split(')').next().unwrap_or_default();
            route.med = Some(digits.parse().expect("a MED"));
        }
    }
}

/// A community as BIRD prints it, `(65001,100)`.
fn community(text: &str) -> [u16; 2] {
    let halves = text.trim_matches(['(', ')']).split(',');
    let halves: Vec<u16> = halves
        .map(|half| half.parse().expect("a half of a community"))
        .collect();
    halves.try_into().expect("a community has two halves")
}

/// The differences between two tables: routes that only the solver or only BIRD has, one per line.
pub(crate) fn differences(solved: &Held, printed: &Held) -> Vec<String> {
    let keys: BTreeSet<&Key> = solved.keys().chain(printed.keys()).collect();
    let mut lines = Vec::new();
    for key in keys {
        let (ours, theirs) = (solved.get(key), printed.get(key));
        if ours == theirs {
            continue;
        }
        let (speaker, prefix, from) = key;
        for (who, quality) in [("solver", ours), ("BIRD  ", theirs)] {
            let quality = quality.map_or("nothing".to_owned(), Quality::to_string);
            lines.push(format!("{speaker}: {prefix} from {from}: {who} {quality}"));
        }
    }
    lines
}
