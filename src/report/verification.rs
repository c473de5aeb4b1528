//! What `lab verify` prints.

mod paths;
mod sides;

use std::time::Duration;

use crate::report::baseline::{self, Baseline};
use crate::report::in_force;
use crate::report::storyboard::{self, StepOutages};
use crate::report::tracert::{LabNames, compact, compact_silence, names_of};
use crate::report::why::Why;
use crate::report::wrap::wrapped;
use crate::topology::{Expectation, NodeId, Topology};
use crate::units::milliseconds;
use crate::verify::{InForce, Judgement, Observation, ProbeCount, Verdict, pace};

pub use paths::paths;
pub(in crate::report) use paths::{best_time, path, place, shown};
pub use sides::failures;
pub(in crate::report) use sides::{SIDES, headline, reasons, rows};

/// The state of a lab in which all links are as in its file. Other states have the name of the storyboard's step.
pub const STEADY: &str = "steady";

/// A whole verification.
#[derive(Debug, Clone)]
pub struct Verification<'a> {
    /// The lab.
    pub topology: &'a Topology,
    /// How long it took.
    pub elapsed: Duration,
    /// What was in force on top of the lab file before the first probe.
    pub in_force: Vec<InForce>,
    /// One entry per expectation.
    pub results: Vec<Checked<'a>>,
    /// The number of probes.
    pub probes: ProbeCount,
    /// The outages of each storyboard step, in their order.
    pub outages: Vec<StepOutages>,
    /// The paths of all pairs of which the lab file expects nothing; `None` if they were not probed.
    pub others: Option<Vec<OtherPath>>,
    /// The differences from an earlier run, if one was given.
    pub baseline: Option<Baseline>,
}

/// An expectation and its result.
#[derive(Debug, Clone)]
pub struct Checked<'a> {
    /// The storyboard that led to this state; `None` for [`STEADY`].
    pub storyboard: Option<String>,
    /// The state of the lab: [`STEADY`] or a step's name.
    pub state: String,
    /// The expectation.
    pub expectation: &'a Expectation,
    /// The answers to the probes; empty if the expectation was skipped.
    pub observation: Observation,
    /// The judgement.
    pub judgement: Judgement,
    /// The nodes of equal-cost paths (ECMP), of which a flow crosses some; empty if there is only one path.
    pub equal_cost: Vec<String>,
    /// The routes' explanation of a path that is not as expected; `None` for any other path.
    pub why: Option<Why>,
}

/// A path of which the lab file expects nothing.
#[derive(Debug, Clone)]
pub struct OtherPath {
    /// The machine that probed.
    pub from: NodeId,
    /// The machine that was probed.
    pub to: NodeId,
    /// The answers to the probes.
    pub observation: Observation,
    /// The nodes of equal-cost paths (ECMP), of which a flow crosses some; empty if there is only one path.
    pub equal_cost: Vec<String>,
}

impl Checked<'_> {
    /// The two machines, sender first.
    #[must_use]
    pub fn pair<'a>(&self, topology: &'a Topology) -> [&'a str; 2] {
        let Expectation { from, to, .. } = *self.expectation;
        [from, to].map(|node| topology.node(node).name.as_str())
    }
}

impl<'a> Verification<'a> {
    /// How many expectations have that verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.of(verdict).count()
    }

    /// The expectations of that verdict.
    pub(in crate::report) fn of(&self, verdict: Verdict) -> impl Iterator<Item = &Checked<'a>> {
        let results = self.results.iter();
        results.filter(move |checked| checked.judgement.verdict == verdict)
    }

    /// The results of each state of the lab, in their order.
    pub(in crate::report) fn states(&self) -> impl Iterator<Item = &[Checked<'a>]> {
        let is_same = |one: &Checked<'_>, next: &Checked<'_>| {
            (&one.storyboard, &one.state) == (&next.storyboard, &next.state)
        };
        self.results.chunk_by(is_same)
    }
}

/// One line per path, the failures next to the expectations, the outages of storyboards, and the summary.
#[must_use]
pub fn text(verification: &Verification<'_>) -> String {
    let parts = [
        in_force::text(&verification.in_force),
        paths(verification),
        failures(verification),
        untried(verification)
            .iter()
            .map(|line| wrapped(line, 0))
            .collect(),
        outages(verification),
        compared(verification),
    ];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    let parts: String = parts.map(|part| part + "\n").collect();
    format!("{parts}{}", summary(verification))
}

/// Every trace, the reasons of failures, and the summary.
#[must_use]
pub fn traces(verification: &Verification<'_>) -> String {
    let names = names_of(verification.topology);
    let result = |checked: &Checked<'_>| result(verification.topology, checked, &names) + "\n";
    let results: String = verification.results.iter().map(result).collect();
    let before = in_force::text(&verification.in_force);
    let results = if before.is_empty() {
        results
    } else {
        format!("{before}\n{results}")
    };
    let parts = [outages(verification), compared(verification)];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    let parts: String = parts.map(|part| part + "\n").collect();
    format!("{results}{parts}{}", summary(verification))
}

/// Why paths were skipped, with the number of paths for each reason.
pub(in crate::report) fn untried(verification: &Verification<'_>) -> Vec<String> {
    let skipped: Vec<&str> = verification
        .of(Verdict::Skip)
        .map(|checked| checked.judgement.why.as_str())
        .collect();
    let reasons = skipped.chunk_by(|one, next| one == next);
    let line = |same: &[&str]| match same {
        [why] => format!("1 path was not tried: {why}"),
        _ => format!("{} paths were not tried: {}", same.len(), same[0]),
    };
    reasons.map(line).collect()
}

/// The outages of each storyboard step.
fn outages(verification: &Verification<'_>) -> String {
    let outage = |step| storyboard::text(verification.topology, step);
    let outages: Vec<String> = verification.outages.iter().map(outage).collect();
    outages.join("\n")
}

fn compared(verification: &Verification<'_>) -> String {
    let baseline = verification.baseline.as_ref();
    baseline.map(baseline::text).unwrap_or_default()
}

/// The last lines: time, probes and results.
#[must_use]
pub fn summary(verification: &Verification<'_>) -> String {
    let ProbeCount { sent, lost } = verification.probes;
    let probes = if sent == 1 { "probe" } else { "probes" };
    let rate = pace(verification.topology).rate();
    format!(
        "{sent} {probes}, {lost} lost, at most {rate:.0} a second\n{}\n",
        sum(verification)
    )
}

/// The numbers of results.
pub(in crate::report) fn sum(verification: &Verification<'_>) -> String {
    let [passed, failed, skipped] =
        [Verdict::Pass, Verdict::Fail, Verdict::Skip].map(|verdict| verification.count(verdict));
    let paths = if passed == 1 { "path" } else { "paths" };
    let elapsed = milliseconds(verification.elapsed);
    format!("{passed} {paths} proved, {failed} failed, {skipped} skipped in {elapsed:.0} ms")
}

fn result(topology: &Topology, checked: &Checked<'_>, names: &LabNames<'_>) -> String {
    let names = &names.seen_from(checked.expectation.from);
    let Checked {
        expectation,
        observation,
        judgement,
        ..
    } = checked;
    let title = title(topology, checked);
    let is_silent = observation.hops.iter().all(|hop| hop.addresses.is_empty());
    let was_probed = judgement.verdict != Verdict::Skip && observation.send_error.is_none();
    let trace = if expectation.hops().is_empty() && is_silent && was_probed {
        compact_silence(&title)
    } else {
        compact(&title, observation, names)
    };
    if judgement.why.is_empty() {
        trace
    } else {
        format!("{trace}  {}\n", judgement.why)
    }
}

fn title(topology: &Topology, checked: &Checked<'_>) -> String {
    let [from, to] = checked.pair(topology);
    let verdict = checked.judgement.verdict;
    let state = &checked.state;
    let state = if state == STEADY {
        String::new()
    } else {
        format!("  [{state}]")
    };
    format!("{from} -> {to}  {verdict}{state}")
}
