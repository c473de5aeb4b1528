//! A lab with route tables, appliances, two circuits, two sites and a storyboard, for the tests of their rules.

use crate::lab::parse;
use crate::lab::resolve;
use crate::lab::rules::check;
use crate::lab::rules::tests::{findings_in, replaced, warnings_in};

/// A lab that violates no rule.
pub(crate) const WIDE: &str = "\
name: wide
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.0.0.0/24]
    subnets:
      default: { addressPrefix: 10.0.0.0/26, routeTable: inspected }
      nva: { addressPrefix: 10.0.0.64/26 }
      GatewaySubnet: { addressPrefix: 10.0.0.128/26, routeTable: inbound }
    virtualMachines:
      hub-vm: { subnet: default, privateIPAddress: 10.0.0.4 }
      nva1:
        subnet: nva
        privateIPAddress: 10.0.0.68
        ipForwarding: true
        asn: 65010
        tunnel: { sourceAddress: 203.0.113.9, address: 10.6.0.1 }
        routes: [{ addressPrefix: 10.5.0.0/24, connection: nva-west }]
      nva2: { subnet: nva, privateIPAddress: 10.0.0.69, ipForwarding: true }
    peerings:
      - { remoteVirtualNetwork: spoke, allowGatewayTransit: true, peerCompleteVnets: false, localSubnetNames: [default, nva] }
  spoke:
    location: region1
    addressPrefixes: [10.1.0.0/24]
    subnets: { default: { addressPrefix: 10.1.0.0/24, routeTable: inspected } }
    virtualMachines: { spoke-vm: { subnet: default, privateIPAddress: 10.1.0.4 } }
    peerings: [{ remoteVirtualNetwork: hub, useRemoteGateways: true }]
  branch:
    location: region2
    addressPrefixes: [10.2.0.0/24]
    subnets:
      default: { addressPrefix: 10.2.0.0/25, routeTable: tunnelled }
      GatewaySubnet: { addressPrefix: 10.2.0.128/25 }
    virtualMachines: { branch-vm: { subnet: default, privateIPAddress: 10.2.0.4 } }
  far:
    location: region2
    addressPrefixes: [10.3.0.0/24]
    subnets: { default: { addressPrefix: 10.3.0.0/25 }, GatewaySubnet: { addressPrefix: 10.3.0.128/25 } }
routeTables:
  inspected:
    routes:
      all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }
      branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.68 }
  inbound:
    routes:
      spoke: { addressPrefix: 10.1.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }
  tunnelled:
    routes:
      out: { addressPrefix: 10.9.0.0/16, nextHopType: VirtualNetworkGateway }
  unused: { disableBgpRoutePropagation: true }
loadBalancers:
  nvas: { virtualNetwork: hub, subnet: nva, frontendIPAddress: 10.0.0.100, backends: [nva1, nva2] }
virtualNetworkGateways:
  hub-vpngw:
    virtualNetwork: hub
    gatewayType: Vpn
    activeActive: true
    privateIPAddresses: [10.0.0.140, 10.0.0.141]
    publicIPAddresses: [203.0.113.1, 203.0.113.2]
  hub-ergw: { virtualNetwork: hub, gatewayType: ExpressRoute, sku: ErGw3Az, privateIPAddress: 10.0.0.150 }
  branch-vpngw: { virtualNetwork: branch, gatewayType: Vpn, asn: 65516, publicIPAddress: 203.0.113.3, bgpPeeringAddress: 169.254.21.2 }
  far-ergw: { virtualNetwork: far, gatewayType: ExpressRoute }
expressRouteCircuits:
  er1:
    bandwidthInMbps: 50
    primary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: edge, microsoftPeerAddressPrefix: 198.51.100.128/30 }
    secondary: { peerAddressPrefix: 172.16.0.4/30, customerEdge: edge, microsoftPeerAddressPrefix: 198.51.100.132/30 }
  er2:
    bandwidthInMbps: 50
    primary: { peerAddressPrefix: 172.16.0.8/30, customerEdge: gate }
    secondary: { peerAddressPrefix: 172.16.0.12/30, customerEdge: gate }
connections:
  er1-hub: { connectionType: ExpressRoute, gateway: hub-ergw, circuit: er1, endpoints: [10.0.0.132, 10.0.0.133], expressRouteGatewayBypass: true }
  er2-far: { connectionType: ExpressRoute, gateway: far-ergw, circuit: er2, endpoints: [10.3.0.132, 10.3.0.133] }
  reach: { connectionType: GlobalReach, circuits: [er1, er2], addressPrefix: 172.16.0.16/29 }
  hub-branch: { connectionType: Vnet2Vnet, gateways: [hub-vpngw, branch-vpngw] }
  hub-east: { connectionType: IPsec, gateway: hub-vpngw, device: edge, transport: er1 }
  branch-west: { connectionType: IPsec, gateway: branch-vpngw, device: gate, enableBgp: false, localNetworkAddressPrefixes: [10.5.0.0/24] }
  nva-west: { connectionType: IPsec, appliance: nva1, device: gate }
sites:
  east:
    asn: 65001
    ibgp: true
    routers:
      edge:
        tunnel: { sourceAddress: 198.51.100.1, address: 10.4.0.125 }
        localPreference: { er1: 200 }
        export: { east-west: [10.4.0.0/24] }
      core:
        address: 10.4.0.1/24
        routes: [{ addressPrefix: 192.0.2.0/24, nextHopIpAddress: 172.16.1.0 }]
    hosts: { pc: { address: 10.4.0.10/24, gateway: 10.4.0.1 } }
    links: [{ a: edge, b: core, addresses: [172.16.1.0/31, 172.16.1.1/31] }]
    advertise: [10.4.0.0/24]
  west:
    routers:
      gate:
        asn: 65002
        address: 10.5.0.1/24
        tunnel: { sourceAddress: 198.51.100.2, address: 10.5.0.125 }
        asPathPrepend: { nva-west: 2 }
        routes: [{ addressPrefix: 10.2.0.0/24, connection: branch-west }]
        advertise: [10.5.0.0/24]
wan:
  east-west: { a: edge, b: gate, addresses: [172.16.2.0/31, 172.16.2.1/31] }
expect:
  - { from: hub-vm, to: branch-vm, unreachable: timeout }
storyboards:
  circuit-lost:
    - { step: primary-lost, fault: er1-primary, expect: steady }
    - { step: both-lost, blackhole: er1-secondary, expect: [{ from: hub-vm, to: pc, unreachable: timeout }] }
    - { step: back, heal: [er1-primary, er1-secondary], expect: steady }
";

/// The printed findings of the wide lab with some texts replaced. Each text must occur once.
pub(crate) fn refused(changes: &[(&str, &str)]) -> String {
    findings_in(&replaced(WIDE, changes))
}

/// The printed warnings of the wide lab with some texts replaced, which has no errors.
pub(crate) fn warned(changes: &[(&str, &str)]) -> String {
    warnings_in(&replaced(WIDE, changes))
}

/// Checks that the wide lab with some texts replaced violates no rule.
#[track_caller]
pub(crate) fn accepted(changes: &[(&str, &str)]) {
    let text = replaced(WIDE, changes);
    let spec = parse(&text).unwrap_or_else(|findings| panic!("{findings:#?}"));
    assert_eq!(check(&spec), []);
}

#[test]
fn the_wide_lab_breaks_no_rule() {
    assert!(resolve(&parse(WIDE).unwrap()).is_ok());
}
