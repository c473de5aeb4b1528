//! Paths to sites, over tunnels and circuits.

use insta::assert_snapshot;

use super::lab;

const OFFICE: &str = "name: office
virtualNetworks: { hub: { virtualMachines: [hub-vm] } }
virtualNetworkGateways: { hub-vpngw: hub }
connections:
  hub-office: { gateway: hub-vpngw, device: ce }
sites:
  office: { routers: [ce], hosts: [pc] }
";

#[test]
fn a_connection_without_bgp_knows_the_sites_prefix() {
    let text = OFFICE.replace(
        "device: ce }",
        "device: ce, enableBgp: false, localNetworkAddressPrefixes: [192.168.9.0/24] }",
    );
    let routed = text.replace(
        "routers: [ce], hosts: [pc]",
        "routers: { ce: { address: 192.168.1.1/24, routes: [{ addressPrefix: 10.0.0.0/16, connection: hub-office }] } }, hosts: { pc: 192.168.1.10/24 }",
    );
    assert_snapshot!(lab(&routed).cures("hub-vm", "pc"), @r"
    add 192.168.1.0/24, which is behind the device, to the connection hub-office (2 hops)
    Replace connections.hub-office (line 5 to 5)
      hub-office:
        gateway: hub-vpngw
        device: ce
        enableBgp: false
        localNetworkAddressPrefixes: [192.168.9.0/24, 192.168.1.0/24]
    ");
    assert_snapshot!(lab(&text).cures("hub-vm", "pc"), @r"
    turn on BGP in the connection hub-office (2 hops)
    Replace connections.hub-office (line 5 to 5)
      hub-office:
        gateway: hub-vpngw
        device: ce
        enableBgp: true
        localNetworkAddressPrefixes: [192.168.9.0/24]
    ");
}

/// The cures of a filter of the office's router, without the lines of the file around it.
fn cured(filter: &str) -> String {
    let routers = format!("routers: {{ ce: {{ {filter} }} }}");
    let cures = lab(&OFFICE.replace("routers: [ce]", &routers)).cures("hub-vm", "pc");
    let (_, rest) = cures.split_once("ce:\n").unwrap();
    let (filter, _) = rest.split_once("hosts").unwrap();
    filter.trim().to_owned()
}

#[test]
fn filters_with_entries_let_the_route_pass_before_them() {
    assert_snapshot!(cured("export: { hub-office: [{ deny: 192.168.0.0/16, le: 32 }, 0.0.0.0/0] }"), @r"
    routers:
          ce:
            export:
              hub-office:
                - 192.168.1.0/24
                - { deny: 192.168.0.0/16, le: 32 }
                - 0.0.0.0/0
    ");
    assert_snapshot!(cured("export: { ce/hub-vpngw: [{ deny: 192.168.0.0/16, le: 32 }] }"), @r"
    routers:
          ce:
            export:
              ce/hub-vpngw:
                - 192.168.1.0/24
                - { deny: 192.168.0.0/16, le: 32 }
                - 0.0.0.0/0
    ");
}

#[test]
fn filters_let_the_route_pass() {
    let text = OFFICE.replace(
        "routers: [ce]",
        "routers: { ce: { export: { hub-office: [] } } }",
    );
    assert_snapshot!(lab(&text).cures("hub-vm", "pc"), @r"
    let 192.168.1.0/24 pass the export filter of ce for hub-office (2 hops)
    Replace sites.office (line 7 to 7)
      office:
        routers:
          ce:
            export: { hub-office: [192.168.1.0/24] }
        hosts: [pc]
    ");
    let text = OFFICE.replace(
        "routers: [ce]",
        "routers: { ce: { import: { hub-office: [10.9.0.0/16] } } }",
    );
    assert_snapshot!(lab(&text).cures("hub-vm", "pc"), @r"
    let 10.0.0.0/16 pass the import filter of ce for hub-office (2 hops)
    Replace sites.office (line 7 to 7)
      office:
        routers:
          ce:
            import: { hub-office: [10.9.0.0/16, 10.0.0.0/16] }
        hosts: [pc]
    ");
}

#[test]
fn a_site_advertises_its_lan() {
    let text = OFFICE.replace("hosts: [pc]", "hosts: [pc], advertise: [192.168.9.0/24]");
    assert_snapshot!(lab(&text).cures("hub-vm", "pc"), @r"
    advertise 192.168.1.0/24 from the site office (2 hops)
    Replace sites.office (line 7 to 7)
      office: { routers: [ce], hosts: [pc], advertise: [192.168.9.0/24, 192.168.1.0/24] }
    ");
}

#[test]
fn a_missing_connection_is_added() {
    let text = OFFICE.replace(
        "connections:\n  hub-office: { gateway: hub-vpngw, device: ce }\n",
        "",
    );
    assert_snapshot!(lab(&text).cures("hub-vm", "pc"), @r"
    connect hub-vpngw to ce (2 hops)
    Add  (line 5)
    connections:
      hub-vpngw-ce: { gateway: hub-vpngw, device: ce }
    ");
}

const CIRCUITS: &str = "name: circuits
virtualNetworks:
  a: { virtualMachines: [a-vm] }
  b: { virtualMachines: [b-vm] }
virtualNetworkGateways:
  a-ergw: { virtualNetwork: a, gatewayType: ExpressRoute }
  b-ergw: { virtualNetwork: b, gatewayType: ExpressRoute }
expressRouteCircuits:
  er1: { bandwidthInMbps: 50, primary: ce1, secondary: ce1 }
  er2: { bandwidthInMbps: 50, primary: ce2, secondary: ce2 }
connections:
  er1-a: { gateway: a-ergw, circuit: er1 }
  er1-b: { gateway: b-ergw, circuit: er1 }
sites:
  one: { routers: [ce1], hosts: [pc1] }
  two: { routers: [ce2], hosts: [pc2] }
";

#[test]
fn sites_are_joined_by_global_reach() {
    assert_snapshot!(lab(CIRCUITS).cures("pc1", "pc2"), @r"
    join the circuits er1 and er2 by Global Reach (5 hops)
    Add connections (line 13)
      er1-er2: { circuits: [er1, er2] }
    ");
}

#[test]
fn a_missing_connection_to_a_circuit_is_added() {
    assert_snapshot!(lab(CIRCUITS).cures("a-vm", "pc2"), @r"
    connect a-ergw to the circuit er2 (3 hops)
    Add connections (line 13)
      a-ergw-er2: { gateway: a-ergw, circuit: er2 }
    ");
}

#[test]
fn networks_on_one_circuit_reach_each_other() {
    assert_snapshot!(lab(CIRCUITS).cures("a-vm", "b-vm"), @r"
    set `allowRemoteVnetTraffic` on a-ergw and b-ergw (3 hops)
    Replace virtualNetworkGateways.b-ergw (line 7 to 7)
      b-ergw: { virtualNetwork: b, gatewayType: ExpressRoute, allowRemoteVnetTraffic: true }
    Replace virtualNetworkGateways.a-ergw (line 6 to 6)
      a-ergw: { virtualNetwork: a, gatewayType: ExpressRoute, allowRemoteVnetTraffic: true }
    ");
}

#[test]
fn links_of_a_circuit_are_turned_on() {
    let off = "{ customerEdge: ce1, enabled: false }";
    let text = CIRCUITS.replace(
        "primary: ce1, secondary: ce1",
        &format!("primary: {off}, secondary: {off}"),
    );
    assert_snapshot!(lab(&text).cures("a-vm", "pc1"), @r"
    turn on the primary link of the circuit er1 (3 hops)
    Replace expressRouteCircuits.er1 (line 9 to 9)
      er1:
        bandwidthInMbps: 50
        primary: { customerEdge: ce1, enabled: true }
        secondary: { customerEdge: ce1, enabled: false }
    ");
}

#[test]
fn gateways_of_two_networks_are_connected() {
    let text = "name: two\nvirtualNetworks: { a: { virtualMachines: [a-vm] }, b: { virtualMachines: [b-vm] } }\nvirtualNetworkGateways: { a-vpngw: a, b-vpngw: b }\n";
    assert_snapshot!(lab(text).cures("a-vm", "b-vm"), @r"
    peer a with b (1 hops)
    Add  (line 3)
    peerings:
      - { virtualNetwork: a, remoteVirtualNetwork: b }

    connect a-vpngw to b-vpngw (1 hops)
    Add  (line 3)
    connections:
      a-vpngw-b-vpngw: { gateways: [a-vpngw, b-vpngw], enableBgp: false }
    ");
}

#[test]
fn a_router_propagates_what_it_learned() {
    let text = "name: chain\nsites:\n  one: { asn: 65001, routers: [r1], hosts: [pc1] }\n  two: { asn: 65002, routers: [r2] }\n  three: { asn: 65003, routers: [r3], hosts: [pc3] }\nwan: { w1: [r1, r2], w2: [r2, r3] }\n";
    assert_snapshot!(lab(text).cures("pc1", "pc3"), @r"
    let r2 propagate what it learned, with `transit` (4 hops)
    Replace sites.two (line 4 to 4)
      two:
        asn: 65002
        routers:
          r2: { transit: true }
    ");
}

#[test]
fn a_spoke_uses_a_gateway_that_is_connected_too() {
    let text = "name: dc
virtualNetworks:
  hub: { virtualMachines: [vh] }
  a: { virtualMachines: [va], peerings: [hub] }
virtualNetworkGateways: { g: hub }
sites:
  dc: { routers: [ce], hosts: [pc] }
";
    assert_snapshot!(lab(text).cures("va", "pc"), @r"
    let a use the gateways of hub, and connect g to ce (2 hops)
    Add  (line 7)
    connections:
      g-ce: { gateway: g, device: ce }
    Replace virtualNetworks.a (line 4 to 4)
      a:
        virtualMachines: [va]
        peerings:
          - { remoteVirtualNetwork: hub, useRemoteGateways: true }
    Replace virtualNetworks.hub (line 3 to 3)
      hub:
        virtualMachines: [vh]
        peerings:
          - { remoteVirtualNetwork: a, allowGatewayTransit: true }
    ");
}

#[test]
fn a_device_without_bgp_gets_a_static_route_over_its_tunnel() {
    let text = OFFICE
        .replace(
            "device: ce }",
            "device: ce, enableBgp: false, localNetworkAddressPrefixes: [192.168.1.0/24] }",
        )
        .replace(
            "routers: [ce], hosts: [pc]",
            "routers: { ce: 192.168.1.1/24 }, hosts: { pc: 192.168.1.10/24 }",
        );
    assert_snapshot!(lab(&text).cures("hub-vm", "pc"), @r"
    add a static route to 10.0.0.0/16 over hub-office on ce (2 hops)
    Replace sites.office (line 7 to 7)
      office:
        routers:
          ce:
            address: 192.168.1.1/24
            routes:
              - { addressPrefix: 10.0.0.0/16, connection: hub-office }
        hosts: { pc: 192.168.1.10/24 }
    ");
    let elsewhere = text.replace(
        "ce: 192.168.1.1/24",
        "ce: { address: 192.168.1.1/24, routes: [{ addressPrefix: 10.9.0.0/16, connection: hub-office }] }",
    );
    assert_snapshot!(lab(&elsewhere).cures("pc", "hub-vm"), @r"
    add a static route to 10.0.0.0/16 over hub-office on ce (2 hops)
    Replace sites.office (line 7 to 7)
      office:
        routers:
          ce:
            address: 192.168.1.1/24
            routes:
              - { addressPrefix: 10.9.0.0/16, connection: hub-office }
              - { addressPrefix: 10.0.0.0/16, connection: hub-office }
        hosts: { pc: 192.168.1.10/24 }
    ");
}

#[test]
fn a_router_gets_a_static_route_to_its_neighbor() {
    let text = "\
name: inside
sites:
  one:
    igp: false
    routers:
      r1: { address: 192.168.8.1/24, routes: [{ addressPrefix: 192.168.9.0/24, nextHopIpAddress: 172.16.0.1 }] }
      r2: { address: 192.168.9.1/24 }
    hosts: { pc1: 192.168.8.10/24, pc2: 192.168.9.10/24 }
    links: [{ a: r1, b: r2, addresses: [172.16.0.0/31, 172.16.0.1/31] }]
";
    assert_snapshot!(lab(text).cures("pc1", "pc2"), @r"
    add a static route to 192.168.8.0/24 over 172.16.0.0 on r2 (3 hops)
    Replace sites.one.routers.r2 (line 7 to 7)
          r2:
            address: 192.168.9.1/24
            routes:
              - { addressPrefix: 192.168.8.0/24, nextHopIpAddress: 172.16.0.0 }
    ");
}

#[test]
fn a_hub_gets_an_express_route_gateway_that_its_spoke_uses() {
    let text = "\
name: circuit
virtualNetworks:
  hub: { virtualMachines: [hub-vm] }
  spoke: { virtualMachines: [spoke-vm], peerings: [hub] }
  spoke2: { peerings: [hub] }
expressRouteCircuits:
  er: { bandwidthInMbps: 50, primary: ce, secondary: ce }
sites:
  dc: { routers: [ce], hosts: [pc] }
";
    assert_snapshot!(lab(text).cures("spoke-vm", "pc"), @r"
    connect hub to the circuit er by a new gateway, and let spoke use it (3 hops)
    Add  (line 9)
    virtualNetworkGateways:
      hub-ergw: { virtualNetwork: hub, gatewayType: ExpressRoute }
    connections:
      hub-ergw-er: { gateway: hub-ergw, circuit: er }
    Replace virtualNetworks.spoke (line 4 to 4)
      spoke:
        virtualMachines: [spoke-vm]
        peerings:
          - { remoteVirtualNetwork: hub, useRemoteGateways: true }
    Replace virtualNetworks.hub (line 3 to 3)
      hub:
        virtualMachines: [hub-vm]
        peerings:
          - { remoteVirtualNetwork: spoke, allowGatewayTransit: true }
    ");
    assert_snapshot!(lab(text).cures("pc", "hub-vm"), @r"
    connect hub to the circuit er by a new gateway (4 hops)
    Add  (line 9)
    virtualNetworkGateways:
      hub-ergw: { virtualNetwork: hub, gatewayType: ExpressRoute }
    connections:
      hub-ergw-er: { gateway: hub-ergw, circuit: er }
    ");
    let unused = format!(
        "{text}virtualNetworkGateways: {{ g: {{ virtualNetwork: hub, gatewayType: ExpressRoute }} }}\n"
    );
    assert_snapshot!(lab(&unused).cures("spoke-vm", "pc"), @r"
    let spoke use the gateways of hub, and connect g to er (3 hops)
    Add  (line 10)
    connections:
      g-er: { gateway: g, circuit: er }
    Replace virtualNetworks.spoke (line 4 to 4)
      spoke:
        virtualMachines: [spoke-vm]
        peerings:
          - { remoteVirtualNetwork: hub, useRemoteGateways: true }
    Replace virtualNetworks.hub (line 3 to 3)
      hub:
        virtualMachines: [hub-vm]
        peerings:
          - { remoteVirtualNetwork: spoke, allowGatewayTransit: true }
    ");
}
