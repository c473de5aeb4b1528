//! The documented paths: every ordered pair of the six networks, and the documented failover.

use super::{HUB_SPOKE, Solved};
use crate::routing::{End, walk};

#[test]
fn every_documented_pair_takes_its_path() {
    let solved = Solved::hub_spoke();
    let name = |node| solved.topology.node(node).name.as_str();
    let pairs = solved.topology.expectations.iter();
    let paths: Vec<_> = pairs
        .map(|pair| solved.path(name(pair.from), name(pair.to)))
        .collect();
    insta::assert_snapshot!(paths.join("\n"), @r"
    hub-vm spoke-vm: Delivered
    hub-vm hub-vpngw branch-vpngw branch-vm: Delivered
    hub-vm er1-msee1 loc1-ce1 loc1-lan loc1-vm: Delivered
    hub-vm er2-msee1 loc2-ce1 loc2-lan loc2-vm: Delivered
    hub-vm er1-msee1 remote-ergw remote-vm: Delivered
    spoke-vm hub-vm: Delivered
    spoke-vm hub-vpngw branch-vpngw branch-vm: Delivered
    spoke-vm er1-msee1 loc1-ce1 loc1-lan loc1-vm: Delivered
    spoke-vm er2-msee1 loc2-ce1 loc2-lan loc2-vm: Delivered
    spoke-vm er1-msee1 remote-ergw remote-vm: Delivered
    branch-vm branch-vpngw hub-vpngw hub-vm: Delivered
    branch-vm branch-vpngw hub-vpngw spoke-vm: Delivered
    branch-vm branch-vpngw hub-vpngw loc1-ce1 loc1-lan loc1-vm: Delivered
    branch-vm: Dropped
    branch-vm: Dropped
    loc1-vm loc1-lan loc1-ce1 er1-msee1 hub-ergw hub-vm: Delivered
    loc1-vm loc1-lan loc1-ce1 er1-msee1 hub-ergw spoke-vm: Delivered
    loc1-vm loc1-lan loc1-ce1 hub-vpngw branch-vpngw branch-vm: Delivered
    loc1-vm loc1-lan loc1-ce1 er1-msee1 remote-ergw remote-vm: Delivered
    loc1-vm loc1-lan loc1-ce1: Dropped
    loc2-vm loc2-lan loc2-ce1 er2-msee1 hub-ergw hub-vm: Delivered
    loc2-vm loc2-lan loc2-ce1 er2-msee1 hub-ergw spoke-vm: Delivered
    loc2-vm loc2-lan loc2-ce1: Dropped
    loc2-vm loc2-lan loc2-ce1: Dropped
    loc2-vm loc2-lan loc2-ce1: Dropped
    remote-vm er1-msee1 hub-ergw hub-vm: Delivered
    remote-vm er1-msee1 hub-ergw spoke-vm: Delivered
    remote-vm er1-msee1 loc1-ce1 loc1-lan loc1-vm: Delivered
    remote-vm: Dropped
    remote-vm: Dropped
    ");
}

#[test]
fn a_packet_and_its_answer_arrive_exactly_where_the_documents_say_so() {
    let Solved { topology, tables } = Solved::hub_spoke();
    let arrives = |from, to| {
        let destination = topology.node(to).address.unwrap();
        walk(&topology, &tables, from, destination).end == End::Delivered
    };
    let both_ways = |from, to| arrives(from, to) && arrives(to, from);
    for pair in &topology.expectations {
        let names = [pair.from, pair.to].map(|node| topology.node(node).name.to_string());
        assert_eq!(
            both_ways(pair.from, pair.to),
            pair.is_reached(),
            "{names:?}"
        );
    }
    let documented = topology
        .expectations
        .iter()
        .filter(|pair| pair.is_reached())
        .count();
    assert_eq!((documented, topology.expectations.len()), (22, 30));
}

#[test]
fn without_its_circuit_location_1_is_reached_by_its_tunnel() {
    let failed = Solved::without(HUB_SPOKE, &["er1-primary"]);
    insta::assert_snapshot!(failed.path("loc1-vm", "hub-vm"), @r"loc1-vm loc1-lan loc1-ce1 hub-vpngw hub-vm: Delivered");
    insta::assert_snapshot!(failed.path("hub-vm", "loc1-vm"), @r"hub-vm hub-vpngw loc1-ce1 loc1-lan loc1-vm: Delivered");
    insta::assert_snapshot!(failed.path("spoke-vm", "loc1-vm"), @r"spoke-vm hub-vpngw loc1-ce1 loc1-lan loc1-vm: Delivered");
    insta::assert_snapshot!(failed.path("loc1-vm", "branch-vm"), @r"loc1-vm loc1-lan loc1-ce1 hub-vpngw branch-vpngw branch-vm: Delivered");
    insta::assert_snapshot!(failed.path("loc1-vm", "remote-vm"), @r"loc1-vm loc1-lan loc1-ce1: Dropped");
    insta::assert_snapshot!(failed.known("hub-vm", "10.2.30.0/25"), @r"10.2.30.0/25 > eth0 via 10.10.30.142: VirtualNetworkGateway hub-vpngw path 65021");
    insta::assert_snapshot!(failed.known("loc1-ce1", "10.10.30.0/24"), @r"10.10.30.0/24 > hub-loc1: BGP hub-vpngw path 65515 preference 100");
}

#[test]
fn a_link_that_is_back_leaves_no_trace() {
    let failed = Solved::without(HUB_SPOKE, &["er1-primary"]).tables;
    let [before, healed] = [
        Solved::hub_spoke().tables,
        Solved::without(HUB_SPOKE, &[]).tables,
    ];
    assert_ne!(before, failed);
    assert_eq!(before, healed);
}

#[test]
fn the_tunnel_alone_may_fail_and_the_circuit_carries_location_1() {
    let failed = Solved::without(HUB_SPOKE, &["hub-loc1"]);
    insta::assert_snapshot!(failed.path("loc1-vm", "hub-vm"), @r"loc1-vm loc1-lan loc1-ce1 er1-msee1 hub-ergw hub-vm: Delivered");
    insta::assert_snapshot!(failed.path("loc1-vm", "branch-vm"), @r"loc1-vm loc1-lan loc1-ce1: Dropped");
}
