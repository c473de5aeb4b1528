//! Section 30: the far ends of an Azure VPN gateway's tunnels.

use super::Solved;
use super::lab::{Lab, Network};

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
