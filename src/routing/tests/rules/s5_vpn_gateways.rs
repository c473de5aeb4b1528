//! Section 5: VPN gateways.

use super::Solved;
use super::lab::{Lab, Network, Site};

/// A hub with a gateway of one instance and a VPN to the site `east`.
fn hub() -> Lab {
    Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway("hub", 1, 65515)
        .site("east", 1, 65001)
        .site_to_site("hub", "east")
}

/// A hub with a gateway of two instances and a VPN to the site `east`.
fn pair() -> Lab {
    Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway_pair("hub", 1, 65515)
        .site("east", 1, 65001)
        .site_to_site("hub", "east")
}

#[test]
fn rule_5_2_one_instance_speaks_bgp_from_the_last_usable_address() {
    let lab = Solved::of(&hub().text());
    insta::assert_snapshot!(lab.known("east-ce", "10.1.0.254/32"), @"10.1.0.254/32 > hub-to-east: network hub-to-east");
}

#[test]
fn rule_5_2_two_instances_speak_bgp_from_their_own_addresses() {
    let lab = Solved::of(&pair().text());
    insta::assert_snapshot!(lab.known("east-ce", "10.1.0.150/32"), @"10.1.0.150/32 > hub-to-east-in0: network hub-to-east");
    insta::assert_snapshot!(lab.known("east-ce", "10.1.0.151/32"), @"10.1.0.151/32 > hub-to-east-in1: network hub-to-east");
}

#[test]
fn rule_5_2_two_instances_take_the_low_end_of_their_subnet() {
    let given = "privateIPAddresses: [10.1.0.150, 10.1.0.151], ";
    let lab = Solved::of(&pair().text().replace(given, ""));
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.101.0.0/24"), @"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.1.0.132 10.1.0.133");
    assert!(lab.knows("east-ce", "10.1.0.132/32") && lab.knows("east-ce", "10.1.0.133/32"));
}

#[test]
fn rule_5_2_an_instance_may_speak_bgp_from_a_link_local_address() {
    let lab = hub().text().replace(
        "privateIPAddress: 10.1.0.150",
        "privateIPAddress: 10.1.0.150, bgpPeeringAddress: 169.254.21.2",
    );
    let lab = lab.replace("address: 10.101.0.125", "address: 169.254.21.1");
    let lab = Solved::of(&lab);
    insta::assert_snapshot!(lab.known("east-ce", "169.254.21.2/32"), @"169.254.21.2/32 > hub-to-east: network hub-to-east");
    insta::assert_snapshot!(lab.known("east-ce", "10.1.0.0/24"), @"10.1.0.0/24 > hub-to-east: BGP hub-vpn path 65515 preference 100");
}

/// An active-active gateway with everything that an instance learns from: a peer that uses it, a site
/// with BGP and one without.
fn everything() -> Solved {
    let lab = Lab::default()
        .network("hub", 1, &["spoke, allowGatewayTransit: true"])
        .network("spoke", 2, &["hub, useRemoteGateways: true"])
        .vpn_gateway_pair("hub", 1, 65515)
        .site("east", 1, 65001)
        .site("west", 2, 65002)
        .site_to_site("hub", "east")
        .site_to_site_with(
            "hub",
            "west",
            "enableBgp: false, localNetworkAddressPrefixes: [10.102.0.0/24]",
        );
    Solved::of(&lab.text())
}

#[test]
fn rule_5_3_an_instance_learns_from_its_network_its_tunnels_and_its_twin() {
    let lab = everything();
    let [own, transit] =
        ["10.1.0.0/24", "10.2.0.0/24"].map(|range| format!("{range} Network itself -"));
    let learned = lab.learned("hub-vpn-in0");
    assert!(
        learned.contains(&own) && learned.contains(&transit),
        "{learned}"
    );
    insta::assert_snapshot!(lab.learned_of("hub-vpn-in0", "10.101.0.0/24"), @r"
    10.101.0.0/24 EBgp east-ce 65001
      before 10.101.0.0/24 IBgp hub-vpn-in1 65001
    ");
    assert!(
        learned.contains("10.101.0.125/32 Network hub-to-east -"),
        "{learned}"
    );
    assert!(
        learned.contains("10.102.0.0/24 Network hub-to-west -"),
        "{learned}"
    );
}

#[test]
fn rule_5_3_an_instance_lists_its_networks_ranges_from_its_twin_too() {
    insta::assert_snapshot!(everything().learned_of("hub-vpn-in0", "10.1.0.0/24"), @r"
    10.1.0.0/24 Network itself -
      before 10.1.0.0/24 IBgp hub-vpn-in1 -
    ");
}

#[test]
fn rule_5_3_what_an_instance_has_itself_is_its_best() {
    insta::assert_snapshot!(everything().learned_of("hub-vpn-in0", "10.102.0.0/24"), @r"
    10.102.0.0/24 Network hub-to-west -
      before 10.102.0.0/24 IBgp hub-vpn-in1 -
    ");
}

/// Two sites with BGP, one of them with a local network gateway that names prefixes, and one without.
fn three_sites() -> Lab {
    Lab::default()
        .network("hub", 1, &["spoke, allowGatewayTransit: true"])
        .network("spoke", 2, &["hub, useRemoteGateways: true"])
        .vpn_gateway("hub", 1, 65515)
        .site("east", 1, 65001)
        .advertising_site("west", 2, 65002, "10.102.0.0/24, 0.0.0.0/0")
        .site("south", 3, 65003)
        .site_to_site_with("hub", "east", "localNetworkAddressPrefixes: [10.77.0.0/24]")
        .site_to_site("hub", "west")
        .site_to_site_with(
            "hub",
            "south",
            "enableBgp: false, localNetworkAddressPrefixes: [10.103.0.0/24]",
        )
}

#[test]
fn rule_5_4_a_gateway_tells_its_networks_its_other_connections_and_what_other_sites_told() {
    let lab = Solved::of(&three_sites().text());
    insta::assert_snapshot!(lab.advertised("hub-vpn", "east-ce"), @r"
    10.1.0.0/24 65515
    10.2.0.0/24 65515
    10.102.0.0/24 65515-65002
    10.102.0.125/32 65515
    10.103.0.0/24 65515
    ");
    insta::assert_snapshot!(lab.advertised("hub-vpn", "west-ce"), @r"
    10.1.0.0/24 65515
    10.2.0.0/24 65515
    10.77.0.0/24 65515
    10.101.0.0/24 65515-65001
    10.101.0.125/32 65515
    10.103.0.0/24 65515
    ");
}

#[test]
fn rule_5_4_a_gateway_is_a_transit_between_sites() {
    let lab = Solved::of(&three_sites().text());
    insta::assert_snapshot!(lab.known("east-ce", "10.102.0.0/24"), @"10.102.0.0/24 > hub-to-east: BGP hub-vpn path 65515-65002 preference 100");
    insta::assert_snapshot!(lab.path("east-pc", "west-pc"), @"east-pc east-lan east-ce hub-vpn west-ce west-lan west-pc: Delivered");
    insta::assert_snapshot!(lab.path("west-pc", "east-pc"), @"west-pc west-lan west-ce hub-vpn east-ce east-lan east-pc: Delivered");
}

#[test]
fn rule_5_4_a_gateway_never_tells_a_default_route_but_two_halves_of_it() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway("hub", 1, 65515)
        .site("east", 1, 65001)
        .advertising_site("west", 2, 65002, "0.0.0.0/0, 0.0.0.0/1, 128.0.0.0/1")
        .site_to_site("hub", "east")
        .site_to_site("hub", "west");
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.advertised("hub-vpn", "east-ce"), @r"
    0.0.0.0/1 65515-65002
    10.1.0.0/24 65515
    10.102.0.125/32 65515
    128.0.0.0/1 65515-65002
    ");
}

#[test]
fn rule_5_4_the_bgp_addresses_of_one_site_leak_to_the_other_sites() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway_pair("hub", 1, 65515)
        .network("branch", 4, &[])
        .vpn_gateway_pair("branch", 4, 65010)
        .site("east", 1, 65001)
        .site("west", 2, 65002)
        .tunnel("hub", "branch")
        .site_to_site("hub", "east")
        .site_to_site("hub", "west");
    let lab = Solved::of(&lab.text());
    for leaked in ["10.101.0.125/32", "10.4.0.150/32", "10.4.0.151/32"] {
        assert!(lab.knows("west-ce", leaked), "{leaked}");
    }
    insta::assert_snapshot!(lab.known("west-ce", "10.101.0.125/32"), @"10.101.0.125/32 > hub-to-west-in0 | hub-to-west-in1: BGP hub-vpn-in0 path 65515 preference 100");
    insta::assert_snapshot!(lab.known("west-ce", "10.4.0.151/32"), @"10.4.0.151/32 > hub-to-west-in0 | hub-to-west-in1: BGP hub-vpn-in0 path 65515 preference 100");
}

/// Two hubs, each with a tunnel to a site of its own; the sites are joined and pass on what they learn.
fn joined_sites(far: u32) -> Solved {
    let lab = Lab::default()
        .network("hub1", 1, &[])
        .network("hub2", 2, &[])
        .vpn_gateway("hub1", 1, 65515)
        .vpn_gateway("hub2", 2, far)
        .on_premises(Site::new("east", 1, 65001).edge("transit: true"))
        .on_premises(Site::new("west", 2, 65003).edge("transit: true"))
        .wan(1, "east", "west")
        .site_to_site("hub1", "east")
        .site_to_site("hub2", "west");
    Solved::of(&lab.text())
}

#[test]
fn rule_5_5_a_path_with_the_gateways_own_number_is_dropped() {
    let lab = joined_sites(65515);
    insta::assert_snapshot!(lab.advertised("east-ce", "hub1-vpn"), @r"
    10.2.0.0/24 65001-65003-65515
    10.101.0.0/24 65001
    10.102.0.0/24 65001-65003
    ");
    insta::assert_snapshot!(lab.learned("hub1-vpn"), @r"
    10.1.0.0/24 Network itself -
    10.101.0.0/24 EBgp east-ce 65001
    10.101.0.125/32 Network hub1-to-east -
    10.102.0.0/24 EBgp east-ce 65001-65003
    ");
}

#[test]
fn rule_5_5_gateways_of_different_numbers_learn_each_other_by_way_of_sites() {
    let lab = joined_sites(65020);
    insta::assert_snapshot!(lab.learned_of("hub1-vpn", "10.2.0.0/24"), @"10.2.0.0/24 EBgp east-ce 65001-65003-65020");
    insta::assert_snapshot!(lab.path("hub1-vm", "hub2-vm"), @"hub1-vm hub1-vpn east-ce west-ce hub2-vpn hub2-vm: Delivered");
}

/// Two sites with the same prefix; one of them prepends.
fn prepending(east: &str, west: &str) -> Lab {
    Lab::default()
        .network("hub", 1, &[])
        .on_premises(
            Site::new("east", 1, 65001)
                .advertise("10.200.0.0/16")
                .edge(east),
        )
        .on_premises(
            Site::new("west", 2, 65002)
                .advertise("10.200.0.0/16")
                .edge(west),
        )
        .site_to_site("hub", "east")
        .site_to_site("hub", "west")
}

#[test]
fn rule_5_6_prepending_decides_between_two_sites() {
    let lab = prepending("asPathPrepend: { hub-to-east: 2 }", "").vpn_gateway("hub", 1, 65515);
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.learned_of("hub-vpn", "10.200.0.0/16"), @r"
    10.200.0.0/16 EBgp west-ce 65002
      before 10.200.0.0/16 EBgp east-ce 65001-65001-65001
    ");
    insta::assert_snapshot!(lab.taken_to("hub-vm", "10.200.0.1"), @"VirtualNetworkGateway Active 10.200.0.0/16 VirtualNetworkGateway 203.0.113.1");
    insta::assert_snapshot!(lab.known("hub-vpn", "10.200.0.0/16"), @r"
    10.200.0.0/16 > hub-to-west: BGP west-ce path 65002 preference 100
      before 10.200.0.0/16 > hub-to-east: BGP east-ce path 65001-65001-65001 preference 100, by shorter AS path
    ");
}

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
fn rule_5_9_without_bgp_there_is_no_transit() {
    let lab = vnet_to_vnet("enableBgp: false");
    insta::assert_snapshot!(lab.advertised("branch-vpn", "east-ce"), @"10.3.0.0/24 65010");
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
fn rule_5_10_the_instances_tell_each_other_everything() {
    let lab = Solved::without(&pair().text(), &["hub-to-east-in0"]);
    insta::assert_snapshot!(lab.advertised("hub-vpn-in1", "hub-vpn-in0"), @r"
    10.1.0.0/24 -
    10.101.0.0/24 65001
    10.101.0.125/32 -
    ");
    insta::assert_snapshot!(lab.learned("hub-vpn-in0"), @r"
    10.1.0.0/24 Network itself -
      before 10.1.0.0/24 IBgp hub-vpn-in1 -
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
    insta::assert_snapshot!(lab.effective_to("hub-vm", "0.0.0.0/0"), @r"
    VirtualNetworkGateway Active 0.0.0.0/0 VirtualNetworkGateway 10.1.0.150 10.1.0.151
    Default Invalid 0.0.0.0/0 Internet
    ");
    insta::assert_snapshot!(lab.effective_to("spoke-vm", "0.0.0.0/0"), @r"
    VirtualNetworkGateway Active 0.0.0.0/0 VirtualNetworkGateway 10.1.0.150 10.1.0.151
    Default Invalid 0.0.0.0/0 Internet
    ");
    insta::assert_snapshot!(lab.path("spoke-vm", "east-pc"), @"spoke-vm hub-vpn-in0 east-ce east-lan east-pc: Delivered");
}
