//! Section 7: an ExpressRoute and a VPN gateway in one network.

use super::Solved;
use super::lab::{Lab, Site};

/// A hub with both gateways; its VPN gateway has two instances. Site `east` has a tunnel, site `west` a circuit.
pub(super) fn hub() -> Lab {
    Lab::default()
        .network("hub", 1, &["spoke, allowGatewayTransit: true"])
        .network("spoke", 2, &["hub, useRemoteGateways: true"])
        .vpn_gateway_pair("hub", 1, 65515)
        .circuit_gateway("hub")
        .site("east", 1, 65001)
        .site("west", 2, 65002)
        .circuit("er", 1, ["west-ce", "west-ce"])
        .circuit_connection("er", "hub", 1, 140)
        .site_to_site_with("hub", "east", "localNetworkAddressPrefixes: [10.77.0.0/24]")
}

#[test]
fn rule_7_1_the_gateways_speak_with_each_other_instance_by_instance() {
    let lab = Solved::of(&hub().text());
    assert!(lab.are_neighbours("hub-vpn-in0", "hub-er"));
    assert!(lab.are_neighbours("hub-vpn-in1", "hub-er"));
    let failed = Solved::without(&hub().text(), &["hub-vpn-in1"]);
    assert!(failed.are_neighbours("hub-vpn-in0", "hub-er"));
    assert!(!failed.are_neighbours("hub-vpn-in1", "hub-er"));
}

#[test]
fn rule_7_2_the_vpn_gateway_tells_what_tunnels_brought_and_no_bgp_address() {
    let lab = Solved::of(&hub().text());
    insta::assert_snapshot!(lab.learned("hub-er"), @r"
    10.1.0.0/24 Network itself -
    10.2.0.0/24 Network itself -
    10.77.0.0/24 IBgp hub-vpn-in0 -
    10.77.0.0/24 IBgp hub-vpn-in1 -
    10.101.0.0/24 IBgp hub-vpn-in0 65001
    10.101.0.0/24 IBgp hub-vpn-in1 65001
    10.102.0.0/24 EBgp er-msee1 12076-65002
    10.102.0.0/24 EBgp er-msee2 12076-65002
    ");
}

#[test]
fn rule_7_2_the_circuits_gateway_tells_the_networks_ranges() {
    let lab = Solved::of(&hub().text());
    insta::assert_snapshot!(lab.advertised("hub-er", "hub-vpn-in0"), @r"
    10.1.0.0/24 -
    10.2.0.0/24 -
    ");
}

#[test]
fn rule_7_2_the_vpn_gateway_lists_the_networks_ranges_from_the_circuits_gateway() {
    let lab = Solved::of(&hub().text());
    for range in ["10.1.0.0/24", "10.2.0.0/24"] {
        let learned = lab.learned_of("hub-vpn-in0", range);
        assert!(
            learned.contains(&format!("{range} IBgp hub-er-in0 -")),
            "{learned}"
        );
    }
}

#[test]
fn rule_7_3_there_is_no_transit_between_circuits_and_tunnels() {
    let lab = Solved::of(&hub().text());
    insta::assert_snapshot!(lab.advertised("hub-er", "er-msee1"), @r"
10.1.0.0/24 65515
10.2.0.0/24 65515
");
    insta::assert_snapshot!(lab.advertised("hub-vpn-in0", "east-ce"), @r"
    10.1.0.0/24 65515
    10.2.0.0/24 65515
    ");
    insta::assert_snapshot!(lab.path("east-pc", "west-pc"), @"east-pc east-lan east-ce: Dropped");
    insta::assert_snapshot!(lab.path("west-pc", "east-pc"), @"west-pc west-lan west-ce: Dropped");
    insta::assert_snapshot!(lab.path("hub-vm", "east-pc"), @"hub-vm hub-vpn-in0 east-ce east-lan east-pc: Delivered");
    insta::assert_snapshot!(lab.path("hub-vm", "west-pc"), @"hub-vm er-msee1 west-ce west-lan west-pc: Delivered");
}

#[test]
fn rule_7_4_a_circuits_path_beats_an_empty_one_of_a_tunnel() {
    // The remote network is on the hub's circuit and, without BGP, behind the hub's tunnel.
    let lab = Lab::default()
        .network("hub", 1, &[])
        .network("remote", 2, &[])
        .vpn_gateway("hub", 1, 65515)
        .vpn_gateway("remote", 2, 65010)
        .circuit_gateway("hub")
        .circuit_gateway("remote")
        .site("east", 1, 65001)
        .circuit("er", 1, ["east-ce", "east-ce"])
        .circuit_connection("er", "hub", 1, 140)
        .circuit_connection("er", "remote", 2, 140)
        .tunnel_with("hub", "remote", "enableBgp: false");
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.2.0.0/24"), @r"VirtualNetworkGateway Active 10.2.0.0/24 VirtualNetworkGateway 10.63.0.1 10.63.0.2");
    insta::assert_snapshot!(lab.known("hub-vm", "10.2.0.0/24"), @r"
    10.2.0.0/24 > eth0 via 10.1.0.140 | eth0 via 10.1.0.141: VirtualNetworkGateway hub-er path 12076-12076
      before 10.2.0.0/24 > eth0 via 10.1.0.150: VirtualNetworkGateway hub-vpn: ExpressRoute wins over VPN
    ");
    insta::assert_snapshot!(lab.learned_of("hub-er", "10.2.0.0/24"), @r"
    10.2.0.0/24 EBgp er-msee1 12076-12076
    10.2.0.0/24 EBgp er-msee2 12076-12076
      before 10.2.0.0/24 IBgp hub-vpn -
    ");
}

/// A site with a circuit and a tunnel to the hub, and settings of its edge.
fn both_ways(advertised: &str, edge: &str) -> Lab {
    Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway_pair("hub", 1, 65515)
        .circuit_gateway("hub")
        .on_premises(Site::new("east", 1, 65001).advertise(advertised).edge(edge))
        .circuit("er", 1, ["east-ce", "east-ce"])
        .circuit_connection("er", "hub", 1, 140)
        .site_to_site("hub", "east")
}

#[test]
fn rule_7_4_a_circuit_wins_over_a_tunnel_with_any_path() {
    let lab = both_ways("10.101.0.0/24", "asPathPrepend: { er: 5 }");
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.101.0.0/24"), @r"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.63.0.1 10.63.0.2");
    insta::assert_snapshot!(lab.learned_of("hub-er", "10.101.0.0/24"), @r"
    10.101.0.0/24 EBgp er-msee1 12076-65001-65001-65001-65001-65001-65001
    10.101.0.0/24 EBgp er-msee2 12076-65001-65001-65001-65001-65001-65001
      before 10.101.0.0/24 IBgp hub-vpn-in0 65001
      before 10.101.0.0/24 IBgp hub-vpn-in1 65001
    ");
}

#[test]
fn rule_7_5_a_longer_prefix_by_a_tunnel_beats_a_circuit() {
    let site = Site::new("east", 1, 65001)
        .advertise("")
        .edge("advertise: [10.20.0.0/24]")
        .router("east-er: { advertise: [10.20.0.0/16] }");
    let lab = Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway_pair("hub", 1, 65515)
        .circuit_gateway("hub")
        .on_premises(site)
        .circuit("er", 1, ["east-er", "east-er"])
        .circuit_connection("er", "hub", 1, 140)
        .site_to_site("hub", "east");
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.20.0.0/24"), @"VirtualNetworkGateway Active 10.20.0.0/24 VirtualNetworkGateway 10.1.0.150 10.1.0.151");
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.20.0.0/16"), @r"VirtualNetworkGateway Active 10.20.0.0/16 VirtualNetworkGateway 10.63.0.1 10.63.0.2");
    insta::assert_snapshot!(lab.taken_to("hub-vm", "10.20.0.9"), @"VirtualNetworkGateway Active 10.20.0.0/24 VirtualNetworkGateway 10.1.0.150 10.1.0.151");
}

#[test]
fn rule_7_6_without_the_circuit_the_interfaces_switch_to_the_instances() {
    let lab = both_ways("10.101.0.0/24", "localPreference: { er: 200 }").text();
    insta::assert_snapshot!(Solved::of(&lab).known("east-ce", "10.1.0.0/24"), @r"
    10.1.0.0/24 > er-msee1 via 172.16.1.2 | er-msee2 via 172.16.1.6: BGP er-msee1 path 12076 preference 200
      before 10.1.0.0/24 > hub-to-east-in0: BGP hub-vpn-in0 path 65515 preference 100: higher local preference wins
      before 10.1.0.0/24 > hub-to-east-in1: BGP hub-vpn-in1 path 65515 preference 100: higher local preference wins
    ");
    let failed = Solved::without(&lab, &["er-primary", "er-secondary"]);
    insta::assert_snapshot!(failed.learned_of("hub-er", "10.101.0.0/24"), @r"
    10.101.0.0/24 IBgp hub-vpn-in0 65001
    10.101.0.0/24 IBgp hub-vpn-in1 65001
    ");
    insta::assert_snapshot!(failed.effective_to("hub-vm", "10.101.0.0/24"), @"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.1.0.150 10.1.0.151");
    insta::assert_snapshot!(failed.known("east-ce", "10.1.0.0/24"), @"10.1.0.0/24 > hub-to-east-in0 | hub-to-east-in1: BGP hub-vpn-in0 path 65515 preference 100");
    insta::assert_snapshot!(failed.path("hub-vm", "east-pc"), @"hub-vm hub-vpn-in0 east-ce east-lan east-pc: Delivered");
    insta::assert_snapshot!(failed.path("east-pc", "hub-vm"), @"east-pc east-lan east-ce hub-vpn-in0 hub-vm: Delivered");
}
