//! Sections 6.8 to 6.19: the choice among several circuits.

use super::*;

/// Two hubs, each with a spoke, on two circuits of two sites. Behind site `west` there is another one.
fn two_circuits() -> Lab {
    Lab::default()
        .network("hub1", 1, &["spoke1, allowGatewayTransit: true"])
        .network("spoke1", 3, &["hub1, useRemoteGateways: true"])
        .network("hub2", 2, &["spoke2, allowGatewayTransit: true"])
        .network("spoke2", 4, &["hub2, useRemoteGateways: true"])
        .circuit_gateway("hub1")
        .circuit_gateway("hub2")
        .site("east", 1, 65001)
        .on_premises(Site::new("west", 2, 65002).edge("transit: true"))
        .site("behind", 3, 65200)
        .wan(1, "west", "behind")
        .circuit("er1", 1, ["east-ce", "east-ce"])
        .circuit("er2", 2, ["west-ce", "west-ce"])
        .circuit_connection("er1", "hub1", 1, 140)
        .circuit_connection("er2", "hub2", 2, 140)
}

fn with_global_reach() -> Lab {
    two_circuits().add(
        "connections",
        "reach: { connectionType: GlobalReach, circuits: [er1, er2], addressPrefix: 172.29.0.0/29 }",
    )
}

#[test]
fn rule_6_8_networks_on_two_circuits_are_not_joined_by_the_msees_alone() {
    let lab = Solved::of(&two_circuits().text());
    insta::assert_snapshot!(lab.effective("hub1-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    Default Active 10.1.0.0/24 VnetLocal
    Default Active 10.3.0.0/24 VNetPeering
    VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.63.0.1 10.63.0.2
    ");
    insta::assert_snapshot!(lab.path("hub1-vm", "hub2-vm"), @"hub1-vm: Dropped");
}

#[test]
fn rule_6_8_with_global_reach_the_far_circuits_networks_appear() {
    let lab = Solved::of(&with_global_reach().text());
    insta::assert_snapshot!(lab.learned_of("hub1-er", "10.2.0.0/24"), @r"
    10.2.0.0/24 EBgp er1-msee1 12076-12076-12076-12076
    10.2.0.0/24 EBgp er1-msee2 12076-12076-12076-12076
    ");
    insta::assert_snapshot!(lab.known("hub1-vm", "10.4.0.0/24"), @"10.4.0.0/24 > eth0 via 10.1.0.140 | eth0 via 10.1.0.141: VirtualNetworkGateway hub1-er path 12076-12076-12076-12076");
    insta::assert_snapshot!(lab.path("hub1-vm", "spoke2-vm"), @"hub1-vm er1-msee1 er2-msee1 hub2-er spoke2-vm: Delivered");
}

#[test]
fn rule_6_9_there_and_back_are_different_ways() {
    let lab = Solved::of(&hub().text());
    insta::assert_snapshot!(lab.path("hub-vm", "east-pc"), @"hub-vm er-msee1 east-ce east-lan east-pc: Delivered");
    insta::assert_snapshot!(lab.path("east-pc", "hub-vm"), @"east-pc east-lan east-ce er-msee1 hub-er hub-vm: Delivered");
    insta::assert_snapshot!(lab.path("east-pc", "spoke-vm"), @"east-pc east-lan east-ce er-msee1 hub-er spoke-vm: Delivered");
}

#[test]
fn rule_6_10_one_next_hop_for_each_leg_that_works() {
    let text = hub().text();
    insta::assert_snapshot!(Solved::of(&text).effective_to("hub-vm", "10.101.0.0/24"), @r"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.63.0.1 10.63.0.2");
    let failed = Solved::without(&text, &["er-primary"]);
    insta::assert_snapshot!(failed.effective_to("hub-vm", "10.101.0.0/24"), @r"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.63.0.2");
    let dead = Solved::without(&text, &["er-primary", "er-secondary"]);
    insta::assert_snapshot!(dead.effective_to("hub-vm", "10.101.0.0/24"), @"nothing");
}

/// A hub on two circuits that lead to two sites with the same prefix.
fn two_ways(settings: [&str; 2], sites: [Site; 2]) -> Solved {
    let [east, west] = sites;
    let lab = Lab::default()
        .network("hub", 1, &[])
        .circuit_gateway("hub")
        .on_premises(east)
        .on_premises(west)
        .circuit("er1", 1, ["east-ce", "east-ce"])
        .circuit("er2", 2, ["west-ce", "west-ce"])
        .circuit_connection_with("er1", "hub", [1, 140], settings[0])
        .circuit_connection_with("er2", "hub", [1, 142], settings[1]);
    Solved::of(&lab.text())
}

fn same_prefix() -> [Site; 2] {
    [
        Site::new("east", 1, 65001).advertise("10.200.0.0/16"),
        Site::new("west", 2, 65002).advertise("10.200.0.0/16"),
    ]
}

#[test]
fn rule_6_10_equal_legs_of_two_circuits_are_used_together() {
    let lab = two_ways(["", ""], same_prefix());
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.200.0.0/16"), @r"VirtualNetworkGateway Active 10.200.0.0/16 VirtualNetworkGateway 10.63.0.1 10.63.0.2 10.63.0.5 10.63.0.6");
}

#[test]
fn rule_6_11_the_more_specific_prefix_comes_before_the_weight() {
    let [east, west] = same_prefix();
    let lab = two_ways(
        ["routingWeight: 100", ""],
        [east, west.advertise("10.200.1.0/24")],
    );
    insta::assert_snapshot!(lab.taken_to("hub-vm", "10.200.1.1"), @r"VirtualNetworkGateway Active 10.200.1.0/24 VirtualNetworkGateway 10.63.0.5 10.63.0.6");
    insta::assert_snapshot!(lab.taken_to("hub-vm", "10.200.2.1"), @r"VirtualNetworkGateway Active 10.200.0.0/16 VirtualNetworkGateway 10.63.0.1 10.63.0.2");
}

#[test]
fn rule_6_11_the_higher_weight_wins_before_the_shorter_path() {
    let [east, west] = same_prefix();
    let lab = two_ways(
        ["", "routingWeight: 100"],
        [east, west.edge("asPathPrepend: { er2: 3 }")],
    );
    insta::assert_snapshot!(lab.known("hub-vm", "10.200.0.0/16"), @r"
    10.200.0.0/16 > eth0 via 10.1.0.142 | eth0 via 10.1.0.143: VirtualNetworkGateway hub-er path 12076-65002-65002-65002-65002 weight 100
      before 10.200.0.0/16 > eth0 via 10.1.0.140: VirtualNetworkGateway hub-er path 12076-65001: higher weight wins
      before 10.200.0.0/16 > eth0 via 10.1.0.141: VirtualNetworkGateway hub-er path 12076-65001: higher weight wins
    ");
}

#[test]
fn rule_6_11_the_shorter_path_wins_between_equal_weights() {
    let [east, west] = same_prefix();
    let lab = two_ways(
        ["routingWeight: 100", "routingWeight: 100"],
        [east, west.edge("asPathPrepend: { er2: 1 }")],
    );
    insta::assert_snapshot!(lab.known("hub-vm", "10.200.0.0/16"), @r"
    10.200.0.0/16 > eth0 via 10.1.0.140 | eth0 via 10.1.0.141: VirtualNetworkGateway hub-er path 12076-65001 weight 100
      before 10.200.0.0/16 > eth0 via 10.1.0.142: VirtualNetworkGateway hub-er path 12076-65002-65002 weight 100: shorter AS path wins
      before 10.200.0.0/16 > eth0 via 10.1.0.143: VirtualNetworkGateway hub-er path 12076-65002-65002 weight 100: shorter AS path wins
    ");
}

#[test]
fn rule_6_11_the_weight_is_for_what_leaves_azure_alone() {
    let [plain, weighted] = [["", ""], ["", "routingWeight: 100"]].map(|settings| {
        let lab = two_ways(settings, same_prefix());
        ["east-ce", "west-ce", "er1-msee1", "er2-msee1"].map(|node| lab.table(node))
    });
    assert_eq!(plain, weighted);
}

#[test]
fn rule_6_12_the_customer_chooses_by_its_own_preference() {
    // One edge of the site for each leg of its two circuits.
    let with = |edge: &str| {
        let site = Site::new("east", 1, 65001).edge(edge);
        let lab = Lab::default()
            .network("hub", 1, &[])
            .circuit_gateway("hub")
            .on_premises(site)
            .circuit("er1", 1, ["east-ce", "east-ce"])
            .circuit("er2", 2, ["east-ce", "east-ce"])
            .circuit_connection("er1", "hub", 1, 140)
            .circuit_connection("er2", "hub", 1, 142);
        Solved::of(&lab.text())
    };
    insta::assert_snapshot!(with("").known("east-ce", "10.1.0.0/24"), @"10.1.0.0/24 > er1-msee1 via 172.16.1.2 | er1-msee2 via 172.16.1.6 | er2-msee1 via 172.16.2.2 | er2-msee2 via 172.16.2.6: BGP er1-msee1 path 12076 preference 100");
    insta::assert_snapshot!(with("localPreference: { er2: 150 }").known("east-ce", "10.1.0.0/24"), @r"
    10.1.0.0/24 > er2-msee1 via 172.16.2.2 | er2-msee2 via 172.16.2.6: BGP er2-msee1 path 12076 preference 150
      before 10.1.0.0/24 > er1-msee1 via 172.16.1.2: BGP er1-msee1 path 12076 preference 100: higher local preference wins
      before 10.1.0.0/24 > er1-msee2 via 172.16.1.6: BGP er1-msee2 path 12076 preference 100: higher local preference wins
    ");
    insta::assert_snapshot!(with("asPathPrepend: { er1: 2 }").effective_to("hub-vm", "10.101.0.0/24"), @r"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.63.0.5 10.63.0.6");
}

#[test]
fn rule_6_14_a_default_route_of_the_customer_captures_everything_until_it_is_withdrawn() {
    let site = Site::new("east", 1, 65001).advertise("0.0.0.0/0");
    let text = on_circuit(site, ["east-ce", "east-ce"]).text();
    let lab = Solved::of(&text);
    insta::assert_snapshot!(lab.effective_to("hub-vm", "0.0.0.0/0"), @r"VirtualNetworkGateway Active 0.0.0.0/0 VirtualNetworkGateway 10.63.0.1 10.63.0.2");
    insta::assert_snapshot!(lab.taken_to("hub-vm", "8.8.8.8"), @r"VirtualNetworkGateway Active 0.0.0.0/0 VirtualNetworkGateway 10.63.0.1 10.63.0.2");
    insta::assert_snapshot!(lab.path("hub-vm", "east-pc"), @"hub-vm er-msee1 east-ce east-lan east-pc: Delivered");
    let withdrawn = Solved::without(&text, &["er-primary", "er-secondary"]);
    insta::assert_snapshot!(withdrawn.effective_to("hub-vm", "0.0.0.0/0"), @"Default Active 0.0.0.0/0 Internet");
}

#[test]
fn rule_6_15_global_reach_joins_the_sites_of_two_circuits() {
    let lab = Solved::of(&with_global_reach().text());
    insta::assert_snapshot!(lab.known("east-ce", "10.102.0.0/24"), @"10.102.0.0/24 > er1-msee1 via 172.16.1.2 | er1-msee2 via 172.16.1.6: BGP er1-msee1 path 12076-65002 preference 100");
    insta::assert_snapshot!(lab.known("west-ce", "10.101.0.0/24"), @"10.101.0.0/24 > er2-msee1 via 172.16.2.2 | er2-msee2 via 172.16.2.6: BGP er2-msee1 path 12076-65001 preference 100");
    insta::assert_snapshot!(lab.path("east-pc", "west-pc"), @"east-pc east-lan east-ce er1-msee1 er2-msee1 west-ce west-lan west-pc: Delivered");
    insta::assert_snapshot!(lab.path("west-pc", "east-pc"), @"west-pc west-lan west-ce er2-msee1 er1-msee1 east-ce east-lan east-pc: Delivered");
}

#[test]
fn rule_6_15_a_network_has_the_far_sites_routes_through_its_own_circuit() {
    let lab = Solved::of(&with_global_reach().text());
    insta::assert_snapshot!(lab.learned_of("hub1-er", "10.103.0.0/24"), @r"
    10.103.0.0/24 EBgp er1-msee1 12076-12076-12076-65002-65200
    10.103.0.0/24 EBgp er1-msee2 12076-12076-12076-65002-65200
    ");
    insta::assert_snapshot!(lab.known("hub1-vm", "10.103.0.0/24"), @"10.103.0.0/24 > eth0 via 10.1.0.140 | eth0 via 10.1.0.141: VirtualNetworkGateway hub1-er path 12076-12076-12076-65002-65200");
    insta::assert_snapshot!(lab.path("hub1-vm", "behind-pc"), @"hub1-vm er1-msee1 er2-msee1 west-ce behind-ce behind-lan behind-pc: Delivered");
}

#[test]
fn rule_6_15_between_msees_the_path_is_unchanged() {
    let lab = Solved::of(&with_global_reach().text());
    insta::assert_snapshot!(lab.learned_of("er2-msee1", "10.1.0.0/24"), @"10.1.0.0/24 IBgp er1-msee1 65515");
    insta::assert_snapshot!(lab.learned_of("er2-msee1", "10.101.0.0/24"), @"10.101.0.0/24 IBgp er1-msee1 65001");
    insta::assert_snapshot!(lab.learned_of("hub2-er", "10.101.0.0/24"), @r"
    10.101.0.0/24 EBgp er2-msee1 12076-12076-12076-65001
    10.101.0.0/24 EBgp er2-msee2 12076-12076-12076-65001
    ");
    insta::assert_snapshot!(lab.learned_of("west-ce", "10.1.0.0/24"), @r"
    10.1.0.0/24 EBgp er2-msee1 12076
    10.1.0.0/24 EBgp er2-msee2 12076
    ");
}

#[test]
fn rule_6_15_one_number_prepended_on_the_own_circuit_is_enough_for_the_other_one_to_win() {
    let site = Site::new("east", 1, 65001);
    let lab = |edge: &str| {
        let lab = Lab::default()
            .network("hub", 1, &[])
            .circuit_gateway("hub")
            .on_premises(site.clone().edge(edge))
            .circuit("er1", 1, ["east-ce", "east-ce"])
            .circuit("er2", 2, ["east-ce", "east-ce"])
            .circuit_connection("er1", "hub", 1, 140)
            .add("connections", "reach: { connectionType: GlobalReach, circuits: [er1, er2], addressPrefix: 172.29.0.0/29 }");
        Solved::of(&lab.text())
    };
    insta::assert_snapshot!(lab("").path("hub-vm", "east-pc"), @"hub-vm er1-msee1 east-ce east-lan east-pc: Delivered");
    insta::assert_snapshot!(lab("asPathPrepend: { er1: 1 }").path("hub-vm", "east-pc"), @"hub-vm er1-msee1 er2-msee1 east-ce east-lan east-pc: Delivered");
}

#[test]
fn rule_6_10_an_interface_has_eight_next_hops_of_a_prefix_at_most() {
    let mut lab = Lab::default()
        .network("hub", 1, &[])
        .circuit_gateway_with("hub", "sku: ErGw3AZ")
        .site("east", 1, 65001);
    for number in 1..=5 {
        let circuit = format!("er{number}");
        lab = lab
            .circuit(&circuit, number, ["east-ce", "east-ce"])
            .circuit_connection(&circuit, "hub", 1, 160 + 2 * number);
    }
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.101.0.0/24"), @r"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.63.0.1 10.63.0.2 10.63.0.5 10.63.0.6 10.63.0.9 10.63.0.10 10.63.0.13 10.63.0.14");
    assert_eq!(
        lab.learned_of("hub-er", "10.101.0.0/24").lines().count(),
        10
    );
}

#[test]
fn rule_6_10_link_local_prefixes_come_to_no_interface() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .circuit_gateway("hub")
        .advertising_site("east", 1, 65001, "169.254.40.0/24, 10.101.0.0/24")
        .circuit("er", 1, ["east-ce", "east-ce"])
        .circuit_connection("er", "hub", 1, 140);
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.learned_of("hub-er", "169.254.40.0/24"), @r"
    169.254.40.0/24 EBgp er-msee1 12076-65001
    169.254.40.0/24 EBgp er-msee2 12076-65001
    ");
    assert!(!lab.knows("hub-vm", "169.254.40.0/24") && lab.knows("hub-vm", "10.101.0.0/24"));
}

#[test]
fn rule_6_15_a_network_and_the_far_site_reach_each_other_whatever_it_says_of_other_networks() {
    let lab = with_global_reach().text();
    let lab = Solved::of(&lab.replace(
        "allowRemoteVnetTraffic: true",
        "allowRemoteVnetTraffic: false",
    ));
    assert!(!lab.knows("hub1-vm", "10.2.0.0/24"));
    insta::assert_snapshot!(lab.path("hub1-vm", "west-pc"), @"hub1-vm er1-msee1 er2-msee1 west-ce west-lan west-pc: Delivered");
    insta::assert_snapshot!(lab.path("west-pc", "hub1-vm"), @"west-pc west-lan west-ce er2-msee1 er1-msee1 hub1-er hub1-vm: Delivered");
}

#[test]
fn rule_6_15_one_customer_router_may_be_on_both_circuits() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .circuit_gateway("hub")
        .on_premises(Site::new("east", 1, 65001).edge("transit: true"))
        .circuit("er1", 1, ["east-ce", "east-ce"])
        .circuit("er2", 2, ["east-ce", "east-ce"])
        .circuit_connection("er2", "hub", 1, 140)
        .add(
            "connections",
            "reach: { connectionType: GlobalReach, circuits: [er1, er2], addressPrefix: 172.29.0.0/29 }",
        );
    let path = Solved::of(&lab.text()).path("east-pc", "hub-vm");
    assert!(path.ends_with("hub-er hub-vm: Delivered"), "{path}");
}

#[test]
fn rule_6_15_without_it_two_sites_of_one_gateway_are_not_joined() {
    let lab = two_ways(
        ["", ""],
        [Site::new("east", 1, 65001), Site::new("west", 2, 65002)],
    );
    insta::assert_snapshot!(lab.path("east-pc", "west-pc"), @"east-pc east-lan east-ce: Dropped");
    insta::assert_snapshot!(lab.advertised("er1-msee1", "east-ce"), @"10.1.0.0/24 12076");
}

/// A hub with an appliance that inspects what its gateway emits, and a spoke.
fn fast_path(settings: &str) -> Solved {
    let lab = Lab::default()
        .vnet(
            Network::new("hub", 1)
                .table("GatewaySubnet", "rt")
                .appliance("nva", 70)
                .peers(&["spoke, allowGatewayTransit: true"]),
        )
        .network("spoke", 2, &["hub, useRemoteGateways: true"])
        .circuit_gateway_with("hub", "sku: ErGw3Az")
        .site("east", 1, 65001)
        .circuit("er", 1, ["east-ce", "east-ce"])
        .circuit_connection_with("er", "hub", [1, 140], settings)
        .table(
            "rt",
            &[
                "10.1.0.0/26 VirtualAppliance 10.1.0.70",
                "10.2.0.0/24 VirtualAppliance 10.1.0.70",
            ],
        );
    Solved::of(&lab.text())
}

#[test]
fn rule_6_16_fast_path_passes_the_gateway_by() {
    let plain = fast_path("");
    insta::assert_snapshot!(plain.path("east-pc", "hub-vm"), @"east-pc east-lan east-ce er-msee1 hub-er nva hub-vm: Delivered");
    let fast = fast_path("expressRouteGatewayBypass: true");
    insta::assert_snapshot!(fast.path("east-pc", "hub-vm"), @"east-pc east-lan east-ce er-msee1 hub-vm: Delivered");
    insta::assert_snapshot!(fast.path("hub-vm", "east-pc"), @"hub-vm er-msee1 east-ce east-lan east-pc: Delivered");
}

#[test]
fn rule_6_16_fast_path_does_not_pass_the_gateway_by_toward_a_peered_network() {
    let fast = fast_path("expressRouteGatewayBypass: true");
    insta::assert_snapshot!(fast.path("east-pc", "spoke-vm"), @"east-pc east-lan east-ce er-msee1 hub-er nva spoke-vm: Delivered");
}

#[test]
fn rule_6_19_until_a_loss_is_noticed_the_old_way_is_taken() {
    let text = hub().text();
    let unnoticed = Solved::unnoticed(&text, &["er-hub-primary-in"]);
    insta::assert_snapshot!(unnoticed.effective_to("hub-vm", "10.101.0.0/24"), @r"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.63.0.1 10.63.0.2");
    let noticed = Solved::without(&text, &["er-hub-primary-in"]);
    insta::assert_snapshot!(noticed.effective_to("hub-vm", "10.101.0.0/24"), @r"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.63.0.2");
}
