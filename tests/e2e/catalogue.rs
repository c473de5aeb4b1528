//! Every shipped lab, with real packets: its paths without failures, then its storyboards.

use netns_lab::engine::CATALOGUE;
use serde_json::Value;

use crate::lab::Turn;
use crate::program::lab;

/// Brings a lab up under a new name, proves it and checks that it is healed afterwards.
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
fn every_shipped_lab_proves_itself() {
    for (name, text) in CATALOGUE {
        proves_itself(name, text);
    }
}
