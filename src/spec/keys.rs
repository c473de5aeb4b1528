//! What each key of a lab file means: a description beside the code that reads it, for people and editors.
//!
//! The description is `keys.yaml`; a test holds it to what the decoder asks for.

use std::fmt;

use serde::Deserialize;
use serde_yaml::Value;

/// The description's text.
const DESCRIPTION: &str = include_str!("keys.yaml");

/// The lab file itself, as findings call it.
pub const ROOT: &str = "a lab file";

/// A mapping of a lab file: a virtual network, a connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// What findings call it, with its article.
    pub name: String,
    /// What it is.
    pub text: String,
    /// Microsoft's document of it, below learn.microsoft.com/azure.
    pub document: Option<String>,
    /// The key whose word says which of several kinds it is.
    pub kind: Option<String>,
    /// Its keys, as a person meets them.
    pub keys: Vec<Key>,
}

/// A key of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The key.
    pub name: String,
    /// What stands there.
    pub shape: Shape,
    /// The words or numbers that may stand there; any where empty.
    pub words: Vec<Scalar>,
    /// How many a list has; any number where none.
    pub count: Option<usize>,
    /// Where it must stand.
    pub needed: Needed,
    /// The kinds of its mapping that alone have it; all where empty.
    pub only: Vec<String>,
    /// What leaving it out means.
    pub default: Option<Scalar>,
    /// What its number counts.
    pub unit: Option<String>,
    /// What it means.
    pub text: String,
    /// Microsoft's document of it, below learn.microsoft.com/azure.
    pub document: Option<String>,
    /// As it stands in a file.
    pub example: Option<String>,
}

/// What stands at a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A kind of value, or a mapping by its name.
    One(String),
    /// A list.
    List(Box<Self>),
    /// A mapping from names, which are of the kind that is given first.
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

/// Where a key must stand.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Needed {
    /// Everywhere, or nowhere.
    Everywhere(bool),
    /// In these kinds of its mapping.
    In(Vec<String>),
}

/// A mapping, as the description writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    text: String,
    document: Option<String>,
    kind: Option<String>,
    keys: serde_yaml::Mapping,
}

/// A key, as the description writes it.
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
/// Where the description cannot be read, which is a part of the program and read by its tests.
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
