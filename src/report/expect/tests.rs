//! What is written into a lab file is what was seen.

use insta::assert_snapshot;

use super::*;
use crate::lab::{parse, resolve, with_expectations};
use crate::report::solved::Solved;
use crate::topology::ExpectedPath;

/// Every pair of a lab with the same result, but for some.
fn paths(topology: &Topology, usual: &Seen, exceptions: &[(&str, &str, Seen)]) -> Vec<PathNow> {
    let machines: Vec<NodeId> = topology.machines().collect();
    let pair = |(from, to): (NodeId, NodeId)| {
        let names = [from, to].map(|node| topology.node(node).name.as_str());
        let mut exceptions = exceptions.iter();
        let found = exceptions.find(|(from, to, _)| names == [*from, *to]);
        PathNow {
            from,
            to,
            seen: found.map_or(usual, |(_, _, seen)| seen).clone(),
        }
    };
    let rows = machines
        .iter()
        .flat_map(|from| machines.iter().map(|to| (*from, *to)));
    rows.filter(|(from, to)| from != to).map(pair).collect()
}

fn hop(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Checks that the section, read again, expects what was seen of each pair.
#[track_caller]
fn is_read_back(lab: &Solved, text: &str, paths: &[PathNow]) {
    let file = with_expectations(include_str!("../../../labs/hub-spoke.yaml"), text).unwrap();
    let topology = resolve(&parse(&file).unwrap()).unwrap();
    assert_eq!(topology.expectations.len(), paths.len());
    for path in paths {
        let mut expected = topology.expectations.iter();
        let expected = expected
            .find(|it| (it.from, it.to) == (path.from, path.to))
            .unwrap();
        let is_same = match (&path.seen, &expected.path) {
            (Seen::Hops(seen), ExpectedPath::Hops(hops)) => seen.len() == hops.len(),
            (Seen::Unreachable, ExpectedPath::Unreachable)
            | (Seen::Hops(_) | Seen::Reached, ExpectedPath::Reached { .. }) => true,
            _ => false,
        };
        assert!(
            is_same,
            "{} {expected:?}",
            lab.topology.node(path.from).name
        );
    }
}

#[test]
fn every_path_has_a_line_with_its_hops() {
    let lab = Solved::hub_spoke();
    let hops = Seen::Hops(vec![
        hop(&["er1-msee1", "er1-msee2"]),
        hop(&[]),
        hop(&["192.168.30.17"]),
        hop(&["loc1-vm"]),
    ]);
    let long = [
        "er2-msee1",
        "er2-msee2",
        "er1-msee1",
        "er1-msee2",
        "loc1-ce1",
        "loc2-ce1",
        "loc1-lan",
        "hub-ergw",
    ];
    let long = Seen::Hops(vec![hop(&long), hop(&["hub-vpngw"]), hop(&["hub-vm"])]);
    let paths = paths(
        &lab.topology,
        &Seen::Unreachable,
        &[
            ("hub-vm", "loc1-vm", hops),
            ("spoke-vm", "hub-vm", long),
            ("loc1-vm", "loc2-vm", Seen::Reached),
        ],
    );
    let section = section(&lab.topology, &paths);
    assert_eq!(section.count, 30);
    is_read_back(&lab, &section.text, &paths);
    let special: Vec<_> = section
        .text
        .lines()
        .filter(|line| !line.contains("unreachable"))
        .collect();
    assert_snapshot!(special.join("\n"), @r#"
    expect:
      - { from: hub-vm, to: loc1-vm, hops: [[er1-msee1, er1-msee2], "*", 192.168.30.17, loc1-vm] }
      - { from: spoke-vm, to: hub-vm, hops: [[er1-msee1, er1-msee2, er2-msee1, er2-msee2, hub-ergw, loc1-ce1, loc1-lan,
          loc2-ce1], hub-vpngw, hub-vm] }
      - { from: loc1-vm, to: loc2-vm, reachable: true }
    "#);
}

#[test]
fn intent_is_one_expectation_for_all_and_one_for_each_kind_of_exception() {
    let lab = Solved::hub_spoke();
    let reached = Seen::Hops(vec![hop(&["x"])]);
    let all = paths(&lab.topology, &reached, &[]);
    assert_eq!(
        intent(&lab.topology, &all).text,
        "expect:\n  - { from: \"*\", to: \"*\", reachable: true }\n"
    );
    let exceptions = [
        ("hub-vm", "branch-vm"),
        ("spoke-vm", "branch-vm"),
        ("branch-vm", "hub-vm"),
        ("branch-vm", "spoke-vm"),
        ("branch-vm", "loc1-vm"),
        ("branch-vm", "loc2-vm"),
        ("branch-vm", "remote-vm"),
        ("loc2-vm", "loc1-vm"),
        ("loc2-vm", "hub-vm"),
    ];
    let exceptions = exceptions.map(|(from, to)| (from, to, Seen::Unreachable));
    let some = paths(&lab.topology, &reached, &exceptions);
    let section = intent(&lab.topology, &some);
    assert_snapshot!(section.text, @r#"
    expect:
      - { from: "*", to: "*", reachable: true }
      - { from: [hub-vm, spoke-vm], to: branch-vm, unreachable: true }
      - { from: branch-vm, to: "*", unreachable: true }
      - { from: loc2-vm, to: [hub-vm, loc1-vm], unreachable: true }
    "#);
    is_read_back(&lab, &section.text, &some);
    let few = paths(
        &lab.topology,
        &Seen::Unreachable,
        &[("hub-vm", "spoke-vm", Seen::Reached)],
    );
    assert_snapshot!(intent(&lab.topology, &few).text, @r#"
    expect:
      - { from: "*", to: "*", unreachable: true }
      - { from: hub-vm, to: spoke-vm, reachable: true }
    "#);
    is_read_back(&lab, &intent(&lab.topology, &few).text, &few);
    assert_eq!(intent(&lab.topology, &[]).text, "expect: []\n");
}

#[test]
fn words_that_are_no_text_are_quoted() {
    let words = [
        "vm1", "10.0.0.1", "1", "0x1", "true", "No", "y", "_a", "-", "e1",
    ];
    assert_snapshot!(words.map(quoted).join(" "), @r#"vm1 10.0.0.1 "1" "0x1" "true" "No" "y" "_a" "-" e1"#);
}
