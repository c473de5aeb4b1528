//! What differs between two runs.

use std::time::Duration;

use insta::assert_snapshot;

use crate::addresses::Address;
use crate::report::baseline::{Baseline, compare, text};
use crate::report::json;
use crate::report::solved::Solved;
use crate::report::verification::{STEADY, Verification};
use crate::verify::ProbeCount;

/// The steady run of a lab, as it is read from a file.
fn run(lab: &Solved) -> json::Verification {
    let expectations = lab.topology.expectations.iter();
    let verification = Verification {
        topology: &lab.topology,
        elapsed: Duration::ZERO,
        in_force: Vec::new(),
        results: expectations.map(|expected| lab.checked(expected)).collect(),
        probes: ProbeCount::default(),
        outages: Vec::new(),
        others: None,
        baseline: None,
    };
    let text = serde_json::to_string(&json::Verification::from(&verification)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn compared(before: &json::Verification, now: &json::Verification) -> Baseline {
    compare("before.json", before, now, |state| state == STEADY)
}

#[test]
fn a_run_is_the_same_as_itself_whatever_its_times() {
    let before = run(&Solved::hub_spoke());
    let mut now = before.clone();
    for hop in now.results.iter_mut().flat_map(|result| &mut result.hops) {
        hop.rtt_ms = vec![Some(1e6)];
    }
    let baseline = compared(&before, &now);
    assert!(baseline.is_same());
    assert_snapshot!(text(&baseline), @"compared with before.json: 30 the same, 0 changed, 0 new, 0 vanished");
}

#[test]
fn changes_are_told_as_they_were_and_as_they_are() {
    let mut before = run(&Solved::hub_spoke());
    let mut now = run(&Solved::hub_spoke().without("er1-primary"));
    before
        .results
        .retain(|it| it.from != "branch-vm" || it.to != "hub-vm");
    before.results[0].state = "later".to_owned();
    now.results
        .retain(|it| it.from != "loc1-vm" || it.to != "spoke-vm");
    let baseline = compared(&before, &now);
    assert!(!baseline.is_same());
    assert_snapshot!(text(&baseline), @r"
    hub-vm -> loc1-vm  [steady]  changed
       HOP  WAS        IS
    ✗  1    er1-msee1  hub-vpngw
    ✗  2    *          loc1-ce1
       3    *          *
       4    loc1-vm    loc1-vm

    spoke-vm -> loc1-vm  [steady]  changed
       HOP  WAS        IS
    ✗  1    er1-msee1  hub-vpngw
    ✗  2    *          loc1-ce1
       3    *          *
       4    loc1-vm    loc1-vm

    loc1-vm -> hub-vm  [steady]  changed
       HOP  WAS        IS
       1    loc1-lan   loc1-lan
       2    loc1-ce1   loc1-ce1
    ✗  3    er1-msee1  hub-vm
    ✗  4    *
    ✗  5    hub-vm

    loc1-vm -> remote-vm  [steady]  changed
       HOP  WAS        IS
    ✗  1    loc1-lan   *
    ✗  2    loc1-ce1   *
    ✗  3    er1-msee1  *
       4    *          *
    ✗  5    remote-vm  *
      was reached, is not

    remote-vm -> loc1-vm  [steady]  changed
       HOP  WAS        IS
    ✗  1    er1-msee1  *
       2    *          *
       3    *          *
    ✗  4    loc1-vm    *
      was reached, is not

    hub-vm -> spoke-vm  [steady]  new
    branch-vm -> hub-vm  [steady]  new
    loc1-vm -> spoke-vm  [steady]  vanished
    compared with before.json: 22 the same, 5 changed, 2 new, 1 vanished
    ");
}

/// The addresses and the nodes that answer at a hop.
fn answer(run: &mut json::Verification, address: [u8; 4], node: &str) {
    let hop = &mut run.results[0].hops[0];
    let address = Address::from(address);
    (hop.address, hop.addresses) = (Some(address), vec![address]);
    hop.node = Some(node.to_owned());
}

#[test]
fn one_of_several_who_may_answer_is_no_change() {
    let lab = Solved::hub_spoke();
    let mut before = run(&lab);
    let mut now = before.clone();
    answer(&mut before, [10, 0, 0, 1], "nva1");
    answer(&mut now, [10, 0, 0, 2], "nva2");
    assert_eq!(compared(&before, &now).changed.len(), 1);
    now.results[0].equal_cost = vec!["nva1".to_owned()];
    assert_eq!(compared(&before, &now).changed.len(), 1, "nva2 is no equal");
    now.results[0].equal_cost.push("nva2".to_owned());
    assert!(compared(&before, &now).is_same());
    now.results[0].equal_cost.clear();
    let set = [[10, 0, 0, 1], [10, 0, 0, 2]].map(Address::from).to_vec();
    now.results[0].expected = json::Expected::Path {
        hops: vec![json::Answerers::Any(
            set.iter().map(Address::to_string).collect(),
        )],
        rtt_ms: vec![None],
    };
    assert!(compared(&before, &now).is_same());
}

/// A run whose first expectation is none: its path is another pair's.
fn with_other(mut run: json::Verification) -> json::Verification {
    let json::Checked {
        from,
        to,
        hops,
        reached,
        equal_cost,
        ..
    } = run.results.remove(0);
    run.others = Some(vec![json::Other {
        from,
        to,
        hops,
        reached,
        equal_cost,
    }]);
    run
}

#[test]
fn paths_that_are_not_expected_are_compared_too() {
    let lab = Solved::hub_spoke();
    let before = with_other(run(&lab));
    assert!(compared(&before, &before).is_same());
    assert_eq!(compared(&before, &before).same, 30);
    assert!(
        compared(&before, &run(&lab)).is_same(),
        "now it is expected"
    );
    assert!(compared(&run(&lab), &before).is_same(), "it was expected");
    let mut now = before.clone();
    let other = &mut now.others.as_mut().unwrap()[0];
    other.reached = false;
    other.hops.clear();
    let baseline = compared(&before, &now);
    assert_snapshot!(text(&baseline), @r"
    hub-vm -> spoke-vm  [steady]  changed
       HOP  WAS       IS
    ✗  1    spoke-vm  no answer
      was reached, is not

    compared with before.json: 29 the same, 1 changed, 0 new, 0 vanished
    ");
    let unreached = now.clone();
    let hops = &before.others.as_ref().unwrap()[0].hops;
    now.others.as_mut().unwrap()[0].hops = hops[..1].to_vec();
    assert!(compared(&unreached, &now).is_same(), "neither is reached");
}

#[test]
fn a_run_without_other_paths_is_compared_by_its_expectations() {
    let now = with_other(run(&Solved::hub_spoke()));
    let mut before = now.clone();
    before.others = None;
    let text = serde_json::to_string(&before).unwrap();
    assert!(!text.contains("others"), "as earlier versions wrote it");
    let before: json::Verification = serde_json::from_str(&text).unwrap();
    let baseline = compared(&before, &now);
    assert!(baseline.is_same() && baseline.same == 29);
    let mut more = now.clone();
    let other = more.others.as_ref().unwrap()[0].clone();
    let other = json::Other {
        to: "new-vm".to_owned(),
        ..other
    };
    more.others.as_mut().unwrap().push(other);
    assert_eq!(compared(&now, &more).new.len(), 1);
    assert_eq!(compared(&more, &now).vanished.len(), 1);
}
