//! Rules for route tables and their subnets.

use crate::lab::rules::tests::wide::{accepted, refused};

#[test]
fn a_subnet_names_a_route_table_that_exists() {
    insta::assert_snapshot!(refused(&[("default: { addressPrefix: 10.2.0.0/25, routeTable: tunnelled", "default: { addressPrefix: 10.2.0.0/25, routeTable: tunneled")]), @r"
    error[no-such-name]: there is no route table `tunneled`
      --> lab.yaml:32:58
       |
    32 |       default: { addressPrefix: 10.2.0.0/25, routeTable: tunneled }
       |                                                          ^^^^^^^^ did you mean `tunnelled`?

    1 finding in lab.yaml
    ");
}

#[test]
fn a_table_that_no_subnet_names_is_fine() {
    accepted(&[(
        "addressPrefix: 10.2.0.0/25, routeTable: tunnelled",
        "addressPrefix: 10.2.0.0/25",
    )]);
}

#[test]
fn a_table_has_one_route_to_a_prefix() {
    insta::assert_snapshot!(refused(&[("branch: { addressPrefix: 10.2.0.0/24", "branch: { addressPrefix: 0.0.0.0/0")]), @r"
    error[route-twice]: route `all` already has the prefix 0.0.0.0/0
      --> lab.yaml:43:32
       |
    43 |       branch: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.68 }
       |                                ^^^^^^^^^
       |
      ::: lab.yaml:42:29
       |
    42 |       all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }
       |                             --------- the first one
       |
       = help: a route table has at most one route to each prefix

    1 finding in lab.yaml
    ");
    accepted(&[(
        "branch: { addressPrefix: 10.2.0.0/24",
        "branch: { addressPrefix: 0.0.0.0/1",
    )]);
}

#[test]
fn a_gateway_subnet_with_a_vpn_gateway_keeps_its_default_route() {
    insta::assert_snapshot!(refused(&[("spoke: { addressPrefix: 10.1.0.0/24, nextHop", "spoke: { addressPrefix: 0.0.0.0/0, nextHop")]), @r"
    error[gateway-default-route]: `hub-vpngw` would stop working: route `spoke` of this table redirects 0.0.0.0/0 in the GatewaySubnet of `hub`
     --> lab.yaml:9:66
      |
    9 |       GatewaySubnet: { addressPrefix: 10.0.0.128/26, routeTable: inbound }
      |                                                                  ^^^^^^^
      |
      = help: give the GatewaySubnet a table of its own, with routes to the prefixes that an appliance inspects (virtual-networks-udr-overview)

    1 finding in lab.yaml
    ");
    accepted(&[
        (
            "GatewaySubnet: { addressPrefix: 10.3.0.128/25 }",
            "GatewaySubnet: { addressPrefix: 10.3.0.128/25, routeTable: none }",
        ),
        (
            "  unused: {",
            "  none: { routes: { all: { addressPrefix: 0.0.0.0/0, nextHopType: None } } }\n  unused: {",
        ),
    ]);
}

#[test]
fn a_gateway_subnet_hears_what_its_gateways_learned() {
    insta::assert_snapshot!(refused(&[("GatewaySubnet: { addressPrefix: 10.3.0.128/25 }", "GatewaySubnet: { addressPrefix: 10.3.0.128/25, routeTable: unused }")]), @r"
    error[gateway-propagation]: the gateways of `far` would stop working: this table disables the propagation of their learned routes to their GatewaySubnet
      --> lab.yaml:38:116
       |
    38 |     subnets: { default: { addressPrefix: 10.3.0.0/25 }, GatewaySubnet: { addressPrefix: 10.3.0.128/25, routeTable: unused } }
       |                                                                                                                    ^^^^^^
       |
       = help: leave `disableBgpRoutePropagation` out of a table of the GatewaySubnet (virtual-networks-udr-overview)

    1 finding in lab.yaml
    ");
    accepted(&[(
        "addressPrefix: 10.3.0.0/25 }",
        "addressPrefix: 10.3.0.0/25, routeTable: unused }",
    )]);
}

#[test]
fn a_table_holds_four_hundred_routes() {
    let routes = |count: usize| {
        let route = |index: usize| {
            let (high, low) = (index / 256, index % 256);
            format!(
                "      r{index}: {{ addressPrefix: 192.{high}.{low}.0/24, nextHopType: None }}\n"
            )
        };
        let routes: String = (0..count).map(route).collect();
        format!("  long:\n    routes:\n{routes}  unused: {{")
    };
    insta::assert_snapshot!(refused(&[("  unused: {", &routes(401))]), @r"
    error[too-many-routes]: route table `long` may have at most 400 routes and has 401
       --> lab.yaml:452:7
        |
    452 |       r400: { addressPrefix: 192.1.144.0/24, nextHopType: None }
        |       ^^^^
        |
        = help: summarize adjacent prefixes into shorter ones (azure-subscription-service-limits)

    1 finding in lab.yaml
    ");
    accepted(&[("  unused: {", &routes(400))]);
}
