//! Tunnels over a circuit's Microsoft peering.

use crate::lab::lower::tests::{built, interface, lines, links, nodes, sessions};
use crate::topology::{InternetPath, Topology, UnderlayRoute};

/// A gateway, a device at the primary link of a circuit with Microsoft peering, and the given connections.
fn with_connections(connections: &str) -> Topology {
    with_circuit(["customerEdge: edge", "customerEdge: other"], connections)
}

fn with_circuit([primary, secondary]: [&str; 2], connections: &str) -> Topology {
    let er = if connections.contains("gateway: er,") {
        "  er: { virtualNetwork: hub, gatewayType: ExpressRoute, privateIPAddress: 10.0.0.12 }"
    } else {
        ""
    };
    built(&format!(
        "name: lab
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.0.0.0/24]
    subnets:
      default: {{ addressPrefix: 10.0.0.64/26 }}
      GatewaySubnet: {{ addressPrefix: 10.0.0.0/26 }}
    virtualMachines:
      appliance:
        subnet: default
        privateIPAddress: 10.0.0.68
        ipForwarding: true
        asn: 65003
        tunnel: {{ sourceAddress: 203.0.113.3, address: 10.255.0.1 }}
virtualNetworkGateways:
  vpn: {{ virtualNetwork: hub, gatewayType: Vpn, publicIPAddress: 203.0.113.1 }}
{er}
expressRouteCircuits:
  er1:
    bandwidthInMbps: 50
    primary: {{ peerAddressPrefix: 172.16.0.0/30, {primary}, microsoftPeerAddressPrefix: 198.51.100.0/30 }}
    secondary: {{ peerAddressPrefix: 172.16.0.4/30, {secondary}, microsoftPeerAddressPrefix: 198.51.100.4/30 }}
connections:
{connections}
sites:
  site:
    asn: 65001
    routers:
      edge:
        tunnel: {{ sourceAddress: 198.51.100.100, address: 192.168.9.1 }}
      other: {{}}
"
    ))
}

fn underlay(topology: &Topology) -> String {
    let route = |route: &UnderlayRoute| {
        format!(
            "to {} by {} via {} source {}",
            route.to,
            interface(topology, route.interface),
            route.via,
            route.source
        )
    };
    lines(topology.underlay.iter().map(route))
}

#[test]
fn a_circuit_carries_a_tunnel_to_a_gateways_public_address() {
    let topology = with_connections(
        "  vpn-edge: { connectionType: IPsec, gateway: vpn, device: edge, transport: er1, rtt: 4ms }",
    );
    insta::assert_snapshot!(nodes(&topology), @r"
    azure: Azure fabric - AS -
    appliance: virtual appliance 10.0.0.68 AS 65003
    internet: internet - AS -
    vpn: VPN gateway 10.0.0.4 AS 65515 lo 10.0.0.62
    edge: router 192.168.9.1 AS 65001 lo 198.51.100.100
    other: router - AS 65001
    er1-msee1: MSEE 172.16.0.2 AS 12076
    er1-msee2: MSEE 172.16.0.6 AS 12076
    ");
    insta::assert_snapshot!(links(&topology), @"
    appliance: eth0@appliance 10.0.0.68/26 -- appliance@azure
    internet-appliance: pub0@appliance 203.0.113.3/32 -- appliance@internet 169.254.240.183/32
    vpn: eth0@vpn 10.0.0.4/26 -- vpn@azure
    internet-vpn: pub0@vpn 203.0.113.1/32 -- vpn@internet 169.254.205.150/32
    er1-primary: edge@er1-msee1 172.16.0.2/32 198.51.100.2/32 -- er1-msee1@edge 172.16.0.1/30 198.51.100.1/32
    internet-er1-msee1: pub0@er1-msee1 169.254.242.83/32 -- er1-msee1@internet 169.254.205.3/32
    er1-secondary: other@er1-msee2 172.16.0.6/32 198.51.100.6/32 -- er1-msee2@other 172.16.0.5/30 198.51.100.5/32
    internet-er1-msee2: pub0@er1-msee2 169.254.225.138/32 -- er1-msee2@internet 169.254.221.116/32
    vpn-edge: vpn-edge@vpn 169.254.246.5/32 -- vpn-edge@edge 192.168.9.1/32 over 203.0.113.1 198.51.100.100 port 63039 inner ttl - -
    internet-vpn-edge: vpn-edge-a@internet -- vpn-edge-b@internet
    ");
    insta::assert_snapshot!(underlay(&topology), @"
    to 203.0.113.1 by er1-msee1@edge 172.16.0.1/30 198.51.100.1/32 via 198.51.100.2 source 198.51.100.100
    to 198.51.100.100 by edge@er1-msee1 172.16.0.2/32 198.51.100.2/32 via 198.51.100.1 source 198.51.100.2
    to 203.0.113.1 by pub0@er1-msee1 169.254.242.83/32 via 169.254.205.3 source 198.51.100.2
    to 198.51.100.100 by er1-msee1@internet 169.254.205.3/32 via 169.254.242.83 source 169.254.205.3
    ");
    let path = |path: &InternetPath| {
        let [a, b] = path.access.map(|access| interface(&topology, access));
        format!("{} between {a} and {b}", topology.link(path.link).name)
    };
    insta::assert_snapshot!(lines(topology.internet_paths.iter().map(path)), @"internet-vpn-edge between vpn@internet 169.254.205.150/32 and er1-msee1@internet 169.254.205.3/32");
    insta::assert_snapshot!(sessions(&topology), @"
    er1 PrivatePeering on er1-primary lost in 900ms
      edge@er1-msee1 source 172.16.0.2 next hop 172.16.0.2
      er1-msee1@edge source 172.16.0.1 next hop 172.16.0.1
    er1 PrivatePeering on er1-secondary lost in 900ms
      other@er1-msee2 source 172.16.0.6 next hop 172.16.0.6
      er1-msee2@other source 172.16.0.5 next hop 172.16.0.5
    vpn-edge Tunnel on vpn-edge over er1-primary internet-vpn internet-er1-msee1 internet-vpn-edge lost in 180s
      vpn-edge@vpn source 169.254.246.5 peer 192.168.9.1
      vpn-edge@edge source 192.168.9.1 peer 10.0.0.62
    ");
}

#[test]
fn a_device_with_a_tunnel_over_the_internet_too_stays_on_it() {
    let topology = with_connections(
        "  vpn-edge: { connectionType: IPsec, gateway: vpn, device: edge, transport: er1 }
  appliance-edge: { connectionType: IPsec, appliance: appliance, device: edge }",
    );
    let edge = topology.node(topology.find("edge").unwrap());
    assert!(edge.loopback.is_empty());
    assert!(links(&topology).contains("internet-edge: pub0@edge 198.51.100.100/32"));
}

/// Two tunnels need only one route for their common path.
#[test]
fn two_tunnels_of_a_device_share_the_way_to_it() {
    let topology = with_connections(
        "  vpn-edge: { connectionType: IPsec, gateway: vpn, device: edge, transport: er1 }
  appliance-edge: { connectionType: IPsec, appliance: appliance, device: edge, transport: er1 }",
    );
    insta::assert_snapshot!(underlay(&topology), @"
    to 203.0.113.1 by er1-msee1@edge 172.16.0.1/30 198.51.100.1/32 via 198.51.100.2 source 198.51.100.100
    to 198.51.100.100 by edge@er1-msee1 172.16.0.2/32 198.51.100.2/32 via 198.51.100.1 source 198.51.100.2
    to 203.0.113.1 by pub0@er1-msee1 169.254.242.83/32 via 169.254.205.3 source 198.51.100.2
    to 198.51.100.100 by er1-msee1@internet 169.254.205.3/32 via 169.254.242.83 source 169.254.205.3
    to 203.0.113.3 by er1-msee1@edge 172.16.0.1/30 198.51.100.1/32 via 198.51.100.2 source 198.51.100.100
    to 203.0.113.3 by pub0@er1-msee1 169.254.242.83/32 via 169.254.205.3 source 198.51.100.2
    ");
}

/// If two links lead to one device, a tunnel uses the primary one, unless it is disabled.
#[test]
fn a_tunnel_takes_the_first_link_that_is_enabled() {
    let carrier = |primary: &str| {
        let tunnel =
            "  vpn-edge: { connectionType: IPsec, gateway: vpn, device: edge, transport: er1 }";
        let topology = with_circuit([primary, "customerEdge: edge"], tunnel);
        let session = topology.sessions.last().unwrap();
        topology.link(session.carriers[1]).name.clone()
    };
    assert_eq!(carrier("customerEdge: edge"), "er1-primary");
    assert_eq!(
        carrier("customerEdge: edge, enabled: false"),
        "er1-secondary"
    );
}

#[test]
fn private_peering_carries_a_tunnel_to_a_gateways_private_address() {
    let topology = with_connections(
        "  vpn-edge: { connectionType: IPsec, gateway: vpn, device: edge, transport: er1, useLocalAzureIpAddress: true }
  er1-hub: { connectionType: ExpressRoute, gateway: er, circuit: er1, endpoints: [10.0.0.20, 10.0.0.21], rtt: 4ms }",
    );
    insta::assert_snapshot!(underlay(&topology), @r"
    to 10.0.0.4 by er1-msee1@edge 172.16.0.1/30 198.51.100.1/32 via 172.16.0.2 source 198.51.100.100
    to 198.51.100.100 by edge@er1-msee1 172.16.0.2/32 198.51.100.2/32 via 172.16.0.1 source 172.16.0.2
    to 198.51.100.100 by eth0@vpn 10.0.0.4/26 via 10.0.0.20 source 10.0.0.4
    to 198.51.100.100 by er1-msee1@er 169.254.201.7/32 via 169.254.217.208 source 169.254.201.7
    ");
    insta::assert_snapshot!(nodes(&topology), @r"
    azure: Azure fabric - AS -
    appliance: virtual appliance 10.0.0.68 AS 65003
    internet: internet - AS -
    vpn: VPN gateway 10.0.0.4 AS 65515 lo 10.0.0.62
    er: ExpressRoute gateway 10.0.0.12 AS 65515
    edge: router 192.168.9.1 AS 65001 lo 198.51.100.100
    other: router - AS 65001
    er1-msee1: MSEE 172.16.0.2 AS 12076
    er1-msee2: MSEE 172.16.0.6 AS 12076
    ");
    insta::assert_snapshot!(sessions(&topology), @r"
    er1 PrivatePeering on er1-primary lost in 900ms
      edge@er1-msee1 source 172.16.0.2 next hop 172.16.0.2
      er1-msee1@edge source 172.16.0.1 next hop 172.16.0.1
    er1 PrivatePeering on er1-secondary lost in 900ms
      other@er1-msee2 source 172.16.0.6 next hop 172.16.0.6
      er1-msee2@other source 172.16.0.5 next hop 172.16.0.5
    er1-hub GatewayConnection at 10.0.0.20 on er1-hub-primary-in over er1-hub-primary-out lost in 60s
      er@er1-msee1 source 10.0.0.20 next hop 169.254.217.208
      er1-msee1@er source 169.254.201.7 next hop 169.254.201.7
    er1-hub the same with er-in1
    er1-hub GatewayConnection at 10.0.0.21 on er1-hub-secondary-in over er1-hub-secondary-out lost in 60s
      er@er1-msee2 source 10.0.0.21 next hop 169.254.226.224
      er1-msee2@er source 169.254.210.23 next hop 169.254.210.23
    er1-hub the same with er-in1
    vpn-edge Tunnel on vpn-edge over er1-primary er1-hub-primary-in er1-hub-primary-out vpn er lost in 180s
      vpn-edge@vpn source 169.254.246.5 peer 192.168.9.1
      vpn-edge@edge source 192.168.9.1 peer 10.0.0.62
    hub Coexistence over vpn er lost in 180s
      eth0@vpn source 10.0.0.4 next hop 10.0.0.4
      eth0@er source 10.0.0.12 next hop 10.0.0.12
    hub the same with er-in1
    ");
}
