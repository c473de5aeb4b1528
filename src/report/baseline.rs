//! The differences between two runs of `lab verify`, from their `--json` output. Times are ignored.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::addresses::Address;
use crate::report::json::{Answerers, Checked, Expected, Hop, Other, Outcome, Verification};
use crate::report::side_by_side::{paired, side_by_side};
use crate::report::verification::STEADY;

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

/// Compares a run with an earlier one, whose results are in `file`: the expected paths, and all others where both runs
/// have them. A pair counts as vanished only if `was_asked` accepts its state.
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
    let earlier: BTreeMap<Pair, Run<'_>> =
        runs(before).map(|was| (was.pair.clone(), was)).collect();
    let proved: BTreeSet<Pair> = runs(now).map(|is| is.pair).collect();
    for is in runs(now) {
        match earlier.get(&is.pair) {
            // Earlier versions recorded only expected paths.
            None if is.expected.is_none() && before.others.is_none() => {}
            None => baseline.new.push(is.pair),
            Some(was) => match change(was, &is) {
                None => baseline.same += 1,
                Some(change) => baseline.changed.push(change),
            },
        }
    }
    let vanished = runs(before)
        .filter(|was| was_asked(&was.pair.state))
        .filter(|was| was.expected.is_some() || now.others.is_some())
        .map(|was| was.pair)
        .filter(|was| !proved.contains(was));
    baseline.vanished = vanished.collect();
    baseline
}

impl Baseline {
    /// Whether any path was compared.
    #[must_use]
    pub const fn has_paths(&self) -> bool {
        self.same > 0 || !self.is_same()
    }

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

/// A path of a run.
struct Run<'a> {
    pair: Pair,
    /// What was expected of it; `None` if nothing was.
    expected: Option<&'a Expected>,
    hops: &'a [Hop],
    reached: bool,
    equal_cost: &'a [String],
}

/// The paths that were probed; nothing is known about the others.
fn runs(verification: &Verification) -> impl Iterator<Item = Run<'_>> {
    let results = verification.results.iter();
    let tried = results.filter(|checked| checked.verdict != Outcome::Skip);
    let others = verification.others.iter().flatten();
    tried.map(expected_run).chain(others.map(other_run))
}

fn expected_run(checked: &Checked) -> Run<'_> {
    Run {
        pair: Pair {
            from: checked.from.clone(),
            to: checked.to.clone(),
            state: checked.state.clone(),
            storyboard: checked.storyboard.clone(),
        },
        expected: Some(&checked.expected),
        hops: &checked.hops,
        reached: checked.reached,
        equal_cost: &checked.equal_cost,
    }
}

fn other_run(other: &Other) -> Run<'_> {
    Run {
        pair: Pair {
            from: other.from.clone(),
            to: other.to.clone(),
            state: STEADY.to_owned(),
            storyboard: None,
        },
        expected: None,
        hops: &other.hops,
        reached: other.reached,
        equal_cost: &other.equal_cost,
    }
}

fn change(was: &Run<'_>, is: &Run<'_>) -> Option<Change> {
    let names_hops = |run: &Run<'_>| matches!(run.expected, Some(Expected::Path { .. }));
    // If the lab file does not name the hops, they are probed only if the routes predict an answer.
    let are_comparable = was.reached || is.reached || (names_hops(was) && names_hops(is));
    if !are_comparable {
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
        pair: is.pair.clone(),
        was: path(was),
        is: path(is),
        differing,
    })
}

/// Whether the same node answered in both runs, or different ones of an allowed set: the expectation's addresses, or
/// the nodes of equal-cost paths.
fn is_same_hop(runs: [&Run<'_>; 2], index: usize) -> bool {
    let [Some(was), Some(is)] = runs.map(|run| run.hops.get(index)) else {
        return false;
    };
    if was.ttl == is.ttl && who(was) == who(is) {
        return true;
    }
    let both = [was, is];
    let is_allowed = |run: &Run<'_>| {
        let allowed = allowed(run, index);
        both.iter().all(|hop| {
            let who = who(hop);
            let is_named = hop.node.as_ref().is_some_and(|node| allowed.contains(node));
            let is_given = |address: &Address| allowed.contains(&address.to_string());
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
fn allowed<'a>(run: &Run<'a>, index: usize) -> &'a [String] {
    let Some(expected) = run.expected else {
        return &[];
    };
    match expected {
        Expected::Path { hops, .. } => match hops.get(index) {
            Some(Answerers::Any(several)) => several,
            _ => &[],
        },
        Expected::Reached { .. } | Expected::Unreachable { .. } => &[],
    }
}

/// The addresses that answered. Earlier versions stored only the lowest one.
fn who(hop: &Hop) -> Vec<Address> {
    if hop.addresses.is_empty() {
        hop.address.into_iter().collect()
    } else {
        hop.addresses.clone()
    }
}

fn path(run: &Run<'_>) -> Path {
    let hop = |hop: &Hop| match (&hop.node, hop.address) {
        (Some(node), _) => node.clone(),
        (None, Some(address)) => address.to_string(),
        (None, None) => "*".to_owned(),
    };
    Path {
        hops: run.hops.iter().map(hop).collect(),
        reached: run.reached,
    }
}
