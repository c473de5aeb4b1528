//! Rules for circuits, connections, sites and expectations.

use crate::lab::rules::tests::{accepted, refused};

#[test]
fn a_circuit_ends_at_routers_of_a_site_with_an_as_number() {
    insta::assert_snapshot!(refused(&[("172.16.0.0/30, customerEdge: edge", "172.16.0.0/30, customerEdge: egde")]), @r"
    error[no-such-name]: there is no router `egde`
      --> lab.yaml:27:64
       |
    27 |     primary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: egde }
       |                                                                ^^^^ did you mean `edge`?

    1 finding in lab.yaml
    ");
    // The site then gets a default ASN.
    accepted(&[("    asn: 65001\n", "")]);
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

    2 findings in lab.yaml
    ");
}

#[test]
fn a_circuits_endpoints_are_of_the_gateway_subnet() {
    insta::assert_snapshot!(refused(&[("[10.0.0.132, 10.0.0.133]", "[10.0.0.132, 10.0.0.5]")]), @r"
    error[outside]: 10.0.0.5 is not a usable address of 10.0.0.128/25
      --> lab.yaml:30:101
       |
    30 |   er1-hub: { connectionType: ExpressRoute, gateway: hub-ergw, circuit: er1, endpoints: [10.0.0.132, 10.0.0.5] }
       |                                                                                                     ^^^^^^^^ outside 10.0.0.128/25

    1 finding in lab.yaml
    ");
}

#[test]
fn the_ends_of_a_tunnel_are_in_different_autonomous_systems() {
    insta::assert_snapshot!(refused(&[("gatewayType: Vpn,", "gatewayType: Vpn, asn: 65001,")]), @r"
    error[same-asn]: both ends of this tunnel have the AS number 65001, so neither accepts the other's routes
      --> lab.yaml:31:66
       |
    31 |   hub-site: { connectionType: IPsec, gateway: hub-vpngw, device: edge }
       |                                                                  ^^^^
       |
       = help: give one of them another private `asn`

    1 finding in lab.yaml
    ");
}

#[test]
fn two_things_are_joined_by_one_connection() {
    let again =
        "device: edge }\n  hub-site-2: { connectionType: IPsec, gateway: hub-vpngw, device: edge }";
    insta::assert_snapshot!(refused(&[("device: edge }", again)]), @r"
    error[joined-already]: connection `hub-site` already joins these two
      --> lab.yaml:32:3
       |
    32 |   hub-site-2: { connectionType: IPsec, gateway: hub-vpngw, device: edge }
       |   ^^^^^^^^^^
       |
      ::: lab.yaml:31:3
       |
    31 |   hub-site: { connectionType: IPsec, gateway: hub-vpngw, device: edge }
       |   -------- the other one
       |
       = help: a second connection needs another `sourceAddress` in the device's `tunnelInterfaces`, or other `instances` of the gateway

    1 finding in lab.yaml
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

    error[same-asn]: both ends of this tunnel have the AS number 65515, so neither accepts the other's routes
      --> lab.yaml:32:61
       |
    32 |   round: { connectionType: Vnet2Vnet, gateways: [hub-vpngw, hub-vpngw] }
       |                                                             ^^^^^^^^^
       |
       = help: give one of them another private `asn`

    2 findings in lab.yaml
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

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("b: lan", "b: edge")]), @r"
    error[same-end]: this link joins `edge` to itself
      --> lab.yaml:41:23
       |
    41 |       - { a: edge, b: edge, addresses: [172.16.1.0/31, 172.16.1.1/31] }
       |                       ^^^^

    1 finding in lab.yaml
    ");
}

#[test]
fn the_ends_of_a_link_share_a_prefix() {
    insta::assert_snapshot!(refused(&[("172.16.1.1/31", "172.16.1.2/31")]), @r"
    error[outside]: 172.16.1.0/31 and 172.16.1.2/31 are not in one prefix
      --> lab.yaml:41:55
       |
    41 |       - { a: edge, b: lan, addresses: [172.16.1.0/31, 172.16.1.2/31] }
       |                                                       ^^^^^^^^^^^^^
       |
       = help: both ends of a link share a prefix, such as a /30 or /31

    1 finding in lab.yaml
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

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("pc: { address: 10.2.0.10/24", "pc: { address: 10.2.1.10/24")]), @r"
    error[outside]: 10.2.1.10/24 is not on the LAN of its gateway, 10.2.0.0/24
      --> lab.yaml:39:22
       |
    39 |       pc: { address: 10.2.1.10/24, gateway: 10.2.0.1 }
       |                      ^^^^^^^^^^^^

    1 finding in lab.yaml
    ");
    // The first router then gets the address.
    accepted(&[("lan: { address: 10.2.0.1/24 }", "lan: {}")]);
}

#[test]
fn a_local_preference_is_for_a_circuit_or_connection() {
    insta::assert_snapshot!(refused(&[("{ er1: 200 }", "{ er1: 200, hub-sit: 50 }")]), @r"
    error[no-such-name]: there is no circuit or connection `hub-sit`
      --> lab.yaml:36:106
       |
    36 |       edge: { tunnel: { sourceAddress: 198.51.100.1, address: 10.2.0.125 }, localPreference: { er1: 200, hub-sit: 50 } }
       |                                                                                                          ^^^^^^^ did you mean `hub-site`?

    1 finding in lab.yaml
    ");
}

#[test]
fn an_expectation_is_about_two_machines_and_the_only_one() {
    let more = "hops: [10.1.0.4] }
  - { from: hub-vm, to: spoke-vm, unreachable: timeout }
  - { from: pc, to: pc, unreachable: timeout }
  - { from: pc, to: edge, unreachable: timeout }";
    insta::assert_snapshot!(refused(&[("hops: [10.1.0.4] }", more)]), @r"
    error[expected-already]: the path from `hub-vm` to `spoke-vm` already has an expectation
      --> lab.yaml:45:5
       |
    45 |   - { from: hub-vm, to: spoke-vm, unreachable: timeout }
       |     ^

    error[same-end]: `pc` is both the source and the destination of this path
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
       = help: there is hub-vm, spoke-vm, pc, hub, site, spoke

    3 findings in lab.yaml
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
       = help: end `hops` with 10.1.0.4 or spoke-vm, or write `unreachable: timeout`

    1 finding in lab.yaml
    "#);
}

#[test]
fn a_path_has_thirty_hops_at_most() {
    let stars = "\"*\", ".repeat(30);
    insta::assert_snapshot!(refused(&[("hops: [10.1.0.4]", &format!("hops: [\n{stars}10.1.0.4]"))]), @r#"
    error[too-many-hops]: a path has at most 30 hops
      --> lab.yaml:45:151
       |
    45 | ..."*", "*", "*", "*", "*", "*", "*", "*", "*", "*", "*", "*", 10.1.0.4] }
       |                                                                ^^^^^^^^

    1 finding in lab.yaml
    "#);
}
