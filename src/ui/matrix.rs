//! All paths between a lab's machines: those that the lab file expects, proved, and whether the others reach each other.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::report::json::Outcome;
use crate::topology::{Expectation, ExpectedHop, NodeId, Role, Topology};
use crate::ui::history::counted;
use crate::ui::trace::Snapshot;
use crate::units::milliseconds;
use crate::verify::why::Seen;
use crate::verify::{self, Observation, ProbeCount, Verdict};

/// Most paths that are probed; of a lab that has more, only those that its file expects.
const MOST_PATHS: usize = 10_000;

/// Every path.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Matrix {
    /// The machines, in the lab's order.
    machines: Vec<String>,
    /// One entry an ordered pair.
    paths: Vec<Path>,
    /// Probes that were sent, and of these the ones that stayed without the answer that was expected.
    probes: [usize; 2],
    /// The whole in a sentence.
    pub(super) summary: String,
}

/// A path between two machines.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Path {
    from: String,
    to: String,
    /// What came of the lab file's expectation; null where it has none.
    verdict: Option<Outcome>,
    /// Whether the destination answered.
    reached: bool,
    /// How many hops answered or stayed silent before the path ended.
    hops: usize,
    /// Milliseconds to the destination and back, the best of its probes; null where it did not answer.
    rtt_ms: Option<f64>,
    /// Why the expectation fails; empty where it does not.
    why: String,
}

/// A path that is to be probed.
#[derive(Debug)]
pub(super) struct Probed {
    /// What is expected, or what the routes say where the lab file says nothing.
    pub(super) expectation: Expectation,
    /// Whether the lab file says it.
    by_file: bool,
}

/// All paths that are to be probed.
pub(super) fn probed(snapshot: &Snapshot<'_>) -> Vec<Probed> {
    let topology = snapshot.topology;
    let machines = machines(topology);
    let by_file: BTreeMap<(NodeId, NodeId), &Expectation> = topology
        .expectations
        .iter()
        .map(|one| ((one.from, one.to), one))
        .collect();
    if machines.len() * machines.len() > MOST_PATHS {
        let all = topology.expectations.iter().cloned();
        return all
            .map(|expectation| Probed {
                expectation,
                by_file: true,
            })
            .collect();
    }
    let pairs = machines
        .iter()
        .flat_map(|from| machines.iter().map(move |to| (*from, *to)));
    let pairs = pairs.filter(|(from, to)| from != to);
    pairs
        .filter_map(|pair| match by_file.get(&pair) {
            Some(expectation) => Some(Probed {
                expectation: (*expectation).clone(),
                by_file: true,
            }),
            None => Some(Probed {
                expectation: by_routes(snapshot, pair)?,
                by_file: false,
            }),
        })
        .collect()
}

/// Virtual machines and hosts.
fn machines(topology: &Topology) -> Vec<NodeId> {
    let nodes = (0..topology.nodes.len()).map(NodeId);
    let is_machine = |node: &NodeId| {
        let role = &topology.node(*node).role;
        matches!(role, Role::VirtualMachine { .. } | Role::Host { .. })
    };
    nodes.filter(is_machine).collect()
}

/// What the routes expect of a pair; none for a machine without an address, or with one that is another's as seen from the
/// first.
fn by_routes(snapshot: &Snapshot<'_>, (from, to): (NodeId, NodeId)) -> Option<Expectation> {
    let destination = snapshot.topology.node(to).address?;
    if snapshot.topology.taken_for(from, to).is_some() {
        return None;
    }
    let why = snapshot.why(from, destination);
    let hops = why.seen.iter().filter_map(|seen| match seen {
        Seen::Answers { address, .. } => Some(vec![*address]),
        Seen::Silent { .. } => Some(Vec::new()),
        _ => None,
    });
    let hops = hops.map(|addresses| ExpectedHop {
        addresses,
        round_trip_time: None,
    });
    let hops = why.is_answered().then(|| hops.collect());
    let expectation = Expectation { from, to, hops };
    Some(verify::with_room(
        snapshot.topology,
        snapshot.tables,
        expectation,
    ))
}

/// What came of the probes, in the order of `probed`.
pub(super) fn matrix(
    snapshot: &Snapshot<'_>,
    probed: &[Probed],
    observations: &[Observation],
    count: ProbeCount,
) -> Matrix {
    let topology = snapshot.topology;
    let name = |node: NodeId| topology.node(node).name.to_string();
    let seen = probed.iter().zip(observations);
    let paths: Vec<Path> = seen
        .map(
            |(
                Probed {
                    expectation,
                    by_file,
                },
                observation,
            )| {
                let judgement = by_file
                    .then(|| verify::judge(topology, snapshot.tables, expectation, observation));
                let arrival = observation.hops.iter().find(|hop| hop.arrival);
                let best = arrival.and_then(verify::ObservedHop::best_round_trip_time);
                Path {
                    from: name(expectation.from),
                    to: name(expectation.to),
                    verdict: judgement.as_ref().map(|one| one.verdict.into()),
                    reached: observation.reached(),
                    hops: observation.hops.len(),
                    rtt_ms: best.map(milliseconds),
                    why: judgement.map(|one| one.why).unwrap_or_default(),
                }
            },
        )
        .collect();
    Matrix {
        machines: machines(topology).into_iter().map(name).collect(),
        probes: [count.sent, count.lost],
        summary: summary(&paths),
        paths,
    }
}

fn summary(paths: &[Path]) -> String {
    let count = |verdict: Verdict| {
        let same = paths
            .iter()
            .filter(|path| path.verdict == Some(verdict.into()));
        same.count()
    };
    let others = paths.iter().filter(|path| path.verdict.is_none());
    let (others, reached) = (
        others.clone().count(),
        others.filter(|path| path.reached).count(),
    );
    let proved = format!(
        "{} proved, {} failed, {} skipped",
        counted(count(Verdict::Pass), "path"),
        count(Verdict::Fail),
        count(Verdict::Skip)
    );
    if others == 0 {
        proved
    } else {
        format!("{proved}; of {others} without an expectation, {reached} reach their destination")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Lab, load};
    use crate::routing::Failures;
    use crate::units::Ttl;
    use crate::verify::ObservedHop;

    fn with_lab<T>(expect: bool, work: impl FnOnce(&Snapshot<'_>) -> T) -> T {
        let Lab {
            mut topology,
            tables,
            ..
        } = load("hub-spoke").unwrap();
        if !expect {
            topology.expectations.clear();
        }
        work(&Snapshot {
            topology: &topology,
            tables: &tables,
            failures: &Failures::default(),
            disturbances: crate::verify::Disturbances::NONE,
        })
    }

    #[test]
    fn the_routes_say_what_is_probed_where_the_lab_file_is_silent() {
        let by_file = with_lab(true, probed);
        assert!(by_file.iter().all(|one| one.by_file));
        let by_routes = with_lab(false, probed);
        assert!(by_routes.iter().all(|one| !one.by_file));
        assert_eq!(by_file.len(), 30);
        // Hub-spoke's expectations are the articles', so that this compares the routes with those. Where a path is one of
        // several equally good ones, the routes name one of them.
        for (file, routes) in by_file.iter().zip(&by_routes) {
            let (file, routes) = (&file.expectation, &routes.expectation);
            assert_eq!((file.from, file.to), (routes.from, routes.to));
            assert_eq!(file.hops.is_some(), routes.hops.is_some());
            let hops = file.hops.iter().flatten().zip(routes.hops.iter().flatten());
            for (file, routes) in hops {
                assert_eq!(file.addresses.is_empty(), routes.addresses.is_empty());
                assert!(
                    routes
                        .addresses
                        .iter()
                        .all(|own| file.addresses.contains(own))
                );
            }
        }
    }

    #[test]
    fn a_path_is_proved_or_reaches_its_destination_or_does_not() {
        let seen = |reached: bool| Observation {
            hops: vec![ObservedHop {
                ttl: Ttl::new(1).unwrap(),
                addresses: "10.11.30.4"
                    .parse()
                    .into_iter()
                    .filter(|_| reached)
                    .collect(),
                round_trip_times: vec![reached.then_some(std::time::Duration::from_micros(1200))],
                arrival: reached,
                refused: false,
            }],
            send_error: None,
        };
        let of_first = |expect, reached| {
            with_lab(expect, |snapshot| {
                let probed: Vec<Probed> = probed(snapshot).into_iter().take(1).collect();
                matrix(
                    snapshot,
                    &probed,
                    &[seen(reached)],
                    ProbeCount { sent: 3, lost: 0 },
                )
            })
        };
        let proved = of_first(true, true);
        assert_eq!(proved.summary, "1 path proved, 0 failed, 0 skipped");
        insta::assert_snapshot!(serde_json::to_string(&proved.paths[0]).unwrap(), @r#"{"from":"hub-vm","to":"spoke-vm","verdict":"pass","reached":true,"hops":1,"rttMs":1.2,"why":""}"#);
        let failed = of_first(true, false);
        assert_eq!(failed.summary, "0 paths proved, 1 failed, 0 skipped");
        assert!(!failed.paths[0].why.is_empty());
        let reached = of_first(false, true);
        assert_eq!(
            reached.summary,
            "0 paths proved, 0 failed, 0 skipped; of 1 without an expectation, 1 reach their destination"
        );
        insta::assert_snapshot!(serde_json::to_string(&reached.paths[0]).unwrap(), @r#"{"from":"hub-vm","to":"spoke-vm","verdict":null,"reached":true,"hops":1,"rttMs":1.2,"why":""}"#);
    }
}
