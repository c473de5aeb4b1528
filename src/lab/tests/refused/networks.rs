//! Mistakes in virtual networks, route tables and load balancers.

use super::*;

#[test]
#[expect(clippy::too_many_lines, reason = "a snapshot of all that people see")]
fn a_user_defined_route_has_a_next_hop_that_users_may_set() {
    let text = "\
name: a
routeTables:
  t:
    routes:
      peering: { addressPrefix: 10.1.0.0/16, nextHopType: VNetPeering }
      global: { addressPrefix: 10.2.0.0/16, nextHopType: VNetGlobalPeering, nextHopIpAddress: 10.0.0.4 }
      endpoint: { addressPrefix: 10.3.0.0/16, nextHopType: VirtualNetworkServiceEndpoint }
      nowhere: { addressPrefix: 10.4.0.0/16, nextHopType: VirtualAppliance }
      too-much: { addressPrefix: 10.5.0.0/16, nextHopType: VnetLocal, nextHopIpAddress: 10.0.0.4 }
      misspelt: { addressPrefix: 10.6.0.0/16, nextHopType: VnetLokal }
      nothing: {}
loadBalancers:
  lb: { virtualNetwork: v, subnet: s, frontendIPAddress: 10.0.0.100, backends: [] }
  bare: {}
";
    insta::assert_snapshot!(refused(text), @r"
    error[system-next-hop]: no user-defined route has the next-hop type `VNetPeering`
     --> lab.yaml:5:59
      |
    5 |       peering: { addressPrefix: 10.1.0.0/16, nextHopType: VNetPeering }
      |                                                           ^^^^^^^^^^^
      |
      = help: Azure makes these routes itself, out of peerings and service endpoints (virtual-networks-udr-overview)

    error[system-next-hop]: no user-defined route has the next-hop type `VNetGlobalPeering`
     --> lab.yaml:6:58
      |
    6 |       global: { addressPrefix: 10.2.0.0/16, nextHopType: VNetGlobalPeering, nextHopIpAddress: 10.0.0.4 }
      |                                                          ^^^^^^^^^^^^^^^^^
      |
      = help: Azure makes these routes itself, out of peerings and service endpoints (virtual-networks-udr-overview)

    error[system-next-hop]: no user-defined route has the next-hop type `VirtualNetworkServiceEndpoint`
     --> lab.yaml:7:60
      |
    7 |       endpoint: { addressPrefix: 10.3.0.0/16, nextHopType: VirtualNetworkServiceEndpoint }
      |                                                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: Azure makes these routes itself, out of peerings and service endpoints (virtual-networks-udr-overview)

    error[missing-key]: a route to a VirtualAppliance needs `nextHopIpAddress`
     --> lab.yaml:8:7
      |
    8 |       nowhere: { addressPrefix: 10.4.0.0/16, nextHopType: VirtualAppliance }
      |       ^^^^^^^

    error[wrong-value]: only a route to a VirtualAppliance has a `nextHopIpAddress`
     --> lab.yaml:9:71
      |
    9 |       too-much: { addressPrefix: 10.5.0.0/16, nextHopType: VnetLocal, nextHopIpAddress: 10.0.0.4 }
      |                                                                       ^^^^^^^^^^^^^^^^
      |
      = help: leave it out, or write `nextHopType: VirtualAppliance`

    error[unknown-value]: `VnetLokal` is not known here
      --> lab.yaml:10:60
       |
    10 |       misspelt: { addressPrefix: 10.6.0.0/16, nextHopType: VnetLokal }
       |                                                            ^^^^^^^^^
       |
       = help: did you mean `VnetLocal`?

    error[missing-key]: a route needs `addressPrefix`
      --> lab.yaml:11:7
       |
    11 |       nothing: {}
       |       ^^^^^^^
       |
       = help: add `addressPrefix: 10.0.0.0/24`

    error[missing-key]: a route needs `nextHopType`
      --> lab.yaml:11:7
       |
    11 |       nothing: {}
       |       ^^^^^^^
       |
       = help: add `nextHopType: VirtualAppliance`, `VirtualNetworkGateway`, `VnetLocal`, `Internet` or `None`

    error[wrong-value]: expected a list of virtual machines, found an empty one
      --> lab.yaml:13:80
       |
    13 |   lb: { virtualNetwork: v, subnet: s, frontendIPAddress: 10.0.0.100, backends: [] }
       |                                                                                ^

    error[missing-key]: a load balancer needs `backends`
      --> lab.yaml:14:3
       |
    14 |   bare: {}
       |   ^^^^
       |
       = help: add `backends: [NAME]`

    10 findings in lab.yaml
    ");
}

#[test]
fn a_peering_that_shows_some_subnets_says_so_and_names_them() {
    let text = "\
name: a
virtualNetworks:
  v:
    location: l
    addressPrefixes: [10.0.0.0/16]
    peerings:
      - { remoteVirtualNetwork: a, peerCompleteVnets: false }
      - { remoteVirtualNetwork: b, localSubnetNames: [s] }
      - { remoteVirtualNetwork: c, peerCompleteVnets: true, localSubnetNames: [s] }
      - { remoteVirtualNetwork: d, peerCompleteVnets: false, localSubnetNames: [] }
      - { remoteVirtualNetwork: e, peerCompleteVnets: no, localSubnetNames: [s] }
      - { remoteVirtualNetwork: f, allowVirtualNetworkAccess: maybe, allowForwardedTraffic: 1 }
";
    insta::assert_snapshot!(refused(text), @r"
    error[missing-key]: a peering with `peerCompleteVnets: false` needs `localSubnetNames`
     --> lab.yaml:7:55
      |
    7 |       - { remoteVirtualNetwork: a, peerCompleteVnets: false }
      |                                                       ^^^^^
      |
      = help: name the subnets that the remote network sees

    error[wrong-value]: `localSubnetNames` has no meaning while the peering shows the whole network
     --> lab.yaml:8:36
      |
    8 |       - { remoteVirtualNetwork: b, localSubnetNames: [s] }
      |                                    ^^^^^^^^^^^^^^^^
      |
      = help: add `peerCompleteVnets: false`, or leave `localSubnetNames` out

    error[wrong-value]: `localSubnetNames` has no meaning while the peering shows the whole network
     --> lab.yaml:9:61
      |
    9 |       - { remoteVirtualNetwork: c, peerCompleteVnets: true, localSubnetNames: [s] }
      |                                                             ^^^^^^^^^^^^^^^^
      |
      = help: add `peerCompleteVnets: false`, or leave `localSubnetNames` out

    error[wrong-value]: expected a list of subnets, found an empty one
      --> lab.yaml:10:80
       |
    10 |       - { remoteVirtualNetwork: d, peerCompleteVnets: false, localSubnetNames: [] }
       |                                                                                ^

    error[wrong-type]: expected true or false, found `no`
      --> lab.yaml:11:55
       |
    11 |       - { remoteVirtualNetwork: e, peerCompleteVnets: no, localSubnetNames: [s] }
       |                                                       ^^ write `false`

    error[wrong-type]: expected true or false, found text
      --> lab.yaml:12:63
       |
    12 |       - { remoteVirtualNetwork: f, allowVirtualNetworkAccess: maybe, allowForwardedTraffic: 1 }
       |                                                               ^^^^^

    error[wrong-type]: expected true or false, found a number
      --> lab.yaml:12:93
       |
    12 |       - { remoteVirtualNetwork: f, allowVirtualNetworkAccess: maybe, allowForwardedTraffic: 1 }
       |                                                                                             ^

    7 findings in lab.yaml
    ");
}

#[test]
fn a_virtual_machine_has_the_keys_of_a_device() {
    let text = "\
name: a
virtualNetworks:
  v:
    location: l
    addressPrefixes: [10.0.0.0/16]
    virtualMachines:
      m: { subnet: s, privateIPAddress: 10.0.0.4, ipForwarding: on, asn: 65520, address: 10.0.0.4/24 }
";
    insta::assert_snapshot!(refused(text), @r"
    error[wrong-type]: expected true or false, found `on`
     --> lab.yaml:7:65
      |
    7 |       m: { subnet: s, privateIPAddress: 10.0.0.4, ipForwarding: on, asn: 65520, address: 10.0.0.4/24 }
      |                                                                 ^^ write `true`

    error[reserved-asn]: AS number 65520 is reserved by Azure
     --> lab.yaml:7:74
      |
    7 |       m: { subnet: s, privateIPAddress: 10.0.0.4, ipForwarding: on, asn: 65520, address: 10.0.0.4/24 }
      |                                                                          ^^^^^
      |
      = help: use a private one, 64512 to 65514 or 65521 to 65534 (expressroute-routing, vpn-gateway-bgp-overview)

    error[unknown-key]: `address` is not a key of a virtual machine
     --> lab.yaml:7:81
      |
    7 |       m: { subnet: s, privateIPAddress: 10.0.0.4, ipForwarding: on, asn: 65520, address: 10.0.0.4/24 }
      |                                                                                 ^^^^^^^
      |
      = help: did you mean `privateIPAddress`?

    3 findings in lab.yaml
    ");
}

#[test]
fn a_word_of_the_portal_is_known_for_what_it_stands_for() {
    let text = "\
name: a
routeTables: { t: { routes: { out: { addressPrefix: 10.1.0.0/16, nextHopType: VirtualNetwork } } } }
virtualNetworkGateways: { gw: { virtualNetwork: v, gatewayType: VPN, publicIPAddress: 203.0.113.1 } }
connections: { c: { connectionType: Site-to-site (IPsec), gateway: gw, device: d } }
";
    let helps = refused(text);
    let helps: Vec<&str> = helps
        .lines()
        .filter_map(|line| line.split_once("help: "))
        .map(|(_, help)| help)
        .collect();
    assert_eq!(
        helps,
        [
            "did you mean `VnetLocal`?",
            "did you mean `Vpn`?",
            "did you mean `IPsec`?"
        ]
    );
}

#[test]
fn network_interfaces_replace_the_machines_own_keys() {
    let text = "\
name: a
virtualNetworks:
  v:
    location: region1
    addressPrefixes: [10.0.0.0/24]
    virtualMachines:
      both: { subnet: s, ipForwarding: true, networkInterfaces: { one: { subnet: s, privateIPAddress: 10.0.0.4 } } }
      none: { networkInterfaces: {} }
      part: { networkInterfaces: { one: { subnet: s }, two: { privateIPAddress: 10.0.0.5, asn: 65001 } } }
      list: { networkInterfaces: [one] }
";
    insta::assert_snapshot!(refused(text), @r"
    error[wrong-value]: `subnet` has no meaning beside `networkInterfaces`
     --> lab.yaml:7:15
      |
    7 |       both: { subnet: s, ipForwarding: true, networkInterfaces: { one: { subnet: s, privateIPAddress: 10.0.0.4 } } }
      |               ^^^^^^
      |
      = help: write it in one of the machine's interfaces

    error[wrong-value]: `ipForwarding` has no meaning beside `networkInterfaces`
     --> lab.yaml:7:26
      |
    7 |       both: { subnet: s, ipForwarding: true, networkInterfaces: { one: { subnet: s, privateIPAddress: 10.0.0.4 } } }
      |                          ^^^^^^^^^^^^
      |
      = help: write it in one of the machine's interfaces

    error[wrong-value]: expected network interfaces by their names, found none
     --> lab.yaml:8:15
      |
    8 |       none: { networkInterfaces: {} }
      |               ^^^^^^^^^^^^^^^^^

    error[unknown-key]: `asn` is not a key of a network interface
     --> lab.yaml:9:91
      |
    9 |       part: { networkInterfaces: { one: { subnet: s }, two: { privateIPAddress: 10.0.0.5, asn: 65001 } } }
      |                                                                                           ^^^
      |
      = help: known keys: `subnet`, `privateIPAddress`, `ipForwarding`

    4 findings in lab.yaml
    ");
}

#[test]
fn ipv6_is_named_as_what_labs_do_not_have_yet() {
    let text = "\
name: a
virtualNetworks:
  v:
    location: region1
    addressPrefixes: [10.0.0.0/24, 'fd00:db8::/48']
    subnets: { s: { addressPrefix: 'fd00:db8::/64' } }
    virtualMachines: { m: { subnet: s, privateIPAddress: 'fd00:db8::4' } }
";
    insta::assert_snapshot!(refused(text), @r"
    error[ipv6]: `fd00:db8::/48` is IPv6, which labs do not have yet
     --> lab.yaml:5:36
      |
    5 |     addressPrefixes: [10.0.0.0/24, 'fd00:db8::/48']
      |                                    ^^^^^^^^^^^^^^^
      |
      = help: leave it out: a network of Azure with IPv6 has IPv4 as well

    error[ipv6]: `fd00:db8::/64` is IPv6, which labs do not have yet
     --> lab.yaml:6:36
      |
    6 |     subnets: { s: { addressPrefix: 'fd00:db8::/64' } }
      |                                    ^^^^^^^^^^^^^^^
      |
      = help: leave it out: a network of Azure with IPv6 has IPv4 as well

    error[ipv6]: `fd00:db8::4` is IPv6, which labs do not have yet
     --> lab.yaml:7:58
      |
    7 |     virtualMachines: { m: { subnet: s, privateIPAddress: 'fd00:db8::4' } }
      |                                                          ^^^^^^^^^^^^^
      |
      = help: leave it out: a network of Azure with IPv6 has IPv4 as well

    3 findings in lab.yaml
    ");
}
