//! What the routes explain about paths and times that are not as expected.

use std::time::Duration;

use insta::assert_snapshot;

use crate::addresses::Address;
use crate::topology::{Expectation, ExpectedHop, ExpectedPath};
use crate::verify::Observation;
use crate::verify::tests::{HUB_SPOKE, Lab, answer, silence};

#[test]
fn a_packet_that_has_no_route_names_who_loses_it() {
    let lab = Lab::hub_spoke();
    let hop = ExpectedHop {
        addresses: vec![Address::v4(127, 0, 0, 1)],
        words: Vec::new(),
        round_trip_time: None,
    };
    let why = |from, to| {
        let expectation = Expectation {
            path: ExpectedPath::Hops(vec![hop.clone()]),
            ..lab.expectation(from, to)
        };
        let hops = vec![silence(1)];
        let observation = Observation {
            hops,
            send_error: None,
        };
        lab.judge(&expectation, &observation).why
    };
    assert_snapshot!(why("branch-vm", "loc2-vm"), @"hop 1: expected 127.0.0.1, nobody answered; by the routes, branch-vm has no route to 10.1.31.10");
    assert_snapshot!(why("loc2-vm", "branch-vm"), @"hop 1: expected 127.0.0.1, nobody answered; by the routes, the packet is lost at loc2-ce1, which has no route to 10.11.30.68");
}

#[test]
fn a_path_that_is_longer_than_expected_blames_the_expectation() {
    let lab = Lab::hub_spoke();
    let mut expectation = lab.expectation("hub-vm", "branch-vm");
    if let ExpectedPath::Hops(hops) = &mut expectation.path {
        hops.remove(1);
    }
    let observation = Observation {
        hops: vec![answer(1, "10.10.30.142", 1), silence(2)],
        send_error: None,
    };
    assert_snapshot!(lab.judge(&expectation, &observation).why, @"hop 2: expected 10.11.30.68, nobody answered; by the routes, the path is hub-vm > hub-vpngw > branch-vpngw > branch-vm and back; if the packets took this path, correct the expectation; if not, the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
}

#[test]
fn a_tunnel_that_renews_the_ttl_ends_the_count_of_hops() {
    let why = Lab::hub_spoke().why("loc1-vm", "branch-vm", |seen| seen.hops[2] = silence(3));
    assert_snapshot!(why, @"hop 3: expected 10.11.30.68, nobody answered; by the routes, the path is loc1-vm > loc1-lan > loc1-ce1 > hub-vpngw > branch-vpngw > branch-vm and back; so the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
}

#[test]
fn an_azure_router_without_a_way_back_is_named() {
    let lab = Lab::from_text(&HUB_SPOKE.replace("advertise: [10.2.30.0/25]", "advertise: []"));
    let why = lab.why("loc1-vm", "hub-vm", |seen| seen.hops[4] = silence(5));
    assert_snapshot!(why, @"hop 5: expected 10.10.30.4, nobody answered; by the routes, the packet is lost at er1-msee1, which has no route back to 10.2.30.10");
}

#[test]
fn a_link_that_is_down_shows_where_the_reply_is_lost() {
    let lab = Lab::hub_spoke().without(&["loc2-ce1-loc2-lan"]);
    let why = lab.why("loc2-vm", "hub-vm", |seen| seen.hops[4] = silence(5));
    assert_snapshot!(why, @"hop 5: expected 10.10.30.4, nobody answered; by the routes, the reply is lost at loc2-ce1, which has no route to 10.1.31.10");
}

#[test]
fn a_reply_that_takes_another_way_is_shown() {
    let why = Lab::hub_spoke().why("hub-vm", "remote-vm", |seen| seen.hops[2] = silence(3));
    assert_snapshot!(why, @"hop 3: expected 10.17.30.4, nobody answered; by the routes, the path is hub-vm > er1-msee1 > remote-ergw > remote-vm and back over er1-msee1 > hub-ergw; so the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
}

/// The delay of each link at which the ten links of a round trip between hub-vm and branch-vm take the documented 2 ms.
const DOCUMENTED: Duration = Duration::from_micros(200);

/// The reason that is printed for hop 3 from hub-vm to branch-vm, if each link takes `delay` and the probes take
/// `times`.
fn said_of(delay: Duration, times: Vec<Option<Duration>>) -> String {
    let lab = Lab::hub_spoke().with_delays(delay);
    lab.why("hub-vm", "branch-vm", |seen| {
        seen.hops[2].round_trip_times = times;
    })
}

#[test]
fn a_slow_hop_blames_the_machine() {
    let slow = Duration::from_micros(9_437);
    let why = said_of(DOCUMENTED, vec![None, Some(slow), Some(slow * 2)]);
    assert_snapshot!(why, @"hop 3: expected 2 ms, the best of 3 took 9.44 ms; the lab's links take 2 ms there and back; the rest is the delay of this machine: verify again when it is less busy");
}

#[test]
fn a_delay_that_is_not_there_blames_the_kernel() {
    let lab = Lab::hub_spoke().with_delays(Duration::from_micros(6_900));
    let fast = vec![Some(Duration::from_micros(180)); 3];
    let why = lab.why("hub-vm", "remote-vm", |seen| {
        seen.hops[2].round_trip_times = fast;
    });
    assert_snapshot!(why, @"hop 3: expected 69 ms, the best of 3 took 0.18 ms; the lab's links take 69 ms there and back; so the kernel's state differs from what was planned: `lab down` and `lab up` restore it");
}

#[test]
fn a_link_that_is_too_long_blames_the_lab_file() {
    let why = said_of(
        Duration::from_millis(4),
        vec![Some(Duration::from_millis(25)); 3],
    );
    assert_snapshot!(why, @"hop 3: expected 2 ms, the best of 3 took 25 ms; the lab's links take 40 ms there and back, so the links or the expectation need correcting");
}
