//! Reads typed values from the tree. Reading continues after every error, so that one run finds all errors.
//!
//! A reader of a value returns `None` only after it has reported the error. [`Fields`] are the keys of one mapping:
//! readers ask for the keys that they know, and all other keys are reported.

mod finish;

use crate::findings::{Finding, Place, Rule};
use crate::yaml::stand_in::{Numbers, StandIn};
use crate::yaml::tree::{Key, Kind, Node};
use crate::yaml::unread::Unread;

const UNKNOWN_KEY: Rule = Rule::new("unknown-key");

/// The maximum length of a quoted text in a finding, in characters.
const LONGEST_QUOTED: usize = 60;

/// Maps a mapping and one of its keys to the line that the file lacks, if this line is known.
pub(crate) type LineToAdd = fn(&str, &str) -> Option<String>;

/// Maps a mapping and one of its keys to an example of a line with this key, if there is one.
pub(crate) type Example = fn(&str, &str) -> Option<String>;

/// From a mapping and one of its keys to the keys by which its value is chosen where a file leaves it out.
pub(crate) type ChosenBy = fn(&str, &str) -> &'static [&'static str];

/// Collects findings while values are read.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    pub(crate) findings: Vec<Finding>,
    /// What could not be read because of the findings.
    pub(crate) unread: Unread,
    numbers: Numbers,
    /// The line to write for a missing key of a mapping.
    line_to_add: Option<LineToAdd>,
    /// An example of a line with a key of a mapping.
    example: Option<Example>,
    /// A mapping and its key that is no longer in the document, as it was expanded to others.
    pub(crate) expanded: Option<(&'static str, &'static str)>,
    /// The mapping and the key whose value is being read.
    current: Option<(&'static str, &'static str)>,
    /// The keys from which the default value of a key is chosen.
    chosen_by: Option<ChosenBy>,
    /// The keys for which a word is an alternative name.
    also: Option<fn(&str) -> Vec<&'static str>>,
    /// The keys that were read from each mapping, to compare them with their description.
    #[cfg(test)]
    pub(crate) asked: std::collections::BTreeSet<(&'static str, &'static str)>,
}

impl Decoder {
    /// A decoder that knows the keys for which a word is an alternative name, the keys from which a default value is
    /// chosen, the line to write for a missing key, and examples of lines.
    pub(crate) fn knowing(
        also: fn(&str) -> Vec<&'static str>,
        chosen_by: ChosenBy,
        line_to_add: LineToAdd,
        example: Example,
    ) -> Self {
        Self {
            chosen_by: Some(chosen_by),
            also: Some(also),
            line_to_add: Some(line_to_add),
            example: Some(example),
            ..Self::default()
        }
    }

    pub(crate) fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Reports a value of another type than the expected one, with an example of the key.
    pub(crate) fn wrong_type<T>(&mut self, node: &Node, expected: &str) -> Option<T> {
        let found = node.kind.described();
        let message = format!("expected {expected}, found {found}");
        let finding = Finding::new(Rule::WRONG_TYPE, node.place, message);
        let key = self.current.filter(|_| !expected.contains("such as"));
        let example = key.and_then(|(mapping, key)| self.example?(mapping, key));
        self.report(match example {
            Some(example) => finding.with_help(format!("for example `{example}`")),
            None => finding,
        });
        None
    }

    /// Reports a value of the right type that is not allowed.
    pub(crate) fn wrong_value<T>(&mut self, place: Place, message: impl Into<String>) -> Option<T> {
        self.report(Finding::new(Rule::WRONG_VALUE, place, message));
        None
    }

    /// Reads the keys of `what`, whose name is at `name`, and reports unknown keys.
    pub(crate) fn mapping<T>(
        &mut self,
        node: &Node,
        name: Place,
        what: &'static str,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        let Kind::Mapping(entries) = &node.kind else {
            self.wrong_type::<T>(node, &format!("the keys of {what}"));
            self.miss_anything();
            self.unread.miss_names_of(what);
            return None;
        };
        let mut fields = Fields {
            decoder: self,
            entries,
            place: node.place,
            name,
            what,
            mapping: what,
            asked: Vec::new(),
            missing: Vec::new(),
            elsewhere: Vec::new(),
            may_be_incomplete: false,
        };
        let value = read(&mut fields);
        fields.finish();
        value
    }

    /// Reads a mapping from names to values, in the order of the file.
    pub(crate) fn named<T>(
        &mut self,
        node: &Node,
        expected: &str,
        mut read: impl FnMut(&mut Self, &Key, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Kind::Mapping(entries) = &node.kind else {
            self.wrong_type::<T>(node, expected);
            self.miss_anything();
            return None;
        };
        // Invalid values are reported and omitted, so that the rest can still be checked.
        Some(
            entries
                .iter()
                .filter(|(key, _)| !key.is_merge())
                .filter_map(|(key, node)| read(self, key, node))
                .collect(),
        )
    }

    /// Reads the value of a key of a mapping. What could not be read of it is missing from now on.
    fn value_of<T>(
        &mut self,
        (mapping, key): (&'static str, &'static str),
        node: &Node,
        read: impl FnOnce(&mut Self, &Node) -> Option<T>,
    ) -> Option<T> {
        if self.unread.lacks_an_explanation(self.findings.len()) {
            self.miss_anything();
        }
        let outer = self.current.replace((mapping, key));
        let value = read(self, node);
        self.current = outer;
        if self.unread.lacks_an_explanation(self.findings.len()) {
            self.unread.miss(key);
            self.unread.explain(self.findings.len());
        }
        value
    }

    /// A value, or what stands for one that could not be read.
    pub(crate) fn or_stand_in<T: StandIn>(&mut self, value: Option<T>) -> Option<T> {
        value.or_else(|| T::stand_in(&mut self.numbers))
    }

    /// Continues without knowing what is missing because of the findings so far.
    pub(crate) fn miss_anything(&mut self) {
        self.unread.miss_anything();
        self.unread.explain(self.findings.len());
    }

    /// Reads a list, with every item even if an earlier one is wrong.
    pub(crate) fn list<T: StandIn>(
        &mut self,
        node: &Node,
        expected: &str,
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Kind::Sequence(items) = &node.kind else {
            return self.wrong_type(node, expected);
        };
        let items = items.iter().filter_map(|item| {
            let item = read(self, item);
            self.or_stand_in(item)
        });
        Some(items.collect())
    }

    /// Reads a list with at least one item.
    pub(crate) fn filled_list<T: StandIn>(
        &mut self,
        node: &Node,
        expected: &str,
        read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.list(node, expected, read)?;
        if matches!(&node.kind, Kind::Sequence(items) if items.is_empty()) {
            return self.wrong_value(
                node.place,
                format!("expected {expected}, found an empty one"),
            );
        }
        Some(items)
    }

    /// Reads a list of exactly two items.
    pub(crate) fn pair<T: StandIn>(
        &mut self,
        node: &Node,
        expected: &str,
        read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<[T; 2]> {
        let items = self.list(node, expected, read)?;
        match &node.kind {
            Kind::Sequence(found) if found.len() != 2 => {
                let message = format!("expected {expected}, found a list of {}", found.len());
                self.wrong_value(node.place, message)
            }
            _ => items.try_into().ok(),
        }
    }
}

/// The keys of one mapping, while they are read.
pub(crate) struct Fields<'d> {
    pub(crate) decoder: &'d mut Decoder,
    entries: &'d [(Key, Node)],
    place: Place,
    name: Place,
    what: &'static str,
    mapping: &'static str,
    asked: Vec<&'static str>,
    /// The missing keys: each item is one key, or several keys of which one suffices.
    missing: Vec<Vec<&'static str>>,
    elsewhere: Vec<Elsewhere>,
    may_be_incomplete: bool,
}

/// A key that this mapping does not have, but other kinds of it do.
struct Elsewhere {
    key: &'static str,
    instead: &'static str,
    help: String,
}

impl<'d> Fields<'d> {
    /// Reads the value of a mandatory key.
    pub(crate) fn required<T: StandIn>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Decoder, &Node) -> Option<T>,
    ) -> Option<T> {
        let Some(node) = self.ask(key) else {
            self.miss(vec![key]);
            return self.decoder.or_stand_in(None);
        };
        let value = self.decoder.value_of((self.mapping, key), node, read);
        self.decoder.or_stand_in(value)
    }

    /// Reads a mapping from names to values; empty if the key is missing.
    pub(crate) fn named<T>(
        &mut self,
        key: &'static str,
        what: &str,
        read: impl FnMut(&mut Decoder, &Key, &Node) -> Option<T>,
    ) -> Vec<T> {
        let expected = format!("{what} by their names");
        let found = self.if_given(key, |d, node| {
            if !matches!(node.kind, Kind::Mapping(_)) {
                d.unread.miss_names_of(key);
            }
            d.named(node, &expected, read)
        });
        found.unwrap_or_default()
    }

    /// Reads one of two keys; exactly one of them is mandatory.
    pub(crate) fn either<T: StandIn>(
        &mut self,
        (first, read_first): (&'static str, impl FnOnce(&mut Decoder, &Node) -> Option<T>),
        (second, read_second): (&'static str, impl FnOnce(&mut Decoder, &Node) -> Option<T>),
    ) -> Option<T> {
        let one = self.optional(first, read_first);
        let other = self.optional(second, read_second);
        match (self.place_of(first), self.place_of(second)) {
            (Some(_), None) => one,
            (None, Some(_)) => other,
            (None, None) => {
                self.miss(vec![first, second]);
                None
            }
            (Some(one), Some(other)) => {
                let message = format!("{} has `{first}` or `{second}`, not both", self.what);
                self.decoder.wrong_value(one.max(other), message)
            }
        }
    }

    /// Reports the keys if all of them are missing: one of them is mandatory.
    pub(crate) fn need_one_of(&mut self, keys: Vec<&'static str>) {
        if keys.iter().all(|key| self.place_of(key).is_none()) {
            self.miss(keys);
        }
    }

    /// Reads the value of an optional key, which may be empty.
    pub(crate) fn optional<T: StandIn>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Decoder, &Node) -> Option<T>,
    ) -> Option<T> {
        self.if_given(key, |d, node| {
            let value = read(d, node);
            d.or_stand_in(value)
        })
    }

    /// The same, where nothing stands for a value that could not be read.
    pub(crate) fn if_given<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Decoder, &Node) -> Option<T>,
    ) -> Option<T> {
        match self.ask(key) {
            Some(node) if !matches!(node.kind, Kind::Null) => {
                self.decoder.value_of((self.mapping, key), node, read)
            }
            _ => None,
        }
    }

    /// Continues with `what` as the more specific kind of the mapping.
    pub(crate) fn narrow(&mut self, what: &'static str) {
        self.what = what;
    }

    /// Continues although the kind is unknown: from now on no missing key is reported.
    pub(crate) fn allow_incomplete(&mut self) {
        self.decoder.miss_anything();
        self.may_be_incomplete = true;
    }

    /// Registers the help for a key that only another kind of mapping has, and the key that replaces it in this kind.
    pub(crate) fn has_instead(
        &mut self,
        instead: &'static str,
        key: &'static str,
        help: impl Into<String>,
    ) {
        let help = help.into();
        self.elsewhere.push(Elsewhere { key, instead, help });
    }

    /// The place of a key with a value.
    pub(crate) fn place_of(&self, key: &str) -> Option<Place> {
        let (found, node) = self.entries.iter().find(|(found, _)| found.text == key)?;
        (!matches!(node.kind, Kind::Null)).then_some(found.place)
    }

    fn ask(&mut self, key: &'static str) -> Option<&'d Node> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        let entry = self.entries.iter().find(|(found, _)| found.text == key)?;
        Some(&entry.1)
    }

    fn miss(&mut self, keys: Vec<&'static str>) {
        if !self.may_be_incomplete {
            self.missing.push(keys);
        }
    }
}

/// The probable intention, otherwise all known names.
pub(crate) fn meant_or_known(meant: Option<&str>, known: &str, all: &[&str]) -> String {
    match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("{known}: `{}`", all.join("`, `")),
    }
}

/// A text of the file as a finding shows it: in backticks, on one line, shortened if it is long.
pub(crate) fn quoted(text: &str) -> String {
    let head: String = text.chars().take(LONGEST_QUOTED).collect();
    let cut = if head.len() < text.len() { "..." } else { "" };
    format!("`{}{cut}`", head.escape_debug())
}
