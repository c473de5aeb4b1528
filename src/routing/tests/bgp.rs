//! Who learns which routes: one small lab for each rule of Azure's gateways and MSEEs.

use super::Solved;
use super::lab::Lab;

fn solved(lab: &Lab) -> Solved {
    Solved::of(&lab.text())
}

/// A hub with a VPN to the site `east`, and a spoke peered with it.
fn hub_and_spoke(hub: &str, spoke: &str) -> Lab {
    Lab::default()
        .network("hub", 1, &[hub])
        .network("spoke", 2, &[spoke])
        .vpn_gateway("hub", 1, 65515)
        .site("east", 1, 65001)
        .site_to_site("hub", "east")
}

#[test]
fn without_gateway_transit_a_spoke_learns_nothing_and_nobody_learns_it() {
    let lab = solved(&hub_and_spoke("spoke", "hub"));
    assert!(lab.knows("hub-vm", "10.101.0.0/24") && lab.knows("east-ce", "10.1.0.0/24"));
    assert!(!lab.knows("spoke-vm", "10.101.0.0/24") && !lab.knows("east-ce", "10.2.0.0/24"));
}

#[test]
fn consent_alone_is_no_gateway_transit() {
    let lab = solved(&hub_and_spoke("spoke, allowGatewayTransit: true", "hub"));
    assert!(!lab.knows("spoke-vm", "10.101.0.0/24") && !lab.knows("east-ce", "10.2.0.0/24"));
}

#[test]
fn with_gateway_transit_a_spoke_uses_the_hubs_gateway_as_its_own() {
    let lab = solved(&hub_and_spoke(
        "spoke, allowGatewayTransit: true",
        "hub, useRemoteGateways: true",
    ));
    insta::assert_snapshot!(lab.known("spoke-vm", "10.101.0.0/24"), @r"10.101.0.0/24 > eth0 via 10.1.0.150: VirtualNetworkGateway hub-vpn path 65001");
    insta::assert_snapshot!(lab.known("east-ce", "10.2.0.0/24"), @r"10.2.0.0/24 > hub-to-east: BGP hub-vpn path 65515 preference 100");
    insta::assert_snapshot!(lab.path("east-pc", "spoke-vm"), @r"east-pc east-lan east-ce hub-vpn spoke-vm: Delivered");
    insta::assert_snapshot!(lab.path("spoke-vm", "east-pc"), @r"spoke-vm hub-vpn east-ce east-lan east-pc: Delivered");
}

#[test]
fn spokes_of_one_hub_do_not_learn_each_other_through_its_gateways() {
    let uses = ["hub, useRemoteGateways: true"];
    let lab = Lab::default()
        .network(
            "hub",
            1,
            &[
                "one, allowGatewayTransit: true",
                "two, allowGatewayTransit: true",
            ],
        )
        .network("one", 2, &uses)
        .network("two", 3, &uses)
        .vpn_gateway("hub", 1, 65515)
        .circuit_gateway("hub")
        .site("east", 1, 65001)
        .circuit("er", 1, ["east-ce", "east-ce"])
        .circuit_connection("er", "hub", 1, 140)
        .site_to_site("hub", "east");
    let lab = solved(&lab);
    assert!(lab.knows("one-vm", "10.101.0.0/24") && !lab.knows("one-vm", "10.3.0.0/24"));
    insta::assert_snapshot!(lab.path("one-vm", "two-vm"), @r"one-vm: Dropped");
}

/// A hub that reaches the site `east` by a circuit and by a tunnel.
fn both_ways() -> Lab {
    Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway("hub", 1, 65515)
        .circuit_gateway("hub")
        .site("east", 1, 65001)
        .circuit("er", 1, ["east-ce", "east-ce"])
        .circuit_connection("er", "hub", 1, 140)
        .site_to_site("hub", "east")
}

#[test]
fn a_circuit_wins_an_equal_prefix_over_a_tunnel_with_a_shorter_path() {
    insta::assert_snapshot!(solved(&both_ways()).known("hub-vm", "10.101.0.0/24"), @r"
    10.101.0.0/24 > eth0 via 10.1.0.140 | eth0 via 10.1.0.141: VirtualNetworkGateway hub-er path 12076-65001
      before 10.101.0.0/24 > eth0 via 10.1.0.150: VirtualNetworkGateway hub-vpn path 65001: ExpressRoute wins over VPN
    ");
}

#[test]
fn a_longer_prefix_of_a_tunnel_wins_over_a_circuit() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway("hub", 1, 65515)
        .circuit_gateway("hub")
        .advertising_site("east", 1, 65001, "10.96.0.0/12")
        .site("west", 2, 65002)
        .circuit("er", 1, ["east-ce", "east-ce"])
        .circuit_connection("er", "hub", 1, 140)
        .site_to_site("hub", "west");
    let lab = solved(&lab);
    insta::assert_snapshot!(lab.path("hub-vm", "west-pc"), @r"hub-vm hub-vpn west-ce west-lan west-pc: Delivered");
    insta::assert_snapshot!(lab.path("hub-vm", "east-pc"), @r"hub-vm er-msee1 east-ce east-lan east-pc: Delivered");
}

#[test]
fn a_customer_edge_takes_its_circuits_private_numbers_as_one() {
    let lab = solved(&both_ways());
    insta::assert_snapshot!(lab.known("east-ce", "10.1.0.0/24"), @r"10.1.0.0/24 > er-msee1 via 172.16.1.2 | er-msee2 via 172.16.1.6 | hub-to-east: BGP er-msee1 path 12076 preference 100");
}

#[test]
fn a_customer_edge_prefers_what_its_local_preference_says() {
    let prefers = |what: &str| {
        both_ways().text().replace(
            "10.101.0.125 } }",
            &format!("10.101.0.125 }}, localPreference: {{ {what} }} }}"),
        )
    };
    let circuit = Solved::of(&prefers("er: 200"));
    insta::assert_snapshot!(circuit.known("east-ce", "10.1.0.0/24"), @r"
    10.1.0.0/24 > er-msee1 via 172.16.1.2 | er-msee2 via 172.16.1.6: BGP er-msee1 path 12076 preference 200
      before 10.1.0.0/24 > hub-to-east: BGP hub-vpn path 65515 preference 100: higher local preference wins
    ");
    let tunnel = Solved::of(&prefers("hub-to-east: 200"));
    insta::assert_snapshot!(tunnel.known("east-ce", "10.1.0.0/24"), @r"
    10.1.0.0/24 > hub-to-east: BGP hub-vpn path 65515 preference 200
      before 10.1.0.0/24 > er-msee1 via 172.16.1.2: BGP er-msee1 path 12076 preference 100: higher local preference wins
      before 10.1.0.0/24 > er-msee2 via 172.16.1.6: BGP er-msee2 path 12076 preference 100: higher local preference wins
    ");
    insta::assert_snapshot!(tunnel.path("east-pc", "hub-vm"), @r"east-pc east-lan east-ce hub-vpn hub-vm: Delivered");
}

#[test]
fn both_legs_of_a_circuit_are_used_evenly() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .circuit_gateway("hub")
        .site("east", 1, 65001)
        .circuit("er", 1, ["east-ce", "east-ce"])
        .circuit_connection("er", "hub", 1, 140);
    let lab = solved(&lab);
    insta::assert_snapshot!(lab.known("hub-vm", "10.101.0.0/24"), @r"10.101.0.0/24 > eth0 via 10.1.0.140 | eth0 via 10.1.0.141: VirtualNetworkGateway hub-er path 12076-65001");
    insta::assert_snapshot!(lab.known("east-ce", "10.1.0.0/24"), @r"10.1.0.0/24 > er-msee1 via 172.16.1.2 | er-msee2 via 172.16.1.6: BGP er-msee1 path 12076 preference 100");
}

#[test]
fn a_disabled_link_of_a_circuit_carries_nothing() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .circuit_gateway("hub")
        .site("east", 1, 65001)
        .circuit("er", 1, ["east-ce", "east-ce, enabled: false"])
        .circuit_connection("er", "hub", 1, 140);
    let lab = solved(&lab);
    insta::assert_snapshot!(lab.known("hub-vm", "10.101.0.0/24"), @r"10.101.0.0/24 > eth0 via 10.1.0.140: VirtualNetworkGateway hub-er path 12076-65001");
    insta::assert_snapshot!(lab.table("er-msee2"), @r"
    0.0.0.0/0 > drop: discard
    10.1.0.0/24 > hub-er via 169.254.230.16: BGP hub-er path 65515 preference 100
    ");
    insta::assert_snapshot!(lab.table("east-ce"), @r"
    0.0.0.0/0 > drop: discard
    10.1.0.0/24 > er-msee1 via 172.16.1.2: BGP er-msee1 path 12076 preference 100
    10.101.0.0/24 > east-lan via 172.31.1.1: IGP
    172.16.1.0/30 > er-msee1: connected
    172.31.1.0/31 > east-lan: connected
    ");
}

#[test]
fn a_vpn_gateway_joins_its_sites() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .network("branch", 2, &[])
        .vpn_gateway("hub", 1, 65515)
        .vpn_gateway("branch", 2, 65010)
        .site("east", 1, 65001)
        .site("west", 2, 65002)
        .tunnel("hub", "branch")
        .site_to_site("hub", "east")
        .site_to_site("hub", "west");
    let lab = solved(&lab);
    insta::assert_snapshot!(lab.known("west-ce", "10.101.0.0/24"), @r"10.101.0.0/24 > hub-to-west: BGP hub-vpn path 65515-65001 preference 100");
    insta::assert_snapshot!(lab.known("branch-vm", "10.101.0.0/24"), @r"10.101.0.0/24 > eth0 via 10.2.0.150: VirtualNetworkGateway branch-vpn path 65515-65001");
    insta::assert_snapshot!(lab.path("east-pc", "west-pc"), @r"east-pc east-lan east-ce hub-vpn west-ce west-lan west-pc: Delivered");
    insta::assert_snapshot!(lab.path("west-pc", "branch-vm"), @r"west-pc west-lan west-ce hub-vpn branch-vpn branch-vm: Delivered");
}

#[test]
fn a_circuit_and_a_tunnel_are_not_joined() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway("hub", 1, 65515)
        .circuit_gateway("hub")
        .site("east", 1, 65001)
        .site("west", 2, 65002)
        .circuit("er", 1, ["east-ce", "east-ce"])
        .circuit_connection("er", "hub", 1, 140)
        .site_to_site("hub", "west");
    let lab = solved(&lab);
    assert!(lab.knows("hub-vm", "10.101.0.0/24") && lab.knows("hub-vm", "10.102.0.0/24"));
    assert!(!lab.knows("west-ce", "10.101.0.0/24") && !lab.knows("east-ce", "10.102.0.0/24"));
}

/// Two circuits, each with its own site.
fn two_circuits() -> Lab {
    Lab::default()
        .network("hub", 1, &[])
        .circuit_gateway("hub")
        .site("east", 1, 65001)
        .site("west", 2, 65002)
        .circuit("er1", 1, ["east-ce", "east-ce"])
        .circuit("er2", 2, ["west-ce", "west-ce"])
        .circuit_connection("er1", "hub", 1, 140)
        .circuit_connection("er2", "hub", 1, 142)
}

#[test]
fn a_gateway_never_joins_two_circuits() {
    let lab = solved(&two_circuits());
    assert!(lab.knows("hub-vm", "10.101.0.0/24") && lab.knows("hub-vm", "10.102.0.0/24"));
    assert!(!lab.knows("west-ce", "10.101.0.0/24") && !lab.knows("er2-msee1", "10.101.0.0/24"));
    insta::assert_snapshot!(lab.path("east-pc", "west-pc"), @r"east-pc east-lan east-ce: Dropped");
}

#[test]
fn two_customers_of_one_circuit_are_not_joined_by_its_msees() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .circuit_gateway("hub")
        .site("east", 1, 65001)
        .site("west", 2, 65002)
        .circuit("er", 1, ["east-ce", "west-ce"])
        .circuit_connection("er", "hub", 1, 140);
    let lab = solved(&lab);
    assert!(!lab.knows("west-ce", "10.101.0.0/24") && lab.knows("west-ce", "10.1.0.0/24"));
}

#[test]
fn networks_of_one_circuit_reach_each_other_by_its_msees() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .network("remote", 2, &[])
        .circuit_gateway("hub")
        .circuit_gateway("remote")
        .site("east", 1, 65001)
        .circuit("er", 1, ["east-ce", "east-ce"])
        .circuit_connection("er", "hub", 1, 140)
        .circuit_connection("er", "remote", 2, 140);
    let lab = solved(&lab);
    insta::assert_snapshot!(lab.known("remote-er", "10.1.0.0/24"), @"10.1.0.0/24 > er-msee1 via 169.254.225.136 | er-msee2 via 169.254.241.218: BGP er-msee1 path 12076-12076 preference 100");
    insta::assert_snapshot!(lab.known("hub-vm", "10.2.0.0/24"), @r"10.2.0.0/24 > eth0 via 10.1.0.140 | eth0 via 10.1.0.141: VirtualNetworkGateway hub-er path 12076-12076");
    insta::assert_snapshot!(lab.path("hub-vm", "remote-vm"), @r"hub-vm er-msee1 remote-er remote-vm: Delivered");
}

#[test]
fn a_gateway_rejects_a_path_with_its_own_number() {
    let lab = Lab::default()
        .network("one", 1, &[])
        .network("middle", 2, &[])
        .network("two", 3, &[])
        .vpn_gateway("one", 1, 65515)
        .vpn_gateway("middle", 2, 65010)
        .vpn_gateway("two", 3, 65515)
        .tunnel("one", "middle")
        .tunnel("middle", "two");
    let lab = solved(&lab);
    assert!(lab.knows("middle-vm", "10.1.0.0/24") && lab.knows("middle-vm", "10.3.0.0/24"));
    assert!(!lab.knows("one-vm", "10.3.0.0/24") && !lab.knows("two-vm", "10.1.0.0/24"));
}

#[test]
fn the_shorter_path_wins_and_a_tie_is_shared() {
    let triangle = Lab::default()
        .network("a", 1, &[])
        .network("b", 2, &[])
        .network("c", 3, &[])
        .network("d", 4, &[])
        .vpn_gateway("a", 1, 65011)
        .vpn_gateway("b", 2, 65012)
        .vpn_gateway("c", 3, 65013)
        .vpn_gateway("d", 4, 65014)
        .tunnel("a", "b")
        .tunnel("a", "c")
        .tunnel("b", "d")
        .tunnel("c", "d");
    let lab = solved(&triangle);
    insta::assert_snapshot!(lab.known("d-vpn", "10.1.0.0/24"), @r"10.1.0.0/24 > b-to-d | c-to-d: BGP b-vpn path 65012-65011 preference 100");
    insta::assert_snapshot!(lab.known("d-vpn", "10.2.0.0/24"), @r"
    10.2.0.0/24 > b-to-d: BGP b-vpn path 65012 preference 100
      before 10.2.0.0/24 > c-to-d: BGP c-vpn path 65013-65011-65012 preference 100: shorter AS path wins
    ");
}

#[test]
fn a_prefix_inside_a_network_or_its_peer_is_not_accepted() {
    let lab = Lab::default()
        .network("hub", 1, &["spoke, allowGatewayTransit: true"])
        .network("spoke", 2, &["hub, useRemoteGateways: true"])
        .network("branch", 3, &["leaf, allowGatewayTransit: true"])
        .network("leaf", 4, &["branch, useRemoteGateways: true", "far"])
        .network("far", 5, &["leaf"])
        .vpn_gateway("hub", 1, 65515)
        .vpn_gateway("branch", 3, 65010)
        .tunnel("hub", "branch");
    let lab = solved(&lab);
    assert!(lab.knows("hub-vm", "10.4.0.0/24") && !lab.knows("hub-vm", "10.5.0.0/24"));
    for (node, prefix) in [
        ("hub-vpn", "10.2.0.0/24"),
        ("branch-vpn", "10.4.0.0/24"),
        ("leaf-vm", "10.5.0.0/24"),
    ] {
        assert!(lab.known(node, prefix).contains("VNetPeering"), "{node}");
    }
}

#[test]
fn a_wider_prefix_than_the_network_is_accepted() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway("hub", 1, 65515)
        .advertising_site("east", 1, 65001, "10.0.0.0/8")
        .site_to_site("hub", "east");
    insta::assert_snapshot!(solved(&lab).table("hub-vm"), @r"
    0.0.0.0/0 > fabric: Internet
    10.0.0.0/8 > eth0 via 10.1.0.150: VirtualNetworkGateway hub-vpn path 65001
    10.1.0.0/24 > eth0: VnetLocal
    10.101.0.125/32 > eth0 via 10.1.0.150: VirtualNetworkGateway hub-vpn
    ");
}

#[test]
fn a_default_route_of_a_site_replaces_azures_and_is_not_told_to_other_sites() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway("hub", 1, 65515)
        .advertising_site("east", 1, 65001, "0.0.0.0/0")
        .site("west", 2, 65002)
        .site_to_site("hub", "east")
        .site_to_site("hub", "west");
    let lab = solved(&lab);
    insta::assert_snapshot!(lab.known("hub-vm", "0.0.0.0/0"), @"0.0.0.0/0 > eth0 via 10.1.0.150: VirtualNetworkGateway hub-vpn path 65001");
    insta::assert_snapshot!(lab.known("hub-vpn", "0.0.0.0/0"), @r"0.0.0.0/0 > hub-to-east: BGP east-ce path 65001 preference 100");
    insta::assert_snapshot!(lab.known("west-ce", "0.0.0.0/0"), @r"0.0.0.0/0 > drop: discard");
}

#[test]
fn a_default_route_of_a_circuits_customer_passes_its_msees() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .circuit_gateway("hub")
        .advertising_site("east", 1, 65001, "0.0.0.0/0")
        .circuit("er", 1, ["east-ce", "east-ce"])
        .circuit_connection("er", "hub", 1, 140);
    let lab = solved(&lab);
    insta::assert_snapshot!(lab.known("er-msee1", "0.0.0.0/0"), @r"0.0.0.0/0 > east-ce via 172.16.1.1: BGP east-ce path 65001 preference 100");
    insta::assert_snapshot!(lab.path("hub-vm", "east-pc"), @r"hub-vm er-msee1 east-ce east-lan east-pc: Delivered");
}

#[test]
fn a_tunnels_own_way_is_never_learned_through_it() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway("hub", 1, 65515)
        .advertising_site("east", 1, 65001, "198.51.100.1/32")
        .site_to_site("hub", "east");
    insta::assert_snapshot!(solved(&lab).known("hub-vpn", "198.51.100.1/32"), @r"
    198.51.100.1/32 > pub0 via 169.254.220.126: static
      before 198.51.100.1/32 > hub-to-east: BGP east-ce path 65001 preference 100: lower administrative distance wins
    ");
}
