//! Compares measured round-trip times with documented ones.

use std::time::Duration;

use crate::routing::{End, Sender, Tables, walk};
use crate::topology::{Expectation, ExpectedHop, Topology};
use crate::units::{Ttl, milliseconds};
use crate::verify::demand::{numbered, source};
use crate::verify::explain::KERNEL_DIFFERS;
use crate::verify::{Observation, ObservedHop};

/// The tolerance of documented round-trip times on an idle machine. Documents print whole milliseconds, of traces whose
/// probes differ by 1 or 2 ms. The best of a hop's probes counts, since the others include delays of the machine.
pub const TOLERANCE: Duration = Duration::from_millis(2);

/// The first hop whose time differs from the documented one, and the cause.
pub(super) fn difference(
    topology: &Topology,
    tables: &Tables,
    expectation: &Expectation,
    observation: &Observation,
) -> Option<String> {
    numbered(expectation.hops()).find_map(|(ttl, expected)| {
        let off = Off::find(ttl, expected, observation.hop(ttl)?)?;
        let planned = planned(topology, tables, expectation, off.observed);
        Some(format!("{}; {}", off.shown(), off.cause(planned)))
    })
}

/// The first hop whose time differs from the documented one, without the cause.
pub(super) fn shown_difference(
    expectation: &Expectation,
    observation: &Observation,
) -> Option<String> {
    numbered(expectation.hops()).find_map(|(ttl, expected)| {
        let off = Off::find(ttl, expected, observation.hop(ttl)?)?;
        Some(off.shown())
    })
}

/// Whether a hop's time differs from the documented one.
pub(super) fn is_off(expected: &ExpectedHop, observed: &ObservedHop) -> bool {
    Off::find(observed.ttl, expected, observed).is_some()
}

/// A hop whose time differs from the documented one.
struct Off<'a> {
    ttl: Ttl,
    documented: Duration,
    best: Duration,
    observed: &'a ObservedHop,
}

impl<'a> Off<'a> {
    fn find(ttl: Ttl, expected: &ExpectedHop, observed: &'a ObservedHop) -> Option<Self> {
        let documented = expected.round_trip_time?;
        let best = observed.best_round_trip_time()?;
        let is_off = best.abs_diff(documented) > TOLERANCE;
        is_off.then_some(Self {
            ttl,
            documented,
            best,
            observed,
        })
    }

    fn shown(&self) -> String {
        let Self {
            ttl,
            documented,
            best,
            observed,
        } = self;
        let documented = shown(*documented);
        let probes = observed.round_trip_times.len();
        format!(
            "hop {ttl}: expected {documented}, the best of {probes} took {}",
            shown(*best)
        )
    }

    /// The cause of the difference, according to the round-trip time of the lab's own links.
    fn cause(&self, planned: Option<Duration>) -> String {
        let Some(planned) = planned else {
            return "the routes do not say how long it should take".to_owned();
        };
        let links = format!("the lab's links take {} there and back", shown(planned));
        if planned.abs_diff(self.documented) > TOLERANCE {
            format!("{links}, so the links or the expectation need correcting")
        } else if self.best < planned {
            format!("{links}; {KERNEL_DIFFERS}")
        } else {
            format!(
                "{links}; the rest is the delay of this machine: verify again when it is less busy"
            )
        }
    }
}

/// The round-trip time of the links to the address that answered.
fn planned(
    topology: &Topology,
    tables: &Tables,
    expectation: &Expectation,
    observed: &ObservedHop,
) -> Option<Duration> {
    let answered = *observed.addresses.first()?;
    let there = walk(topology, tables, expectation.from, answered);
    let source = source(topology, tables, expectation.from, answered);
    let owner = topology.owner(expectation.from, answered)?;
    let back = walk(topology, tables, Sender::answering(owner, answered), source);
    let delivered = there.end == End::Delivered && back.end == End::Delivered;
    delivered.then(|| there.delay + back.delay)
}

/// Milliseconds with at most two decimals and without trailing zeros.
fn shown(duration: Duration) -> String {
    format!("{} ms", (milliseconds(duration) * 100.0).round() / 100.0)
}
