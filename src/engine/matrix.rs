//! The paths from every machine of a lab to every other, by the routes or by real packets.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::engine::prove::observations;
use crate::engine::{EngineError, Up, state};
use crate::network::State;
use crate::topology::{Expectation, NodeId, Topology};
use crate::verify::{self, Judgement, Observation, ObservedHop, ProbeCount, Verdict, predict};

/// The paths between all machines of a lab.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// The machines, in the lab's order.
    pub machines: Vec<NodeId>,
    /// The paths, row by row.
    pub paths: Vec<MatrixPath>,
    /// How many probes were sent; `None` if the routes predicted the paths.
    pub probes: Option<ProbeCount>,
}

/// The path from one machine to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixPath {
    /// The machine that sends.
    pub from: NodeId,
    /// The destination.
    pub to: NodeId,
    /// Whether packets can be sent to it: not if another node has its address, as seen from the sender.
    pub is_addressable: bool,
    /// Whether it answers.
    pub is_reached: bool,
    /// The number of hops in a trace, if it answers and all hops were probed.
    pub hops: Option<usize>,
    /// The best round-trip time, or that of the links.
    pub round_trip_time: Option<Duration>,
    /// The result of the lab file's expectation; `None` if it has none.
    pub verdict: Option<Verdict>,
    /// Whether the path is certain: not if it is predicted and the effect of a firewall cannot be told.
    pub is_certain: bool,
    /// Why the expectation fails; empty if it does not.
    pub why: String,
}

/// The expectations of pairs.
type Expected<'a> = BTreeMap<(NodeId, NodeId), &'a Expectation>;

/// The paths that the routes predict.
#[must_use]
pub fn matrix_by_routes(state: &State<'_>) -> Matrix {
    let topology = &*state.topology;
    let expected = expected(topology);
    let path = |(from, to)| {
        let predicted = predict(state, from, to);
        let expected = expected.get(&(from, to));
        let verdict = |is_as_expected| {
            if is_as_expected {
                Verdict::Pass
            } else {
                Verdict::Fail
            }
        };
        MatrixPath {
            is_reached: predicted.hops.is_some(),
            hops: predicted.hops.as_ref().map(Vec::len),
            round_trip_time: predicted.round_trip_time,
            verdict: expected.map(|expected| verdict(predicted.is_as_expected(state, expected))),
            is_certain: predicted.untold.is_empty(),
            ..unknown(topology, from, to)
        }
    };
    Matrix {
        machines: topology.machines().collect(),
        paths: all_pairs(topology).into_iter().map(path).collect(),
        probes: None,
    }
}

/// The paths of real packets; if there are more than `most`, only those with an expectation in the lab file.
///
/// # Errors
///
/// [`EngineError`]; lost probes are no error.
pub fn matrix_by_probes(up: &Up, most: usize) -> Result<Matrix, EngineError> {
    let state = state(up)?;
    let topology = &*state.topology;
    let pairs = pairs(topology, most);
    let probed = to_be_probed(&state, &pairs);
    let (seen, count) = observations(up, &state, &probed, &mut |_| {})?;
    let probed = probed.iter().map(|it| (it.from, it.to));
    let seen: BTreeMap<_, _> = probed.zip(seen).collect();
    Ok(Matrix {
        machines: topology.machines().collect(),
        paths: observed_paths(&state, &pairs, &seen),
        probes: Some(count),
    })
}

/// What the probes of each pair look for: the path that the routes predict. If the lab file expects the same path, its
/// expectation is used, since it may include times. A node whose address belongs to another cannot be probed.
pub(super) fn to_be_probed(state: &State<'_>, pairs: &[(NodeId, NodeId)]) -> Vec<Expectation> {
    let State {
        topology, tables, ..
    } = state;
    let file = expected(topology);
    let addressable = pairs
        .iter()
        .filter(|(from, to)| topology.taken_for(*from, *to).is_none());
    let probed = addressable.map(|(from, to)| {
        let predicted = predict(state, *from, *to);
        match file.get(&(*from, *to)) {
            Some(expected)
                if !expected.hops().is_empty() && predicted.is_as_expected(state, expected) =>
            {
                (*expected).clone()
            }
            _ => verify::with_room(topology, tables, predicted.expectation(*from, *to)),
        }
    });
    probed.collect()
}

/// The path of each pair, by the observation of those that were probed.
fn observed_paths(
    state: &State<'_>,
    pairs: &[(NodeId, NodeId)],
    seen: &BTreeMap<(NodeId, NodeId), Observation>,
) -> Vec<MatrixPath> {
    let State {
        topology, tables, ..
    } = state;
    let expected = expected(topology);
    let path = |pair: &(NodeId, NodeId)| {
        let (from, to) = *pair;
        let Some(seen) = seen.get(pair) else {
            return MatrixPath {
                is_addressable: false,
                ..unknown(topology, from, to)
            };
        };
        let judgement: Option<Judgement> = expected
            .get(pair)
            .map(|expected| verify::judge(topology, tables, expected, seen));
        MatrixPath {
            verdict: judgement.as_ref().map(|judgement| judgement.verdict),
            why: judgement.map(|judgement| judgement.why).unwrap_or_default(),
            ..observed(topology, (from, to), seen)
        }
    };
    pairs.iter().map(path).collect()
}

fn observed(topology: &Topology, (from, to): (NodeId, NodeId), seen: &Observation) -> MatrixPath {
    let arrival = seen.hops.iter().find(|hop| hop.arrival);
    // If no answer is expected, an answer says nothing about the hops before it.
    let hops = arrival.filter(|_| seen.is_traced());
    MatrixPath {
        is_reached: arrival.is_some(),
        hops: hops.map(|hop| usize::from(hop.ttl.get())),
        round_trip_time: arrival.and_then(ObservedHop::best_round_trip_time),
        ..unknown(topology, from, to)
    }
}

/// A path without results yet.
fn unknown(topology: &Topology, from: NodeId, to: NodeId) -> MatrixPath {
    MatrixPath {
        from,
        to,
        is_addressable: topology.taken_for(from, to).is_none(),
        is_reached: false,
        hops: None,
        round_trip_time: None,
        verdict: None,
        is_certain: true,
        why: String::new(),
    }
}

/// The expectations of the lab file for each pair, without failures.
fn expected(topology: &Topology) -> Expected<'_> {
    let expectations = topology.expectations.iter();
    expectations
        .map(|expected| ((expected.from, expected.to), expected))
        .collect()
}

/// Every ordered pair, row by row; if there are more than `most`, only those with an expectation.
fn pairs(topology: &Topology, most: usize) -> Vec<(NodeId, NodeId)> {
    let mut pairs = all_pairs(topology);
    if pairs.len() > most {
        let expected = expected(topology);
        pairs.retain(|pair| expected.contains_key(pair));
    }
    pairs
}

/// Every ordered pair, row by row.
pub(super) fn all_pairs(topology: &Topology) -> Vec<(NodeId, NodeId)> {
    let machines: Vec<NodeId> = topology.machines().collect();
    let row = |from: &NodeId| {
        let from = *from;
        let others = machines.iter().filter(move |to| **to != from);
        others.map(move |to| (from, *to))
    };
    machines.iter().flat_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Lab, load};
    use crate::units::Ttl;

    fn with_lab<T>(expect: bool, work: impl FnOnce(&State<'_>) -> T) -> T {
        let Lab {
            mut topology,
            tables,
            ..
        } = load("hub-spoke").unwrap();
        if !expect {
            topology.expectations.clear();
        }
        work(&State::whole(&topology, tables))
    }

    fn probed(state: &State<'_>) -> Vec<Expectation> {
        to_be_probed(state, &all_pairs(&state.topology))
    }

    #[test]
    fn the_routes_say_what_is_probed_where_the_lab_file_is_silent() {
        let by_file = with_lab(true, probed);
        let by_routes = with_lab(false, probed);
        assert_eq!(by_file.len(), 30);
        // Hub-spoke's expectations come from the articles; this compares the routes with them. If several paths are
        // equally good, the routes give one of them.
        for (file, routes) in by_file.iter().zip(&by_routes) {
            assert_eq!((file.from, file.to), (routes.from, routes.to));
            assert_eq!(file.is_reached(), routes.is_reached());
            for (file, routes) in file.hops().iter().zip(routes.hops()) {
                assert_eq!(file.addresses.is_empty(), routes.addresses.is_empty());
                let mut own = routes.addresses.iter();
                assert!(own.all(|own| file.addresses.contains(own)));
            }
        }
    }

    /// The first path of hub-spoke, if probes see an answer at its first hop or none.
    fn first(expect: bool, is_reached: bool) -> MatrixPath {
        let address = "10.11.30.4".parse().ok();
        let seen = Observation {
            hops: vec![ObservedHop {
                ttl: Ttl::new(1).unwrap(),
                addresses: address.into_iter().filter(|_| is_reached).collect(),
                round_trip_times: vec![is_reached.then_some(Duration::from_micros(1200))],
                arrival: is_reached,
                refused: false,
            }],
            send_error: None,
        };
        with_lab(expect, |state| {
            let pair = all_pairs(&state.topology)[0];
            let seen = [(pair, seen)].into();
            observed_paths(state, &[pair], &seen).swap_remove(0)
        })
    }

    #[test]
    fn a_path_is_proved_or_reaches_its_destination_or_does_not() {
        let proved = first(true, true);
        assert_eq!(proved.verdict, Some(Verdict::Pass));
        assert_eq!((proved.hops, proved.why.as_str()), (Some(1), ""));
        let failed = first(true, false);
        assert_eq!(failed.verdict, Some(Verdict::Fail));
        assert!(!failed.is_reached && !failed.why.is_empty());
        let reached = first(false, true);
        assert_eq!((reached.verdict, reached.is_reached), (None, true));
    }

    #[test]
    fn of_a_lab_with_too_many_pairs_those_with_an_expectation_are_probed() {
        let count = |most| with_lab(false, |state| pairs(&state.topology, most).len());
        assert_eq!([count(30), count(29)], [30, 0]);
    }
}
