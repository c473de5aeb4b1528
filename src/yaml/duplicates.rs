//! Keys that appear twice in a mapping.

use std::collections::BTreeMap;

use crate::findings::{Finding, Place, Rule};
use crate::yaml::fields::{Decoder, quoted};
use crate::yaml::tree::{Key, Kind, Node};

const DUPLICATE_KEY: Rule = Rule::new("duplicate-key");

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
        for (key, value) in entries {
            let first = *seen.entry(key.text.as_str()).or_insert(key.place);
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
