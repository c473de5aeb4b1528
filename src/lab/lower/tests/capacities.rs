//! The capacities of circuits and gateways, and the links that carry tunnels.

use super::*;
use crate::azure::gateway::capacity::encrypted_rate;
use crate::units::Bandwidth;

const LABS: [(&str, &str); 6] = [
    (
        "er-resiliency",
        include_str!("../../../../labs/er-resiliency.yaml"),
    ),
    (
        "er-vpn-coexistence",
        include_str!("../../../../labs/er-vpn-coexistence.yaml"),
    ),
    ("hub-nva", include_str!("../../../../labs/hub-nva.yaml")),
    ("hub-spoke", include_str!("../../../../labs/hub-spoke.yaml")),
    (
        "s2s-over-expressroute",
        include_str!("../../../../labs/s2s-over-expressroute.yaml"),
    ),
    ("two-hubs", include_str!("../../../../labs/two-hubs.yaml")),
];

/// Every capacity: its owner, its interfaces and its rate in encrypted frames.
fn capacities(topology: &Topology) -> String {
    let capacity = |capacity: &Capacity| {
        let interfaces = capacity.interfaces.iter();
        let interfaces: Vec<_> = interfaces.map(|id| interface(topology, *id)).collect();
        let (name, rate) = (&capacity.name, capacity.rate.tc_text());
        format!("{name}: {rate} at {}", interfaces.join(", "))
    };
    lines(topology.capacities.iter().map(capacity))
}

/// Every link that has a rate.
fn rates(topology: &Topology) -> String {
    let links = topology.links.iter();
    let rated = links.filter(|link| link.directions.iter().any(|way| way.rate.is_some()));
    lines(rated.map(|link| {
        let [there, back] = link.directions;
        format!("{}: [{there}] [{back}]", link.name)
    }))
}

#[test]
fn every_shipped_lab_says_what_its_gateways_and_circuits_carry() {
    let labs = LABS.map(|(name, text)| {
        let topology = built(text);
        assert_eq!(topology.name.as_str(), name);
        [name.to_owned(), capacities(&topology), rates(&topology)].join("\n")
    });
    insta::assert_snapshot!(labs.join("\n"), @"
    er-resiliency

    hub-ergw: [rate 2gbit] []
    west-ergw: [rate 2gbit] []
    er1-primary: [delay 1ms rate 1gbit] [delay 1ms rate 1gbit]
    er1-secondary: [delay 1ms rate 1gbit] [delay 1ms rate 1gbit]
    er2-primary: [delay 12ms rate 1gbit] [delay 12ms rate 1gbit]
    er2-secondary: [delay 12ms rate 1gbit] [delay 12ms rate 1gbit]
    er-vpn-coexistence
    hub-vpngw: 688071428bit at hub-vpngw-in0@internet 169.254.193.43/32, hub-vpngw-in1@internet 169.254.208.157/32
    hub-ergw: [rate 1gbit] []
    er-primary: [delay 300us rate 1gbit] [delay 300us rate 1gbit]
    er-secondary: [delay 300us rate 1gbit] [delay 300us rate 1gbit]
    hub-nva
    hub-vpngw: 688071428bit at hub-vpngw@internet 169.254.254.116/32

    hub-spoke
    hub-vpngw: 688071428bit at hub-vpngw@internet 169.254.212.144/32
    branch-vpngw: 688071428bit at branch-vpngw@internet 169.254.243.220/32
    hub-ergw: [rate 1gbit] []
    remote-ergw: [rate 1gbit] []
    er1-primary: [delay 450us rate 1gbit] [delay 450us rate 1gbit]
    er1-secondary: [delay 450us rate 1gbit] [delay 450us rate 1gbit]
    er2-primary: [delay 300us rate 1gbit] [delay 300us rate 1gbit]
    er2-secondary: [delay 300us rate 1gbit] [delay 300us rate 1gbit]
    s2s-over-expressroute
    core-vpngw: 688071428bit at core-vpngw-in0@internet 169.254.238.223/32, core-vpngw-in1@internet 169.254.247.104/32
    core-ergw: [rate 1gbit] []
    er1-primary: [delay 1ms rate 1gbit] [delay 1ms rate 1gbit]
    er1-secondary: [delay 1ms rate 1gbit] [delay 1ms rate 1gbit]
    two-hubs
    hub1-vpngw: 688071428bit at hub1-vpngw@internet 169.254.200.138/32
    hub2-vpngw: 688071428bit at hub2-vpngw@internet 169.254.197.232/32
    ");
}

#[test]
fn a_full_packet_is_1482_bytes_on_the_wire() {
    let rate = |megabits| Bandwidth::from_megabits_per_second(megabits).unwrap();
    let outside = |megabits| encrypted_rate(rate(megabits)).bits_per_second();
    assert_eq!(outside(1_400), 1_482_000_000);
    assert_eq!(outside(650), 688_071_428);
}

/// The interfaces that forward a tunnel's packets, from each of its ends.
fn carriages(topology: &Topology, tunnel: &str) -> String {
    let link = topology.link(topology.link_named(tunnel).unwrap());
    lines(link.ends.into_iter().map(|end| {
        let by = topology.sending_ends(end);
        let by: Vec<_> = by.iter().map(|id| interface(topology, *id)).collect();
        format!("{}: {}", interface(topology, end), by.join(", "))
    }))
}

#[test]
fn a_tunnels_packets_leave_by_what_carries_it() {
    insta::assert_snapshot!(carriages(&built(LABS[4].1), "vpn1-in0"), @"
    vpn1-in0@core-vpngw-in0 169.254.237.188/32: ce1@er1-msee1 172.16.60.2/32 203.0.113.2/32, pub0@core-vpngw-in0 52.175.253.112/32, er1-msee1@internet 169.254.205.3/32, vpn1-in0-a@internet
    vpn1-in0@ce1 10.60.255.1/32: er1-msee1@ce1 172.16.60.1/30 203.0.113.1/32, core-vpngw-in0@internet 169.254.238.223/32, pub0@er1-msee1 169.254.242.83/32, vpn1-in0-b@internet
    ");
    insta::assert_snapshot!(carriages(&built(LABS[3].1), "hub-branch"), @"
    hub-branch@hub-vpngw 169.254.211.11/32: pub0@hub-vpngw 52.168.162.84/32, branch-vpngw@internet 169.254.243.220/32, hub-branch-a@internet
    hub-branch@branch-vpngw 169.254.227.212/32: hub-vpngw@internet 169.254.212.144/32, pub0@branch-vpngw 52.168.162.85/32, hub-branch-b@internet
    ");
    let topology = built(LABS[3].1);
    let nic = topology.nic(topology.find("hub-vm").unwrap()).unwrap();
    assert_eq!(topology.sending_ends(nic), [nic]);
}
