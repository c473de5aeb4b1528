//! What of a file could not be read.

use std::collections::BTreeSet;

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
    /// For how many findings it is known what they leave unread.
    explained: usize,
}

impl Unread {
    /// A value of a key is missing.
    pub(crate) fn miss(&mut self, key: &'static str) {
        self.keys.insert(key);
    }

    /// Whether one of some keys may have a value that is missing.
    pub(crate) fn has_any_of(&self, keys: &[&str]) -> bool {
        let is_missing = |key: &&str| self.anything || self.keys.contains(key);
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
