//! What gateways and MSEEs advertise to each other, tested with packets: every path is the one that the routes predict.

use std::net::Ipv4Addr;

use crate::capture::{Capture, Header, ICMP};
use crate::lab::{Lab, Turn};
use crate::program::lab;
use crate::traceroute::ping;

/// `one` and `two` are peered and also joined by a tunnel; `far` has a tunnel only to `two`, `static` one to it without
/// BGP, and the site one with BGP.
const TUNNELS: &str = "\
name: tunnels
virtualNetworks:
  one:
    location: region1
    addressPrefixes: [10.71.0.0/24]
    subnets: { default: { addressPrefix: 10.71.0.0/26 }, GatewaySubnet: { addressPrefix: 10.71.0.192/26 } }
    virtualMachines: { one-vm: { subnet: default, privateIPAddress: 10.71.0.4 } }
    peerings: [{ remoteVirtualNetwork: two, allowForwardedTraffic: true }]
  two:
    location: region1
    addressPrefixes: [10.72.0.0/24]
    subnets: { default: { addressPrefix: 10.72.0.0/26 }, GatewaySubnet: { addressPrefix: 10.72.0.192/26 } }
    virtualMachines: { two-vm: { subnet: default, privateIPAddress: 10.72.0.4 } }
    peerings: [{ remoteVirtualNetwork: one, allowForwardedTraffic: true }]
  far:
    location: region2
    addressPrefixes: [10.73.0.0/24]
    subnets: { default: { addressPrefix: 10.73.0.0/26 }, GatewaySubnet: { addressPrefix: 10.73.0.192/26 } }
    virtualMachines: { far-vm: { subnet: default, privateIPAddress: 10.73.0.4 } }
  static:
    location: region2
    addressPrefixes: [10.74.0.0/24]
    subnets: { default: { addressPrefix: 10.74.0.0/26 }, GatewaySubnet: { addressPrefix: 10.74.0.192/26 } }
    virtualMachines: { static-vm: { subnet: default, privateIPAddress: 10.74.0.4 } }
virtualNetworkGateways:
  one-gw: { virtualNetwork: one, gatewayType: Vpn, sku: VpnGw1AZ, asn: 65010, publicIPAddress: 198.51.100.1 }
  two-gw: { virtualNetwork: two, gatewayType: Vpn, sku: VpnGw1AZ, asn: 65020, publicIPAddress: 198.51.100.2 }
  far-gw: { virtualNetwork: far, gatewayType: Vpn, sku: VpnGw1AZ, asn: 65030, publicIPAddress: 198.51.100.3 }
  static-gw: { virtualNetwork: static, gatewayType: Vpn, sku: VpnGw1AZ, asn: 65040, publicIPAddress: 198.51.100.4 }
connections:
  one-two: { connectionType: Vnet2Vnet, gateways: [one-gw, two-gw] }
  far-two: { connectionType: Vnet2Vnet, gateways: [far-gw, two-gw] }
  static-two: { connectionType: Vnet2Vnet, gateways: [static-gw, two-gw], enableBgp: false }
  site-two: { connectionType: IPsec, gateway: two-gw, device: edge }
sites:
  site:
    asn: 65001
    advertise: [10.81.0.0/24]
    routers: { edge: { address: 10.81.0.1/24, tunnel: { sourceAddress: 203.0.113.1, address: 10.81.0.254 } } }
    hosts: { pc: { address: 10.81.0.10/24, gateway: 10.81.0.1 } }
expect:
  - { from: far-vm, to: one-vm, hops: [10.71.0.4] }
  - { from: one-vm, to: far-vm, hops: [10.73.0.4] }
  - { from: pc, to: one-vm, hops: [10.81.0.1, 10.71.0.4] }
  - { from: pc, to: static-vm, unreachable: timeout }
";

/// A router on two circuits that Global Reach joins, one of them with one ASN prepended; the gateway is on that one.
/// The router sends only over it: among equal paths, the kernel chooses by a secret that it draws at boot.
const REACH: &str = "\
name: reach
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.75.0.0/24]
    subnets: { default: { addressPrefix: 10.75.0.0/25 }, GatewaySubnet: { addressPrefix: 10.75.0.128/25 } }
    virtualMachines: { hub-vm: { subnet: default, privateIPAddress: 10.75.0.4 } }
virtualNetworkGateways:
  hub-ergw: { virtualNetwork: hub, gatewayType: ExpressRoute }
expressRouteCircuits:
  own:
    bandwidthInMbps: 1000
    primary: { peerAddressPrefix: 172.16.75.0/30, customerEdge: edge }
    secondary: { peerAddressPrefix: 172.16.75.4/30, customerEdge: edge }
  other:
    bandwidthInMbps: 1000
    primary: { peerAddressPrefix: 172.16.76.0/30, customerEdge: edge }
    secondary: { peerAddressPrefix: 172.16.76.4/30, customerEdge: edge }
connections:
  own-hub: { connectionType: ExpressRoute, gateway: hub-ergw, circuit: own, endpoints: [10.75.0.132, 10.75.0.133] }
  between: { connectionType: GlobalReach, circuits: [own, other], addressPrefix: 172.16.77.0/29 }
sites:
  site:
    asn: 65001
    advertise: [10.82.0.0/24]
    routers: { edge: { address: 10.82.0.1/24, asPathPrepend: { own: 1 }, localPreference: { own: 200 } } }
    hosts: { pc: { address: 10.82.0.10/24, gateway: 10.82.0.1 } }
expect:
  - { from: hub-vm, to: pc, hops: [[10.75.0.132, 10.75.0.133], '*', '*', 10.82.0.10] }
";

/// An active-active gateway whose instances connect to each other through an appliance.
const RELAYED: &str = "\
name: relayed
convergence: immediate
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.78.0.0/16]
    subnets:
      default: { addressPrefix: 10.78.0.0/24 }
      appliances: { addressPrefix: 10.78.1.0/24 }
      GatewaySubnet: { addressPrefix: 10.78.2.0/24, routeTable: inspected }
    virtualMachines:
      hub-vm: { subnet: default, privateIPAddress: 10.78.0.4 }
      nva: { subnet: appliances, privateIPAddress: 10.78.1.4, ipForwarding: true }
routeTables:
  inspected:
    routes: { hub: { addressPrefix: 10.78.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.78.1.4 } }
virtualNetworkGateways:
  hub-gw:
    { virtualNetwork: hub, gatewayType: Vpn, sku: VpnGw1AZ, activeActive: true, publicIPAddresses: [198.51.100.5, 198.51.100.6] }
connections:
  site-hub: { connectionType: IPsec, gateway: hub-gw, device: edge }
sites:
  site:
    asn: 65001
    advertise: [10.83.0.0/24]
    routers: { edge: { address: 10.83.0.1/24, tunnel: { sourceAddress: 203.0.113.3, address: 10.83.0.254 } } }
    hosts: { pc: { address: 10.83.0.10/24, gateway: 10.83.0.1 } }
expect:
  - { from: pc, to: hub-vm, hops: [10.83.0.1, 10.78.1.4, 10.78.0.4] }
";

/// Every path of the lab matches the routes and the lab file.
#[track_caller]
fn holds(turn: &Turn, label: &str, text: &str) -> Lab {
    let own = turn.named_lab(label, text);
    lab(&["up", &own.file]).exits(0);
    let failures = own.verify().failures();
    assert!(failures.is_empty(), "{failures:#?}");
    let probed = own.run(&["matrix", "--json"]).json();
    let predicted = lab(&["matrix", "--json", "--file", &own.file]).json();
    assert_eq!(
        crate::reports::paths(&probed),
        crate::reports::paths(&predicted)
    );
    own
}

#[test]
fn a_range_that_is_merely_peered_comes_by_a_tunnel_and_a_static_one_goes_into_others() {
    let turn = Turn::begin();
    let tunnels = holds(&turn, "tunnels", TUNNELS);
    // The site learns the static prefix and sends packets there; only the way back is missing.
    let [pc, machine] = [[10, 81, 0, 10], [10, 74, 0, 4]].map(Ipv4Addr::from);
    let mut arriving = Capture::start(Some(&tunnels.namespace("static-gw")), "icmp");
    ping(&tunnels, "pc", machine, &["-c", "1", "-W", "1"]).exits(1);
    let seen = arriving.until(|packet| {
        packet.header()
            == Some(Header {
                protocol: ICMP,
                from: pc,
                to: machine,
            })
    });
    assert!(!seen.is_empty());
}

#[test]
fn over_global_reach_the_path_is_no_longer_than_inside_one_circuit() {
    let turn = Turn::begin();
    holds(&turn, "reach", REACH);
}

#[test]
fn the_instances_of_a_gateway_speak_through_an_appliance_as_long_as_it_is_there() {
    let turn = Turn::begin();
    let relayed = holds(&turn, "relayed", RELAYED);
    let by_both = |lab: &Lab| {
        let routes = lab.run(&["routes", "hub-vm"]).exits(0).said;
        let about = |line: &&str| line.contains("10.83.0.0/24");
        let rows: Vec<&str> = routes.lines().filter(about).collect();
        ["10.78.2.4", "10.78.2.5"].map(|hop| rows.iter().any(|row| row.contains(hop)))
    };
    assert_eq!(by_both(&relayed), [true, true]);
    relayed.run(&["fault", "nva"]).exits(0);
    assert_eq!(by_both(&relayed), [true, false]);
    relayed.run(&["heal", "nva"]).exits(0);
    assert_eq!(by_both(&relayed), [true, true]);
}

/// A load balancer in front of two appliances, which are also destinations themselves.
const BALANCED: &str = "\
name: balanced
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.79.0.0/16]
    subnets:
      default: { addressPrefix: 10.79.0.0/24, routeTable: by-ilb }
      appliances: { addressPrefix: 10.79.1.0/24 }
    virtualMachines:
      hub-vm: { subnet: default, privateIPAddress: 10.79.0.4 }
      nva1: { subnet: appliances, privateIPAddress: 10.79.1.4, ipForwarding: true }
      nva2: { subnet: appliances, privateIPAddress: 10.79.1.5, ipForwarding: true }
loadBalancers:
  ilb: { virtualNetwork: hub, subnet: appliances, frontendIPAddress: 10.79.1.100, backends: [nva1, nva2] }
routeTables:
  by-ilb:
    routes: { all: { addressPrefix: 10.79.1.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.79.1.100 } }
";

#[test]
fn a_pair_is_seen_to_reach_by_the_longer_of_two_equal_ways_too() {
    let turn = Turn::begin();
    let balanced = turn.named_lab("balanced", BALANCED);
    lab(&["up", &balanced.file]).exits(0);
    let matrix = balanced.run(&["matrix", "--json"]).exits(0).json();
    let paths = matrix["paths"].as_array().expect("a list of paths");
    assert!(
        paths.iter().all(|path| path["reached"] == true),
        "{matrix:#}"
    );
}
