//! Section 2: which route a packet takes.

use super::Solved;
use super::lab::{Lab, Network, Site};

#[test]
fn rule_2_1_the_longest_prefix_wins() {
    let lab = Lab::default()
        .vnet(
            Network::new("a", 1)
                .table("default", "rt")
                .appliance("nva", 70),
        )
        .table(
            "rt",
            &["10.7.0.0/16 None", "10.7.1.0/24 VirtualAppliance 10.1.0.70"],
        );
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.taken_to("a-vm", "10.7.1.9"), @"User Active 10.7.1.0/24 VirtualAppliance 10.1.0.70");
    insta::assert_snapshot!(lab.taken_to("a-vm", "10.7.2.9"), @"User Active 10.7.0.0/16 None");
    insta::assert_snapshot!(lab.taken_to("a-vm", "10.8.2.9"), @"Default Active 10.0.0.0/8 None");
}

/// A network with a VPN to the site `east`, which advertises the given prefixes.
fn told(network: Network, advertised: &str) -> Lab {
    Lab::default()
        .vnet(network)
        .vpn_gateway("hub", 1, 65515)
        .advertising_site("east", 1, 65001, advertised)
        .site_to_site("hub", "east")
}

#[test]
fn rule_2_2_the_user_comes_before_bgp_and_bgp_before_the_system() {
    let told_only = told(
        Network::new("hub", 1),
        "0.0.0.0/0, 10.0.0.0/8, 10.101.0.0/24",
    );
    let lab = Solved::of(&told_only.text());
    insta::assert_snapshot!(lab.effective_to("hub-vm", "0.0.0.0/0"), @"VirtualNetworkGateway Active 0.0.0.0/0 VirtualNetworkGateway 203.0.113.1");
    let network = Network::new("hub", 1).table("default", "rt");
    let overruled = told(network, "0.0.0.0/0, 10.0.0.0/8, 10.101.0.0/24")
        .table("rt", &["0.0.0.0/0 Internet", "10.101.0.0/24 None"]);
    let lab = Solved::of(&overruled.text());
    insta::assert_snapshot!(lab.effective("hub-vm"), @r"
    User Active 0.0.0.0/0 Internet
    VirtualNetworkGateway Invalid 0.0.0.0/0 VirtualNetworkGateway 203.0.113.1
    VirtualNetworkGateway Active 10.0.0.0/8 VirtualNetworkGateway 203.0.113.1
    Default Active 10.1.0.0/24 VnetLocal
    User Active 10.101.0.0/24 None
    VirtualNetworkGateway Invalid 10.101.0.0/24 VirtualNetworkGateway 203.0.113.1
    VirtualNetworkGateway Active 10.101.0.125/32 VirtualNetworkGateway 203.0.113.1
    ");
}

#[test]
fn rule_2_2_a_learned_reserved_prefix_beats_its_row() {
    let lab = told(Network::new("hub", 1), "10.0.0.0/8");
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.0.0.0/8"), @r"
    VirtualNetworkGateway Active 10.0.0.0/8 VirtualNetworkGateway 203.0.113.1
    Default Invalid 10.0.0.0/8 None
    ");
}

/// A hub, and two networks that use its gateway and are peered only with it. By the lab file, `one` and a part of it
/// are also behind a tunnel to `east`.
fn part_of_a_peer_behind_a_tunnel() -> Solved {
    let uses = &["hub, useRemoteGateways: true"];
    let gives = [
        "one, allowGatewayTransit: true",
        "two, allowGatewayTransit: true",
    ];
    let lab = Lab::default()
        .network("hub", 1, &gives)
        .network("one", 2, uses)
        .network("two", 3, uses)
        .vpn_gateway("hub", 1, 65515)
        .site("east", 1, 65001)
        .site("west", 2, 65002)
        .site_to_site("hub", "west")
        .site_to_site_with(
            "hub",
            "east",
            "localNetworkAddressPrefixes: [10.2.0.0/24, 10.2.0.0/26]",
        );
    Solved::of(&lab.text())
}

#[test]
fn rule_2_3_system_routes_win_against_more_specific_learned_ones() {
    let lab = part_of_a_peer_behind_a_tunnel();
    for machine in ["one-vm", "hub-vm"] {
        assert!(!lab.knows(machine, "10.2.0.0/26"), "{machine}");
    }
    insta::assert_snapshot!(lab.effective_to("one-vm", "10.2.0.0/24"), @"Default Active 10.2.0.0/24 VnetLocal");
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.2.0.0/24"), @"Default Active 10.2.0.0/24 VNetPeering");
}

#[test]
fn rule_2_3_system_routes_win_at_the_gateway_too() {
    let lab = part_of_a_peer_behind_a_tunnel();
    insta::assert_snapshot!(lab.path("west-pc", "one-vm"), @"west-pc west-lan west-ce hub-vpn one-vm: Delivered");
}

#[test]
fn rule_2_3_a_network_that_is_not_peered_with_the_range_has_the_route() {
    let lab = part_of_a_peer_behind_a_tunnel();
    insta::assert_snapshot!(lab.effective_to("two-vm", "10.2.0.0/26"), @"VirtualNetworkGateway Active 10.2.0.0/26 VirtualNetworkGateway 203.0.113.1");
}

#[test]
fn rule_2_3_a_gateway_rejects_what_is_equal_to_or_inside_its_network() {
    // An appliance elsewhere advertises the hub's own range, and a site passes it on.
    let claims = "asn: 65030, tunnel: { sourceAddress: 198.51.100.30, address: 10.2.0.126 }, advertise: [10.1.0.0/24, 10.1.0.0/25, 10.1.0.0/16]";
    let lab = Lab::default()
        .network("hub", 1, &[])
        .vnet(Network::new("far", 2).appliance_with("nva", 70, claims))
        .vpn_gateway("hub", 1, 65515)
        .on_premises(Site::new("east", 1, 65001).edge("transit: true"))
        .add(
            "connections",
            "claimed: { connectionType: IPsec, appliance: nva, device: east-ce }",
        )
        .site_to_site("hub", "east");
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.advertised("east-ce", "hub-vpn"), @r"
        10.1.0.0/16 65001-65030
        10.1.0.0/25 65001-65030
        10.101.0.0/24 65001
        ");
    insta::assert_snapshot!(lab.learned("hub-vpn"), @r"
    10.1.0.0/16 EBgp east-ce 65001-65030
    10.1.0.0/24 Network itself -
    10.101.0.0/24 EBgp east-ce 65001
    10.101.0.125/32 Network hub-to-east -
    ");
}

#[test]
fn rule_2_3_a_gateway_accepts_a_shorter_prefix() {
    let lab = Solved::of(&told(Network::new("hub", 1), "10.0.0.0/8").text());
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.0.0.0/8"), @r"
    VirtualNetworkGateway Active 10.0.0.0/8 VirtualNetworkGateway 203.0.113.1
    Default Invalid 10.0.0.0/8 None
    ");
    insta::assert_snapshot!(lab.taken_to("hub-vm", "10.1.0.200"), @"Default Active 10.1.0.0/24 VnetLocal");
}

#[test]
fn rule_2_4_a_route_of_the_user_steers_inside_the_network_and_the_subnet() {
    let lab = Lab::default()
        .vnet(
            Network::new("a", 1)
                .table("default", "rt")
                .machine("other", 5)
                .appliance("nva", 70)
                .peers(&["b"]),
        )
        .network("b", 2, &["a"])
        .table(
            "rt",
            &[
                "10.1.0.0/24 VirtualAppliance 10.1.0.70",
                "10.1.0.0/26 VirtualAppliance 10.1.0.70",
                "10.2.0.0/25 VirtualAppliance 10.1.0.70",
            ],
        );
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.effective("a-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    User Active 10.1.0.0/24 VirtualAppliance 10.1.0.70
    Default Invalid 10.1.0.0/24 VnetLocal
    User Active 10.1.0.0/26 VirtualAppliance 10.1.0.70
    Default Active 10.2.0.0/24 VNetPeering
    User Active 10.2.0.0/25 VirtualAppliance 10.1.0.70
    ");
    insta::assert_snapshot!(lab.path("a-vm", "other"), @"a-vm nva other: Delivered");
    insta::assert_snapshot!(lab.path("a-vm", "b-vm"), @"a-vm nva b-vm: Delivered");
    insta::assert_snapshot!(lab.path("b-vm", "a-vm"), @"b-vm a-vm: Delivered");
}

#[test]
fn rule_2_5_a_shorter_route_of_the_user_leaves_peerings_and_learned_routes() {
    let hub = Network::new("hub", 1)
        .table("default", "rt")
        .appliance("nva", 70)
        .peers(&["spoke"]);
    let lab = told(hub, "10.101.0.0/24")
        .network("spoke", 2, &["hub"])
        .table("rt", &["10.0.0.0/8 VirtualAppliance 10.1.0.70"]);
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.effective("hub-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    User Active 10.0.0.0/8 VirtualAppliance 10.1.0.70
    Default Active 10.1.0.0/24 VnetLocal
    Default Active 10.2.0.0/24 VNetPeering
    VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 203.0.113.1
    VirtualNetworkGateway Active 10.101.0.125/32 VirtualNetworkGateway 203.0.113.1
    ");
}

#[test]
fn rule_2_6_a_table_is_for_packets_that_leave_its_own_subnet() {
    let lab = Lab::default()
        .vnet(
            Network::new("hub", 1)
                .appliance("nva", 70)
                .peers(&["one", "two"]),
        )
        .vnet(
            Network::new("one", 2)
                .table("default", "rt")
                .peers(&["hub"]),
        )
        .network("two", 3, &["hub"])
        .table("rt", &["10.3.0.0/24 VirtualAppliance 10.1.0.70"]);
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.path("one-vm", "two-vm"), @"one-vm nva two-vm: Delivered");
    insta::assert_snapshot!(lab.path("two-vm", "one-vm"), @"two-vm: Dropped");
}

#[test]
fn rule_2_6_the_next_hop_itself_is_not_looked_up_in_the_table() {
    let lab = Lab::default()
        .vnet(Network::new("hub", 1).appliance("nva", 70).peers(&["one"]))
        .vnet(
            Network::new("one", 2)
                .table("default", "rt")
                .peers(&["hub"]),
        )
        .table(
            "rt",
            &[
                "10.101.0.0/16 VirtualAppliance 10.1.0.70",
                "10.1.0.0/24 None",
            ],
        );
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.taken_to("one-vm", "10.101.0.10"), @"User Active 10.101.0.0/16 VirtualAppliance 10.1.0.70");
    insta::assert_snapshot!(lab.taken_to("one-vm", "10.1.0.4"), @"User Active 10.1.0.0/24 None");
}

#[test]
fn rule_2_6_what_an_appliance_emits_is_routed_by_its_own_subnets_table() {
    let with = |routes: &[&str]| {
        let hub = Network::new("hub", 1)
            .table("nva", "of-nva")
            .appliance("nva", 70);
        let lab = Lab::default()
            .vnet(hub.peers(&["one", "two"]))
            .vnet(
                Network::new("one", 2)
                    .table("default", "rt")
                    .peers(&["hub"]),
            )
            .network("two", 3, &["hub"])
            .table("rt", &["10.3.0.0/24 VirtualAppliance 10.1.0.70"])
            .table("of-nva", routes);
        Solved::of(&lab.text())
    };
    insta::assert_snapshot!(with(&[]).path("one-vm", "two-vm"), @"one-vm nva two-vm: Delivered");
    insta::assert_snapshot!(with(&["10.3.0.0/25 None"]).path("one-vm", "two-vm"), @"one-vm nva: Dropped");
}

#[test]
fn rule_2_7_equal_rows_with_several_next_hops_are_used_together() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .circuit_gateway("hub")
        .site("east", 1, 65001)
        .circuit("er", 1, ["east-ce", "east-ce"])
        .circuit_connection("er", "hub", 1, 140);
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.101.0.0/24"), @r"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.63.0.1 10.63.0.2");
}

/// Networks `one` and `two` are peered and connected by a tunnel; `far` has a tunnel to `two` only.
fn peered_and_joined(settings: &str) -> Solved {
    let lab = Lab::default()
        .network("one", 1, &["two"])
        .network("two", 2, &["one"])
        .network("far", 3, &[])
        .vpn_gateway("one", 1, 65010)
        .vpn_gateway("two", 2, 65020)
        .vpn_gateway("far", 3, 65030)
        .tunnel_with("one", "two", settings)
        .tunnel("two", "far");
    Solved::of(&lab.text())
}

#[test]
fn rule_2_3_a_gateway_learns_and_passes_on_what_its_network_is_merely_peered_with() {
    let lab = peered_and_joined("");
    insta::assert_snapshot!(lab.learned_of("two-vpn", "10.1.0.0/24"), @"10.1.0.0/24 EBgp one-vpn 65010");
    insta::assert_snapshot!(lab.learned_of("far-vpn", "10.1.0.0/24"), @"10.1.0.0/24 EBgp two-vpn 65020-65010");
    insta::assert_snapshot!(lab.effective_to("two-vm", "10.1.0.0/24"), @"Default Active 10.1.0.0/24 VNetPeering");
    insta::assert_snapshot!(lab.path("far-vm", "one-vm"), @"far-vm far-vpn two-vpn one-vpn one-vm: Delivered");
    insta::assert_snapshot!(lab.path("one-vm", "far-vm"), @"one-vm one-vpn two-vpn far-vpn far-vm: Delivered");
    insta::assert_snapshot!(lab.path("two-vm", "one-vm"), @"two-vm one-vm: Delivered");
}

#[test]
fn rule_2_3_a_static_prefix_that_is_merely_peered_goes_into_the_tunnel() {
    let lab = peered_and_joined("enableBgp: false");
    insta::assert_snapshot!(lab.learned_of("far-vpn", "10.1.0.0/24"), @"10.1.0.0/24 EBgp two-vpn 65020");
    insta::assert_snapshot!(lab.known("two-vpn", "10.1.0.0/24"), @r"
    10.1.0.0/24 > one-to-two: network one-to-two
      before 10.1.0.0/24 > eth0: VNetPeering one: lower administrative distance wins
    ");
    insta::assert_snapshot!(lab.effective_to("two-vm", "10.1.0.0/24"), @"Default Active 10.1.0.0/24 VNetPeering");
}

#[test]
fn rule_2_3_hubs_on_one_circuit_learn_each_other_whether_or_not_they_are_peered() {
    for peers in [&["two"][..], &[]] {
        let back: &[&str] = if peers.is_empty() { &[] } else { &["one"] };
        let lab = Lab::default()
            .network("one", 1, peers)
            .network("two", 2, back)
            .circuit_gateway("one")
            .circuit_gateway("two")
            .site("east", 1, 65001)
            .circuit("er", 1, ["east-ce", "east-ce"])
            .circuit_connection("er", "one", 1, 140)
            .circuit_connection("er", "two", 2, 140);
        let learned = Solved::of(&lab.text()).learned_of("two-er", "10.1.0.0/24");
        assert!(learned.contains("12076-12076"), "{peers:?}: {learned}");
    }
}
