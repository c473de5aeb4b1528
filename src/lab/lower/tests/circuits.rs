//! Circuits: connections to gateways, and to each other by Global Reach.

use crate::lab::lower::tests::{built, links, sessions};
use crate::topology::Topology;

/// Two circuits between one site and one network, with the given connections.
fn with_connections(connections: &str) -> Topology {
    built(&format!(
        "name: lab
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.0.0.0/24]
    subnets:
      GatewaySubnet: {{ addressPrefix: 10.0.0.0/26 }}
virtualNetworkGateways:
  er: {{ virtualNetwork: hub, gatewayType: ExpressRoute, sku: ErGw3Az }}
expressRouteCircuits:
  er1:
    bandwidthInMbps: 50
    primary: {{ peerAddressPrefix: 172.16.0.0/30, customerEdge: edge1 }}
    secondary: {{ peerAddressPrefix: 172.16.0.4/30, customerEdge: edge1 }}
  er2:
    bandwidthInMbps: 50
    primary: {{ peerAddressPrefix: 172.16.1.0/30, customerEdge: edge2 }}
    secondary: {{ peerAddressPrefix: 172.16.1.4/30, customerEdge: edge2 }}
connections:
{connections}
sites:
  site1: {{ asn: 65001, routers: {{ edge1: {{}} }} }}
  site2: {{ asn: 65002, routers: {{ edge2: {{}} }} }}
"
    ))
}

fn starting_with(text: &str, start: &str) -> String {
    let lines: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with(start))
        .collect();
    lines.join("\n")
}

#[test]
fn a_connection_needs_both_of_its_links_and_may_pass_the_gateway() {
    let topology = with_connections(
        "  er1-hub: { connectionType: ExpressRoute, gateway: er, circuit: er1, endpoints: [10.0.0.4, 10.0.0.5], routingWeight: 10, expressRouteGatewayBypass: true }",
    );
    let all = sessions(&topology);
    let (_, connection) = all.split_once("er1-hub").unwrap();
    insta::assert_snapshot!(connection, @r"
     GatewayConnection at 10.0.0.4 past the gateway on er1-hub-primary-in over er1-hub-primary-out lost in 60s
      er@er1-msee1 source 10.0.0.4 next hop 169.254.217.208
      er1-msee1@er source 169.254.201.7 next hop 169.254.201.7 weight 10
    er1-hub the same with er-in1
    er1-hub GatewayConnection at 10.0.0.5 past the gateway on er1-hub-secondary-in over er1-hub-secondary-out lost in 60s
      er@er1-msee2 source 10.0.0.5 next hop 169.254.226.224
      er1-msee2@er source 169.254.210.23 next hop 169.254.210.23 weight 10
    er1-hub the same with er-in1
    ");
}

#[test]
fn global_reach_joins_the_msees_of_each_leg() {
    let topology = with_connections(
        "  reach: { connectionType: GlobalReach, circuits: [er1, er2], addressPrefix: 172.16.9.0/29, rtt: 30ms }",
    );
    insta::assert_snapshot!(starting_with(&links(&topology), "reach"), @r"
    reach-primary: er2-msee1@er1-msee1 172.16.9.1/32 -- er1-msee1@er2-msee1 172.16.9.2/32
    reach-secondary: er2-msee2@er1-msee2 172.16.9.5/32 -- er1-msee2@er2-msee2 172.16.9.6/32
    ");
    let all = sessions(&topology);
    let (_, reach) = all.split_once("reach").unwrap();
    insta::assert_snapshot!(reach, @r"
     GlobalReach on reach-primary lost in 900ms
      er2-msee1@er1-msee1 source 172.16.9.1 next hop 172.16.9.1
      er1-msee1@er2-msee1 source 172.16.9.2 next hop 172.16.9.2
    reach GlobalReach on reach-secondary lost in 900ms
      er2-msee2@er1-msee2 source 172.16.9.5 next hop 172.16.9.5
      er1-msee2@er2-msee2 source 172.16.9.6 next hop 172.16.9.6
    ");
    let links = topology.links.iter();
    let mut delays = links
        .filter(|link| link.name.starts_with("reach"))
        .flat_map(|link| link.directions)
        .map(|way| way.delay);
    assert!(delays.all(|delay| delay.as_millis() == 15));
}
