//! The edits of a lab file that its kinds of resource propose where a path does not work.

use crate::azure::cure::DeadEnd;
use crate::lab::kinds::KINDS;
use crate::lab::{defaults, impairments};
use crate::yaml::proposal::{Proposal, Purpose};
use crate::yaml::reading;
use crate::yaml::tree::Node;

/// The document of a lab file; `None` if it cannot be read.
pub(crate) fn tree(text: &str) -> Option<Node> {
    reading::read(text).ok()
}

/// A document with short forms written out and defaults filled in.
pub(crate) fn complete(document: &Node) -> Node {
    let mut complete = document.clone();
    defaults::choose(&mut complete);
    complete
}

/// Edits that may make a path work: repairs first, and of each purpose the smallest first.
pub(crate) fn proposals(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let kinds = KINDS.iter().flat_map(|kind| kind.cures);
    let own = impairments::cure::end_losses(dead_end).into_iter();
    let mut proposals: Vec<Proposal> = own
        .chain(kinds.flat_map(|propose| propose(dead_end)))
        .collect();
    let is_addition = |proposal: &Proposal| proposal.purpose != Purpose::Repair;
    proposals.sort_by_key(|proposal| (is_addition(proposal), proposal.size));
    proposals
}
