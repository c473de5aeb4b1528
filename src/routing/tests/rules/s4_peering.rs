//! Section 4: peerings.

use super::Solved;
use super::lab::{Lab, Network};

#[test]
fn rule_4_1_peering_is_not_transitive() {
    let lab = Lab::default()
        .network("a", 1, &["b"])
        .network("b", 2, &["a", "c"])
        .network("c", 3, &["b"]);
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.taken("a-vm", "c-vm"), @"Default Active 10.0.0.0/8 None");
    insta::assert_snapshot!(lab.path("a-vm", "c-vm"), @"a-vm: Dropped");
}

/// Two hubs, each with an appliance and a spoke, peered with each other; every peering has the flags.
fn two_hubs(flags: &str, semantics: &str) -> Solved {
    let half = |remote: &str| format!("{remote}{flags}");
    let lab = Lab::default()
        .vnet(
            Network::new("hub1", 1)
                .table("nva", "of-nva1")
                .appliance("nva1", 70)
                .peers(&[&half("hub2"), &half("spoke1")]),
        )
        .vnet(
            Network::new("hub2", 2)
                .table("nva", "of-nva2")
                .appliance("nva2", 70)
                .peers(&[&half("hub1"), &half("spoke2")]),
        )
        .vnet(
            Network::new("spoke1", 3)
                .table("default", "of-spoke1")
                .peers(&[&half("hub1")]),
        )
        .vnet(
            Network::new("spoke2", 4)
                .table("default", "of-spoke2")
                .peers(&[&half("hub2")]),
        )
        .table("of-spoke1", &["0.0.0.0/0 VirtualAppliance 10.1.0.70"])
        .table("of-spoke2", &["0.0.0.0/0 VirtualAppliance 10.2.0.70"])
        .table("of-nva1", &["10.4.0.0/24 VirtualAppliance 10.2.0.70"])
        .table("of-nva2", &["10.3.0.0/24 VirtualAppliance 10.1.0.70"]);
    let lab = match semantics {
        "" => lab,
        semantics => lab.add("semantics", semantics),
    };
    Solved::of(&lab.text())
}

#[test]
fn rule_4_3_forwarded_traffic_arrives_without_its_flag() {
    let lab = two_hubs("", "");
    insta::assert_snapshot!(lab.path("spoke1-vm", "spoke2-vm"), @"spoke1-vm nva1 nva2 spoke2-vm: Delivered");
    insta::assert_snapshot!(lab.path("spoke2-vm", "spoke1-vm"), @"spoke2-vm nva2 nva1 spoke1-vm: Delivered");
}

#[test]
fn rule_4_3_flags_of_traffic_change_no_route() {
    let plain = two_hubs("", "");
    for (flags, semantics) in [
        (", allowForwardedTraffic: true", ""),
        (", allowVirtualNetworkAccess: false", ""),
        ("", "strictPeeringFlags: true"),
        (
            ", allowVirtualNetworkAccess: false",
            "strictPeeringFlags: true",
        ),
    ] {
        let flagged = two_hubs(flags, semantics);
        for node in ["hub1-vm", "nva1", "nva2", "spoke1-vm", "spoke2-vm"] {
            assert_eq!(
                flagged.table(node),
                plain.table(node),
                "{flags} {semantics} {node}"
            );
        }
    }
}

/// A hub with both gateways and two spokes; the halves of `one` are given.
fn hub_with_spokes(hub: &str, spoke: &str) -> Solved {
    let lab = Lab::default()
        .network(
            "hub",
            1,
            &[&format!("one{hub}"), "two, allowGatewayTransit: true"],
        )
        .network("one", 2, &[&format!("hub{spoke}")])
        .network("two", 3, &["hub, useRemoteGateways: true"])
        .vpn_gateway("hub", 1, 65515)
        .circuit_gateway("hub")
        .site("east", 1, 65001)
        .site("west", 2, 65002)
        .circuit("er", 1, ["west-ce", "west-ce"])
        .circuit_connection("er", "hub", 1, 140)
        .site_to_site("hub", "east");
    Solved::of(&lab.text())
}

#[test]
fn rule_4_4_before_both_transit_flags_are_set_a_spoke_is_on_its_own() {
    for hub in ["", ", allowGatewayTransit: true"] {
        let lab = hub_with_spokes(hub, "");
        assert!(!lab.effective("one-vm").contains("VirtualNetworkGateway"));
        assert!(!lab.advertised("hub-vpn", "east-ce").contains("10.2.0.0/24"));
        assert!(!lab.advertised("hub-er", "er-msee1").contains("10.2.0.0/24"));
    }
    let lab = hub_with_spokes("", "");
    insta::assert_snapshot!(lab.effective("one-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    Default Active 10.1.0.0/24 VNetPeering
    Default Active 10.2.0.0/24 VnetLocal
    ");
}

#[test]
fn rule_4_4_with_both_transit_flags_a_spoke_has_all_that_the_hub_learned() {
    let lab = hub_with_spokes(", allowGatewayTransit: true", ", useRemoteGateways: true");
    insta::assert_snapshot!(lab.effective("hub-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    Default Active 10.1.0.0/24 VnetLocal
    Default Active 10.2.0.0/24 VNetPeering
    Default Active 10.3.0.0/24 VNetPeering
    VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 203.0.113.1
    VirtualNetworkGateway Active 10.102.0.0/24 VirtualNetworkGateway 10.63.0.1 10.63.0.2
    ");
    insta::assert_snapshot!(lab.effective("one-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    Default Active 10.1.0.0/24 VNetPeering
    Default Active 10.2.0.0/24 VnetLocal
    VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 203.0.113.1
    VirtualNetworkGateway Active 10.102.0.0/24 VirtualNetworkGateway 10.63.0.1 10.63.0.2
    ");
    insta::assert_snapshot!(lab.advertised("hub-vpn", "east-ce"), @r"
    10.1.0.0/24 65515
    10.2.0.0/24 65515
    10.3.0.0/24 65515
    ");
    insta::assert_snapshot!(lab.advertised("hub-er", "er-msee2"), @r"
    10.1.0.0/24 65515
    10.2.0.0/24 65515
    10.3.0.0/24 65515
    ");
}

#[test]
fn rule_4_5_spokes_do_not_get_each_other_through_the_gateways() {
    let lab = hub_with_spokes(", allowGatewayTransit: true", ", useRemoteGateways: true");
    assert!(!lab.knows("one-vm", "10.3.0.0/24") && !lab.knows("two-vm", "10.2.0.0/24"));
    insta::assert_snapshot!(lab.taken("one-vm", "two-vm"), @"Default Active 10.0.0.0/8 None");
}

#[test]
fn rule_4_6_a_peering_beats_the_same_prefix_learned_through_a_gateway() {
    let peered = |a: &[&str], b: &[&str]| {
        let lab = Lab::default()
            .network("a", 1, a)
            .network("b", 2, b)
            .vpn_gateway("a", 1, 65011)
            .vpn_gateway("b", 2, 65012)
            .tunnel("a", "b");
        Solved::of(&lab.text())
    };
    insta::assert_snapshot!(peered(&[], &[]).effective_to("a-vm", "10.2.0.0/24"), @"VirtualNetworkGateway Active 10.2.0.0/24 VirtualNetworkGateway 203.0.113.1");
    let both = peered(&["b"], &["a"]);
    insta::assert_snapshot!(both.effective_to("a-vm", "10.2.0.0/24"), @"Default Active 10.2.0.0/24 VNetPeering");
    insta::assert_snapshot!(both.path("a-vm", "b-vm"), @"a-vm b-vm: Delivered");
}

#[test]
fn rule_4_7_a_peering_of_subnets_shows_only_those() {
    let lab = Lab::default()
        .network("hub", 1, &["spoke, allowGatewayTransit: true"])
        .vnet(Network::new("spoke", 2).appliance("hidden", 70).peers(&[
            "hub, useRemoteGateways: true, peerCompleteVnets: false, localSubnetNames: [default]",
        ]))
        .vpn_gateway("hub", 1, 65515)
        .site("east", 1, 65001)
        .site_to_site("hub", "east");
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.effective("hub-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    Default Active 10.1.0.0/24 VnetLocal
    Default Active 10.2.0.0/26 VNetPeering
    VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 203.0.113.1
    VirtualNetworkGateway Active 10.101.0.125/32 VirtualNetworkGateway 203.0.113.1
    ");
    insta::assert_snapshot!(lab.effective("spoke-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    Default Active 10.1.0.0/24 VNetPeering
    Default Active 10.2.0.0/24 VnetLocal
    VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 203.0.113.1
    VirtualNetworkGateway Active 10.101.0.125/32 VirtualNetworkGateway 203.0.113.1
    ");
    insta::assert_snapshot!(lab.advertised("hub-vpn", "east-ce"), @r"
    10.1.0.0/24 65515
    10.2.0.0/26 65515
    ");
    insta::assert_snapshot!(lab.path("hub-vm", "spoke-vm"), @"hub-vm spoke-vm: Delivered");
    insta::assert_snapshot!(lab.path("hub-vm", "hidden"), @"hub-vm: Dropped");
}

#[test]
fn rule_4_8_a_peering_adds_no_hop_near_or_far() {
    let lab = Lab::default()
        .network("a", 1, &["b", "far"])
        .network("b", 2, &["a"])
        .vnet(Network::new("far", 3).location("region2").peers(&["a"]));
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.path("a-vm", "b-vm"), @"a-vm b-vm: Delivered");
    insta::assert_snapshot!(lab.path("a-vm", "far-vm"), @"a-vm far-vm: Delivered");
}
