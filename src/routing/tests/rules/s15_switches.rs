//! Section 15: the switches for points on which the documents disagree or are silent, in each position.

use super::Solved;
use super::lab::{Lab, Site};

/// A hub with both gateways, and a branch with only a VPN gateway.
fn both(semantics: &str) -> Solved {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .network("branch", 2, &[])
        .vpn_gateway_pair("hub", 1, 65515)
        .vpn_gateway("branch", 2, 65010)
        .circuit_gateway("hub")
        .site("east", 1, 65001)
        .site("west", 2, 65002)
        .circuit("er", 1, ["west-ce", "west-ce"])
        .circuit_connection("er", "hub", 1, 140)
        .tunnel("hub", "branch")
        .site_to_site("hub", "east");
    let lab = match semantics {
        "" => lab,
        switch => lab.add("semantics", switch),
    };
    Solved::of(&lab.text())
}

fn tables(lab: &Solved) -> Vec<String> {
    let nodes = lab.topology.nodes.iter();
    nodes
        .map(|node| lab.lines(node.name.as_str(), |_| true))
        .collect()
}

#[test]
fn rule_15_1_whether_vpn_gateways_show_in_traces_changes_no_route() {
    let default = tables(&both(""));
    assert_eq!(tables(&both("vpnGatewayHops: transparent")), default);
    assert_eq!(tables(&both("vpnGatewayHops: legacy")), default);
}

#[test]
fn rule_15_2_how_strict_the_flags_of_peerings_are_changes_no_route() {
    let default = tables(&both(""));
    assert_eq!(tables(&both("strictPeeringFlags: false")), default);
    assert_eq!(tables(&both("strictPeeringFlags: true")), default);
}

#[test]
fn rule_15_4_what_circuits_brought_is_in_the_vpn_gateways_table_or_not() {
    let default = both("");
    let without = both("expressRouteRoutesInVpnGateway: false");
    assert_eq!(tables(&default), tables(&without));
    insta::assert_snapshot!(without.learned_of("hub-vpn-in0", "10.102.0.0/24"), @"");
    let with = both("expressRouteRoutesInVpnGateway: true");
    insta::assert_snapshot!(with.learned_of("hub-vpn-in0", "10.102.0.0/24"), @r"
    10.102.0.0/24 IBgp hub-er-in0 12076-65002
    10.102.0.0/24 IBgp hub-er-in1 12076-65002
    ");
}

#[test]
fn rule_15_4_what_circuits_brought_is_never_told_over_tunnels() {
    for position in [false, true] {
        let lab = both(&format!("expressRouteRoutesInVpnGateway: {position}"));
        assert!(!lab.knows("east-ce", "10.102.0.0/24"), "{position}");
        assert!(!lab.knows("branch-vpn", "10.102.0.0/24"), "{position}");
        let row =
            "VirtualNetworkGateway Active 10.102.0.0/24 VirtualNetworkGateway 10.63.0.1 10.63.0.2";
        assert_eq!(
            lab.effective_to("hub-vm", "10.102.0.0/24"),
            row,
            "{position}"
        );
    }
}

#[test]
fn rule_15_5_bgp_addresses_of_peers_are_routes_of_some_networks_of_all_or_of_none() {
    let where_shown = |semantics: &str| {
        let lab = Lab::default()
            .network("hub", 1, &[])
            .network("branch", 2, &[])
            .vpn_gateway("hub", 1, 65515)
            .vpn_gateway("branch", 2, 65010)
            .circuit_gateway("hub")
            .tunnel("hub", "branch");
        let lab = match semantics {
            "" => lab,
            switch => lab.add("semantics", switch),
        };
        let lab = Solved::of(&lab.text());
        let peers = [("hub-vm", "10.2.0.254/32"), ("branch-vm", "10.1.0.254/32")];
        peers.map(|(machine, peer)| lab.knows(machine, peer))
    };
    assert_eq!(where_shown(""), [false, true]);
    assert_eq!(where_shown("bgpPeerHostRoutes: vpnOnly"), [false, true]);
    assert_eq!(where_shown("bgpPeerHostRoutes: always"), [true, true]);
    assert_eq!(where_shown("bgpPeerHostRoutes: never"), [false, false]);
}

#[test]
fn rule_15_6_which_prefixes_are_reserved_changed_over_the_years() {
    let dropped = |position: &str| {
        let lab = Lab::default().network("a", 1, &[]);
        let lab = lab.add("semantics", &format!("reservedPrefixes: {position}"));
        Solved::of(&lab.text()).dropped("a-vm").replace(' ', "\n")
    };
    insta::assert_snapshot!(dropped("recommended"), @r"
    10.0.0.0/8
    100.64.0.0/10
    127.0.0.0/8
    172.16.0.0/12
    192.168.0.0/16
    198.18.0.0/15
    ");
    insta::assert_snapshot!(dropped("documented"), @r"
    10.0.0.0/8
    100.64.0.0/10
    172.16.0.0/12
    192.168.0.0/16
    ");
    insta::assert_snapshot!(dropped("2020"), @r"
    10.0.0.0/8
    25.33.80.0/20
    25.41.3.0/25
    100.64.0.0/10
    192.168.0.0/16
    ");
    insta::assert_snapshot!(dropped("2021"), @r"
    10.0.0.0/8
    20.35.252.0/22
    23.103.0.0/18
    25.4.0.0/14
    25.33.0.0/16
    25.41.0.0/20
    25.48.0.0/12
    40.108.0.0/17
    40.109.0.0/16
    100.64.0.0/10
    104.146.0.0/17
    104.147.0.0/16
    157.59.0.0/16
    192.168.0.0/16
    198.18.0.0/15
    ");
    let further = |newer: &str, older: &str| -> Vec<String> {
        let older = dropped(older);
        let is_new = |line: &&str| !older.lines().any(|old| old == *line);
        dropped(newer)
            .lines()
            .filter(is_new)
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(further("2023", "2021"), ["127.0.0.0/8", "172.16.0.0/12"]);
    assert!(further("2021", "2023").is_empty());
}

#[test]
fn rule_15_10_an_instance_without_a_tunnel_of_its_own_is_listed_or_not() {
    let listed = |semantics: &str| {
        let lab = Lab::default()
            .network("hub", 1, &[])
            .vpn_gateway_pair("hub", 1, 65515)
            .site("east", 1, 65001)
            .site_to_site("hub", "east");
        let lab = match semantics {
            "" => lab,
            switch => lab.add("semantics", switch),
        };
        let lab = Solved::without(&lab.text(), &["hub-to-east-in0"]);
        lab.effective_to("hub-vm", "10.101.0.0/24")
    };
    assert_eq!(listed(""), listed("listIdleInstances: false"));
    insta::assert_snapshot!(listed("listIdleInstances: false"), @"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.1.0.151");
    insta::assert_snapshot!(listed("listIdleInstances: true"), @"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.1.0.150 10.1.0.151");
}

#[test]
fn rule_15_10_an_instance_with_a_longer_path_of_its_own_is_not_listed_for_that() {
    let site = |name, number, asn, edge| {
        Site::new(name, number, asn)
            .advertise("10.200.0.0/16")
            .edge(edge)
    };
    let lab = Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway_pair("hub", 1, 65515)
        .on_premises(site("east", 1, 65001, ""))
        .on_premises(site("west", 2, 65002, "asPathPrepend: { hub-to-west: 2 }"))
        .site_to_site("hub", "east")
        .site_to_site("hub", "west");
    let listed = |semantics: &str| {
        let lab = lab.clone().add("semantics", semantics);
        let lab = Solved::without(&lab.text(), &["hub-to-east-in1", "hub-to-west-in0"]);
        lab.effective_to("hub-vm", "10.200.0.0/16")
    };
    insta::assert_snapshot!(listed("listIdleInstances: false"), @"VirtualNetworkGateway Active 10.200.0.0/16 VirtualNetworkGateway 10.1.0.150");
}

#[test]
fn rule_6_3_azure_knows_a_circuits_links_where_customer_edges_answer_and_tells_nobody() {
    let lab = |semantics: &str| {
        let lab = Lab::default()
            .network("hub", 1, &[])
            .circuit_gateway("hub")
            .site("east", 1, 65001)
            .circuit("er", 1, ["east-ce", "east-ce"])
            .circuit_connection("er", "hub", 1, 140);
        match semantics {
            "" => Solved::of(&lab.text()),
            switch => Solved::of(&lab.add("semantics", switch).text()),
        }
    };
    let (default, silent) = (lab(""), lab("customerEdgeHops: silent"));
    assert_eq!(tables(&silent), tables(&default));
    assert!(!silent.knows("hub-er", "172.16.1.0/30"));
    let answering = lab("customerEdgeHops: answering");
    insta::assert_snapshot!(answering.known("hub-er", "172.16.1.0/30"), @"172.16.1.0/30 > er-msee1 via 169.254.203.9 | er-msee2 via 169.254.213.71: static");
    insta::assert_snapshot!(answering.known("er-msee1", "172.16.1.0/30"), @"172.16.1.0/30 > east-ce: connected");
    insta::assert_snapshot!(answering.known("er-msee1", "172.16.1.4/30"), @"172.16.1.4/30 > east-ce via 172.16.1.1: static");
    assert_eq!(answering.table("hub-vm"), silent.table("hub-vm"));
    for node in ["hub-er", "er-msee1", "er-msee2", "east-ce"] {
        assert_eq!(answering.learned(node), silent.learned(node), "{node}");
    }
}

#[test]
fn rule_6_3_a_link_that_the_customer_advertises_is_known_as_it_is_learned() {
    let site = Site::new("east", 1, 65001).advertise("172.16.1.0/30");
    let lab = Lab::default()
        .network("hub", 1, &[])
        .circuit_gateway("hub")
        .on_premises(site)
        .circuit("er", 1, ["east-ce", "east-ce"])
        .circuit_connection("er", "hub", 1, 140)
        .add("semantics", "customerEdgeHops: answering");
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.known("er-msee1", "172.16.1.0/30"), @"172.16.1.0/30 > east-ce: connected");
}
