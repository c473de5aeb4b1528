//! Judgements of paths that only have to arrive, or to cross and avoid nodes.

use std::borrow::Cow;

use insta::assert_snapshot;

use crate::network::{Disturbances, State};
use crate::routing::Failures;
use crate::topology::{Expectation, ExpectedPath, Waypoint};
use crate::verify::tests::{HUB_SPOKE, Lab, answer, arrival, silence};
use crate::verify::{Observation, ObservedHop, Verdict, as_probed, predict};

/// An expectation for a pair of a lab's machines. An item with several names means any of them.
fn expecting(lab: &Lab, [from, to]: [&str; 2], via: &[&str], not_via: &[&str]) -> Expectation {
    let waypoint = |names: &&str| {
        let names: Vec<String> = names.split(' ').map(str::to_owned).collect();
        let nodes = names.iter().flat_map(|name| lab.topology.nodes_named(name));
        Waypoint {
            nodes: nodes.collect(),
            names,
        }
    };
    Expectation {
        from: lab.node(from),
        to: lab.node(to),
        path: ExpectedPath::Reached {
            via: via.iter().map(waypoint).collect(),
            not_via: not_via.iter().map(waypoint).collect(),
        },
    }
}

fn state(lab: &Lab) -> State<'_> {
    let topology = Cow::Borrowed(&lab.topology);
    State::solve(topology, Failures::default(), Disturbances::default()).unwrap()
}

fn seen(hops: Vec<ObservedHop>) -> Observation {
    Observation {
        hops,
        send_error: None,
    }
}

/// An observation of the path that the routes predict.
fn as_predicted(lab: &Lab, expectation: &Expectation) -> Observation {
    let predicted = predict(&state(lab), expectation.from, expectation.to);
    let hops = predicted.hops.unwrap();
    let last = hops.len();
    let hop = |(address, ttl): (_, u8)| match address {
        Some(address) if usize::from(ttl) == last => arrival(ttl, &format!("{address}")),
        Some(address) => answer(ttl, &format!("{address}"), 1),
        None => silence(ttl),
    };
    seen(
        hops.into_iter()
            .map(|it: Option<_>| it)
            .zip(1..)
            .map(hop)
            .collect(),
    )
}

/// Why the expectation fails although packets take the predicted path; empty if it holds. Also checks that the routes
/// alone give the same result.
fn why(lab: &Lab, pair: [&str; 2], via: &[&str], not_via: &[&str]) -> String {
    let expectation = expecting(lab, pair, via, not_via);
    let judgement = lab.judge(&expectation, &as_predicted(lab, &expectation));
    let holds = judgement.verdict == Verdict::Pass;
    let predicted = predict(&state(lab), expectation.from, expectation.to);
    assert_eq!(predicted.is_as_expected(&state(lab), &expectation), holds);
    judgement.why
}

const OUT: [&str; 2] = ["hub-vm", "loc1-vm"];

#[test]
fn a_path_crosses_silent_nodes_too() {
    let lab = Lab::hub_spoke();
    assert_eq!(why(&lab, OUT, &[], &[]), "");
    assert_eq!(
        why(&lab, OUT, &["loc1-ce1", "er1-msee1"], &["hub-ergw"]),
        ""
    );
    let back = ["loc1-vm", "hub-vm"];
    assert_eq!(why(&lab, back, &["hub-ergw"], &["hub-vpngw"]), "");
    assert_eq!(
        why(&lab, back, &["loc1-vm", "hub-vm"], &["loc1-vm", "hub-vm"]),
        "",
        "ends"
    );
    assert_snapshot!(why(&lab, OUT, &["er1-msee1", "hub-vpngw"], &[]), @r"expected a path via hub-vpngw; by the routes, the path is hub-vm > er1-msee1 > loc1-ce1 > loc1-lan > loc1-vm, and the hops that answered agree");
    assert_snapshot!(why(&lab, back, &["er1-msee1"], &["loc1-lan", "hub-ergw"]), @r"expected a path that is not via loc1-lan; by the routes, the path is loc1-vm > loc1-lan > loc1-ce1 > er1-msee1 > hub-ergw > hub-vm, and the hops that answered agree");
}

#[test]
fn all_of_several_equal_paths_count() {
    let lab = Lab::from_text(include_str!("../../../labs/hub-nva.yaml"));
    let pair = ["spoke1-vm", "spoke2-vm"];
    assert_eq!(why(&lab, pair, &["nva1 nva2"], &[]), "");
    assert_snapshot!(why(&lab, pair, &["nva1"], &[]), @r"expected every path via nva1, only some of the equal-cost paths are; by the routes, one of several equal-cost paths is spoke1-vm > nva1 > spoke2-vm, and the hops that answered agree");
    assert_snapshot!(why(&lab, pair, &[], &["nva2"]), @r"expected a path that is not via nva2; by the routes, one of several equal-cost paths is spoke1-vm > nva1 > spoke2-vm, and the hops that answered agree");
    assert_snapshot!(why(&lab, pair, &["hub-vm"], &[]), @r"expected a path via hub-vm; by the routes, one of several equal-cost paths is spoke1-vm > nva1 > spoke2-vm, and the hops that answered agree");
}

#[test]
fn packets_must_arrive() {
    let lab = Lab::hub_spoke();
    let why = |pair, hops| {
        let expectation = expecting(&lab, pair, &["hub-vpngw"], &[]);
        lab.judge(&expectation, &seen(hops)).why
    };
    assert_snapshot!(why(OUT, vec![answer(1, "10.10.30.132", 2), silence(2)]), @r"expected an answer of loc1-vm, the last answer came from 10.10.30.132 (er1-msee1) at hop 1; by the routes, the path is hub-vm > er1-msee1 > loc1-ce1 > loc1-lan > loc1-vm and back over loc1-lan > loc1-ce1 > er1-msee1 > hub-ergw; so the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
    let refused = ObservedHop {
        refused: true,
        ..answer(2, "192.168.30.0", 1)
    };
    assert_snapshot!(why(["loc1-vm", "hub-vm"], vec![silence(1), refused]), @r"hop 2: 192.168.30.0 (loc1-ce1) answered that the destination is unreachable; by the routes, the path is loc1-vm > loc1-lan > loc1-ce1 > er1-msee1 > hub-ergw > hub-vm and back over er1-msee1 > loc1-ce1 > loc1-lan; so the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
    assert_snapshot!(why(["branch-vm", "loc2-vm"], vec![silence(64)]), @r"expected an answer of loc2-vm, nobody answered; by the routes, branch-vm has no route to 10.1.31.10");
    assert_snapshot!(why(["branch-vm", "loc2-vm"], vec![arrival(64, "10.1.31.10")]), @r"packets arrive although the routes lose them; by the routes, the path is branch-vm; so the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
}

#[test]
fn hops_that_answer_must_agree_with_the_routes() {
    let lab = Lab::hub_spoke();
    let why = |via: &[&str], change: &dyn Fn(&mut Observation)| {
        let expectation = expecting(&lab, OUT, via, &[]);
        let mut observation = as_predicted(&lab, &expectation);
        change(&mut observation);
        lab.judge(&expectation, &observation).why
    };
    let elsewhere = |seen: &mut Observation| seen.hops[0] = answer(1, "10.10.30.142", 1);
    assert_eq!(why(&[], &elsewhere), "", "no finding about the path");
    assert_snapshot!(why(&["er1-msee1"], &elsewhere), @r"10.10.30.142 (hub-vpngw) answered at hop 1; by the routes, the path is hub-vm > er1-msee1 > loc1-ce1 > loc1-lan > loc1-vm; so the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
    assert_snapshot!(why(&["hub-vpngw"], &elsewhere), @r"expected a path via hub-vpngw; by the routes, the path is hub-vm > er1-msee1 > loc1-ce1 > loc1-lan > loc1-vm, but 10.10.30.142 (hub-vpngw) answered at hop 1, so the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
    let shorter = |seen: &mut Observation| {
        seen.hops.truncate(3);
        seen.hops[2] = arrival(3, "10.2.30.10");
    };
    assert_snapshot!(why(&["er1-msee1"], &shorter), @r"the destination answered at hop 3 instead of 4; by the routes, the path is hub-vm > er1-msee1 > loc1-ce1 > loc1-lan > loc1-vm; so the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
}

#[test]
fn a_path_whose_hops_are_not_named_is_probed_as_the_routes_predict_it() {
    let lab =
        Lab::from_text(&HUB_SPOKE.replace("vpnGatewayHops: legacy", "vpnGatewayHops: transparent"));
    let probed = |pair: [&str; 2]| {
        let expectation = expecting(&lab, pair, &[], &[]);
        let probed = as_probed(&state(&lab), &expectation).into_owned();
        let hops = probed.hops().iter().map(|hop| hop.addresses.len());
        hops.collect::<Vec<_>>()
    };
    assert_eq!(probed(OUT), [1, 0, 0, 1]);
    assert_eq!(probed(["branch-vm", "loc2-vm"]), Vec::<usize>::new());
}
