//! What people and scripts see of made-up results.

mod baselines;
mod differences;
mod grids;
mod in_force;
mod proofs;
mod traces;

use std::{collections::BTreeSet, time::Duration};

use insta::assert_snapshot;

use crate::addresses::Address;
use crate::names::{LabName, NodeName};
use crate::report::{json, tracert, verification};
use crate::topology::{
    Expectation, ExpectedHop, ExpectedPath, Node, NodeId, Role, Semantics, SiteId, Topology,
};
use crate::units::Ttl;
use crate::verify::{Judgement, Observation, ObservedHop, ProbeCount, Verdict};

const HUB_VM: Address = Address::v4(10, 10, 30, 4);
const GATEWAY: Address = Address::v4(10, 10, 30, 142);
const BRANCH_VM: Address = Address::v4(10, 11, 30, 68);
const STRANGER: Address = Address::v4(203, 0, 113, 9);

fn node(name: &str, address: Address) -> Node {
    Node {
        name: NodeName::new(name).unwrap(),
        role: Role::Host {
            site: SiteId(0),
            gateway: address,
        },
        address: Some(address),
        loopback: vec![address],
        asn: None,
        advertise: Vec::new(),
        transit: false,
        static_routes: Vec::new(),
        firewall: None,
        interfaces: Vec::new(),
        instances: Vec::new(),
    }
}

fn expected(addresses: &[Address], milliseconds: Option<u64>) -> ExpectedHop {
    let round_trip_time = milliseconds.map(Duration::from_millis);
    ExpectedHop {
        addresses: addresses.to_vec(),
        words: Vec::new(),
        round_trip_time,
    }
}

/// Two machines and a gateway; one path between them is expected, one is not.
fn topology() -> Topology {
    let (there, back) = ((NodeId(0), NodeId(2)), (NodeId(2), NodeId(0)));
    let hops = vec![
        expected(&[GATEWAY, STRANGER], Some(1)),
        expected(&[], None),
        expected(&[BRANCH_VM], Some(2)),
    ];
    Topology {
        name: LabName::new("two").unwrap(),
        domains: Vec::new(),
        shared_addresses: std::collections::BTreeMap::new(),
        converges_immediately: false,
        nodes: vec![
            node("hub-vm", HUB_VM),
            node("hub-vpngw", GATEWAY),
            node("branch-vm", BRANCH_VM),
        ],
        interfaces: Vec::new(),
        links: Vec::new(),
        segments: Vec::new(),
        virtual_networks: Vec::new(),
        route_tables: Vec::new(),
        load_balancers: Vec::new(),
        gateways: Vec::new(),
        sites: Vec::new(),
        sessions: Vec::new(),
        internet_paths: Vec::new(),
        circuits: Vec::new(),
        capacities: Vec::new(),
        underlay: Vec::new(),
        storyboards: Vec::new(),
        semantics: Semantics::default(),
        expectations: vec![
            Expectation {
                from: there.0,
                to: there.1,
                path: ExpectedPath::Hops(hops),
            },
            Expectation {
                from: back.0,
                to: back.1,
                path: ExpectedPath::Unreachable,
            },
        ],
    }
}

fn hop(ttl: u8, addresses: &[Address], microseconds: [Option<u64>; 3]) -> ObservedHop {
    ObservedHop {
        ttl: Ttl::new(ttl).unwrap(),
        addresses: addresses.iter().copied().collect::<BTreeSet<_>>(),
        round_trip_times: microseconds
            .map(|time| time.map(Duration::from_micros))
            .to_vec(),
        arrival: addresses == [BRANCH_VM] || addresses == [HUB_VM],
        refused: false,
    }
}

fn observed(hops: Vec<ObservedHop>) -> Observation {
    Observation {
        hops,
        send_error: None,
    }
}

fn documented_path() -> Observation {
    observed(vec![
        hop(1, &[GATEWAY], [Some(1_210), Some(400), Some(1_490)]),
        hop(2, &[], [None; 3]),
        hop(3, &[BRANCH_VM], [Some(1_920), Some(2_049), Some(12_345)]),
    ])
}

fn trace(observation: &Observation) -> String {
    let topology = topology();
    let target = tracert::Target {
        address: BRANCH_VM,
        most_hops: 30,
    };
    tracert::trace(
        target,
        observation,
        &tracert::names_of(&topology).seen_from(NodeId(0)),
    )
}

fn judged(verdict: Verdict, why: &str) -> Judgement {
    Judgement {
        verdict,
        why: why.to_owned(),
    }
}

/// A verification of which everything is given.
fn verified(
    topology: &Topology,
    results: Vec<(usize, Observation, Judgement)>,
) -> verification::Verification<'_> {
    let checked = |(expectation, observation, judgement): (usize, _, _)| verification::Checked {
        storyboard: None,
        state: verification::STEADY.to_owned(),
        expectation: &topology.expectations[expectation],
        observation,
        judgement,
        equal_cost: Vec::new(),
        why: None,
    };
    let results = results.into_iter().map(checked).collect();
    verification::Verification {
        topology,
        elapsed: Duration::from_micros(412_345),
        in_force: Vec::new(),
        results,
        probes: ProbeCount { sent: 90, lost: 1 },
        outages: Vec::new(),
        others: None,
        baseline: None,
    }
}

fn one_of_each(topology: &Topology) -> verification::Verification<'_> {
    let silence = || observed(vec![hop(64, &[], [None; 3])]);
    let answered = observed(vec![hop(64, &[HUB_VM], [Some(900), None, None])]);
    let unsent = Observation {
        hops: Vec::new(),
        send_error: Some("Network is unreachable".to_owned()),
    };
    let mut verification = verified(
        topology,
        vec![
            (0, documented_path(), judged(Verdict::Pass, "")),
            (1, silence(), judged(Verdict::Pass, "")),
            (
                0,
                observed(vec![hop(1, &[STRANGER], [None, None, Some(80_000)])]),
                judged(Verdict::Fail, "hop 1: no"),
            ),
            (1, answered, judged(Verdict::Fail, "expected silence")),
            (1, unsent, judged(Verdict::Fail, "could not send")),
            (
                1,
                observed(Vec::new()),
                judged(Verdict::Skip, "step was not reached"),
            ),
        ],
    );
    verification.results[5].state = "er1-primary down".to_owned();
    verification
}

#[test]
fn traces_are_shown_with_why_some_fail() {
    assert_snapshot!(verification::traces(&one_of_each(&topology())), @r"
    hub-vm -> branch-vm  pass
      1     1 ms    <1 ms     1 ms  hub-vpngw [10.10.30.142]
      2     *        *        *     Request timed out.
      3     2 ms     2 ms    12 ms  branch-vm [10.11.30.68]

    branch-vm -> hub-vm  pass
      Request timed out.

    hub-vm -> branch-vm  fail
      1     *        *       80 ms  203.0.113.9
      hop 1: no

    branch-vm -> hub-vm  fail
     64    <1 ms     *        *     hub-vm [10.10.30.4]
      expected silence

    branch-vm -> hub-vm  fail
      Transmit error: Network is unreachable.
      could not send

    branch-vm -> hub-vm  skip  [er1-primary down]
      step was not reached

    90 probes, 1 lost, at most 6667 a second
    2 paths proved, 3 failed, 1 skipped in 412 ms
    ");
}

#[test]
fn a_verification_shows_every_kind_of_failure() {
    assert_snapshot!(verification::text(&one_of_each(&topology())), @r"
    FROM       TO         STATE             VERDICT  RTT     HOPS
    hub-vm     branch-vm  steady            pass     1.9 ms  hub-vpngw > * > branch-vm
    branch-vm  hub-vm     steady            pass     -       no answer
    hub-vm     branch-vm  steady            fail     -       203.0.113.9
    branch-vm  hub-vm     steady            fail     0.9 ms  hub-vm
    branch-vm  hub-vm     steady            fail     -       not sent

    branch-vm  hub-vm     er1-primary down  skip     -       not tried

    hub-vm -> branch-vm  fail  [steady]
       HOP  EXPECTED                                      SEEN
    ✗  1    hub-vpngw [10.10.30.142] or 203.0.113.9 1 ms  203.0.113.9 80.0 ms
    ✗  2    *
    ✗  3    branch-vm [10.11.30.68] 2 ms
      hop 1: no

    branch-vm -> hub-vm  fail  [steady]
       HOP  EXPECTED   SEEN
    ✗  64   no answer  hub-vm [10.10.30.4]
      expected silence

    branch-vm -> hub-vm  fail  [steady]
      could not send

    1 path was not tried: step was not reached

    90 probes, 1 lost, at most 6667 a second
    2 paths proved, 3 failed, 1 skipped in 412 ms
    ");
}

#[test]
fn a_single_path_is_not_many() {
    let topology = topology();
    let verification = verified(
        &topology,
        vec![(0, documented_path(), judged(Verdict::Pass, ""))],
    );
    assert_snapshot!(verification::summary(&verification), @"
    90 probes, 1 lost, at most 6667 a second
    1 path proved, 0 failed, 0 skipped in 412 ms
    ");
}

#[test]
fn a_verification_is_json_as_documented() {
    let topology = topology();
    let mut verification = one_of_each(&topology);
    verification.results.truncate(2);
    let json = serde_json::to_string(&json::Verification::from(&verification)).unwrap();
    assert_snapshot!(json.replace(",\"", ",\n\""), @r#"
    {"lab":"two",
    "passed":2,
    "failed":0,
    "skipped":0,
    "elapsed_ms":412.345,
    "probes":{"sent":90,
    "lost":1,
    "most_per_second":6667.0},
    "results":[{"from":"hub-vm",
    "to":"branch-vm",
    "state":"steady",
    "storyboard":null,
    "verdict":"pass",
    "expected":{"hops":[["10.10.30.142",
    "203.0.113.9"],
    "*",
    "10.11.30.68"],
    "rtt_ms":[1.0,null,2.0]},
    "hops":[{"ttl":1,
    "address":"10.10.30.142",
    "addresses":["10.10.30.142"],
    "node":"hub-vpngw",
    "rtt_ms":[1.21,0.4,1.49]},{"ttl":2,
    "address":null,
    "addresses":[],
    "node":null,
    "rtt_ms":[null,null,null]},{"ttl":3,
    "address":"10.11.30.68",
    "addresses":["10.11.30.68"],
    "node":"branch-vm",
    "rtt_ms":[1.92,2.049,12.345]}],
    "reached":true,
    "why":"",
    "explanation":null,
    "equal_cost":[]},{"from":"branch-vm",
    "to":"hub-vm",
    "state":"steady",
    "storyboard":null,
    "verdict":"pass",
    "expected":{"unreachable":"timeout"},
    "hops":[],
    "reached":false,
    "why":"",
    "explanation":null,
    "equal_cost":[]}],
    "in_force":[],
    "storyboards":[]}
    "#);
}

#[test]
fn json_counts_verdicts_and_names_states() {
    let topology = topology();
    let verification = json::Verification::from(&one_of_each(&topology));
    assert_eq!(
        (
            verification.passed,
            verification.failed,
            verification.skipped
        ),
        (2, 3, 1)
    );
    let skipped = serde_json::to_string(&verification.results[5]).unwrap();
    assert_snapshot!(skipped, @r#"{"from":"branch-vm","to":"hub-vm","state":"er1-primary down","storyboard":null,"verdict":"skip","expected":{"unreachable":"timeout"},"hops":[],"reached":false,"why":"step was not reached","explanation":null,"equal_cost":[]}"#);
    let answered = serde_json::to_string(&verification.results[3]).unwrap();
    assert_snapshot!(answered, @r#"{"from":"branch-vm","to":"hub-vm","state":"steady","storyboard":null,"verdict":"fail","expected":{"unreachable":"timeout"},"hops":[{"ttl":64,"address":"10.10.30.4","addresses":["10.10.30.4"],"node":"hub-vm","rtt_ms":[0.9,null,null]}],"reached":true,"why":"expected silence","explanation":null,"equal_cost":[]}"#);
}
