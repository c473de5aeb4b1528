//! Keys that appear twice in a mapping.

use std::collections::BTreeMap;

use crate::findings::{Finding, Place, Rule};
use crate::yaml::fields::{Decoder, quoted};
use crate::yaml::tree::{Key, Kind, Node};

const DUPLICATE_KEY: Rule = Rule::new("duplicate-key");

/// Up to this number of keys, each is compared with all before it, which takes less work than a map.
const FEW: usize = 16;

impl Decoder {
    /// Reports keys that appear twice in a mapping, and merge keys that could not be replaced, everywhere in the
    /// document.
    pub(crate) fn report_duplicates(&mut self, node: &Node) {
        match &node.kind {
            Kind::Sequence(items) => items.iter().for_each(|item| self.report_duplicates(item)),
            Kind::Mapping(entries) => self.report_duplicates_of(entries),
            _ => {}
        }
    }

    fn report_duplicates_of(&mut self, entries: &[(Key, Node)]) {
        let mut seen: BTreeMap<&str, Place> = BTreeMap::new();
        for (index, (key, value)) in entries.iter().enumerate() {
            let first = if entries.len() > FEW {
                *seen.entry(key.text.as_str()).or_insert(key.place)
            } else {
                let mut before = entries[..index].iter().map(|(key, _)| key);
                let same = before.find(|other| other.text == key.text);
                same.unwrap_or(key).place
            };
            if key.is_merge() {
                self.report_merge_key(key, value, first);
            } else if first != key.place {
                self.report(duplicate(key, first));
            }
            self.report_duplicates(value);
        }
    }
}

/// The finding for a key that is at another place already.
pub(super) fn duplicate(key: &Key, first: Place) -> Finding {
    let message = format!("{} is here for the second time", quoted(&key.text));
    Finding::new(DUPLICATE_KEY, key.place, message)
        .with_other(first, "the first one")
        .with_help("leave one of the two out, or give them different names")
}
