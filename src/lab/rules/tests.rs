//! A valid lab file with one error at a time, and the printed findings.

mod appliances;
mod azure;
mod basic;
mod broadcast;
mod circuits;
mod devices;
mod domains;
mod endpoints;
mod far_ends;
mod gateway_sizes;
mod gateways;
mod halves;
mod impairments;
mod joined;
mod next_hops;
mod nics;
mod odd;
mod peerings;
mod policies;
mod ranges;
mod route_tables;
mod selectors;
mod storyboards;
mod unread;
mod vpn;
mod wan;
mod wide;

use crate::findings::Finding;
use crate::lab::parse;
use crate::lab::{resolve, resolve_with_warnings};
use crate::yaml::{Source, render};

/// A lab with one of everything, which violates no rule.
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

/// The printed findings of the valid file with some texts replaced. Each text must occur once.
fn refused(changes: &[(&str, &str)]) -> String {
    findings_in(&replaced(GOOD, changes))
}

/// Checks that the valid file with some texts replaced violates no rule either.
fn accepted(changes: &[(&str, &str)]) {
    let spec = parse(&replaced(GOOD, changes)).expect("every value is valid");
    let resolved = resolve(&spec);
    assert!(resolved.is_ok(), "{resolved:?}");
}

fn replaced(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (old, new)| {
        assert_eq!(text.matches(old).count(), 1, "{old}");
        text.replace(old, new)
    })
}

/// The printed findings of a file that violates a rule.
fn findings_in(text: &str) -> String {
    let spec = parse(text).expect("every value is valid");
    let findings = resolve(&spec).expect_err("a rule is broken");
    shown(text, &findings)
}

/// The printed findings of a file with warnings only.
fn warnings_in(text: &str) -> String {
    let spec = parse(text).expect("every value is valid");
    let resolved = resolve_with_warnings(&spec);
    let (_, warnings) = resolved.unwrap_or_else(|findings| panic!("{}", shown(text, &findings)));
    assert!(!warnings.is_empty());
    shown(text, &warnings)
}

fn shown(text: &str, findings: &[Finding]) -> String {
    let source = Source {
        file: "lab.yaml".to_owned(),
        text: text.to_owned(),
    };
    render(&source, findings)
}

#[test]
fn the_good_file_breaks_no_rule() {
    assert!(resolve(&parse(GOOD).unwrap()).is_ok());
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

    error[overlap]: 10.0.0.0/24 overlaps 10.0.0.0/16 of virtual network spoke
      --> lab.yaml:12:33
       |
    12 |       - { remoteVirtualNetwork: spoke, allowGatewayTransit: true }
       |                                 ^^^^^
       |
       = help: the address spaces of peered networks may not overlap (virtual-network-peering-overview)

    error[overlap]: 10.0.0.0/16 overlaps 10.0.0.0/24 of virtual network hub
      --> lab.yaml:15:23
       |
    15 |     addressPrefixes: [10.0.0.0/16]
       |                       ^^^^^^^^^^^
       |
       = help: `spoke` and `hub` are peered, and the address spaces of peered networks may not overlap (virtual-network-peering-overview)

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

    error[outside]: 10.0.0.132 is not a usable address of 10.0.255.0/27
      --> lab.yaml:30:89
       |
    30 |   er1-hub: { connectionType: ExpressRoute, gateway: hub-ergw, circuit: er1, endpoints: [10.0.0.132, 10.0.0.133] }
       |                                                                                         ^^^^^^^^^^ outside 10.0.255.0/27

    error[outside]: 10.0.0.133 is not a usable address of 10.0.255.0/27
      --> lab.yaml:30:101
       |
    30 |   er1-hub: { connectionType: ExpressRoute, gateway: hub-ergw, circuit: er1, endpoints: [10.0.0.132, 10.0.0.133] }
       |                                                                                                     ^^^^^^^^^^ outside 10.0.255.0/27

    error[name-taken]: `spoke-vm` is already the name of a virtual machine
      --> lab.yaml:39:7
       |
    39 |       spoke-vm: { address: 10.2.0.1/24, gateway: 10.2.0.1 }
       |       ^^^^^^^^ this is a host
       |
      ::: lab.yaml:18:7
       |
    18 |       spoke-vm: { subnet: default, privateIPAddress: 10.1.0.4 }
       |       -------- the other one

    error[address-taken]: 10.2.0.1 already belongs to lan
      --> lab.yaml:39:28
       |
    39 |       spoke-vm: { address: 10.2.0.1/24, gateway: 10.2.0.1 }
       |                            ^^^^^^^^^^^
       |
      ::: lab.yaml:37:23
       |
    37 |       lan: { address: 10.2.0.1/24 }
       |                       ----------- the other one

    error[no-such-name]: there is no virtual machine or host `nobody`
      --> lab.yaml:44:25
       |
    44 |   - { from: hub-vm, to: nobody, hops: [10.1.0.4] }
       |                         ^^^^^^
       |
       = help: there is hub-vm, spoke-vm, spoke-vm, hub, site, spoke

    10 findings in lab.yaml
    ");
}
