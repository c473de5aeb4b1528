//! The JSON of `lab verify`, and that it has the promised fields.

use serde_json::Value;

use crate::lab::Turn;
use crate::program::{Ran, lab};

/// Source and destination.
pub(crate) type Pair = (String, String);

/// A verification, parsed from JSON.
#[derive(Debug)]
pub(crate) struct Verification {
    json: Value,
}

impl Verification {
    /// Parses the output; the exit code must match the verdicts.
    #[track_caller]
    pub(crate) fn of(ran: &Ran) -> Self {
        Self { json: ran.json() }
    }

    pub(crate) fn counts(&self) -> [u64; 3] {
        ["passed", "failed", "skipped"].map(|name| self.json[name].as_u64().expect("a count"))
    }

    /// The number of probes sent.
    pub(crate) fn sent(&self) -> u64 {
        self.probes("sent")
    }

    /// Probes without the expected answer.
    pub(crate) fn lost(&self) -> u64 {
        self.probes("lost")
    }

    fn probes(&self, what: &str) -> u64 {
        self.json["probes"][what].as_u64().expect("a count")
    }

    /// Asserts that every path is proved.
    #[track_caller]
    pub(crate) fn proves_all(&self) {
        assert_eq!(
            self.counts(),
            [30, 0, 0],
            "passed, failed, skipped; {:#?}",
            self.failures()
        );
    }

    /// The pairs whose expectation fails, sorted.
    pub(crate) fn failed_pairs(&self) -> Vec<Pair> {
        let mut pairs: Vec<Pair> = self.failures().into_iter().map(|(pair, _)| pair).collect();
        pairs.sort();
        pairs
    }

    /// The failures, each with its reason.
    pub(crate) fn failures(&self) -> Vec<(Pair, String)> {
        let failed = self
            .results()
            .iter()
            .filter(|result| result["verdict"] == "fail");
        failed
            .map(|result| (pair(result), text(&result["why"])))
            .collect()
    }

    fn results(&self) -> &[Value] {
        self.json["results"].as_array().expect("a list of results")
    }
}

/// Pairs, sorted.
pub(crate) fn pairs(written: &[(&str, &str)]) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = written
        .iter()
        .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
        .collect();
    pairs.sort();
    pairs
}

fn pair(result: &Value) -> Pair {
    (text(&result["from"]), text(&result["to"]))
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

#[test]
fn verify_proves_30() {
    let turn = Turn::begin();
    let lab = turn.lab_up("proved", &[]);
    let ran = lab.run(&["verify", "--steady", "--json"]).exits(0);
    let verification = Verification::of(&ran);
    verification.proves_all();
    assert_eq!(verification.json["lab"], lab.name);
    assert!(
        verification.json["elapsed_ms"]
            .as_f64()
            .is_some_and(|elapsed| elapsed > 0.0)
    );
    assert_eq!(verification.results().len(), 30);
    verification.results().iter().for_each(is_as_promised);
    assert_eq!(ran.complained, "steady: 30 paths\n");
}

/// A passed result has every promised field, and so does each hop of a path.
fn is_as_promised(result: &Value) {
    assert_eq!(
        (&result["state"], &result["verdict"]),
        (&"steady".into(), &"pass".into())
    );
    assert_eq!(result["why"], "");
    pair(result);
    let hops = result["hops"].as_array().expect("a list of hops");
    if result["expected"]["unreachable"] == "timeout" {
        assert_eq!(
            (&result["reached"], hops.len()),
            (&false.into(), 0),
            "{result:#}"
        );
        return;
    }
    assert_eq!(result["reached"], true, "{result:#}");
    let expected = result["expected"]["hops"]
        .as_array()
        .expect("a list of expected hops");
    assert_eq!(hops.len(), expected.len(), "{result:#}");
    for (ttl, hop) in (1_u64..).zip(hops) {
        assert_eq!(hop["ttl"], ttl, "{result:#}");
        assert!(
            hop["address"].is_null() || hop["address"].is_string(),
            "{result:#}"
        );
        assert!(hop["rtt_ms"].is_array(), "{result:#}");
    }
}

#[test]
fn verify_brings_a_lab_up_and_down_again() {
    let turn = Turn::begin();
    let variant = turn.lab("brought-up", &[]);
    let ran = lab(&["verify", &variant.file, "--steady", "--json"]).exits(0);
    Verification::of(&ran).proves_all();
    assert!(
        variant.pinned_nodes().is_empty(),
        "{:?}",
        variant.pinned_nodes()
    );
}
