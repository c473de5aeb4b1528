//! Reads values of a resource: names without case, strings for booleans and numbers, properties nested or not.

use serde_json::Value;

use crate::import::id::Id;

/// A JSON value as Azure Resource Manager means it.
///
/// `az` prints a resource's properties at its top level, everything else prints them in `properties`. A view finds a
/// property at either place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    value: &'a Value,
}

impl<'a> View<'a> {
    pub(crate) const fn new(value: &'a Value) -> Self {
        Self { value }
    }

    /// The value itself.
    pub(crate) const fn value(self) -> &'a Value {
        self.value
    }

    /// A property that is not null.
    pub(crate) fn get(self, name: &str) -> Option<Self> {
        let nested = find(self.value, "properties").and_then(|inside| find(inside, name));
        let found = nested.or_else(|| find(self.value, name))?;
        Some(Self::new(found))
    }

    /// A property of a property.
    pub(crate) fn at(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |view, name| view.get(name))
    }

    /// The items of a list; none if the property is missing.
    pub(crate) fn list(self, name: &str) -> impl Iterator<Item = Self> + use<'a> {
        let items = self.get(name).and_then(|found| found.value.as_array());
        items.into_iter().flatten().map(Self::new)
    }

    /// The text of a value that is a text and not empty.
    pub(crate) fn as_text(self) -> Option<&'a str> {
        self.value
            .as_str()
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// A text.
    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        self.get(name)?.as_text()
    }

    /// The texts of a list, or the one text that stands for it.
    pub(crate) fn texts(self, name: &str) -> Vec<&'a str> {
        match self.get(name) {
            Some(one) if one.value.is_string() => one.as_text().into_iter().collect(),
            _ => self.list(name).filter_map(Self::as_text).collect(),
        }
    }

    /// A boolean, also one that is written as a text.
    pub(crate) fn flag(self, name: &str) -> Option<bool> {
        match self.get(name)?.value {
            Value::Bool(value) => Some(*value),
            Value::String(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "enabled" => Some(true),
                "false" | "disabled" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// A whole number, also one that is written as a text.
    pub(crate) fn number(self, name: &str) -> Option<u64> {
        match self.get(name)?.value {
            Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A reference: `{"id": ".."}`, or the id alone.
    pub(crate) fn reference(self, name: &str) -> Option<Id> {
        let found = self.get(name)?;
        let text = found.as_text().or_else(|| found.text("id"))?;
        Some(Id::new(text))
    }

    /// The references of a list.
    pub(crate) fn references(self, name: &str) -> Vec<Id> {
        let ids = self
            .list(name)
            .filter_map(|one| one.as_text().or_else(|| one.text("id")));
        ids.map(Id::new).collect()
    }
}

/// A number that JSON writes with a fraction of zero.
fn whole(number: f64) -> Option<u64> {
    let is_whole = number.fract() == 0.0 && (0.0..9e15).contains(&number);
    is_whole.then(|| format!("{number:.0}").parse().ok())?
}

/// The value of a name without case, if it is not null.
fn find<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let entries = value.as_object()?;
    let found = entries.get(name).or_else(|| {
        let mut entries = entries.iter();
        let found = entries.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    });
    found.filter(|value| !value.is_null())
}
