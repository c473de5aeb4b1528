//! What makes a path work that does not: an edit of the lab file, or the end of a failure.
//!
//! Kinds of resource propose edits; here each is tried. The lab is solved with the edit and with the same failures, and
//! a cure is what makes packets arrive in both directions.

mod dead_end;
mod heal;

use crate::addresses::Address;
use crate::lab;
use crate::network::State;
use crate::topology::NodeId;
use crate::verify::why::{Seen, Why, explain};
use crate::yaml::change::{Action, Change, changes};
use crate::yaml::position;
use crate::yaml::proposal::{Proposal, Purpose};
use crate::yaml::tree::Node;

pub use heal::Heals;

/// The most edits that are tried for a path.
const MOST_TRIED: usize = 16;

/// The most cures of a path.
const MOST_CURES: usize = 3;

/// What makes a path work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cure {
    /// What it does, as a command to a person, without a full stop.
    pub what: String,
    /// What a person does.
    pub remedy: Remedy,
    /// How many hops the path then has.
    pub hops: usize,
}

/// What a person does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Edits the lab file.
    Edits(Vec<Edit>),
    /// Ends failures or impairments of links.
    Heals(Heals),
}

/// An edit of one value of a lab file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is done with the value.
    pub action: EditAction,
    /// The path to it: keys with points between them, items of lists with their numbers from 0.
    pub path: String,
    /// The line of the file with the old value, or with the value to which something is added; from 1.
    pub line: usize,
    /// The lines to write or to remove, with those of the keys around them.
    pub lines: Vec<String>,
}

/// What is done with a value of a lab file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditAction {
    /// It is added to a mapping, or to the end of a list.
    Add,
    /// It replaces the old one.
    Replace,
    /// It is removed.
    Remove,
}

/// A path whose packets are lost.
#[derive(Debug, Clone, Copy)]
pub struct Lost<'a> {
    /// The lab, and its failures.
    pub state: &'a State<'a>,
    /// The sender.
    pub from: NodeId,
    /// The destination.
    pub to: NodeId,
    /// The explanation.
    pub why: &'a Why,
}

/// Solves an edited document with the failures in force; `None` if the document has errors.
pub(crate) type Solve<'s> = &'s dyn Fn(&Node) -> Option<State<'static>>;

/// What makes a lost path work: the end of a failure; otherwise the smallest repair of the lab file; otherwise a few
/// additions to it. Empty for a path that works, and if nothing does.
pub(crate) fn cures(lost: Lost<'_>, text: &str, solve: Solve<'_>) -> Vec<Cure> {
    if lost.why.is_answered() {
        return Vec::new();
    }
    let healed = heal::cure(lost);
    if healed.is_some() {
        return healed.into_iter().collect();
    }
    let Some(document) = lab::tree(text) else {
        return Vec::new();
    };
    let complete = lab::complete(&document);
    let Some(dead_end) = dead_end::of(lost, &complete) else {
        return Vec::new();
    };
    let trial = Trial {
        lost,
        text,
        document: &document,
        solve,
    };
    let mut cures = Vec::new();
    let mut purposes: Vec<Purpose> = Vec::new();
    for proposal in lab::proposals(&dead_end).iter().take(MOST_TRIED) {
        if purposes.contains(&proposal.purpose) {
            continue;
        }
        let Some(cure) = trial.of(proposal) else {
            continue;
        };
        cures.push(cure);
        purposes.push(proposal.purpose);
        if proposal.purpose == Purpose::Repair || cures.len() == MOST_CURES {
            break;
        }
    }
    cures
}

/// A lost path on which edits are tried.
struct Trial<'a> {
    lost: Lost<'a>,
    text: &'a str,
    document: &'a Node,
    solve: Solve<'a>,
}

impl Trial<'_> {
    /// The cure that a proposal is, if it works.
    fn of(&self, proposal: &Proposal) -> Option<Cure> {
        let edited = proposal.applied(self.document);
        let changes = changes(self.document, &edited);
        if changes.is_empty() {
            return None;
        }
        let state = (self.solve)(&edited)?;
        let edits = changes.iter().map(|change| self.edit(change)).collect();
        Some(Cure {
            what: proposal.what.clone(),
            remedy: Remedy::Edits(edits),
            hops: hops_in(&state, self.lost)?,
        })
    }

    fn edit(&self, change: &Change) -> Edit {
        let (line, _) = position(self.text, change.place);
        Edit {
            action: match change.action {
                Action::Add => EditAction::Add,
                Action::Replace => EditAction::Replace,
                Action::Remove => EditAction::Remove,
            },
            path: change.path_in_words(),
            line,
            lines: change.lines(),
        }
    }
}

/// The hops of a path in another state, in which links and nodes may have other numbers; `None` if packets are lost in
/// either direction.
fn hops_in(state: &State<'_>, lost: Lost<'_>) -> Option<usize> {
    let name = |node: NodeId| lost.state.topology.node(node).name.as_str();
    let [from, to] = [lost.from, lost.to].map(|node| state.topology.find(name(node)));
    let destination: Address = lost.why.there.destination;
    let why = explain(state, from?, destination);
    let arrives = why.is_answered() && why.to == to && to.is_some();
    let is_hop = |seen: &&Seen| matches!(seen, Seen::Answers { .. } | Seen::Silent { .. });
    arrives.then(|| why.seen.iter().filter(is_hop).count())
}

#[cfg(test)]
mod tests;
