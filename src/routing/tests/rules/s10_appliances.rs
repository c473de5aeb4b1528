//! Section 10: network virtual appliances.

use super::Solved;
use super::lab::{Lab, Network};

/// The routes of the spokes to each other, through the hub's address 10.1.0.`host`.
fn spokes(hub: Network, host: u8) -> Lab {
    Lab::default()
        .vnet(hub.peers(&["one", "two"]))
        .vnet(
            Network::new("one", 2)
                .table("default", "rt1")
                .peers(&["hub"]),
        )
        .vnet(
            Network::new("two", 3)
                .table("default", "rt2")
                .peers(&["hub"]),
        )
        .table(
            "rt1",
            &[&format!("10.3.0.0/24 VirtualAppliance 10.1.0.{host}")],
        )
        .table(
            "rt2",
            &[&format!("10.2.0.0/24 VirtualAppliance 10.1.0.{host}")],
        )
}

#[test]
fn rule_10_1_an_appliance_forwards_and_a_machine_does_not() {
    let lab = Solved::of(&spokes(Network::new("hub", 1).appliance("nva", 70), 70).text());
    insta::assert_snapshot!(lab.path("one-vm", "two-vm"), @"one-vm nva two-vm: Delivered");
    insta::assert_snapshot!(lab.path("two-vm", "one-vm"), @"two-vm nva one-vm: Delivered");
}

/// Two appliances behind one frontend.
fn balanced() -> String {
    let hub = Network::new("hub", 1)
        .appliance("nva1", 70)
        .appliance("nva2", 71);
    spokes(hub, 100)
        .add(
            "loadBalancers",
            "ilb: { virtualNetwork: hub, subnet: nva, frontendIPAddress: 10.1.0.100, backends: [nva1, nva2] }",
        )
        .text()
}

#[test]
fn rule_10_3_a_load_balancer_stands_for_its_appliances() {
    let lab = Solved::of(&balanced());
    insta::assert_snapshot!(lab.known("one-vm", "10.3.0.0/24"), @"10.3.0.0/24 > eth0 via 10.1.0.70 | eth0 via 10.1.0.71: User rt1/r0 VirtualAppliance 10.1.0.100");
    insta::assert_snapshot!(lab.known("two-vm", "10.2.0.0/24"), @"10.2.0.0/24 > eth0 via 10.1.0.70 | eth0 via 10.1.0.71: User rt2/r0 VirtualAppliance 10.1.0.100");
}

#[test]
fn rule_10_3_a_load_balancer_is_no_hop() {
    let lab = Solved::of(&balanced());
    insta::assert_snapshot!(lab.path("one-vm", "two-vm"), @"one-vm nva1 two-vm: Delivered");
}

#[test]
fn rule_10_3_an_appliance_that_answers_no_probe_leaves_the_rotation() {
    let lab = Solved::without(&balanced(), &["nva1"]);
    insta::assert_snapshot!(lab.known("one-vm", "10.3.0.0/24"), @"10.3.0.0/24 > eth0 via 10.1.0.71: User rt1/r0 VirtualAppliance 10.1.0.100");
    let lab = Solved::without(&balanced(), &["nva1", "nva2"]);
    insta::assert_snapshot!(lab.effective_to("one-vm", "10.3.0.0/24"), @"User Active 10.3.0.0/24 VirtualAppliance 10.1.0.100 (drops)");
    insta::assert_snapshot!(lab.path("one-vm", "two-vm"), @"one-vm: Dropped");
}

/// A hub with an appliance that has a tunnel to the site `east`, and a spoke that uses the appliance.
fn overlay(appliance: &str, connection: &str) -> String {
    let device =
        format!("tunnel: {{ sourceAddress: 198.51.100.30, address: 10.1.0.126 }}, {appliance}");
    Lab::default()
        .vnet(
            Network::new("hub", 1)
                .appliance_with("nva", 70, &device)
                .table("default", "rt")
                .peers(&["spoke"]),
        )
        .vnet(Network::new("spoke", 2).table("default", "rt").peers(&["hub"]))
        .site("east", 1, 65001)
        .add(
            "connections",
            &format!("hub-to-east: {{ connectionType: IPsec, appliance: nva, device: east-ce{connection} }}"),
        )
        .table("rt", &["10.101.0.0/24 VirtualAppliance 10.1.0.70"])
        .text()
}

#[test]
fn rule_10_an_appliance_with_a_tunnel_has_its_own_routes_over_those_of_its_interface() {
    let lab = Solved::of(&overlay(
        "asn: 65030, advertise: [10.1.0.0/24, 10.2.0.0/24]",
        "",
    ));
    insta::assert_snapshot!(lab.table("nva"), @"
    0.0.0.0/0 > fabric: Internet
    10.1.0.0/24 > eth0: VnetLocal
    10.2.0.0/24 > eth0: VNetPeering spoke
    10.101.0.0/24 > hub-to-east: BGP east-ce path 65001 preference 100
    10.101.0.125/32 > hub-to-east: network hub-to-east
    198.51.100.1/32 > pub0 via 169.254.245.108: static
    ");
    insta::assert_snapshot!(lab.known("east-ce", "10.2.0.0/24"), @"10.2.0.0/24 > hub-to-east: BGP nva path 65030 preference 100");
    insta::assert_snapshot!(lab.path("spoke-vm", "east-pc"), @"spoke-vm nva east-ce east-lan east-pc: Delivered");
    insta::assert_snapshot!(lab.path("east-pc", "spoke-vm"), @"east-pc east-lan east-ce nva spoke-vm: Delivered");
    insta::assert_snapshot!(lab.path("hub-vm", "east-pc"), @"hub-vm nva east-ce east-lan east-pc: Delivered");
}

#[test]
fn rule_10_an_appliance_without_bgp_has_routes_into_its_tunnel() {
    let lab = overlay(
        "routes: [{ addressPrefix: 10.101.0.0/24, connection: hub-to-east }]",
        ", enableBgp: false",
    );
    let lab = lab.replace(
        "address: 10.101.0.125 }",
        "address: 10.101.0.125 }, routes: [{ addressPrefix: 10.2.0.0/24, connection: hub-to-east }]",
    );
    let whole = Solved::of(&lab);
    insta::assert_snapshot!(whole.known("nva", "10.101.0.0/24"), @"10.101.0.0/24 > hub-to-east: network hub-to-east");
    insta::assert_snapshot!(whole.path("spoke-vm", "east-pc"), @"spoke-vm nva east-ce east-lan east-pc: Delivered");
    insta::assert_snapshot!(whole.path("east-pc", "spoke-vm"), @"east-pc east-lan east-ce nva spoke-vm: Delivered");
    let failed = Solved::without(&lab, &["hub-to-east"]);
    insta::assert_snapshot!(failed.known("nva", "10.101.0.0/24"), @"nothing");
    insta::assert_snapshot!(failed.path("spoke-vm", "east-pc"), @"spoke-vm nva: Dropped");
}

#[test]
fn rule_10_what_an_appliance_knows_is_on_no_other_interface() {
    // Without user-defined routes, the network has no routes to the prefixes that its appliance learned.
    let lab = overlay("asn: 65030, advertise: [10.2.0.0/24]", "");
    let lab = Solved::of(&lab.replace("r0: { addressPrefix: 10.101.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.1.0.70 }", ""));
    insta::assert_snapshot!(lab.taken("spoke-vm", "east-pc"), @"Default Active 10.0.0.0/8 None");
    insta::assert_snapshot!(lab.taken("hub-vm", "east-pc"), @"Default Active 10.0.0.0/8 None");
}

#[test]
fn rule_10_what_leads_into_a_tunnel_does_not_come_to_the_interfaces_own_routes() {
    // The hub's gateway learned a part of the prefix behind the appliance's tunnel.
    let device = "tunnel: { sourceAddress: 198.51.100.30, address: 10.1.0.126 }, asn: 65030, advertise: [10.1.0.0/24]";
    let lab = Lab::default()
        .vnet(
            Network::new("hub", 1)
                .appliance_with("nva", 70, device)
                .peers(&["spoke"]),
        )
        .network("spoke", 2, &["hub"])
        .vpn_gateway("hub", 1, 65515)
        .advertising_site("east", 1, 65001, "10.0.0.0/8")
        .site("west", 2, 65002)
        .site_to_site("hub", "west")
        .add(
            "connections",
            "hub-to-east: { connectionType: IPsec, appliance: nva, device: east-ce }",
        );
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.table("nva"), @r"
    0.0.0.0/0 > fabric: Internet
    10.0.0.0/8 > hub-to-east: BGP east-ce path 65001 preference 100
    10.1.0.0/24 > eth0: VnetLocal
    10.2.0.0/24 > eth0: VNetPeering spoke
    10.101.0.125/32 > hub-to-east: network hub-to-east
      before 10.102.0.0/24 > eth0 via 10.1.0.150: VirtualNetworkGateway hub-vpn path 65002: lower administrative distance wins
      before 10.102.0.125/32 > eth0 via 10.1.0.150: VirtualNetworkGateway hub-vpn: lower administrative distance wins
    198.51.100.1/32 > pub0 via 169.254.245.108: static
    ");
}
