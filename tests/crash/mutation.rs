//! Random changes of a lab file: any part of it is removed, restored, or gets another value.

use fastrand::Rng;
use netns_lab::engine::load_text;
use netns_lab::yaml::Source;
use serde_yaml::{Mapping, Value};

/// How many changes are tried until one leaves a valid file.
const TRIES: usize = 1000;

/// The path of a value, from the root.
type Place = Vec<Step>;

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Key(Value),
    Element(usize),
}

/// A lab file that changes.
#[derive(Debug, Clone)]
pub(crate) struct Mutant {
    /// The original file.
    whole: Value,
    now: Value,
}

impl Mutant {
    /// A lab file without expectations and storyboards, which name removable parts.
    pub(crate) fn of(text: &str) -> Self {
        let mut whole: Value = serde_yaml::from_str(text).expect("a lab file");
        let root = whole.as_mapping_mut().expect("a mapping");
        root.shift_remove("expect");
        root.shift_remove("storyboards");
        Self {
            now: whole.clone(),
            whole,
        }
    }

    /// Changes something at random so that the file stays valid, and returns a description.
    pub(crate) fn change(&mut self, rng: &mut Rng) -> String {
        for _ in 0..TRIES {
            let mut next = self.now.clone();
            let said = match rng.usize(..10) {
                0..4 => remove(&mut next, rng),
                4..8 => restore(&mut next, &self.whole, rng),
                _ => alter(&mut next, rng),
            };
            let Some(said) = said.filter(|_| next != self.now) else {
                continue;
            };
            let source = Source {
                file: "mutant.yaml".to_owned(),
                text: text(&next, "mutant"),
            };
            if load_text(source).is_ok() {
                self.now = next;
                return said;
            }
        }
        // In an empty file, restoring any single part may be invalid.
        self.now = self.whole.clone();
        "with everything".to_owned()
    }

    /// The current file, with that lab name.
    pub(crate) fn text(&self, name: &str) -> String {
        text(&self.now, name)
    }
}

fn text(value: &Value, name: &str) -> String {
    let mut value = value.clone();
    value["name"] = Value::from(name);
    serde_yaml::to_string(&value).expect("YAML")
}

/// Every path below the root, outermost first.
fn places(value: &Value) -> Vec<Place> {
    let mut all = Vec::new();
    collect(value, &mut Vec::new(), &mut all);
    all
}

fn collect(value: &Value, at: &mut Place, all: &mut Vec<Place>) {
    let mut inside = |step: Step, value: &Value, at: &mut Place| {
        at.push(step);
        all.push(at.clone());
        collect(value, at, all);
        at.pop();
    };
    match value {
        Value::Mapping(mapping) => {
            for (key, value) in mapping {
                inside(Step::Key(key.clone()), value, at);
            }
        }
        Value::Sequence(elements) => {
            for (index, value) in elements.iter().enumerate() {
                inside(Step::Element(index), value, at);
            }
        }
        _ => {}
    }
}

fn at<'a>(value: &'a Value, place: &[Step]) -> Option<&'a Value> {
    place.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.as_mapping()?.get(key),
        Step::Element(index) => value.as_sequence()?.get(*index),
    })
}

fn at_mut<'a>(value: &'a mut Value, place: &[Step]) -> Option<&'a mut Value> {
    place.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.as_mapping_mut()?.get_mut(key),
        Step::Element(index) => value.as_sequence_mut()?.get_mut(*index),
    })
}

fn said(what: &str, place: &[Step]) -> String {
    place.iter().fold(what.to_owned(), |said, step| match step {
        Step::Key(key) => said + " " + key.as_str().unwrap_or("?"),
        Step::Element(index) => format!("{said} [{index}]"),
    })
}

fn remove(value: &mut Value, rng: &mut Rng) -> Option<String> {
    let place = rng.choice(places(value))?;
    let (last, parent) = place.split_last()?;
    match (at_mut(value, parent)?, last) {
        (Value::Mapping(mapping), Step::Key(key)) => {
            mapping.shift_remove(key)?;
        }
        (Value::Sequence(elements), Step::Element(index)) => {
            elements.remove(*index);
        }
        _ => return None,
    }
    Some(said("without", &place))
}

/// Restores something of the original file that is missing or different.
fn restore(value: &mut Value, whole: &Value, rng: &mut Rng) -> Option<String> {
    let differs = |place: &Place| {
        let is_leaf = !matches!(
            at(value, place),
            Some(Value::Mapping(_) | Value::Sequence(_))
        );
        is_leaf && at(value, place) != at(whole, place) || is_missing_element(value, whole, place)
    };
    let place = rng.choice(
        places(whole)
            .into_iter()
            .filter(differs)
            .collect::<Vec<_>>(),
    )?;
    let wanted = at(whole, &place)?.clone();
    let (last, parent) = place.split_last()?;
    match (at_mut(value, parent)?, last) {
        (Value::Mapping(mapping), Step::Key(key)) => {
            mapping.insert(key.clone(), wanted);
        }
        (Value::Sequence(elements), Step::Element(_)) => elements.push(wanted),
        _ => return None,
    }
    Some(said("with", &place))
}

/// Whether a list lacks an element of the original.
fn is_missing_element(value: &Value, whole: &Value, place: &[Step]) -> bool {
    let Some((Step::Element(_), parent)) = place.split_last() else {
        return false;
    };
    let list = at(value, parent).and_then(Value::as_sequence);
    let wanted = at(whole, place).expect("a place of the whole file");
    list.is_some_and(|list| !list.contains(wanted))
}

/// Changes a value to another one of its type.
fn alter(value: &mut Value, rng: &mut Rng) -> Option<String> {
    let place = rng.choice(places(value))?;
    let own = at_mut(value, &place)?;
    let other = match own {
        Value::Bool(is_so) => Value::from(!*is_so),
        Value::Number(number) => Value::from(number.as_u64()? + 1 + rng.u64(..3)),
        Value::String(text) if text.ends_with("ms") => Value::from(format!("{}ms", rng.u8(1..90))),
        Value::String(text) => Value::from(renumbered(text, rng)?),
        Value::Mapping(mapping) => Value::from(with_a_switch(mapping, rng)),
        _ => return None,
    };
    *own = other;
    Some(said("another", &place))
}

/// An address or a prefix with another last number.
fn renumbered(text: &str, rng: &mut Rng) -> Option<String> {
    let (address, length) = text.split_once('/').unwrap_or((text, ""));
    let (head, last) = address.rsplit_once('.')?;
    let last: u8 = last.parse().ok()?;
    let other = last ^ (1 << rng.u8(..6));
    let slash = if length.is_empty() { "" } else { "/" };
    Some(format!("{head}.{other}{slash}{length}"))
}

/// The same with one of the switches that it may have.
fn with_a_switch(mapping: &Mapping, rng: &mut Rng) -> Mapping {
    const SWITCHES: [&str; 8] = [
        "enabled",
        "enableBgp",
        "useRemoteGateways",
        "allowGatewayTransit",
        "allowForwardedTraffic",
        "allowVirtualNetworkAccess",
        "ipForwarding",
        "activeActive",
    ];
    let switch = SWITCHES[rng.usize(..SWITCHES.len())];
    let mut mapping = mapping.clone();
    mapping.insert(Value::from(switch), Value::from(rng.bool()));
    mapping
}
