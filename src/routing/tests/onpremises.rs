//! Routing inside a site.

use super::{Solved, lab::Lab};
use crate::routing::Failures;

/// Five routers in a row, a host at each end.
const CHAIN: &str = "\
name: chain
sites:
  row:
    routers:
      r1: { address: 10.0.1.1/24 }
      r2: {}
      r3: {}
      r4: {}
      r5: { address: 10.0.5.1/24 }
    hosts:
      left: { address: 10.0.1.10/24, gateway: 10.0.1.1 }
      right: { address: 10.0.5.10/24, gateway: 10.0.5.1 }
    links:
      - { a: r1, b: r2, addresses: [10.0.12.0/31, 10.0.12.1/31] }
      - { a: r2, b: r3, addresses: [10.0.23.0/31, 10.0.23.1/31] }
      - { a: r3, b: r4, addresses: [10.0.34.0/31, 10.0.34.1/31] }
      - { a: r4, b: r5, addresses: [10.0.45.0/31, 10.0.45.1/31] }
";

#[test]
fn the_ends_of_a_row_of_routers_reach_each_other() {
    let lab = Solved::of(CHAIN);
    insta::assert_snapshot!(lab.path("left", "right"), @r"left r1 r2 r3 r4 r5 right: Delivered");
    insta::assert_snapshot!(lab.path("right", "left"), @r"right r5 r4 r3 r2 r1 left: Delivered");
    insta::assert_snapshot!(lab.table("r2"), @r"
    0.0.0.0/0 > drop: discard
    10.0.1.0/24 > r1 via 10.0.12.0: IGP
    10.0.5.0/24 > r3 via 10.0.23.1: IGP
    10.0.12.0/31 > r1: connected
    10.0.23.0/31 > r3: connected
    10.0.34.0/31 > r3 via 10.0.23.1: IGP
    10.0.45.0/31 > r3 via 10.0.23.1: IGP
    ");
}

#[test]
fn without_routing_in_the_site_a_router_knows_what_is_set_on_it() {
    let by_hand = CHAIN
        .replace("  row:\n", "  row:\n    igp: false\n")
        .replace(
            "r2: {}",
            "r2: { routes: [{ addressPrefix: 10.0.5.0/24, nextHopIpAddress: 10.0.23.1 }] }",
        );
    let lab = Solved::of(&by_hand);
    insta::assert_snapshot!(lab.table("r2"), @r"
    0.0.0.0/0 > drop: discard
    10.0.5.0/24 > r3 via 10.0.23.1: static
    10.0.12.0/31 > r1: connected
    10.0.23.0/31 > r3: connected
    ");
    insta::assert_snapshot!(lab.path("r2", "right"), @r"r2 r3: Dropped");
}

#[test]
fn without_routing_in_the_site_only_neighbours_speak_bgp() {
    let text = "\
name: row
sites:
  row:
    asn: 65001
    igp: false
    ibgp: true
    routers: { a: { address: 10.0.1.1/24, advertise: [10.0.1.0/24] }, b: {}, c: {} }
    links:
      - { a: a, b: b, addresses: [10.0.12.0/31, 10.0.12.1/31] }
      - { a: b, b: c, addresses: [10.0.23.0/31, 10.0.23.1/31] }
";
    let lab = Solved::of(text);
    assert!(lab.table("b").contains("10.0.1.0/24"), "{}", lab.table("b"));
    assert!(
        !lab.table("c").contains("10.0.1.0/24"),
        "{}",
        lab.table("c")
    );
}

#[test]
fn a_row_that_is_cut_drops_packets_where_it_ends() {
    let lab = Solved::without(CHAIN, &["r3-r4"]);
    insta::assert_snapshot!(lab.path("left", "right"), @r"left r1: Dropped");
}

#[test]
fn two_shortest_ways_are_shared() {
    let text = "\
name: square
sites:
  square:
    routers: { a: {}, b: {}, c: {}, d: { address: 10.0.4.1/24 } }
    links:
      - { a: a, b: b, addresses: [10.0.12.0/31, 10.0.12.1/31] }
      - { a: a, b: c, addresses: [10.0.13.0/31, 10.0.13.1/31] }
      - { a: b, b: d, addresses: [10.0.24.0/31, 10.0.24.1/31] }
      - { a: c, b: d, addresses: [10.0.34.0/31, 10.0.34.1/31] }
";
    insta::assert_snapshot!(Solved::of(text).known("a", "10.0.4.0/24"), @r"10.0.4.0/24 > b via 10.0.12.1 | c via 10.0.13.1: IGP");
    insta::assert_snapshot!(Solved::without(text, &["a-b"]).known("a", "10.0.4.0/24"), @r"10.0.4.0/24 > c via 10.0.13.1: IGP");
}

/// Two routers on one LAN, each with a network behind it.
const SHARED: &str = "\
name: shared
sites:
  shared:
    routers: { a: { address: 10.0.0.1/24 }, b: { address: 10.0.0.2/24 }, c: { address: 10.0.9.1/24 }, d: {} }
    hosts: { pc: { address: 10.0.0.3/24, gateway: 10.0.0.1 }, far: { address: 10.0.9.2/24, gateway: 10.0.9.1 } }
    links:
      - { a: b, b: c, addresses: [10.0.1.0/31, 10.0.1.1/31] }
      - { a: a, b: d, addresses: [10.0.2.0/31, 10.0.2.1/31] }
";

#[test]
fn routers_of_one_lan_are_neighbours() {
    let lab = Solved::of(SHARED);
    insta::assert_snapshot!(lab.table("a"), @r"
    0.0.0.0/0 > drop: discard
    10.0.0.0/24 > lan0: connected
    10.0.1.0/31 > lan0 via 10.0.0.2: IGP
    10.0.2.0/31 > d: connected
    10.0.9.0/24 > lan0 via 10.0.0.2: IGP
    ");
    insta::assert_snapshot!(lab.path("pc", "far"), @r"pc a b c far: Delivered");
    insta::assert_snapshot!(lab.path("far", "pc"), @r"far c b pc: Delivered");
}

#[test]
fn a_router_whose_way_to_the_lan_is_down_is_no_neighbour() {
    let lab = Solved::without(SHARED, &["b-lan"]);
    insta::assert_snapshot!(lab.known("a", "10.0.9.0/24"), @r"nothing");
    insta::assert_snapshot!(lab.known("b", "10.0.2.0/31"), @r"nothing");
}

#[test]
fn only_an_edge_with_a_way_out_originates_a_default_route() {
    let connected = Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway("hub", 1, 65515)
        .site("east", 1, 65001);
    let alone = Solved::of(&connected.text());
    insta::assert_snapshot!(alone.known("east-lan", "0.0.0.0/0"), @r"0.0.0.0/0 > drop: discard");
    let joined = connected.site_to_site("hub", "east").text();
    insta::assert_snapshot!(Solved::of(&joined).known("east-lan", "0.0.0.0/0"), @r"0.0.0.0/0 > east-ce via 172.31.1.0: IGP default");
    insta::assert_snapshot!(Solved::without(&joined, &["hub-to-east"]).known("east-lan", "0.0.0.0/0"), @r"0.0.0.0/0 > drop: discard");
}

#[test]
fn routers_that_no_longer_hear_each_other_are_no_neighbours_though_their_link_is_up() {
    let topology = super::resolved(CHAIN);
    let middle = super::link_named(&topology, "r2-r3");
    let failures = Failures {
        adjacencies: [middle].into(),
        ..Failures::default()
    };
    let lab = Solved::under(topology, &failures);
    insta::assert_snapshot!(lab.path("left", "right"), @"left r1: Dropped");
    insta::assert_snapshot!(lab.known("r2", "10.0.23.0/31"), @"10.0.23.0/31 > r3: connected");
}
