//! Section 23: private endpoints and service endpoints.

use super::Solved;

/// An endpoint in a network with the given policy, and machines there and in a peered network. The machines' subnets
/// have a route table with these routes, as in a lab file.
fn with_endpoint(policy: &str, routes: &str) -> Solved {
    Solved::of(&format!(
        "\
name: endpoints
virtualNetworks:
  home:
    location: region1
    addressPrefixes: [10.41.0.0/24]
    subnets:
      links: {{ addressPrefix: 10.41.0.0/27, privateEndpointNetworkPolicies: {policy} }}
      clients: {{ addressPrefix: 10.41.0.128/26, routeTable: rt }}
      open: {{ addressPrefix: 10.41.0.192/26, serviceEndpoints: {{ Microsoft.Storage: [20.60.0.0/16, 20.150.0.0/17] }} }}
    virtualMachines:
      client: {{ subnet: clients }}
      nva: {{ subnet: open, privateIPAddress: 10.41.0.200, ipForwarding: true }}
    privateEndpoints:
      sql: {{ subnet: links, port: 1433 }}
    peerings: [spoke]
  spoke:
    location: region1
    addressPrefixes: [10.42.0.0/24]
    virtualMachines: [spoke-vm]
    peerings: [far]
  far:
    location: region1
    addressPrefixes: [10.43.0.0/24]
    virtualMachines: [far-vm]
routeTables:
  rt: {{ routes: {{ {routes} }} }}
"
    ))
}

fn via_nva(prefix: &str) -> String {
    format!(
        "r: {{ addressPrefix: {prefix}, nextHopType: VirtualAppliance, nextHopIpAddress: 10.41.0.200 }}"
    )
}

#[test]
fn rule_23_1_the_network_and_its_direct_peers_have_a_route_to_an_endpoint() {
    let lab = with_endpoint("Disabled", "");
    let row = |node| lab.effective_to(node, "10.41.0.4/32");
    insta::assert_snapshot!(row("client"), @"Default Active 10.41.0.4/32 InterfaceEndpoint");
    insta::assert_snapshot!(row("nva"), @"Default Active 10.41.0.4/32 InterfaceEndpoint");
    insta::assert_snapshot!(row("spoke-vm"), @"Default Active 10.41.0.4/32 InterfaceEndpoint");
    insta::assert_snapshot!(row("far-vm"), @"nothing");
    insta::assert_snapshot!(row("sql"), @"nothing");
}

/// Whether the client's route to the endpoint is active, under a user-defined route to an appliance.
fn state(policy: &str, prefix: &str) -> &'static str {
    let lab = with_endpoint(policy, &via_nva(prefix));
    let row = lab.effective_to("client", "10.41.0.4/32");
    let spoke = lab.effective_to("spoke-vm", "10.41.0.4/32");
    assert!(spoke.starts_with("Default Active"), "no route table there");
    if row.contains("Default Invalid") {
        "Invalid"
    } else {
        assert!(row.contains("Default Active"), "{row}");
        "Active"
    }
}

#[test]
fn rule_23_3_the_policy_decides_whether_a_user_route_replaces_the_endpoints() {
    let prefixes = ["10.41.0.0/24", "10.41.0.0/25", "10.41.0.0/16", "0.0.0.0/0"];
    let all = |policy| prefixes.map(|prefix| state(policy, prefix));
    for policy in ["Enabled", "RouteTableEnabled"] {
        assert_eq!(
            all(policy),
            ["Invalid", "Invalid", "Active", "Active"],
            "{policy}"
        );
    }
    for policy in ["Disabled", "NetworkSecurityGroupEnabled"] {
        assert_eq!(all(policy), ["Active"; 4], "{policy}");
    }
    let beside = with_endpoint("Enabled", &via_nva("10.41.0.128/25"));
    insta::assert_snapshot!(beside.effective_to("client", "10.41.0.4/32"), @"Default Active 10.41.0.4/32 InterfaceEndpoint");
}

#[test]
fn rule_23_3_packets_take_the_user_route_in_place_of_the_endpoints() {
    let lab = with_endpoint("Enabled", &via_nva("10.41.0.0/24"));
    insta::assert_snapshot!(lab.taken_to("client", "10.41.0.4"), @"User Active 10.41.0.0/24 VirtualAppliance 10.41.0.200");
    let lab = with_endpoint("Disabled", &via_nva("10.41.0.0/24"));
    insta::assert_snapshot!(lab.taken_to("client", "10.41.0.4"), @"Default Active 10.41.0.4/32 InterfaceEndpoint");
}

#[test]
fn rule_2_2_a_user_route_of_exactly_the_endpoint_wins_with_any_policy() {
    for policy in ["Disabled", "Enabled"] {
        assert_eq!(state(policy, "10.41.0.4/32"), "Invalid", "{policy}");
    }
}

#[test]
fn rule_23_8_only_the_enabling_subnet_has_routes_to_a_service() {
    let lab = with_endpoint("Disabled", "");
    insta::assert_snapshot!(lab.effective("nva"), @r"
    Default Active 0.0.0.0/0 Internet
    Default Active 10.41.0.0/24 VnetLocal
    Default Active 10.41.0.4/32 InterfaceEndpoint
    Default Active 10.42.0.0/24 VNetPeering
    Default Active 20.60.0.0/16 VirtualNetworkServiceEndpoint
    Default Active 20.150.0.0/17 VirtualNetworkServiceEndpoint
    ");
    insta::assert_snapshot!(lab.effective_to("client", "20.60.0.0/16"), @"nothing");
}

#[test]
fn rule_23_2_gateways_and_devices_know_the_network_only_and_the_gateway_has_the_route() {
    let lab = Solved::of(
        "\
name: endpoints
virtualNetworks:
  hub:
    addressPrefixes: [10.41.0.0/24]
    subnets: { links: 10.41.0.0/26, GatewaySubnet: 10.41.0.128/26 }
    privateEndpoints: { sql: { subnet: links, port: 1433 } }
    virtualMachines: { hub-vm: { subnet: links, privateIPAddress: 10.41.0.10 } }
virtualNetworkGateways: { hub-vpn: { virtualNetwork: hub }, hub-er: { virtualNetwork: hub, gatewayType: ExpressRoute } }
expressRouteCircuits: { er1: { bandwidthInMbps: 50, primary: edge1, secondary: edge2 } }
connections:
  east: { gateway: hub-vpn, device: edge1 }
  er: { gateway: hub-er, circuit: er1 }
sites:
  east:
    routers: [lan, edge1, edge2]
    hosts: [pc]
    links: [[edge1, lan], [edge2, lan]]
",
    );
    for (speaker, neighbour) in [
        ("hub-vpn", "edge1"),
        ("hub-er", "er1-msee1"),
        ("er1-msee1", "edge1"),
    ] {
        let told = lab.advertised(speaker, neighbour);
        assert!(
            told.contains("10.41.0.0/24") && !told.contains("/32 "),
            "{speaker}: {told}"
        );
    }
    insta::assert_snapshot!(lab.path("pc", "sql"), @"pc lan edge1 er1-msee1 hub-er sql: Delivered");
    insta::assert_snapshot!(lab.known("hub-vpn", "10.41.0.4/32"), @"10.41.0.4/32 > eth0: InterfaceEndpoint");
}
