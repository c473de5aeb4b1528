//! What of a file could not be read.

use std::collections::BTreeSet;

use crate::yaml::tree::Node;

/// What of a file could not be read. The rest of the file is checked nevertheless, by rules that do not need this.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unread {
    /// The keys with a value that could not be read.
    pub(crate) keys: BTreeSet<&'static str>,
    /// Whether more than the values of these keys is missing: whole resources, or nobody knows what.
    pub(crate) anything: bool,
    /// The keys and kinds of mapping whose parts have names, which are missing.
    pub(crate) without_names: BTreeSet<&'static str>,
    /// Every key of the file, including the names of everything that it defines or tries to define.
    pub(crate) defined: BTreeSet<String>,
    /// The keys for which unknown keys may be meant.
    unknown: BTreeSet<&'static str>,
    /// The keys in the values of unknown keys.
    inside: BTreeSet<String>,
    /// For how many findings it is known what they leave unread.
    explained: usize,
}

impl Unread {
    /// A value of a key is missing.
    pub(crate) fn miss(&mut self, key: &'static str) {
        self.keys.insert(key);
    }

    /// The value of an unknown key is missing, which may be meant for one of some keys, and so are the values of the keys
    /// in it. Its texts may be names.
    pub(crate) fn miss_under_unknown_key(&mut self, value: &Node, meant: &[&'static str]) {
        self.keys.extend(meant);
        self.unknown.extend(meant);
        value.collect_keys(&mut self.inside);
        self.define_texts_of(value);
    }

    /// Whether one of some keys may be under an unknown key.
    pub(crate) fn may_be_under_unknown_key(&self, keys: &[&str]) -> bool {
        let may_be = |key: &&str| self.unknown.contains(key) || self.inside.contains(*key);
        keys.iter().any(may_be)
    }

    fn define_texts_of(&mut self, value: &Node) {
        let named = value.entries().iter().map(|(_, value)| value);
        for inner in named.chain(value.items()) {
            self.define_texts_of(inner);
        }
        self.defined.extend(value.text().map(str::to_owned));
    }

    /// Whether one of some keys may have a value that is missing.
    pub(crate) fn has_any_of(&self, keys: &[&str]) -> bool {
        self.anything && !keys.is_empty() || self.misses_any_of(keys)
    }

    /// Whether one of some keys has a value that is missing.
    pub(crate) fn misses_any_of(&self, keys: &[&str]) -> bool {
        let is_missing = |key: &&str| self.keys.contains(key) || self.inside.contains(*key);
        keys.iter().any(is_missing)
    }

    /// More is missing.
    pub(crate) fn miss_anything(&mut self) {
        self.anything = true;
    }

    /// The names of the parts of a mapping are missing.
    pub(crate) fn miss_names_of(&mut self, mapping: &'static str) {
        self.without_names.insert(mapping);
    }

    /// Whether what the latest of this many findings leave unread is unknown.
    pub(crate) fn lacks_an_explanation(&self, findings: usize) -> bool {
        findings > self.explained
    }

    /// It is known what this many findings leave unread.
    pub(crate) fn explain(&mut self, findings: usize) {
        self.explained = findings;
    }
}
