//! Section 6: ExpressRoute circuits, MSEEs and gateways.

mod choices;

use super::Solved;
use super::lab::{Lab, Network, Site};

/// A hub on a circuit of the site `east`.
fn hub() -> Lab {
    on_circuit(Site::new("east", 1, 65001), ["east-ce", "east-ce"])
}

fn on_circuit(site: Site, edges: [&str; 2]) -> Lab {
    Lab::default()
        .network("hub", 1, &["spoke, allowGatewayTransit: true"])
        .network("spoke", 2, &["hub, useRemoteGateways: true"])
        .circuit_gateway("hub")
        .on_premises(site)
        .circuit("er", 1, edges)
        .circuit_connection("er", "hub", 1, 140)
}

#[test]
fn rule_6_1_msees_have_12076_and_gateways_65515() {
    let lab = Solved::of(&hub().text());
    insta::assert_snapshot!(lab.learned("hub-er"), @r"
    10.1.0.0/24 Network itself -
    10.2.0.0/24 Network itself -
    10.101.0.0/24 EBgp er-msee1 12076-65001
    10.101.0.0/24 EBgp er-msee2 12076-65001
    ");
    insta::assert_snapshot!(lab.learned("er-msee1"), @r"
    10.1.0.0/24 EBgp hub-er-in0 65515
    10.1.0.0/24 EBgp hub-er-in1 65515
    10.2.0.0/24 EBgp hub-er-in0 65515
    10.2.0.0/24 EBgp hub-er-in1 65515
    10.101.0.0/24 EBgp east-ce 65001
    ");
}

#[test]
fn rule_6_2_the_customer_has_the_first_address_and_the_msee_the_second() {
    let lab = Solved::of(&hub().text());
    insta::assert_snapshot!(lab.known("east-ce", "10.1.0.0/24"), @"10.1.0.0/24 > er-msee1 via 172.16.1.2 | er-msee2 via 172.16.1.6: BGP er-msee1 path 12076 preference 100");
    insta::assert_snapshot!(lab.known("er-msee1", "10.101.0.0/24"), @"10.101.0.0/24 > east-ce via 172.16.1.1: BGP east-ce path 65001 preference 100");
    insta::assert_snapshot!(lab.known("er-msee2", "10.101.0.0/24"), @"10.101.0.0/24 > east-ce via 172.16.1.5: BGP east-ce path 65001 preference 100");
}

#[test]
fn rule_6_3_nobody_but_its_msee_knows_a_circuits_link() {
    let lab = Solved::of(&hub().text());
    for node in ["hub-vm", "hub-er"] {
        assert!(!lab.knows(node, "172.16.1.0/30"), "{node}");
        assert!(!lab.knows(node, "172.16.1.4/30"), "{node}");
    }
    insta::assert_snapshot!(lab.known("er-msee1", "172.16.1.0/30"), @"172.16.1.0/30 > east-ce: connected");
    insta::assert_snapshot!(lab.known("er-msee1", "172.16.1.4/30"), @"nothing");
    let down = Solved::without(&hub().text(), &["er-primary"]);
    assert!(!down.knows("er-msee1", "172.16.1.0/30"));
}

#[test]
fn rule_6_3_an_msee_learns_the_other_leg_and_not_its_own() {
    let site = Site::new("east", 1, 65001).advertise("172.16.1.0/30, 172.16.1.4/30");
    let lab = Solved::of(&on_circuit(site, ["east-ce", "east-ce"]).text());
    for (msee, own, other) in [
        ("er-msee1", "172.16.1.0/30", "172.16.1.4/30"),
        ("er-msee2", "172.16.1.4/30", "172.16.1.0/30"),
    ] {
        assert_eq!(lab.learned_of(msee, own), "", "{msee}");
        assert!(lab.learned_of(msee, other).contains("65001"), "{msee}");
    }
    insta::assert_snapshot!(lab.learned_of("hub-er", "172.16.1.0/30"), @"172.16.1.0/30 EBgp er-msee2 12076-65001");
    insta::assert_snapshot!(lab.learned_of("hub-er", "172.16.1.4/30"), @"172.16.1.4/30 EBgp er-msee1 12076-65001");
}

#[test]
fn rule_6_3_a_circuits_own_links_appear_where_the_customer_announces_them() {
    let site = Site::new("east", 1, 65001).advertise("172.16.1.0/30");
    let lab = Solved::of(&on_circuit(site, ["east-ce", "east-ce"]).text());
    insta::assert_snapshot!(lab.known("hub-vm", "172.16.1.0/30"), @"172.16.1.0/30 > eth0 via 10.1.0.141: VirtualNetworkGateway hub-er path 12076-65001");
}

#[test]
fn rule_6_4_the_gateway_speaks_with_each_msee() {
    let lab = Solved::of(&hub().text());
    assert!(lab.are_neighbours("er-msee1", "hub-er") && lab.are_neighbours("er-msee2", "hub-er"));
}

#[test]
fn rule_6_5_the_gateway_tells_its_networks_and_those_that_use_it() {
    let lab = Solved::of(&hub().text());
    insta::assert_snapshot!(lab.advertised("hub-er", "er-msee1"), @r"
10.1.0.0/24 65515
10.2.0.0/24 65515
");
    insta::assert_snapshot!(lab.advertised("hub-er", "er-msee2"), @r"
    10.1.0.0/24 65515
    10.2.0.0/24 65515
    ");
}

#[test]
fn rule_6_6_private_numbers_are_removed_toward_the_customer() {
    let lab = Solved::of(&hub().text());
    insta::assert_snapshot!(lab.advertised("er-msee1", "east-ce"), @r"
    10.1.0.0/24 12076
    10.2.0.0/24 12076
    ");
}

#[test]
fn rule_6_7_the_customers_path_comes_behind_the_msees_number() {
    let site = Site::new("east", 1, 65001).edge("transit: true");
    let lab = on_circuit(site, ["east-ce", "east-ce"])
        .site("west", 2, 65100)
        .wan(1, "east", "west");
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.advertised("er-msee1", "hub-er"), @r"
    10.101.0.0/24 12076-65001
    10.102.0.0/24 12076-65001-65100
    ");
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.102.0.0/24"), @r"VirtualNetworkGateway Active 10.102.0.0/24 VirtualNetworkGateway 10.63.0.1 10.63.0.2");
    insta::assert_snapshot!(lab.path("hub-vm", "west-pc"), @"hub-vm er-msee1 east-ce west-ce west-lan west-pc: Delivered");
}

#[test]
fn rule_6_7_two_circuits_that_meet_in_one_customer_router_join_networks() {
    let lab = Lab::default()
        .network("hub1", 1, &[])
        .network("hub2", 2, &[])
        .circuit_gateway("hub1")
        .circuit_gateway("hub2")
        .on_premises(Site::new("east", 1, 64512).edge("transit: true"))
        .circuit("er1", 1, ["east-ce", "east-ce"])
        .circuit("er2", 2, ["east-ce", "east-ce"])
        .circuit_connection("er1", "hub1", 1, 140)
        .circuit_connection("er2", "hub2", 2, 140);
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.learned("hub1-er"), @r"
    10.1.0.0/24 Network itself -
    10.2.0.0/24 EBgp er1-msee1 12076-64512-12076
    10.2.0.0/24 EBgp er1-msee2 12076-64512-12076
    10.101.0.0/24 EBgp er1-msee1 12076-64512
    10.101.0.0/24 EBgp er1-msee2 12076-64512
    ");
    insta::assert_snapshot!(lab.path("hub1-vm", "hub2-vm"), @"hub1-vm er1-msee1 east-ce er2-msee1 hub2-er hub2-vm: Delivered");
    insta::assert_snapshot!(lab.path("hub2-vm", "hub1-vm"), @"hub2-vm er2-msee1 east-ce er1-msee1 hub1-er hub1-vm: Delivered");
}

/// Two networks on one circuit; the arguments set whether each gateway accepts other networks' traffic.
fn hairpin(hub: bool, remote: bool, edge: &str) -> Solved {
    let flag = |allows: bool| format!("allowRemoteVnetTraffic: {allows}");
    let lab = Lab::default()
        .network("hub", 1, &[])
        .network("remote", 2, &[])
        .circuit_gateway_with("hub", &flag(hub))
        .circuit_gateway_with("remote", &flag(remote))
        .site("east", 1, 65001)
        .circuit("er", 1, [edge, edge])
        .circuit_connection("er", "hub", 1, 140)
        .circuit_connection("er", "remote", 2, 140);
    Solved::of(&lab.text())
}

#[test]
fn rule_6_8_networks_on_one_circuit_reach_each_other_at_its_msees() {
    let lab = hairpin(true, true, "east-ce");
    insta::assert_snapshot!(lab.learned_of("remote-er", "10.1.0.0/24"), @r"
    10.1.0.0/24 EBgp er-msee1 12076-12076
    10.1.0.0/24 EBgp er-msee2 12076-12076
    ");
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.2.0.0/24"), @r"VirtualNetworkGateway Active 10.2.0.0/24 VirtualNetworkGateway 10.63.0.1 10.63.0.2");
    insta::assert_snapshot!(lab.path("hub-vm", "remote-vm"), @"hub-vm er-msee1 remote-er remote-vm: Delivered");
}

#[test]
fn rule_6_8_no_session_with_a_customer_is_needed() {
    let lab = hairpin(true, true, "east-ce, enabled: false");
    assert!(!lab.are_neighbours("er-msee1", "east-ce"));
    insta::assert_snapshot!(lab.learned("remote-er"), @r"
    10.1.0.0/24 EBgp er-msee1 12076-12076
    10.1.0.0/24 EBgp er-msee2 12076-12076
    10.2.0.0/24 Network itself -
    ");
    insta::assert_snapshot!(lab.path("hub-vm", "remote-vm"), @"hub-vm er-msee1 remote-er remote-vm: Delivered");
}

#[test]
fn rule_6_8_both_gateways_must_allow_it() {
    for (hub, remote) in [(true, false), (false, true), (false, false)] {
        let lab = hairpin(hub, remote, "east-ce");
        assert!(!lab.knows("hub-vm", "10.2.0.0/24"), "{hub} {remote}");
        assert!(!lab.knows("remote-vm", "10.1.0.0/24"), "{hub} {remote}");
        assert_eq!(lab.path("hub-vm", "remote-vm"), "hub-vm: Dropped");
    }
}
