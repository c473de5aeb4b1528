//! Rules of where user-defined routes lead.

use super::wide::{accepted, refused};

#[test]
fn somebody_has_the_next_hop() {
    insta::assert_snapshot!(refused(&[("all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }", "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.77 }")]), @r"
    error[no-next-hop]: nobody has the address 10.0.0.77
      --> lab.yaml:42:89
       |
    42 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.77 }
       |                                                                                         ^^^^^^^^^
       |
       = help: a next hop is a virtual machine with `ipForwarding`, a load balancer's frontend or the written address of a VPN gateway's instance (virtual-networks-udr-overview)

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn a_next_hop_forwards() {
    insta::assert_snapshot!(refused(&[("privateIPAddress: 10.0.0.69, ipForwarding: true", "privateIPAddress: 10.0.0.69"), ("backends: [nva1, nva2]", "backends: [nva1]"), ("all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }", "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.69 }")]), @r"
    error[ip-forwarding]: `nva2` is the next hop of a route, but its network interface drops what is not its own
      --> lab.yaml:42:89
       |
    42 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.69 }
       |                                                                                         ^^^^^^^^^
       |
       = help: add `ipForwarding: true` to `nva2` (virtual-networks-udr-overview)

    1 finding in lab.yaml; nothing was built
    ");
    accepted(&[(
        "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }",
        "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.69 }",
    )]);
}

#[test]
fn an_instance_of_a_vpn_gateway_is_a_next_hop() {
    accepted(&[
        (
            "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }",
            "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.140 }",
        ),
        (
            "localSubnetNames: [default, nva]",
            "localSubnetNames: [default, nva, GatewaySubnet]",
        ),
    ]);
}

#[test]
fn express_route_is_never_a_next_hop() {
    insta::assert_snapshot!(refused(&[("all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }", "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.150 }")]), @r"
    error[wrong-next-hop]: 10.0.0.150 belongs to ExpressRoute at `hub-ergw`, which is never the next hop of a route
      --> lab.yaml:42:89
       |
    42 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.150 }
       |                                                                                         ^^^^^^^^^^
       |
       = help: a next hop is a virtual machine with `ipForwarding`, a load balancer's frontend or the written address of a VPN gateway's instance (virtual-networks-udr-overview)

    1 finding in lab.yaml; nothing was built
    ");
    insta::assert_snapshot!(refused(&[("all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }", "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.132 }")]), @r"
    error[wrong-next-hop]: 10.0.0.132 belongs to ExpressRoute at `hub-ergw`, which is never the next hop of a route
      --> lab.yaml:42:89
       |
    42 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.132 }
       |                                                                                         ^^^^^^^^^^
       |
       = help: a next hop is a virtual machine with `ipForwarding`, a load balancer's frontend or the written address of a VPN gateway's instance (virtual-networks-udr-overview)

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn what_lies_behind_a_gateway_is_no_next_hop() {
    insta::assert_snapshot!(refused(&[("all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }", "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.4.0.10 }")]), @r"
    error[not-reachable]: 10.4.0.10 belongs to pc, which is not directly reachable from a virtual network
      --> lab.yaml:42:89
       |
    42 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.4.0.10 }
       |                                                                                         ^^^^^^^^^
       |
       = help: a next hop is in the network itself or in one peered with it, not behind a gateway (virtual-networks-udr-overview)

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn a_next_hop_is_in_the_network_or_next_to_it() {
    insta::assert_snapshot!(refused(&[("addressPrefix: 10.2.0.0/25, routeTable: tunnelled", "addressPrefix: 10.2.0.0/25, routeTable: inspected")]), @r"
    error[not-reachable]: `nvas` at 10.0.0.100 is not directly reachable from `branch`: it stands in `hub`
      --> lab.yaml:42:89
       |
    42 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }
       |                                                                                         ^^^^^^^^^^
       |
       = help: a next hop is in the network itself or in one peered with it, not behind a gateway (virtual-networks-udr-overview): peer `branch` with `hub`

    error[not-reachable]: `nva1` at 10.0.0.68 is not directly reachable from `branch`: it stands in `hub`
      --> lab.yaml:43:94
       |
    43 |       branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.68 }
       |                                                                                              ^^^^^^^^^
       |
       = help: a next hop is in the network itself or in one peered with it, not behind a gateway (virtual-networks-udr-overview): peer `branch` with `hub`

    2 findings in lab.yaml; nothing was built
    ");
}

#[test]
fn a_next_hop_is_in_a_subnet_that_the_peering_shows() {
    insta::assert_snapshot!(refused(&[("peerCompleteVnets: false, localSubnetNames: [default, nva]", "peerCompleteVnets: false, localSubnetNames: [default]")]), @r"
    error[not-reachable]: `nvas` at 10.0.0.100 is not directly reachable from `spoke`: the peering of `hub` leaves out its subnet
      --> lab.yaml:42:89
       |
    42 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }
       |                                                                                         ^^^^^^^^^^
       |
       = help: add `nva` to `localSubnetNames` of the peering of `hub` to `spoke`

    error[not-reachable]: `nva1` at 10.0.0.68 is not directly reachable from `spoke`: the peering of `hub` leaves out its subnet
      --> lab.yaml:43:94
       |
    43 |       branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.68 }
       |                                                                                              ^^^^^^^^^
       |
       = help: add `nva` to `localSubnetNames` of the peering of `hub` to `spoke`

    2 findings in lab.yaml; nothing was built
    ");
}

#[test]
fn a_next_hop_inside_a_tunnel_belongs_to_nobody_in_the_network() {
    insta::assert_snapshot!(refused(&[("out: { addressPrefix: 10.9.0.0/16, nextHopType: VirtualNetworkGateway }", "out: { addressPrefix: 10.9.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 169.254.21.2 }")]), @r"
    error[not-reachable]: 169.254.21.2 belongs to BGP at branch-vpngw, which is not directly reachable from a virtual network
      --> lab.yaml:49:91
       |
    49 |       out: { addressPrefix: 10.9.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 169.254.21.2 }
       |                                                                                           ^^^^^^^^^^^^
       |
       = help: a next hop is in the network itself or in one peered with it, not behind a gateway (virtual-networks-udr-overview)

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn a_route_to_a_gateway_needs_a_vpn_gateway() {
    insta::assert_snapshot!(refused(&[("branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.68 }", "branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualNetworkGateway }")]), @r"
    error[gateways-coexist]: `hub` has the ExpressRoute gateway `hub-ergw` beside `hub-vpngw`, where no route may be to VirtualNetworkGateway
      --> lab.yaml:43:58
       |
    43 |       branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualNetworkGateway }
       |                                                          ^^^^^^^^^^^^^^^^^^^^^
       |
       = help: use `nextHopType: VirtualAppliance` with the `privateIPAddress` of the VPN gateway (virtual-networks-udr-overview)

    error[gateways-coexist]: `hub`, whose gateways `spoke` uses, has the ExpressRoute gateway `hub-ergw` beside `hub-vpngw`, where no route may be to VirtualNetworkGateway
      --> lab.yaml:43:58
       |
    43 |       branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualNetworkGateway }
       |                                                          ^^^^^^^^^^^^^^^^^^^^^
       |
       = help: use `nextHopType: VirtualAppliance` with the `privateIPAddress` of the VPN gateway (virtual-networks-udr-overview)

    2 findings in lab.yaml; nothing was built
    ");
    insta::assert_snapshot!(refused(&[("subnets: { default: { addressPrefix: 10.3.0.0/25 }", "subnets: { default: { addressPrefix: 10.3.0.0/25, routeTable: tunnelled }")]), @r"
    error[no-vpn-gateway]: `far` has no VPN gateway for this route, and `far-ergw` is an ExpressRoute gateway
      --> lab.yaml:49:55
       |
    49 |       out: { addressPrefix: 10.9.0.0/16, nextHopType: VirtualNetworkGateway }
       |                                                       ^^^^^^^^^^^^^^^^^^^^^
       |
       = help: a route to VirtualNetworkGateway leads to a VPN gateway; what ExpressRoute learned needs no route (virtual-networks-udr-overview)

    1 finding in lab.yaml; nothing was built
    ");
    insta::assert_snapshot!(refused(&[("subnets: { default: { addressPrefix: 10.1.0.0/24, routeTable: inspected } }", "subnets: { default: { addressPrefix: 10.1.0.0/24, routeTable: tunnelled } }"), ("remoteVirtualNetwork: hub, useRemoteGateways: true", "remoteVirtualNetwork: hub")]), @r"
    error[no-vpn-gateway]: `spoke` has no VPN gateway for this route, and uses none
      --> lab.yaml:49:55
       |
    49 |       out: { addressPrefix: 10.9.0.0/16, nextHopType: VirtualNetworkGateway }
       |                                                       ^^^^^^^^^^^^^^^^^^^^^
       |
       = help: give `spoke` a VPN gateway under `virtualNetworkGateways`, or a peering with `useRemoteGateways: true`

    1 finding in lab.yaml; nothing was built
    ");
}

#[test]
fn a_spoke_routes_to_the_vpn_gateway_that_it_uses() {
    accepted(&[
        (
            "subnets: { default: { addressPrefix: 10.1.0.0/24, routeTable: inspected } }",
            "subnets: { default: { addressPrefix: 10.1.0.0/24, routeTable: tunnelled } }",
        ),
        (
            "peerings: [{ remoteVirtualNetwork: hub, useRemoteGateways: true }]",
            "peerings: [{ remoteVirtualNetwork: hub }, { remoteVirtualNetwork: branch, useRemoteGateways: true }]",
        ),
        (
            "branch-vm: { subnet: default, privateIPAddress: 10.2.0.4 } }",
            "branch-vm: { subnet: default, privateIPAddress: 10.2.0.4 } }\n    peerings: [{ remoteVirtualNetwork: spoke, allowGatewayTransit: true }]",
        ),
    ]);
}

#[test]
fn an_appliances_own_subnet_does_not_lead_back_to_it() {
    insta::assert_snapshot!(refused(&[("nva: { addressPrefix: 10.0.0.64/26 }", "nva: { addressPrefix: 10.0.0.64/26, routeTable: inspected }")]), @r"
    error[route-loop]: `nvas` forwards from subnet `nva`, whose table leads back to it: packets would go round
     --> lab.yaml:8:55
      |
    8 |       nva: { addressPrefix: 10.0.0.64/26, routeTable: inspected }
      |                                                       ^^^^^^^^^
      |
      = help: an appliance stands in another subnet than those whose routes lead to it (virtual-networks-udr-overview)

    error[route-loop]: `nva1` forwards from subnet `nva`, whose table leads back to it: packets would go round
     --> lab.yaml:8:55
      |
    8 |       nva: { addressPrefix: 10.0.0.64/26, routeTable: inspected }
      |                                                       ^^^^^^^^^
      |
      = help: an appliance stands in another subnet than those whose routes lead to it (virtual-networks-udr-overview)

    2 findings in lab.yaml; nothing was built
    ");
    accepted(&[(
        "nva: { addressPrefix: 10.0.0.64/26 }",
        "nva: { addressPrefix: 10.0.0.64/26, routeTable: unused }",
    )]);
}

#[test]
fn a_gateway_subnet_does_not_lead_back_to_its_gateway() {
    insta::assert_snapshot!(refused(&[("GatewaySubnet: { addressPrefix: 10.2.0.128/25 }", "GatewaySubnet: { addressPrefix: 10.2.0.128/25, routeTable: tunnelled }")]), @r"
    error[route-loop]: `branch-vpngw` forwards from subnet `GatewaySubnet`, whose table leads back to it: packets would go round
      --> lab.yaml:33:66
       |
    33 |       GatewaySubnet: { addressPrefix: 10.2.0.128/25, routeTable: tunnelled }
       |                                                                  ^^^^^^^^^
       |
       = help: an appliance stands in another subnet than those whose routes lead to it (virtual-networks-udr-overview)

    1 finding in lab.yaml; nothing was built
    ");
}
