//! Rules for the far ends of tunnels: virtual machines, several connections of one pair, and private peering.

use crate::lab::rules::tests::findings_in;
use crate::lab::rules::tests::wide::{accepted, refused};
use crate::lab::{parse, resolve};

#[test]
fn a_device_may_be_a_virtual_machine() {
    insta::assert_snapshot!(refused(&[("connections:", "connections:\n  hub-far: { connectionType: IPsec, gateway: branch-vpngw, device: nva3 }")]), @r"
    error[no-such-name]: there is no router or virtual machine `nva3`
      --> lab.yaml:73:68
       |
    73 |   hub-far: { connectionType: IPsec, gateway: branch-vpngw, device: nva3 }
       |                                                                    ^^^^ did you mean `nva1`?

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("connections:", "connections:\n  hub-far: { connectionType: IPsec, gateway: branch-vpngw, device: nva2 }")]), @r"
    error[no-asn]: virtual machine `nva2` speaks BGP over this connection, but has no `asn`
      --> lab.yaml:73:68
       |
    73 |   hub-far: { connectionType: IPsec, gateway: branch-vpngw, device: nva2 }
       |                                                                    ^^^^
       |
       = help: add `asn: 65010`, or another private number, to `nva2`, or `enableBgp: false` here

    1 finding in lab.yaml
    ");
    accepted(&[(
        "connections:",
        "connections:\n  hub-far: { connectionType: IPsec, gateway: branch-vpngw, device: nva1 }",
    )]);
}

#[test]
fn a_virtual_machines_bgp_address_is_outside_the_gateways_network() {
    insta::assert_snapshot!(refused(&[("connections:", "connections:\n  hub-far: { connectionType: IPsec, gateway: branch-vpngw, device: nva1 }"), ("address: 10.6.0.1", "address: 10.2.0.9")]), @r"
    error[overlap]: 10.2.0.9/32 overlaps 10.2.0.0/24 of virtual network branch
      --> lab.yaml:17:56
       |
    17 |         tunnel: { sourceAddress: 203.0.113.9, address: 10.2.0.9 }
       |                                                        ^^^^^^^^

    1 finding in lab.yaml
    ");
}

/// Two connections between one gateway and one device.
fn twice(first: &str, second: &str, tunnels: &str) -> String {
    format!(
        "name: twice
virtualNetworks: {{ hub: {{ addressPrefixes: [10.0.0.0/24], virtualMachines: [hub-vm] }}, far: {{ addressPrefixes: [10.2.0.0/24], virtualMachines: [far-vm] }} }}
virtualNetworkGateways:
  one: {{ virtualNetwork: hub, activeActive: true }}
  two: {{ virtualNetwork: far, activeActive: true, asn: 65010 }}
connections:
  a: {first}
  b: {second}
sites: {{ east: {{ asn: 65001, routers: {{ ce: {{ address: 10.1.0.1/24, {tunnels} }} }}, hosts: {{ pc: 10.1.0.9/24 }} }} }}
"
    )
}

fn to_device(more: &str) -> String {
    format!("{{ gateway: one, device: ce{more} }}")
}

fn gateways(more: &str) -> String {
    format!("{{ connectionType: IPsec, gateways: [one, two]{more} }}")
}

#[test]
fn two_connections_of_one_pair_need_different_ends() {
    let accepted = |text: &str| assert!(resolve(&parse(text).unwrap()).is_ok(), "{text}");
    accepted(&twice(
        &to_device(", instances: [0]"),
        &to_device(", instances: [one-in1]"),
        "",
    ));
    accepted(&twice(
        &to_device(""),
        &to_device(""),
        "tunnelInterfaces: { b: { sourceAddress: 203.0.113.9 } }",
    ));
    insta::assert_snapshot!(findings_in(&twice(&to_device(", instances: [0]"), &to_device(""), "")), @r"
    error[joined-already]: connection `a` already joins these two
     --> lab.yaml:8:3
      |
    8 |   b: { gateway: one, device: ce }
      |   ^
      |
     ::: lab.yaml:7:3
      |
    7 |   a: { gateway: one, device: ce, instances: [0] }
      |   - the other one
      |
      = help: a second connection needs another `sourceAddress` in the device's `tunnelInterfaces`, or other `instances` of the gateway

    1 finding in lab.yaml
    ");
}

#[test]
fn two_connections_of_one_gateway_need_different_peers() {
    insta::assert_snapshot!(findings_in(&twice(&to_device(""), &to_device(""), "tunnelInterfaces: { a: { bgpPeeringAddress: 10.1.0.1 }, b: { bgpPeeringAddress: 10.1.0.1 } }")), @r"
    error[same-peer]: connections `a` and `b` of `one` have the same BGP peer 10.1.0.1
     --> lab.yaml:8:3
      |
    8 |   b: { gateway: one, device: ce }
      |   ^
      |
     ::: lab.yaml:7:3
      |
    7 |   a: { gateway: one, device: ce }
      |   - the other one
      |
      = help: give `ce` another `bgpPeeringAddress` for `b` in its `tunnelInterfaces` (vpn-gateway-vpn-faq)

    1 finding in lab.yaml
    ");
}

#[test]
fn two_connections_of_two_gateways_need_different_instances() {
    let accepted = |text: &str| assert!(resolve(&parse(text).unwrap()).is_ok(), "{text}");
    accepted(&twice(
        &gateways(", instances: [two-in0]"),
        &gateways(", instances: [two-in1]"),
        "",
    ));
    insta::assert_snapshot!(findings_in(&twice(&gateways(""), &gateways(", instances: [two-in1]"), "")), @r"
    error[joined-already]: connection `a` already joins these two
     --> lab.yaml:8:3
      |
    8 |   b: { connectionType: IPsec, gateways: [one, two], instances: [two-in1] }
      |   ^
      |
     ::: lab.yaml:7:3
      |
    7 |   a: { connectionType: IPsec, gateways: [one, two] }
      |   - the other one

    1 finding in lab.yaml
    ");
}

#[test]
fn instances_tunnels_and_local_networks_name_what_exists() {
    let device = "{ gateway: one, device: ce, instances: [2, two-in0] }";
    insta::assert_snapshot!(findings_in(&twice(device, &gateways(", instances: [0]"), "")), @r"
    error[no-such-name]: there is no instance `2`
     --> lab.yaml:7:46
      |
    7 |   a: { gateway: one, device: ce, instances: [2, two-in0] }
      |                                              ^
      |
      = help: there is one-in0, one-in1

    error[no-such-name]: there is no instance `two-in0`
     --> lab.yaml:7:49
      |
    7 |   a: { gateway: one, device: ce, instances: [2, two-in0] }
      |                                                 ^^^^^^^
      |
      = help: there is one-in0, one-in1

    error[no-such-name]: there is no instance `0`
     --> lab.yaml:8:65
      |
    8 |   b: { connectionType: IPsec, gateways: [one, two], instances: [0] }
      |                                                                 ^
      |
      = help: there is one-in0, one-in1, two-in0, two-in1

    3 findings in lab.yaml
    ");
    insta::assert_snapshot!(findings_in(&twice("{ gateway: one, device: ce }", &gateways(", localNetworkAddressPrefixes: { one: [10.2.0.0/24], three: [10.0.0.0/24] }"), "tunnelInterfaces: { a-in1: {}, b: {}, c: {} }")), @r"
    error[no-such-name]: there is no gateway of this connection `three`
     --> lab.yaml:8:104
      |
    8 |   b: { connectionType: IPsec, gateways: [one, two], localNetworkAddressPrefixes: { one: [10.2.0.0/24], three: [10.0.0.0/24] } }
      |                                                                                                        ^^^^^
      |
      = help: there is one, two

    error[not-a-neighbour]: connection `b` does not end at `ce`, so `ce` cannot use it
     --> lab.yaml:9:100
      |
    9 | sites: { east: { asn: 65001, routers: { ce: { address: 10.1.0.1/24, tunnelInterfaces: { a-in1: {}, b: {}, c: {} } } }, hosts: { pc: 1...
      |                                                                                                    ^
      |
      = help: its connections are a

    error[no-such-name]: there is no connection `c`
     --> lab.yaml:9:107
      |
    9 | sites: { east: { asn: 65001, routers: { ce: { address: 10.1.0.1/24, tunnelInterfaces: { a-in1: {}, b: {}, c: {} } } }, hosts: { pc: 1...
      |                                                                                                           ^
      |
      = help: there is a

    3 findings in lab.yaml
    ");
}

#[test]
fn each_of_two_gateways_knows_prefixes_outside_its_network() {
    insta::assert_snapshot!(findings_in(&twice("{ gateway: one, device: ce }", &gateways(", enableBgp: false, localNetworkAddressPrefixes: { one: [10.2.0.0/24], two: [10.2.0.0/25] }"), "")), @r"
    error[shadowed-prefix]: 10.2.0.0/25 is part of 10.2.0.0/24 of virtual network far, the gateway's own network
     --> lab.yaml:8:128
      |
    8 | ..., localNetworkAddressPrefixes: { one: [10.2.0.0/24], two: [10.2.0.0/25] } }
      |                                                               ^^^^^^^^^^^
      |
      = help: a network's own ranges win over prefixes behind a tunnel; write the site's prefixes, or a shorter one (vpn-gateway-vpn-faq)

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(findings_in(&twice("{ gateway: one, device: ce }", &gateways(", enableBgp: false, localNetworkAddressPrefixes: { one: [10.2.0.0/24] }"), "")), @r"
    error[no-prefixes]: `two` learns no prefixes behind `one`: the connection has neither BGP nor `localNetworkAddressPrefixes` of `two`
     --> lab.yaml:8:64
      |
    8 |   b: { connectionType: IPsec, gateways: [one, two], enableBgp: false, localNetworkAddressPrefixes: { one: [10.2.0.0/24] } }
      |                                                                ^^^^^
      |
      = help: add `localNetworkAddressPrefixes: { two: [...] }`, the prefixes behind `one`, to this connection

    1 finding in lab.yaml
    ");
}

#[test]
fn a_tunnel_over_private_peering_needs_a_circuit_of_the_gateways_network() {
    let private = |connection: &'static str| refused(&[("connections:", connection)]);
    insta::assert_snapshot!(private("connections:\n  far-edge: { gateway: branch-vpngw, device: edge, useLocalAzureIpAddress: true, rtt: 2ms }"), @r"
    error[no-private-peering]: the tunnel uses the gateway's private address, but no circuit carries it
      --> lab.yaml:73:76
       |
    73 |   far-edge: { gateway: branch-vpngw, device: edge, useLocalAzureIpAddress: true, rtt: 2ms }
       |                                                                            ^^^^
       |
       = help: add `transport`, the circuit whose private peering carries the tunnel

    warning[useless-rtt]: `rtt` has no effect on a tunnel over private peering
      --> lab.yaml:73:3
       |
    73 |   far-edge: { gateway: branch-vpngw, device: edge, useLocalAzureIpAddress: true, rtt: 2ms }
       |   ^^^^^^^^
       |
       = help: the `rtt` of the circuit and of its connection with the network apply; leave this one out

    2 findings in lab.yaml, 1 of them a warning
    ");
    insta::assert_snapshot!(private("connections:\n  far-edge: { gateway: branch-vpngw, device: edge, transport: er1, useLocalAzureIpAddress: true }"), @r"
    error[no-private-peering]: circuit `er1` is not connected to `branch`, the network of `branch-vpngw`
      --> lab.yaml:73:63
       |
    73 |   far-edge: { gateway: branch-vpngw, device: edge, transport: er1, useLocalAzureIpAddress: true }
       |                                                               ^^^
       |
       = help: add an ExpressRoute gateway of `branch` and its connection with `er1` (site-to-site-vpn-private-peering)

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(private("connections:\n  far-edge: { gateway: branch-vpngw, device: edge, transport: er2, useLocalAzureIpAddress: true }"), @r"
    error[no-private-peering]: no link of circuit `er2` ends at `edge`
      --> lab.yaml:73:63
       |
    73 |   far-edge: { gateway: branch-vpngw, device: edge, transport: er2, useLocalAzureIpAddress: true }
       |                                                               ^^^
       |
       = help: its links end at gate

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(private("connections:\n  far-edge: { appliance: nva1, device: edge, transport: er1, useLocalAzureIpAddress: true }"), @r"
    error[no-private-peering]: `nva1` is an appliance, and only a VPN gateway has a tunnel over private peering
      --> lab.yaml:73:57
       |
    73 |   far-edge: { appliance: nva1, device: edge, transport: er1, useLocalAzureIpAddress: true }
       |                                                         ^^^
       |
       = help: leave `useLocalAzureIpAddress` out

    1 finding in lab.yaml
    ");
}

#[test]
fn a_device_has_an_end_of_every_tunnel() {
    // The gateway has one instance, and the names are those of tunnels to two.
    let interfaces = "tunnelInterfaces: { a-in0: {}, a-in1: {} }";
    let text = twice(&to_device(""), &gateways(""), interfaces);
    let text = text.replace(
        "virtualNetwork: hub, activeActive: true",
        "virtualNetwork: hub",
    );
    assert!(resolve(&parse(&text).unwrap()).is_ok(), "{text}");
}
