//! Parts of a document that its text has once but that aliases repeat.

use crate::findings::Place;
use crate::yaml::position::offset;
use crate::yaml::tree::{Kind, Node};

/// The most equal values that are compared with one.
const MOST_COMPARED: usize = 200;

/// A document and its text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Aliases<'a> {
    text: &'a str,
    document: &'a Node,
}

impl<'a> Aliases<'a> {
    pub(crate) fn of(text: &'a str, document: &'a Node) -> Self {
        Self { text, document }
    }

    /// Whether a value inside another one is written before it: an alias is there, or a merge key.
    pub(crate) fn is_elsewhere(self, inner: Place, outer: Place) -> bool {
        self.has_any() && offset(self.text, inner) < offset(self.text, outer)
    }

    /// Whether an alias repeats a value farther down.
    pub(crate) fn repeat(self, value: &Node) -> bool {
        if !self.has_any() {
            return false;
        }
        let mut equal = Vec::new();
        collect_equal(self.document, value, &mut equal);
        let own = offset(self.text, value.place);
        let mut later = equal.into_iter().take(MOST_COMPARED);
        later.any(|place| offset(self.text, place) == own)
    }

    fn has_any(self) -> bool {
        self.text.contains('*')
    }
}

/// Adds the places of all values that are equal to one and come later.
fn collect_equal(node: &Node, value: &Node, equal: &mut Vec<Place>) {
    if node.place > value.place && node.is_same(value) {
        equal.push(node.place);
    }
    match &node.kind {
        Kind::Sequence(items) => {
            for item in items {
                collect_equal(item, value, equal);
            }
        }
        Kind::Mapping(entries) => {
            for (_, inner) in entries {
                collect_equal(inner, value, equal);
            }
        }
        _ => {}
    }
}
