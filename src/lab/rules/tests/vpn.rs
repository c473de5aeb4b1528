//! Rules for site-to-site VPNs.

use crate::lab::rules::tests::findings_in;
use crate::lab::rules::tests::wide::{accepted, refused};

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
