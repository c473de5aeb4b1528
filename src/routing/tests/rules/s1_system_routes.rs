//! Section 1: system routes.

use super::Solved;
use super::lab::{Lab, Network};

/// A single network with its own address space and one machine.
fn alone(prefixes: &str, machine: &str) -> Lab {
    Lab::default().add(
        "virtualNetworks",
        &format!(
            "own: {{ location: region1, addressPrefixes: [{prefixes}], subnets: {{ default: {{ addressPrefix: {machine}/24 }} }}, virtualMachines: {{ own-vm: {{ subnet: default, privateIPAddress: {machine} }} }} }}"
        )
        .replace("4/24", "0/24"),
    )
}

#[test]
fn rule_1_1_one_row_for_each_range_and_none_for_a_subnet() {
    let lab = Solved::of(
        "\
name: ranges
virtualNetworks:
  own:
    location: region1
    addressPrefixes: [10.1.0.0/16, 10.9.0.0/24]
    subnets:
      a: { addressPrefix: 10.1.1.0/24 }
      b: { addressPrefix: 10.1.2.0/24 }
    virtualMachines: { own-vm: { subnet: a, privateIPAddress: 10.1.1.4 } }
",
    );
    insta::assert_snapshot!(lab.effective("own-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    Default Active 10.1.0.0/16 VnetLocal
    Default Active 10.9.0.0/24 VnetLocal
    ");
}

#[test]
fn rule_1_2_one_row_for_each_range_of_each_directly_peered_network() {
    let lab = Lab::default()
        .network("a", 1, &["b", "far"])
        .network("b", 2, &["a"])
        .vnet(Network::new("far", 3).location("region2").peers(&["a"]));
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.effective("a-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    Default Active 10.1.0.0/24 VnetLocal
    Default Active 10.2.0.0/24 VNetPeering
    Default Active 10.3.0.0/24 VNetGlobalPeering
    ");
    insta::assert_snapshot!(lab.effective("b-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    Default Active 10.1.0.0/24 VNetPeering
    Default Active 10.2.0.0/24 VnetLocal
    ");
    insta::assert_snapshot!(lab.path("a-vm", "far-vm"), @"a-vm far-vm: Delivered");
}

#[test]
fn rule_1_3_everything_else_goes_to_the_internet() {
    let lab = Solved::of(&Lab::default().network("a", 1, &[]).text());
    insta::assert_snapshot!(lab.effective_to("a-vm", "0.0.0.0/0"), @"Default Active 0.0.0.0/0 Internet");
}

#[test]
fn rule_1_4_reserved_prefixes_are_dropped() {
    let lab = Solved::of(&Lab::default().network("a", 1, &[]).text());
    insta::assert_snapshot!(lab.dropped("a-vm"), @"10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.168.0.0/16 198.18.0.0/15");
    insta::assert_snapshot!(lab.effective_to("a-vm", "100.64.0.0/10"), @"Default Active 100.64.0.0/10 None");
}

#[test]
fn rule_1_5_a_range_equal_to_a_reserved_prefix_is_local() {
    let lab = Solved::of(&alone("10.0.0.0/8", "10.1.1.4").text());
    insta::assert_snapshot!(lab.effective_to("own-vm", "10.0.0.0/8"), @"Default Active 10.0.0.0/8 VnetLocal");
    insta::assert_snapshot!(lab.dropped("own-vm"), @"100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.168.0.0/16 198.18.0.0/15");
}

#[test]
fn rule_1_5_a_range_that_contains_a_reserved_prefix_removes_it() {
    let lab = Solved::of(&alone("192.0.0.0/8", "192.1.1.4").text());
    insta::assert_snapshot!(lab.effective("own-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    Default Active 192.0.0.0/8 VnetLocal
    ");
    insta::assert_snapshot!(lab.dropped("own-vm"), @"10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 198.18.0.0/15");
}

#[test]
fn rule_1_5_a_range_inside_a_reserved_prefix_leaves_it() {
    let lab = Solved::of(&alone("10.1.0.0/16", "10.1.1.4").text());
    insta::assert_snapshot!(lab.effective_to("own-vm", "10.0.0.0/8"), @"Default Active 10.0.0.0/8 None");
    insta::assert_snapshot!(lab.effective_to("own-vm", "10.1.0.0/16"), @"Default Active 10.1.0.0/16 VnetLocal");
}

#[test]
fn rule_1_5_an_address_of_an_unpeered_private_range_is_dropped() {
    let lab = Lab::default().network("a", 1, &[]).network("b", 2, &[]);
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.path("a-vm", "b-vm"), @"a-vm: Dropped");
    insta::assert_snapshot!(lab.taken("a-vm", "b-vm"), @"Default Active 10.0.0.0/8 None");
}

#[test]
fn rule_1_5_a_peered_range_equal_to_a_reserved_prefix_stands_in_its_place() {
    let lab = Lab::default().network("a", 1, &["wide"]).add(
        "virtualNetworks",
        "wide: { location: region1, addressPrefixes: [192.168.0.0/16], peerings: [{ remoteVirtualNetwork: a }] }",
    );
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.effective_to("a-vm", "192.168.0.0/16"), @"Default Active 192.168.0.0/16 VNetPeering");
}

/// A network with a subnet that has one user-defined route.
fn with_route(route: &str) -> Solved {
    let lab = Lab::default()
        .vnet(
            Network::new("a", 1)
                .table("default", "rt")
                .appliance("nva", 70),
        )
        .table("rt", &[route]);
    Solved::of(&lab.text())
}

#[test]
fn rule_1_6_a_route_of_the_user_to_a_reserved_prefix_removes_that_row_alone() {
    let lab = with_route("10.0.0.0/8 VirtualAppliance 10.1.0.70");
    insta::assert_snapshot!(lab.effective_to("a-vm", "10.0.0.0/8"), @"User Active 10.0.0.0/8 VirtualAppliance 10.1.0.70");
    insta::assert_snapshot!(lab.dropped("a-vm"), @"100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.168.0.0/16 198.18.0.0/15");
}

#[test]
fn rule_1_6_a_longer_route_of_the_user_removes_no_row() {
    let lab = with_route("10.7.0.0/16 VirtualAppliance 10.1.0.70");
    insta::assert_snapshot!(lab.dropped("a-vm"), @"10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.168.0.0/16 198.18.0.0/15");
}

#[test]
fn rule_1_6_a_default_route_of_the_user_removes_every_reserved_prefix() {
    for route in [
        "0.0.0.0/0 VirtualAppliance 10.1.0.70",
        "0.0.0.0/0 Internet",
        "0.0.0.0/0 None",
    ] {
        assert_eq!(with_route(route).reserved("a-vm"), "", "{route}");
    }
    let lab = with_route("0.0.0.0/0 VirtualAppliance 10.1.0.70");
    insta::assert_snapshot!(lab.effective("a-vm"), @r"
    User Active 0.0.0.0/0 VirtualAppliance 10.1.0.70
    Default Invalid 0.0.0.0/0 Internet
    Default Active 10.1.0.0/24 VnetLocal
    ");
}

#[test]
fn rule_1_6_a_default_route_by_bgp_removes_every_reserved_prefix() {
    let by_bgp = |table: Network| {
        let lab = Lab::default()
            .vnet(table)
            .vpn_gateway("hub", 1, 65515)
            .advertising_site("east", 1, 65001, "0.0.0.0/0")
            .site_to_site("hub", "east")
            .table_without_propagation("deaf", &[]);
        Solved::of(&lab.text())
    };
    let told = by_bgp(Network::new("hub", 1));
    assert_eq!(told.reserved("hub-vm"), "");
    insta::assert_snapshot!(told.effective_to("hub-vm", "0.0.0.0/0"), @"VirtualNetworkGateway Active 0.0.0.0/0 VirtualNetworkGateway 203.0.113.1");
    let deaf = by_bgp(Network::new("hub", 1).table("default", "deaf"));
    insta::assert_snapshot!(deaf.dropped("hub-vm"), @"10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.168.0.0/16 198.18.0.0/15");
}
