//! Section 3: next hops of user-defined routes, route tables of gateways' subnets, and propagation.

use super::Solved;
use super::lab::{Lab, Network};
use crate::routing::{Failures, solve};
use crate::topology::{Role, UserNextHop};

/// Two spokes of a hub with an appliance; a subnet of `one` has the route.
fn spoke_with(route: &str) -> Lab {
    Lab::default()
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
        .table("rt", &[route])
}

#[test]
fn rule_3_an_appliance_is_the_machine_with_the_address() {
    let lab = Solved::of(&spoke_with("10.3.0.0/24 VirtualAppliance 10.1.0.70").text());
    insta::assert_snapshot!(lab.effective_to("one-vm", "10.3.0.0/24"), @"User Active 10.3.0.0/24 VirtualAppliance 10.1.0.70");
    insta::assert_snapshot!(lab.path("one-vm", "two-vm"), @"one-vm nva two-vm: Delivered");
}

#[test]
fn rule_3_an_appliance_may_be_the_frontend_of_a_load_balancer() {
    let lab = spoke_with("10.3.0.0/24 VirtualAppliance 10.1.0.100").add(
        "loadBalancers",
        "ilb: { virtualNetwork: hub, subnet: nva, frontendIPAddress: 10.1.0.100, backends: [nva] }",
    );
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.effective_to("one-vm", "10.3.0.0/24"), @"User Active 10.3.0.0/24 VirtualAppliance 10.1.0.100");
    insta::assert_snapshot!(lab.path("one-vm", "two-vm"), @"one-vm nva two-vm: Delivered");
}

#[test]
fn rule_3_a_machine_without_ip_forwarding_drops_what_is_not_its_own() {
    let mut topology =
        super::resolved(&spoke_with("10.3.0.0/24 VirtualAppliance 10.1.0.70").text());
    let nva = topology.find("nva").unwrap();
    let Role::VirtualMachine { forwards, .. } = &mut topology.nodes[nva.0].role else {
        panic!("the appliance is a machine");
    };
    *forwards = false;
    let lab = Solved::under(topology, &Failures::default());
    insta::assert_snapshot!(lab.path("one-vm", "two-vm"), @"one-vm nva: Dropped");
}

#[test]
fn rule_3_an_appliance_is_reached_directly_and_through_no_gateway() {
    // The rules refuse such a next hop, so it is set here.
    let lab = spoke_with("10.3.0.0/24 VirtualAppliance 10.1.0.70")
        .vpn_gateway("hub", 1, 65515)
        .site("east", 1, 65001)
        .site_to_site("hub", "east");
    let mut topology = super::resolved(&lab.text());
    for behind in ["10.101.0.10", "10.3.0.4", "10.9.9.9"] {
        topology.route_tables[0].routes[0].next_hop =
            UserNextHop::VirtualAppliance(behind.parse().unwrap());
        let tables = solve(&topology, &Failures::default()).unwrap();
        let lab = Solved {
            topology: topology.clone(),
            tables,
        };
        assert_eq!(lab.path("one-vm", "two-vm"), "one-vm: Dropped", "{behind}");
    }
}

#[test]
fn rule_3_an_appliance_may_be_an_instance_of_a_vpn_gateway() {
    let lab = spoke_with("10.3.0.0/24 VirtualAppliance 10.1.0.150").vpn_gateway("hub", 1, 65515);
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.effective_to("one-vm", "10.3.0.0/24"), @"User Active 10.3.0.0/24 VirtualAppliance 10.1.0.150");
    insta::assert_snapshot!(lab.path("one-vm", "two-vm"), @"one-vm hub-vpn two-vm: Delivered");
}

#[test]
fn rule_3_a_virtual_network_gateway_is_the_networks_vpn_gateway() {
    let lab = Lab::default()
        .vnet(Network::new("hub", 1).table("default", "rt"))
        .vpn_gateway("hub", 1, 65515)
        .advertising_site("east", 1, 65001, "10.101.0.0/16")
        .site_to_site("hub", "east")
        .table("rt", &["10.101.0.0/24 VirtualNetworkGateway"]);
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.101.0.0/24"), @"User Active 10.101.0.0/24 VirtualNetworkGateway");
    insta::assert_snapshot!(lab.path("hub-vm", "east-pc"), @"hub-vm hub-vpn east-ce east-lan east-pc: Delivered");
}

#[test]
fn rule_3_a_virtual_network_gateway_is_that_of_the_network_whose_gateways_are_used() {
    let gives = [
        "one, allowGatewayTransit: true",
        "two, allowGatewayTransit: true",
    ];
    let uses = ["hub, useRemoteGateways: true"];
    let lab = Lab::default()
        .network("hub", 1, &gives)
        .vnet(Network::new("one", 2).table("default", "rt").peers(&uses))
        .network("two", 3, &uses)
        .vpn_gateway("hub", 1, 65515)
        .table("rt", &["10.3.0.0/24 VirtualNetworkGateway"]);
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.path("one-vm", "two-vm"), @"one-vm hub-vpn two-vm: Delivered");
}

#[test]
fn rule_3_vnet_local_carves_a_hole_in_a_wider_route() {
    let lab = Lab::default()
        .vnet(
            Network::new("a", 1)
                .table("default", "rt")
                .machine("near", 5)
                .appliance("nva", 70)
                .appliance("other", 71),
        )
        .table(
            "rt",
            &[
                "10.1.0.0/24 VirtualAppliance 10.1.0.70",
                "10.1.0.0/26 VnetLocal",
            ],
        );
    let lab = Solved::of(&lab.text());
    insta::assert_snapshot!(lab.path("a-vm", "near"), @"a-vm near: Delivered");
    insta::assert_snapshot!(lab.path("a-vm", "other"), @"a-vm nva other: Delivered");
}

#[test]
fn rule_3_internet_and_none_lead_to_no_machine() {
    for next_hop in ["Internet", "None"] {
        let lab = spoke_with(&format!("10.1.0.0/25 {next_hop}"));
        let lab = Solved::of(&lab.text());
        assert_eq!(
            lab.path("one-vm", "hub-vm"),
            "one-vm: Dropped",
            "{next_hop}"
        );
        let row = format!("User Active 10.1.0.0/25 {next_hop}");
        assert_eq!(lab.effective_to("one-vm", "10.1.0.0/25"), row);
    }
}

/// A hub with both gateways, and a spoke that uses them. Packets from the gateways to the spoke go through an
/// appliance. Site `east` has a tunnel, site `west` a circuit.
fn inspected(connection: &str, settings: &str) -> Solved {
    let lab = Lab::default()
        .vnet(
            Network::new("hub", 1)
                .table("GatewaySubnet", "rt")
                .appliance("nva", 70)
                .peers(&["spoke, allowGatewayTransit: true"]),
        )
        .network("spoke", 2, &["hub, useRemoteGateways: true"])
        .vpn_gateway("hub", 1, 65515)
        .circuit_gateway_with("hub", settings)
        .site("east", 1, 65001)
        .site("west", 2, 65002)
        .circuit("er", 1, ["west-ce", "west-ce"])
        .circuit_connection_with("er", "hub", [1, 140], connection)
        .site_to_site("hub", "east")
        .table("rt", &["10.2.0.0/24 VirtualAppliance 10.1.0.70"]);
    Solved::of(&lab.text())
}

#[test]
fn rule_3_2_a_table_of_the_gateway_subnet_steers_what_the_gateways_emit() {
    let lab = inspected("", "");
    insta::assert_snapshot!(lab.path("east-pc", "spoke-vm"), @"east-pc east-lan east-ce hub-vpn nva spoke-vm: Delivered");
    insta::assert_snapshot!(lab.path("west-pc", "spoke-vm"), @"west-pc west-lan west-ce er-msee1 hub-er nva spoke-vm: Delivered");
    insta::assert_snapshot!(lab.path("east-pc", "hub-vm"), @"east-pc east-lan east-ce hub-vpn hub-vm: Delivered");
    insta::assert_snapshot!(lab.path("spoke-vm", "east-pc"), @"spoke-vm hub-vpn east-ce east-lan east-pc: Delivered");
}

/// A hub with an active-active VPN gateway, an `ExpressRoute` gateway and two appliances; the `GatewaySubnet` and the
/// appliances' own subnet have tables.
fn inside_the_gateway_subnet(gateways: &[&str], appliances: &[&str]) -> Lab {
    let hub = Network::new("hub", 1)
        .appliance("nva1", 70)
        .appliance("nva2", 71)
        .table("GatewaySubnet", "gateways")
        .table("nva", "appliances");
    Lab::default()
        .vnet(hub)
        .vpn_gateway_pair("hub", 1, 65515)
        .circuit_gateway("hub")
        .site("east", 1, 65001)
        .site_to_site("hub", "east")
        .table("gateways", gateways)
        .table("appliances", appliances)
}

/// Whether the instances have a session with each other, and with the `ExpressRoute` gateway.
fn sessions_inside(lab: &Solved) -> [bool; 2] {
    let with = |other| lab.are_neighbours("hub-vpn-in0", other);
    [with("hub-vpn-in1"), with("hub-er")]
}

#[test]
fn rule_30_8_the_gateways_sessions_pass_an_appliance_that_forwards() {
    let covered = &["10.1.0.0/24 VirtualAppliance 10.1.0.70"];
    let plain = inside_the_gateway_subnet(covered, &[]);
    let lab = Solved::of(&plain.text());
    assert_eq!(sessions_inside(&lab), [true; 2]);
    insta::assert_snapshot!(lab.learned_of("hub-vpn-in0", "10.101.0.0/24"), @r"
    10.101.0.0/24 EBgp east-ce 65001
      before 10.101.0.0/24 IBgp hub-vpn-in1 65001
    ");
    insta::assert_snapshot!(lab.effective_to("hub-vm", "10.101.0.0/24"), @"VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 10.1.0.150 10.1.0.151");
    // The sessions are up while the appliance is up.
    let failed = Solved::without(&plain.text(), &["nva1"]);
    assert_eq!(sessions_inside(&failed), [false; 2]);
    // One working appliance behind a load balancer is enough.
    let balanced = inside_the_gateway_subnet(covered, &[])
        .add("loadBalancers", "ilb: { virtualNetwork: hub, subnet: nva, frontendIPAddress: 10.1.0.100, backends: [nva1, nva2] }")
        .text()
        .replace("nextHopIpAddress: 10.1.0.70", "nextHopIpAddress: 10.1.0.100");
    assert_eq!(sessions_inside(&Solved::of(&balanced)), [true; 2]);
    assert_eq!(
        sessions_inside(&Solved::without(&balanced, &["nva1"])),
        [true; 2]
    );
}

#[test]
fn rule_30_8_a_backend_that_works_and_forwards_is_enough_wherever_it_stands_in_the_list() {
    let covered = &["10.1.0.0/24 VirtualAppliance 10.1.0.100"];
    let balanced = inside_the_gateway_subnet(covered, &[])
        .add("loadBalancers", "ilb: { virtualNetwork: hub, subnet: nva, frontendIPAddress: 10.1.0.100, backends: [nva1, nva2] }")
        .text();
    let without = |names: &[&str]| {
        let text = names.iter().fold(balanced.clone(), |text, host| {
            let forwards = format!("10.1.0.{host}, ipForwarding: true");
            text.replace(&forwards, &format!("10.1.0.{host}"))
        });
        sessions_inside(&Solved::of(&text))
    };
    assert_eq!(without(&["70"]), [true; 2]);
    assert_eq!(without(&["71"]), [true; 2]);
    assert_eq!(without(&["70", "71"]), [false; 2]);
    let both = Solved::without(&balanced, &["nva1", "nva2"]);
    assert_eq!(sessions_inside(&both), [false; 2]);
}

#[test]
fn rule_30_8_a_peering_that_keeps_forwarded_packets_out_cuts_the_gateways_sessions() {
    let lab = |flags: &str, semantics: &str| {
        let hub = Network::new("hub", 1)
            .peers(&[&format!("inspection{flags}")])
            .table("GatewaySubnet", "gateways");
        let lab = Lab::default()
            .vnet(hub)
            .vnet(
                Network::new("inspection", 2)
                    .peers(&["hub"])
                    .appliance("nva", 70),
            )
            .vpn_gateway_pair("hub", 1, 65515)
            .circuit_gateway("hub")
            .add("semantics", semantics)
            .table("gateways", &["10.1.0.0/24 VirtualAppliance 10.2.0.70"]);
        sessions_inside(&Solved::of(&lab.text()))
    };
    let strict = "strictPeeringFlags: true";
    assert_eq!(lab("", strict), [false; 2]);
    assert_eq!(lab(", allowForwardedTraffic: true", strict), [true; 2]);
    assert_eq!(lab("", "strictPeeringFlags: false"), [true; 2]);
}

#[test]
fn rule_30_8_the_gateways_sessions_are_cut_where_nothing_forwards_them() {
    for (gateways, appliances) in [
        ("10.1.0.0/24 None", None),
        ("10.1.0.128/25 Internet", None),
        (
            "10.1.0.0/24 VirtualAppliance 10.1.0.70",
            Some("10.1.0.0/24 None"),
        ),
    ] {
        let lab = inside_the_gateway_subnet(&[gateways], appliances.as_slice());
        let lab = Solved::of(&lab.text());
        assert_eq!(
            sessions_inside(&lab),
            [false; 2],
            "{gateways} {appliances:?}"
        );
        let rows = lab.effective_to("hub-vm", "10.101.0.0/24");
        let listed = ["10.1.0.150", "10.1.0.151"].map(|hop| rows.contains(hop));
        assert_eq!(listed.iter().filter(|is| **is).count(), 1, "{rows}");
    }
    // A more specific route for the subnet itself, or a shorter prefix than the network's, keeps the sessions up.
    for kept in [
        &["10.1.0.0/24 None", "10.1.0.128/25 VnetLocal"][..],
        &["10.0.0.0/8 None"],
    ] {
        let lab = Solved::of(&inside_the_gateway_subnet(kept, &[]).text());
        assert_eq!(sessions_inside(&lab), [true; 2], "{kept:?}");
    }
}

/// A spoke of a hub with both gateways; its subnet has a route table.
fn spoke_of_both(table: impl FnOnce(Lab) -> Lab) -> Solved {
    let lab = Lab::default()
        .network("hub", 1, &["spoke, allowGatewayTransit: true"])
        .vnet(
            Network::new("spoke", 2)
                .table("default", "rt")
                .peers(&["hub, useRemoteGateways: true"]),
        )
        .vpn_gateway("hub", 1, 65515)
        .circuit_gateway("hub")
        .site("east", 1, 65001)
        .site("west", 2, 65002)
        .circuit("er", 1, ["west-ce", "west-ce"])
        .circuit_connection("er", "hub", 1, 140)
        .site_to_site_with("hub", "east", "localNetworkAddressPrefixes: [10.77.0.0/24]");
    Solved::of(&table(lab).text())
}

#[test]
fn rule_3_3_without_propagation_every_learned_route_vanishes() {
    let told = spoke_of_both(|lab| lab.table("rt", &[]));
    insta::assert_snapshot!(told.effective("spoke-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    Default Active 10.1.0.0/24 VNetPeering
    Default Active 10.2.0.0/24 VnetLocal
    VirtualNetworkGateway Active 10.77.0.0/24 VirtualNetworkGateway 203.0.113.1
    VirtualNetworkGateway Active 10.101.0.0/24 VirtualNetworkGateway 203.0.113.1
    VirtualNetworkGateway Active 10.102.0.0/24 VirtualNetworkGateway 10.63.0.1 10.63.0.2
    ");
    let deaf = spoke_of_both(|lab| lab.table_without_propagation("rt", &[]));
    insta::assert_snapshot!(deaf.effective("spoke-vm"), @r"
    Default Active 0.0.0.0/0 Internet
    Default Active 10.1.0.0/24 VNetPeering
    Default Active 10.2.0.0/24 VnetLocal
    ");
}

#[test]
fn rule_3_3_without_propagation_nothing_else_changes() {
    let told = spoke_of_both(|lab| lab.table("rt", &[]));
    let deaf = spoke_of_both(|lab| lab.table_without_propagation("rt", &[]));
    for node in [
        "hub-vm", "hub-vpn", "hub-er", "er-msee1", "east-ce", "west-ce",
    ] {
        assert_eq!(told.table(node), deaf.table(node), "{node}");
    }
    insta::assert_snapshot!(deaf.known("east-ce", "10.2.0.0/24"), @"10.2.0.0/24 > hub-to-east: BGP hub-vpn path 65515 preference 100");
    insta::assert_snapshot!(deaf.path("east-pc", "spoke-vm"), @"east-pc east-lan east-ce hub-vpn spoke-vm: Delivered");
    insta::assert_snapshot!(deaf.path("spoke-vm", "east-pc"), @"spoke-vm: Dropped");
}
