//! The section `expect` of a lab file, from the paths of a lab as they are.

use std::collections::{BTreeMap, BTreeSet};

use crate::topology::{NodeId, Topology};

/// The longest line.
const WIDTH: usize = 120;

/// Words that YAML may read as something else than text.
const RESERVED: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];

/// The path from one machine to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathNow {
    /// The machine that sends.
    pub from: NodeId,
    /// The machine that is sent to.
    pub to: NodeId,
    /// What comes back.
    pub seen: Seen,
}

/// What comes back on a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// The names or addresses of those who may answer at each hop, the last being the destination; empty for a silent
    /// hop.
    Hops(Vec<BTreeSet<String>>),
    /// The destination answers, on equal-cost paths of different lengths or on an unknown one.
    Reached,
    /// Nothing.
    Unreachable,
}

/// A section, and the number of its expectations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The lines.
    pub text: String,
    /// How many expectations it has.
    pub count: usize,
}

/// One expectation per path, with every hop.
#[must_use]
pub fn section(topology: &Topology, paths: &[PathNow]) -> Section {
    let line = |path: &PathNow| {
        let ends = [path.from, path.to].map(|end| name(topology, end));
        let [from, to] = ends;
        format!("from: {from}, to: {to}, {}", outcome(&path.seen))
    };
    rendered(&paths.iter().map(line).collect::<Vec<_>>())
}

/// Only whether each destination answers, in few expectations: one for all pairs, and one for each set of exceptions.
#[must_use]
pub fn intent(topology: &Topology, paths: &[PathNow]) -> Section {
    let is_reached = |path: &&PathNow| path.seen != Seen::Unreachable;
    let reached = paths.iter().filter(is_reached).count();
    let usual = reached * 2 >= paths.len();
    let mut rows: BTreeMap<NodeId, Row> = BTreeMap::new();
    for path in paths {
        let row = rows.entry(path.from).or_default();
        row.all.insert(path.to);
        if is_reached(&path) != usual {
            row.exceptions.insert(path.to);
        }
    }
    let mut lines = Vec::new();
    if !paths.is_empty() {
        lines.push(format!("from: \"*\", to: \"*\", {}", word(usual)));
    }
    for (to, from) in grouped(&rows) {
        let from = list(topology, &from);
        let to = to.map_or_else(|| "\"*\"".to_owned(), |to| list(topology, &to));
        lines.push(format!("from: {from}, to: {to}, {}", word(!usual)));
    }
    rendered(&lines)
}

/// The destinations of one machine.
#[derive(Default)]
struct Row {
    all: BTreeSet<NodeId>,
    /// Those that are not as usual.
    exceptions: BTreeSet<NodeId>,
}

/// The senders of each set of exceptional destinations, in the order of the first sender; `None` stands for all
/// destinations.
fn grouped(rows: &BTreeMap<NodeId, Row>) -> Vec<(Option<Vec<NodeId>>, Vec<NodeId>)> {
    let mut groups: Vec<(Option<Vec<NodeId>>, Vec<NodeId>)> = Vec::new();
    let exceptional = rows.iter().filter(|(_, row)| !row.exceptions.is_empty());
    for (from, row) in exceptional {
        let all = row.exceptions == row.all;
        let to = (!all).then(|| row.exceptions.iter().copied().collect());
        match groups.iter_mut().find(|(known, _)| *known == to) {
            Some((_, senders)) => senders.push(*from),
            None => groups.push((to, vec![*from])),
        }
    }
    groups
}

fn word(is_reached: bool) -> &'static str {
    if is_reached {
        "reachable: true"
    } else {
        "unreachable: true"
    }
}

fn outcome(seen: &Seen) -> String {
    match seen {
        Seen::Unreachable => word(false).to_owned(),
        Seen::Reached => word(true).to_owned(),
        Seen::Hops(hops) => {
            let hops: Vec<String> = hops.iter().map(hop).collect();
            format!("hops: [{}]", hops.join(", "))
        }
    }
}

fn hop(answerers: &BTreeSet<String>) -> String {
    let mut words: Vec<String> = answerers.iter().map(|word| quoted(word)).collect();
    match words.len() {
        0 => "\"*\"".to_owned(),
        1 => words.remove(0),
        _ => format!("[{}]", words.join(", ")),
    }
}

/// One name, or several in brackets.
fn list(topology: &Topology, nodes: &[NodeId]) -> String {
    if let [only] = nodes {
        return name(topology, *only);
    }
    let names = nodes.iter().map(|node| name(topology, *node));
    format!("[{}]", names.collect::<Vec<_>>().join(", "))
}

fn name(topology: &Topology, node: NodeId) -> String {
    quoted(topology.node(node).name.as_str())
}

/// A name or address as YAML reads it as text.
fn quoted(word: &str) -> String {
    let begins_as_text = word.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_address = word.matches('.').count() == 3;
    let is_reserved = RESERVED.contains(&word.to_ascii_lowercase().as_str());
    if is_address || (begins_as_text && !is_reserved) {
        word.to_owned()
    } else {
        format!("\"{word}\"")
    }
}

fn rendered(lines: &[String]) -> Section {
    let items: String = lines.iter().map(|line| item(line)).collect();
    let text = if items.is_empty() {
        "expect: []\n".to_owned()
    } else {
        format!("expect:\n{items}")
    };
    Section {
        text,
        count: lines.len(),
    }
}

/// An item of the list, broken after commas if it is long.
fn item(line: &str) -> String {
    let mut lines = vec![String::from("  - {")];
    let parts = line.split(", ").collect::<Vec<_>>();
    for (number, part) in parts.iter().enumerate() {
        let end = if number + 1 == parts.len() { " }" } else { "," };
        let last = lines.len() - 1;
        if lines[last].len() + 1 + part.len() + end.len() > WIDTH {
            lines.push(String::from("     "));
        }
        let last = lines.len() - 1;
        lines[last].extend([" ", part, end]);
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests;
