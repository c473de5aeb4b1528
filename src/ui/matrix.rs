//! All paths between a lab's machines: the expected ones with their verdicts, and the reachability of the others.

use serde::Serialize;

use crate::engine;
use crate::report::json::Outcome;
use crate::topology::{NodeId, Topology};
use crate::units::{counted, milliseconds};
use crate::verify::Verdict;

/// Maximum number of probed paths; in a larger lab, only expected paths are probed.
pub(super) const MOST_PATHS: usize = 10_000;

/// Every path.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Matrix {
    /// The machines, in the lab's order.
    machines: Vec<String>,
    /// One entry per ordered pair.
    paths: Vec<Path>,
    /// The number of probes sent, and of those without the expected answer.
    probes: [usize; 2],
    /// A summary in one sentence.
    pub(super) summary: String,
}

/// A path between two machines.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Path {
    from: String,
    to: String,
    /// The verdict on the lab file's expectation; null if there is none.
    verdict: Option<Outcome>,
    /// Whether the destination answered.
    reached: bool,
    /// The destination's hop; null if it did not answer.
    hops: Option<usize>,
    /// The best round-trip time to the destination, in milliseconds; null if it did not answer.
    rtt_ms: Option<f64>,
    /// Why the expectation fails; empty if it does not.
    why: String,
}

impl Matrix {
    /// The paths of a lab, as the page shows them.
    pub(super) fn of(topology: &Topology, matrix: &engine::Matrix) -> Self {
        let name = |node: NodeId| topology.node(node).name.to_string();
        let probed = matrix.paths.iter().filter(|path| path.is_addressable);
        let paths = probed.map(|path| Path {
            from: name(path.from),
            to: name(path.to),
            verdict: path.verdict.map(Outcome::from),
            reached: path.is_reached,
            hops: path.hops,
            rtt_ms: path.round_trip_time.map(milliseconds),
            why: path.why.clone(),
        });
        let paths: Vec<Path> = paths.collect();
        let count = matrix.probes.unwrap_or_default();
        Self {
            machines: matrix.machines.iter().copied().map(name).collect(),
            probes: [count.sent, count.lost],
            summary: summary(&paths),
            paths,
        }
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
    use std::time::Duration;

    use super::*;
    use crate::engine::{MatrixPath, load};
    use crate::verify::ProbeCount;

    /// The page's matrix of hub-spoke, if one path has these results.
    fn shown(verdict: Option<Verdict>, is_reached: bool) -> Matrix {
        let topology = load("hub-spoke").unwrap().topology;
        let [from, to] = ["hub-vm", "spoke-vm"].map(|name| topology.find(name).unwrap());
        let path = MatrixPath {
            from,
            to,
            is_addressable: true,
            is_reached,
            hops: is_reached.then_some(1),
            round_trip_time: is_reached.then_some(Duration::from_micros(1200)),
            verdict,
            is_certain: true,
            why: String::new(),
        };
        let matrix = engine::Matrix {
            machines: topology.machines().collect(),
            paths: vec![path],
            probes: Some(ProbeCount { sent: 3, lost: 0 }),
        };
        Matrix::of(&topology, &matrix)
    }

    #[test]
    fn a_path_is_proved_or_reaches_its_destination_or_does_not() {
        let proved = shown(Some(Verdict::Pass), true);
        assert_eq!(proved.summary, "1 path proved, 0 failed, 0 skipped");
        insta::assert_snapshot!(serde_json::to_string(&proved.paths[0]).unwrap(), @r#"{"from":"hub-vm","to":"spoke-vm","verdict":"pass","reached":true,"hops":1,"rttMs":1.2,"why":""}"#);
        let failed = shown(Some(Verdict::Fail), false);
        assert_eq!(failed.summary, "0 paths proved, 1 failed, 0 skipped");
        let reached = shown(None, true);
        assert_eq!(
            reached.summary,
            "0 paths proved, 0 failed, 0 skipped; of 1 without an expectation, 1 reach their destination"
        );
        insta::assert_snapshot!(serde_json::to_string(&reached.paths[0]).unwrap(), @r#"{"from":"hub-vm","to":"spoke-vm","verdict":null,"reached":true,"hops":1,"rttMs":1.2,"why":""}"#);
    }
}
