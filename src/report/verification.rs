//! What `lab verify` prints.

use std::time::Duration;

use crate::report::storyboard::{self, StepOutages};
use crate::report::tracert::{Names, compact, compact_silence, names_of};
use crate::topology::{Expectation, Topology};
use crate::units::milliseconds;
use crate::verify::{Judgement, Observation, ProbeCount, Verdict, pace};

/// The state of a lab in which all links are as its file says; other states are named by the
/// steps that lead to them.
pub const STEADY: &str = "steady";

/// A whole verification.
#[derive(Debug, Clone)]
pub struct Verification<'a> {
    /// The lab.
    pub topology: &'a Topology,
    /// How long it took.
    pub elapsed: Duration,
    /// One entry an expectation.
    pub results: Vec<Checked<'a>>,
    /// How many probes it took.
    pub probes: ProbeCount,
    /// What each step of a storyboard cost, in their order.
    pub outages: Vec<StepOutages>,
}

/// An expectation, and what came of it.
#[derive(Debug, Clone)]
pub struct Checked<'a> {
    /// The state that the lab was in, [`STEADY`] or a step's name.
    pub state: String,
    /// The expectation.
    pub expectation: &'a Expectation,
    /// What the probes saw; empty where it was skipped.
    pub observation: Observation,
    /// The judgement.
    pub judgement: Judgement,
}

impl Verification<'_> {
    /// How many expectations have that verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.results
            .iter()
            .filter(|checked| checked.judgement.verdict == verdict)
            .count()
    }
}

/// Every trace, the reasons of those that failed, and the sum of it.
#[must_use]
pub fn text(verification: &Verification<'_>) -> String {
    let names = names_of(verification.topology);
    let result = |checked: &Checked<'_>| result(verification.topology, checked, &names) + "\n";
    let results: String = verification.results.iter().map(result).collect();
    let outage = |step: &StepOutages| storyboard::text(verification.topology, step) + "\n";
    let outages: String = verification.outages.iter().map(outage).collect();
    format!("{results}{outages}{}", summary(verification))
}

/// The closing lines: what it took, and what came of it.
#[must_use]
pub fn summary(verification: &Verification<'_>) -> String {
    let [passed, failed, skipped] =
        [Verdict::Pass, Verdict::Fail, Verdict::Skip].map(|verdict| verification.count(verdict));
    let paths = if passed == 1 { "path" } else { "paths" };
    let elapsed = milliseconds(verification.elapsed);
    let ProbeCount { sent, lost } = verification.probes;
    let probes = if sent == 1 { "probe" } else { "probes" };
    let rate = pace(verification.topology).rate();
    format!(
        "{sent} {probes}, {lost} lost, at most {rate:.0} a second\n\
         {passed} {paths} proved, {failed} failed, {skipped} skipped in {elapsed:.0} ms\n"
    )
}

fn result(topology: &Topology, checked: &Checked<'_>, names: Names<'_>) -> String {
    let Checked {
        expectation,
        observation,
        judgement,
        ..
    } = checked;
    let title = title(topology, checked);
    let is_silent = observation.hops.iter().all(|hop| hop.addresses.is_empty());
    let was_probed = judgement.verdict != Verdict::Skip && observation.send_error.is_none();
    let trace = if expectation.hops.is_none() && is_silent && was_probed {
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
    let [from, to] =
        [checked.expectation.from, checked.expectation.to].map(|id| &topology.node(id).name);
    let verdict = checked.judgement.verdict;
    let state = &checked.state;
    let state = if state == STEADY {
        String::new()
    } else {
        format!("  [{state}]")
    };
    format!("{from} -> {to}  {verdict}{state}")
}
