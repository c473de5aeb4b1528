//! The description of keys: a YAML file next to the code that reads the keys, for people and editors.
//!
//! A mapping has the name that findings use for it, and `text`, its meaning. It may have `document`, Microsoft's
//! document about it below learn.microsoft.com/azure; `kind`, the key whose word selects one of several kinds; `with`,
//! another mapping whose keys it also has, after its own; and `shared`, if it is not a mapping of a lab file but a set
//! of keys that several mappings have. Each of its `keys` has:
//!
//! | word | meaning |
//! |---|---|
//! | `also` | other words that people use for it |
//! | `is` | the type: a kind of value, a mapping's name, `[..]` for a list, `{NAME: ..}` for a mapping from names, `{any: [..]}` for one of several |
//! | `of` | the allowed words |
//! | `count` | the length of a list |
//! | `needed` | the key is mandatory; with words, if the mapping's `kind` is one of them |
//! | `only` | the key is allowed only if the mapping's `kind` is one of these |
//! | `default` | the meaning of an omitted key |
//! | `unit` | the unit of a number |
//! | `text` | the meaning |
//! | `document` | Microsoft's document about it, below learn.microsoft.com/azure |
//! | `example` | a line of a file |

use std::fmt;

use serde::Deserialize;
use serde_yaml::Value;

/// A mapping of a lab file: a virtual network, a connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// Its name in findings, with an article.
    pub name: String,
    /// Its meaning.
    pub text: String,
    /// Microsoft's document about it, below learn.microsoft.com/azure.
    pub document: Option<String>,
    /// The key whose word selects one of several kinds.
    pub kind: Option<String>,
    /// Its keys, sorted for the reader.
    pub keys: Vec<Key>,
}

/// A key of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The key.
    pub name: String,
    /// Other words that people use for it. A lab file cannot use them.
    pub also: Vec<String>,
    /// Its type.
    pub shape: Shape,
    /// The allowed words or numbers; empty if any value is allowed.
    pub words: Vec<Scalar>,
    /// The length of a list; `None` if any length is allowed.
    pub count: Option<usize>,
    /// In which mappings it is mandatory.
    pub needed: Needed,
    /// The kinds of its mapping that have it; empty if all have it.
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
    /// A kind of value, or the name of a mapping.
    One(String),
    /// A list of values of this type.
    List(Box<Self>),
    /// A mapping from names of the first type to values of the second.
    Named(String, Box<Self>),
    /// One of several types.
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

/// In which mappings a key is mandatory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Needed {
    /// In all mappings, or in none.
    Everywhere(bool),
    /// In mappings of these kinds.
    In(Vec<String>),
    /// In mappings without another key.
    Unless {
        /// The other key.
        unless: String,
    },
}

/// The format of a mapping in the description.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    /// Set in the first part that describes the mapping.
    text: Option<String>,
    document: Option<String>,
    kind: Option<String>,
    with: Option<String>,
    #[serde(default)]
    shared: bool,
    keys: serde_yaml::Mapping,
}

/// The format of a key in the description.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DescribedKey {
    #[serde(default)]
    also: Vec<String>,
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

/// The mappings of a description that consists of several parts, in order. A mapping may occur in several parts: the
/// first describes it, and each of them adds keys to it.
///
/// # Errors
///
/// The errors of the description.
pub(crate) fn read(parts: &[&str]) -> Result<Vec<Mapping>, serde_yaml::Error> {
    let mut described: Vec<(String, Described)> = Vec::new();
    for part in parts {
        let part: serde_yaml::Mapping = serde_yaml::from_str(part)?;
        for (name, mapping) in part {
            let name: String = serde_yaml::from_value(name)?;
            let mapping: Described = serde_yaml::from_value(mapping)?;
            match described.iter_mut().find(|(earlier, _)| *earlier == name) {
                Some((_, earlier)) => earlier.keys.extend(mapping.keys),
                None => described.push((name, mapping)),
            }
        }
    }
    let listed = described.iter().filter(|(_, mapping)| !mapping.shared);
    listed.map(|one| mapping(one, &described)).collect()
}

fn mapping(
    (name, described): &(String, Described),
    all: &[(String, Described)],
) -> Result<Mapping, serde_yaml::Error> {
    let Some(text) = described.text.clone() else {
        return Err(serde::de::Error::custom(format!("`{name}` has no text")));
    };
    let others = match &described.with {
        Some(with) => {
            let found = all.iter().find(|(name, _)| name == with);
            let unknown = || {
                <serde_yaml::Error as serde::de::Error>::custom(format!(
                    "there is no mapping `{with}`"
                ))
            };
            Some(&found.ok_or_else(unknown)?.1.keys)
        }
        None => None,
    };
    let keys = described.keys.iter().chain(others.into_iter().flatten());
    Ok(Mapping {
        name: name.clone(),
        text,
        document: described.document.clone(),
        kind: described.kind.clone(),
        keys: keys
            .map(|(name, described)| key((name.clone(), described.clone())))
            .collect::<Result<_, _>>()?,
    })
}

fn key((name, described): (Value, Value)) -> Result<Key, serde_yaml::Error> {
    let described: DescribedKey = serde_yaml::from_value(described)?;
    Ok(Key {
        name: serde_yaml::from_value(name)?,
        also: described.also,
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
