//! Unusual labs that violate no rule. Each is created, and its addresses and names do not clash.

use std::collections::BTreeSet;

use crate::lab::parse;
use crate::lab::resolve;
use crate::topology::{InterfaceKind, Topology};

/// Resolves a lab that violates no rule, and checks what must be true of every lab.
fn built(text: &str) -> Topology {
    let spec = parse(text).unwrap_or_else(|findings| panic!("{findings:#?}\n{text}"));
    let topology = resolve(&spec).unwrap_or_else(|findings| panic!("{findings:#?}\n{text}"));
    interface_names_are_unique_and_short(&topology);
    macs_are_unique(&topology);
    links_are_unique(&topology);
    topology
}

fn interface_names_are_unique_and_short(topology: &Topology) {
    let names: BTreeSet<_> = topology
        .interfaces
        .iter()
        .map(|one| (one.node, one.name.as_str()))
        .collect();
    assert_eq!(names.len(), topology.interfaces.len());
    assert!(
        names
            .iter()
            .all(|(_, name)| name.len() <= 15 && *name != "lo")
    );
}

fn macs_are_unique(topology: &Topology) {
    let numbered = || {
        topology
            .interfaces
            .iter()
            .filter(|one| one.kind != InterfaceKind::Bridge)
    };
    let macs: BTreeSet<_> = numbered().map(|one| one.mac).collect();
    assert_eq!(macs.len(), numbered().count());
}

fn links_are_unique(topology: &Topology) {
    let names: BTreeSet<_> = topology.links.iter().map(|link| &link.name).collect();
    assert_eq!(names.len(), topology.links.len());
}

fn node_names(topology: &Topology) -> String {
    topology
        .nodes
        .iter()
        .map(|node| node.name.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A virtual network 10.N.0.0/24 with a machine, and peerings with others.
fn vnet(name: &str, number: usize, peers: &[String]) -> String {
    let half = |peer: &String| format!("      - {{ remoteVirtualNetwork: {peer} }}\n");
    let halves = peers.iter().map(half).collect::<Vec<_>>().concat();
    format!(
        "  {name}:
    location: region1
    addressPrefixes: [10.{number}.0.0/24]
    subnets: {{ default: {{ addressPrefix: 10.{number}.0.0/25 }}, GatewaySubnet: {{ addressPrefix: 10.{number}.0.128/25 }} }}
    virtualMachines: {{ {name}-vm: {{ subnet: default, privateIPAddress: 10.{number}.0.4 }} }}
    peerings:
{halves}"
    )
}

#[test]
fn a_lab_of_a_name_alone_is_empty() {
    let topology = built("name: nothing\n");
    assert!(topology.nodes.is_empty() && topology.links.is_empty());
}

#[test]
fn a_lab_with_empty_sections_is_empty() {
    let text = "name: nothing\nvirtualNetworks: {}\nconnections:\nsites: {}\nexpect: []\n";
    assert!(built(text).nodes.is_empty());
}

#[test]
fn a_lab_without_azure_has_neither_fabric_nor_internet() {
    let text = "\
name: office
sites:
  office:
    routers: { router: { address: 10.0.0.1/24 } }
    hosts:
      one: { address: 10.0.0.2/24, gateway: 10.0.0.1 }
      two: { address: 10.0.0.3/24, gateway: 10.0.0.1 }
      three: { address: 10.0.0.4/24, gateway: 10.0.0.1 }
";
    insta::assert_snapshot!(node_names(&built(text)), @r"router one two three");
}

#[test]
fn two_routers_of_a_lan_stand_on_one_bridge() {
    let text = "\
name: office
sites:
  office:
    routers: { a: { address: 10.0.0.1/24 }, b: { address: 10.0.0.2/24 } }
    hosts: { pc: { address: 10.0.0.3/24, gateway: 10.0.0.2 } }
";
    let topology = built(text);
    let members: Vec<usize> = topology
        .segments
        .iter()
        .map(|segment| segment.members.len())
        .collect();
    assert_eq!(members, [3]);
}

#[test]
fn two_sites_have_a_lan_each() {
    let site = |name: &str, byte: u8| {
        format!(
            "  {name}:\n    routers: {{ {name}-r: {{ address: 10.0.{byte}.1/24 }} }}\n    hosts: {{ {name}-h: {{ address: 10.0.{byte}.2/24, gateway: 10.0.{byte}.1 }} }}\n"
        )
    };
    let text = format!("name: two\nsites:\n{}{}", site("east", 1), site("west", 2));
    let topology = built(&text);
    assert_eq!((topology.sites.len(), topology.segments.len()), (2, 2));
}

#[test]
fn routers_are_joined_by_as_many_links_as_the_file_says() {
    let text = "\
name: twice
sites:
  site:
    routers: { a: {}, b: {} }
    links:
      - { a: a, b: b, addresses: [10.0.0.0/31, 10.0.0.1/31] }
      - { a: a, b: b, addresses: [10.0.0.2/31, 10.0.0.3/31] }
      - { a: b, b: a, addresses: [10.0.0.5/31, 10.0.0.4/31] }
";
    let topology = built(text);
    let names: Vec<_> = topology
        .links
        .iter()
        .map(|link| link.name.as_str())
        .collect();
    assert_eq!(names, ["a-b", "a-b-2", "b-a"]);
}

#[test]
fn a_virtual_network_stands_alone() {
    let text = format!("name: alone\nvirtualNetworks:\n{}", vnet("hub", 0, &[]));
    insta::assert_snapshot!(node_names(&built(&text)), @r"azure hub-vm");
}

#[test]
fn networks_are_peered_in_a_full_mesh() {
    let name = |number: usize| format!("net{number}");
    let peers = |own: usize| {
        (0..6)
            .filter(|other| *other != own)
            .map(name)
            .collect::<Vec<_>>()
    };
    let networks: String = (0..6)
        .map(|own| vnet(&name(own), own, &peers(own)))
        .collect();
    let topology = built(&format!("name: mesh\nvirtualNetworks:\n{networks}"));
    assert!(
        topology
            .segments
            .iter()
            .all(|segment| segment.peerings.len() == 5)
    );
}

#[test]
fn gateways_and_circuits_need_no_connection() {
    let text = format!(
        "name: idle\nvirtualNetworks:\n{}\
virtualNetworkGateways:
  vpn: {{ virtualNetwork: hub, gatewayType: Vpn, publicIPAddress: 203.0.113.1 }}
  er: {{ virtualNetwork: hub, gatewayType: ExpressRoute }}
expressRouteCircuits:
  circuit:
    bandwidthInMbps: 50
    primary: {{ peerAddressPrefix: 172.16.0.0/30, customerEdge: edge }}
    secondary: {{ peerAddressPrefix: 172.16.0.4/30, customerEdge: edge }}
sites:
  site: {{ asn: 65001, routers: {{ edge: {{}} }} }}
",
        vnet("hub", 0, &[])
    );
    insta::assert_snapshot!(node_names(&built(&text)), @r"azure hub-vm vpn internet er edge circuit-msee1 circuit-msee2");
}

#[test]
fn a_gateway_may_speak_bgp_from_its_own_address() {
    let text = format!(
        "name: own\nvirtualNetworks:\n{}\
virtualNetworkGateways:
  vpn: {{ virtualNetwork: hub, gatewayType: Vpn, publicIPAddress: 203.0.113.1, privateIPAddress: 10.0.0.254, bgpPeeringAddress: 10.0.0.254 }}
",
        vnet("hub", 0, &[])
    );
    let topology = built(&text);
    let gateway = topology.node(topology.find("vpn").unwrap());
    assert!(gateway.loopback.is_empty());
}

#[test]
fn names_of_sixty_characters_get_interfaces_of_fifteen() {
    let [one, two] = ["1", "2"].map(|ending| format!("{}{ending}", "n".repeat(56)));
    let text = format!(
        "name: {}\nvirtualNetworks:\n{}{}",
        "l".repeat(60),
        vnet(&one, 1, std::slice::from_ref(&two)),
        vnet(&two, 2, std::slice::from_ref(&one))
    );
    let topology = built(&text);
    let fabric = topology.find("azure").unwrap();
    let names: Vec<_> = topology
        .interfaces_of(fabric)
        .map(|(_, one)| one.name.as_str())
        .collect();
    insta::assert_snapshot!(names.join(" "), @r"nnnnnnnnnnnnn-2 nnnnnnnnnnnnn-3 nnnnnnnnnnnnn-4 nnnnnnnnnnnnn-5 nnnnnnnnnnnnn-6 nnnnnnnnnnnnn-7");
}

#[test]
fn a_network_may_be_called_like_a_loopback_interface_or_a_common_node() {
    let text = format!(
        "name: lo\nvirtualNetworks:\n{}{}",
        vnet("lo", 1, &[]),
        vnet("azure", 2, &[])
    );
    let topology = built(&text);
    let fabric = topology.find("azure").unwrap();
    let names: Vec<_> = topology
        .interfaces_of(fabric)
        .map(|(_, one)| one.name.as_str())
        .collect();
    insta::assert_snapshot!(names.join(" "), @r"lo-2 lo-vm azure azure-vm");
}

#[test]
fn a_peering_and_a_connection_may_share_a_name() {
    let text = format!(
        "name: same\nvirtualNetworks:\n{}{}\
virtualNetworkGateways:
  a-gw: {{ virtualNetwork: a, gatewayType: Vpn, publicIPAddress: 203.0.113.1 }}
  b-gw: {{ virtualNetwork: b, gatewayType: Vpn, asn: 65001, publicIPAddress: 203.0.113.2 }}
connections:
  a-b: {{ connectionType: Vnet2Vnet, gateways: [a-gw, b-gw] }}
",
        vnet("a", 1, &["b".to_owned()]),
        vnet("b", 2, &["a".to_owned()])
    );
    let topology = built(&text);
    assert!(topology.links.iter().any(|link| link.name == "a-b-2"));
}
