//! Every expectation can fail: a failure on a path fails exactly the expectations about it.

use std::io::Write;
use std::process::Stdio;

use crate::lab::{Lab, Turn};
use crate::program::{self, Ran};
use crate::verification::{Verification, pairs};

/// Runs a verification that must fail.
#[track_caller]
fn failing(ran: Ran) -> Verification {
    Verification::of(&ran.exits(1))
}

/// Verifies another file of the same lab, in which one expectation is wrong, and returns the reason.
#[track_caller]
fn reason_for(edit: (&str, &str), pair: (&str, &str)) -> String {
    let turn = Turn::begin();
    let lab = turn.lab_up("claim", &[]);
    let file = turn.other_file(&lab, "wrong", &[edit]);
    let verification = failing(program::lab(&["verify", &file, "--steady", "--json"]));
    assert_eq!(
        verification.counts(),
        [29, 1, 0],
        "{:#?}",
        verification.failures()
    );
    assert_eq!(verification.failed_pairs(), pairs(&[pair]));
    lab.verify().proves_all();
    verification.failures().remove(0).1
}

#[test]
fn a_wrong_hop_fails_alone_and_names_both_addresses() {
    let path = "from: hub-vm, to: branch-vm, hops: ";
    let edit = (
        format!("{path}[10.10.30.142,"),
        format!("{path}[10.10.30.143,"),
    );
    let why = reason_for((&edit.0, &edit.1), ("hub-vm", "branch-vm"));
    assert!(
        why.contains("10.10.30.143") && why.contains("10.10.30.142"),
        "{why}"
    );
}

#[test]
fn a_silent_hop_that_is_expected_to_answer_fails_alone() {
    let path = "from: hub-vm, to: branch-vm, hops: [10.10.30.142, ";
    let edit = (format!("{path}\"*\""), format!("{path}10.11.30.100"));
    let why = reason_for((&edit.0, &edit.1), ("hub-vm", "branch-vm"));
    assert!(why.contains("10.11.30.100"), "{why}");
}

#[test]
fn a_wrong_time_fails_alone() {
    let edit = (
        "hops: [10.10.30.4], rtt: [0ms]",
        "hops: [10.10.30.4], rtt: [9ms]",
    );
    let why = reason_for(edit, ("spoke-vm", "hub-vm"));
    assert!(why.contains("9 ms"), "{why}");
}

#[test]
fn a_machine_that_answers_is_not_unreachable() {
    let edit = (
        "to: spoke-vm,  hops: [10.11.30.4], rtt: [1ms]",
        "to: spoke-vm, unreachable: timeout",
    );
    let why = reason_for(edit, ("hub-vm", "spoke-vm"));
    assert!(why.contains("10.11.30.4"), "{why}");
}

/// The spoke has no gateway of its own: without the hub's gateway it reaches only its peer.
#[test]
fn without_transit_the_spoke_reaches_its_peer_alone() {
    let turn = Turn::begin();
    let edits = [
        ("allowGatewayTransit: true", "allowGatewayTransit: false"),
        ("useRemoteGateways: true", "useRemoteGateways: false"),
    ];
    let lab = turn.lab_up("no-transit", &edits);
    let verification = failing(lab.run(&["verify", "--steady", "--json"]));
    let others = ["branch-vm", "remote-vm", "loc1-vm", "loc2-vm"];
    let both_ways: Vec<(&str, &str)> = others
        .iter()
        .flat_map(|other| [("spoke-vm", *other), (*other, "spoke-vm")])
        .collect();
    assert_eq!(verification.failed_pairs(), pairs(&both_ways));
    assert_eq!(verification.counts(), [22, 8, 0]);
}

/// Only the primary MSEE leads to Location 1. Without its route it drops packets to Location 1 and, by its reverse-path
/// filter, packets from there. The VPN to branch does not use it.
#[test]
fn a_route_withdrawn_by_hand_fails_what_went_by_it() {
    let turn = Turn::begin();
    let lab = turn.lab_up("withdrawn", &[]);
    let route = lab.ip("er1-msee1", &["route", "show", "10.2.30.0/25"]).said;
    lab.ip("er1-msee1", &["route", "del", "10.2.30.0/25"]);
    let verification = failing(lab.run(&["verify", "--steady", "--json"]));
    let others = ["hub-vm", "spoke-vm", "remote-vm"];
    let both_ways: Vec<(&str, &str)> = others
        .iter()
        .flat_map(|other| [("loc1-vm", *other), (*other, "loc1-vm")])
        .collect();
    assert_eq!(verification.failed_pairs(), pairs(&both_ways));
    for (pair, why) in verification.failures() {
        assert!(
            why.contains("kernel's state differs from what was planned"),
            "{pair:?}: {why}"
        );
    }
    let words: Vec<&str> = ["route", "add"]
        .into_iter()
        .chain(route.split_whitespace())
        .collect();
    lab.ip("er1-msee1", &words);
    lab.verify().proves_all();
}

/// Only the customer edge's rule hides the hops behind its tunnel.
#[test]
fn without_the_ttl_rule_location_1_sees_behind_the_tunnel() {
    let turn = Turn::begin();
    let lab = turn.lab_up("seen-through", &[]);
    let rules = lab
        .inside("loc1-ce1", &["nft", "list", "ruleset"])
        .exits(0)
        .said;
    lab.inside("loc1-ce1", &["nft", "flush", "ruleset"])
        .exits(0);
    let verification = failing(lab.run(&["verify", "--steady", "--json"]));
    assert_eq!(
        verification.failed_pairs(),
        pairs(&[("loc1-vm", "branch-vm")])
    );
    load_rules(&lab, "loc1-ce1", &rules);
    lab.verify().proves_all();
}

fn load_rules(lab: &Lab, node: &str, rules: &str) {
    let mut nft = lab.command_inside(node, &["nft", "-f", "-"]);
    let mut child = nft.stdin(Stdio::piped()).spawn().expect("nft");
    let mut input = child.stdin.take().expect("its standard input");
    input
        .write_all(rules.as_bytes())
        .expect("rules that it reads");
    drop(input);
    assert!(child.wait().expect("its end").success());
}
