//! The differences between two runs of `lab verify`, from their `--json` output. Times are ignored.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::report::json::{Answerers, Checked, Expected, Hop, Outcome, Verification};
use crate::report::side_by_side::{paired, side_by_side};

/// The differences from an earlier run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// The file that the earlier run was read from.
    pub file: String,
    /// The number of unchanged paths.
    pub same: usize,
    /// The changed paths.
    pub changed: Vec<Change>,
    /// Pairs that the earlier run did not prove.
    pub new: Vec<Pair>,
    /// Pairs that only the earlier run proved.
    pub vanished: Vec<Pair>,
}

/// A changed path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The pair of machines.
    #[serde(flatten)]
    pub pair: Pair,
    /// The path in the earlier run.
    pub was: Path,
    /// The path in this run.
    pub is: Path,
    /// The numbers of the hops that differ.
    pub differing: Vec<usize>,
}

/// Two machines, and the lab's state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pair {
    /// The machine that probed.
    pub from: String,
    /// The machine that was probed.
    pub to: String,
    /// `steady`, or the name of the lab's step.
    pub state: String,
    /// The storyboard of that step.
    pub storyboard: Option<String>,
}

/// A path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    /// The node that answered at each hop; `*` for a silent hop.
    pub hops: Vec<String>,
    /// Whether the destination answered.
    pub reached: bool,
}

/// Compares a run with an earlier one, whose results are in `file`. A pair counts as vanished only if `was_asked`
/// accepts its state.
#[must_use]
pub fn compare(
    file: &str,
    before: &Verification,
    now: &Verification,
    was_asked: impl Fn(&str) -> bool,
) -> Baseline {
    let mut baseline = Baseline {
        file: file.to_owned(),
        same: 0,
        changed: Vec::new(),
        new: Vec::new(),
        vanished: Vec::new(),
    };
    let earlier: BTreeMap<Pair, &Checked> = tried(before).map(|was| (pair(was), was)).collect();
    let proved: BTreeSet<Pair> = tried(now).map(pair).collect();
    for is in tried(now) {
        let pair = pair(is);
        match earlier.get(&pair) {
            None => baseline.new.push(pair),
            Some(was) => match change(was, is) {
                None => baseline.same += 1,
                Some(change) => baseline.changed.push(change),
            },
        }
    }
    let vanished = tried(before)
        .filter(|was| was_asked(&was.state))
        .map(pair)
        .filter(|was| !proved.contains(was));
    baseline.vanished = vanished.collect();
    baseline
}

impl Baseline {
    /// Whether there is no difference.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        self.changed.is_empty() && self.new.is_empty() && self.vanished.is_empty()
    }
}

/// The differences, each path before and after, and the summary.
#[must_use]
pub fn text(baseline: &Baseline) -> String {
    let changes: String = baseline.changed.iter().map(change_text).collect();
    let pairs = |pairs: &[Pair], what: &str| -> String {
        let line = |pair: &Pair| format!("{}  {what}\n", titled(pair));
        pairs.iter().map(line).collect()
    };
    let new = pairs(&baseline.new, "new");
    let vanished = pairs(&baseline.vanished, "vanished");
    format!("{changes}{new}{vanished}{}\n", sum(baseline))
}

/// The number of changed paths.
#[must_use]
pub fn sum(baseline: &Baseline) -> String {
    let Baseline {
        file,
        same,
        changed,
        new,
        vanished,
    } = baseline;
    let [changed, new, vanished] = [changed.len(), new.len(), vanished.len()];
    format!(
        "compared with {file}: {same} the same, {changed} changed, {new} new, {vanished} vanished"
    )
}

fn change_text(change: &Change) -> String {
    let Change { was, is, .. } = change;
    let [left, right] = [was, is].map(shown_hops);
    let is_same = |index: usize| !change.differing.contains(&(index + 1));
    let rows = paired(&left, &right, is_same);
    let sides = side_by_side(&rows, ["HOP", "WAS", "IS"]);
    let reached = match (was.reached, is.reached) {
        (true, false) => "  was reached, is not\n",
        (false, true) => "  was not reached, is now\n",
        _ => "",
    };
    format!("{}  changed\n{sides}{reached}\n", titled(&change.pair))
}

/// The hops, or the note that there are none.
fn shown_hops(path: &Path) -> Vec<String> {
    if path.hops.is_empty() {
        return vec!["no answer".to_owned()];
    }
    path.hops.clone()
}

/// The pair, and the state.
#[must_use]
pub fn titled(pair: &Pair) -> String {
    let Pair {
        from,
        to,
        state,
        storyboard,
    } = pair;
    match storyboard {
        Some(storyboard) => format!("{from} -> {to}  [{storyboard}: {state}]"),
        None => format!("{from} -> {to}  [{state}]"),
    }
}

/// The expectations that were probed; nothing is known about the others.
fn tried(verification: &Verification) -> impl Iterator<Item = &Checked> {
    let results = verification.results.iter();
    results.filter(|checked| checked.verdict != Outcome::Skip)
}

fn pair(checked: &Checked) -> Pair {
    let Checked {
        from,
        to,
        state,
        storyboard,
        ..
    } = checked.clone();
    Pair {
        from,
        to,
        state,
        storyboard,
    }
}

fn change(was: &Checked, is: &Checked) -> Option<Change> {
    let is_silence = |checked: &Checked| matches!(checked.expected, Expected::Unreachable { .. });
    // If silence is expected, the hops before it are not probed, so they are unknown.
    let are_both_silent = !was.reached && !is.reached && (is_silence(was) || is_silence(is));
    if are_both_silent {
        return None;
    }
    let same = |index: usize| is_same_hop([was, is], index);
    let longer = was.hops.len().max(is.hops.len());
    let differing: Vec<usize> = (0..longer)
        .filter(|index| !same(*index))
        .map(|index| index + 1)
        .collect();
    let is_changed = was.reached != is.reached || !differing.is_empty();
    is_changed.then(|| Change {
        pair: pair(is),
        was: path(was),
        is: path(is),
        differing,
    })
}

/// Whether the same node answered in both runs, or different ones of an allowed set: the expectation's addresses, or
/// the nodes of equal-cost paths.
fn is_same_hop(runs: [&Checked; 2], index: usize) -> bool {
    let [Some(was), Some(is)] = runs.map(|run| run.hops.get(index)) else {
        return false;
    };
    if was.ttl == is.ttl && who(was) == who(is) {
        return true;
    }
    let both = [was, is];
    let is_allowed = |run: &Checked| {
        let allowed = allowed(run, index);
        both.iter().all(|hop| {
            let who = who(hop);
            let is_named = hop.node.as_ref().is_some_and(|node| allowed.contains(node));
            let is_given = |address: &Ipv4Addr| allowed.contains(&address.to_string());
            is_named || (!who.is_empty() && who.iter().all(is_given))
        })
    };
    let [_, now] = runs;
    let is_equal = |hop: &Hop| {
        let node = hop.node.as_ref();
        node.is_some_and(|node| now.equal_cost.contains(node))
    };
    runs.into_iter().any(is_allowed) || both.into_iter().all(is_equal)
}

/// The addresses and nodes that may answer at a hop, if there are several.
fn allowed(run: &Checked, index: usize) -> &[String] {
    match &run.expected {
        Expected::Path { hops, .. } => match hops.get(index) {
            Some(Answerers::Any(several)) => several,
            _ => &[],
        },
        Expected::Reached { .. } | Expected::Unreachable { .. } => &[],
    }
}

/// The addresses that answered. Earlier versions stored only the lowest one.
fn who(hop: &Hop) -> Vec<Ipv4Addr> {
    if hop.addresses.is_empty() {
        hop.address.into_iter().collect()
    } else {
        hop.addresses.clone()
    }
}

fn path(checked: &Checked) -> Path {
    let hop = |hop: &Hop| match (&hop.node, hop.address) {
        (Some(node), _) => node.clone(),
        (None, Some(address)) => address.to_string(),
        (None, None) => "*".to_owned(),
    };
    Path {
        hops: checked.hops.iter().map(hop).collect(),
        reached: checked.reached,
    }
}
