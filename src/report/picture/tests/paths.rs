//! Paths over pictures, and in columns.

use std::collections::BTreeSet;
use std::time::Duration;

use insta::assert_snapshot;

use crate::addresses::Address;
use crate::report::path::Path;
use crate::report::picture::{picture, svg};
use crate::report::solved::Solved;
use crate::units::Ttl;
use crate::verify::why::{Why, explain};
use crate::verify::{Observation, ObservedHop};

fn why(solved: &Solved, from: &str, to: &str) -> Why {
    let to = solved.topology.node(solved.node(to)).address.unwrap();
    explain(solved, solved.node(from), to)
}

fn hop(ttl: u8, address: Option<&str>, micros: u64) -> ObservedHop {
    let addresses: BTreeSet<Address> = address
        .map(|text| text.parse().unwrap())
        .into_iter()
        .collect();
    ObservedHop {
        ttl: Ttl::new(ttl).unwrap(),
        round_trip_times: vec![address.map(|_| Duration::from_micros(micros))],
        addresses,
        arrival: false,
        refused: false,
    }
}

#[test]
fn a_trace_in_columns_names_who_was_silent() {
    let solved = Solved::hub_spoke();
    let why = why(&solved, "spoke-vm", "loc1-vm");
    let mut hops = vec![
        hop(1, Some("10.10.30.132"), 2_060),
        hop(2, None, 0),
        hop(3, None, 0),
        hop(4, Some("10.2.30.10"), 3_140),
    ];
    hops[3].arrival = true;
    let observation = Observation {
        hops,
        send_error: None,
    };
    let path = Path::measured(&solved.topology, &why, &observation);
    assert_snapshot!(path.text(&solved.topology), @r"
    HOP  NAME       ADDRESS       ELEMENT          LATENCY  NEXT HOP
    -    spoke-vm   10.11.30.4    virtual machine  -        er1-msee1
    1    er1-msee1  10.10.30.132  MSEE             2.1 ms   loc1-ce1
    2    loc1-ce1   *             router           *        loc1-lan
    3    loc1-lan   *             router           *        loc1-vm
    4    loc1-vm    10.2.30.10    host             3.1 ms   -
    ");
}

#[test]
fn who_answers_is_where_the_packet_was() {
    let solved = Solved::hub_spoke();
    let why = why(&solved, "hub-vm", "loc2-vm");
    let mut hops = vec![
        hop(1, Some("10.10.30.135"), 74_000),
        hop(2, None, 0),
        hop(3, None, 0),
        hop(4, Some("10.1.31.10"), 75_000),
    ];
    hops[3].arrival = true;
    let observation = Observation {
        hops,
        send_error: None,
    };
    let text = Path::measured(&solved.topology, &why, &observation).text(&solved.topology);
    assert!(text.contains("1    er2-msee2  10.10.30.135"), "{text}");
}

#[test]
fn a_path_that_ends_says_where_and_why() {
    let solved = Solved::hub_spoke();
    let path = Path::planned(&solved.topology, &why(&solved, "branch-vm", "loc2-vm"));
    assert_snapshot!(path.text(&solved.topology), @r"
    HOP  NAME       ADDRESS      ELEMENT          LATENCY  NEXT HOP
    -    branch-vm  10.11.30.68  virtual machine  -        lost

    Lost: branch-vm has no route to 10.1.31.10 except the system route 10.0.0.0/8 to None.
    ");
    let mut picture = picture(&solved.topology);
    picture.paths.push(path);
    let svg = svg(&picture);
    assert!(svg.contains("class=\"badge lost\""));
    assert!(svg.contains("lost: branch-vm has no route to 10.1.31.10"));
}

#[test]
fn a_path_is_laid_over_nodes_and_links() {
    let solved = Solved::hub_spoke();
    let mut picture = picture(&solved.topology);
    picture.paths.push(Path::planned(
        &solved.topology,
        &why(&solved, "spoke-vm", "loc1-vm"),
    ));
    let svg = svg(&picture);
    for part in [
        "<g class=\"node msee on-path\" data-node=\"er1-msee1\"",
        "<g class=\"link circuit-link on-path\" data-link=\"er1-primary\"",
        "<g class=\"link connection on-path\" data-link=\"er1-hub-primary-in\"",
        "<g class=\"link peering on-path\" data-peering=\"hub spoke\"",
        "<g class=\"there planned\">",
        "by the routes alone: the lab is not up",
        "class=\"badge silent\"",
    ] {
        assert!(svg.contains(part), "no {part}");
    }
    assert_eq!(
        svg.matches("<path class=\"trail").count(),
        4,
        "one way a step"
    );
}

#[test]
fn every_step_of_every_expected_path_has_a_way() {
    for lab in crate::report::picture::tests::LABS {
        let solved = Solved::of(lab.1);
        let mut picture = picture(&solved.topology);
        for expectation in &solved.topology.expectations {
            let [from, to] = [expectation.from, expectation.to]
                .map(|node| solved.topology.node(node).name.to_string());
            let path = Path::planned(&solved.topology, &why(&solved, &from, &to));
            let steps = path.steps.len() - 1;
            picture.paths = vec![path];
            let ways = svg(&picture).matches("<path class=\"trail").count();
            assert_eq!(ways, steps, "{}: {from} to {to}", lab.0);
        }
    }
}
