//! What the importer tells beside the lab file: what it took, what it did not take, and what it chose.

use std::collections::BTreeMap;
use std::fmt::Write;

/// The most names that a line shows.
const MOST_NAMES: usize = 4;

/// Notes, in the order in which they were made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    taken: Vec<(String, Vec<String>)>,
    left: Vec<((String, String), Vec<String>)>,
    chosen: Vec<(String, Vec<String>)>,
    warnings: Vec<String>,
}

impl Notes {
    /// Notes that a resource is in the lab.
    pub(crate) fn take(&mut self, kind: &str, name: &str) {
        add(&mut self.taken, kind.to_owned(), name);
    }

    /// Notes that a resource or a part of one is not in the lab, and why.
    pub(crate) fn leave(&mut self, kind: &str, name: &str, why: &str) {
        add(&mut self.left, (kind.to_owned(), why.to_owned()), name);
    }

    /// Notes that the source does not state something, and what the lab has then. `what` says how to state it.
    pub(crate) fn choose(&mut self, what: &str, name: &str) {
        add(&mut self.chosen, what.to_owned(), name);
    }

    /// Notes what a file leaves open.
    pub(crate) fn warn(&mut self, file: &str, what: &str) {
        self.warnings.push(format!("{file}: {what}"));
    }

    /// How many resources were taken, by type.
    #[must_use]
    pub fn taken(&self) -> BTreeMap<&str, usize> {
        let counts = self.taken.iter();
        counts
            .map(|(kind, names)| (kind.as_str(), names.len()))
            .collect()
    }

    /// The lines of the summary.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let taken: Vec<String> = self
            .taken
            .iter()
            .map(|(kind, names)| format!("{} {kind}", names.len()))
            .collect();
        let taken = if taken.is_empty() {
            "nothing".to_owned()
        } else {
            taken.join(", ")
        };
        _ = writeln!(text, "taken: {taken}");
        for ((kind, why), names) in &self.left {
            _ = writeln!(
                text,
                "not taken: {} {kind} ({}): {why}",
                names.len(),
                shown(names)
            );
        }
        for warning in &self.warnings {
            _ = writeln!(text, "open: {warning}");
        }
        for (what, names) in &self.chosen {
            let of = if names.iter().all(String::is_empty) {
                String::new()
            } else {
                format!(" ({})", shown(names))
            };
            _ = writeln!(text, "chosen: {what}{of}");
        }
        text
    }
}

fn add<K: PartialEq>(notes: &mut Vec<(K, Vec<String>)>, key: K, name: &str) {
    match notes.iter_mut().find(|(there, _)| *there == key) {
        Some((_, names)) => names.push(name.to_owned()),
        None => notes.push((key, vec![name.to_owned()])),
    }
}

/// The first names of a list, and how many follow.
fn shown(names: &[String]) -> String {
    let first = names
        .iter()
        .take(MOST_NAMES)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(MOST_NAMES) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
