//! Mistakes in gateways and in ASNs.

use super::*;

#[test]
#[expect(clippy::too_many_lines, reason = "a snapshot of all that people see")]
fn a_gateway_has_addresses_for_its_number_of_instances() {
    let text = "\
name: a
virtualNetworkGateways:
  two: { virtualNetwork: v, gatewayType: Vpn, activeActive: true,
         privateIPAddress: 10.1.0.4, bgpPeeringAddress: 10.1.0.5, publicIPAddress: 52.0.0.4 }
  three: { virtualNetwork: v, gatewayType: Vpn, activeActive: true, publicIPAddresses: [52.0.0.4, 52.0.0.5, 52.0.0.6] }
  one: { virtualNetwork: v, gatewayType: Vpn,
         privateIPAddresses: [10.1.0.4, 10.1.0.5], publicIPAddresses: [52.0.0.4, 52.0.0.5] }
  bare: { virtualNetwork: v, gatewayType: Vpn, activeActive: true }
  unclear: { virtualNetwork: v, gatewayType: Vpn, activeActive: both, publicIPAddress: 52.0.0 }
";
    insta::assert_snapshot!(refused(text), @r"
    error[unknown-key]: `privateIPAddress` is not a key of an active-active VPN gateway
     --> lab.yaml:4:10
      |
    4 |          privateIPAddress: 10.1.0.4, bgpPeeringAddress: 10.1.0.5, publicIPAddress: 52.0.0.4 }
      |          ^^^^^^^^^^^^^^^^
      |
      = help: write `privateIPAddresses` and a list of two, one for each instance

    error[unknown-key]: `bgpPeeringAddress` is not a key of an active-active VPN gateway
     --> lab.yaml:4:38
      |
    4 |          privateIPAddress: 10.1.0.4, bgpPeeringAddress: 10.1.0.5, publicIPAddress: 52.0.0.4 }
      |                                      ^^^^^^^^^^^^^^^^^
      |
      = help: write `bgpPeeringAddresses` and a list of two, one for each instance

    error[unknown-key]: `publicIPAddress` is not a key of an active-active VPN gateway
     --> lab.yaml:4:67
      |
    4 |          privateIPAddress: 10.1.0.4, bgpPeeringAddress: 10.1.0.5, publicIPAddress: 52.0.0.4 }
      |                                                                   ^^^^^^^^^^^^^^^
      |
      = help: write `publicIPAddresses` and a list of two, one for each instance

    error[wrong-value]: expected a list of two addresses, found a list of 3
     --> lab.yaml:5:88
      |
    5 |   three: { virtualNetwork: v, gatewayType: Vpn, activeActive: true, publicIPAddresses: [52.0.0.4, 52.0.0.5, 52.0.0.6] }
      |                                                                                        ^

    error[unknown-key]: `privateIPAddresses` is not a key of a VPN gateway with one instance
     --> lab.yaml:7:10
      |
    7 |          privateIPAddresses: [10.1.0.4, 10.1.0.5], publicIPAddresses: [52.0.0.4, 52.0.0.5] }
      |          ^^^^^^^^^^^^^^^^^^
      |
      = help: write `privateIPAddress` and one address, or add `activeActive: true`

    error[unknown-key]: `publicIPAddresses` is not a key of a VPN gateway with one instance
     --> lab.yaml:7:52
      |
    7 |          privateIPAddresses: [10.1.0.4, 10.1.0.5], publicIPAddresses: [52.0.0.4, 52.0.0.5] }
      |                                                    ^^^^^^^^^^^^^^^^^
      |
      = help: write `publicIPAddress` and one address, or add `activeActive: true`

    error[wrong-type]: expected true or false, found text
     --> lab.yaml:9:65
      |
    9 |   unclear: { virtualNetwork: v, gatewayType: Vpn, activeActive: both, publicIPAddress: 52.0.0 }
      |                                                                 ^^^^

    error[wrong-value]: `52.0.0` is not an IPv4 address
     --> lab.yaml:9:88
      |
    9 |   unclear: { virtualNetwork: v, gatewayType: Vpn, activeActive: both, publicIPAddress: 52.0.0 }
      |                                                                                        ^^^^^^

    8 findings in lab.yaml
    ");
}

#[test]
fn a_gateways_values_are_those_that_azure_takes() {
    let text = "\
name: a
virtualNetworkGateways:
  vpn: { virtualNetwork: v, gatewayType: Vpn, sku: ErGw1Az, asn: 64500,
         bgpPeeringAddress: 169.254.1.1, publicIPAddress: 52.0.0.4, allowRemoteVnetTraffic: true }
  er: { virtualNetwork: v, gatewayType: ExpressRoute, sku: VpnGw1, activeActive: true }
";
    insta::assert_snapshot!(refused(text), @r"
    error[unknown-value]: `ErGw1Az` is not known here
     --> lab.yaml:3:52
      |
    3 |   vpn: { virtualNetwork: v, gatewayType: Vpn, sku: ErGw1Az, asn: 64500,
      |                                                    ^^^^^^^
      |
      = help: did you mean `VpnGw1AZ`?

    error[reserved-asn]: AS number 64500 is reserved by IANA
     --> lab.yaml:3:66
      |
    3 |   vpn: { virtualNetwork: v, gatewayType: Vpn, sku: ErGw1Az, asn: 64500,
      |                                                                  ^^^^^
      |
      = help: use a private one, 64512 to 65516 or 65521 to 65534 (vpn-gateway-bgp-overview)

    error[wrong-value]: 169.254.1.1 is not a link-local address that Azure accepts for BGP
     --> lab.yaml:4:29
      |
    4 |          bgpPeeringAddress: 169.254.1.1, publicIPAddress: 52.0.0.4, allowRemoteVnetTraffic: true }
      |                             ^^^^^^^^^^^
      |
      = help: use one from 169.254.21.0 to 169.254.22.255 (vpn-gateway-bgp-overview)

    error[unknown-key]: `allowRemoteVnetTraffic` is not a key of a VPN gateway with one instance
     --> lab.yaml:4:69
      |
    4 |          bgpPeeringAddress: 169.254.1.1, publicIPAddress: 52.0.0.4, allowRemoteVnetTraffic: true }
      |                                                                     ^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: known keys: `virtualNetwork`, `gatewayType`, `sku`, `vpnGatewayGeneration`, `asn`, `vpnClientAddressPool`, `gatewayDefaultSite`, `activeActive`, `privateIPAddress`, `bgpPeeringAddress`, `publicIPAddress`

    error[unknown-value]: `VpnGw1` is not known here
     --> lab.yaml:5:60
      |
    5 |   er: { virtualNetwork: v, gatewayType: ExpressRoute, sku: VpnGw1, activeActive: true }
      |                                                            ^^^^^^
      |
      = help: known here: `Standard`, `ErGw1Az`, `HighPerformance`, `ErGw2Az`, `UltraPerformance`, `ErGw3Az`, `ErGw1AZ`, `ErGw2AZ`, `ErGw3AZ`, `ErGwScale`

    error[unknown-key]: `activeActive` is not a key of an ExpressRoute gateway
     --> lab.yaml:5:68
      |
    5 |   er: { virtualNetwork: v, gatewayType: ExpressRoute, sku: VpnGw1, activeActive: true }
      |                                                                    ^^^^^^^^^^^^
      |
      = help: known keys: `virtualNetwork`, `gatewayType`, `sku`, `autoScaleConfiguration`, `privateIPAddress`, `allowRemoteVnetTraffic`

    6 findings in lab.yaml
    ");
}

#[test]
fn reserved_as_numbers_are_refused() {
    let numbers = [
        8073,
        8074,
        8075,
        12076,
        23456,
        64495,
        64496,
        64511,
        64512,
        65514,
        65515,
        65516,
        65517,
        65520,
        65521,
        65534,
        65535,
        65551,
        65552,
        429_496_729,
        4_294_967_294,
        4_294_967_295_u32,
    ];
    let taken = |text: fn(u32) -> String| {
        let taken = numbers
            .iter()
            .filter(|number| parse(&text(**number)).is_ok());
        taken.map(u32::to_string).collect::<Vec<_>>().join(" ")
    };
    let gateways = taken(|number| {
        format!(
            "name: a\nvirtualNetworkGateways: {{ g: {{ virtualNetwork: v, gatewayType: Vpn, asn: {number}, publicIPAddress: 52.0.0.4 }} }}\n"
        )
    });
    let sites = taken(|number| format!("name: a\nsites: {{ s: {{ asn: {number} }} }}\n"));
    let routers = taken(|number| {
        format!("name: a\nsites: {{ s: {{ routers: {{ r: {{ asn: {number} }} }} }} }}\n")
    });
    insta::assert_snapshot!(gateways, @r"8073 64495 64512 65514 65515 65516 65521 65534 65552 4294967294");
    insta::assert_snapshot!(sites, @r"8073 64495 64512 65514 65521 65534 65552 4294967294");
    assert_eq!(sites, routers);
    insta::assert_snapshot!(refused("name: a\nsites:\n  s: { asn: 65515 }\n  t: { asn: 65535 }\n"), @r"
    error[reserved-asn]: AS number 65515 is reserved by Azure
     --> lab.yaml:3:13
      |
    3 |   s: { asn: 65515 }
      |             ^^^^^
      |
      = help: use a private one, 64512 to 65514 or 65521 to 65534 (expressroute-routing, vpn-gateway-bgp-overview)

    error[reserved-asn]: AS number 65535 is reserved by IANA
     --> lab.yaml:4:13
      |
    4 |   t: { asn: 65535 }
      |             ^^^^^
      |
      = help: use a private one, 64512 to 65514 or 65521 to 65534 (expressroute-routing, vpn-gateway-bgp-overview)

    2 findings in lab.yaml
    ");
}

#[test]
fn the_bounds_of_a_gateways_scale_are_those_that_azure_takes() {
    let bounded = |sku: &str, scale: &str| {
        format!(
            "  g: {{ virtualNetwork: v, gatewayType: ExpressRoute{sku}, autoScaleConfiguration: {scale} }}\n"
        )
    };
    let found = [
        (", sku: ErGwScale", "{ bounds: { min: 0, max: 4 } }"),
        (", sku: ErGwScale", "{ bounds: { min: 2, max: 41 } }"),
        (", sku: ErGwScale", "{ bounds: { min: 4, max: 2 } }"),
        (", sku: ErGwScale", "{ bounds: { min: 1, max: 4 } }"),
        (", sku: ErGwScale", "{ bounds: { max: 4 } }"),
        (", sku: ErGwScale", "{}"),
        (", sku: ErGw1Az", "{ bounds: { min: 2, max: 4 } }"),
        ("", "{ bounds: { min: 2, max: 4 } }"),
    ]
    .map(|(sku, scale)| {
        let text = format!("name: a\nvirtualNetworkGateways:\n{}", bounded(sku, scale));
        findings(&text).join("\n")
    });
    insta::assert_snapshot!(found.join("\n"), @r"
    3:111 wrong-value: expected a number of scale units, from 1 to 40, found 0
    3:119 wrong-value: expected a number of scale units, from 1 to 40, found 41
    3:104 wrong-scale: a gateway cannot have from 4 to 2 scale units
    3:104 wrong-scale: a gateway that changes its scale has at least two units
    3:104 missing-key: the bounds of a gateway's scale needs `min`
    3:94 missing-key: a gateway's scale needs `bounds`
    3:102 no-scale: a gateway of size ErGw1Az has no scale units
    3:88 no-scale: a gateway of size ErGw1Az has no scale units
    ");
}
