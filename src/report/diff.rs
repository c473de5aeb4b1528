//! What `lab diff` prints: the pairs whose path differs between two labs, by their routes.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::network::State;
use crate::report::side_by_side::{paired, side_by_side};
use crate::report::tsv::{Rows, listed};
use crate::report::why::{self, report};
use crate::report::wrap::wrapped;
use crate::routing::equal_cost_nodes;
use crate::topology::NodeId;
use crate::verify::why::explain;

/// A lab with its title in the report.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// Its title.
    pub title: &'a str,
    /// The lab.
    pub state: &'a State<'a>,
}

/// How two labs differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The title of the first lab.
    pub a: String,
    /// The title of the second lab.
    pub b: String,
    /// The number of pairs that both labs have.
    pub pairs: usize,
    /// The pairs whose paths differ.
    pub changed: Vec<Change>,
    /// Machines that only the first has.
    pub only_a: Vec<String>,
    /// Machines that only the second has.
    pub only_b: Vec<String>,
}

/// Two machines with different paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The sender.
    pub from: String,
    /// The destination.
    pub to: String,
    /// The path in the first lab.
    pub a: Path,
    /// The path in the second.
    pub b: Path,
    /// The numbers of the nodes that differ, from 1.
    pub differing: Vec<usize>,
}

/// A path that the routes predict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Path {
    /// Every node after the sender.
    pub hops: Vec<Hop>,
    /// Whether packets arrive in both directions.
    pub reached: bool,
    /// A summary in one sentence.
    pub summary: String,
    /// The nodes of equal-cost paths (ECMP), of which a flow crosses some.
    pub equal_cost: BTreeSet<String>,
}

/// A node on a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hop {
    /// The node.
    pub node: String,
    /// What a trace shows of it.
    pub shows: Shows,
}

/// What a trace shows of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shows {
    /// It answers.
    Answer,
    /// A hop without an answer.
    Silence,
    /// No hop in a trace.
    Nothing,
    /// Packets are lost here.
    Loss,
}

/// Compares every ordered pair of machines that both labs have, by name.
#[must_use]
pub fn diff(a: Side<'_>, b: Side<'_>) -> Diff {
    let [in_a, in_b] = [a, b].map(|side| machines(&side));
    let common: Vec<&String> = in_a.intersection(&in_b).collect();
    let mut changed = Vec::new();
    for from in &common {
        for to in common.iter().filter(|to| *to != from) {
            changed.extend(change([a, b], from, to));
        }
    }
    Diff {
        a: a.title.to_owned(),
        b: b.title.to_owned(),
        pairs: common.len() * common.len().saturating_sub(1),
        changed,
        only_a: in_a.difference(&in_b).cloned().collect(),
        only_b: in_b.difference(&in_a).cloned().collect(),
    }
}

impl Diff {
    /// Whether nothing differs.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        self.changed.is_empty() && self.only_a.is_empty() && self.only_b.is_empty()
    }
}

/// Each pair with both paths side by side, and the summary.
#[must_use]
pub fn text(diff: &Diff) -> String {
    let changes: String = diff
        .changed
        .iter()
        .map(|change| change_text(diff, change) + "\n")
        .collect();
    let only = |lab: &str, machines: &[String]| {
        if machines.is_empty() {
            return String::new();
        }
        wrapped(&format!("only in {lab}: {}", machines.join(", ")), 0)
    };
    let [only_a, only_b] = [only(&diff.a, &diff.only_a), only(&diff.b, &diff.only_b)];
    let legend = if diff.changed.is_empty() {
        ""
    } else {
        "* a hop without an answer; ( ) no hop of a trace\n"
    };
    let differ = diff.changed.len();
    let same = diff.pairs - differ;
    format!("{changes}{only_a}{only_b}{legend}{same} pairs the same, {differ} differ\n")
}

/// The names of the columns for scripts.
const COLUMNS: &[&str] = &[
    "difference",
    "from",
    "to",
    "a_reached",
    "b_reached",
    "a_hops",
    "b_hops",
    "differing",
];

/// The differences as rows for scripts: the pairs whose paths differ (`path`), then the machines that only one lab has
/// (`only_a` and `only_b`), each in the column `from`.
#[must_use]
pub fn rows(diff: &Diff) -> Rows {
    let changed = diff.changed.iter().map(|change| {
        let nodes = |path: &Path| listed(path.hops.iter().map(|hop| &hop.node));
        vec![
            "path".to_owned(),
            change.from.clone(),
            change.to.clone(),
            change.a.reached.to_string(),
            change.b.reached.to_string(),
            nodes(&change.a),
            nodes(&change.b),
            listed(&change.differing),
        ]
    });
    let only = |which: &'static str, machines: &[String]| -> Vec<Vec<String>> {
        let rows = machines.iter().map(|machine| {
            let mut row = vec![which.to_owned(), machine.clone()];
            row.resize(COLUMNS.len(), String::new());
            row
        });
        rows.collect()
    };
    let only = [only("only_a", &diff.only_a), only("only_b", &diff.only_b)].concat();
    Rows {
        columns: COLUMNS,
        rows: changed.chain(only).collect(),
    }
}

fn change_text(diff: &Diff, change: &Change) -> String {
    let Change {
        from,
        to,
        a,
        b,
        differing,
    } = change;
    let [left, right] = [a, b].map(|path| path.hops.iter().map(shown).collect::<Vec<_>>());
    let is_same = |index: usize| !differing.contains(&(index + 1));
    let rows = paired(&left, &right, is_same);
    let sides = side_by_side(&rows, ["NODE", &diff.a, &diff.b]);
    let lost = [(&diff.a, a), (&diff.b, b)].into_iter();
    let lost = lost.filter(|(_, path)| !path.reached);
    let lost: String = lost
        .map(|(lab, path)| wrapped(&format!("{lab}: {}", path.summary), 2))
        .collect();
    format!("{from} -> {to}\n{sides}{lost}")
}

fn shown(hop: &Hop) -> String {
    let node = &hop.node;
    match hop.shows {
        Shows::Answer => node.clone(),
        Shows::Silence => format!("{node} *"),
        Shows::Nothing => format!("({node})"),
        Shows::Loss => format!("{node}, lost"),
    }
}

fn machines(side: &Side<'_>) -> BTreeSet<String> {
    let topology = &side.state.topology;
    let machines = topology.machines();
    machines
        .map(|machine| topology.node(machine).name.to_string())
        .collect()
}

fn change(sides: [Side<'_>; 2], from: &str, to: &str) -> Option<Change> {
    let [a, b] = sides.map(|side| path(side.state, from, to));
    let (a, b) = (a?, b?);
    let are_equal = |node: &str| [&a, &b].iter().all(|path| path.equal_cost.contains(node));
    let is_same = |index: &usize| match (a.hops.get(*index), b.hops.get(*index)) {
        (Some(one), Some(other)) => {
            one == other
                || one.shows == other.shows && are_equal(&one.node) && are_equal(&other.node)
        }
        _ => false,
    };
    let longer = a.hops.len().max(b.hops.len());
    let differing: Vec<usize> = (0..longer)
        .filter(|index| !is_same(index))
        .map(|index| index + 1)
        .collect();
    let is_changed = a.reached != b.reached || !differing.is_empty();
    is_changed.then(|| Change {
        from: from.to_owned(),
        to: to.to_owned(),
        a,
        b,
        differing,
    })
}

fn path(state: &State<'_>, from: &str, to: &str) -> Option<Path> {
    let topology = &*state.topology;
    let from = topology.find(from)?;
    let to = topology.find(to)?;
    let destination = topology.node(to).address?;
    if let Some(other) = topology.taken_for(from, to) {
        let other = &topology.node(other).name;
        return Some(Path {
            hops: Vec::new(),
            reached: false,
            summary: format!("{destination} is the address of {other} there"),
            equal_cost: BTreeSet::new(),
        });
    }
    let why = report(topology, from, &explain(state, from, destination));
    let equal = equal_cost_nodes(topology, &state.tables, from, destination);
    let name = |node: NodeId| topology.node(node).name.to_string();
    Some(Path {
        hops: hops(&why.there),
        reached: why.answered,
        equal_cost: equal.into_iter().map(name).collect(),
        summary: why.summary,
    })
}

/// Every node after the sender, or the sender if the packet does not leave it.
fn hops(way: &why::Way) -> Vec<Hop> {
    let last = way.hops.len() - 1;
    let hop = |(position, hop): (usize, &why::Hop)| Hop {
        node: hop.node.clone(),
        shows: match (hop.address, hop.ttl) {
            (Some(_), _) => Shows::Answer,
            (None, Some(_)) => Shows::Silence,
            (None, None) if position == last && !way.delivered => Shows::Loss,
            (None, None) => Shows::Nothing,
        },
    };
    let after_the_sender = last.min(1);
    let hops = way.hops.iter().enumerate().skip(after_the_sender);
    hops.map(hop).collect()
}
