//! The content of a lab file, with unresolved names.
//!
//! Azure resources have the names of Azure Resource Manager. Every value that a later finding may point to keeps its
//! [`Place`] in the file. Lists keep the order of the file.

use std::time::Duration;

use crate::addresses::Address;
use crate::azure::resources::Resources;
use crate::findings::{Located, Place};
use crate::lab::impairments::model::LinkImpairment;
use crate::names::{LabName, NodeName};
use crate::topology::Semantics;

/// A lab file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// `name`.
    pub name: Located<LabName>,
    /// `semantics`: switches for behavior on which Azure's documents disagree or are silent.
    pub semantics: Semantics,
    /// `convergence: immediate`: every session detects a failure at once. By default each has its own detection time.
    pub converges_immediately: bool,
    /// `strict`: warnings are errors. Default false.
    pub is_strict: bool,
    /// Its sections of resources.
    pub resources: Resources,
    /// `impairments`: delay, loss, rates and queues of links, in addition to `rtt`, bandwidths and sizes.
    pub impairments: Vec<LinkImpairment>,
    /// `expect`: the paths that `lab verify` checks.
    pub expectations: Vec<Expectation>,
    /// `storyboards`: failures, with expectations during them.
    pub storyboards: Vec<Storyboard>,
}

/// An expectation for one ordered pair, or for every pair of two sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Its place in the file.
    pub place: Place,
    /// `from`: the probing machines.
    pub from: Ends,
    /// `to`: the probed machines.
    pub to: Ends,
    /// `hops`, `reachable`, `via`, `notVia` or `unreachable`.
    pub outcome: ExpectedOutcome,
}

/// Virtual machines and hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ends {
    /// The name of a machine or host; or of a virtual network or site, which means all machines or hosts in it.
    One(Located<String>),
    /// A list of such names.
    Several(Place, Vec<Located<String>>),
    /// `"*"`: every machine and host.
    All(Place),
}

/// The expected path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedOutcome {
    /// `hops`: the answering nodes in order; the last is the destination.
    Hops(Vec<ExpectedHop>),
    /// `reachable: true`, `via` or `notVia`: the destination answers.
    Reached {
        /// `via`: packets cross each of these. An item with several names means any of them.
        via: Vec<Vec<Located<String>>>,
        /// `notVia`: packets cross none of these.
        not_via: Vec<Vec<Located<String>>>,
    },
    /// `unreachable` or `reachable: false`: neither a reply nor an ICMP error arrives.
    TimesOut,
}

/// One hop of an expected path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedHop {
    /// Its place in the file.
    pub place: Place,
    /// Who may answer, including equal-cost alternatives; empty for `"*"` or `~`, a silent hop.
    pub answerers: Vec<Answerer>,
    /// The hop's round-trip time from `rtt`, if given.
    pub round_trip_time: Option<Duration>,
}

/// Who may answer at a hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answerer {
    /// An address.
    Address(Address),
    /// Any address of a node, of a gateway's instances, or of a network interface (MACHINE/INTERFACE).
    Name(Located<String>),
}

/// A sequence of failures, run step by step on the running lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storyboard {
    /// Its key under `storyboards`.
    pub name: Located<NodeName>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// A step of a storyboard: an action, then a check of expectations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `step`: its name, which is also the name of this state in reports.
    pub name: Located<NodeName>,
    /// `fault`: links and nodes that fail; their interfaces go down.
    pub fault: Vec<Located<String>>,
    /// `blackhole`: links that silently drop everything.
    pub blackhole: Vec<Located<String>>,
    /// `heal`: links and nodes that recover.
    pub heal: Vec<Located<String>>,
    /// `wait`: the time from the new routes to the start of the check. Default none.
    pub wait: Duration,
    /// `expect`.
    pub expect: StepExpectations,
}

/// The expectations of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepExpectations {
    /// A list of its own; may be empty.
    Own(Vec<Expectation>),
    /// `expect: steady`: all expectations of the lab without failures.
    Steady,
}
