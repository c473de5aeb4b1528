//! What was recorded on Azure beside what a lab has.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt::Write;

use serde::Serialize;

use crate::addresses::Address;
use crate::recorded::{RecordedHop, RecordedTrace, Row};
use crate::report::expect::Seen;
use crate::report::junit::{Case, Suite};
use crate::units::counted;

/// The result of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The lab.
    pub lab: String,
    /// A part for each recording.
    pub parts: Vec<Part>,
}

/// One recording beside the lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What was recorded, as `effective routes of hub-vm`.
    pub what: String,
    /// The file of the recording.
    pub file: String,
    /// How many rows or hops agree.
    pub agree: usize,
    /// Where they differ.
    pub differences: Vec<Difference>,
}

/// A row or hop that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Its place, as `hop 2`; empty for a row.
    pub at: String,
    /// What was recorded; `None` for a row that only the lab has.
    pub recorded: Option<String>,
    /// What the lab has; `None` for a row that only the recording has.
    pub lab: Option<String>,
    /// Why the lab has it, as `lab why` says; empty if nothing can be said.
    pub why: Vec<String>,
}

impl Comparison {
    /// Whether all recordings agree with the lab.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.parts.iter().all(|part| part.differences.is_empty())
    }
}

/// The comparison for people.
#[must_use]
pub fn text(comparison: &Comparison) -> String {
    comparison.parts.iter().map(part_text).collect()
}

fn part_text(part: &Part) -> String {
    let Part {
        what,
        file,
        agree,
        differences,
    } = part;
    let verb = if *agree == 1 { "agrees" } else { "agree" };
    let mut text = format!("{what} ({file}): {agree} {verb}");
    if differences.is_empty() {
        text.push('\n');
        return text;
    }
    let count = match differences.len() {
        1 => "1 differs".to_owned(),
        many => format!("{many} differ"),
    };
    _ = writeln!(text, ", {count}");
    let mut explained: &[String] = &[];
    for difference in differences {
        _ = writeln!(text, "  {}", sentence(difference));
        // Rows of one prefix follow each other and have one reason.
        if explained == difference.why {
            continue;
        }
        explained = &difference.why;
        for line in &difference.why {
            _ = writeln!(text, "    {line}");
        }
    }
    text
}

fn sentence(difference: &Difference) -> String {
    let Difference {
        at, recorded, lab, ..
    } = difference;
    match (recorded, lab) {
        (Some(recorded), Some(lab)) => format!("{at}: recorded {recorded}, the lab has {lab}"),
        (Some(recorded), None) => format!("only recorded: {recorded}"),
        (None, Some(lab)) => format!("only in the lab: {lab}"),
        (None, None) => at.clone(),
    }
}

/// The comparison as a suite of `JUnit`: one case for each recording.
#[must_use]
pub fn suite(comparison: &Comparison) -> Suite {
    let case = |part: &Part| {
        let difference = (!part.differences.is_empty()).then(|| {
            let count = counted(part.differences.len(), "difference");
            (count, part_text(part))
        });
        Case::compared(
            part.what.clone(),
            format!("{}.{}", comparison.lab, part.file),
            difference,
        )
    };
    Suite {
        name: "recorded on Azure".to_owned(),
        properties: Vec::new(),
        cases: comparison.parts.iter().map(case).collect(),
        output: None,
    }
}

/// A recorded table beside the lab's, both sorted. `why` explains a row.
pub fn rows_part(
    (what, file): (String, &str),
    (recorded, lab): (&[Row], &[Row]),
    why: impl Fn(&Row) -> Vec<String>,
) -> Part {
    let mut part = Part {
        what,
        file: file.to_owned(),
        agree: 0,
        differences: Vec::new(),
    };
    let (mut recorded, mut lab) = (recorded.iter().peekable(), lab.iter().peekable());
    loop {
        let order = match (recorded.peek(), lab.peek()) {
            (Some(one), Some(other)) => one.cmp(other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return part,
        };
        let only_recorded = if order.is_le() { recorded.next() } else { None };
        let only_lab = if order.is_ge() { lab.next() } else { None };
        match (only_recorded, only_lab) {
            (Some(_), Some(_)) => part.agree += 1,
            (one, other) => part.differences.push(Difference {
                at: String::new(),
                recorded: one.map(shown),
                lab: other.map(shown),
                why: one.or(other).map(&why).unwrap_or_default(),
            }),
        }
    }
}

fn shown(row: &Row) -> String {
    let cells = row.iter().filter(|cell| !cell.is_empty());
    cells.cloned().collect::<Vec<_>>().join(" ")
}

/// A recorded trace beside the path of the lab. A recorded hop agrees if the lab allows each of its addresses: a trace
/// does not always show every equal-cost path. `name` is the name that the lab's path has for an address.
pub fn trace_part(
    (what, file): (String, &str),
    trace: &RecordedTrace,
    path: &Seen,
    name: impl Fn(Address) -> Option<String>,
) -> Part {
    let mut part = Part {
        what,
        file: file.to_owned(),
        agree: 0,
        differences: Vec::new(),
    };
    let last = trace.hops.last();
    match (path, last) {
        (Seen::Hops(hops), _) => {
            for at in 0..hops.len().max(trace.hops.len()) {
                let sides = (trace.hops.get(at), hops.get(at));
                match hop_difference(at, sides, &name) {
                    Some(difference) => part.differences.push(difference),
                    None => part.agree += 1,
                }
            }
        }
        (Seen::Reached, _) | (Seen::Unreachable, None) => part.agree += 1,
        (Seen::Unreachable, Some(last)) => part.differences.push(Difference {
            at: "path".to_owned(),
            recorded: Some(format!("an answer of {}", answers(last))),
            lab: Some("no answer".to_owned()),
            why: Vec::new(),
        }),
    }
    part
}

/// How a recorded hop differs from the lab's, whose answers are names or addresses.
fn hop_difference(
    at: usize,
    (recorded, expected): (Option<&RecordedHop>, Option<&BTreeSet<String>>),
    name: &impl Fn(Address) -> Option<String>,
) -> Option<Difference> {
    if let (Some(hop), Some(allowed)) = (recorded, expected) {
        let is_allowed = |address: &Address| {
            let name = name(*address);
            allowed.contains(&address.to_string())
                || name.is_some_and(|name| allowed.contains(&name))
        };
        let agrees = hop.addresses.is_empty() == allowed.is_empty();
        if agrees && hop.addresses.iter().all(is_allowed) {
            return None;
        }
    }
    let none = || "no hop".to_owned();
    let of_lab = |names: &BTreeSet<String>| listed(&names.iter().cloned().collect::<Vec<_>>());
    Some(Difference {
        at: format!("hop {}", at + 1),
        recorded: Some(recorded.map_or_else(none, answers)),
        lab: Some(expected.map_or_else(none, of_lab)),
        why: Vec::new(),
    })
}

fn answers(hop: &RecordedHop) -> String {
    let addresses = hop.addresses.iter().map(ToString::to_string);
    listed(&addresses.collect::<Vec<_>>())
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "a silent hop".to_owned()
    } else {
        names.join(" or ")
    }
}

#[cfg(test)]
mod tests;
