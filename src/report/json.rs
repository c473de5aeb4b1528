//! What `lab verify --json` prints.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::addresses::Address;
use crate::report::baseline::Baseline;
use crate::report::in_force::{self, InForce};
use crate::report::tracert::{LabNames, Names, names_of};
use crate::report::{storyboard, verification};
use crate::topology::{Expectation, ExpectedHop, ExpectedPath, Topology, Waypoint};
use crate::units;
use crate::verify::{self, Observation, ObservedHop, PathOutage, Verdict};

/// A whole verification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verification {
    /// The lab's name.
    pub lab: String,
    /// How many expectations hold.
    pub passed: usize,
    /// How many do not.
    pub failed: usize,
    /// How many were skipped.
    pub skipped: usize,
    /// The duration in milliseconds.
    pub elapsed_ms: f64,
    /// The probes.
    pub probes: Probes,
    /// One entry per expectation.
    pub results: Vec<Checked>,
    /// What was in force on top of the lab file before the first probe.
    #[serde(default)]
    pub in_force: Vec<InForce>,
    /// The outages of each storyboard step.
    pub storyboards: Vec<Step>,
    /// The paths in the steady state of all pairs of which the lab file expects nothing; absent if they were not probed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<Vec<Other>>,
    /// The differences from an earlier run, if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
}

/// The probes of a verification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probes {
    /// How many were sent.
    pub sent: usize,
    /// How many of them did not get the expected answer.
    pub lost: usize,
    /// The maximum number of probes per second.
    pub most_per_second: f64,
}

/// The outages of a storyboard step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The storyboard's name.
    pub storyboard: String,
    /// The step's name, which is the `state` of its results.
    pub step: String,
    /// The links that were taken down.
    pub fault: Vec<String>,
    /// The links that were set to drop all packets silently.
    pub blackhole: Vec<String>,
    /// The links that were repaired.
    pub heal: Vec<String>,
    /// One entry for each path that the step expects to work.
    pub outages: Vec<Outage>,
}

/// The outage of one path in a step, measured by pings at intervals of 10 ms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outage {
    /// The machine that pinged.
    pub from: String,
    /// The machine that was pinged.
    pub to: String,
    /// How many pings were sent since the step's first action.
    pub sent: usize,
    /// How many of them were lost.
    pub lost: usize,
    /// The duration of the outage in milliseconds.
    pub outage_ms: f64,
}

/// An expectation and its result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// The machine that probed.
    pub from: String,
    /// The machine that was probed.
    pub to: String,
    /// `steady`, or the name of the lab's step.
    pub state: String,
    /// The storyboard of that step; null in the steady state.
    #[serde(default)]
    pub storyboard: Option<String>,
    /// The verdict.
    pub verdict: Outcome,
    /// What was expected.
    pub expected: Expected,
    /// The observed hops, by increasing TTL; empty if no answer was expected and none arrived.
    pub hops: Vec<Hop>,
    /// Whether the destination answered.
    pub reached: bool,
    /// The reason, empty where the expectation holds.
    pub why: String,
    /// The explanation by the routes, as in `lab why`; null if the expectation holds.
    #[serde(default)]
    pub explanation: Option<String>,
    /// The nodes of equal-cost paths (ECMP), of which a flow crosses some; empty if there is only one path.
    #[serde(default)]
    pub equal_cost: Vec<String>,
}

/// A path of which the lab file expects nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Other {
    /// The machine that probed.
    pub from: String,
    /// The machine that was probed.
    pub to: String,
    /// The observed hops, by increasing TTL; empty if no answer was predicted and none arrived.
    pub hops: Vec<Hop>,
    /// Whether the destination answered.
    pub reached: bool,
    /// The nodes of equal-cost paths (ECMP), of which a flow crosses some; empty if there is only one path.
    #[serde(default)]
    pub equal_cost: Vec<String>,
}

/// A verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The expectation holds.
    Pass,
    /// It does not.
    Fail,
    /// It was skipped.
    Skip,
}

/// What was expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Expected {
    /// A path.
    Path {
        /// The expected answer of each hop.
        hops: Vec<Answerers>,
        /// The round-trip time of each hop in milliseconds, if documented.
        rtt_ms: Vec<Option<f64>>,
    },
    /// An answer of the destination.
    Reached {
        /// Always true.
        reachable: bool,
        /// What the path crosses, each with its names, any of which counts.
        via: Vec<Vec<String>>,
        /// What it does not cross.
        not_via: Vec<Vec<String>>,
    },
    /// No answer.
    Unreachable {
        /// How the destination shows that it cannot be reached.
        unreachable: Silence,
    },
}

/// How a destination shows that it cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Silence {
    /// No answer arrives.
    Timeout,
}

/// The expected answer at a hop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answerers {
    /// One address or node, or `*` for a silent hop.
    One(String),
    /// Any address or node of an equal-cost set.
    Any(Vec<String>),
}

/// The answers at a hop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hop {
    /// The TTL of the probes.
    pub ttl: u8,
    /// The address that answered, the lowest one if several did; null without an answer.
    pub address: Option<Address>,
    /// All addresses that answered.
    #[serde(default)]
    pub addresses: Vec<Address>,
    /// The node with that address; null without an answer, or if no node has the address.
    #[serde(default)]
    pub node: Option<String>,
    /// The round-trip time of each probe in milliseconds; null for one without an answer.
    pub rtt_ms: Vec<Option<f64>>,
}

impl From<&verification::Verification<'_>> for Verification {
    fn from(verification: &verification::Verification<'_>) -> Self {
        let topology = verification.topology;
        let names = names_of(topology);
        let checked = |one| checked(topology, one, &names);
        Self {
            lab: topology.name.to_string(),
            passed: verification.count(Verdict::Pass),
            failed: verification.count(Verdict::Fail),
            skipped: verification.count(Verdict::Skip),
            elapsed_ms: milliseconds(verification.elapsed),
            probes: Probes {
                sent: verification.probes.sent,
                lost: verification.probes.lost,
                most_per_second: verify::pace(topology).rate().round(),
            },
            results: verification.results.iter().map(checked).collect(),
            in_force: in_force::rows(&verification.in_force),
            storyboards: verification
                .outages
                .iter()
                .map(|one| step(topology, one))
                .collect(),
            others: verification.others.as_ref().map(|others| {
                let others = others.iter();
                others.map(|one| other(topology, one, &names)).collect()
            }),
            baseline: verification.baseline.clone(),
        }
    }
}

fn step(topology: &Topology, step: &storyboard::StepOutages) -> Step {
    let name = |node| topology.node(node).name.to_string();
    let outage = |path: &PathOutage| Outage {
        from: name(path.from),
        to: name(path.to),
        sent: path.outage.sent,
        lost: path.outage.lost,
        outage_ms: milliseconds(path.outage.duration),
    };
    Step {
        storyboard: step.storyboard.clone(),
        step: step.step.clone(),
        fault: step.fault.clone(),
        blackhole: step.blackhole.clone(),
        heal: step.heal.clone(),
        outages: step.paths.iter().map(outage).collect(),
    }
}

fn checked(
    topology: &Topology,
    checked: &verification::Checked<'_>,
    names: &LabNames<'_>,
) -> Checked {
    let names = &names.seen_from(checked.expectation.from);
    let verification::Checked {
        storyboard,
        state,
        expectation,
        observation,
        judgement,
        equal_cost,
        why,
    } = checked;
    Checked {
        from: topology.node(expectation.from).name.to_string(),
        to: topology.node(expectation.to).name.to_string(),
        state: state.clone(),
        storyboard: storyboard.clone(),
        verdict: judgement.verdict.into(),
        expected: (*expectation).into(),
        hops: hops(observation, names),
        reached: observation.reached(),
        why: judgement.why.clone(),
        explanation: why.as_ref().map(|why| why.summary.clone()),
        equal_cost: equal_cost.clone(),
    }
}

fn other(topology: &Topology, other: &verification::OtherPath, names: &LabNames<'_>) -> Other {
    let [from, to] = [other.from, other.to].map(|node| topology.node(node).name.to_string());
    Other {
        from,
        to,
        hops: hops(&other.observation, &names.seen_from(other.from)),
        reached: other.observation.reached(),
        equal_cost: other.equal_cost.clone(),
    }
}

/// The hops of a path; without silent ones if not all were probed.
fn hops(observation: &Observation, names: Names<'_>) -> Vec<Hop> {
    let is_worth_showing =
        |hop: &&ObservedHop| observation.is_traced() || !hop.addresses.is_empty();
    let hops = observation.hops.iter().filter(is_worth_showing);
    hops.map(|hop| Hop::of(hop, names)).collect()
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Fail => Self::Fail,
            Verdict::Skip => Self::Skip,
        }
    }
}

impl From<&Expectation> for Expected {
    fn from(expectation: &Expectation) -> Self {
        let names = |waypoints: &[Waypoint]| {
            let waypoints = waypoints.iter();
            waypoints.map(|waypoint| waypoint.names.clone()).collect()
        };
        let hops = match &expectation.path {
            ExpectedPath::Hops(hops) => hops,
            ExpectedPath::Reached { via, not_via } => {
                return Self::Reached {
                    reachable: true,
                    via: names(via),
                    not_via: names(not_via),
                };
            }
            ExpectedPath::Unreachable => {
                return Self::Unreachable {
                    unreachable: Silence::Timeout,
                };
            }
        };
        Self::Path {
            hops: hops.iter().map(Answerers::from).collect(),
            rtt_ms: hops
                .iter()
                .map(|hop| hop.round_trip_time.map(milliseconds))
                .collect(),
        }
    }
}

impl From<&ExpectedHop> for Answerers {
    fn from(hop: &ExpectedHop) -> Self {
        let mut words = hop.words.clone();
        if words.is_empty() {
            words = hop.addresses.iter().map(Address::to_string).collect();
        }
        match words.as_slice() {
            [] => Self::One("*".to_owned()),
            [only] => Self::One(only.clone()),
            _ => Self::Any(words),
        }
    }
}

impl Hop {
    /// The answers at a hop, with the lab's names.
    #[must_use]
    pub fn of(hop: &ObservedHop, names: Names<'_>) -> Self {
        let times = hop.round_trip_times.iter();
        let address = hop.addresses.first().copied();
        Self {
            ttl: hop.ttl.get(),
            address,
            addresses: hop.addresses.iter().copied().collect(),
            node: address.and_then(names),
            rtt_ms: times.map(|time| time.map(milliseconds)).collect(),
        }
    }
}

/// Milliseconds in microsecond resolution: the clocks are not more precise, and more digits would hide that.
fn milliseconds(duration: Duration) -> f64 {
    (units::milliseconds(duration) * 1e3).round() / 1e3
}
