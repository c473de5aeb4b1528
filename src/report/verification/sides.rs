//! The observed path next to the expected one, and the reasons for differences.

use std::iter;

use crate::report::side_by_side::{Row, side_by_side};
use crate::report::tracert::{LabNames, Names, names_of, shown as address_shown};
use crate::report::verification::paths::{place, shown};
use crate::report::verification::{Checked, Verification};
use crate::report::why::absence;
use crate::report::wrap::wrapped;
use crate::topology::{Expectation, ExpectedHop, ExpectedPath, Topology};
use crate::units::{Ttl, milliseconds};
use crate::verify::{ObservedHop, Verdict, differing_hops};

/// The titles of the columns.
pub(in crate::report) const SIDES: [&str; 3] = ["HOP", "EXPECTED", "SEEN"];

/// Maximum number of missing routes that are explained here; `lab why` explains all.
const MOST_ABSENCES: usize = 3;

/// Every path that is not as expected, with the reasons. Empty if there is none.
#[must_use]
pub fn failures(verification: &Verification<'_>) -> String {
    let names = names_of(verification.topology);
    let failure = |checked| failure(verification.topology, checked, &names);
    let failures: Vec<String> = verification.of(Verdict::Fail).map(failure).collect();
    failures.join("\n")
}

fn failure(topology: &Topology, checked: &Checked<'_>, names: &LabNames<'_>) -> String {
    let [from, to] = checked.pair(topology);
    let sides = side_by_side(&rows(topology, checked, names), SIDES);
    let reasons = reasons(checked);
    let reasons = reasons.iter().map(|reason| wrapped(reason, 2));
    let reasons: String = reasons.collect();
    format!(
        "{from} -> {to}  fail  [{}]\n{sides}{reasons}",
        place(checked)
    )
}

/// Each expected or observed hop. Empty if no probe could be sent.
pub(in crate::report) fn rows(
    topology: &Topology,
    checked: &Checked<'_>,
    names: &LabNames<'_>,
) -> Vec<Row> {
    let names = &names.seen_from(checked.expectation.from);
    let Checked {
        expectation,
        observation,
        ..
    } = checked;
    if observation.send_error.is_some() {
        return Vec::new();
    }
    let differing = differing_hops(topology, expectation, observation);
    let expected = match &expectation.path {
        ExpectedPath::Hops(hops) => Some(hops),
        ExpectedPath::Reached { .. } | ExpectedPath::Unreachable => None,
    };
    let last_seen = observation.hops.last().map_or(0, |hop| hop.ttl.get());
    let last_expected = expected.map_or(0, |hops| u8::try_from(hops.len()).unwrap_or(u8::MAX));
    let ttls = (1..=last_seen.max(last_expected)).filter_map(Ttl::new);
    let row = |ttl: Ttl| {
        let hop = expected.and_then(|hops| hops.get(usize::from(ttl.get()) - 1));
        let observed = observation.hop(ttl);
        let is_timed = hop.is_some_and(|hop| hop.round_trip_time.is_some());
        Row {
            hop: usize::from(ttl.get()),
            left: match expected {
                Some(_) => hop.map(|hop| wanted(hop, names)).unwrap_or_default(),
                None => instead_of_hops(expectation, ttl.get() == last_seen),
            },
            right: observed
                .map(|hop| seen(hop, is_timed, names))
                .unwrap_or_default(),
            differs: differing.contains(&ttl),
        }
    };
    let is_worth_showing = |ttl: &Ttl| expected.is_some() || observation.hop(*ttl).is_some();
    ttls.filter(is_worth_showing).map(row).collect()
}

/// What stands beside each hop of a path whose hops are not given.
fn instead_of_hops(expectation: &Expectation, is_last: bool) -> String {
    match expectation.path {
        ExpectedPath::Unreachable => "no answer".to_owned(),
        _ if is_last => "the destination".to_owned(),
        _ => String::new(),
    }
}

fn wanted(hop: &ExpectedHop, names: Names<'_>) -> String {
    let who = hop
        .addresses
        .iter()
        .map(|address| address_shown(*address, names));
    let mut who: Vec<String> = who.collect();
    if !hop.words.is_empty() {
        who.clone_from(&hop.words);
    }
    let who = if who.is_empty() {
        "*".to_owned()
    } else {
        who.join(" or ")
    };
    match hop.round_trip_time {
        Some(time) => format!("{who} {} ms", milliseconds(time)),
        None => who,
    }
}

fn seen(hop: &ObservedHop, is_timed: bool, names: Names<'_>) -> String {
    let who = hop
        .addresses
        .iter()
        .map(|address| address_shown(*address, names));
    let who: Vec<String> = who.collect();
    let who = if who.is_empty() {
        "*".to_owned()
    } else {
        who.join(", ")
    };
    let refusal = if hop.refused { " refuses" } else { "" };
    match hop.best_round_trip_time() {
        Some(time) if is_timed => format!("{who}{refusal} {}", shown(time)),
        _ => format!("{who}{refusal}"),
    }
}

/// The main difference, without its consequences.
pub(in crate::report) fn headline<'a>(checked: &'a Checked<'_>) -> &'a str {
    let why = checked.judgement.why.as_str();
    why.split_once("; ").map_or(why, |(headline, _)| headline)
}

/// Why a path is not as expected: the judgement, the routes' explanation, and where the missing routes end.
pub(in crate::report) fn reasons(checked: &Checked<'_>) -> Vec<String> {
    let judgement = [checked.judgement.why.clone()];
    let why = checked.why.iter().flat_map(|why| {
        let ways = iter::once(&why.there).chain(&why.back);
        let losses = ways.filter_map(|way| way.loss.as_ref());
        let absences = losses.flat_map(|loss| &loss.missing).take(MOST_ABSENCES);
        let summary = format!("lab why: {}", why.summary);
        iter::once(summary).chain(absences.map(absence))
    });
    judgement.into_iter().chain(why).collect()
}
