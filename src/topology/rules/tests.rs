//! A good lab file with one thing wrong at a time, and what a person then reads.

mod odd;

use crate::spec::{Source, parse, render};
use crate::topology::resolve;

/// A lab with one of everything, in which every rule holds.
const GOOD: &str = "\
name: small
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.0.0.0/24]
    subnets:
      default: { addressPrefix: 10.0.0.0/25 }
      GatewaySubnet: { addressPrefix: 10.0.0.128/25 }
    virtualMachines:
      hub-vm: { subnet: default, privateIPAddress: 10.0.0.4 }
    peerings:
      - { remoteVirtualNetwork: spoke, allowGatewayTransit: true }
  spoke:
    location: region1
    addressPrefixes: [10.1.0.0/24]
    subnets: { default: { addressPrefix: 10.1.0.0/24 } }
    virtualMachines:
      spoke-vm: { subnet: default, privateIPAddress: 10.1.0.4 }
    peerings:
      - { remoteVirtualNetwork: hub, useRemoteGateways: true }
virtualNetworkGateways:
  hub-vpngw: { virtualNetwork: hub, gatewayType: Vpn, publicIPAddress: 203.0.113.1 }
  hub-ergw: { virtualNetwork: hub, gatewayType: ExpressRoute }
expressRouteCircuits:
  er1:
    bandwidthInMbps: 50
    primary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: edge }
    secondary: { peerAddressPrefix: 172.16.0.4/30, customerEdge: edge }
connections:
  er1-hub: { connectionType: ExpressRoute, gateway: hub-ergw, circuit: er1, endpoints: [10.0.0.132, 10.0.0.133] }
  hub-site: { connectionType: IPsec, gateway: hub-vpngw, device: edge }
sites:
  site:
    asn: 65001
    routers:
      edge: { tunnel: { sourceAddress: 198.51.100.1, address: 10.2.0.125 }, localPreference: { er1: 200 } }
      lan: { address: 10.2.0.1/24 }
    hosts:
      pc: { address: 10.2.0.10/24, gateway: 10.2.0.1 }
    links:
      - { a: edge, b: lan, addresses: [172.16.1.0/31, 172.16.1.1/31] }
    advertise: [10.2.0.0/24]
expect:
  - { from: hub-vm, to: spoke-vm, hops: [10.1.0.4] }
";

/// What a person reads of the good file with some texts replaced, each of which it holds once.
fn refused(changes: &[(&str, &str)]) -> String {
    let text = changes.iter().fold(GOOD.to_owned(), |text, (old, new)| {
        assert_eq!(text.matches(old).count(), 1, "{old}");
        text.replace(old, new)
    });
    let spec = parse(&text).expect("each value alone is well formed");
    let findings = resolve(&spec).expect_err("a rule is broken");
    let source = Source {
        file: "lab.yaml".to_owned(),
        text,
    };
    render(&source, &findings)
}

#[test]
fn the_good_file_breaks_no_rule() {
    assert!(resolve(&parse(GOOD).unwrap()).is_ok());
}

#[test]
fn no_two_nodes_share_a_name() {
    insta::assert_snapshot!(refused(&[("      pc: {", "      hub-vm: {")]), @r"
    error[name-taken]: `hub-vm` is the name of a virtual machine already
      --> lab.yaml:39:7
       |
    39 |       hub-vm: { address: 10.2.0.10/24, gateway: 10.2.0.1 }
       |       ^^^^^^ this is a host

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn the_names_of_the_common_nodes_are_taken() {
    insta::assert_snapshot!(refused(&[("      lan: {", "      internet: {"), ("b: lan", "b: internet")]), @r"
    error[name-taken]: `internet` is the name of the node that joins public addresses already
      --> lab.yaml:37:7
       |
    37 |       internet: { address: 10.2.0.1/24 }
       |       ^^^^^^^^ this is a router

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn a_machine_is_not_called_like_a_circuits_msee() {
    insta::assert_snapshot!(refused(&[("      pc: {", "      er1-msee2: {")]), @r"
    error[name-taken]: `er1-msee2` is the name of a host already
      --> lab.yaml:25:3
       |
    25 |   er1:
       |   ^^^ this is an MSEE of this circuit

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn a_circuits_name_leaves_room_for_those_of_its_msees() {
    let long = "e".repeat(55);
    insta::assert_snapshot!(refused(&[
        ("  er1:\n", &format!("  {long}:\n")),
        ("circuit: er1", &format!("circuit: {long}")),
        ("{ er1: 200 }", &format!("{{ {long}: 200 }}")),
    ]), @r"
    error[bad-name]: the circuit's MSEEs cannot be called after it: a name may have 60 characters at most, this one has 61
      --> lab.yaml:25:3
       |
    25 |   eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee:
       |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn virtual_networks_do_not_overlap() {
    insta::assert_snapshot!(refused(&[("addressPrefixes: [10.1.0.0/24]", "addressPrefixes: [10.1.0.0/24, 10.0.0.0/16]")]), @r"
    error[overlap]: 10.0.0.0/16 overlaps 10.0.0.0/24 of virtual network hub
      --> lab.yaml:15:36
       |
    15 |     addressPrefixes: [10.1.0.0/24, 10.0.0.0/16]
       |                                    ^^^^^^^^^^^

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn a_subnet_lies_inside_its_network() {
    insta::assert_snapshot!(refused(&[("{ addressPrefix: 10.1.0.0/24 }", "{ addressPrefix: 10.1.0.0/23 }")]), @r"
    error[outside]: 10.1.0.0/23 is outside the address space of virtual network spoke
      --> lab.yaml:16:42
       |
    16 |     subnets: { default: { addressPrefix: 10.1.0.0/23 } }
       |                                          ^^^^^^^^^^^ not inside 10.1.0.0/24

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn subnets_of_a_network_do_not_overlap() {
    insta::assert_snapshot!(refused(&[("10.0.0.128/25", "10.0.0.0/24")]), @r"
    error[overlap]: 10.0.0.0/24 overlaps 10.0.0.0/25 of subnet default
     --> lab.yaml:8:39
      |
    8 |       GatewaySubnet: { addressPrefix: 10.0.0.0/24 }
      |                                       ^^^^^^^^^^^

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn a_machine_names_a_subnet_of_its_own_network() {
    insta::assert_snapshot!(refused(&[("hub-vm: { subnet: default,", "hub-vm: { subnet: defualt,")]), @r"
    error[no-such-name]: there is no subnet `defualt`
      --> lab.yaml:10:25
       |
    10 |       hub-vm: { subnet: defualt, privateIPAddress: 10.0.0.4 }
       |                         ^^^^^^^ did you mean `default`?

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn a_machine_has_an_address_that_its_subnet_can_give() {
    insta::assert_snapshot!(refused(&[("privateIPAddress: 10.0.0.4", "privateIPAddress: 10.0.0.3")]), @r"
    error[outside]: 10.0.0.3 is not an address that 10.0.0.0/25 can give
      --> lab.yaml:10:52
       |
    10 |       hub-vm: { subnet: default, privateIPAddress: 10.0.0.3 }
       |                                                    ^^^^^^^^ kept by Azure
       |
       = help: Azure keeps the first four addresses of a subnet and the last one for itself

    1 finding in lab.yaml; nothing was built
    ");
    insta::assert_snapshot!(refused(&[("privateIPAddress: 10.0.0.4", "privateIPAddress: 10.0.0.130")]), @r"
    error[outside]: 10.0.0.130 is not an address that 10.0.0.0/25 can give
      --> lab.yaml:10:52
       |
    10 |       hub-vm: { subnet: default, privateIPAddress: 10.0.0.130 }
       |                                                    ^^^^^^^^^^ outside 10.0.0.0/25

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn no_address_is_given_twice() {
    insta::assert_snapshot!(refused(&[("172.16.1.0/31, 172.16.1.1/31", "172.16.1.0/31, 172.16.1.0/31")]), @r"
    error[address-taken]: 172.16.1.0 belongs to edge already
      --> lab.yaml:41:55
       |
    41 |       - { a: edge, b: lan, addresses: [172.16.1.0/31, 172.16.1.0/31] }
       |                                                       ^^^^^^^^^^^^^

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn the_addresses_of_a_circuits_links_are_given_too() {
    insta::assert_snapshot!(refused(&[("172.16.0.4/30", "172.16.0.0/30")]), @r"
    error[address-taken]: 172.16.0.1 belongs to edge already
      --> lab.yaml:28:37
       |
    28 |     secondary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: edge }
       |                                     ^^^^^^^^^^^^^

    error[address-taken]: 172.16.0.2 belongs to an MSEE of er1 already
      --> lab.yaml:28:37
       |
    28 |     secondary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: edge }
       |                                     ^^^^^^^^^^^^^

    2 findings in lab.yaml; nothing was built
    ");
}

#[test]
fn a_site_keeps_clear_of_virtual_networks() {
    insta::assert_snapshot!(refused(&[("advertise: [10.2.0.0/24]", "advertise: [10.2.0.0/24, 10.1.0.64/26]")]), @r"
    error[overlap]: 10.1.0.64/26 overlaps 10.1.0.0/24 of virtual network spoke
      --> lab.yaml:42:30
       |
    42 |     advertise: [10.2.0.0/24, 10.1.0.64/26]
       |                              ^^^^^^^^^^^^

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn a_peering_has_two_halves() {
    insta::assert_snapshot!(refused(&[("remoteVirtualNetwork: hub, useRemoteGateways: true", "remoteVirtualNetwork: hbu")]), @r"
    error[peering]: the peering `hub` to `spoke` has no other half
      --> lab.yaml:12:33
       |
    12 |       - { remoteVirtualNetwork: spoke, allowGatewayTransit: true }
       |                                 ^^^^^
       |
       = help: add `- { remoteVirtualNetwork: hub }` to the peerings of `spoke`

    error[no-such-name]: there is no virtual network `hbu`
      --> lab.yaml:20:33
       |
    20 |       - { remoteVirtualNetwork: hbu }
       |                                 ^^^ did you mean `hub`?

    2 findings in lab.yaml; nothing was built
    ");
}

#[test]
fn a_network_is_peered_with_another_and_once() {
    let again = "{ remoteVirtualNetwork: hub, useRemoteGateways: true }\n      - { remoteVirtualNetwork: hub }\n      - { remoteVirtualNetwork: spoke }";
    insta::assert_snapshot!(refused(&[("{ remoteVirtualNetwork: hub, useRemoteGateways: true }", again)]), @r"
    error[peering]: `spoke` is peered with `hub` already
      --> lab.yaml:21:33
       |
    21 |       - { remoteVirtualNetwork: hub }
       |                                 ^^^

    error[peering]: `spoke` cannot be peered with itself
      --> lab.yaml:22:33
       |
    22 |       - { remoteVirtualNetwork: spoke }
       |                                 ^^^^^

    2 findings in lab.yaml; nothing was built
    ");
}

#[test]
fn a_network_uses_the_gateways_of_a_peer_that_allows_it() {
    insta::assert_snapshot!(refused(&[("allowGatewayTransit: true", "allowGatewayTransit: false")]), @r"
    error[gateway-transit]: `spoke` may not use the gateways of `hub`
      --> lab.yaml:20:57
       |
    20 |       - { remoteVirtualNetwork: hub, useRemoteGateways: true }
       |                                                         ^^^^
       |
       = help: set `allowGatewayTransit: true` on the peering of `hub` to `spoke`

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn a_network_uses_the_gateways_of_a_peer_that_has_some() {
    insta::assert_snapshot!(refused(&[
        ("remoteVirtualNetwork: spoke, allowGatewayTransit: true", "remoteVirtualNetwork: spoke, useRemoteGateways: true"),
        ("remoteVirtualNetwork: hub, useRemoteGateways: true", "remoteVirtualNetwork: hub, allowGatewayTransit: true"),
    ]), @r"
    error[gateway-transit]: `spoke` has no gateway that `hub` could use
      --> lab.yaml:12:59
       |
    12 |       - { remoteVirtualNetwork: spoke, useRemoteGateways: true }
       |                                                           ^^^^
       |
       = help: give `spoke` a gateway under `virtualNetworkGateways`, or leave `useRemoteGateways` out

    error[gateway-transit]: `hub` has a gateway of its own and cannot use that of `spoke`
      --> lab.yaml:12:59
       |
    12 |       - { remoteVirtualNetwork: spoke, useRemoteGateways: true }
       |                                                           ^^^^
       |
       = help: a virtual network uses its own gateways or a peer's, not both

    2 findings in lab.yaml; nothing was built
    ");
}

#[test]
fn a_gateway_stands_in_a_gateway_subnet() {
    insta::assert_snapshot!(refused(&[("hub-ergw: { virtualNetwork: hub,", "hub-ergw: { virtualNetwork: spoke,")]), @r"
    error[gateway-transit]: `spoke` has a gateway of its own and cannot use that of `hub`
      --> lab.yaml:20:57
       |
    20 |       - { remoteVirtualNetwork: hub, useRemoteGateways: true }
       |                                                         ^^^^
       |
       = help: a virtual network uses its own gateways or a peer's, not both

    error[gateway-subnet]: virtual network `spoke` has no `GatewaySubnet` for this gateway
      --> lab.yaml:23:31
       |
    23 |   hub-ergw: { virtualNetwork: spoke, gatewayType: ExpressRoute }
       |                               ^^^^^
       |
       = help: add `GatewaySubnet: { addressPrefix: ... }` to its subnets, a /27 or larger

    2 findings in lab.yaml; nothing was built
    ");
}

#[test]
fn a_gateways_addresses_are_of_its_gateway_subnet() {
    insta::assert_snapshot!(refused(&[(
        "gatewayType: Vpn,",
        "gatewayType: Vpn, privateIPAddress: 10.0.0.131, bgpPeeringAddress: 10.0.0.5,",
    )]), @r"
    error[outside]: 10.0.0.131 is not an address that 10.0.0.128/25 can give
      --> lab.yaml:22:73
       |
    22 |   hub-vpngw: { virtualNetwork: hub, gatewayType: Vpn, privateIPAddress: 10.0.0.131, bgpPeeringAddress: 10.0.0.5, publicIPAddress: 20...
       |                                                                         ^^^^^^^^^^ kept by Azure
       |
       = help: Azure keeps the first four addresses of a subnet and the last one for itself

    error[outside]: 10.0.0.5 is not an address that 10.0.0.128/25 can give
      --> lab.yaml:22:104
       |
    22 | ...privateIPAddress: 10.0.0.131, bgpPeeringAddress: 10.0.0.5, publicIPAddress: 203.0.113.1 }
       |                                                     ^^^^^^^^ outside 10.0.0.128/25

    2 findings in lab.yaml; nothing was built
    ");
}

#[test]
fn a_network_has_one_gateway_of_a_kind() {
    let second = "hub-ergw: { virtualNetwork: hub, gatewayType: ExpressRoute }\n  hub-ergw2: { virtualNetwork: hub, gatewayType: ExpressRoute }";
    insta::assert_snapshot!(refused(&[("hub-ergw: { virtualNetwork: hub, gatewayType: ExpressRoute }", second)]), @r"
    error[one-gateway]: virtual network `hub` has the ExpressRoute gateway `hub-ergw` already
      --> lab.yaml:24:3
       |
    24 |   hub-ergw2: { virtualNetwork: hub, gatewayType: ExpressRoute }
       |   ^^^^^^^^^

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn every_gateway_finds_an_address() {
    insta::assert_snapshot!(refused(&[("10.0.0.128/25", "10.0.0.128/29"), ("10.0.0.132, 10.0.0.133", "10.0.0.132, 10.0.0.134")]), @r"
    error[no-room]: 10.0.0.128/29 has no address left for gateway `hub-ergw`
      --> lab.yaml:23:3
       |
    23 |   hub-ergw: { virtualNetwork: hub, gatewayType: ExpressRoute }
       |   ^^^^^^^^
       |
       = help: make the GatewaySubnet a /27 or larger

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn a_machine_in_the_gateway_subnet_takes_room_from_gateways() {
    insta::assert_snapshot!(refused(&[
        ("10.0.0.128/25", "10.0.0.128/28"),
        ("10.0.0.132, 10.0.0.133", "10.0.0.132, 10.0.0.142"),
        ("    peerings:\n      - { remoteVirtualNetwork: spoke,", &format!("{}    peerings:\n      - {{ remoteVirtualNetwork: spoke,", crowd(133..=140))),
    ]), @r"
    error[no-room]: 10.0.0.128/28 has no address left for gateway `hub-ergw`
      --> lab.yaml:31:3
       |
    31 |   hub-ergw: { virtualNetwork: hub, gatewayType: ExpressRoute }
       |   ^^^^^^^^
       |
       = help: make the GatewaySubnet a /27 or larger

    1 finding in lab.yaml; nothing was built
    ");
}

/// Machines in the `GatewaySubnet`, one for each address.
fn crowd(last_bytes: std::ops::RangeInclusive<u8>) -> String {
    let machine = |byte| {
        format!("      vm{byte}: {{ subnet: GatewaySubnet, privateIPAddress: 10.0.0.{byte} }}\n")
    };
    last_bytes.map(machine).collect()
}

#[test]
fn a_circuit_ends_at_routers_of_a_site_with_an_as_number() {
    insta::assert_snapshot!(refused(&[("172.16.0.0/30, customerEdge: edge", "172.16.0.0/30, customerEdge: egde")]), @r"
    error[no-such-name]: there is no router `egde`
      --> lab.yaml:27:64
       |
    27 |     primary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: egde }
       |                                                                ^^^^ did you mean `edge`?

    1 finding in lab.yaml; nothing was built
    ");
    insta::assert_snapshot!(refused(&[("    asn: 65001\n", "")]), @r"
    error[no-asn]: router `edge` speaks BGP with Azure, but its site `site` has no `asn`
      --> lab.yaml:27:64
       |
    27 |     primary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: edge }
       |                                                                ^^^^
       |
       = help: add `asn: 65001`, or another private number, to site `site`

    error[no-asn]: router `edge` speaks BGP with Azure, but its site `site` has no `asn`
      --> lab.yaml:28:66
       |
    28 |     secondary: { peerAddressPrefix: 172.16.0.4/30, customerEdge: edge }
       |                                                                  ^^^^
       |
       = help: add `asn: 65001`, or another private number, to site `site`

    error[no-asn]: router `edge` speaks BGP with Azure, but its site `site` has no `asn`
      --> lab.yaml:31:66
       |
    31 |   hub-site: { connectionType: IPsec, gateway: hub-vpngw, device: edge }
       |                                                                  ^^^^
       |
       = help: add `asn: 65001`, or another private number, to site `site`

    3 findings in lab.yaml; nothing was built
    ");
}

#[test]
fn a_circuits_connection_names_a_circuit_and_an_express_route_gateway() {
    insta::assert_snapshot!(refused(&[("gateway: hub-ergw, circuit: er1", "gateway: hub-vpngw, circuit: er2")]), @r"
    error[wrong-gateway]: `hub-vpngw` is not an ExpressRoute gateway, which this connection needs
      --> lab.yaml:30:53
       |
    30 |   er1-hub: { connectionType: ExpressRoute, gateway: hub-vpngw, circuit: er2, endpoints: [10.0.0.132, 10.0.0.133] }
       |                                                     ^^^^^^^^^

    error[no-such-name]: there is no circuit `er2`
      --> lab.yaml:30:73
       |
    30 |   er1-hub: { connectionType: ExpressRoute, gateway: hub-vpngw, circuit: er2, endpoints: [10.0.0.132, 10.0.0.133] }
       |                                                                         ^^^ did you mean `er1`?

    2 findings in lab.yaml; nothing was built
    ");
}

#[test]
fn a_circuits_endpoints_are_of_the_gateway_subnet() {
    insta::assert_snapshot!(refused(&[("[10.0.0.132, 10.0.0.133]", "[10.0.0.132, 10.0.0.5]")]), @r"
    error[outside]: 10.0.0.5 is not an address that 10.0.0.128/25 can give
      --> lab.yaml:30:101
       |
    30 |   er1-hub: { connectionType: ExpressRoute, gateway: hub-ergw, circuit: er1, endpoints: [10.0.0.132, 10.0.0.5] }
       |                                                                                                     ^^^^^^^^ outside 10.0.0.128/25

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn a_tunnel_ends_at_a_device_that_has_one() {
    insta::assert_snapshot!(refused(&[("device: edge", "device: lan")]), @r"
    error[no-tunnel]: router `lan` has no `tunnel`, so no connection can end there
      --> lab.yaml:31:66
       |
    31 |   hub-site: { connectionType: IPsec, gateway: hub-vpngw, device: lan }
       |                                                                  ^^^
       |
       = help: add `tunnel: { sourceAddress: ..., address: ... }` to it

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn the_ends_of_a_tunnel_are_in_different_autonomous_systems() {
    insta::assert_snapshot!(refused(&[("asn: 65001", "asn: 65515")]), @r"
    error[same-asn]: both ends of this tunnel have the AS number 65515, so neither would take the other's routes
      --> lab.yaml:31:66
       |
    31 |   hub-site: { connectionType: IPsec, gateway: hub-vpngw, device: edge }
       |                                                                  ^^^^
       |
       = help: give one of them another private `asn`

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn two_things_are_joined_by_one_connection() {
    let again =
        "device: edge }\n  hub-site-2: { connectionType: IPsec, gateway: hub-vpngw, device: edge }";
    insta::assert_snapshot!(refused(&[("device: edge }", again)]), @r"
    error[joined-already]: connection `hub-site` joins these two already
      --> lab.yaml:32:3
       |
    32 |   hub-site-2: { connectionType: IPsec, gateway: hub-vpngw, device: edge }
       |   ^^^^^^^^^^

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn a_connection_has_two_ends() {
    let round =
        "device: edge }\n  round: { connectionType: Vnet2Vnet, gateways: [hub-vpngw, hub-vpngw] }";
    insta::assert_snapshot!(refused(&[("device: edge }", round)]), @r"
    error[same-end]: a connection needs two different ends
      --> lab.yaml:32:3
       |
    32 |   round: { connectionType: Vnet2Vnet, gateways: [hub-vpngw, hub-vpngw] }
       |   ^^^^^

    error[same-asn]: both ends of this tunnel have the AS number 65515, so neither would take the other's routes
      --> lab.yaml:32:61
       |
    32 |   round: { connectionType: Vnet2Vnet, gateways: [hub-vpngw, hub-vpngw] }
       |                                                             ^^^^^^^^^
       |
       = help: give one of them another private `asn`

    2 findings in lab.yaml; nothing was built
    ");
}

#[test]
fn a_link_joins_two_routers_of_its_site() {
    insta::assert_snapshot!(refused(&[("b: lan", "b: hub-vm")]), @r"
    error[no-such-name]: there is no router of site site `hub-vm`
      --> lab.yaml:41:23
       |
    41 |       - { a: edge, b: hub-vm, addresses: [172.16.1.0/31, 172.16.1.1/31] }
       |                       ^^^^^^
       |
       = help: there is edge, lan

    1 finding in lab.yaml; nothing was built
    ");
    insta::assert_snapshot!(refused(&[("b: lan", "b: edge")]), @r"
    error[same-end]: this link joins `edge` to itself
      --> lab.yaml:41:23
       |
    41 |       - { a: edge, b: edge, addresses: [172.16.1.0/31, 172.16.1.1/31] }
       |                       ^^^^

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn the_ends_of_a_link_share_a_prefix() {
    insta::assert_snapshot!(refused(&[("172.16.1.1/31", "172.16.1.2/31")]), @r"
    error[outside]: 172.16.1.0/31 and 172.16.1.2/31 are not of one prefix
      --> lab.yaml:41:55
       |
    41 |       - { a: edge, b: lan, addresses: [172.16.1.0/31, 172.16.1.2/31] }
       |                                                       ^^^^^^^^^^^^^
       |
       = help: both ends of a link share a prefix, such as a /30 or /31

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn a_hosts_gateway_is_a_router_on_its_own_lan() {
    insta::assert_snapshot!(refused(&[("gateway: 10.2.0.1 }", "gateway: 10.2.0.2 }")]), @r"
    error[no-such-gateway]: no router of site `site` has the address 10.2.0.2
      --> lab.yaml:39:45
       |
    39 |       pc: { address: 10.2.0.10/24, gateway: 10.2.0.2 }
       |                                             ^^^^^^^^
       |
       = help: its routers' addresses are 10.2.0.1/24

    1 finding in lab.yaml; nothing was built
    ");
    insta::assert_snapshot!(refused(&[("pc: { address: 10.2.0.10/24", "pc: { address: 10.2.1.10/24")]), @r"
    error[outside]: 10.2.1.10/24 is not on the LAN of its gateway, 10.2.0.0/24
      --> lab.yaml:39:22
       |
    39 |       pc: { address: 10.2.1.10/24, gateway: 10.2.0.1 }
       |                      ^^^^^^^^^^^^

    1 finding in lab.yaml; nothing was built
    ");
    insta::assert_snapshot!(refused(&[("lan: { address: 10.2.0.1/24 }", "lan: {}")]), @r"
    error[no-such-gateway]: no router of site `site` has the address 10.2.0.1
      --> lab.yaml:39:45
       |
    39 |       pc: { address: 10.2.0.10/24, gateway: 10.2.0.1 }
       |                                             ^^^^^^^^
       |
       = help: give a router `address: 10.2.0.1/24`

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn a_local_preference_is_for_a_circuit_or_connection() {
    insta::assert_snapshot!(refused(&[("{ er1: 200 }", "{ er1: 200, hub-sit: 50 }")]), @r"
    error[no-such-name]: there is no circuit or connection `hub-sit`
      --> lab.yaml:36:106
       |
    36 |       edge: { tunnel: { sourceAddress: 198.51.100.1, address: 10.2.0.125 }, localPreference: { er1: 200, hub-sit: 50 } }
       |                                                                                                          ^^^^^^^ did you mean `hub-site`?

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn an_expectation_is_about_two_machines_and_the_only_one() {
    let more = "hops: [10.1.0.4] }
  - { from: hub-vm, to: spoke-vm, unreachable: timeout }
  - { from: pc, to: pc, unreachable: timeout }
  - { from: pc, to: edge, unreachable: timeout }";
    insta::assert_snapshot!(refused(&[("hops: [10.1.0.4] }", more)]), @r"
    error[expected-already]: the path from `hub-vm` to `spoke-vm` has an expectation already
      --> lab.yaml:45:5
       |
    45 |   - { from: hub-vm, to: spoke-vm, unreachable: timeout }
       |     ^

    error[same-end]: `pc` is both ends of this path
      --> lab.yaml:46:21
       |
    46 |   - { from: pc, to: pc, unreachable: timeout }
       |                     ^^

    error[no-such-name]: there is no virtual machine or host `edge`
      --> lab.yaml:47:21
       |
    47 |   - { from: pc, to: edge, unreachable: timeout }
       |                     ^^^^
       |
       = help: there is hub-vm, spoke-vm, pc

    3 findings in lab.yaml; nothing was built
    ");
}

#[test]
fn a_path_ends_at_its_destination() {
    insta::assert_snapshot!(refused(&[("hops: [10.1.0.4]", "hops: [10.1.0.4, \"*\"]")]), @r#"
    error[wrong-end]: the last hop is not `spoke-vm`, whose address is 10.1.0.4
      --> lab.yaml:44:52
       |
    44 |   - { from: hub-vm, to: spoke-vm, hops: [10.1.0.4, "*"] }
       |                                                    ^^^
       |
       = help: end `hops` with 10.1.0.4, or write `unreachable: timeout`

    1 finding in lab.yaml; nothing was built
    "#);
}

#[test]
fn a_path_has_thirty_hops_at_most() {
    let stars = "\"*\", ".repeat(30);
    insta::assert_snapshot!(refused(&[("hops: [10.1.0.4]", &format!("hops: [\n{stars}10.1.0.4]"))]), @r#"
    error[too-many-hops]: a path has 30 hops at most
      --> lab.yaml:45:151
       |
    45 | ..."*", "*", "*", "*", "*", "*", "*", "*", "*", "*", "*", "*", 10.1.0.4] }
       |                                                                ^^^^^^^^

    1 finding in lab.yaml; nothing was built
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a snapshot of all that people see")]
fn every_broken_rule_is_found_at_once() {
    insta::assert_snapshot!(refused(&[
        ("addressPrefixes: [10.1.0.0/24]", "addressPrefixes: [10.0.0.0/16]"),
        ("hub-vm: { subnet: default", "hub-vm: { subnet: front"),
        ("remoteVirtualNetwork: hub, useRemoteGateways: true", "remoteVirtualNetwork: huub"),
        ("hub-ergw: { virtualNetwork: hub", "hub-ergw: { virtualNetwork: spoke"),
        ("device: edge", "device: lan"),
        ("pc: { address: 10.2.0.10/24", "spoke-vm: { address: 10.2.0.1/24"),
        ("to: spoke-vm", "to: nobody"),
    ]), @r"
    error[no-such-name]: there is no subnet `front`
      --> lab.yaml:10:25
       |
    10 |       hub-vm: { subnet: front, privateIPAddress: 10.0.0.4 }
       |                         ^^^^^
       |
       = help: there is default, GatewaySubnet

    error[peering]: the peering `hub` to `spoke` has no other half
      --> lab.yaml:12:33
       |
    12 |       - { remoteVirtualNetwork: spoke, allowGatewayTransit: true }
       |                                 ^^^^^
       |
       = help: add `- { remoteVirtualNetwork: hub }` to the peerings of `spoke`

    error[overlap]: 10.0.0.0/16 overlaps 10.0.0.0/24 of virtual network hub
      --> lab.yaml:15:23
       |
    15 |     addressPrefixes: [10.0.0.0/16]
       |                       ^^^^^^^^^^^

    error[outside]: 10.1.0.0/24 is outside the address space of virtual network spoke
      --> lab.yaml:16:42
       |
    16 |     subnets: { default: { addressPrefix: 10.1.0.0/24 } }
       |                                          ^^^^^^^^^^^ not inside 10.0.0.0/16

    error[no-such-name]: there is no virtual network `huub`
      --> lab.yaml:20:33
       |
    20 |       - { remoteVirtualNetwork: huub }
       |                                 ^^^^ did you mean `hub`?

    error[gateway-subnet]: virtual network `spoke` has no `GatewaySubnet` for this gateway
      --> lab.yaml:23:31
       |
    23 |   hub-ergw: { virtualNetwork: spoke, gatewayType: ExpressRoute }
       |                               ^^^^^
       |
       = help: add `GatewaySubnet: { addressPrefix: ... }` to its subnets, a /27 or larger

    error[no-tunnel]: router `lan` has no `tunnel`, so no connection can end there
      --> lab.yaml:31:66
       |
    31 |   hub-site: { connectionType: IPsec, gateway: hub-vpngw, device: lan }
       |                                                                  ^^^
       |
       = help: add `tunnel: { sourceAddress: ..., address: ... }` to it

    error[name-taken]: `spoke-vm` is the name of a virtual machine already
      --> lab.yaml:39:7
       |
    39 |       spoke-vm: { address: 10.2.0.1/24, gateway: 10.2.0.1 }
       |       ^^^^^^^^ this is a host

    error[address-taken]: 10.2.0.1 belongs to lan already
      --> lab.yaml:39:28
       |
    39 |       spoke-vm: { address: 10.2.0.1/24, gateway: 10.2.0.1 }
       |                            ^^^^^^^^^^^

    error[no-such-name]: there is no virtual machine or host `nobody`
      --> lab.yaml:44:25
       |
    44 |   - { from: hub-vm, to: nobody, hops: [10.1.0.4] }
       |                         ^^^^^^
       |
       = help: there is hub-vm, spoke-vm, spoke-vm

    10 findings in lab.yaml; nothing was built
    ");
}
