//! Rules for the sizes of gateways and of their subnet.

use crate::lab::rules::check;
use crate::lab::rules::tests::{findings_in, warnings_in};
use crate::lab::{parse, read};

/// A network with a `GatewaySubnet` of that prefix length and these gateways.
fn subnet_for(length: u8, gateways: &[&str]) -> String {
    let keys = gateways.iter().zip(1..);
    let gateways = keys
        .map(|(gateway, number)| format!("  g{number}: {{ virtualNetwork: net, {gateway} }}\n"));
    format!(
        "name: sized\nvirtualNetworks:\n  net:\n    location: region1\n    addressPrefixes: [10.65.0.0/24]\n    \
         subnets: {{ GatewaySubnet: {{ addressPrefix: 10.65.0.0/{length} }} }}\nvirtualNetworkGateways:\n{}",
        gateways.collect::<String>()
    )
}

const VPN: &str = "gatewayType: Vpn, publicIPAddress: 203.0.113.1";
const BASIC: &str = "gatewayType: Vpn, sku: Basic, publicIPAddress: 203.0.113.1";
const SMALL: &str = "gatewayType: ExpressRoute";
const ULTRA: &str = "gatewayType: ExpressRoute, sku: UltraPerformance";
const SCALED: &str = "gatewayType: ExpressRoute, sku: ErGwScale";
const LARGE: &str = "gatewayType: ExpressRoute, sku: ErGw3AZ";

#[test]
fn a_gateway_subnet_is_large_enough_for_its_gateways() {
    let just_large_enough: [(u8, &[&str]); 7] = [
        (26, &[SCALED]),
        (27, &[VPN, SMALL]),
        (27, &[VPN]),
        (29, &[BASIC]),
        (28, &[SMALL]),
        (27, &[ULTRA]),
        (27, &[LARGE]),
    ];
    for (length, gateways) in just_large_enough {
        let spec = parse(&subnet_for(length, gateways)).unwrap();
        assert_eq!(check(&spec), [], "{length} {gateways:?}");
    }
}

#[test]
fn a_gateway_subnet_that_is_too_small_is_refused() {
    let too_small: [(u8, &[&str]); 5] = [
        (28, &[VPN, SMALL]),
        (28, &[VPN]),
        (30, &[BASIC]),
        (28, &[ULTRA]),
        (28, &[LARGE]),
    ];
    let found = too_small.map(|(length, gateways)| {
        let text = findings_in(&subnet_for(length, gateways));
        let lines = text
            .lines()
            .filter(|line| line.starts_with("error") || line.contains("help:"));
        lines.collect::<Vec<_>>().join("\n")
    });
    insta::assert_snapshot!(found.join("\n"), @r"
    error[gateway-subnet-size]: the GatewaySubnet 10.65.0.0/28 of `net` is too small: Azure requires a /27 or larger for a VPN gateway beside an ExpressRoute gateway
      = help: make it a /27 or larger (expressroute-howto-coexist-resource-manager)
    error[gateway-subnet-size]: the GatewaySubnet 10.65.0.0/28 of `net` is too small: Azure requires a /27 or larger for a VPN gateway of size VpnGw1AZ
      = help: make it a /27 or larger (vpn-gateway-about-vpn-gateway-settings)
    error[gateway-subnet-size]: the GatewaySubnet 10.65.0.0/30 of `net` is too small: Azure requires a /29 or larger for a VPN gateway of size Basic
      = help: make it a /29 or larger (vpn-gateway-about-vpn-gateway-settings)
    error[no-room]: 10.65.0.0/30 has no address left for gateway `g1`
      = help: make the GatewaySubnet a /27 or larger
    error[gateway-subnet-size]: the GatewaySubnet 10.65.0.0/28 of `net` is too small: Azure requires a /27 or larger for an ExpressRoute gateway of size UltraPerformance
      = help: make it a /27 or larger (expressroute-about-virtual-network-gateways)
    error[gateway-subnet-size]: the GatewaySubnet 10.65.0.0/28 of `net` is too small: Azure requires a /27 or larger for an ExpressRoute gateway of size ErGw3AZ
      = help: make it a /27 or larger (expressroute-about-virtual-network-gateways)
    ");
}

#[test]
fn a_gateway_that_scales_wants_a_larger_subnet() {
    insta::assert_snapshot!(warnings_in(&subnet_for(27, &[SCALED])), @r"
    warning[gateway-subnet-size]: the GatewaySubnet 10.65.0.0/27 of `net` is too small: Azure requires a /26 or larger for an ExpressRoute gateway of size ErGwScale
     --> lab.yaml:6:48
      |
    6 |     subnets: { GatewaySubnet: { addressPrefix: 10.65.0.0/27 } }
      |                                                ^^^^^^^^^^^^
      |
      = help: make it a /26 or larger (expressroute-about-virtual-network-gateways)
    ");
}

#[test]
fn sizes_that_azure_retired_are_not_suggested() {
    let gateways = [
        "gatewayType: Vpn, sku: VpnGw9",
        "gatewayType: Vpn, sku: large",
        "gatewayType: ExpressRoute, sku: ErGw9Az",
    ];
    let found = gateways.map(|keys| {
        let found = read(&subnet_for(27, &[keys])).findings;
        let help = found.into_iter().filter_map(|finding| finding.help);
        help.collect::<Vec<_>>().join("; ")
    });
    insta::assert_snapshot!(found.join("\n"), @r"
    did you mean `VpnGw1AZ`?
    known here: `Basic`, `VpnGw1AZ`, `VpnGw2AZ`, `VpnGw3AZ`, `VpnGw4AZ`, `VpnGw5AZ`
    did you mean `ErGw1Az`?
    ");
}

#[test]
fn sizes_that_azure_retired_are_accepted_with_a_warning() {
    let retired = ["VpnGw1", "VpnGw5", "Standard", "HighPerformance"];
    let found = retired.map(|size| {
        let gateway = format!("gatewayType: Vpn, sku: {size}, publicIPAddress: 203.0.113.1");
        warnings_in(&subnet_for(27, &[&gateway]))
    });
    insta::assert_snapshot!(found.join("\n"), @"
    warning[retired-size]: `g1` is a VPN gateway of size VpnGw1, which Azure retired on 2026-09-30 (gateway-sku-consolidation)
     --> lab.yaml:8:53
      |
    8 |   g1: { virtualNetwork: net, gatewayType: Vpn, sku: VpnGw1, publicIPAddress: 203.0.113.1 }
      |                                                     ^^^^^^
      |
      = help: write `sku: VpnGw1AZ` or a larger one

    warning[retired-size]: `g1` is a VPN gateway of size VpnGw5, which Azure retired on 2026-09-30 (gateway-sku-consolidation)
     --> lab.yaml:8:53
      |
    8 |   g1: { virtualNetwork: net, gatewayType: Vpn, sku: VpnGw5, publicIPAddress: 203.0.113.1 }
      |                                                     ^^^^^^
      |
      = help: write `sku: VpnGw5AZ` or a larger one

    warning[retired-size]: `g1` is a VPN gateway of size Standard, which Azure retired on 2026-03-31 (vpn-gateway-about-skus-legacy)
     --> lab.yaml:8:53
      |
    8 |   g1: { virtualNetwork: net, gatewayType: Vpn, sku: Standard, publicIPAddress: 203.0.113.1 }
      |                                                     ^^^^^^^^
      |
      = help: write `sku: VpnGw1AZ` or a larger one

    warning[retired-size]: `g1` is a VPN gateway of size HighPerformance, which Azure retired on 2026-03-31 (vpn-gateway-about-skus-legacy)
     --> lab.yaml:8:53
      |
    8 |   g1: { virtualNetwork: net, gatewayType: Vpn, sku: HighPerformance, publicIPAddress: 203.0.113.1 }
      |                                                     ^^^^^^^^^^^^^^^
      |
      = help: write `sku: VpnGw1AZ` or a larger one
    ");
}

#[test]
fn sizes_of_today_have_no_warning() {
    let sold = [
        "VpnGw1AZ", "VpnGw2AZ", "VpnGw3AZ", "VpnGw4AZ", "VpnGw5AZ", "Basic",
    ];
    for size in sold {
        let gateway = format!("gatewayType: Vpn, sku: {size}, publicIPAddress: 203.0.113.1");
        let spec = parse(&subnet_for(27, &[&gateway])).unwrap();
        assert_eq!(check(&spec), [], "{size}");
    }
}
