//! Routing domains, and the owner of an address as seen from a node.

use crate::lab::lower::tests::{built, lines, node_name};
use crate::topology::{NodeId, Topology};

/// Two networks with the same range, and machines with the same address. One site is connected to the first network,
/// another site to nothing.
const APART: &str = "name: apart
virtualNetworks:
  red:
    location: region1
    addressPrefixes: [10.40.0.0/16]
    subnets:
      default: { addressPrefix: 10.40.0.0/24 }
      GatewaySubnet: { addressPrefix: 10.40.255.0/27 }
    virtualMachines:
      red-vm: { subnet: default, privateIPAddress: 10.40.0.4 }
      red-db: { subnet: default, privateIPAddress: 10.40.0.5 }
  blue:
    location: region1
    addressPrefixes: [10.40.0.0/16]
    subnets:
      default: { addressPrefix: 10.40.0.0/24 }
      GatewaySubnet: { addressPrefix: 10.40.255.0/27 }
    virtualMachines: { blue-vm: { subnet: default, privateIPAddress: 10.40.0.4 } }
virtualNetworkGateways:
  red-gw: { virtualNetwork: red, gatewayType: Vpn, publicIPAddress: 203.0.113.1 }
  blue-gw: { virtualNetwork: blue, gatewayType: Vpn, publicIPAddress: 203.0.113.2 }
connections:
  red-shop: { connectionType: IPsec, gateway: red-gw, device: till }
sites:
  shop:
    asn: 65010
    routers: { till: { address: 10.50.0.1/24, tunnel: { sourceAddress: 198.51.100.1, address: 10.50.1.1 } } }
    hosts: { pc: { address: 10.50.0.4/24, gateway: 10.50.0.1 } }
  barn:
    routers: { gate: { address: 10.50.0.1/24 } }
    hosts: { cow: { address: 10.50.0.9/24, gateway: 10.50.0.1 } }
";

fn node(topology: &Topology, name: &str) -> NodeId {
    topology.find(name).unwrap()
}

#[test]
fn a_node_is_in_the_domain_of_what_joins_it() {
    let topology = built(APART);
    let nodes = (0..topology.nodes.len()).map(NodeId);
    let domains = nodes.map(|node| {
        let domain = topology.domain_of(node);
        format!("{} {:?}", node_name(&topology, node), domain.map(|id| id.0))
    });
    insta::assert_snapshot!(lines(domains), @r"
    azure None
    red-vm Some(1)
    red-db Some(1)
    blue-vm Some(0)
    red-gw Some(1)
    internet None
    blue-gw Some(0)
    till Some(1)
    pc Some(1)
    gate Some(2)
    cow Some(2)
    ");
}

#[test]
fn gateways_of_networks_apart_may_take_the_same_free_address() {
    let topology = built(APART);
    let address = |name| topology.node(node(&topology, name)).address;
    assert_eq!(address("red-gw"), address("blue-gw"));
}

#[test]
fn an_address_is_that_of_the_nearest() {
    let topology = built(APART);
    let owner = |from: &str, address: &str| {
        let owner = topology.owner(node(&topology, from), address.parse().unwrap());
        owner.map(|owner| node_name(&topology, owner))
    };
    assert_eq!(owner("red-db", "10.40.0.4"), Some("red-vm"));
    assert_eq!(owner("pc", "10.40.0.4"), Some("red-vm"));
    assert_eq!(owner("blue-vm", "10.40.0.4"), Some("blue-vm"));
    assert_eq!(owner("pc", "10.50.0.1"), Some("till"));
    assert_eq!(owner("cow", "10.50.0.1"), Some("gate"));
    // In an unconnected part of the lab, an address has an owner only if a single node has it.
    assert_eq!(owner("blue-vm", "10.40.0.5"), Some("red-db"));
    assert_eq!(owner("cow", "10.40.0.4"), None);
    assert_eq!(owner("cow", "10.99.0.1"), None);
}

#[test]
fn a_machine_is_taken_for_another_where_its_address_is_that_ones() {
    let topology = built(APART);
    let taken = |from: &str, to: &str| {
        let other = topology.taken_for(node(&topology, from), node(&topology, to));
        other.map(|other| node_name(&topology, other))
    };
    assert_eq!(taken("red-db", "blue-vm"), Some("red-vm"));
    assert_eq!(taken("red-vm", "blue-vm"), Some("red-vm"));
    assert_eq!(taken("red-db", "red-vm"), None);
    assert_eq!(taken("cow", "blue-vm"), None);
    assert_eq!(taken("blue-vm", "red-db"), None);
}
