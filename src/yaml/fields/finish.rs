//! What is found when the keys of a mapping have been read: unknown ones and missing ones.

use std::collections::BTreeSet;

use crate::findings::{Finding, Rule, near};
use crate::yaml::fields::{Fields, UNKNOWN_KEY, meant_or_known, quoted};
use crate::yaml::tree::{Key, Node};

impl Fields<'_> {
    /// Whether the mapping has an unknown key, which may be meant for one that is missing.
    pub(crate) fn has_unknown_key(&self) -> bool {
        let known = self.decoder.line_to_add;
        let mut keys = self.entries.iter().map(|(key, _)| key);
        keys.any(|key| {
            let is_unknown = known.is_some_and(|known| known(self.mapping, &key.text).is_none());
            is_unknown && !key.is_merge()
        })
    }

    /// Reports them.
    pub(super) fn finish(mut self) {
        let entries = self.entries;
        if self
            .decoder
            .unread
            .lacks_an_explanation(self.decoder.findings.len())
        {
            self.decoder.miss_anything();
        }
        #[cfg(test)]
        self.decoder
            .asked
            .extend(self.asked.iter().map(|key| (self.mapping, *key)));
        // What is wrong with a merge key is reported for the whole document.
        let unknown = entries
            .iter()
            .filter(|(key, _)| !key.is_merge() && !self.asked.contains(&key.text.as_str()));
        let unknown: Vec<_> = unknown.collect();
        if !unknown.is_empty() {
            let absent = self.absent();
            for (key, value) in unknown {
                self.report_unknown(key, value, &absent);
            }
        }
        self.report_missing();
        self.decoder.unread.explain(self.decoder.findings.len());
    }

    /// The known keys that the file does not have. A key that was added has the place of its mapping; the file may
    /// misspell it.
    fn absent(&self) -> Vec<&'static str> {
        let given = self.entries.iter();
        let given = given.filter(|(key, _)| key.place != self.place);
        let given: BTreeSet<_> = given.map(|(key, _)| key.text.as_str()).collect();
        let expanded = self.decoder.expanded;
        let is_expanded = |key: &str| expanded == Some((self.mapping, key));
        let asked = self.asked.iter().copied();
        asked
            .filter(|asked| !given.contains(asked) && !is_expanded(asked))
            .collect()
    }

    /// A misspelt key is one error: the intended key is then not missing too. What it may be meant for is not known:
    /// any key of the mapping that is absent.
    fn report_unknown(&mut self, key: &Key, value: &Node, absent: &[&'static str]) {
        let elsewhere = self.elsewhere.iter().find(|known| known.key == key.text);
        let meant = match elsewhere {
            Some(known) => Some(known.instead),
            None => near(&key.text, absent.iter().copied()).or_else(|| {
                let also = self.decoder.also.map(|also| also(&key.text));
                let mut meant = also.into_iter().flatten();
                meant.find(|meant| self.asked.contains(meant))
            }),
        };
        let help = match elsewhere {
            Some(known) => known.help.clone(),
            None => meant_or_known(meant, "known keys", &self.asked),
        };
        let may_be_meant = meant.as_slice();
        let may_be_meant = if meant.is_some() {
            may_be_meant
        } else {
            absent
        };
        let unread = &mut self.decoder.unread;
        unread.miss_under_unknown_key(value, may_be_meant);
        self.missing
            .retain(|keys| meant.is_none_or(|meant| !keys.contains(&meant)));
        let message = format!("{} is not a key of {}", quoted(&key.text), self.what);
        self.decoder
            .report(Finding::new(UNKNOWN_KEY, key.place, message).with_help(help));
    }

    fn report_missing(&mut self) {
        for keys in &self.missing {
            let is_consequence = keys.iter().any(|key| self.would_be_chosen(key));
            for key in keys {
                self.decoder.unread.miss(key);
            }
            if is_consequence {
                continue;
            }
            let message = format!("{} needs `{}`", self.what, keys.join("` or `"));
            let mut by = keys.iter().map(|key| self.chosen_by(key));
            let rule = Rule::MISSING_KEY.needing(by.find(|by| !by.is_empty()).unwrap_or_default());
            let finding = Finding::new(rule, self.name, message);
            let lines = keys
                .iter()
                .map(|key| self.decoder.line_to_add?(self.mapping, key));
            let lines: Option<Vec<String>> = lines.collect();
            self.decoder.report(match lines {
                Some(lines) => finding.with_help(format!("add `{}`", lines.join("` or `"))),
                None => finding,
            });
        }
    }

    /// Whether a key may be missing only because a value could not be read by which it is chosen.
    fn would_be_chosen(&self, key: &str) -> bool {
        self.decoder.unread.has_any_of(self.chosen_by(key))
    }

    /// The keys by which the value of a key is chosen where the file leaves it out.
    fn chosen_by(&self, key: &str) -> &'static [&'static str] {
        let chosen_by = self.decoder.chosen_by;
        chosen_by.map_or(&[], |chosen_by| chosen_by(self.mapping, key))
    }
}
