//! Changes to a document's tree before its values are read: short forms are expanded, and values that the file omits
//! are added.
//!
//! An added node has the place of the node that it is added to, so that a finding about it points there.

use crate::findings::Place;
use crate::yaml::tree::{Key, Kind, Node};

impl Node {
    /// A node that the file does not have.
    pub(crate) fn added(place: Place, kind: Kind) -> Self {
        Self { place, kind }
    }

    /// The entries, if this is a mapping.
    pub(crate) fn entries(&self) -> &[(Key, Self)] {
        match &self.kind {
            Kind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The entries, if this is a mapping.
    pub(crate) fn entries_mut(&mut self) -> &mut [(Key, Self)] {
        match &mut self.kind {
            Kind::Mapping(entries) => entries,
            _ => &mut [],
        }
    }

    /// The items, if this is a list.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The text, if this is a text.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a key, unless it is empty.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let (_, value) = self.entries().iter().find(|(known, _)| known.text == key)?;
        (!matches!(value.kind, Kind::Null)).then_some(value)
    }

    /// The value of a key, unless it is empty.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        let mut entries = self.entries_mut().iter_mut();
        let (_, value) = entries.find(|(known, _)| known.text == key)?;
        (!matches!(value.kind, Kind::Null)).then_some(value)
    }

    /// The text of a key.
    pub(crate) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// Whether this is a mapping without a value for a key.
    pub(crate) fn lacks(&self, key: &str) -> bool {
        matches!(self.kind, Kind::Mapping(_)) && self.get(key).is_none()
    }

    /// Adds a value to a mapping, before the entry at `index`. It replaces an empty value of that key.
    pub(crate) fn put(&mut self, index: usize, key: &str, kind: Kind) {
        let place = self.place;
        let Kind::Mapping(entries) = &mut self.kind else {
            return;
        };
        if let Some((_, value)) = entries.iter_mut().find(|(known, _)| known.text == key) {
            value.kind = kind;
            return;
        }
        let text = key.to_owned();
        let entry = (Key { place, text }, Self::added(place, kind));
        entries.insert(index.min(entries.len()), entry);
    }

    /// The value of a key, which is added with nothing in it if there is none. What is no mapping becomes one: a list of
    /// names as in [`Self::write_out_names`], and a text as the value of its `short` key.
    pub(crate) fn within(&mut self, key: &str, short: &str) -> &mut Self {
        match &self.kind {
            Kind::Mapping(_) => {}
            Kind::Sequence(_) => self.write_out_names(),
            Kind::Text(_) => self.write_out_as(short),
            Kind::Null | Kind::Boolean(_) | Kind::Integer(_) | Kind::Float(_) => {
                self.kind = Kind::Mapping(Vec::new());
            }
        }
        if !matches!(self.kind, Kind::Mapping(_)) {
            self.kind = Kind::Mapping(Vec::new());
        }
        if !self.entries().iter().any(|(known, _)| known.text == key) {
            let end = self.entries().len();
            self.put(end, key, Kind::Null);
        }
        let at = self.entries().iter();
        let at = at
            .map(|(known, _)| &known.text)
            .position(|known| known == key);
        &mut self.entries_mut()[at.unwrap_or_default()].1
    }

    /// Adds an item to the end of a list; what is empty becomes a list.
    pub(crate) fn push(&mut self, item: Self) {
        if let Kind::Sequence(items) = &mut self.kind {
            items.push(item);
        } else {
            self.kind = Kind::Sequence(vec![item]);
        }
    }

    /// Removes the entry of a key.
    pub(crate) fn remove(&mut self, key: &str) {
        if let Kind::Mapping(entries) = &mut self.kind {
            entries.retain(|(known, _)| known.text != key);
        }
    }

    /// The value of a key, if it is a boolean.
    pub(crate) fn flag_of(&self, key: &str) -> Option<bool> {
        match self.get(key)?.kind {
            Kind::Boolean(value) => Some(value),
            _ => None,
        }
    }

    /// Sets a key of a mapping, after its other keys if it is new.
    pub(crate) fn set(&mut self, key: &str, kind: Kind) {
        let end = self.entries().len();
        self.put(end, key, kind);
    }

    /// Expands a list of names to a mapping from the names to empty values, and an empty value to an empty mapping.
    /// Other lists stay as they are.
    pub(crate) fn write_out_names(&mut self) {
        if let Kind::Sequence(items) = &self.kind
            && items.iter().all(|item| item.text().is_some())
        {
            let named = items.iter().filter_map(|item| {
                let text = item.text()?.to_owned();
                let key = Key {
                    place: item.place,
                    text,
                };
                Some((key, Self::added(item.place, Kind::Null)))
            });
            self.kind = Kind::Mapping(named.collect());
        }
        for (key, value) in self.entries_mut() {
            if matches!(value.kind, Kind::Null) {
                *value = Self::added(key.place, Kind::Mapping(Vec::new()));
            }
        }
    }

    /// Expands a text to a mapping with this text as the value of `key`.
    pub(crate) fn write_out_as(&mut self, key: &str) {
        if let Kind::Text(text) = &mut self.kind {
            let text = std::mem::take(text);
            self.kind = Kind::Mapping(Vec::new());
            self.put(0, key, Kind::Text(text));
        }
    }
}

/// A mapping that the file does not have, with its entries in order.
pub(crate) fn mapping<'k>(entries: impl IntoIterator<Item = (&'k str, Kind)>) -> Kind {
    let place = Place::default();
    let entries = entries.into_iter().map(|(key, kind)| {
        let text = key.to_owned();
        (Key { place, text }, Node::added(place, kind))
    });
    Kind::Mapping(entries.collect())
}

/// A list of texts, all at the same place.
pub(crate) fn list_of_texts(place: Place, texts: impl IntoIterator<Item = String>) -> Kind {
    let items = texts.into_iter();
    Kind::Sequence(
        items
            .map(|text| Node::added(place, Kind::Text(text)))
            .collect(),
    )
}
