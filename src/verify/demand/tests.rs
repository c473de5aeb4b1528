//! How the expectations of the hub-spoke lab are probed.

use std::{collections::BTreeSet, time::Duration};

use crate::addresses::Address;
use crate::verify::demands;
use crate::verify::tests::{Lab, ttl};

#[test]
fn a_path_is_probed_as_far_as_it_is_expected_to_go() {
    let lab = Lab::hub_spoke().with_delays(Duration::from_millis(1));
    let demand = lab.demand("hub-vm", "branch-vm");
    assert_eq!((demand.first_ttl, demand.last_ttl), (ttl(1), ttl(3)));
    assert_eq!(demand.silent, BTreeSet::from([ttl(2)]));
    assert_eq!(demand.destination, Address::v4(10, 11, 30, 68));
    assert_eq!(demand.settle, Duration::from_millis(110));
    assert_eq!(demand.patience, Duration::from_millis(1_010));
}

#[test]
fn silence_is_waited_for_as_long_as_the_longest_way_takes() {
    let lab = Lab::hub_spoke().with_delays(Duration::from_millis(1));
    let demand = lab.demand("branch-vm", "loc2-vm");
    assert_eq!((demand.first_ttl, demand.last_ttl), (ttl(64), ttl(64)));
    assert_eq!(demand.silent, BTreeSet::from([ttl(64)]));
    assert_eq!(demand.settle, Duration::from_millis(114));
}

/// Probes wait for the jitter of both directions, as for delays. A tunnel has the jitter of the link that carries it.
/// Links off the path do not count.
#[test]
fn a_jittery_link_is_waited_for() {
    let settle = |links: &[(&str, usize)]| {
        let mut lab = Lab::hub_spoke().with_delays(Duration::from_millis(1));
        for (name, from) in links {
            let link = lab.topology.link_named(name).unwrap();
            lab.topology.links[link.0].directions[*from].jitter = Duration::from_millis(20);
        }
        let demand = lab.demand("hub-vm", "branch-vm");
        let spare = Duration::from_millis(900);
        assert_eq!(demand.patience, demand.settle + spare);
        demand.settle.as_millis()
    };
    assert_eq!(settle(&[]), 110);
    assert_eq!(settle(&[("hub-vm", 0)]), 150);
    assert_eq!(settle(&[("hub-vm", 1)]), 150);
    assert_eq!(settle(&[("hub-vm", 0), ("branch-vm", 1)]), 190);
    assert_eq!(settle(&[("internet-hub-branch", 0)]), 150);
    assert_eq!(settle(&[("spoke-vm", 0)]), 110);
    let mut lab = Lab::hub_spoke().with_delays(Duration::from_millis(1));
    let link = lab.topology.link_named("hub-vm").unwrap();
    lab.topology.links[link.0].directions[0].jitter = Duration::from_millis(500);
    assert!(lab.demand("branch-vm", "loc2-vm").settle >= Duration::from_secs(1));
}

#[test]
fn demands_come_in_the_order_of_the_expectations() {
    let lab = Lab::hub_spoke();
    let ends: Vec<_> = lab
        .topology
        .expectations
        .iter()
        .map(|e| (e.from, e.to))
        .collect();
    let demanded = demands(&lab.topology, &lab.tables, &lab.topology.expectations);
    assert_eq!(
        demanded
            .iter()
            .map(|demand| (demand.from, demand.to))
            .collect::<Vec<_>>(),
        ends
    );
}

#[test]
fn an_address_is_found_on_interfaces_and_loopbacks() {
    let lab = Lab::hub_spoke();
    let from = lab.topology.find("hub-vm").unwrap();
    let name = |address: [u8; 4]| {
        let owner = lab.topology.owner(from, address.into());
        owner.map(|node| lab.topology.node(node).name.as_str())
    };
    assert_eq!(name([10, 10, 30, 132]), Some("er1-msee1"));
    assert_eq!(name([10, 10, 30, 254]), Some("hub-vpngw"));
    assert_eq!(name([203, 0, 113, 1]), None);
}
