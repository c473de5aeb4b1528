//! Every lab that is shipped, with real packets: its paths at rest, then its storyboards.

use serde_json::Value;

use crate::lab::Turn;
use crate::program::lab;

/// The shipped labs but for hub-spoke, which the other tests are about.
const OTHERS: &[(&str, &str)] = &[
    ("hub-nva", include_str!("../../labs/hub-nva.yaml")),
    ("two-hubs", include_str!("../../labs/two-hubs.yaml")),
    (
        "er-vpn-coexistence",
        include_str!("../../labs/er-vpn-coexistence.yaml"),
    ),
    (
        "er-resiliency",
        include_str!("../../labs/er-resiliency.yaml"),
    ),
    (
        "s2s-over-expressroute",
        include_str!("../../labs/s2s-over-expressroute.yaml"),
    ),
];

/// Brings a lab up under a name of its own, proves it and checks that it is left healed.
#[track_caller]
fn proves_itself(name: &str, text: &str) {
    let turn = Turn::begin();
    let lab = turn.named_lab(name, text);
    lab_up(&lab.file);
    let ran = lab.run(&["verify", "--json"]);
    let json = ran.json();
    let failures: Vec<&Value> = json["results"]
        .as_array()
        .expect("a list of results")
        .iter()
        .filter(|result| result["verdict"] != "pass")
        .collect();
    assert!(failures.is_empty(), "{name}: {failures:#?}");
    ran.exits(0);
    let steps = json["storyboards"].as_array().expect("a list of steps");
    assert!(!steps.is_empty(), "{name} tells no storyboard");
    lab.run(&["status", "--check"]).exits(0);
}

fn lab_up(file: &str) {
    lab(&["up", file]).exits(0);
}

#[test]
fn hub_spoke_fails_over_and_back_as_documented() {
    let name = "hub-spoke";
    proves_itself(name, crate::lab::HUB_SPOKE);
}

#[test]
fn every_other_shipped_lab_proves_itself() {
    for (name, text) in OTHERS {
        proves_itself(name, text);
    }
}
