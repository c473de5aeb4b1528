//! Judgements about the hub-spoke lab, whose expectations come from traces in real Azure networks.

use std::{collections::BTreeSet, time::Duration};

use insta::assert_snapshot;

use super::*;
use crate::addresses::Address;
use crate::lab::resolve;
use crate::routing::{Failures, Tables, solve};
use crate::topology::{Expectation, ExpectedHop, LinkId, NodeId, Topology};
use crate::units::{Impairment, Ttl};

pub(super) const HUB_SPOKE: &str = include_str!("../../labs/hub-spoke.yaml");

pub(super) struct Lab {
    pub(super) topology: Topology,
    pub(super) tables: Tables,
}

impl Lab {
    pub(super) fn from_text(text: &str) -> Self {
        let topology = resolve(&crate::lab::parse(text).unwrap()).unwrap();
        let tables = solve(&topology, &Failures::default()).unwrap();
        Self { topology, tables }
    }

    pub(super) fn hub_spoke() -> Self {
        Self::from_text(HUB_SPOKE)
    }

    /// The lab with some of its links down.
    pub(super) fn without(mut self, down: &[&str]) -> Self {
        let links = self.topology.links.iter().zip(0..);
        let down = links.filter(|(link, _)| down.contains(&link.name.as_str()));
        let down: BTreeSet<_> = down.map(|(_, id)| LinkId(id)).collect();
        assert!(!down.is_empty(), "no such link");
        let failures = Failures::noticed(&self.topology, down);
        self.tables = solve(&self.topology, &failures).unwrap();
        self
    }

    pub(super) fn node(&self, name: &str) -> NodeId {
        self.topology.find(name).unwrap()
    }

    /// The lab with the same delay on all links, except those between a public address and the internet.
    pub(super) fn with_delays(mut self, delay: Duration) -> Self {
        let internet = self.topology.find("internet");
        let interfaces = &self.topology.interfaces;
        for link in &mut self.topology.links {
            let ends = link
                .ends
                .map(|end| Some(interfaces[end.0].node) == internet);
            if ends[0] != ends[1] {
                continue;
            }
            link.directions = [Impairment::delay(delay); 2];
        }
        self
    }

    pub(super) fn expectation(&self, from: &str, to: &str) -> Expectation {
        let ends = (self.node(from), self.node(to));
        let is_asked = |e: &&Expectation| (e.from, e.to) == ends;
        self.topology
            .expectations
            .iter()
            .find(is_asked)
            .unwrap()
            .clone()
    }

    pub(super) fn demand(&self, from: &str, to: &str) -> Demand {
        let ends = (self.node(from), self.node(to));
        let all = demands(&self.topology, &self.tables, &self.topology.expectations);
        all.into_iter()
            .find(|demand| (demand.from, demand.to) == ends)
            .unwrap()
    }

    pub(super) fn judge(&self, expectation: &Expectation, observation: &Observation) -> Judgement {
        judge(&self.topology, &self.tables, expectation, observation)
    }

    /// Why a matching observation fails after `change`.
    pub(super) fn why(
        &self,
        from: &str,
        to: &str,
        change: impl FnOnce(&mut Observation),
    ) -> String {
        let expectation = self.expectation(from, to);
        let mut observation = as_expected(&expectation);
        change(&mut observation);
        let judgement = self.judge(&expectation, &observation);
        assert_eq!(judgement.verdict, Verdict::Fail);
        judgement.why
    }
}

pub(super) fn ttl(hops: u8) -> Ttl {
    Ttl::new(hops).unwrap()
}

pub(super) fn silence(hops: u8) -> ObservedHop {
    ObservedHop {
        ttl: ttl(hops),
        addresses: BTreeSet::new(),
        round_trip_times: vec![None; 3],
        arrival: false,
        refused: false,
    }
}

pub(super) fn answer(hops: u8, address: &str, milliseconds: u64) -> ObservedHop {
    ObservedHop {
        addresses: BTreeSet::from([address.parse().unwrap()]),
        round_trip_times: vec![Some(Duration::from_millis(milliseconds)); 3],
        ..silence(hops)
    }
}

pub(super) fn arrival(hops: u8, address: &str) -> ObservedHop {
    ObservedHop {
        arrival: true,
        ..answer(hops, address, 1)
    }
}

/// An observation that matches an expectation exactly.
pub(super) fn as_expected(expectation: &Expectation) -> Observation {
    let expected = expectation.hops();
    if expected.is_empty() {
        return Observation {
            hops: vec![silence(64)],
            send_error: None,
        };
    }
    let hop = |(hop, number): (&ExpectedHop, u8)| {
        let answers = !hop.addresses.is_empty();
        ObservedHop {
            addresses: hop.addresses.iter().copied().collect(),
            round_trip_times: vec![hop.round_trip_time.filter(|_| answers); 3],
            arrival: usize::from(number) == expected.len(),
            ..silence(number)
        }
    };
    Observation {
        hops: expected.iter().zip(1..).map(hop).collect(),
        send_error: None,
    }
}

#[test]
fn an_observation_as_expected_passes() {
    let lab = Lab::hub_spoke();
    assert_eq!(lab.topology.expectations.len(), 30);
    for expectation in &lab.topology.expectations {
        let judgement = lab.judge(expectation, &as_expected(expectation));
        assert_eq!(
            judgement,
            Judgement {
                verdict: Verdict::Pass,
                why: String::new()
            }
        );
    }
}

#[test]
fn one_member_of_an_equal_cost_set_is_enough() {
    let lab = Lab::hub_spoke();
    let expectation = lab.expectation("hub-vm", "loc2-vm");
    let mut observation = as_expected(&expectation);
    observation.hops[0] = answer(1, "10.10.30.135", 75);
    assert_eq!(lab.judge(&expectation, &observation).verdict, Verdict::Pass);
}

#[test]
fn one_answer_of_three_is_enough() {
    let lab = Lab::hub_spoke();
    let expectation = lab.expectation("hub-vm", "branch-vm");
    let mut observation = as_expected(&expectation);
    observation.hops[2].round_trip_times = vec![
        None,
        Some(Duration::from_millis(40)),
        Some(Duration::from_millis(3)),
    ];
    assert_eq!(lab.judge(&expectation, &observation).verdict, Verdict::Pass);
}

#[test]
fn a_silent_hop_that_should_answer_fails() {
    let why = Lab::hub_spoke().why("hub-vm", "branch-vm", |seen| seen.hops[0] = silence(1));
    assert_snapshot!(why, @"hop 1: expected 10.10.30.142, nobody answered; by the routes, the path is hub-vm > hub-vpngw > branch-vpngw > branch-vm and back; if the packets took this path, correct the expectation; if not, the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
}

#[test]
fn a_stranger_fails() {
    let why = Lab::hub_spoke().why("hub-vm", "branch-vm", |seen| {
        seen.hops[0] = answer(1, "10.10.30.132", 1);
    });
    assert_snapshot!(why, @"hop 1: expected 10.10.30.142, 10.10.30.132 (er1-msee1) answered; by the routes, the path is hub-vm > hub-vpngw > branch-vpngw > branch-vm and back; if the packets took this path, correct the expectation; if not, the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
}

#[test]
fn a_stranger_beside_the_expected_fails() {
    let why = Lab::hub_spoke().why("hub-vm", "loc1-vm", |seen| {
        seen.hops[0].addresses.insert(Address::v4(10, 10, 30, 133));
    });
    assert_snapshot!(why, @"hop 1: expected 10.10.30.132, 10.10.30.133 (er1-msee2) answered too; by the routes, the path is hub-vm > er1-msee1 > loc1-ce1 > loc1-lan > loc1-vm and back over loc1-lan > loc1-ce1 > er1-msee1 > hub-ergw; if the packets took this path, correct the expectation; if not, the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
}

#[test]
fn an_address_that_nobody_has_stands_alone() {
    let why = Lab::hub_spoke().why("hub-vm", "loc2-vm", |seen| {
        seen.hops[0] = answer(1, "203.0.113.1", 75);
    });
    assert_snapshot!(why, @"hop 1: expected 10.10.30.134 or 10.10.30.135, 203.0.113.1 answered; by the routes, the path is hub-vm > er2-msee1 > loc2-ce1 > loc2-lan > loc2-vm and back over loc2-lan > loc2-ce1 > er2-msee1 > hub-ergw; if the packets took this path, correct the expectation; if not, the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
}

#[test]
fn an_answer_from_a_silent_hop_fails() {
    let why = Lab::hub_spoke().why("hub-vm", "loc1-vm", |seen| {
        seen.hops[1] = answer(2, "192.168.30.17", 1);
    });
    assert_snapshot!(why, @"hop 2: expected silence, 192.168.30.17 (loc1-ce1) answered; by the routes, the path is hub-vm > er1-msee1 > loc1-ce1 > loc1-lan > loc1-vm and back over loc1-lan > loc1-ce1 > er1-msee1 > hub-ergw; if the packets took this path, correct the expectation; if not, the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
}

#[test]
fn an_early_arrival_fails() {
    let why = Lab::hub_spoke().why("hub-vm", "branch-vm", |seen| {
        seen.hops[1] = arrival(2, "10.11.30.68");
        seen.hops.truncate(2);
    });
    assert_snapshot!(why, @"the destination answers at hop 2 already; 3 hops were expected; by the routes, the path is hub-vm > hub-vpngw > branch-vpngw > branch-vm and back; if the packets took this path, correct the expectation; if not, the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
}

#[test]
fn a_destination_that_does_not_answer_fails_and_blames_the_kernel() {
    let why = Lab::hub_spoke().why("hub-vm", "branch-vm", |seen| seen.hops[2] = silence(3));
    assert_snapshot!(why, @"hop 3: expected 10.11.30.68, nobody answered; by the routes, the path is hub-vm > hub-vpngw > branch-vpngw > branch-vm and back; so the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
}

#[test]
fn a_last_hop_that_only_forwards_fails() {
    let why = Lab::hub_spoke().why("hub-vm", "spoke-vm", |seen| seen.hops[0].arrival = false);
    assert_snapshot!(why, @"hop 1: expected an echo reply, an ICMP error came from 10.11.30.4 (spoke-vm); by the routes, the path is hub-vm > spoke-vm and back; so the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
}

#[test]
fn a_refusal_fails() {
    let why = Lab::hub_spoke().why("loc1-vm", "hub-vm", |seen| {
        seen.hops[1].refused = true;
        seen.hops.truncate(2);
    });
    assert_snapshot!(why, @"hop 2: 192.168.30.0 (loc1-ce1) answered that the destination is unreachable; by the routes, the path is loc1-vm > loc1-lan > loc1-ce1 > er1-msee1 > hub-ergw > hub-vm and back over er1-msee1 > loc1-ce1 > loc1-lan; so the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
}

#[test]
fn silence_that_nobody_probed_proves_nothing() {
    let lab = Lab::hub_spoke();
    let why = lab.why("branch-vm", "loc2-vm", |seen| seen.hops.clear());
    assert_snapshot!(why, @"nothing was probed");
    let why = lab.why("hub-vm", "branch-vm", |seen| {
        seen.hops[1].round_trip_times.clear();
    });
    assert_snapshot!(why, @"hop 2 was not probed; by the routes, the path is hub-vm > hub-vpngw > branch-vpngw > branch-vm and back; if the packets took this path, correct the expectation; if not, the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
}

#[test]
fn a_probe_that_could_not_be_sent_fails() {
    let lab = Lab::hub_spoke();
    let unsent = |seen: &mut Observation| {
        seen.hops.clear();
        seen.send_error = Some("Network is unreachable".to_owned());
    };
    assert_snapshot!(lab.why("hub-vm", "spoke-vm", unsent), @"hub-vm could not send a probe: Network is unreachable; by the routes, the path is hub-vm > spoke-vm and back; so the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
    assert_snapshot!(lab.why("branch-vm", "loc2-vm", unsent), @"branch-vm could not send a probe: Network is unreachable; by the routes, branch-vm has no route to 10.1.31.10");
}

#[test]
fn an_answer_where_nothing_may_come_back_fails() {
    let lab = Lab::hub_spoke();
    let why = lab.why("branch-vm", "loc2-vm", |seen| {
        seen.hops[0] = arrival(64, "10.1.31.10");
    });
    assert_snapshot!(why, @"expected silence, but 10.1.31.10 (loc2-vm) answered; by the routes, branch-vm has no route to 10.1.31.10; so the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
    let why = lab.why("loc1-vm", "loc2-vm", |seen| {
        seen.hops[0] = ObservedHop {
            refused: true,
            ..answer(64, "192.168.30.0", 1)
        };
    });
    assert_snapshot!(why, @"expected silence, but an ICMP error came from 192.168.30.0 (loc1-ce1); by the routes, the packet is lost at loc1-ce1, which has no route to 10.1.31.10");
}
