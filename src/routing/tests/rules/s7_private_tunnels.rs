//! Section 7.5: tunnels over the private peering of a circuit.

use super::Solved;
use super::lab::{Lab, Site};

/// A hub with both gateways and a circuit to the site `east`, whose edges have the tunnels `vpn1` and `vpn2` over the
/// circuit's private peering.
fn over_private_peering() -> String {
    let edge = "tunnelInterfaces: { vpn1: { sourceAddress: 10.101.9.1, address: 10.101.9.11 } }";
    let other = "east-er: { tunnel: { sourceAddress: 10.101.9.2, address: 10.101.9.12 } }";
    let connection = |name: &str, device: &str| {
        format!(
            "{name}: {{ gateway: hub-vpn, device: {device}, transport: er, useLocalAzureIpAddress: true, localNetworkAddressPrefixes: [10.101.0.0/25] }}"
        )
    };
    Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway_pair("hub", 1, 65515)
        .circuit_gateway("hub")
        .circuit("er", 1, ["east-ce", "east-er"])
        .add("connections", &connection("vpn1", "east-ce"))
        .add("connections", &connection("vpn2", "east-er"))
        .circuit_connection("er", "hub", 1, 132)
        .on_premises(Site::new("east", 1, 65001).edge(edge).second_edge())
        .text()
        .replace("east-er: {}", other)
}

#[test]
fn rule_7_5_a_longer_prefix_over_a_tunnel_beats_the_circuit_that_carries_it() {
    let lab = Solved::of(&over_private_peering());
    insta::assert_snapshot!(lab.effective("hub-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    Default Active 10.1.0.0/24 VnetLocal
    VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.63.0.1 10.63.0.2
    VirtualNetworkGateway Active 10.101.0.0/25 VirtualNetworkGateway 10.1.0.150 10.1.0.151
    ");
    insta::assert_snapshot!(lab.learned("hub-vpn-in0"), @r"
    10.1.0.0/24 Network itself -
      before 10.1.0.0/24 IBgp hub-er-in0 -
      before 10.1.0.0/24 IBgp hub-er-in1 -
    10.101.0.0/24 EBgp east-ce 65001
    10.101.0.0/24 EBgp east-er 65001
      before 10.101.0.0/24 IBgp hub-vpn-in1 65001
    10.101.0.0/25 Network vpn1 -
    10.101.0.0/25 Network vpn2 -
      before 10.101.0.0/25 IBgp hub-vpn-in1 -
    10.101.9.11/32 Network vpn1 -
      before 10.101.9.11/32 IBgp hub-vpn-in1 -
    10.101.9.12/32 Network vpn2 -
      before 10.101.9.12/32 IBgp hub-vpn-in1 -
    ");
    insta::assert_snapshot!(lab.path("hub-vm", "east-pc"), @"hub-vm hub-vpn-in0 east-ce east-lan east-pc: Delivered");
}

#[test]
fn rule_7_5_encrypted_packets_go_over_private_peering() {
    let lab = Solved::of(&over_private_peering());
    let carrying = |node: &str| {
        lab.lines(node, |route| {
            route.prefix.to_string().starts_with("10.101.9.")
                || route.prefix.to_string().starts_with("10.1.0.15")
        })
    };
    insta::assert_snapshot!(carrying("hub-vpn-in0"), @r"
    10.101.9.1/32 > eth0 via 10.1.0.132: static
    10.101.9.2/32 > eth0 via 10.1.0.133: static
    10.101.9.11/32 > vpn1-in0: network vpn1
      before 10.101.9.11/32 > eth0 via 10.1.0.151: iBGP hub-vpn-in1 preference 100: lower administrative distance wins
    10.101.9.12/32 > vpn2-in0: network vpn2
      before 10.101.9.12/32 > eth0 via 10.1.0.151: iBGP hub-vpn-in1 preference 100: lower administrative distance wins
    ");
    insta::assert_snapshot!(carrying("er-msee1"), @"10.101.9.1/32 > east-ce via 172.16.1.1: static");
    insta::assert_snapshot!(carrying("hub-er"), @r"
    10.101.9.1/32 > er-msee1 via 169.254.203.9: static
    10.101.9.2/32 > er-msee2 via 169.254.213.71: static
    ");
    insta::assert_snapshot!(carrying("east-ce"), @r"
    10.1.0.150/32 > er-msee1 via 172.16.1.2: static
      before 10.1.0.150/32 > vpn1-in0: network vpn1: lower administrative distance wins
    10.1.0.151/32 > er-msee1 via 172.16.1.2: static
      before 10.1.0.151/32 > vpn1-in1: network vpn1: lower administrative distance wins
    10.101.9.11/32 > east-er via 172.31.1.3: iBGP east-er path 65515 preference 100
    10.101.9.12/32 > vpn1-in0 | vpn1-in1: BGP hub-vpn-in0 path 65515 preference 100
      before 10.101.9.12/32 > east-er via 172.31.1.3: IGP: lower administrative distance wins
    ");
}

#[test]
fn rule_7_5_tunnels_over_private_peering_fail_with_the_circuit() {
    let text = over_private_peering();
    let one = Solved::without(&text, &["er-primary"]);
    insta::assert_snapshot!(one.known("hub-vpn-in0", "10.101.0.0/25"), @r"
    10.101.0.0/25 > vpn2-in0: network vpn2
      before 10.101.0.0/25 > eth0 via 10.1.0.151: iBGP hub-vpn-in1 preference 100: lower administrative distance wins
    ");
    insta::assert_snapshot!(one.effective_to("hub-vm", "10.101.0.0/25"), @"VirtualNetworkGateway Active 10.101.0.0/25 VirtualNetworkGateway 10.1.0.150 10.1.0.151");
    let none = Solved::without(&text, &["er-primary", "er-secondary"]);
    insta::assert_snapshot!(none.effective_to("hub-vm", "10.101.0.0/25"), @"nothing");
    insta::assert_snapshot!(none.known("hub-vpn-in0", "10.101.9.1/32"), @"10.101.9.1/32 > eth0 via 10.1.0.132: static");
    insta::assert_snapshot!(none.known("east-ce", "10.1.0.150/32"), @"nothing");
}
