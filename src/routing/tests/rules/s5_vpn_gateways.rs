//! Section 5: VPN gateways.

mod listed;

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
fn rule_30_7_an_instance_hears_nothing_of_its_networks_ranges_from_its_twin() {
    insta::assert_snapshot!(everything().learned_of("hub-vpn-in0", "10.1.0.0/24"), @"10.1.0.0/24 Network itself -");
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

/// Two hubs, each with a tunnel to its own site; the sites are connected and pass on the routes that they learn.
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
      before 10.200.0.0/16 > hub-to-east: BGP east-ce path 65001-65001-65001 preference 100: shorter AS path wins
    ");
}
