//! Proposed edits of a document, which a solver tries before a person sees them.

use std::fmt;

use crate::yaml::tree::Node;

/// A proposed edit.
pub(crate) struct Proposal {
    /// What it does, as a command to a person, without a capital letter and a full stop.
    pub(crate) what: String,
    /// Why a person would make it.
    pub(crate) purpose: Purpose,
    /// How much it changes: of several edits for one purpose, the one with the least is tried first.
    pub(crate) size: usize,
    edit: Box<dyn Fn(&mut Node)>,
}

/// Why a person would make an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// It corrects what the file has already.
    Repair,
    /// It adds a new path. Of several additions of one sort, a person needs only one.
    Addition(&'static str),
}

impl Proposal {
    /// An edit that corrects what the file has already.
    pub(crate) fn repair(
        what: impl Into<String>,
        size: usize,
        edit: impl Fn(&mut Node) + 'static,
    ) -> Self {
        Self::new(Purpose::Repair, what.into(), size, edit)
    }

    /// An edit that adds a path of some sort.
    pub(crate) fn addition(
        sort: &'static str,
        what: impl Into<String>,
        size: usize,
        edit: impl Fn(&mut Node) + 'static,
    ) -> Self {
        Self::new(Purpose::Addition(sort), what.into(), size, edit)
    }

    fn new(
        purpose: Purpose,
        what: String,
        size: usize,
        edit: impl Fn(&mut Node) + 'static,
    ) -> Self {
        Self {
            what,
            purpose,
            size,
            edit: Box::new(edit),
        }
    }

    /// The document after the edit.
    pub(crate) fn applied(&self, document: &Node) -> Node {
        let mut edited = document.clone();
        (self.edit)(&mut edited);
        edited
    }
}

impl fmt::Debug for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}: {}", self.purpose, self.size, self.what)
    }
}
