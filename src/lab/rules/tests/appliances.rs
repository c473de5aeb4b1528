//! Rules for network virtual appliances and load balancers.

use crate::lab::rules::tests::wide::{accepted, refused, warned};

#[test]
fn a_load_balancer_stands_in_a_subnet_of_a_network() {
    insta::assert_snapshot!(refused(&[("virtualNetwork: hub, subnet: nva,", "virtualNetwork: hubb, subnet: nva,")]), @r"
    error[no-such-name]: there is no virtual network `hubb`
      --> lab.yaml:52:27
       |
    52 |   nvas: { virtualNetwork: hubb, subnet: nva, frontendIPAddress: 10.0.0.100, backends: [nva1, nva2] }
       |                           ^^^^ did you mean `hub`?

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("virtualNetwork: hub, subnet: nva,", "virtualNetwork: hub, subnet: nav,")]), @r"
    error[no-such-name]: there is no subnet `nav`
      --> lab.yaml:52:40
       |
    52 |   nvas: { virtualNetwork: hub, subnet: nav, frontendIPAddress: 10.0.0.100, backends: [nva1, nva2] }
       |                                        ^^^ did you mean `nva`?

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("frontendIPAddress: 10.0.0.100", "frontendIPAddress: 10.0.0.66"), ("all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }", "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.66 }"), ("spoke: { addressPrefix: 10.1.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100", "spoke: { addressPrefix: 10.1.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.66")]), @r"
    error[outside]: 10.0.0.66 is not a usable address of 10.0.0.64/26
      --> lab.yaml:52:64
       |
    52 |   nvas: { virtualNetwork: hub, subnet: nva, frontendIPAddress: 10.0.0.66, backends: [nva1, nva2] }
       |                                                                ^^^^^^^^^ reserved by Azure
       |
       = help: Azure reserves the first four addresses and the last address of each subnet

    1 finding in lab.yaml
    ");
}

#[test]
fn a_frontend_belongs_to_nobody_else() {
    insta::assert_snapshot!(refused(&[("frontendIPAddress: 10.0.0.100", "frontendIPAddress: 10.0.0.69"), ("all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }", "all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.69 }"), ("spoke: { addressPrefix: 10.1.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100", "spoke: { addressPrefix: 10.1.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.69")]), @r"
    error[address-taken]: 10.0.0.69 already belongs to nva2
      --> lab.yaml:52:64
       |
    52 |   nvas: { virtualNetwork: hub, subnet: nva, frontendIPAddress: 10.0.0.69, backends: [nva1, nva2] }
       |                                                                ^^^^^^^^^
       |
      ::: lab.yaml:19:46
       |
    19 |       nva2: { subnet: nva, privateIPAddress: 10.0.0.69, ipForwarding: true }
       |                                              --------- the other one

    1 finding in lab.yaml
    ");
}

#[test]
fn a_backend_is_a_machine_of_the_network_that_forwards() {
    insta::assert_snapshot!(refused(&[("[nva1, nva2]", "[nva1, nva3]")]), @r"
    error[no-such-name]: there is no virtual machine `nva3`
      --> lab.yaml:52:93
       |
    52 |   nvas: { virtualNetwork: hub, subnet: nva, frontendIPAddress: 10.0.0.100, backends: [nva1, nva3] }
       |                                                                                             ^^^^ did you mean `nva1`?

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("[nva1, nva2]", "[nva1, branch-vm]")]), @r"
    error[other-network]: `branch-vm` is in virtual network `branch`, its load balancer in `hub`
      --> lab.yaml:52:93
       |
    52 |   nvas: { virtualNetwork: hub, subnet: nva, frontendIPAddress: 10.0.0.100, backends: [nva1, branch-vm] }
       |                                                                                             ^^^^^^^^^
       |
       = help: a load balancer's backends are machines of its own network (load-balancer-overview)

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(warned(&[("[nva1, nva2]", "[nva1, hub-vm]")]), @r"
    warning[route-loop]: `nvas` forwards from subnet `default`, but the route table of this subnet leads back to it: in Azure, packets loop until their TTL expires; in the lab, a backend sends them to other backends only
     --> lab.yaml:7:58
      |
    7 |       default: { addressPrefix: 10.0.0.0/26, routeTable: inspected }
      |                                                          ^^^^^^^^^
      |
      = help: an appliance needs a subnet without routes to that appliance (virtual-networks-udr-overview)

    warning[ip-forwarding]: `hub-vm` is behind a load balancer that routes lead to, but its network interface drops packets for other addresses
      --> lab.yaml:52:93
       |
    52 |   nvas: { virtualNetwork: hub, subnet: nva, frontendIPAddress: 10.0.0.100, backends: [nva1, hub-vm] }
       |                                                                                             ^^^^^^
       |
       = help: add `ipForwarding: true` to `hub-vm` (virtual-networks-udr-overview)
    ");
    insta::assert_snapshot!(refused(&[("[nva1, nva2]", "[nva1, nva1]")]), @r"
    error[backend-twice]: `nva1` is already a backend
      --> lab.yaml:52:93
       |
    52 |   nvas: { virtualNetwork: hub, subnet: nva, frontendIPAddress: 10.0.0.100, backends: [nva1, nva1] }
       |                                                                                             ^^^^

    1 finding in lab.yaml
    ");
    accepted(&[("[nva1, nva2]", "[nva2]")]);
}

#[test]
fn an_appliance_is_a_virtual_machine() {
    insta::assert_snapshot!(refused(&[("appliance: nva1", "appliance: edge")]), @r"
    error[not-a-neighbour]: connection `nva-west` does not end at `nva1`, so `nva1` cannot use it
      --> lab.yaml:18:60
       |
    18 |         routes: [{ addressPrefix: 10.5.0.0/24, connection: nva-west }]
       |                                                            ^^^^^^^^
       |
       = help: no connection ends at `nva1`

    error[no-such-name]: there is no virtual machine `edge`
      --> lab.yaml:79:49
       |
    79 |   nva-west: { connectionType: IPsec, appliance: edge, device: gate }
       |                                                 ^^^^
       |
       = help: there is hub-vm, nva1, nva2, spoke-vm, branch-vm

    2 findings in lab.yaml
    ");
}

#[test]
fn an_appliance_forwards_and_has_a_tunnel() {
    insta::assert_snapshot!(warned(&[("ipForwarding: true\n        asn", "ipForwarding: false\n        asn"), ("backends: [nva1, nva2]", "backends: [nva2]"), ("nextHopIpAddress: 10.0.0.68", "nextHopIpAddress: 10.0.0.69")]), @r"
    warning[ip-forwarding]: `nva1` is the end of a connection, but its network interface drops packets for other addresses
      --> lab.yaml:79:49
       |
    79 |   nva-west: { connectionType: IPsec, appliance: nva1, device: gate }
       |                                                 ^^^^
       |
       = help: add `ipForwarding: true` to `nva1` (virtual-networks-udr-overview)
    ");
    insta::assert_snapshot!(refused(&[("privateIPAddress: 10.0.0.69", "asn: 65010, privateIPAddress: 10.0.0.69")]), @r"
    error[useless-asn]: `nva2` has an AS number but no `tunnel`, so it has no BGP neighbours
      --> lab.yaml:19:33
       |
    19 |       nva2: { subnet: nva, asn: 65010, privateIPAddress: 10.0.0.69, ipForwarding: true }
       |                                 ^^^^^
       |
       = help: add `tunnel: { sourceAddress: ..., address: ... }` to it, or leave `asn` out

    1 finding in lab.yaml
    ");
}

#[test]
fn an_appliance_needs_a_number_for_bgp_alone() {
    insta::assert_snapshot!(refused(&[("        asn: 65010\n", "")]), @r"
    error[no-asn]: virtual machine `nva1` speaks BGP over this connection, but has no `asn`
      --> lab.yaml:78:49
       |
    78 |   nva-west: { connectionType: IPsec, appliance: nva1, device: gate }
       |                                                 ^^^^
       |
       = help: add `asn: 65010`, or another private number, to `nva1`, or `enableBgp: false` here

    1 finding in lab.yaml
    ");
    accepted(&[
        ("        asn: 65010\n", ""),
        (
            "appliance: nva1, device: gate",
            "appliance: nva1, device: gate, enableBgp: false",
        ),
        ("        asPathPrepend: { nva-west: 2 }\n", ""),
    ]);
}

#[test]
fn a_machine_with_a_number_has_a_tunnel() {
    insta::assert_snapshot!(refused(&[("privateIPAddress: 10.0.0.69,", "asn: 65011, privateIPAddress: 10.0.0.69,")]), @r"
    error[useless-asn]: `nva2` has an AS number but no `tunnel`, so it has no BGP neighbours
      --> lab.yaml:19:33
       |
    19 |       nva2: { subnet: nva, asn: 65011, privateIPAddress: 10.0.0.69, ipForwarding: true }
       |                                 ^^^^^
       |
       = help: add `tunnel: { sourceAddress: ..., address: ... }` to it, or leave `asn` out

    1 finding in lab.yaml
    ");
}
