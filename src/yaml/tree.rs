//! The document as a tree of plain values. Each node is numbered in reading order.
//!
//! Keys are nodes too. A pass can stop at a given number: the parser returns positions only in errors, so this is how a
//! number is later converted to a line and column.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};

use crate::findings::Place;
use crate::yaml::merge::{MERGE, merge};

/// The most nodes of a document. Aliases can expand a short text to many nodes, and the parser's own limit still allows
/// the product of two long lists. A text of 1 MiB without aliases has far fewer nodes.
pub(crate) const MOST_NODES: usize = 1_000_000;

/// A value of the document.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) kind: Kind,
}

/// The type of a value.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Null,
    Boolean(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    Sequence(Vec<Node>),
    Mapping(Vec<(Key, Node)>),
}

impl Node {
    /// Whether two values are equal, whatever their places are.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Null, Kind::Null) => true,
            (Kind::Boolean(one), Kind::Boolean(other)) => one == other,
            (Kind::Integer(one), Kind::Integer(other)) => one == other,
            (Kind::Float(one), Kind::Float(other)) => one.to_bits() == other.to_bits(),
            (Kind::Text(one), Kind::Text(other)) => one == other,
            (Kind::Sequence(one), Kind::Sequence(other)) => {
                let mut pairs = one.iter().zip(other);
                one.len() == other.len() && pairs.all(|(one, other)| one.is_same(other))
            }
            (Kind::Mapping(one), Kind::Mapping(other)) => {
                let mut pairs = one.iter().zip(other);
                let is_same = |((key, one), (other_key, other)): (&(Key, Self), &(Key, Self))| {
                    key.text == other_key.text && one.is_same(other)
                };
                one.len() == other.len() && pairs.all(is_same)
            }
            _ => false,
        }
    }

    /// Adds every key of this node and of all nodes below it.
    pub(crate) fn collect_keys(&self, keys: &mut BTreeSet<String>) {
        match &self.kind {
            Kind::Sequence(items) => items.iter().for_each(|item| item.collect_keys(keys)),
            Kind::Mapping(entries) => {
                for (key, node) in entries {
                    keys.insert(key.text.clone());
                    node.collect_keys(keys);
                }
            }
            _ => {}
        }
    }
}

/// A key of a mapping, as written: `1` and `true` are texts here.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) place: Place,
    pub(crate) text: String,
}

impl Key {
    /// Whether the value of this key is a mapping, or a list of mappings, whose keys are to be added: `<<: *base`.
    pub(crate) fn is_merge(&self) -> bool {
        self.text == MERGE
    }
}

impl Kind {
    /// The type in words, to print after "found".
    pub(crate) fn described(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Boolean(true) => "true",
            Self::Boolean(false) => "false",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::Sequence(_) => "a list",
            Self::Mapping(_) => "a mapping",
        }
    }
}

/// The progress of a pass, and why it stopped if the parser found no error.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    target: Place,
    /// The number of nodes so far.
    pub(crate) nodes: usize,
    /// The number of keys that were merged, those of nested merge keys counted each time.
    merged: usize,
    /// Why the pass stopped.
    pub(crate) refusal: Option<Refusal>,
}

/// Why a pass stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A node has a tag, such as `!secret`.
    Tag,
    /// There are more than [`MOST_NODES`], or as many merged keys.
    TooManyNodes,
}

impl Reading {
    /// A pass that stops with an error at `target`, if it gets that far.
    pub(crate) fn until(target: Place) -> Self {
        Self {
            target,
            nodes: 0,
            merged: 0,
            refusal: None,
        }
    }

    /// Reads the whole document.
    pub(crate) fn document<'de, D: Deserializer<'de>>(
        &mut self,
        from: D,
    ) -> Result<Node, D::Error> {
        NodeSeed(self).deserialize(from)
    }

    /// Numbers the next node. Returns `None` if the pass must stop.
    fn begin(&mut self) -> Option<Place> {
        let place = Place(self.nodes);
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            self.refusal = Some(Refusal::TooManyNodes);
        }
        let reads_on = place != self.target && self.refusal.is_none();
        reads_on.then_some(place)
    }

    /// Merges the mappings of a merge key. Fails if the document has merged too many keys: each level of nested merge
    /// keys takes over all keys below it.
    fn merge<E: Error>(&mut self, entries: &mut Vec<(Key, Node)>) -> Result<(), E> {
        self.merged += merge(entries);
        if self.merged > MOST_NODES {
            self.refusal = Some(Refusal::TooManyNodes);
            return Err(E::custom("too many merged keys"));
        }
        Ok(())
    }
}

struct NodeSeed<'r>(&'r mut Reading);

impl<'de> DeserializeSeed<'de> for NodeSeed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Node, D::Error> {
        match self.0.begin() {
            Some(place) => from.deserialize_any(NodeVisitor {
                place,
                reading: self.0,
            }),
            None => from.deserialize_any(Stop).map(|never| match never {}),
        }
    }
}

struct KeySeed<'r>(&'r mut Reading);

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Key, D::Error> {
        match self.0.begin() {
            Some(place) => from.deserialize_str(KeyVisitor(place)),
            None => from.deserialize_any(Stop).map(|never| match never {}),
        }
    }
}

/// Rejects every value, as a visitor does by default; the parser then adds the position.
struct Stop;

/// A value that is never created.
enum Never {}

impl Visitor<'_> for Stop {
    type Value = Never;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the end")
    }
}

struct KeyVisitor(Place);

impl Visitor<'_> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name as key")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Key, E> {
        Ok(Key {
            place: self.0,
            text: text.to_owned(),
        })
    }
}

struct NodeVisitor<'r> {
    place: Place,
    reading: &'r mut Reading,
}

impl NodeVisitor<'_> {
    #[expect(
        clippy::unnecessary_wraps,
        reason = "what every method of the visitor returns"
    )]
    fn node<E>(self, kind: Kind) -> Result<Node, E> {
        Ok(Node {
            place: self.place,
            kind,
        })
    }
}

impl<'de> Visitor<'de> for NodeVisitor<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        self.node(Kind::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Node, E> {
        self.node(Kind::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        self.node(Kind::Boolean(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        self.node(Kind::Integer(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        self.node(Kind::Integer(value.into()))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Node, E> {
        self.node(Kind::Integer(i128::try_from(value).unwrap_or(i128::MAX)))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Node, E> {
        self.node(Kind::Integer(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        self.node(Kind::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Node, E> {
        self.node(Kind::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(NodeSeed(self.reading))? {
            items.push(item);
        }
        self.node(Kind::Sequence(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        let mut has_merge = false;
        while let Some(key) = access.next_key_seed(KeySeed(self.reading))? {
            has_merge |= key.is_merge();
            entries.push((key, access.next_value_seed(NodeSeed(self.reading))?));
        }
        if has_merge {
            self.reading.merge(&mut entries)?;
        }
        self.node(Kind::Mapping(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<Node, A::Error> {
        self.reading.refusal = Some(Refusal::Tag);
        Err(A::Error::custom("a tag"))
    }
}
