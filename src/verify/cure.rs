//! What makes a path work that does not: an edit of the lab file, or the end of a failure.
//!
//! Kinds of resource propose edits; here each is tried. The lab is solved with the edit and with the same failures, and
//! a cure is what makes packets arrive in both directions.

mod cuts;
mod dead_end;
mod heal;

use std::cell::{Cell, OnceCell};

use crate::lab;
use crate::network::State;
use crate::topology::NodeId;
use crate::verify::why::{Seen, Way, Why, explain};
use crate::yaml::change::Action;
use crate::yaml::line_edits::{LineEdit, line_edits};
use crate::yaml::proposal::{Proposal, Purpose};
use crate::yaml::tree::Node;

pub use heal::Heals;

/// The most edits that are tried for a path; fewer in a large lab, as each takes as long as the lab itself.
const MOST_TRIED: usize = 64;

/// The fewest edits that are tried, and how many nodes the labs of all tried edits have together.
const FEWEST_TRIED: usize = 8;
const MOST_NODES: usize = 10_000;

/// The most edits of one sort that are tried at a time.
const MOST_AT_A_TIME: usize = 16;

/// The most edits that get a second one.
const MOST_BEGUN: usize = 4;

/// The most cures of a path.
const MOST_CURES: usize = 3;

/// What makes a path work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cure {
    /// What it does, as a command to a person, without a capital letter and a full stop.
    pub what: String,
    /// What a person does.
    pub remedy: Remedy,
    /// How many hops the path then has.
    pub hops: usize,
    /// The machines that then do not reach each other any more, in pairs.
    pub cuts: Vec<[String; 2]>,
}

/// What a person does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Edits the lab file, in this order: from its end, so that the numbers of the lines before an edit stay.
    Edits(Vec<Edit>),
    /// Ends failures or impairments of links.
    Heals(Heals),
}

/// An edit of whole lines of a lab file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is done with the value.
    pub action: EditAction,
    /// The path to the value to which something is added, or to the old value: keys with points between them, items of
    /// lists with their numbers from 0; empty for the whole file.
    pub path: String,
    /// The line of the file after which the lines are added, or the first that is replaced or removed; from 1.
    pub line: usize,
    /// The last line that is replaced or removed; `None` for an addition.
    pub last: Option<usize>,
    /// The lines to write or to remove, with their indentation.
    pub lines: Vec<String>,
}

/// What is done with a value of a lab file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditAction {
    /// It is added to the end of a mapping or list.
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

/// What makes a lost path work: the end of a failure; otherwise the smallest repair of the lab file, or two of them on a
/// path with user-defined routes; otherwise a few additions; otherwise two edits. Empty for a path that works, and if
/// nothing does.
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
    let trial = Trial {
        text,
        document: &document,
        solve,
        state: lost.state,
        working: OnceCell::new(),
        left: Cell::new(most_tried(lost.state.topology.nodes.len())),
    };
    let mut cures = trial.by_one_edit(lost, &document, is_repair);
    // The file says by which way packets go, so that way is repaired before another one is added.
    if cures.is_empty() && dead_end::has_user_routes(lost) {
        cures.extend(trial.by_two_edits(lost, is_repair));
    }
    if cures.iter().all(|cure| !cure.cuts.is_empty()) {
        let additions = trial.by_one_edit(lost, &document, |purpose| !is_repair(purpose));
        cures.extend(additions);
        cures.sort_by_key(|cure| cure.cuts.len());
        cures.truncate(MOST_CURES);
    }
    if cures.is_empty() {
        cures.extend(trial.by_two_edits(lost, |_| true));
    }
    cures
}

/// A condition on edits.
type Condition = fn(Purpose) -> bool;

fn is_repair(purpose: Purpose) -> bool {
    purpose == Purpose::Repair
}

/// A lab file on which edits are tried.
struct Trial<'a> {
    text: &'a str,
    document: &'a Node,
    solve: Solve<'a>,
    /// The lab before all edits, and the pairs of machines that reach each other in it.
    state: &'a State<'a>,
    working: OnceCell<Vec<[String; 2]>>,
    /// How many edits may still be tried.
    left: Cell<usize>,
}

/// How many edits are tried in a lab with so many nodes.
fn most_tried(nodes: usize) -> usize {
    (MOST_NODES / nodes.max(1)).clamp(FEWEST_TRIED, MOST_TRIED)
}

impl Trial<'_> {
    /// The cures that are one edit of a document with a lost path: the file's, or one edited already. Those that cut
    /// other paths come last, and of repairs there is only the best.
    fn by_one_edit(&self, lost: Lost<'_>, document: &Node, wanted: Condition) -> Vec<Cure> {
        let mut cures: Vec<(Purpose, Cure)> = Vec::new();
        for proposal in proposals(lost, document, wanted) {
            let purpose = proposal.purpose;
            let is_served =
                |(known, cure): &(Purpose, Cure)| *known == purpose && cure.cuts.is_empty();
            if cures.iter().any(is_served) {
                continue;
            }
            let Some(cure) = self.cure_by(proposal, lost, document) else {
                continue;
            };
            let is_best = cure.cuts.is_empty();
            let known = cures.iter().position(|(known, _)| *known == purpose);
            match known.and_then(|known| cures.get_mut(known)) {
                Some((_, known)) if cure.cuts.len() < known.cuts.len() => *known = cure,
                Some(_) => {}
                None => cures.push((purpose, cure)),
            }
            if is_best && (is_repair(purpose) || cures.len() == MOST_CURES) {
                break;
            }
        }
        let mut cures: Vec<Cure> = cures.into_iter().map(|(_, cure)| cure).collect();
        cures.sort_by_key(|cure| cure.cuts.len());
        cures.truncate(MOST_CURES);
        cures
    }

    /// The cure that a proposed edit is; `None` if packets are still lost.
    fn cure_by(&self, proposal: Proposal, lost: Lost<'_>, document: &Node) -> Option<Cure> {
        let (edited, state) = self.tried(&proposal, document)?;
        let hops = hops_in(&state, lost)?;
        let edits = line_edits(self.text, self.document, &edited)?;
        let edits = edits.into_iter().map(edit).collect();
        let working = self.working.get_or_init(|| cuts::working(self.state));
        Some(Cure {
            what: proposal.what,
            remedy: Remedy::Edits(edits),
            hops,
            cuts: cuts::cut(working, &state),
        })
    }

    /// The first cure that is one more edit after one that moves the place where packets are lost.
    fn by_two_edits(&self, lost: Lost<'_>, wanted: Condition) -> Option<Cure> {
        let firsts = proposals(lost, self.document, wanted).into_iter();
        let moved = firsts.filter_map(|first| {
            let (edited, state) = self.tried(&first, self.document)?;
            let (from, to, why) = explained(&state, lost)?;
            (place(&why, &state) != place(lost.why, lost.state))
                .then_some((first, edited, state, from, to, why))
        });
        let mut moved = moved.take(MOST_BEGUN);
        moved.find_map(|(first, edited, state, from, to, why)| {
            let lost = Lost {
                state: &state,
                from,
                to,
                why: &why,
            };
            let mut cures = self.by_one_edit(lost, &edited, wanted).into_iter();
            let cure = cures.next()?;
            Some(Cure {
                what: format!("{}, and {}", first.what, cure.what),
                ..cure
            })
        })
    }

    /// A document after a proposed edit, and the lab that it then is; `None` if the edit changes nothing, or if the
    /// document has errors or enough edits were tried.
    fn tried(&self, proposal: &Proposal, document: &Node) -> Option<(Node, State<'static>)> {
        let edited = proposal.applied(document);
        let left = self.left.get().checked_sub(1)?;
        if edited.is_same(document) {
            return None;
        }
        self.left.set(left);
        let state = (self.solve)(&edited)?;
        Some((edited, state))
    }
}

fn edit(edit: LineEdit) -> Edit {
    Edit {
        action: match edit.action {
            Action::Add => EditAction::Add,
            Action::Replace => EditAction::Replace,
            Action::Remove => EditAction::Remove,
        },
        path: edit.path,
        line: edit.line,
        last: edit.last,
        lines: edit.lines,
    }
}

/// The edits of a document that are tried for a lost path, in their order.
fn proposals(lost: Lost<'_>, document: &Node, wanted: Condition) -> Vec<Proposal> {
    let complete = lab::complete(document);
    let dead_end = dead_end::of(lost, &complete);
    let mut proposals = dead_end.map_or_else(Vec::new, |dead_end| lab::proposals(&dead_end));
    proposals.retain(|proposal| wanted(proposal.purpose));
    proposals.truncate(MOST_AT_A_TIME);
    proposals
}

/// Where packets are lost, by the names of nodes: in each direction, or nowhere.
fn place<'w>(why: &'w Why, state: &'w State<'_>) -> [Option<&'w str>; 2] {
    let lost_at = |way: &Way| {
        let loss = way.loss.as_ref()?;
        Some(state.topology.node(loss.node).name.as_str())
    };
    [lost_at(&why.there), why.back.as_ref().and_then(lost_at)]
}

/// A path in another state, in which links and nodes may have other numbers; `None` if it has no such ends.
fn explained(state: &State<'_>, lost: Lost<'_>) -> Option<(NodeId, NodeId, Why)> {
    let name = |node: NodeId| lost.state.topology.node(node).name.as_str();
    let from = state.topology.find(name(lost.from))?;
    let to = state.topology.find(name(lost.to))?;
    let why = explain(state, from, lost.why.there.destination);
    why.to
        .is_none_or(|reached| reached == to)
        .then_some((from, to, why))
}

/// The hops of a path in another state; `None` if packets are lost in either direction.
fn hops_in(state: &State<'_>, lost: Lost<'_>) -> Option<usize> {
    let (_, to, why) = explained(state, lost)?;
    let is_hop = |seen: &&Seen| matches!(seen, Seen::Answers { .. } | Seen::Silent { .. });
    let arrives = why.is_answered() && why.to == Some(to);
    arrives.then(|| why.seen.iter().filter(is_hop).count())
}

#[cfg(test)]
mod tests;
