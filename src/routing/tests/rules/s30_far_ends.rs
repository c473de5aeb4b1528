//! Section 30: the far ends of an Azure VPN gateway's tunnels.

use super::Solved;
use super::lab::{Lab, Network, Site};
use crate::routing::as_path;
use crate::topology::SessionId;

impl Solved {
    /// What a node advertises over the session with this name.
    fn told(&self, session: &str, from: &str) -> String {
        let sessions = &self.topology.sessions;
        let index = sessions.iter().position(|one| one.name.as_str() == session);
        let index = index.unwrap_or_else(|| panic!("no session {session}"));
        let node = self.node(from);
        let end = usize::from(sessions[index].ends[0].node != node);
        let told = self.tables.advertised(SessionId(index), end);
        let lines = told
            .iter()
            .map(|route| format!("{} {}", route.prefix, as_path(&route.as_path)));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The tables of encrypted packets that need their own.
    fn outer(&self, node: &str) -> String {
        let tables = self.tables.of(self.node(node)).outer.iter();
        let lines = tables.flatten().map(|route| self.route(route));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// A hub with a VPN gateway, and a branch in a network whose gateway is a machine with a tunnel.
fn branch_in_network(gateway: impl Fn(Lab) -> Lab, machine: &str, connection: &str) -> String {
    let machine =
        format!("tunnel: {{ sourceAddress: 198.51.100.2, address: 10.9.0.1 }}, {machine}");
    let lab = Lab::default()
        .vnet(Network::new("hub", 1).peers(&["spoke, allowGatewayTransit: true"]))
        .vnet(Network::new("spoke", 3).peers(&["hub, useRemoteGateways: true"]))
        .vnet(
            Network::new("branch", 2)
                .appliance_with("branch-nva", 70, &machine)
                .table("default", "to-hub"),
        )
        .table(
            "to-hub",
            &[
                "10.1.0.0/24 VirtualAppliance 10.2.0.70",
                "10.3.0.0/24 VirtualAppliance 10.2.0.70",
            ],
        )
        .add(
            "connections",
            &format!("hub-branch: {{ connectionType: IPsec, gateway: hub-vpn, device: branch-nva{connection} }}"),
        );
    gateway(lab).text()
}

#[test]
fn rule_30_a_machine_in_a_network_is_a_gateways_far_end() {
    let lab = branch_in_network(
        |lab| lab.vpn_gateway("hub", 1, 65515),
        "asn: 65030, advertise: [10.2.0.0/24], asPathPrepend: { hub-branch: 1 }",
        "",
    );
    let lab = Solved::of(&lab);
    insta::assert_snapshot!(lab.learned("hub-vpn"), @r"
    10.1.0.0/24 Network itself -
    10.2.0.0/24 EBgp branch-nva 65030-65030
    10.3.0.0/24 Network itself -
    10.9.0.1/32 Network hub-branch -
    ");
    insta::assert_snapshot!(lab.effective("hub-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    Default Active 10.1.0.0/24 VnetLocal
    VirtualNetworkGateway Active 10.2.0.0/24 VirtualNetworkGateway 203.0.113.1
    Default Active 10.3.0.0/24 VNetPeering
    VirtualNetworkGateway Active 10.9.0.1/32 VirtualNetworkGateway 203.0.113.1
    ");
    // The machine's network has its own system routes and user-defined routes, and none of a gateway.
    insta::assert_snapshot!(lab.effective("branch-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    User Active 10.1.0.0/24 VirtualAppliance 10.2.0.70
    Default Active 10.2.0.0/24 VnetLocal
    User Active 10.3.0.0/24 VirtualAppliance 10.2.0.70
    ");
    insta::assert_snapshot!(lab.table("branch-nva"), @r"
    0.0.0.0/0 > fabric: Internet
    10.1.0.0/24 > hub-branch: BGP hub-vpn path 65515 preference 100
    10.1.0.254/32 > hub-branch: network hub-branch
    10.2.0.0/24 > eth0: VnetLocal
    10.3.0.0/24 > hub-branch: BGP hub-vpn path 65515 preference 100
    203.0.113.1/32 > pub0 via 169.254.198.254: static
    ");
    insta::assert_snapshot!(lab.path("spoke-vm", "branch-vm"), @"spoke-vm hub-vpn branch-nva branch-vm: Delivered");
    insta::assert_snapshot!(lab.path("branch-vm", "spoke-vm"), @"branch-vm branch-nva hub-vpn spoke-vm: Delivered");
}

#[test]
fn rule_30_a_machine_has_a_tunnel_to_each_instance() {
    let lab = branch_in_network(
        |lab| lab.vpn_gateway_pair("hub", 1, 65515),
        "asn: 65030, advertise: [10.2.0.0/24]",
        "",
    );
    let whole = Solved::of(&lab);
    insta::assert_snapshot!(whole.effective_to("hub-vm", "10.2.0.0/24"), @"VirtualNetworkGateway Active 10.2.0.0/24 VirtualNetworkGateway 10.1.0.150 10.1.0.151");
    insta::assert_snapshot!(whole.known("branch-nva", "10.1.0.0/24"), @"10.1.0.0/24 > hub-branch-in0 | hub-branch-in1: BGP hub-vpn-in0 path 65515 preference 100");
    let failed = Solved::without(&lab, &["hub-branch-in0"]);
    insta::assert_snapshot!(failed.effective_to("hub-vm", "10.2.0.0/24"), @"VirtualNetworkGateway Active 10.2.0.0/24 VirtualNetworkGateway 10.1.0.151");
    insta::assert_snapshot!(failed.known("branch-nva", "10.1.0.0/24"), @"10.1.0.0/24 > hub-branch-in1: BGP hub-vpn-in1 path 65515 preference 100");
}

#[test]
fn rule_30_a_machine_without_bgp_has_routes_into_its_tunnel() {
    let lab = branch_in_network(
        |lab| lab.vpn_gateway("hub", 1, 65515),
        "routes: [{ addressPrefix: 10.1.0.0/24, connection: hub-branch }]",
        ", enableBgp: false, localNetworkAddressPrefixes: [10.2.0.0/24]",
    );
    let lab = Solved::of(&lab);
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.2.0.0/24"), @"VirtualNetworkGateway Active 10.2.0.0/24 VirtualNetworkGateway 203.0.113.1");
    insta::assert_snapshot!(lab.path("hub-vm", "branch-vm"), @"hub-vm hub-vpn branch-nva branch-vm: Delivered");
    insta::assert_snapshot!(lab.path("branch-vm", "hub-vm"), @"branch-vm branch-nva hub-vpn hub-vm: Delivered");
    // Nothing tells the machine of the spoke.
    insta::assert_snapshot!(lab.path("branch-vm", "spoke-vm"), @"branch-vm branch-nva: Dropped");
}

/// A hub's gateway with two connections to one device of the site `east`, each with its own tunnel.
fn two_tunnels(gateway: impl Fn(Lab) -> Lab, tunnels: &str, connections: [&str; 2]) -> String {
    let [first, second] = connections;
    let lab = Lab::default()
        .network("hub", 1, &[])
        .add(
            "connections",
            &format!("a: {{ connectionType: IPsec, gateway: hub-vpn, device: east-ce{first} }}"),
        )
        .add(
            "connections",
            &format!("b: {{ connectionType: IPsec, gateway: hub-vpn, device: east-ce{second} }}"),
        )
        .on_premises(Site::new("east", 1, 65001).edge(tunnels));
    gateway(lab).text()
}

/// The tunnels of rule 30.4's example: local network gateways A and B, each with its own peer.
const TWO_PEERS: &str = "tunnelInterfaces: {
      a: { sourceAddress: 198.51.100.11, address: 10.101.0.126, bgpPeeringAddress: 192.0.2.1 },
      b: { sourceAddress: 198.51.100.12, address: 10.101.0.127, bgpPeeringAddress: 192.0.2.2, mtu: 1300 } }";

#[test]
fn rule_30_4_a_peers_address_is_told_to_the_other_peers_only() {
    let lab = two_tunnels(|lab| lab.vpn_gateway("hub", 1, 65515), TWO_PEERS, ["", ""]);
    let lab = Solved::of(&lab);
    insta::assert_snapshot!(lab.told("a", "hub-vpn"), @r"
    10.1.0.0/24 65515
    192.0.2.2/32 65515
    ");
    insta::assert_snapshot!(lab.told("b", "hub-vpn"), @r"
    10.1.0.0/24 65515
    192.0.2.1/32 65515
    ");
    insta::assert_snapshot!(lab.learned("hub-vpn"), @r"
    10.1.0.0/24 Network itself -
    10.101.0.0/24 EBgp east-ce 65001
    10.101.0.0/24 EBgp east-ce 65001
    192.0.2.1/32 Network a -
    192.0.2.2/32 Network b -
    ");
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.101.0.0/24"), @"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 203.0.113.1 203.0.113.1");
    insta::assert_snapshot!(lab.known("hub-vpn", "10.101.0.0/24"), @"10.101.0.0/24 > a | b: BGP east-ce path 65001 preference 100");
}

#[test]
fn rule_30_4_one_device_has_several_source_addresses() {
    let lab = two_tunnels(|lab| lab.vpn_gateway("hub", 1, 65515), TWO_PEERS, ["", ""]);
    let lab = Solved::of(&lab);
    insta::assert_snapshot!(lab.table("east-ce"), @r"
    0.0.0.0/0 > drop: discard
    10.1.0.0/24 > a | b: BGP hub-vpn path 65515 preference 100
    10.1.0.254/32 > a | b: network a
    10.101.0.0/24 > east-lan via 172.31.1.1: IGP
    172.31.1.0/31 > east-lan: connected
    192.0.2.1/32 > b: BGP hub-vpn path 65515 preference 100
    192.0.2.2/32 > a: BGP hub-vpn path 65515 preference 100
    203.0.113.1/32 > pub1 via 169.254.208.124: static
    ");
    insta::assert_snapshot!(lab.outer("east-ce"), @r"
    0.0.0.0/0 > drop: discard
    203.0.113.1/32 > pub2 via 169.254.202.49: static
    ");
    insta::assert_snapshot!(lab.table("hub-vpn"), @r"
    0.0.0.0/0 > drop: discard
    10.1.0.0/24 > eth0: VnetLocal
    10.101.0.0/24 > a | b: BGP east-ce path 65001 preference 100
    192.0.2.1/32 > a: network a
    192.0.2.2/32 > b: network b
    198.51.100.11/32 > pub0 via 169.254.220.126: static
    198.51.100.12/32 > pub0 via 169.254.220.126: static
    ");
}

#[test]
fn rule_30_5_a_peers_address_may_be_that_of_another_interface() {
    // The gateway routes the address of the device's loopback, and traces show that of the tunnel.
    let edge = "tunnelInterfaces: { hub-to-east: { sourceAddress: 198.51.100.11, address: 169.254.9.1, bgpPeeringAddress: 10.101.9.9 } }";
    let lab = Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway("hub", 1, 65515)
        .on_premises(Site::new("east", 1, 65001).edge(edge))
        .site_to_site("hub", "east");
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.learned("hub-vpn"), @r"
    10.1.0.0/24 Network itself -
    10.101.0.0/24 EBgp east-ce 65001
    10.101.9.9/32 Network hub-to-east -
    ");
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.101.9.9/32"), @"VirtualNetworkGateway Active 10.101.9.9/32 VirtualNetworkGateway 203.0.113.1");
    insta::assert_snapshot!(lab.path("hub-vm", "east-pc"), @"hub-vm hub-vpn east-ce east-lan east-pc: Delivered");
}

#[test]
fn rule_30_5_a_machines_peer_address_may_be_that_of_its_network_interface() {
    let lab = branch_in_network(
        |lab| lab.vpn_gateway("hub", 1, 65515),
        "asn: 65030, advertise: [10.2.0.0/24]",
        "",
    );
    let lab = Solved::of(&lab.replace(
        "address: 10.9.0.1",
        "address: 10.9.0.1, bgpPeeringAddress: 10.2.0.70",
    ));
    insta::assert_snapshot!(lab.learned("hub-vpn"), @r"
    10.1.0.0/24 Network itself -
    10.2.0.0/24 EBgp branch-nva 65030
    10.2.0.70/32 Network hub-branch -
    10.3.0.0/24 Network itself -
    ");
    insta::assert_snapshot!(lab.path("hub-vm", "branch-vm"), @"hub-vm hub-vpn branch-nva branch-vm: Delivered");
}

#[test]
fn rule_30_4_a_connection_may_have_a_tunnel_to_one_instance() {
    let pair = |lab: Lab| lab.vpn_gateway_pair("hub", 1, 65515);
    let tunnels = "tunnelInterfaces: { b: { sourceAddress: 198.51.100.1, address: 10.101.0.126 } }";
    let lab = two_tunnels(
        pair,
        tunnels,
        [", instances: [0]", ", instances: [hub-vpn-in1]"],
    );
    let whole = Solved::of(&lab);
    insta::assert_snapshot!(whole.learned("hub-vpn-in0"), @r"
    10.1.0.0/24 Network itself -
    10.101.0.0/24 EBgp east-ce 65001
      before 10.101.0.0/24 IBgp hub-vpn-in1 65001
    10.101.0.125/32 Network a -
    10.101.0.126/32 IBgp hub-vpn-in1 -
    ");
    insta::assert_snapshot!(whole.effective_to("hub-vm", "10.101.0.0/24"), @"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.1.0.150 10.1.0.151");
    insta::assert_snapshot!(whole.known("east-ce", "10.1.0.0/24"), @"10.1.0.0/24 > a-in0 | b-in1: BGP hub-vpn-in0 path 65515 preference 100");
    let failed = Solved::without(&lab, &["a-in0"]);
    insta::assert_snapshot!(failed.effective_to("hub-vm", "10.101.0.0/24"), @"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.1.0.151");
    insta::assert_snapshot!(failed.known("hub-vpn-in0", "10.101.0.0/24"), @"10.101.0.0/24 > eth0 via 10.1.0.151: iBGP hub-vpn-in1 path 65001 preference 100");
}

/// Two networks whose gateways have local network gateways for each other, and a third behind the second by peering.
fn by_local_network_gateways(connections: &[&str]) -> String {
    let mut lab = Lab::default()
        .network("hub", 1, &[])
        .network("branch", 2, &["spoke, allowGatewayTransit: true"])
        .network("spoke", 3, &["branch, useRemoteGateways: true"])
        .vpn_gateway("hub", 1, 65515)
        .vpn_gateway_pair("branch", 2, 65010);
    for connection in connections {
        lab = lab.add("connections", connection);
    }
    lab.text()
}

#[test]
fn rule_30_local_network_gateways_say_what_lies_behind_a_gateway() {
    let lab = by_local_network_gateways(&[
        "x: { connectionType: IPsec, gateways: [hub-vpn, branch-vpn], enableBgp: false,
      localNetworkAddressPrefixes: { hub-vpn: [10.2.0.0/24], branch-vpn: [10.1.0.0/16] } }",
    ]);
    let lab = Solved::of(&lab);
    // The address spaces are those of the file, not those of the networks.
    insta::assert_snapshot!(lab.learned("hub-vpn"), @r"
    10.1.0.0/24 Network itself -
    10.2.0.0/24 Network x -
    ");
    insta::assert_snapshot!(lab.learned("branch-vpn-in0"), @r"
    10.1.0.0/16 Network x -
      before 10.1.0.0/16 IBgp branch-vpn-in1 -
    10.2.0.0/24 Network itself -
    10.3.0.0/24 Network itself -
    ");
    insta::assert_snapshot!(lab.path("hub-vm", "branch-vm"), @"hub-vm hub-vpn branch-vpn-in0 branch-vm: Delivered");
    insta::assert_snapshot!(lab.path("branch-vm", "hub-vm"), @"branch-vm branch-vpn-in0 hub-vpn hub-vm: Delivered");
    insta::assert_snapshot!(lab.path("hub-vm", "spoke-vm"), @"hub-vm: Dropped");
}

#[test]
fn rule_30_4_two_gateways_may_have_several_connections() {
    let lab = by_local_network_gateways(&[
        "x: { connectionType: IPsec, gateways: [hub-vpn, branch-vpn], instances: [branch-vpn-in0] }",
        "y: { connectionType: IPsec, gateways: [hub-vpn, branch-vpn], instances: [branch-vpn-in1] }",
    ]);
    let whole = Solved::of(&lab);
    insta::assert_snapshot!(whole.learned("hub-vpn"), @r"
    10.1.0.0/24 Network itself -
    10.2.0.0/24 EBgp branch-vpn-in0 65010
    10.2.0.0/24 EBgp branch-vpn-in1 65010
    10.2.0.150/32 Network x -
    10.2.0.151/32 Network y -
    10.3.0.0/24 EBgp branch-vpn-in0 65010
    10.3.0.0/24 EBgp branch-vpn-in1 65010
    ");
    insta::assert_snapshot!(whole.advertised("hub-vpn", "branch-vpn-in0"), @r"
    10.1.0.0/24 65515
    10.2.0.151/32 65515
    ");
    insta::assert_snapshot!(whole.advertised("hub-vpn", "branch-vpn-in1"), @r"
    10.1.0.0/24 65515
    10.2.0.150/32 65515
    ");
    insta::assert_snapshot!(whole.effective_to("hub-vm", "10.3.0.0/24"), @"VirtualNetworkGateway Active 10.3.0.0/24 VirtualNetworkGateway 203.0.113.1 203.0.113.1");
    let failed = Solved::without(&lab, &["x-in0"]);
    insta::assert_snapshot!(failed.known("hub-vpn", "10.3.0.0/24"), @"10.3.0.0/24 > y-in1: BGP branch-vpn-in1 path 65010 preference 100");
}
