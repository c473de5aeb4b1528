//! Sections 5.7 to 5.15: what networks list of VPN gateways, and what gateways do without BGP.

use super::*;

#[test]
fn rule_5_7_one_instance_is_listed_by_its_public_address() {
    let lab = Solved::of(&hub().text());
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.101.0.0/24"), @"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 203.0.113.1");
    insta::assert_snapshot!(lab.known("hub-vm", "10.101.0.0/24"), @"10.101.0.0/24 > eth0 via 10.1.0.150: VirtualNetworkGateway hub-vpn path 65001");
}

#[test]
fn rule_5_7_two_instances_are_listed_by_their_own_addresses() {
    let lab = Solved::of(&pair().text());
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.101.0.0/24"), @"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.1.0.150 10.1.0.151");
}

#[test]
fn rule_5_7_only_the_instance_with_the_shorter_path_is_listed() {
    // Each instance has one tunnel: the first to the site with six prepends, the second to that with seven.
    let lab = prepending(
        "asPathPrepend: { hub-to-east: 6 }",
        "asPathPrepend: { hub-to-west: 7 }",
    )
    .vpn_gateway_pair("hub", 1, 65515);
    let lab = Solved::without(&lab.text(), &["hub-to-east-in1", "hub-to-west-in0"]);
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.200.0.0/16"), @"VirtualNetworkGateway Active 10.200.0.0/16 VirtualNetworkGateway 10.1.0.150");
    insta::assert_snapshot!(lab.learned_of("hub-vpn-in1", "10.200.0.0/16"), @r"
    10.200.0.0/16 IBgp hub-vpn-in0 65001-65001-65001-65001-65001-65001-65001
      before 10.200.0.0/16 EBgp west-ce 65002-65002-65002-65002-65002-65002-65002-65002
    ");
}

#[test]
fn rule_5_7_an_instance_without_a_tunnel_to_the_prefix_is_not_listed() {
    let lab = Solved::without(&pair().text(), &["hub-to-east-in0"]);
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.101.0.0/24"), @"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.1.0.151");
}

#[test]
fn rule_5_7_static_prefixes_are_listed_by_every_instance_whose_tunnel_works() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway_pair("hub", 1, 65515)
        .site("east", 1, 65001)
        .site_to_site_with(
            "hub",
            "east",
            "enableBgp: false, localNetworkAddressPrefixes: [10.101.0.0/24]",
        )
        .text();
    insta::assert_snapshot!(Solved::of(&lab).effective_to("hub-vm", "10.101.0.0/24"), @"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.1.0.150 10.1.0.151");
    let failed = Solved::without(&lab, &["hub-to-east-in1"]);
    insta::assert_snapshot!(failed.effective_to("hub-vm", "10.101.0.0/24"), @"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.1.0.150");
}

#[test]
fn rule_5_8_bgp_addresses_of_peers_are_routes_of_a_network_with_a_vpn_gateway_alone() {
    let lab = Solved::of(&hub().text());
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.101.0.125/32"), @"VirtualNetworkGateway Active 10.101.0.125/32 VirtualNetworkGateway 203.0.113.1");
    let both = Solved::of(&hub().circuit_gateway("hub").text());
    insta::assert_snapshot!(both.effective_to("hub-vm", "10.101.0.125/32"), @"nothing");
}

#[test]
fn rule_5_8_two_instances_beside_a_circuits_gateway_hide_bgp_addresses_as_one_does() {
    let lab = Solved::of(&pair().circuit_gateway("hub").text());
    assert_eq!(lab.effective_to("hub-vm", "10.101.0.125/32"), "nothing");
}

/// Two networks with a tunnel, one with a peer that uses its gateway, one with a site.
fn vnet_to_vnet(settings: &str) -> Solved {
    let lab = Lab::default()
        .network("hub", 1, &["spoke, allowGatewayTransit: true"])
        .network("spoke", 2, &["hub, useRemoteGateways: true"])
        .network("branch", 3, &[])
        .vpn_gateway("hub", 1, 65515)
        .vpn_gateway("branch", 3, 65010)
        .site("east", 1, 65001)
        .tunnel_with("hub", "branch", settings)
        .site_to_site("branch", "east");
    Solved::of(&lab.text())
}

#[test]
fn rule_5_9_without_bgp_each_network_has_the_others_ranges_and_nothing_else() {
    let lab = vnet_to_vnet("enableBgp: false");
    insta::assert_snapshot!(lab.effective("branch-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    VirtualNetworkGateway Active 10.1.0.0/24 VirtualNetworkGateway 203.0.113.3
    VirtualNetworkGateway Active 10.2.0.0/24 VirtualNetworkGateway 203.0.113.3
    Default Active 10.3.0.0/24 VnetLocal
    VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 203.0.113.3
    VirtualNetworkGateway Active 10.101.0.125/32 VirtualNetworkGateway 203.0.113.3
    ");
    insta::assert_snapshot!(lab.effective("hub-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    Default Active 10.1.0.0/24 VnetLocal
    Default Active 10.2.0.0/24 VNetPeering
    VirtualNetworkGateway Active 10.3.0.0/24 VirtualNetworkGateway 203.0.113.1
    ");
    insta::assert_snapshot!(lab.learned("hub-vpn"), @r"
    10.1.0.0/24 Network itself -
    10.2.0.0/24 Network itself -
    10.3.0.0/24 Network hub-to-branch -
    ");
    insta::assert_snapshot!(lab.path("branch-vm", "spoke-vm"), @"branch-vm branch-vpn hub-vpn spoke-vm: Delivered");
    insta::assert_snapshot!(lab.path("spoke-vm", "branch-vm"), @"spoke-vm hub-vpn branch-vpn branch-vm: Delivered");
    insta::assert_snapshot!(lab.path("hub-vm", "east-pc"), @"hub-vm: Dropped");
}

#[test]
fn rule_5_9_without_bgp_the_others_ranges_are_advertised_as_static_prefixes_are() {
    let lab = vnet_to_vnet("enableBgp: false");
    insta::assert_snapshot!(lab.advertised("branch-vpn", "east-ce"), @r"
    10.1.0.0/24 65010
    10.2.0.0/24 65010
    10.3.0.0/24 65010
    ");
}

#[test]
fn rule_5_9_with_bgp_the_peers_address_comes_along() {
    let lab = vnet_to_vnet("");
    insta::assert_snapshot!(lab.effective("hub-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    Default Active 10.1.0.0/24 VnetLocal
    Default Active 10.2.0.0/24 VNetPeering
    VirtualNetworkGateway Active 10.3.0.0/24 VirtualNetworkGateway 203.0.113.1
    VirtualNetworkGateway Active 10.3.0.254/32 VirtualNetworkGateway 203.0.113.1
    VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 203.0.113.1
    VirtualNetworkGateway Active 10.101.0.125/32 VirtualNetworkGateway 203.0.113.1
    ");
    insta::assert_snapshot!(lab.learned("hub-vpn"), @r"
    10.1.0.0/24 Network itself -
    10.2.0.0/24 Network itself -
    10.3.0.0/24 EBgp branch-vpn 65010
    10.3.0.254/32 Network hub-to-branch -
    10.101.0.0/24 EBgp branch-vpn 65010-65001
    10.101.0.125/32 EBgp branch-vpn 65010
    ");
}

#[test]
fn rule_30_7_the_instances_tell_each_other_everything_but_what_both_serve() {
    let lab = Solved::without(&pair().text(), &["hub-to-east-in0"]);
    insta::assert_snapshot!(lab.advertised("hub-vpn-in1", "hub-vpn-in0"), @r"
    10.101.0.0/24 65001
    10.101.0.125/32 -
    ");
    insta::assert_snapshot!(lab.learned("hub-vpn-in0"), @r"
    10.1.0.0/24 Network itself -
    10.101.0.0/24 IBgp hub-vpn-in1 65001
    10.101.0.125/32 IBgp hub-vpn-in1 -
    ");
}

#[test]
fn rule_5_10_an_instance_whose_tunnel_is_down_forwards_to_its_twin() {
    let lab = Lab::default()
        .vnet(Network::new("hub", 1).table("default", "rt"))
        .vpn_gateway_pair("hub", 1, 65515)
        .site("east", 1, 65001)
        .site_to_site("hub", "east")
        .table("rt", &["10.101.0.0/24 VirtualAppliance 10.1.0.150"]);
    let lab = Solved::without(&lab.text(), &["hub-to-east-in0"]);
    insta::assert_snapshot!(lab.known("hub-vpn-in0", "10.101.0.0/24"), @"10.101.0.0/24 > eth0 via 10.1.0.151: iBGP hub-vpn-in1 path 65001 preference 100");
    insta::assert_snapshot!(lab.path("hub-vm", "east-pc"), @"hub-vm hub-vpn-in0 hub-vpn-in1 east-ce east-lan east-pc: Delivered");
}

#[test]
fn rule_5_10_static_prefixes_are_told_to_the_twin_as_well() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway_pair("hub", 1, 65515)
        .site("east", 1, 65001)
        .site_to_site_with(
            "hub",
            "east",
            "enableBgp: false, localNetworkAddressPrefixes: [10.101.0.0/24]",
        );
    let lab = Solved::without(&lab.text(), &["hub-to-east-in0"]);
    insta::assert_snapshot!(lab.known("hub-vpn-in0", "10.101.0.0/24"), @"10.101.0.0/24 > eth0 via 10.1.0.151: iBGP hub-vpn-in1 preference 100");
}

#[test]
fn rule_5_15_a_sites_default_route_comes_to_the_interfaces() {
    let lab = Lab::default()
        .network("hub", 1, &["spoke, allowGatewayTransit: true"])
        .network("spoke", 2, &["hub, useRemoteGateways: true"])
        .vpn_gateway_pair("hub", 1, 65515)
        .advertising_site("east", 1, 65001, "0.0.0.0/0")
        .site_to_site("hub", "east");
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.effective_to("hub-vm", "0.0.0.0/0"), @"VirtualNetworkGateway Active 0.0.0.0/0 VirtualNetworkGateway 10.1.0.150 10.1.0.151");
    insta::assert_snapshot!(lab.effective_to("spoke-vm", "0.0.0.0/0"), @"VirtualNetworkGateway Active 0.0.0.0/0 VirtualNetworkGateway 10.1.0.150 10.1.0.151");
    insta::assert_snapshot!(lab.path("spoke-vm", "east-pc"), @"spoke-vm hub-vpn-in0 east-ce east-lan east-pc: Delivered");
}

#[test]
fn rule_30_4_a_peers_address_in_the_local_network_gateway_is_one_route_and_no_network() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway_pair("hub", 1, 65515)
        .circuit_gateway("hub")
        .site("east", 1, 65001)
        .site_to_site_with(
            "hub",
            "east",
            "localNetworkAddressPrefixes: [10.101.0.125/32]",
        );
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.learned_of("hub-vpn-in0", "10.101.0.125/32"), @r"
    10.101.0.125/32 Network hub-to-east -
      before 10.101.0.125/32 IBgp hub-vpn-in1 -
    ");
    assert_eq!(lab.learned_of("hub-er", "10.101.0.125/32"), "");
}

#[test]
fn rule_5_9_without_bgp_two_instances_beyond_are_one_route() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .network("branch", 3, &[])
        .vpn_gateway("hub", 1, 65515)
        .vpn_gateway_pair("branch", 3, 65010)
        .tunnel_with("hub", "branch", "enableBgp: false");
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.learned("hub-vpn"), @r"
    10.1.0.0/24 Network itself -
    10.3.0.0/24 Network hub-to-branch -
    ");
    insta::assert_snapshot!(lab.known("hub-vpn", "10.3.0.0/24"), @"10.3.0.0/24 > hub-to-branch-2 | hub-to-branch-3: network hub-to-branch");
}

#[test]
fn rule_5_9_without_bgp_the_instance_and_the_circuits_gateway_hear_of_the_other_network() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .network("branch", 3, &[])
        .vpn_gateway_pair("hub", 1, 65515)
        .circuit_gateway("hub")
        .vpn_gateway("branch", 3, 65010)
        .tunnel_with("hub", "branch", "enableBgp: false");
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.learned_of("hub-er", "10.3.0.0/24"), @r"
    10.3.0.0/24 IBgp hub-vpn-in0 -
    10.3.0.0/24 IBgp hub-vpn-in1 -
    ");
    insta::assert_snapshot!(lab.learned_of("hub-vpn-in0", "10.3.0.0/24"), @r"
    10.3.0.0/24 Network hub-to-branch -
      before 10.3.0.0/24 IBgp hub-vpn-in1 -
    ");
}
