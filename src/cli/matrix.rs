//! `lab matrix`

use std::collections::BTreeMap;

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::{self, Format};
use crate::cli::which::Which;
use crate::engine::{self, Up};
use crate::report::matrix::{By, Matrix as Report, Path, text};
use crate::topology::{Expectation, NodeId, Topology};
use crate::units::milliseconds;
use crate::verify::why::Network;
use crate::verify::{self, Observation, ObservedHop, Verdict, predict};

/// The expectations of pairs.
type Expected<'a> = BTreeMap<(NodeId, NodeId), &'a Expectation>;

/// Show how every machine reaches every other, as a grid: with real packets on a running lab, or from the routes only.
/// Exits with 1 if a path differs from the lab file.
#[derive(Debug, Args)]
pub(super) struct Matrix {
    /// The running lab; not needed if only one is up.
    #[arg(conflicts_with_all = ["lab", "file"])]
    name: Option<String>,
    #[command(flatten)]
    which: Which,
    /// Show round-trip times instead of hops.
    #[arg(long)]
    rtt: bool,
    #[command(flatten)]
    format: Format,
}

impl Matrix {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let matrix = if self.which.is_file() {
            let solved = self.which.solved()?;
            by_routes(solved.network())
        } else {
            let name = self.name.as_deref().or(self.which.lab());
            engine::enter_user_namespace(name)?;
            by_probes(&engine::running(name)?)?
        };
        let people = || text(&matrix, self.rtt, output::width());
        self.format.print(&matrix, people)?;
        Ok(if matrix.is_as_expected() {
            Exit::Done
        } else {
            Exit::Unmet
        })
    }
}

fn by_routes(network: Network<'_>) -> Report {
    let topology = network.topology;
    let expected = expected(topology);
    let paths = pairs(topology).into_iter().map(|(from, to)| {
        let predicted = predict(network, from, to);
        let expected = expected.get(&(from, to));
        Path {
            reached: predicted.hops.is_some(),
            hops: predicted.hops.as_ref().map(Vec::len),
            rtt_ms: predicted.round_trip_time.map(milliseconds),
            as_expected: expected.map(|expected| predicted.is_as_expected(expected)),
            ..unknown(topology, from, to)
        }
    });
    report(topology, By::Routes, paths.collect())
}

fn by_probes(up: &Up) -> Result<Report, CommandError> {
    let topology = &up.lab.topology;
    let in_force = engine::in_force(up)?;
    let (network, tables) = (in_force.network(up), &in_force.tables);
    let expected = expected(topology);
    // A node whose address belongs to another cannot be probed.
    let (pairs, unmeant): (Vec<_>, Vec<_>) = pairs(topology)
        .into_iter()
        .partition(|(from, to)| topology.taken_for(*from, *to).is_none());
    let expectations: Vec<Expectation> = pairs
        .iter()
        .map(|pair| to_be_probed(network, *pair, &expected))
        .collect();
    let (observations, _) = engine::observations(up, tables, &expectations, &mut |_| {})?;
    let paths = pairs.into_iter().zip(observations);
    let paths = paths.map(|((from, to), seen)| {
        let expected = expected.get(&(from, to));
        Path {
            as_expected: expected.map(|expected| {
                let judgement = verify::judge(topology, tables, expected, &seen);
                judgement.verdict == Verdict::Pass
            }),
            ..observed(topology, (from, to), &seen)
        }
    });
    let unmeant = unmeant.into_iter();
    let unmeant = unmeant.map(|(from, to)| unknown(topology, from, to));
    Ok(report(topology, By::Probes, paths.chain(unmeant).collect()))
}

/// The path that the routes predict. If the lab file expects the same path, its expectation is used, since it may
/// include times.
fn to_be_probed(
    network: Network<'_>,
    (from, to): (NodeId, NodeId),
    expected: &Expected<'_>,
) -> Expectation {
    let predicted = predict(network, from, to);
    match expected.get(&(from, to)) {
        Some(expected) if predicted.is_as_expected(expected) => (*expected).clone(),
        _ => {
            let Network {
                topology, tables, ..
            } = network;
            verify::with_room(topology, tables, predicted.expectation(from, to))
        }
    }
}

fn observed(topology: &Topology, (from, to): (NodeId, NodeId), seen: &Observation) -> Path {
    let arrival = seen.hops.iter().find(|hop| hop.arrival);
    let time = arrival.and_then(ObservedHop::best_round_trip_time);
    // If no answer is expected, an answer says nothing about the hops before it.
    let is_traced = seen.hops.first().is_some_and(|hop| hop.ttl.get() == 1);
    let hops = arrival.filter(|_| is_traced);
    Path {
        reached: arrival.is_some(),
        hops: hops.map(|hop| usize::from(hop.ttl.get())),
        rtt_ms: time.map(milliseconds),
        ..unknown(topology, from, to)
    }
}

/// A path without results yet.
fn unknown(topology: &Topology, from: NodeId, to: NodeId) -> Path {
    let [from, to] = [from, to].map(|node| topology.node(node).name.to_string());
    Path {
        from,
        to,
        reached: false,
        hops: None,
        rtt_ms: None,
        as_expected: None,
    }
}

/// The expectations of the lab file for each pair, without failures.
fn expected(topology: &Topology) -> Expected<'_> {
    let expectations = topology.expectations.iter();
    expectations
        .map(|expected| ((expected.from, expected.to), expected))
        .collect()
}

/// Every ordered pair, row by row.
fn pairs(topology: &Topology) -> Vec<(NodeId, NodeId)> {
    let machines: Vec<NodeId> = topology.machines().collect();
    let mut pairs = Vec::new();
    for from in &machines {
        let others = machines.iter().filter(|to| *to != from);
        pairs.extend(others.map(|to| (*from, *to)));
    }
    pairs
}

fn report(topology: &Topology, by: By, paths: Vec<Path>) -> Report {
    let machines = topology.machines();
    Report {
        lab: topology.name.to_string(),
        by,
        machines: machines
            .map(|machine| topology.node(machine).name.to_string())
            .collect(),
        paths,
    }
}
