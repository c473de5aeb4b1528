//! Merge keys: a mapping takes over the keys of others, with `<<: *base` or `<<: [*one, *other]` (yaml.org/type/merge).

use std::collections::BTreeSet;

use crate::findings::{Finding, Place, Rule};
use crate::yaml::duplicates::duplicate;
use crate::yaml::fields::Decoder;
use crate::yaml::tree::{Key, Kind, Node};

/// The merge key.
pub(super) const MERGE: &str = "<<";

const MERGE_KEY: Rule = Rule::new("merge-key");

/// Puts the keys of the merged mappings in place of the first merge key. A mapping's own keys win over merged ones, and
/// those of an earlier mapping over those of a later one. Values are not merged with each other.
///
/// A merge key with any other value stays, and so does a second one. Returns how many keys the merged mappings have.
pub(super) fn merge(entries: &mut Vec<(Key, Node)>) -> usize {
    let Some(index) = entries.iter().position(|(key, _)| key.is_merge()) else {
        return 0;
    };
    if !is_mergeable(&entries[index].1) {
        return 0;
    }
    let mut sources = mappings(entries.remove(index).1);
    let count = sources.iter().map(Vec::len).sum();
    if entries.is_empty() && sources.len() == 1 {
        *entries = sources.swap_remove(0);
        return count;
    }
    let mut seen: BTreeSet<&str> = entries.iter().map(|(key, _)| key.text.as_str()).collect();
    let mut is_new = Vec::with_capacity(count);
    for mapping in &sources {
        let keys = || mapping.iter().map(|(key, _)| key.text.as_str());
        is_new.extend(keys().map(|key| !seen.contains(key)));
        seen.extend(keys());
    }
    let merged = sources.into_iter().flatten().zip(is_new);
    let merged: Vec<_> = merged
        .filter_map(|(entry, is_new)| is_new.then_some(entry))
        .collect();
    entries.splice(index..index, merged);
    count
}

fn is_mergeable(node: &Node) -> bool {
    let is_mapping = |node: &Node| matches!(node.kind, Kind::Mapping(_));
    match &node.kind {
        Kind::Sequence(items) => items.iter().all(is_mapping),
        _ => is_mapping(node),
    }
}

fn mappings(node: Node) -> Vec<Vec<(Key, Node)>> {
    match node.kind {
        Kind::Mapping(entries) => vec![entries],
        Kind::Sequence(items) => items.into_iter().flat_map(mappings).collect(),
        _ => Vec::new(),
    }
}

impl Decoder {
    /// Reports a merge key that could not be replaced. The first one of its mapping may be at another place.
    pub(super) fn report_merge_key(&mut self, key: &Key, node: &Node, first: Place) {
        if is_mergeable(node) {
            self.report(
                duplicate(key, first)
                    .with_help("merge several mappings with a list: `<<: [*one, *other]`"),
            );
            return;
        }
        let message = format!(
            "expected a mapping or a list of mappings, found {}",
            node.kind.described()
        );
        let help = "the value of a merge key is an alias such as `*base`, or a list of aliases";
        self.report(Finding::new(MERGE_KEY, node.place, message).with_help(help));
    }
}
