//! One line per proved path.

use std::time::Duration;

use crate::report::table;
use crate::report::tracert::{LabNames, Names, names_of};
use crate::report::verification::{Checked, Verification};
use crate::topology::Topology;
use crate::units::milliseconds;
use crate::verify::{Observation, ObservedHop, Verdict};

/// The number of hops shown at the start and at the end of a path: more would not fit into the line.
const FIRST_HOPS: usize = 4;
const LAST_HOPS: usize = 2;

/// Times below this are all shown as "less than" this one.
const LEAST_SHOWN: Duration = Duration::from_micros(100);

/// A table of all paths, with an empty line between two states of the lab. Empty if there is no path.
#[must_use]
pub fn paths(verification: &Verification<'_>) -> String {
    let names = names_of(verification.topology);
    let row = |checked: &Checked<'_>| row(verification.topology, checked, &names);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for state in verification.states() {
        if !rows.is_empty() {
            rows.push(Vec::new());
        }
        rows.extend(state.iter().map(row));
    }
    if rows.is_empty() {
        return String::new();
    }
    table(&["FROM", "TO", "STATE", "VERDICT", "RTT", "HOPS"], &rows)
}

fn row(topology: &Topology, checked: &Checked<'_>, names: &LabNames<'_>) -> Vec<String> {
    let [from, to] = checked.pair(topology);
    vec![
        from.to_owned(),
        to.to_owned(),
        checked.state.clone(),
        checked.judgement.verdict.to_string(),
        best_time(&checked.observation).map_or_else(|| "-".to_owned(), shown),
        path(checked, names),
    ]
}

/// The state, after its storyboard if there is one.
pub(in crate::report) fn place(checked: &Checked<'_>) -> String {
    match &checked.storyboard {
        Some(storyboard) => format!("{storyboard}: {}", checked.state),
        None => checked.state.clone(),
    }
}

/// The path in short form: the node that answered at each hop, `*` for a silent hop.
pub(in crate::report) fn path(checked: &Checked<'_>, names: &LabNames<'_>) -> String {
    let names = &names.seen_from(checked.expectation.from);
    let Checked {
        observation,
        expectation,
        judgement,
        ..
    } = checked;
    let is_silent = observation.hops.iter().all(|hop| hop.addresses.is_empty());
    if judgement.verdict == Verdict::Skip {
        "not tried".to_owned()
    } else if observation.send_error.is_some() {
        "not sent".to_owned()
    } else if is_silent && expectation.hops().is_empty() {
        "no answer".to_owned()
    } else {
        let hops = observation.hops.iter().map(|hop| who(hop, names));
        in_short(&hops.collect::<Vec<_>>())
    }
}

/// Lists hops; those in the middle of a long path are only counted.
fn in_short(hops: &[String]) -> String {
    // Omitting a single hop would save no space.
    if hops.len() <= FIRST_HOPS + LAST_HOPS + 1 {
        return hops.join(" > ");
    }
    let (first, rest) = hops.split_at(FIRST_HOPS);
    let (middle, last) = rest.split_at(rest.len() - LAST_HOPS);
    let (first, last) = (first.join(" > "), last.join(" > "));
    format!("{first} > ({} more) > {last}", middle.len())
}

/// The node that answered at a hop.
fn who(hop: &ObservedHop, names: Names<'_>) -> String {
    let mut who: Vec<String> = hop
        .addresses
        .iter()
        .map(|address| names(*address).unwrap_or_else(|| address.to_string()))
        .collect();
    who.dedup();
    if who.is_empty() {
        "*".to_owned()
    } else {
        who.join("|")
    }
}

/// The shortest round-trip time to the destination; `None` if it did not answer.
pub(in crate::report) fn best_time(observation: &Observation) -> Option<Duration> {
    let arrival = observation.hops.iter().find(|hop| hop.arrival)?;
    arrival.best_round_trip_time()
}

/// A time in tenths of a millisecond: enough to distinguish a machine's own delay from a link's.
pub(in crate::report) fn shown(time: Duration) -> String {
    if time < LEAST_SHOWN {
        return "<0.1 ms".to_owned();
    }
    format!("{:.1} ms", milliseconds(time))
}
