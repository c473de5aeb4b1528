//! The meaning of each key of a lab file. The description has several parts; each is next to the code that reads its
//! keys. A test compares the description with the keys that the decoder reads.

use std::sync::LazyLock;

use crate::lab::kinds::KINDS;
use crate::lab::{expectations, impairments, storyboards};
use crate::yaml::keys;

pub use crate::yaml::keys::{Key, Mapping, Needed, Scalar, Shape};

/// The name of the top level of a lab file in findings.
pub const ROOT: &str = "a lab file";

/// What stands for a name and for a mapping in an example.
const ANY_NAME: &str = "NAME";
const ANY_MAPPING: &str = "{ ... }";

/// Every mapping of a lab file, parsed once.
static MAPPINGS: LazyLock<Vec<Mapping>> = LazyLock::new(mappings);

/// Every mapping of a lab file, starting with the top level.
///
/// # Panics
///
/// If the description is invalid. It is part of the program, and tests parse it.
#[must_use]
pub fn mappings() -> Vec<Mapping> {
    let kinds = KINDS.iter().map(|kind| kind.keys);
    let mut parts = vec![include_str!("keys.yaml")];
    parts.extend(kinds.filter(|keys| !keys.is_empty()));
    parts.extend([impairments::KEYS, expectations::KEYS, storyboards::KEYS]);
    keys::read(&parts).expect("the description is valid, since tests parse it")
}

/// An example line for a key that a file lacks. If the value is one of several words, the others follow in backticks.
#[must_use]
pub fn line_to_add(mapping: &str, key: &str) -> Option<String> {
    let key = described(mapping, key)?;
    let start = format!("{}:", key.name);
    match &key.example {
        Some(example) if example.starts_with(&start) => Some(example.clone()),
        _ if key.words.len() > 1 => Some(format!("{start} {}", alternatives(&key.words))),
        _ => Some(format!("{start} {}", value(&key.shape, key))),
    }
}

/// An example of a line with a key, if its description has one, or if its type says enough about its values.
#[must_use]
pub fn example(mapping: &str, key: &str) -> Option<String> {
    let key = described(mapping, key)?;
    let made = || {
        let says_enough = match &key.shape {
            Shape::One(kind) => kind == "address",
            Shape::List(_) | Shape::Named(..) | Shape::Any(_) => true,
        };
        let value = says_enough.then(|| value(&key.shape, key))?;
        let is_concrete = !value.contains(ANY_NAME) && !value.contains(ANY_MAPPING);
        is_concrete.then(|| format!("{}: {value}", key.name))
    };
    key.example.clone().or_else(made)
}

/// A key of a mapping.
fn described(mapping: &str, key: &str) -> Option<&'static Key> {
    let mapping = MAPPINGS.iter().find(|known| known.name == mapping)?;
    mapping.keys.iter().find(|known| known.name == key)
}

/// Words to choose from, without the first and the last backtick.
fn alternatives(words: &[Scalar]) -> String {
    let mut words: Vec<String> = words.iter().map(Scalar::to_string).collect();
    let last = words.pop().unwrap_or_default();
    format!("{}` or `{last}", words.join("`, `"))
}

/// An example of a value.
fn value(shape: &Shape, key: &Key) -> String {
    match shape {
        Shape::One(kind) => one_value(kind, key),
        Shape::List(of) => {
            let count = key.count.unwrap_or(1);
            format!("[{}]", vec![value(of, key); count].join(", "))
        }
        Shape::Named(name, of) => format!("{{ {name}: {} }}", value(of, key)),
        // The shortest form: names instead of mappings.
        Shape::Any(shapes) => {
            let values = shapes.iter().map(|shape| value(shape, key));
            values.min_by_key(String::len).unwrap_or_default()
        }
    }
}

fn one_value(kind: &str, key: &Key) -> String {
    let word = || key.words.first().map(Scalar::to_string);
    let example = match kind {
        "word" => return word().unwrap_or_default(),
        "integer" => return word().unwrap_or_else(|| "1".to_owned()),
        "boolean" => "true",
        "name" | "reference" | "text" => ANY_NAME,
        "address" => "10.0.0.4",
        "prefix" => "10.0.0.0/24",
        "community" => "65001:100",
        "interface" => "10.0.0.4/24",
        "duration" => "2ms",
        "rate" => "100mbit",
        "share" => "1%",
        _ => ANY_MAPPING,
    };
    example.to_owned()
}

/// The keys for which people use a word, such as `vnet`. The case of letters is ignored.
#[must_use]
pub fn meant_by(word: &str) -> Vec<&'static str> {
    let keys = MAPPINGS.iter().flat_map(|mapping| &mapping.keys);
    let meant = keys.filter(|key| key.also.iter().any(|also| also.eq_ignore_ascii_case(word)));
    meant.map(|key| key.name.as_str()).collect()
}

/// Features of Azure that labs do not support, each with the words that people use for it.
const NOT_MODELLED: &[(&str, &[&str])] = &[
    (
        "network security groups",
        &["nsg", "nsgs", "networkSecurityGroups", "securityRules"],
    ),
    (
        "Azure Route Server",
        &["routeServer", "routeServers", "ars"],
    ),
    (
        "Azure Virtual WAN",
        &["virtualWan", "virtualWans", "vwan", "virtualHubs"],
    ),
    ("NAT gateways", &["natGateway", "natGateways"]),
    ("IPv6", &["ipv6"]),
];

/// The unsupported feature that a word means; `None` for any other word. The case of letters is ignored.
#[must_use]
pub fn not_modelled(word: &str) -> Option<&'static str> {
    let mut all = NOT_MODELLED.iter();
    let (what, _) =
        all.find(|(_, words)| words.iter().any(|also| also.eq_ignore_ascii_case(word)))?;
    Some(what)
}
