//! The lab file as it is written: entries in order, each with the comments that it gets.
//!
//! A lab file that is imported is read by people, so values that the source does not state are marked, and every
//! resource names the one that it was made from. YAML libraries write no comments, so the lines are written here; the
//! texts of values are written by [`crate::yaml`].

use std::fmt::Write;

use crate::yaml::tree::{Kind, Node};
use crate::yaml::write::scalar;

/// The maximum length in bytes of a line with a mapping or list on it.
const LONGEST_LINE: usize = 110;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// A text, written so that it is read as a text.
    Text(String),
    /// A number or a boolean.
    Plain(String),
    /// A list.
    List(Vec<Self>),
    /// A mapping.
    Map(Map),
}

/// A mapping: entries in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Map {
    entries: Vec<Entry>,
}

/// An entry of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its key.
    pub(crate) key: String,
    /// Its value.
    pub(crate) value: Value,
    /// The comment in the line above it.
    pub(crate) above: Option<String>,
    /// Whether the importer chose it, since the source does not state it.
    pub(crate) chosen: bool,
}

impl Value {
    /// A list of texts.
    pub(crate) fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(
            texts
                .into_iter()
                .map(|text| Self::Text(text.into()))
                .collect(),
        )
    }

    /// The value of a parsed one.
    pub(crate) fn of_tree(node: &Node) -> Self {
        match &node.kind {
            Kind::Null => Self::Plain("~".to_owned()),
            Kind::Boolean(value) => Self::from(*value),
            Kind::Integer(number) => Self::Plain(number.to_string()),
            Kind::Float(number) => Self::Plain(number.to_string()),
            Kind::Text(text) => Self::Text(text.clone()),
            Kind::Sequence(items) => Self::List(items.iter().map(Self::of_tree).collect()),
            Kind::Mapping(entries) => {
                let mut map = Map::default();
                for (key, value) in entries {
                    map.set(&key.text, Self::of_tree(value));
                }
                Self::Map(map)
            }
        }
    }

    /// Whether nothing in it has a comment, so that it may be on one line.
    fn is_plain(&self) -> bool {
        match self {
            Self::Text(_) | Self::Plain(_) => true,
            Self::List(items) => items.iter().all(Self::is_plain),
            Self::Map(map) => map
                .entries
                .iter()
                .all(|entry| entry.above.is_none() && !entry.chosen && entry.value.is_plain()),
        }
    }

    /// Whether it has no mapping in it, except an empty one.
    fn is_flat(&self) -> bool {
        match self {
            Self::Text(_) | Self::Plain(_) => true,
            Self::List(items) => items.iter().all(Self::is_flat),
            Self::Map(map) => map.is_empty(),
        }
    }

    /// Whether it may be on the line of its key: a mapping of resources is never.
    fn is_small(&self, depth: usize) -> bool {
        match self {
            Self::Text(_) | Self::Plain(_) => true,
            Self::List(items) => items.iter().all(Self::is_flat),
            Self::Map(map) => {
                map.is_empty() || depth > 0 && map.entries.iter().all(|one| one.value.is_flat())
            }
        }
    }

    fn flow(&self) -> String {
        match self {
            Self::Text(text) => scalar(text),
            Self::Plain(text) => text.clone(),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::flow).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Map(map) if map.is_empty() => "{}".to_owned(),
            Self::Map(map) => {
                let entries = map.entries.iter();
                let entries: Vec<String> = entries
                    .map(|entry| format!("{}: {}", scalar(&entry.key), entry.value.flow()))
                    .collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Plain(value.to_string())
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Plain(value.to_string())
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl Map {
    /// Whether it has no entry.
    pub(crate) const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Its entries.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        let found = self.entries.iter().find(|entry| entry.key == key);
        found.map(|entry| &entry.value)
    }

    /// The mapping of a key.
    pub(crate) fn map(&self, key: &str) -> Option<&Self> {
        match self.get(key)? {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The mapping of a key, created if the key is missing or has another value.
    pub(crate) fn at(&mut self, key: &str) -> &mut Self {
        let found = self.entries.iter().position(|entry| entry.key == key);
        let place = found.unwrap_or_else(|| {
            self.set(key, Self::default());
            self.entries.len() - 1
        });
        let value = &mut self.entries[place].value;
        if !matches!(value, Value::Map(_)) {
            *value = Value::Map(Self::default());
        }
        match value {
            Value::Map(map) => map,
            _ => unreachable!("it was made a mapping"),
        }
    }

    /// Appends an entry.
    pub(crate) fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.push(key, value.into(), None, false);
    }

    /// Appends an entry if there is a value.
    pub(crate) fn set_some(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(key, value);
        }
    }

    /// Appends an entry that the source does not state.
    pub(crate) fn choose(&mut self, key: &str, value: impl Into<Value>) {
        self.push(key, value.into(), None, true);
    }

    /// Appends an entry with a comment above it, if there is one.
    pub(crate) fn set_under(
        &mut self,
        comment: Option<String>,
        key: &str,
        value: impl Into<Value>,
    ) {
        self.push(key, value.into(), comment, false);
    }

    fn push(&mut self, key: &str, value: Value, above: Option<String>, chosen: bool) {
        self.entries.push(Entry {
            key: key.to_owned(),
            value,
            above,
            chosen,
        });
    }

    /// Replaces the value of a key, or appends it. The entry counts as stated.
    pub(crate) fn replace(&mut self, key: &str, value: Value) {
        match self.entries.iter_mut().find(|entry| entry.key == key) {
            Some(entry) => {
                entry.value = value;
                entry.chosen = false;
            }
            None => self.set(key, value),
        }
    }

    /// Removes mappings in which nothing is left, and texts of several lines stay as they are.
    pub(crate) fn drop_empty(&mut self) {
        for entry in &mut self.entries {
            if let Value::Map(map) = &mut entry.value {
                map.drop_empty();
            }
        }
        self.entries
            .retain(|entry| !matches!(&entry.value, Value::Map(map) if map.is_empty()));
    }

    /// Removes an entry.
    pub(crate) fn take(&mut self, key: &str) -> Option<Entry> {
        let place = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(place))
    }

    /// Appends an entry with its comments.
    pub(crate) fn append(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// The text of a document with this mapping, after comments.
    pub(crate) fn write(&self, comments: &[String]) -> String {
        let mut text = String::new();
        for comment in comments {
            _ = writeln!(text, "# {}", one_line(comment));
        }
        for entry in &self.entries {
            let is_section = !matches!(entry.value, Value::Text(_) | Value::Plain(_));
            if is_section && !text.is_empty() {
                text.push('\n');
            }
            write_entry(&mut text, 0, "", entry);
        }
        text
    }
}

/// An entry at a depth. Its first line begins with `lead` instead of spaces if `lead` is not empty.
fn write_entry(text: &mut String, depth: usize, lead: &str, entry: &Entry) {
    let indent = "  ".repeat(depth);
    let start = if lead.is_empty() { &indent } else { lead };
    if let Some(comment) = &entry.above {
        _ = writeln!(text, "{indent}# {}", one_line(comment));
    }
    let head = format!("{start}{}:", scalar(&entry.key));
    let mark = if entry.chosen { " # chosen" } else { "" };
    if entry.value.is_plain() && entry.value.is_small(depth) {
        let line = format!("{head} {}", entry.value.flow());
        let is_text = matches!(entry.value, Value::Text(_) | Value::Plain(_));
        if is_text || line.len() <= LONGEST_LINE {
            _ = writeln!(text, "{line}{mark}");
            return;
        }
    }
    _ = writeln!(text, "{head}{mark}");
    match &entry.value {
        Value::Map(map) => {
            for entry in &map.entries {
                write_entry(text, depth + 1, "", entry);
            }
        }
        Value::List(items) => {
            for item in items {
                write_item(text, depth + 1, item);
            }
        }
        Value::Text(_) | Value::Plain(_) => {}
    }
}

/// An item of a list at a depth.
fn write_item(text: &mut String, depth: usize, item: &Value) {
    let lead = format!("{}- ", "  ".repeat(depth));
    match item {
        Value::Map(map) if !(item.is_plain() && item.is_small(depth)) => {
            for (at, entry) in map.entries.iter().enumerate() {
                let lead = if at == 0 { lead.as_str() } else { "" };
                write_entry(text, depth + 1, lead, entry);
            }
        }
        _ => _ = writeln!(text, "{lead}{}", item.flow()),
    }
}

/// The text of a comment, which ends at the end of its line.
fn one_line(comment: &str) -> String {
    let is_odd =
        |c: char| c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
    comment
        .chars()
        .map(|c| if is_odd(c) { ' ' } else { c })
        .collect()
}
