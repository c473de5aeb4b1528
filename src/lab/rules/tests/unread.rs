//! The findings of a file that was read only in part. None may depend on the unread part.

use crate::findings::{Finding, Place};
use crate::lab::rules::tests::wide::WIDE;
use crate::lab::rules::tests::{GOOD, replaced, shown};
use crate::lab::{further_findings, read};
use crate::yaml::tree::{Kind, Node};
use crate::yaml::{position, reading, write};

/// A lab that leaves nearly everything to be chosen.
const SHORT: &str = "\
name: short
virtualNetworks:
  hub: { virtualMachines: [hub-vm] }
  spoke:
    subnets: { default: ~, nva: ~ }
    virtualMachines: { spoke-vm: ~, fw: { subnet: nva, ipForwarding: true } }
peerings:
  - { virtualNetwork: spoke, remoteVirtualNetwork: hub, useRemoteGateways: true }
loadBalancers:
  lb: { virtualNetwork: spoke, subnet: nva, backends: [fw] }
virtualNetworkGateways:
  vpngw: { virtualNetwork: hub, gatewayType: Vpn }
  ergw: { virtualNetwork: hub, gatewayType: ExpressRoute }
expressRouteCircuits:
  er: { bandwidthInMbps: 50, primary: { customerEdge: edge }, secondary: { customerEdge: edge } }
connections:
  er-hub: { connectionType: ExpressRoute, gateway: ergw, circuit: er }
  vpn: { connectionType: IPsec, gateway: vpngw, device: edge }
sites:
  site:
    routers: [edge, core]
    hosts: [pc]
    links: [{ a: edge, b: core }]
  other: { routers: [far] }
wan:
  line: { a: core, b: far }
expect:
  - { from: hub-vm, to: pc, reachable: true }
";

/// A lab with names as next hops, machines with several interfaces and lists of round-trip times.
const NAMED: &str = "\
name: named
virtualNetworks:
  hub:
    subnets: { GatewaySubnet: { routeTable: inner }, outside: ~, inside: ~ }
    virtualMachines:
      nva1: { subnet: inside, ipForwarding: true }
      nva2: { subnet: inside, ipForwarding: true }
      two:
        networkInterfaces:
          outside: { subnet: outside, privateIPAddress: 10.50.0.36, ipForwarding: true }
          inside: { subnet: inside, ipForwarding: true }
    addressPrefixes: [10.50.0.0/24]
  s1: { subnets: { default: { routeTable: outer } }, virtualMachines: [vm1] }
  s2: { subnets: { default: { routeTable: outer } }, virtualMachines: [vm2] }
peerings:
  - { virtualNetwork: [s1, s2], remoteVirtualNetwork: hub, allowForwardedTraffic: true, useRemoteGateways: true }
routeTables:
  inner:
    routes: { to-s1: { addressPrefix: 10.51.0.0/24, nextHopIpAddress: lb } }
  outer:
    routes:
      one: { addressPrefix: 10.64.0.0/16, nextHopIpAddress: nva1 }
      two: { addressPrefix: 10.65.0.0/16, nextHopIpAddress: two/inside }
      three: { addressPrefix: 10.66.0.0/16, nextHopIpAddress: lb }
      four: { addressPrefix: 10.67.0.0/16, nextHopType: VirtualNetworkGateway }
      five: { addressPrefix: 10.68.0.0/16, nextHopIpAddress: two }
loadBalancers:
  lb: { backends: [nva1, nva2, two/inside] }
virtualNetworkGateways:
  gw: { virtualNetwork: hub }
expect:
  - { from: vm1, to: nva1, hops: [nva1], rtt: [1ms] }
  - { from: vm1, to: two, hops: [10.50.0.36], rtt: 1ms }
  - { from: vm1, to: vm2, hops: [[nva1, nva2], vm2], rtt: [~, 1ms] }
  - { from: vm2, to: two, hops: [nva1, two/outside], rtt: [1ms, 2ms] }
";

/// The rules that the rest of the wide lab violates if some of its values cannot be read.
fn further(changes: &[(&str, &str)]) -> Vec<&'static str> {
    let reading = read(&replaced(WIDE, changes));
    assert!(!reading.findings.is_empty(), "{changes:?}");
    let spec = reading.spec.expect("enough of the file can be read");
    let findings = further_findings(&spec, &reading.unread);
    findings.iter().map(|finding| finding.rule.id).collect()
}

#[test]
fn what_could_not_be_read_is_not_missed() {
    for (old, new) in [
        (
            "ipForwarding: true\n        asn",
            "ipForwarding: yes!\n        asn",
        ),
        ("sourceAddress: 203.0.113.9", "sourceAddress: 203.0.113.900"),
        ("asn: 65010", "asn: many"),
        ("asn: 65002", "asn: 12076"),
        ("asn: 65516", "asn: 8074"),
        ("frontendIPAddress: 10.0.0.100", "frontendIPAddress: 10.0.0"),
        (
            "privateIPAddress: 10.0.0.69,",
            "privateIPAddress: 10.0.0.690,",
        ),
        ("gatewayType: Vpn, asn", "gatewayType: VPN, asn"),
        ("sku: ErGw3Az", "sku: ErGw4Az"),
        (
            "localNetworkAddressPrefixes: [10.5.0.0/24]",
            "localNetworkAddressPrefixes: [10.5.0.1/24]",
        ),
        (
            "microsoftPeerAddressPrefix: 198.51.100.132/30",
            "microsoftPeerAddressPrefix: 198.51.100.132/29",
        ),
        ("  tunnelled:\n    routes:\n", "  tunnelled:\n    routs:\n"),
        (
            "remoteVirtualNetwork: hub, useRemoteGateways: true",
            "remoteVirtualNetwork: [hub]",
        ),
        (
            "localSubnetNames: [default, nva]",
            "localSubnetNames: [default, [nva]]",
        ),
        (
            "172.16.1.0/31, 172.16.1.1/31",
            "172.16.1.0/31, 172.16.1.1/33",
        ),
        ("a: edge, b: gate", "a: edge, b: { gate: 1 }"),
        ("blackhole: er1-secondary", "blackhole: { er1: secondary }"),
        ("appliance: nva1", "appliance: { nva: 1 }"),
    ] {
        assert_eq!(further(&[(old, new)]), [""; 0], "{new}");
    }
}

#[test]
fn a_size_that_could_not_be_read_does_not_make_a_subnet_too_small() {
    let small = (
        "GatewaySubnet: { addressPrefix: 10.2.0.128/25 }",
        "GatewaySubnet: { addressPrefix: 10.2.0.128/29 }",
    );
    assert_eq!(
        further(&[small, ("asn: 65516,", "asn: 65516, sku: Basik,")]),
        [""; 0]
    );
}

/// Everything that is found in a file.
fn all_findings(text: &str) -> String {
    let reading = read(text);
    let spec = reading.spec.expect("enough of the file can be read");
    let mut findings = reading.findings;
    findings.extend(further_findings(&spec, &reading.unread));
    findings.sort_by_key(|finding| finding.place);
    let line = |finding: &Finding| {
        let (line, column) = position(text, finding.place);
        format!("{line}:{column} {}: {}\n", finding.rule.id, finding.message)
    };
    findings.iter().map(line).collect()
}

/// Changes the node of a number, counted from the document on, with each key before its value.
fn change(node: &mut Node, countdown: &mut usize, with: &Kind) -> bool {
    if *countdown == 0 {
        node.kind = with.clone();
        return true;
    }
    *countdown -= 1;
    match &mut node.kind {
        Kind::Sequence(items) => items.iter_mut().any(|item| change(item, countdown, with)),
        Kind::Mapping(entries) => {
            let mut values = entries.iter_mut().map(|(_, value)| value);
            values.any(|value| change(value, countdown, with))
        }
        _ => false,
    }
}

/// Findings about a good file with one of its values changed, for each of its values, where `is_fine` is false.
fn wrongly_found(with: &Kind, is_fine: impl Fn(usize, usize) -> bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for good in [GOOD, WIDE, SHORT, NAMED] {
        let tree = reading::read(good).unwrap();
        assert_eq!(read(good).findings, []);
        for number in 1.. {
            let mut changed = tree.clone();
            if !change(&mut changed, &mut number.clone(), with) {
                break;
            }
            let text = write::write(&changed);
            let reading = read(&text);
            let spec = reading.spec.expect("every file is read in part");
            let further = further_findings(&spec, &reading.unread);
            if !is_fine(reading.findings.len(), further.len()) {
                let all: Vec<_> = reading.findings.into_iter().chain(further).collect();
                wrong.push(shown(&text, &all));
            }
        }
    }
    wrong
}

#[test]
fn one_value_of_a_wrong_type_is_one_finding() {
    let wrong = wrongly_found(&Kind::Float(1.5), |own, further| own == 1 && further == 0);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let number = Node::added(Place(0), Kind::Float(1.5));
    let list = Kind::Sequence(vec![number]);
    let wrong = wrongly_found(&list, |own, further| own > 0 && further == 0);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn mistakes_in_a_network_have_no_consequences_elsewhere() {
    let address = |machine: &str, other: &str| {
        let own = format!("{machine}: {{ subnet: inside, ");
        (own.clone(), format!("{own}privateIPAddress: {other}, "))
    };
    let (nva1, nva2) = (address("nva1", "5"), address("nva2", "~~"));
    let text = replaced(NAMED, &[(&nva1.0, &nva1.1), (&nva2.0, &nva2.1)]);
    insta::assert_snapshot!(all_findings(&text), @r"
    6:49 wrong-type: expected an IPv4 address, found a number
    7:49 wrong-value: `~~` is not an IPv4 address
    ");
    // The prefixes of the network are chosen, and may be others than those that the file has under a wrong key.
    let prefixes = ("addressPrefixes: [10.50.0.0/24]", "cidrs: [10.50.0.0/24]");
    let gateway = (
        "gw: { virtualNetwork: hub }",
        "gw: { virtualNetwork: hub, bgpPeeringAddress: 10.50.0.30 }",
    );
    let text = replaced(NAMED, &[prefixes, gateway]);
    insta::assert_snapshot!(all_findings(&text), @"12:5 unknown-key: `cidrs` is not a key of a virtual network");
}

/// A lab with many mistakes, of which none hides another.
const MISTAKES: &str = "\
name: [demo]
virtualNetworks:
  hub:
    location: {}
    addressPrefixes: [10.0.0.0/24, 7]
    subnets:
      default: { addressPrefix: 10.0.1.0/25 }
      second: { addressPrefix: 5 }
      third: { addressPrefix: 10.0.1.0/26, routeTable: tabel }
    virtualMachines:
      vm1: { subnet: [default], privateIPAddress: 10.0.0.4 }
      vm2: { subnet: default, privateIPAddress: 10.9.9.9 }
    peerings:
      - { remoteVirtualNetwork: spoke, allowGatewayTransit: maybe }
      - { remoteVirtualNetwork: spok }
  spoke:
    location: region1
    addressPrefixes: [10.1.0.0/24]
    subnets: { default: { addressPrefix: 10.2.0.0/25 } }
    virtualMachines: 7
    peerings: [{ remoteVirtualNetwork: hub }]
  -third:
    addressPrefixes: [224.0.0.0/24]
virtualNetworkGateways:
  gw: { virtualNetwork: 1, gatewayType: Vpn, publicIPAddress: 203.0.113.1 }
expressRouteCircuits:
  er1:
    bandwidthInMbps: many
    primary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: egde }
    secondary: 2
connections:
  one: { connectionType: IPsec, gateway: gw, device: {}, transport: er2 }
sites:
  site:
    asn: none
    routers: { edge: { address: 10.5.0.1/24 } }
    hosts: { pc: { address: 10.6.0.10/24, gateway: 10.5.0.1 } }
    links: [{ a: edge, b: 5, addresses: [172.16.1.0/31, x] }, { a: edge, b: edge, addresses: [172.16.1.0/31, 172.16.2.1/31] }]
expect:
  - { from: vm1, to: vm9, hops: {} }
";

#[test]
fn values_of_wrong_types_hide_nothing_else() {
    insta::assert_snapshot!(all_findings(MISTAKES), @r"
    1:7 wrong-type: expected the lab's name, found a list
    4:15 wrong-type: expected the name of a region, found a mapping
    5:36 wrong-type: expected a prefix, such as 10.10.30.0/24, found a number
    8:32 wrong-type: expected a prefix, such as 10.10.30.0/24, found a number
    9:31 overlap: 10.0.1.0/26 overlaps 10.0.1.0/25 of subnet default
    9:56 no-such-name: there is no route table `tabel`
    11:22 wrong-type: expected a name, found a list
    12:49 outside: 10.9.9.9 is not a usable address of 10.0.1.0/25
    14:61 wrong-type: expected true or false, found text
    15:33 no-such-name: there is no virtual network `spok`
    19:42 outside: 10.2.0.0/25 is outside the address space of virtual network spoke
    20:22 wrong-type: expected virtual machines by their names, found a number
    22:3 wrong-name: a name starts with a letter or a digit, not with `-`
    23:23 reserved-range: 224.0.0.0/24 overlaps 224.0.0.0/4, which is for multicast
    25:25 wrong-type: expected a name, found a number
    28:22 wrong-type: expected a bandwidth in Mbit/s, from 1 to 4294967295, found text
    29:64 no-such-name: there is no router `egde`
    30:16 wrong-type: expected the keys of a circuit's link, found a number
    32:54 wrong-type: expected a name, found a mapping
    32:69 no-such-name: there is no circuit `er2`
    35:10 wrong-type: expected an AS number, from 1 to 4294967295, found text
    37:29 outside: 10.6.0.10/24 is not on the LAN of its gateway, 10.5.0.0/24
    38:27 wrong-type: expected a name, found a number
    38:57 wrong-value: expected an address and its prefix length, such as 10.2.30.10/25, found `x`
    38:77 same-end: this link joins `edge` to itself
    38:95 address-taken: 172.16.1.0 already belongs to edge
    38:110 outside: 172.16.1.0/31 and 172.16.2.1/31 are not in one prefix
    40:33 wrong-type: expected a list of hops, found a mapping
    ");
}

#[test]
fn two_mistakes_of_a_resource_come_with_that_of_another() {
    let text = replaced(
        GOOD,
        &[
            (
                "region1\n    addressPrefixes: [10.0.0.0/24]",
                "{}\n    addressPrefixes: 5",
            ),
            (
                "default: { addressPrefix: 10.1.0.0/24 }",
                "default: { addressPrefix: 10.7.0.0/24 }",
            ),
        ],
    );
    insta::assert_snapshot!(all_findings(&text), @r"
    4:15 wrong-type: expected the name of a region, found a mapping
    5:22 wrong-type: expected a list of prefixes, found a number
    16:42 outside: 10.7.0.0/24 is outside the address space of virtual network spoke
    18:54 outside: 10.1.0.4 is not a usable address of 10.7.0.0/24
    ");
}

mod keys;
