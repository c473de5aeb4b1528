//! Keys that appear twice in a mapping.

use std::collections::BTreeSet;

use crate::findings::{Finding, Rule};
use crate::yaml::fields::{Decoder, quoted};
use crate::yaml::tree::{Key, Kind, Node};

const DUPLICATE_KEY: Rule = Rule::new("duplicate-key");

impl Decoder {
    /// Reports keys that appear twice in a mapping, everywhere in the document.
    pub(crate) fn report_duplicates(&mut self, node: &Node) {
        match &node.kind {
            Kind::Sequence(items) => items.iter().for_each(|item| self.report_duplicates(item)),
            Kind::Mapping(entries) => {
                let mut seen = BTreeSet::new();
                let keys = entries.iter().map(|(key, _)| key);
                let keys = keys.filter(|key| !key.is_merge());
                let repeated = keys.filter(|key| !seen.insert(key.text.as_str()));
                self.findings.extend(repeated.map(duplicate));
                for (key, value) in entries {
                    if key.is_merge() {
                        self.report_merge_key(key, value);
                    }
                    self.report_duplicates(value);
                }
            }
            _ => {}
        }
    }
}

pub(super) fn duplicate(key: &Key) -> Finding {
    let message = format!("{} is here for the second time", quoted(&key.text));
    Finding::new(DUPLICATE_KEY, key.place, message)
        .with_help("leave one of the two out, or give them different names")
}
