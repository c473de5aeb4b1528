//! The meaning of each key of a lab file: a description beside the code that reads it, for people and editors.
//!
//! The description is `keys.yaml`; a test compares it with the keys that the decoder reads.

use std::fmt;

use serde::Deserialize;
use serde_yaml::Value;

/// The description's text.
const DESCRIPTION: &str = include_str!("keys.yaml");

/// The name of the lab file itself in findings.
pub const ROOT: &str = "a lab file";

/// A mapping of a lab file: a virtual network, a connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// Its name in findings, with its article.
    pub name: String,
    /// Its meaning.
    pub text: String,
    /// Microsoft's document about it, below learn.microsoft.com/azure.
    pub document: Option<String>,
    /// The key whose word selects one of several kinds.
    pub kind: Option<String>,
    /// Its keys, sorted for readers.
    pub keys: Vec<Key>,
}

/// A key of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The key.
    pub name: String,
    /// Its type.
    pub shape: Shape,
    /// The allowed words or numbers; empty for any.
    pub words: Vec<Scalar>,
    /// The length of a list; `None` for any.
    pub count: Option<usize>,
    /// Where it is mandatory.
    pub needed: Needed,
    /// The only kinds of its mapping that have it; empty for all.
    pub only: Vec<String>,
    /// The meaning of an omitted key.
    pub default: Option<Scalar>,
    /// The unit of its number.
    pub unit: Option<String>,
    /// Its meaning.
    pub text: String,
    /// Microsoft's document about it, below learn.microsoft.com/azure.
    pub document: Option<String>,
    /// A line of a lab file.
    pub example: Option<String>,
}

/// The type of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A kind of value, or a mapping by its name.
    One(String),
    /// A list.
    List(Box<Self>),
    /// A mapping from names of the first type.
    Named(String, Box<Self>),
    /// Any of several.
    Any(Vec<Self>),
}

/// A plain value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// `true` or `false`.
    Boolean(bool),
    /// A number.
    Number(u64),
    /// A text.
    Text(String),
}

/// Where a key is mandatory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Needed {
    /// Everywhere, or nowhere.
    Everywhere(bool),
    /// In these kinds of its mapping.
    In(Vec<String>),
}

/// The format of a mapping in the description.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    text: String,
    document: Option<String>,
    kind: Option<String>,
    keys: serde_yaml::Mapping,
}

/// The format of a key in the description.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DescribedKey {
    is: Value,
    #[serde(default)]
    of: Vec<Scalar>,
    count: Option<usize>,
    #[serde(default)]
    needed: Needed,
    #[serde(default)]
    only: Vec<String>,
    default: Option<Scalar>,
    unit: Option<String>,
    text: String,
    document: Option<String>,
    example: Option<String>,
}

impl Default for Needed {
    fn default() -> Self {
        Self::Everywhere(false)
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => value.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

/// Every mapping of a lab file, the file itself first.
///
/// # Panics
///
/// If the description is invalid. It is a part of the program, and tests read it.
#[must_use]
pub fn mappings() -> Vec<Mapping> {
    read(DESCRIPTION).expect("tests read the description, which is a part of the program")
}

fn read(text: &str) -> Result<Vec<Mapping>, serde_yaml::Error> {
    let described: serde_yaml::Mapping = serde_yaml::from_str(text)?;
    described.into_iter().map(mapping).collect()
}

fn mapping((name, described): (Value, Value)) -> Result<Mapping, serde_yaml::Error> {
    let described: Described = serde_yaml::from_value(described)?;
    Ok(Mapping {
        name: serde_yaml::from_value(name)?,
        text: described.text,
        document: described.document,
        kind: described.kind,
        keys: described
            .keys
            .into_iter()
            .map(key)
            .collect::<Result<_, _>>()?,
    })
}

fn key((name, described): (Value, Value)) -> Result<Key, serde_yaml::Error> {
    let described: DescribedKey = serde_yaml::from_value(described)?;
    Ok(Key {
        name: serde_yaml::from_value(name)?,
        shape: shape(described.is)?,
        words: described.of,
        count: described.count,
        needed: described.needed,
        only: described.only,
        default: described.default,
        unit: described.unit,
        text: described.text,
        document: described.document,
        example: described.example,
    })
}

fn shape(value: Value) -> Result<Shape, serde_yaml::Error> {
    match value {
        Value::Sequence(items) => {
            let mut shapes = shapes(items)?;
            let only = shapes.pop().filter(|_| shapes.is_empty());
            only.map(|only| Shape::List(Box::new(only)))
                .ok_or_else(|| serde::de::Error::custom("a list is of one shape"))
        }
        Value::Mapping(entries) => {
            let mut entries = entries.into_iter();
            match (entries.next(), entries.next()) {
                (Some((Value::String(any), Value::Sequence(items))), None) if any == "any" => {
                    shapes(items).map(Shape::Any)
                }
                (Some((Value::String(name), of)), None) => {
                    Ok(Shape::Named(name, Box::new(shape(of)?)))
                }
                _ => Err(serde::de::Error::custom("a mapping from names has one")),
            }
        }
        one => serde_yaml::from_value(one).map(Shape::One),
    }
}

fn shapes(items: Vec<Value>) -> Result<Vec<Shape>, serde_yaml::Error> {
    items.into_iter().map(shape).collect()
}
