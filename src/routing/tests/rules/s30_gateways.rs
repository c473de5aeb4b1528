//! Section 30: the default site and the point-to-site clients of a VPN gateway; section 6.8: a circuit without a customer.

use super::Solved;
use super::lab::{Lab, Network};

/// A hub with a VPN gateway, used by a spoke. Sites `east` and `west` have tunnels to it.
fn hub(gateway: &str) -> String {
    let lab = Lab::default()
        .network("hub", 1, &["spoke, allowGatewayTransit: true"])
        .network("spoke", 2, &["hub, useRemoteGateways: true"])
        .vpn_gateway_pair("hub", 1, 65515)
        .site("east", 1, 65001)
        .site("west", 2, 65002)
        .site_to_site("hub", "east")
        .site_to_site("hub", "west");
    let text = lab.text();
    let own = "gatewayType: Vpn,";
    assert_eq!(text.matches(own).count(), 1, "{text}");
    text.replace(own, &format!("{own} {gateway},"))
}

#[test]
fn rule_30_11_a_default_site_gives_interfaces_a_default_route() {
    let lab = Solved::of(&hub("gatewayDefaultSite: hub-to-east"));
    insta::assert_snapshot!(lab.effective_to("spoke-vm", "0.0.0.0/0"), @r"VirtualNetworkGateway Active 0.0.0.0/0 VirtualNetworkGateway 10.1.0.150 10.1.0.151");
    insta::assert_snapshot!(lab.learned_of("hub-vpn-in0", "0.0.0.0/0"), @r"
    0.0.0.0/0 Network hub-to-east -
      before 0.0.0.0/0 IBgp hub-vpn-in1 -
    ");
    assert_eq!(
        lab.advertised("hub-vpn-in0", "west-ce")
            .matches("0.0.0.0/0")
            .count(),
        0
    );
}

#[test]
fn rule_30_12_a_client_pool_is_split_and_advertised() {
    let lab = Solved::of(&hub("vpnClientAddressPool: [172.31.0.0/24]"));
    insta::assert_snapshot!(lab.effective_to("spoke-vm", "172.31.0.0/25"), @r"VirtualNetworkGateway Active 172.31.0.0/25 VirtualNetworkGateway 10.1.0.150");
    insta::assert_snapshot!(lab.effective_to("spoke-vm", "172.31.0.128/25"), @r"VirtualNetworkGateway Active 172.31.0.128/25 VirtualNetworkGateway 10.1.0.151");
    insta::assert_snapshot!(lab.advertised("hub-vpn-in0", "west-ce"), @r"
    10.1.0.0/24 65515
    10.2.0.0/24 65515
    10.101.0.0/24 65515-65001
    10.101.0.125/32 65515
    172.31.0.0/25 65515
    ");
    insta::assert_snapshot!(lab.advertised("hub-vpn-in1", "west-ce"), @r"
    10.1.0.0/24 65515
    10.2.0.0/24 65515
    10.101.0.0/24 65515-65001
    10.101.0.125/32 65515
    172.31.0.128/25 65515
    ");
}

#[test]
fn rule_6_8_networks_of_one_circuit_reach_each_other_without_a_customer() {
    let text = Lab::default()
        .vnet(Network::new("one", 1))
        .vnet(Network::new("two", 2))
        .circuit_gateway("one")
        .circuit_gateway("two")
        .circuit_connection("er", "one", 1, 140)
        .circuit_connection("er", "two", 2, 140)
        .add("expressRouteCircuits", "er: { bandwidthInMbps: 50 }")
        .text();
    let lab = Solved::of(&text);
    insta::assert_snapshot!(lab.learned("two-er"), @r"
    10.1.0.0/24 EBgp er-msee1 12076-12076
    10.1.0.0/24 EBgp er-msee2 12076-12076
    10.2.0.0/24 Network itself -
    ");
    insta::assert_snapshot!(lab.learned("er-msee1"), @r"
    10.1.0.0/24 EBgp one-er-in0 65515
    10.1.0.0/24 EBgp one-er-in1 65515
    10.2.0.0/24 EBgp two-er-in0 65515
    10.2.0.0/24 EBgp two-er-in1 65515
    ");
}
