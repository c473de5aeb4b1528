//! Rules for the next hops of user-defined routes.

use crate::lab::rules::tests::wide::{accepted, refused, warned};

#[test]
fn somebody_has_the_next_hop() {
    insta::assert_snapshot!(warned(&[("all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }", "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.77 }")]), @r"
    warning[no-next-hop]: no resource has the address 10.0.0.77: the route's packets are dropped
      --> lab.yaml:42:89
       |
    42 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.77 }
       |                                                                                         ^^^^^^^^^
       |
       = help: a next hop is a virtual machine with `ipForwarding`, a load balancer's frontend or the written address of a VPN gateway's instance (virtual-networks-udr-overview)
    ");
}

#[test]
fn a_next_hop_forwards() {
    insta::assert_snapshot!(warned(&[("privateIPAddress: 10.0.0.69, ipForwarding: true", "privateIPAddress: 10.0.0.69"), ("backends: [nva1, nva2]", "backends: [nva1]"), ("all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }", "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.69 }")]), @r"
    warning[ip-forwarding]: `nva2` is the next hop of a route, but its network interface drops packets for other addresses
      --> lab.yaml:42:89
       |
    42 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.69 }
       |                                                                                         ^^^^^^^^^
       |
       = help: add `ipForwarding: true` to `nva2` (virtual-networks-udr-overview)
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
    insta::assert_snapshot!(warned(&[("all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }", "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.150 }")]), @r"
    warning[wrong-next-hop]: 10.0.0.150 belongs to ExpressRoute at `hub-ergw`, which is never the next hop of a route: the route's packets are dropped
      --> lab.yaml:42:89
       |
    42 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.150 }
       |                                                                                         ^^^^^^^^^^
       |
       = help: a next hop is a virtual machine with `ipForwarding`, a load balancer's frontend or the written address of a VPN gateway's instance (virtual-networks-udr-overview)
    ");
    insta::assert_snapshot!(warned(&[("all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }", "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.132 }")]), @r"
    warning[wrong-next-hop]: 10.0.0.132 belongs to ExpressRoute at `hub-ergw`, which is never the next hop of a route: the route's packets are dropped
      --> lab.yaml:42:89
       |
    42 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.132 }
       |                                                                                         ^^^^^^^^^^
       |
       = help: a next hop is a virtual machine with `ipForwarding`, a load balancer's frontend or the written address of a VPN gateway's instance (virtual-networks-udr-overview)
    ");
}

#[test]
fn what_lies_behind_a_gateway_is_no_next_hop() {
    insta::assert_snapshot!(warned(&[("all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }", "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.4.0.10 }")]), @r"
    warning[not-reachable]: 10.4.0.10 belongs to pc, which is not directly reachable from a virtual network: the route's packets are dropped
      --> lab.yaml:42:89
       |
    42 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.4.0.10 }
       |                                                                                         ^^^^^^^^^
       |
       = help: a next hop is in the network itself or in one peered with it, not behind a gateway (virtual-networks-udr-overview)
    ");
}

#[test]
fn a_next_hop_is_in_the_network_or_next_to_it() {
    insta::assert_snapshot!(warned(&[("addressPrefix: 10.2.0.0/25, routeTable: tunnelled", "addressPrefix: 10.2.0.0/25, routeTable: inspected")]), @r"
    warning[not-reachable]: `nvas` at 10.0.0.100 is not directly reachable from `branch`: it is in `hub`, and the route's packets are dropped
      --> lab.yaml:42:89
       |
    42 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }
       |                                                                                         ^^^^^^^^^^
       |
       = help: a next hop is in the network itself or in one peered with it, not behind a gateway (virtual-networks-udr-overview): peer `branch` with `hub`

    warning[not-reachable]: `nva1` at 10.0.0.68 is not directly reachable from `branch`: it is in `hub`, and the route's packets are dropped
      --> lab.yaml:43:94
       |
    43 |       branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.68 }
       |                                                                                              ^^^^^^^^^
       |
       = help: a next hop is in the network itself or in one peered with it, not behind a gateway (virtual-networks-udr-overview): peer `branch` with `hub`
    ");
}

#[test]
fn a_next_hop_is_in_a_subnet_that_the_peering_shows() {
    insta::assert_snapshot!(warned(&[("peerCompleteVnets: false, localSubnetNames: [default, nva]", "peerCompleteVnets: false, localSubnetNames: [default]")]), @r"
    warning[not-reachable]: `nvas` at 10.0.0.100 is not directly reachable from `spoke`: the peering of `hub` excludes its subnet, and the route's packets are dropped
      --> lab.yaml:42:89
       |
    42 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }
       |                                                                                         ^^^^^^^^^^
       |
       = help: add `nva` to `localSubnetNames` of the peering of `hub` to `spoke`

    warning[not-reachable]: `nva1` at 10.0.0.68 is not directly reachable from `spoke`: the peering of `hub` excludes its subnet, and the route's packets are dropped
      --> lab.yaml:43:94
       |
    43 |       branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.68 }
       |                                                                                              ^^^^^^^^^
       |
       = help: add `nva` to `localSubnetNames` of the peering of `hub` to `spoke`
    ");
}

#[test]
fn a_next_hop_inside_a_tunnel_belongs_to_nobody_in_the_network() {
    insta::assert_snapshot!(warned(&[("out: { addressPrefix: 10.9.0.0/16, nextHopType: VirtualNetworkGateway }", "out: { addressPrefix: 10.9.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 169.254.21.2 }")]), @r"
    warning[not-reachable]: 169.254.21.2 belongs to BGP at branch-vpngw, which is not directly reachable from a virtual network: the route's packets are dropped
      --> lab.yaml:49:91
       |
    49 |       out: { addressPrefix: 10.9.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 169.254.21.2 }
       |                                                                                           ^^^^^^^^^^^^
       |
       = help: a next hop is in the network itself or in one peered with it, not behind a gateway (virtual-networks-udr-overview)
    ");
}

#[test]
fn a_route_to_a_gateway_needs_a_vpn_gateway() {
    insta::assert_snapshot!(refused(&[("branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.68 }", "branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualNetworkGateway }")]), @r"
    error[gateways-coexist]: `hub` has the ExpressRoute gateway `hub-ergw` beside `hub-vpngw`, so no route may have this next-hop type
      --> lab.yaml:43:58
       |
    43 |       branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualNetworkGateway }
       |                                                          ^^^^^^^^^^^^^^^^^^^^^
       |
       = help: use `nextHopType: VirtualAppliance` with the `privateIPAddress` of the VPN gateway (virtual-networks-udr-overview)

    error[gateways-coexist]: `hub`, whose gateways `spoke` uses, has the ExpressRoute gateway `hub-ergw` beside `hub-vpngw`, so no route may have this next-hop type
      --> lab.yaml:43:58
       |
    43 |       branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualNetworkGateway }
       |                                                          ^^^^^^^^^^^^^^^^^^^^^
       |
       = help: use `nextHopType: VirtualAppliance` with the `privateIPAddress` of the VPN gateway (virtual-networks-udr-overview)

    2 findings in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("subnets: { default: { addressPrefix: 10.3.0.0/25 }", "subnets: { default: { addressPrefix: 10.3.0.0/25, routeTable: tunnelled }")]), @r"
    error[no-vpn-gateway]: `far` has no VPN gateway for this route, and `far-ergw` is an ExpressRoute gateway
      --> lab.yaml:49:55
       |
    49 |       out: { addressPrefix: 10.9.0.0/16, nextHopType: VirtualNetworkGateway }
       |                                                       ^^^^^^^^^^^^^^^^^^^^^
       |
       = help: a route to VirtualNetworkGateway leads to a VPN gateway; prefixes learned over ExpressRoute need no user-defined route (virtual-networks-udr-overview)

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(warned(&[("subnets: { default: { addressPrefix: 10.1.0.0/24, routeTable: inspected } }", "subnets: { default: { addressPrefix: 10.1.0.0/24, routeTable: tunnelled } }"), ("remoteVirtualNetwork: hub, useRemoteGateways: true", "remoteVirtualNetwork: hub")]), @r"
    warning[no-vpn-gateway]: `spoke` has no VPN gateway for this route and uses no remote one: the route's packets are dropped
      --> lab.yaml:49:55
       |
    49 |       out: { addressPrefix: 10.9.0.0/16, nextHopType: VirtualNetworkGateway }
       |                                                       ^^^^^^^^^^^^^^^^^^^^^
       |
       = help: give `spoke` a VPN gateway under `virtualNetworkGateways`, or a peering with `useRemoteGateways: true`
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
    insta::assert_snapshot!(warned(&[("nva: { addressPrefix: 10.0.0.64/26 }", "nva: { addressPrefix: 10.0.0.64/26, routeTable: inspected }")]), @r"
    warning[route-loop]: `nvas` forwards from subnet `nva`, but the route table of this subnet leads back to it: in Azure, packets loop until their TTL expires; in the lab, a backend sends them to other backends only
     --> lab.yaml:8:55
      |
    8 |       nva: { addressPrefix: 10.0.0.64/26, routeTable: inspected }
      |                                                       ^^^^^^^^^
      |
      = help: an appliance needs a subnet without routes to that appliance (virtual-networks-udr-overview)

    warning[route-loop]: `nva1` forwards from subnet `nva`, but the route table of this subnet leads back to it: in Azure, packets loop until their TTL expires; the lab drops them at `nva1`
     --> lab.yaml:8:55
      |
    8 |       nva: { addressPrefix: 10.0.0.64/26, routeTable: inspected }
      |                                                       ^^^^^^^^^
      |
      = help: an appliance needs a subnet without routes to that appliance (virtual-networks-udr-overview)
    ");
    accepted(&[(
        "nva: { addressPrefix: 10.0.0.64/26 }",
        "nva: { addressPrefix: 10.0.0.64/26, routeTable: unused }",
    )]);
}

#[test]
fn a_gateway_subnet_does_not_lead_back_to_its_gateway() {
    insta::assert_snapshot!(refused(&[("GatewaySubnet: { addressPrefix: 10.2.0.128/25 }", "GatewaySubnet: { addressPrefix: 10.2.0.128/25, routeTable: tunnelled }")]), @r"
    error[route-loop]: `branch-vpngw` forwards from subnet `GatewaySubnet`, but the route table of this subnet leads back to it: packets would loop
      --> lab.yaml:33:66
       |
    33 |       GatewaySubnet: { addressPrefix: 10.2.0.128/25, routeTable: tunnelled }
       |                                                                  ^^^^^^^^^
       |
       = help: an appliance needs a subnet without routes to that appliance (virtual-networks-udr-overview)

    1 finding in lab.yaml
    ");
}

#[test]
fn a_next_hop_across_half_a_peering_is_not_reachable() {
    let hub_alone = (
        "peerings: [{ remoteVirtualNetwork: hub, useRemoteGateways: true }]",
        "peerings: []",
    );
    insta::assert_snapshot!(warned(&[hub_alone]), @r"
    warning[peering-initiated]: the peering `hub` to `spoke` is Initiated: `spoke` has no peering to `hub`, so no packet crosses it
      --> lab.yaml:21:33
       |
    21 |       - { remoteVirtualNetwork: spoke, allowGatewayTransit: true, peerCompleteVnets: false, localSubnetNames: [default, nva] }
       |                                 ^^^^^
       |
       = help: add `- { remoteVirtualNetwork: hub }` to the peerings of `spoke` (virtual-network-peering-overview)

    warning[not-reachable]: `nvas` at 10.0.0.100 is not directly reachable from `spoke`: the peering `hub` to `spoke` is Initiated, and the route's packets are dropped
      --> lab.yaml:42:89
       |
    42 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }
       |                                                                                         ^^^^^^^^^^
       |
       = help: add `- { remoteVirtualNetwork: hub }` to the peerings of `spoke`

    warning[not-reachable]: `nva1` at 10.0.0.68 is not directly reachable from `spoke`: the peering `hub` to `spoke` is Initiated, and the route's packets are dropped
      --> lab.yaml:43:94
       |
    43 |       branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.68 }
       |                                                                                              ^^^^^^^^^
       |
       = help: add `- { remoteVirtualNetwork: hub }` to the peerings of `spoke`
    ");
    let spoke_alone = (
        "      - { remoteVirtualNetwork: spoke, allowGatewayTransit: true, peerCompleteVnets: false, localSubnetNames: [default, nva] }\n",
        "",
    );
    insta::assert_snapshot!(warned(&[("    peerings:\n", ""), spoke_alone]), @r"
    warning[peering-initiated]: the peering `spoke` to `hub` is Initiated: `hub` has no peering to `spoke`, so no packet crosses it
      --> lab.yaml:25:40
       |
    25 |     peerings: [{ remoteVirtualNetwork: hub, useRemoteGateways: true }]
       |                                        ^^^
       |
       = help: add `- { remoteVirtualNetwork: spoke, allowGatewayTransit: true }` to the peerings of `hub` (virtual-network-peering-overview)

    warning[not-reachable]: `nvas` at 10.0.0.100 is not directly reachable from `spoke`: the peering `spoke` to `hub` is Initiated, and the route's packets are dropped
      --> lab.yaml:40:89
       |
    40 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }
       |                                                                                         ^^^^^^^^^^
       |
       = help: add `- { remoteVirtualNetwork: spoke }` to the peerings of `hub`

    warning[not-reachable]: `nva1` at 10.0.0.68 is not directly reachable from `spoke`: the peering `spoke` to `hub` is Initiated, and the route's packets are dropped
      --> lab.yaml:41:94
       |
    41 |       branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.68 }
       |                                                                                              ^^^^^^^^^
       |
       = help: add `- { remoteVirtualNetwork: spoke }` to the peerings of `hub`
    ");
}

#[test]
fn an_address_that_a_gateway_may_get_is_no_next_hop() {
    let open = ("    privateIPAddresses: [10.0.0.140, 10.0.0.141]\n", "");
    let to_it = (
        "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }",
        "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.140 }",
    );
    insta::assert_snapshot!(refused(&[open, to_it]), @r"
    error[no-next-hop]: no resource has the address 10.0.0.140, and the file does not say which address `hub-vpngw` has
      --> lab.yaml:42:89
       |
    42 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.140 }
       |                                                                                         ^^^^^^^^^^
       |
       = help: write the private address of `hub-vpngw`, and use it as the next hop

    1 finding in lab.yaml
    ");
}

#[test]
fn a_network_uses_no_gateway_across_half_a_peering() {
    let tunnelled = (
        "subnets: { default: { addressPrefix: 10.1.0.0/24, routeTable: inspected } }",
        "subnets: { default: { addressPrefix: 10.1.0.0/24, routeTable: tunnelled } }",
    );
    let half = (
        "peerings: [{ remoteVirtualNetwork: hub, useRemoteGateways: true }]",
        "peerings: [{ remoteVirtualNetwork: hub }, { remoteVirtualNetwork: branch, useRemoteGateways: true }]",
    );
    insta::assert_snapshot!(warned(&[tunnelled, half]), @r"
    warning[peering-initiated]: the peering `spoke` to `branch` is Initiated: `branch` has no peering to `spoke`, so no packet crosses it
      --> lab.yaml:27:71
       |
    27 |     peerings: [{ remoteVirtualNetwork: hub }, { remoteVirtualNetwork: branch, useRemoteGateways: true }]
       |                                                                       ^^^^^^
       |
       = help: add `- { remoteVirtualNetwork: spoke, allowGatewayTransit: true }` to the peerings of `branch` (virtual-network-peering-overview)

    warning[no-vpn-gateway]: `spoke` has no VPN gateway for this route and uses no remote one: the route's packets are dropped
      --> lab.yaml:49:55
       |
    49 |       out: { addressPrefix: 10.9.0.0/16, nextHopType: VirtualNetworkGateway }
       |                                                       ^^^^^^^^^^^^^^^^^^^^^
       |
       = help: give `spoke` a VPN gateway under `virtualNetworkGateways`, or a peering with `useRemoteGateways: true`
    ");
}
