//! Rules for names, addresses, peerings and gateways.

use crate::lab::rules::tests::{GOOD, refused, replaced, warnings_in};

#[test]
fn no_two_nodes_share_a_name() {
    insta::assert_snapshot!(refused(&[("      pc: {", "      hub-vm: {")]), @r"
    error[name-taken]: `hub-vm` is already the name of a virtual machine
      --> lab.yaml:39:7
       |
    39 |       hub-vm: { address: 10.2.0.10/24, gateway: 10.2.0.1 }
       |       ^^^^^^ this is a host
       |
      ::: lab.yaml:10:7
       |
    10 |       hub-vm: { subnet: default, privateIPAddress: 10.0.0.4 }
       |       ------ the other one

    1 finding in lab.yaml
    ");
}

#[test]
fn the_names_of_the_common_nodes_are_taken() {
    insta::assert_snapshot!(refused(&[("      lan: {", "      internet: {"), ("b: lan", "b: internet")]), @r"
    error[name-taken]: `internet` is already the name of the node that joins public addresses
      --> lab.yaml:37:7
       |
    37 |       internet: { address: 10.2.0.1/24 }
       |       ^^^^^^^^ this is a router

    1 finding in lab.yaml
    ");
}

#[test]
fn a_machine_is_not_called_like_a_circuits_msee() {
    insta::assert_snapshot!(refused(&[("      pc: {", "      er1-msee2: {")]), @r"
    error[name-taken]: `er1-msee2` is already the name of a host
      --> lab.yaml:25:3
       |
    25 |   er1:
       |   ^^^ this is an MSEE of this circuit
       |
      ::: lab.yaml:39:7
       |
    39 |       er1-msee2: { address: 10.2.0.10/24, gateway: 10.2.0.1 }
       |       --------- the other one

    1 finding in lab.yaml
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
    error[bad-name]: the circuit's MSEEs cannot be called after it: a name may have at most 60 characters, this one has 61
      --> lab.yaml:25:3
       |
    25 |   eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee:
       |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    1 finding in lab.yaml
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
       |
       = help: `spoke` and `hub` are peered, and the address spaces of peered networks may not overlap (virtual-network-peering-overview)

    1 finding in lab.yaml
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

    1 finding in lab.yaml
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

    1 finding in lab.yaml
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

    1 finding in lab.yaml
    ");
}

#[test]
fn a_machine_has_an_address_that_its_subnet_can_give() {
    insta::assert_snapshot!(refused(&[("privateIPAddress: 10.0.0.4", "privateIPAddress: 10.0.0.3")]), @r"
    error[outside]: 10.0.0.3 is not a usable address of 10.0.0.0/25
      --> lab.yaml:10:52
       |
    10 |       hub-vm: { subnet: default, privateIPAddress: 10.0.0.3 }
       |                                                    ^^^^^^^^ reserved by Azure
       |
       = help: Azure reserves the first four addresses and the last address of each subnet

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("privateIPAddress: 10.0.0.4", "privateIPAddress: 10.0.0.130")]), @r"
    error[outside]: 10.0.0.130 is not a usable address of 10.0.0.0/25
      --> lab.yaml:10:52
       |
    10 |       hub-vm: { subnet: default, privateIPAddress: 10.0.0.130 }
       |                                                    ^^^^^^^^^^ outside 10.0.0.0/25

    1 finding in lab.yaml
    ");
}

#[test]
fn no_address_is_given_twice() {
    insta::assert_snapshot!(refused(&[("172.16.1.0/31, 172.16.1.1/31", "172.16.1.0/31, 172.16.1.0/31")]), @r"
    error[address-taken]: 172.16.1.0 already belongs to edge
      --> lab.yaml:41:55
       |
    41 |       - { a: edge, b: lan, addresses: [172.16.1.0/31, 172.16.1.0/31] }
       |                                        -------------  ^^^^^^^^^^^^^
       |                                        |
       |                                        the other one

    1 finding in lab.yaml
    ");
}

#[test]
fn the_addresses_of_a_circuits_links_are_given_too() {
    insta::assert_snapshot!(refused(&[("172.16.0.4/30", "172.16.0.0/30")]), @r"
    error[address-taken]: 172.16.0.1 already belongs to edge
      --> lab.yaml:28:37
       |
    28 |     secondary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: edge }
       |                                     ^^^^^^^^^^^^^
       |
      ::: lab.yaml:27:35
       |
    27 |     primary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: edge }
       |                                   ------------- the other one

    error[address-taken]: 172.16.0.2 already belongs to an MSEE of er1
      --> lab.yaml:28:37
       |
    28 |     secondary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: edge }
       |                                     ^^^^^^^^^^^^^
       |
      ::: lab.yaml:27:35
       |
    27 |     primary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: edge }
       |                                   ------------- the other one

    2 findings in lab.yaml
    ");
}

#[test]
fn a_site_keeps_clear_of_virtual_networks() {
    insta::assert_snapshot!(warnings_in(&replaced(GOOD, &[("advertise: [10.2.0.0/24]", "advertise: [10.2.0.0/24, 10.1.0.64/26]")])), @r"
    warning[ignored-prefix]: 10.1.0.64/26 overlaps 10.1.0.0/24 of virtual network spoke: gateways ignore it, and Azure sends nothing there
      --> lab.yaml:42:30
       |
    42 |     advertise: [10.2.0.0/24, 10.1.0.64/26]
       |                              ^^^^^^^^^^^^
       |
       = help: give the site a range outside the networks that it is connected to (vpn-gateway-vpn-faq)
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

    2 findings in lab.yaml
    ");
}

#[test]
fn a_gateways_addresses_are_of_its_gateway_subnet() {
    insta::assert_snapshot!(refused(&[(
        "gatewayType: Vpn,",
        "gatewayType: Vpn, privateIPAddress: 10.0.0.131, bgpPeeringAddress: 10.0.0.5,",
    )]), @r"
    error[outside]: 10.0.0.131 is not a usable address of 10.0.0.128/25
      --> lab.yaml:22:73
       |
    22 |   hub-vpngw: { virtualNetwork: hub, gatewayType: Vpn, privateIPAddress: 10.0.0.131, bgpPeeringAddress: 10.0.0.5, publicIPAddress: 20...
       |                                                                         ^^^^^^^^^^ reserved by Azure
       |
       = help: Azure reserves the first four addresses and the last address of each subnet

    error[outside]: 10.0.0.5 is not a usable address of 10.0.0.128/25
      --> lab.yaml:22:104
       |
    22 | ...privateIPAddress: 10.0.0.131, bgpPeeringAddress: 10.0.0.5, publicIPAddress: 203.0.113.1 }
       |                                                     ^^^^^^^^ outside 10.0.0.128/25
       |
       = help: a gateway speaks BGP from an address of the GatewaySubnet, or from one of 169.254.21.0 to 169.254.22.255 (vpn-gateway-bgp-overview)

    2 findings in lab.yaml
    ");
}

#[test]
fn a_network_has_one_gateway_of_a_kind() {
    let second = "hub-ergw: { virtualNetwork: hub, gatewayType: ExpressRoute }\n  hub-ergw2: { virtualNetwork: hub, gatewayType: ExpressRoute }";
    insta::assert_snapshot!(refused(&[("hub-ergw: { virtualNetwork: hub, gatewayType: ExpressRoute }", second)]), @r"
    error[one-gateway]: virtual network `hub` already has the ExpressRoute gateway `hub-ergw`
      --> lab.yaml:24:3
       |
    24 |   hub-ergw2: { virtualNetwork: hub, gatewayType: ExpressRoute }
       |   ^^^^^^^^^
       |
      ::: lab.yaml:23:3
       |
    23 |   hub-ergw: { virtualNetwork: hub, gatewayType: ExpressRoute }
       |   -------- the other one

    1 finding in lab.yaml
    ");
}

#[test]
fn every_gateway_finds_an_address() {
    insta::assert_snapshot!(refused(&[("10.0.0.128/25", "10.0.0.128/29"), ("10.0.0.132, 10.0.0.133", "10.0.0.132, 10.0.0.134")]), @r"
    error[gateway-subnet-size]: the GatewaySubnet 10.0.0.128/29 of `hub` is too small: Azure requires a /27 or larger for a VPN gateway beside an ExpressRoute gateway
     --> lab.yaml:8:39
      |
    8 |       GatewaySubnet: { addressPrefix: 10.0.0.128/29 }
      |                                       ^^^^^^^^^^^^^
      |
      = help: make it a /27 or larger (expressroute-howto-coexist-resource-manager)

    error[no-room]: 10.0.0.128/29 has no address left for gateway `hub-ergw`
      --> lab.yaml:23:3
       |
    23 |   hub-ergw: { virtualNetwork: hub, gatewayType: ExpressRoute }
       |   ^^^^^^^^
       |
       = help: make the GatewaySubnet a /27 or larger

    2 findings in lab.yaml
    ");
}

#[test]
fn a_machine_in_the_gateway_subnet_takes_room_from_gateways() {
    insta::assert_snapshot!(refused(&[
        ("10.0.0.128/25", "10.0.0.128/28"),
        ("10.0.0.132, 10.0.0.133", "10.0.0.132, 10.0.0.142"),
        ("    peerings:\n      - { remoteVirtualNetwork: spoke,", &format!("{}    peerings:\n      - {{ remoteVirtualNetwork: spoke,", crowd(133..=140))),
    ]), @r"
    error[gateway-subnet-size]: the GatewaySubnet 10.0.0.128/28 of `hub` is too small: Azure requires a /27 or larger for a VPN gateway beside an ExpressRoute gateway
     --> lab.yaml:8:39
      |
    8 |       GatewaySubnet: { addressPrefix: 10.0.0.128/28 }
      |                                       ^^^^^^^^^^^^^
      |
      = help: make it a /27 or larger (expressroute-howto-coexist-resource-manager)

    error[no-room]: 10.0.0.128/28 has no address left for gateway `hub-ergw`
      --> lab.yaml:31:3
       |
    31 |   hub-ergw: { virtualNetwork: hub, gatewayType: ExpressRoute }
       |   ^^^^^^^^
       |
       = help: make the GatewaySubnet a /27 or larger

    2 findings in lab.yaml
    ");
}

/// Machines in the `GatewaySubnet`, one per address.
fn crowd(last_bytes: std::ops::RangeInclusive<u8>) -> String {
    let machine = |byte| {
        format!("      vm{byte}: {{ subnet: GatewaySubnet, privateIPAddress: 10.0.0.{byte} }}\n")
    };
    last_bytes.map(machine).collect()
}
