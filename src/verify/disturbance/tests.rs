//! Expectations that fail because of a failure or an impairment of a link.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::Duration;

use insta::assert_snapshot;

use crate::network::{Disturbances, State};
use crate::routing::Failures;
use crate::topology::LinkId;
use crate::units::{Impairment, Share};
use crate::verify::tests::{Lab, answer, as_expected, silence};
use crate::verify::{InForce, Observation, Setting, Verdict};

/// The reason that is printed for a changed observation of a path of hub-spoke, with these disturbances of its links.
fn why(
    disturbances: &Disturbances,
    (from, to): (&str, &str),
    differ: impl FnOnce(&mut Observation),
) -> String {
    let lab = Lab::hub_spoke();
    let failures = Failures::noticed(&lab.topology, disturbances.down.clone());
    let topology = Cow::Borrowed(&lab.topology);
    let state = State::solve(topology, failures, disturbances.clone()).unwrap();
    let setting = Setting {
        state: &state,
        whole: &lab.tables,
    };
    let expectation = lab.expectation(from, to);
    let mut observation = as_expected(&expectation);
    differ(&mut observation);
    let judgement = setting.judge(&expectation, &observation);
    assert_eq!(judgement.verdict, Verdict::Fail);
    judgement.why
}

fn link(name: &str) -> LinkId {
    Lab::hub_spoke().topology.link_named(name).unwrap()
}

fn impaired(name: &str, change: impl Fn(&mut Impairment)) -> Disturbances {
    let link = link(name);
    let mut directions = Lab::hub_spoke().topology.link(link).directions;
    directions.iter_mut().for_each(change);
    Disturbances {
        impaired: [(link, directions)].into(),
        ..Disturbances::default()
    }
}

/// The hops after er1-primary, probed from loc1-vm, take longer.
fn slow(seen: &mut Observation) {
    for hop in seen.hops.iter_mut().skip(2) {
        for time in &mut hop.round_trip_times {
            *time = time.map(|time| time + Duration::from_millis(100));
        }
    }
}

/// The hops after er1-primary, probed from loc1-vm, do not answer.
fn silent(seen: &mut Observation) {
    for hop in seen.hops.iter_mut().skip(2) {
        *hop = silence(hop.ttl.get());
    }
}

#[test]
fn a_delay_by_command_is_named_and_not_the_machine() {
    let delayed = impaired("er1-primary", |way| way.delay = Duration::from_millis(50));
    let said = why(&delayed, ("loc1-vm", "hub-vm"), slow);
    assert_snapshot!(said, @"hop 3: expected 0 ms, the best of 3 took 100 ms; link er1-primary is impaired by `lab impair` (delay 50ms rate 1gbit): `lab impair er1-primary --clear` ends that");
}

#[test]
fn a_fault_is_named_with_what_heals_it() {
    let down = Disturbances {
        down: BTreeSet::from([link("er1-primary")]),
        ..Disturbances::default()
    };
    assert_snapshot!(why(&down, ("loc1-vm", "hub-vm"), silent), @"hop 3: expected 192.168.30.18, nobody answered; link er1-primary is down: `lab heal er1-primary` repairs it");
    // The packets take another path before they reach the link.
    let other = |seen: &mut Observation| seen.hops[0] = answer(1, "10.10.30.142", 1);
    assert_snapshot!(why(&down, ("hub-vm", "loc1-vm"), other), @"hop 1: expected 10.10.30.132, 10.10.30.142 (hub-vpngw) answered; link er1-primary is down: `lab heal er1-primary` repairs it");
    // Paths that do not cross the link have another reason, and so have hops before the link.
    let first = |seen: &mut Observation| seen.hops[0] = silence(1);
    for path in [("hub-vm", "spoke-vm"), ("loc1-vm", "hub-vm")] {
        assert!(!why(&down, path, first).contains("er1-primary"));
    }
}

#[test]
fn a_blackhole_and_loss_are_named() {
    let blackhole = Disturbances {
        blackholed: BTreeSet::from([link("er1-primary")]),
        ..Disturbances::default()
    };
    assert_snapshot!(why(&blackhole, ("loc1-vm", "hub-vm"), silent), @"hop 3: expected 192.168.30.18, nobody answered; link er1-primary silently drops all packets (`lab fault --blackhole`): `lab heal er1-primary` ends that");
    let lossy = impaired("er1-primary", |way| way.loss = Share::ALL);
    assert_snapshot!(why(&lossy, ("loc1-vm", "hub-vm"), silent), @"hop 3: expected 192.168.30.18, nobody answered; link er1-primary is impaired by `lab impair` (delay 450us loss 100% rate 1gbit): `lab impair er1-primary --clear` ends that");
    // Loss does not delay answers.
    assert!(!why(&lossy, ("loc1-vm", "hub-vm"), slow).contains("er1-primary"));
}

#[test]
fn a_delay_does_not_explain_silence() {
    let delayed = impaired("er1-primary", |way| way.delay = Duration::from_millis(50));
    assert!(!why(&delayed, ("loc1-vm", "hub-vm"), silent).contains("er1-primary"));
}

#[test]
fn everything_in_force_has_the_command_that_ends_it() {
    let lab = Lab::hub_spoke();
    let delay = Impairment::delay(Duration::from_millis(40));
    let one_way = [
        Impairment {
            loss: Share::ALL,
            ..delay
        },
        Impairment::default(),
    ];
    let disturbances = Disturbances {
        down: [link("er1-primary")].into(),
        blackholed: [link("er2-primary")].into(),
        shut: lab.topology.sessions_named("session:er1-msee2/loc1-ce2"),
        impaired: [
            (link("er1-primary"), [delay, delay]),
            (link("er2-primary"), one_way),
        ]
        .into(),
    };
    let all = InForce::of(&lab.topology, &disturbances);
    let lines: Vec<String> = all.iter().map(InForce::to_string).collect();
    assert_snapshot!(lines.join("\n"), @r"
    link er1-primary is down: `lab heal er1-primary` repairs it
    link er2-primary silently drops all packets (`lab fault --blackhole`): `lab heal er2-primary` ends that
    BGP session er1-msee2/loc1-ce2 is shut (`lab fault`): `lab heal session:er1-msee2/loc1-ce2` opens it
    link er1-primary is impaired by `lab impair` (delay 40ms): `lab impair er1-primary --clear` ends that
    link er2-primary is impaired by `lab impair` (from er2-msee1: delay 40ms loss 100%; from loc2-ce1: has no impairment): `lab impair er2-primary --clear` ends that
    ");
    assert_eq!(InForce::of(&lab.topology, &Disturbances::default()), []);
}
