//! Rules for VPN gateways of size `Basic`.

use crate::lab::rules::tests::wide::{accepted, refused};

/// The branch's gateway with that size.
const BASIC: (&str, &str) = ("asn: 65516,", "asn: 65516, sku: Basic,");

/// Connections without `enableBgp` do not use BGP there.
#[test]
fn a_basic_gateway_has_static_connections() {
    accepted(&[BASIC]);
    accepted(&[
        BASIC,
        (
            "gateways: [hub-vpngw, branch-vpngw] }",
            "gateways: [hub-vpngw, branch-vpngw], enableBgp: false }",
        ),
        ("enableBgp: false, localNetwork", "localNetwork"),
    ]);
    insta::assert_snapshot!(refused(&[BASIC, (", enableBgp: false, localNetworkAddressPrefixes: [10.5.0.0/24]", "")]), @r"
    error[no-prefixes]: the gateway learns no prefixes behind `gate`: the connection has neither BGP nor `localNetworkAddressPrefixes`
      --> lab.yaml:78:3
       |
    78 |   branch-west: { connectionType: IPsec, gateway: branch-vpngw, device: gate }
       |   ^^^^^^^^^^^
       |
       = help: add `localNetworkAddressPrefixes: [...]`, the site's prefixes, to this connection

    1 finding in lab.yaml
    ");
}

#[test]
fn a_basic_gateway_has_no_bgp() {
    insta::assert_snapshot!(refused(&[BASIC, ("gateways: [hub-vpngw, branch-vpngw] }", "gateways: [hub-vpngw, branch-vpngw], enableBgp: true }"), ("device: gate, enableBgp: false", "device: gate, enableBgp: true")]), @r"
    error[basic-gateway]: `branch-vpngw` is a gateway of size Basic, which has no BGP
      --> lab.yaml:76:92
       |
    76 |   hub-branch: { connectionType: Vnet2Vnet, gateways: [hub-vpngw, branch-vpngw], enableBgp: true }
       |                                                                                            ^^^^
       |
       = help: leave `enableBgp` out, or give `branch-vpngw` `sku: VpnGw1AZ` or a larger one (about-gateway-skus)

    error[basic-gateway]: `branch-vpngw` is a gateway of size Basic, which has no BGP
      --> lab.yaml:78:89
       |
    78 |   branch-west: { connectionType: IPsec, gateway: branch-vpngw, device: gate, enableBgp: true, localNetworkAddressPrefixes: [10.5.0.0...
       |                                                                                         ^^^^
       |
       = help: leave `enableBgp` out, or give `branch-vpngw` `sku: VpnGw1AZ` or a larger one (about-gateway-skus)

    2 findings in lab.yaml
    ");
    accepted(&[
        (
            "gateways: [hub-vpngw, branch-vpngw] }",
            "gateways: [hub-vpngw, branch-vpngw], enableBgp: true }",
        ),
        (
            "device: gate, enableBgp: false",
            "device: gate, enableBgp: true",
        ),
    ]);
}

#[test]
fn a_basic_gateway_has_one_instance() {
    let active_active = |sku: &str| {
        format!("sku: {sku}, activeActive: true, publicIPAddresses: [203.0.113.3, 203.0.113.4] }}")
    };
    let one = "publicIPAddress: 203.0.113.3, bgpPeeringAddress: 169.254.21.2 }";
    insta::assert_snapshot!(refused(&[(one, &active_active("Basic"))]), @r"
    error[basic-gateway]: `branch-vpngw` is a gateway of size Basic, which has a single instance
      --> lab.yaml:61:78
       |
    61 |   branch-vpngw: { virtualNetwork: branch, gatewayType: Vpn, asn: 65516, sku: Basic, activeActive: true, publicIPAddresses: [203.0.11...
       |                                                                              ^^^^^
       |
       = help: leave `activeActive` out, or give `branch-vpngw` `sku: VpnGw1AZ` or a larger one (about-gateway-skus)

    1 finding in lab.yaml
    ");
    accepted(&[(one, &active_active("VpnGw1AZ"))]);
}

#[test]
fn a_basic_gateway_stands_alone() {
    let with_circuits = |sku: &str| {
        format!(
            "sku: {sku}, publicIPAddress: 203.0.113.3 }}\n  branch-ergw: {{ virtualNetwork: branch, gatewayType: ExpressRoute }}"
        )
    };
    let alone = "publicIPAddress: 203.0.113.3, bgpPeeringAddress: 169.254.21.2 }";
    let plain = (", routeTable: tunnelled", "");
    insta::assert_snapshot!(refused(&[(alone, &with_circuits("Basic")), plain]), @r"
    error[basic-gateway]: `branch-vpngw` is a gateway of size Basic, which cannot share a network with the ExpressRoute gateway `branch-ergw`
      --> lab.yaml:61:78
       |
    61 |   branch-vpngw: { virtualNetwork: branch, gatewayType: Vpn, asn: 65516, sku: Basic, publicIPAddress: 203.0.113.3 }
       |                                                                              ^^^^^
       |
       = help: give `branch-vpngw` `sku: VpnGw1AZ` or a larger one (about-gateway-skus)

    1 finding in lab.yaml
    ");
    accepted(&[(alone, &with_circuits("VpnGw1AZ")), plain]);
}
