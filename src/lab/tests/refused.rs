//! The printed findings of files with mistakes.

mod connections;
mod filters;
mod gateways;
mod impairments;
mod lab;
mod networks;
mod sites;

use super::*;

const MISTAKES: &str = r#"name: -hub
virtualNetworks:
  hub:
    location: region1
    adressPrefixes: [10.10.30.0/24]
    subnets:
      default: { addressPrefix: 10.10.30.1/24 }
      default: { addressPrefix: 10.10.30.128/25 }
    virtualMachines: [hub-vm]
  spoke:
    location: 2
    addressPrefixes: 10.11.0.0/16
virtualNetworkGateways:
  hub-gw: { virtualNetwork: hub, gatewayType: ExpressRoute, asn: 65515 }
  spoke-gw: { virtualNetwork: spoke, gatewayType: Vnp, asn: 12076, publicIPAddress: 10.10 }
expressRouteCircuits:
  er1:
    bandwidthInMbps: 300
    primary: { peerAddressPrefix: 192.168.30.16/29, customerEdge: ce1 }
connections:
  one: { connectionType: Vnet2Vnet, gateways: [hub-gw], enableBgp: no, rtt: 5 }
sites:
  loc1:
    colour: red
    routers: { r1: { tunnel: { sourceAddress: "::1", address: 10.0.0.1, innerTtl: 256 } } }
expect:
  - { from: a, to: b, hops: [10.0.0.1, "*"], rtt: [2ms] }
  - { from: a, to: b, hops: [], unreachable: timeout }
  - { from: a, to: b }
  - { from: a, to: b, unreachable: never, rtt: 2 parsecs }
"#;

#[test]
#[expect(clippy::too_many_lines, reason = "a snapshot of all that people see")]
fn every_mistake_of_a_file_is_found_at_once() {
    insta::assert_snapshot!(refused(MISTAKES), @r#"
    error[wrong-name]: a name starts with a letter or a digit, not with `-`
     --> lab.yaml:1:7
      |
    1 | name: -hub
      |       ^^^^

    error[unknown-key]: `adressPrefixes` is not a key of a virtual network
     --> lab.yaml:5:5
      |
    5 |     adressPrefixes: [10.10.30.0/24]
      |     ^^^^^^^^^^^^^^
      |
      = help: did you mean `addressPrefixes`?

    error[host-bits]: 10.10.30.1/24 has host bits set
     --> lab.yaml:7:33
      |
    7 |       default: { addressPrefix: 10.10.30.1/24 }
      |                                 ^^^^^^^^^^^^^
      |
      = help: did you mean 10.10.30.0/24?

    error[duplicate-key]: `default` is here for the second time
     --> lab.yaml:8:7
      |
    8 |       default: { addressPrefix: 10.10.30.128/25 }
      |       ^^^^^^^
      |
     ::: lab.yaml:7:7
      |
    7 |       default: { addressPrefix: 10.10.30.1/24 }
      |       ------- the first one
      |
      = help: leave one of the two out, or give them different names

    error[wrong-type]: expected the name of a region, found a number
      --> lab.yaml:11:15
       |
    11 |     location: 2
       |               ^
       |
       = help: write such a name in quotes

    error[wrong-type]: expected a list of prefixes, found text
      --> lab.yaml:12:22
       |
    12 |     addressPrefixes: 10.11.0.0/16
       |                      ^^^^^^^^^^^^
       |
       = help: for example `addressPrefixes: [10.10.30.0/24]`

    error[unknown-key]: `asn` is not a key of an ExpressRoute gateway
      --> lab.yaml:14:61
       |
    14 |   hub-gw: { virtualNetwork: hub, gatewayType: ExpressRoute, asn: 65515 }
       |                                                             ^^^
       |
       = help: known keys: `virtualNetwork`, `gatewayType`, `sku`, `autoScaleConfiguration`, `privateIPAddress`, `allowRemoteVnetTraffic`

    error[unknown-value]: `Vnp` is not known here
      --> lab.yaml:15:51
       |
    15 |   spoke-gw: { virtualNetwork: spoke, gatewayType: Vnp, asn: 12076, publicIPAddress: 10.10 }
       |                                                   ^^^
       |
       = help: did you mean `Vpn`?

    error[reserved-asn]: AS number 12076 is reserved by Azure
      --> lab.yaml:15:61
       |
    15 |   spoke-gw: { virtualNetwork: spoke, gatewayType: Vnp, asn: 12076, publicIPAddress: 10.10 }
       |                                                             ^^^^^
       |
       = help: use a private one, 64512 to 65516 or 65521 to 65534 (vpn-gateway-bgp-overview)

    error[wrong-type]: expected an IPv4 address, found a number
      --> lab.yaml:15:85
       |
    15 |   spoke-gw: { virtualNetwork: spoke, gatewayType: Vnp, asn: 12076, publicIPAddress: 10.10 }
       |                                                                                     ^^^^^
       |
       = help: for example `publicIPAddress: 20.0.0.1`

    error[missing-key]: a circuit needs `secondary`
      --> lab.yaml:17:3
       |
    17 |   er1:
       |   ^^^
       |
       = help: add `secondary: NAME`

    error[wrong-value]: there is no circuit of 300 Mbit/s
      --> lab.yaml:18:22
       |
    18 |     bandwidthInMbps: 300
       |                      ^^^
       |
       = help: Azure has 50, 100, 200, 500, 1000, 2000, 5000, 10000

    error[wrong-value]: 192.168.30.16/29 is not a /30, as a circuit's links are
      --> lab.yaml:19:35
       |
    19 |     primary: { peerAddressPrefix: 192.168.30.16/29, customerEdge: ce1 }
       |                                   ^^^^^^^^^^^^^^^^

    error[wrong-value]: expected a list of two gateways, found a list of 1
      --> lab.yaml:21:47
       |
    21 |   one: { connectionType: Vnet2Vnet, gateways: [hub-gw], enableBgp: no, rtt: 5 }
       |                                               ^

    error[wrong-type]: expected true or false, found `no`
      --> lab.yaml:21:68
       |
    21 |   one: { connectionType: Vnet2Vnet, gateways: [hub-gw], enableBgp: no, rtt: 5 }
       |                                                                    ^^ write `false`

    error[wrong-value]: `5` has no unit: write `5ms`, or us or s
      --> lab.yaml:21:77
       |
    21 |   one: { connectionType: Vnet2Vnet, gateways: [hub-gw], enableBgp: no, rtt: 5 }
       |                                                                             ^

    error[unknown-key]: `colour` is not a key of a site
      --> lab.yaml:24:5
       |
    24 |     colour: red
       |     ^^^^^^
       |
       = help: known keys: `asn`, `igp`, `ibgp`, `routers`, `hosts`, `links`, `advertise`

    error[ipv6]: `::1` is IPv6, which labs do not have yet
      --> lab.yaml:25:47
       |
    25 |     routers: { r1: { tunnel: { sourceAddress: "::1", address: 10.0.0.1, innerTtl: 256 } } }
       |                                               ^^^^^
       |
       = help: leave it out: a network of Azure with IPv6 has IPv4 as well

    error[wrong-value]: expected a TTL, from 1 to 255, found 256
      --> lab.yaml:25:83
       |
    25 |     routers: { r1: { tunnel: { sourceAddress: "::1", address: 10.0.0.1, innerTtl: 256 } } }
       |                                                                                   ^^^

    error[wrong-value]: the list of rtt has length 1, that of hops 2
      --> lab.yaml:27:51
       |
    27 |   - { from: a, to: b, hops: [10.0.0.1, "*"], rtt: [2ms] }
       |                                                   ^
       |
       = help: write `~` for a hop whose time does not matter

    error[wrong-value]: expected a list of hops, found an empty one
      --> lab.yaml:28:29
       |
    28 |   - { from: a, to: b, hops: [], unreachable: timeout }
       |                             ^

    error[wrong-value]: an expectation has `hops` or `unreachable`, not both
      --> lab.yaml:28:33
       |
    28 |   - { from: a, to: b, hops: [], unreachable: timeout }
       |                                 ^^^^^^^^^^^

    error[missing-key]: an expectation needs `hops` or `reachable` or `via` or `notVia` or `unreachable`
      --> lab.yaml:29:5
       |
    29 |   - { from: a, to: b }
       |     ^
       |
       = help: add `hops: [NAME]` or `reachable: true` or `via: NAME` or `notVia: NAME` or `unreachable: true`

    error[unknown-value]: `never` is not known here
      --> lab.yaml:30:36
       |
    30 |   - { from: a, to: b, unreachable: never, rtt: 2 parsecs }
       |                                    ^^^^^
       |
       = help: known here: `timeout`

    error[wrong-value]: `parsecs` is not a unit of time: write us, ms or s
      --> lab.yaml:30:48
       |
    30 |   - { from: a, to: b, unreachable: never, rtt: 2 parsecs }
       |                                                ^^^^^^^^^

    25 findings in lab.yaml
    "#);
}

#[test]
fn keys_of_another_kind_are_named_as_such() {
    let text = "name: a\nconnections:\n  c: { connectionType: Vnet2Vnet, gateways: [a, b], circuit: x, device: y }\n";
    assert_eq!(
        findings(text),
        [
            "3:53 unknown-key: `circuit` is not a key of a Vnet2Vnet connection",
            "3:65 unknown-key: `device` is not a key of a Vnet2Vnet connection",
        ]
    );
}

#[test]
fn a_missing_or_misspelt_kind_is_found_and_so_is_what_else_is_wrong() {
    let text = "name: a\nvirtualNetworkGateways: { g: { asn: 0 } }\nconnections: { c: { rtt: 5, endpoints: x } }\n";
    assert_eq!(
        findings(text),
        [
            "2:27 missing-key: a VPN gateway with one instance needs `virtualNetwork`",
            "2:37 wrong-value: expected an AS number, from 1 to 4294967295, found 0",
            "3:16 missing-key: a connection needs `connectionType`",
            "3:26 wrong-value: `5` has no unit: write `5ms`, or us or s",
            "3:40 wrong-type: expected a list of two addresses, found text",
        ]
    );
}

#[test]
fn each_value_is_held_to_its_type_and_range() {
    let changes = [
        ("location: region1", "location: ''"),
        ("10.10.30.4 }", "10.10.030.4 }"),
        (
            "{ addressPrefix: 10.10.30.0/25 }",
            "{ addressPrefix: 10.10.30.0 }",
        ),
        ("enabled: false", "enabled: no"),
        ("asn: 65514", "asn: 65520"),
        ("asn: 65514", "asn: 4294967296"),
        ("asn: 65514", "asn: 1.5"),
        ("sku: VpnGw2", "sku: Premium"),
        ("innerTtl: 255", "innerTtl: 0"),
        ("er1: 200,", "er1: -1,"),
        ("rtt: 300us", "rtt: fast"),
        ("192.168.30.1/31]", "192.168.30.1]"),
        ("advertise: [10.2.30.0/25]", "advertise: [10.2.30.3/25]"),
        ("[10.2.30.1, 10.2.30.2]", "[]"),
        ("[~, 3ms]", "[~, 3ms, ~]"),
        ("unreachable: timeout", "unreachable: timeout, rtt: 2ms"),
        ("unreachable: timeout", "unreachable: 1"),
        ("loc1-vm:", "loc1/vm:"),
    ];
    let found = changes.map(|(good, wrong)| {
        assert!(GOOD.contains(good), "{good}");
        let found = findings(&GOOD.replacen(good, wrong, 1));
        assert_eq!(found.len(), 1, "{found:?}");
        found.concat()
    });
    insta::assert_snapshot!(found.join("\n"), @r"
    4:15 wrong-value: expected the name of a region, found ``
    10:52 wrong-value: `10.10.030.4` is not an IPv4 address
    7:33 wrong-value: expected a prefix, such as 10.10.30.0/24, found `10.10.30.0`
    30:88 wrong-type: expected true or false, found `no`
    22:73 reserved-asn: AS number 65520 is reserved by Azure
    22:73 wrong-value: expected an AS number, from 1 to 4294967295, found 4294967296
    22:73 wrong-type: expected an AS number, from 1 to 4294967295, found a number
    22:60 unknown-value: `Premium` is not known here
    42:78 wrong-value: expected a TTL, from 1 to 255, found 0
    43:33 wrong-value: expected a local preference, from 0 to 4294967295, found -1
    48:89 wrong-value: `fast` is not a duration: write it like `2ms` or `1.5ms`
    48:66 wrong-value: expected an address and its prefix length, such as 10.2.30.10/25, found `192.168.30.1`
    49:17 host-bits: 10.2.30.3/25 has host bits set
    51:60 wrong-value: expected a list of addresses or names, found an empty one
    52:70 wrong-value: the list of rtt has length 3, that of hops 2
    53:5 wrong-value: an expectation with an unreachable destination cannot have rtt
    53:48 wrong-type: expected `timeout`, found a number
    46:7 wrong-name: a name consists of letters, digits, `-` and `_`, not `/`
    ");
}

#[test]
fn of_very_many_findings_the_first_hundred_are_shown() {
    let text = "kNumber: 1\n".repeat(150);
    let shown = refused(&text);
    assert_eq!(shown.matches("error[").count(), 100);
    assert!(shown.ends_with("\n300 findings in lab.yaml, the first 100 shown\n"));
}

#[test]
fn a_portals_word_for_a_key_is_answered_with_the_key() {
    let text = "\
name: demo
vnet:
  hub:
    addressPrefixes: [10.0.0.0/24]
virtualNetworks:
  spoke:
    location: r1
    addressPrefixes: [10.0.1.0/24]
    nva: {}
";
    insta::assert_snapshot!(refused(text), @r"
    error[unknown-key]: `vnet` is not a key of a lab file
     --> lab.yaml:2:1
      |
    2 | vnet:
      | ^^^^
      |
      = help: did you mean `virtualNetworks`?

    error[unknown-key]: `nva` is not a key of a virtual network
     --> lab.yaml:9:5
      |
    9 |     nva: {}
      |     ^^^
      |
      = help: did you mean `virtualMachines`?

    2 findings in lab.yaml
    ");
}
