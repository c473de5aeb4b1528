//! Rules for VPN gateways with two instances, and for their BGP addresses.

use crate::lab::rules::tests::wide::{accepted, refused};

#[test]
fn an_instance_has_a_name_of_its_own() {
    insta::assert_snapshot!(refused(&[("      nva2: {", "      hub-vpngw-in1: {"), ("backends: [nva1, nva2]", "backends: [nva1]")]), @r"
    error[name-taken]: `hub-vpngw-in1` is already the name of a virtual machine
      --> lab.yaml:54:3
       |
    54 |   hub-vpngw:
       |   ^^^^^^^^^ this is an instance of this gateway
       |
      ::: lab.yaml:19:7
       |
    19 |       hub-vpngw-in1: { subnet: nva, privateIPAddress: 10.0.0.69, ipForwarding: true }
       |       ------------- the other one

    1 finding in lab.yaml
    ");
}

#[test]
fn a_gateways_name_leaves_room_for_those_of_its_instances() {
    insta::assert_snapshot!(refused(&[("  hub-vpngw:\n", "  gggggggggggggggggggggggggggggggggggggggggggggggggggggggggg:\n"), ("gateways: [hub-vpngw, branch-vpngw]", "gateways: [gggggggggggggggggggggggggggggggggggggggggggggggggggggggggg, branch-vpngw]"), ("gateway: hub-vpngw, device: edge", "gateway: gggggggggggggggggggggggggggggggggggggggggggggggggggggggggg, device: edge")]), @r"
    error[bad-name]: the gateway's instances cannot be called after it: a name may have at most 60 characters, this one has 62
      --> lab.yaml:54:3
       |
    54 |   gggggggggggggggggggggggggggggggggggggggggggggggggggggggggg:
       |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    1 finding in lab.yaml
    ");
}

#[test]
fn two_instances_have_different_addresses() {
    insta::assert_snapshot!(refused(&[("[10.0.0.140, 10.0.0.141]", "[10.0.0.140, 10.0.0.140]")]), @r"
    error[address-taken]: 10.0.0.140 already belongs to hub-vpngw
      --> lab.yaml:58:38
       |
    58 |     privateIPAddresses: [10.0.0.140, 10.0.0.140]
       |                          ----------  ^^^^^^^^^^
       |                          |
       |                          the other one

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("[203.0.113.1, 203.0.113.2]", "[203.0.113.1, 203.0.113.1]")]), @r"
    error[address-taken]: 203.0.113.1 already belongs to hub-vpngw
      --> lab.yaml:59:38
       |
    59 |     publicIPAddresses: [203.0.113.1, 203.0.113.1]
       |                         -----------  ^^^^^^^^^^^
       |                         |
       |                         the other one

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("privateIPAddresses: [10.0.0.140, 10.0.0.141]", "bgpPeeringAddresses: [169.254.21.6, 169.254.21.6]")]), @r"
    error[address-taken]: 169.254.21.6 already belongs to BGP at hub-vpngw
      --> lab.yaml:58:41
       |
    58 |     bgpPeeringAddresses: [169.254.21.6, 169.254.21.6]
       |                           ------------  ^^^^^^^^^^^^
       |                           |
       |                           the other one

    1 finding in lab.yaml
    ");
    accepted(&[(
        "privateIPAddresses: [10.0.0.140, 10.0.0.141]",
        "bgpPeeringAddresses: [169.254.21.6, 169.254.21.10]",
    )]);
}

#[test]
fn a_gateway_speaks_bgp_from_its_subnet_or_from_its_tunnels() {
    insta::assert_snapshot!(refused(&[("bgpPeeringAddress: 169.254.21.2", "bgpPeeringAddress: 10.2.0.5")]), @r"
    error[outside]: 10.2.0.5 is not a usable address of 10.2.0.128/25
      --> lab.yaml:61:122
       |
    61 |   branch-vpngw: { virtualNetwork: branch, gatewayType: Vpn, asn: 65516, publicIPAddress: 203.0.113.3, bgpPeeringAddress: 10.2.0.5 }
       |                                                                                                                          ^^^^^^^^ outside 10.2.0.128/25
       |
       = help: a gateway speaks BGP from an address of the GatewaySubnet, or from one of 169.254.21.0 to 169.254.22.255 (vpn-gateway-bgp-overview)

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("bgpPeeringAddress: 169.254.21.2", "bgpPeeringAddress: 10.2.0.129")]), @r"
    error[outside]: 10.2.0.129 is not a usable address of 10.2.0.128/25
      --> lab.yaml:61:122
       |
    61 |   branch-vpngw: { virtualNetwork: branch, gatewayType: Vpn, asn: 65516, publicIPAddress: 203.0.113.3, bgpPeeringAddress: 10.2.0.129 }
       |                                                                                                                          ^^^^^^^^^^ reserved by Azure
       |
       = help: Azure reserves the first four addresses and the last address of each subnet

    1 finding in lab.yaml
    ");
    accepted(&[(
        "bgpPeeringAddress: 169.254.21.2",
        "bgpPeeringAddress: 10.2.0.254",
    )]);
    accepted(&[(
        "bgpPeeringAddress: 169.254.21.2",
        "bgpPeeringAddress: 169.254.22.255",
    )]);
}

#[test]
fn an_express_route_gateways_address_is_of_its_subnet() {
    insta::assert_snapshot!(refused(&[("privateIPAddress: 10.0.0.150", "privateIPAddress: 10.0.0.40")]), @r"
    error[outside]: 10.0.0.40 is not a usable address of 10.0.0.128/26
      --> lab.yaml:60:95
       |
    60 |   hub-ergw: { virtualNetwork: hub, gatewayType: ExpressRoute, sku: ErGw3Az, privateIPAddress: 10.0.0.40 }
       |                                                                                               ^^^^^^^^^ outside 10.0.0.128/26

    1 finding in lab.yaml
    ");
}

#[test]
fn two_instances_need_two_addresses() {
    insta::assert_snapshot!(refused(&[("GatewaySubnet: { addressPrefix: 10.2.0.128/25 }", "GatewaySubnet: { addressPrefix: 10.2.0.128/29 }"), ("branch-vpngw: { virtualNetwork: branch, gatewayType: Vpn, asn: 65516, publicIPAddress: 203.0.113.3, bgpPeeringAddress: 169.254.21.2 }", "branch-vpngw: { virtualNetwork: branch, gatewayType: Vpn, asn: 65516, activeActive: true, publicIPAddresses: [203.0.113.3, 203.0.113.4] }\n  branch-ergw: { virtualNetwork: branch, gatewayType: ExpressRoute, privateIPAddress: 10.2.0.132 }\n  far-vpngw: { virtualNetwork: far, gatewayType: Vpn, publicIPAddress: 203.0.113.5 }"), ("default: { addressPrefix: 10.2.0.0/25, routeTable: tunnelled }", "default: { addressPrefix: 10.2.0.0/25 }"), ("endpoints: [10.3.0.132, 10.3.0.133] }", "endpoints: [10.3.0.132, 10.3.0.133] }\n  er2-branch: { connectionType: ExpressRoute, gateway: branch-ergw, circuit: er2, endpoints: [10.2.0.133, 10.2.0.134] }")]), @r"
    error[gateway-subnet-size]: the GatewaySubnet 10.2.0.128/29 of `branch` is too small: Azure requires a /27 or larger for a VPN gateway beside an ExpressRoute gateway
      --> lab.yaml:33:39
       |
    33 |       GatewaySubnet: { addressPrefix: 10.2.0.128/29 }
       |                                       ^^^^^^^^^^^^^
       |
       = help: make it a /27 or larger (expressroute-howto-coexist-resource-manager)

    error[no-room]: 10.2.0.128/29 has no address left for gateway `branch-vpngw`
      --> lab.yaml:61:3
       |
    61 |   branch-vpngw: { virtualNetwork: branch, gatewayType: Vpn, asn: 65516, activeActive: true, publicIPAddresses: [203.0.113.3, 203.0.1...
       |   ^^^^^^^^^^^^
       |
       = help: make the GatewaySubnet a /27 or larger

    2 findings in lab.yaml
    ");
}

#[test]
fn a_default_site_is_the_device_of_a_connection_of_the_gateway() {
    insta::assert_snapshot!(refused(&[("    activeActive: true\n    privateIPAddresses: [10.0.0.140", "    activeActive: true\n    gatewayDefaultSite: er1-hub\n    privateIPAddresses: [10.0.0.140")]), @r"
    error[no-such-name]: there is no connection of `hub-vpngw` to a device `er1-hub`
      --> lab.yaml:58:25
       |
    58 |     gatewayDefaultSite: er1-hub
       |                         ^^^^^^^
       |
       = help: there is hub-east

    1 finding in lab.yaml
    ");
}

#[test]
fn a_client_pool_is_outside_of_the_gateways_network() {
    insta::assert_snapshot!(refused(&[("    activeActive: true\n    privateIPAddresses: [10.0.0.140", "    activeActive: true\n    vpnClientAddressPool: [172.31.0.0/24, 10.0.0.0/8]\n    privateIPAddresses: [10.0.0.140")]), @r"
    error[client-pool]: 10.0.0.0/8 overlaps 10.0.0.0/24 of virtual network hub, the gateway's own network
      --> lab.yaml:58:43
       |
    58 |     vpnClientAddressPool: [172.31.0.0/24, 10.0.0.0/8]
       |                                           ^^^^^^^^^^
       |
       = help: use a range that neither the networks nor the sites have (point-to-site-about)

    1 finding in lab.yaml
    ");
}
