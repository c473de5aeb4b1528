//! Rules for site-to-site VPNs.

use crate::lab::rules::tests::findings_in;
use crate::lab::rules::tests::wide::{accepted, refused};
use crate::lab::{parse, resolve};

#[test]
fn two_gateways_of_one_number_do_not_speak_bgp() {
    insta::assert_snapshot!(refused(&[("asn: 65516, ", "")]), @r"
    error[same-asn]: both ends of this tunnel have the AS number 65515, so neither accepts the other's routes
      --> lab.yaml:76:66
       |
    76 |   hub-branch: { connectionType: Vnet2Vnet, gateways: [hub-vpngw, branch-vpngw] }
       |                                                                  ^^^^^^^^^^^^
       |
       = help: give one of them another private `asn`

    1 finding in lab.yaml
    ");
    accepted(&[
        ("asn: 65516, ", ""),
        (
            "gateways: [hub-vpngw, branch-vpngw] }",
            "gateways: [hub-vpngw, branch-vpngw], enableBgp: false }",
        ),
    ]);
}

#[test]
fn an_appliance_and_a_device_of_one_number_do_not_speak_bgp() {
    insta::assert_snapshot!(refused(&[("asn: 65010", "asn: 65002")]), @r"
    error[same-asn]: both ends of this tunnel have the AS number 65002, so neither accepts the other's routes
      --> lab.yaml:79:63
       |
    79 |   nva-west: { connectionType: IPsec, appliance: nva1, device: gate }
       |                                                               ^^^^
       |
       = help: give one of them another private `asn`

    1 finding in lab.yaml
    ");
}

#[test]
fn a_connection_without_bgp_says_what_lies_behind_it() {
    insta::assert_snapshot!(refused(&[(", localNetworkAddressPrefixes: [10.5.0.0/24]", "")]), @r"
    error[no-prefixes]: the gateway learns no prefixes behind `gate`: the connection has neither BGP nor `localNetworkAddressPrefixes`
      --> lab.yaml:78:89
       |
    78 |   branch-west: { connectionType: IPsec, gateway: branch-vpngw, device: gate, enableBgp: false }
       |                                                                                         ^^^^^
       |
       = help: add `localNetworkAddressPrefixes: [...]`, the site's prefixes, to this connection

    1 finding in lab.yaml
    ");
}

#[test]
fn a_connection_without_bgp_needs_no_number() {
    accepted(&[
        ("        asn: 65002\n", ""),
        ("        asPathPrepend: { nva-west: 2 }\n", ""),
        (
            "appliance: nva1, device: gate",
            "appliance: nva1, device: gate, enableBgp: false",
        ),
        (
            "primary: { peerAddressPrefix: 172.16.0.8/30, customerEdge: gate }",
            "primary: { peerAddressPrefix: 172.16.0.8/30, customerEdge: core }",
        ),
        (
            "secondary: { peerAddressPrefix: 172.16.0.12/30, customerEdge: gate }",
            "secondary: { peerAddressPrefix: 172.16.0.12/30, customerEdge: core }",
        ),
        ("        export: { east-west: [10.4.0.0/24] }\n", ""),
    ]);
}

#[test]
fn a_local_network_lies_outside_the_gateways_own() {
    insta::assert_snapshot!(refused(&[("localNetworkAddressPrefixes: [10.5.0.0/24]", "localNetworkAddressPrefixes: [10.5.0.0/24, 10.2.0.0/24, 10.2.0.64/26]")]), @r"
    error[shadowed-prefix]: 10.2.0.0/24 is part of 10.2.0.0/24 of virtual network branch, the gateway's own network
      --> lab.yaml:78:139
       |
    78 | ...ableBgp: false, localNetworkAddressPrefixes: [10.5.0.0/24, 10.2.0.0/24, 10.2.0.64/26] }
       |                                                               ^^^^^^^^^^^
       |
       = help: a network's own ranges win over prefixes behind a tunnel; write the site's prefixes, or a shorter one (vpn-gateway-vpn-faq)

    error[shadowed-prefix]: 10.2.0.64/26 is part of 10.2.0.0/24 of virtual network branch, the gateway's own network
      --> lab.yaml:78:152
       |
    78 | ..., localNetworkAddressPrefixes: [10.5.0.0/24, 10.2.0.0/24, 10.2.0.64/26] }
       |                                                              ^^^^^^^^^^^^
       |
       = help: a network's own ranges win over prefixes behind a tunnel; write the site's prefixes, or a shorter one (vpn-gateway-vpn-faq)

    2 findings in lab.yaml
    ");
    accepted(&[(
        "localNetworkAddressPrefixes: [10.5.0.0/24]",
        "localNetworkAddressPrefixes: [10.0.0.0/8]",
    )]);
}

#[test]
fn an_appliance_has_routes_instead_of_a_local_network() {
    insta::assert_snapshot!(refused(&[("appliance: nva1, device: gate", "appliance: nva1, device: gate, localNetworkAddressPrefixes: [10.5.0.0/24]")]), @r"
    error[useless-prefixes]: `nva1` is an appliance, and local network gateways apply to VPN gateways only
      --> lab.yaml:79:99
       |
    79 |   nva-west: { connectionType: IPsec, appliance: nva1, device: gate, localNetworkAddressPrefixes: [10.5.0.0/24] }
       |                                                                                                   ^^^^^^^^^^^
       |
       = help: leave `localNetworkAddressPrefixes` out and add `routes: [{ addressPrefix: 10.5.0.0/24, connection: ... }]` to `nva1`

    1 finding in lab.yaml
    ");
}

#[test]
fn a_device_with_a_link_local_address_needs_a_gateway_with_one() {
    insta::assert_snapshot!(refused(&[("address: 10.4.0.125", "address: 169.254.21.5")]), @r"
    error[apipa]: `edge` speaks BGP from 169.254.21.5, inside the tunnel, where `hub-vpngw` has no address
      --> lab.yaml:77:66
       |
    77 |   hub-east: { connectionType: IPsec, gateway: hub-vpngw, device: edge, transport: er1 }
       |                                                                  ^^^^
       |
       = help: give `hub-vpngw` a `bgpPeeringAddress` from 169.254.21.0 to 169.254.22.255 too (vpn-gateway-bgp-overview)

    1 finding in lab.yaml
    ");
    accepted(&[
        ("address: 10.4.0.125", "address: 169.254.21.5"),
        (
            "privateIPAddresses: [10.0.0.140, 10.0.0.141]",
            "bgpPeeringAddresses: [169.254.21.6, 169.254.21.10]",
        ),
    ]);
}

#[test]
fn a_tunnel_takes_the_microsoft_peering_of_a_circuit_at_its_device() {
    insta::assert_snapshot!(refused(&[("transport: er1", "transport: er9")]), @r"
    error[no-such-name]: there is no circuit `er9`
      --> lab.yaml:77:83
       |
    77 |   hub-east: { connectionType: IPsec, gateway: hub-vpngw, device: edge, transport: er9 }
       |                                                                                   ^^^ did you mean `er1`?

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("transport: er1", "transport: er2")]), @r"
    error[no-microsoft-peering]: no link of circuit `er2` ends at `edge`
      --> lab.yaml:77:83
       |
    77 |   hub-east: { connectionType: IPsec, gateway: hub-vpngw, device: edge, transport: er2 }
       |                                                                                   ^^^
       |
       = help: its links end at gate

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[(", microsoftPeerAddressPrefix: 198.51.100.132/30", "")]), @r"
    error[no-microsoft-peering]: the link of circuit `er1` over 172.16.0.4/30 has no Microsoft peering for the tunnel
      --> lab.yaml:77:83
       |
    77 |   hub-east: { connectionType: IPsec, gateway: hub-vpngw, device: edge, transport: er1 }
       |                                                                                   ^^^
       |
       = help: add `microsoftPeerAddressPrefix`, a /30, to each of the circuit's links that end there (expressroute-circuit-peerings)

    1 finding in lab.yaml
    ");
    accepted(&[
        (", transport: er1", ""),
        (", microsoftPeerAddressPrefix: 198.51.100.132/30", ""),
    ]);
}

/// Sites with one device each, and one connection to the branch's gateway for each site.
fn devices(count: usize) -> [String; 2] {
    let site = |number: usize| {
        format!(
            "  site{number}: {{ asn: {}, routers: {{ device{number}: {{ tunnel: {{ sourceAddress: 192.0.2.{number}, address: 10.7.0.{number} }} }} }} }}\n",
            64600 + number
        )
    };
    let connection = |number: usize| {
        format!(
            "  branch-site{number}: {{ connectionType: IPsec, gateway: branch-vpngw, device: device{number} }}\n"
        )
    };
    let connections: String = (1..=count).map(connection).collect();
    let sites: String = (1..=count).map(site).collect();
    [format!("{connections}sites:\n"), format!("{sites}wan:\n")]
}

#[test]
fn a_gateway_has_as_many_tunnels_as_its_size_allows() {
    let [connections, sites] = devices(29);
    insta::assert_snapshot!(refused(&[("sites:\n", &connections), ("wan:\n", &sites)]), @r"
    error[too-many-tunnels]: `branch-vpngw` is a gateway of size VpnGw1, which has at most 30 tunnels
       --> lab.yaml:108:3
        |
    108 |   branch-site29: { connectionType: IPsec, gateway: branch-vpngw, device: device29 }
        |   ^^^^^^^^^^^^^
        |
        = help: Basic and Standard have 10, VpnGw1 to VpnGw3 and HighPerformance 30, VpnGw4 and VpnGw5 100 (vpn-gateway-about-vpngateways)

    1 finding in lab.yaml
    ");
    accepted(&[
        ("sites:\n", &connections),
        ("wan:\n", &sites),
        ("asn: 65516,", "asn: 65516, sku: VpnGw4AZ,"),
    ]);
}

#[test]
fn the_smallest_gateway_has_ten_tunnels() {
    let basic = |count| {
        let [connections, sites] = devices(count);
        let prefixes = ", localNetworkAddressPrefixes: [10.8.0.0/24] }\n";
        [connections.replace(" }\n", prefixes), sites]
    };
    let size = ("asn: 65516,", "asn: 65516, sku: Basic,");
    let [connections, sites] = basic(9);
    insta::assert_snapshot!(refused(&[("sites:\n", &connections), ("wan:\n", &sites), size]), @r"
    error[too-many-tunnels]: `branch-vpngw` is a gateway of size Basic, which has at most 10 tunnels
      --> lab.yaml:88:3
       |
    88 |   branch-site9: { connectionType: IPsec, gateway: branch-vpngw, device: device9, localNetworkAddressPrefixes: [10.8.0.0/24] }
       |   ^^^^^^^^^^^^
       |
       = help: Basic and Standard have 10, VpnGw1 to VpnGw3 and HighPerformance 30, VpnGw4 and VpnGw5 100 (vpn-gateway-about-vpngateways)

    1 finding in lab.yaml
    ");
    let [connections, sites] = basic(8);
    accepted(&[("sites:\n", &connections), ("wan:\n", &sites), size]);
}

#[test]
fn a_lab_has_so_many_tunnels() {
    let machine = |number: usize| {
        format!(
            "      vm{number}: {{ subnet: default, privateIPAddress: 10.0.0.{number}, ipForwarding: true, asn: 65010, tunnel: {{ sourceAddress: 192.0.2.{number}, address: 10.1.0.{number} }} }}\n"
        )
    };
    let router = |number: usize| {
        format!(
            "      r{number}: {{ tunnel: {{ sourceAddress: 198.51.100.{number}, address: 10.2.0.{number} }} }}\n"
        )
    };
    let connection = |machine: usize, router: usize| {
        format!(
            "  vm{machine}-r{router}: {{ connectionType: IPsec, appliance: vm{machine}, device: r{router} }}\n"
        )
    };
    let machines: String = (4..104).map(machine).collect();
    let routers: String = (4..136).map(router).collect();
    let connections: String = (4..104)
        .flat_map(|machine| (4..136).map(move |router| (machine, router)))
        .map(|(machine, router)| connection(machine, router))
        .collect();
    let text = format!(
        "name: many\nvirtualNetworks:\n  hub:\n    location: region1\n    addressPrefixes: [10.0.0.0/24]\n    subnets: {{ default: {{ addressPrefix: 10.0.0.0/24 }} }}\n    virtualMachines:\n{machines}connections:\n{connections}sites:\n  site:\n    asn: 65001\n    routers:\n{routers}"
    );
    insta::assert_snapshot!(findings_in(&text), @r"
    error[too-many-tunnels]: a lab has at most 13000 tunnels
         --> lab.yaml:13109:3
          |
    13109 |   vm102-r68: { connectionType: IPsec, appliance: vm102, device: r68 }
          |   ^^^^^^^^^

    1 finding in lab.yaml
    ");
}

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

#[test]
fn two_connections_of_one_pair_need_different_ends() {
    let to_device = |more: &str| format!("{{ gateway: one, device: ce{more} }}");
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
    let gateways = |more: &str| format!("{{ connectionType: IPsec, gateways: [one, two]{more} }}");
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
    let gateways = |more: &str| format!("{{ connectionType: IPsec, gateways: [one, two]{more} }}");
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
