//! Both settings of points where Azure's documents disagree, with real packets.

use crate::lab::Turn;

/// A hub with an appliance that forwards between spokes, whose peerings have different flags, and a site behind its VPN
/// gateway.
const SPOKES: &str = "\
name: spokes
semantics: { strictPeeringFlags: true }
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.20.0.0/24]
    subnets:
      GatewaySubnet: { addressPrefix: 10.20.0.0/27 }
      nva: { addressPrefix: 10.20.0.32/27 }
      default: { addressPrefix: 10.20.0.128/25 }
    virtualMachines:
      hub-vm: { subnet: default, privateIPAddress: 10.20.0.132 }
      nva1: { subnet: nva, privateIPAddress: 10.20.0.36, ipForwarding: true }
    peerings:
      - { remoteVirtualNetwork: open, allowGatewayTransit: true }
      - { remoteVirtualNetwork: shut, allowGatewayTransit: true }
      - { remoteVirtualNetwork: none, allowGatewayTransit: true }
  open:
    location: region1
    addressPrefixes: [10.21.0.0/24]
    subnets: { default: { addressPrefix: 10.21.0.0/24, routeTable: via-nva } }
    virtualMachines: { open-vm: { subnet: default, privateIPAddress: 10.21.0.4 } }
    peerings: [{ remoteVirtualNetwork: hub, useRemoteGateways: true, allowForwardedTraffic: true }]
  shut:
    location: region1
    addressPrefixes: [10.22.0.0/24]
    subnets: { default: { addressPrefix: 10.22.0.0/24, routeTable: via-nva } }
    virtualMachines: { shut-vm: { subnet: default, privateIPAddress: 10.22.0.4 } }
    peerings: [{ remoteVirtualNetwork: hub, useRemoteGateways: true }]
  none:
    location: region1
    addressPrefixes: [10.23.0.0/24]
    subnets: { default: { addressPrefix: 10.23.0.0/24, routeTable: via-nva } }
    virtualMachines: { none-vm: { subnet: default, privateIPAddress: 10.23.0.4 } }
    peerings:
      - { remoteVirtualNetwork: hub, useRemoteGateways: true, allowForwardedTraffic: true, allowVirtualNetworkAccess: false }
routeTables:
  via-nva:
    routes: { all: { addressPrefix: 10.0.0.0/8, nextHopType: VirtualAppliance, nextHopIpAddress: 10.20.0.36 } }
virtualNetworkGateways:
  hub-vpngw: { virtualNetwork: hub, gatewayType: Vpn, privateIPAddress: 10.20.0.4, publicIPAddress: 198.51.100.20 }
connections:
  hub-branch: { connectionType: IPsec, gateway: hub-vpngw, device: branch-ce, rtt: 3ms }
sites:
  branch:
    asn: 65030
    routers:
      branch-ce: { address: 10.30.0.1/24, tunnel: { sourceAddress: 203.0.113.30, address: 10.30.0.254 } }
    hosts: { branch-vm: { address: 10.30.0.10/24, gateway: 10.30.0.1 } }
    advertise: [10.30.0.0/24]
expect:
  # What the hub sends for itself passes where what it forwards does not.
  - { from: hub-vm, to: shut-vm, hops: [10.22.0.4] }
  - { from: shut-vm, to: hub-vm, hops: [10.20.0.132] }
  - { from: nva1, to: shut-vm, hops: [10.22.0.4] }
  - { from: branch-vm, to: shut-vm, hops: [10.30.0.1, 10.22.0.4] }
  - { from: shut-vm, to: branch-vm, hops: [10.30.0.254, 10.30.0.10] }
  - { from: open-vm, to: hub-vm, hops: [10.20.0.132] }
";

/// The pairs that strict peering flags block.
const STRICT: &str = "
  - { from: open-vm, to: shut-vm, unreachable: timeout }
  - { from: shut-vm, to: open-vm, unreachable: timeout }
  - { from: hub-vm, to: none-vm, unreachable: timeout }
  - { from: none-vm, to: hub-vm, unreachable: timeout }
  - { from: branch-vm, to: none-vm, unreachable: timeout }
";

/// The same pairs if the flags only define a service tag.
const LENIENT: &str = "
  - { from: open-vm, to: shut-vm, hops: [10.20.0.36, 10.22.0.4] }
  - { from: shut-vm, to: open-vm, hops: [10.20.0.36, 10.21.0.4] }
  - { from: hub-vm, to: none-vm, hops: [10.23.0.4] }
  - { from: none-vm, to: hub-vm, hops: [10.20.0.132] }
  - { from: branch-vm, to: none-vm, hops: [10.30.0.1, 10.23.0.4] }
";

/// A pair through a gateway that appears in traces, but not to the other end of its tunnel.
const LEGACY: &str = "
  - { from: open-vm, to: branch-vm, hops: [10.20.0.4, 10.30.0.254, 10.30.0.10] }
  - { from: branch-vm, to: open-vm, hops: [10.30.0.1, \"*\", 10.21.0.4] }
";

#[track_caller]
fn holds(text: &str) {
    let turn = Turn::begin();
    let (_, name) = text.split_once("name: ").expect("a lab with a name");
    let name = name.lines().next().unwrap_or_default();
    let lab = turn.named_lab(name, text);
    crate::program::lab(&["up", &lab.file]).exits(0);
    let failures = lab.verify().failures();
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn strict_peering_flags_drop_what_an_appliance_forwards_and_everything_without_access() {
    holds(&format!("{SPOKES}{STRICT}"));
}

#[test]
fn peering_flags_that_define_a_tag_alone_drop_nothing() {
    let lenient = SPOKES.replace("strictPeeringFlags: true", "strictPeeringFlags: false");
    holds(&format!("{lenient}{LENIENT}"));
}

#[test]
fn a_vpn_gateway_is_a_hop_where_the_lab_is_of_that_time() {
    let legacy = SPOKES.replace("strictPeeringFlags: true", "vpnGatewayHops: legacy");
    let (kept, _) = legacy
        .split_once("expect:\n")
        .expect("the lab expects something");
    holds(&format!("{kept}expect:\n{LEGACY}"));
}

#[test]
fn a_vpn_gateway_takes_nothing_from_the_time_to_live_today() {
    let turn = Turn::begin();
    let lab = turn.named_lab("spokes", SPOKES);
    crate::program::lab(&["up", &lab.file]).exits(0);
    // Of three routers, only one decrements the TTL: the gateway between the two machines does not.
    let ran = lab.inside("hub-vm", &["ping", "-c", "1", "-W", "2", "10.30.0.10"]);
    let said = ran.exits(0).said;
    assert!(said.contains("ttl=63"), "{said}");
}

/// A network and a site on a circuit whose links are not advertised.
const CIRCUIT: &str = "name: circuit
semantics: { customerEdgeHops: silent }
virtualNetworks:
  net:
    location: region1
    addressPrefixes: [10.20.0.0/24]
    subnets: { default: { addressPrefix: 10.20.0.0/25 }, GatewaySubnet: { addressPrefix: 10.20.0.128/25 } }
    virtualMachines: { net-vm: { subnet: default, privateIPAddress: 10.20.0.4 } }
virtualNetworkGateways:
  gw: { virtualNetwork: net, gatewayType: ExpressRoute }
expressRouteCircuits:
  er:
    bandwidthInMbps: 50
    primary: { peerAddressPrefix: 172.31.0.0/30, customerEdge: ce }
    secondary: { peerAddressPrefix: 172.31.0.4/30, customerEdge: ce, enabled: false }
connections:
  er-net: { connectionType: ExpressRoute, gateway: gw, circuit: er, endpoints: [10.20.0.132, 10.20.0.133] }
sites:
  shop:
    asn: 65010
    routers: { ce: { address: 10.30.0.1/24 } }
    hosts: { pc: { address: 10.30.0.10/24, gateway: 10.30.0.1 } }
    advertise: [10.30.0.0/24]
expect:
  - { from: pc, to: net-vm, hops: [10.30.0.1, 172.31.0.2, \"*\", 10.20.0.4] }
  - { from: net-vm, to: pc, hops: [10.20.0.132, \"*\", 10.30.0.10] }
";

#[test]
fn a_customer_edge_is_silent_or_answers_from_a_link_that_nobody_advertises() {
    holds(CIRCUIT);
    let answering = CIRCUIT.replace("customerEdgeHops: silent", "customerEdgeHops: answering");
    holds(&answering.replace(
        "10.20.0.132, \"*\", 10.30.0.10",
        "10.20.0.132, 172.31.0.1, 10.30.0.10",
    ));
    // Over both links the answer may leave by one and come from the other.
    let both = answering
        .replace(", enabled: false", "")
        .replace("172.31.0.2, \"*\"", "[172.31.0.2, 172.31.0.6], \"*\"")
        .replace(
            "10.20.0.132, \"*\", 10.30.0.10",
            "[10.20.0.132, 10.20.0.133], [172.31.0.1, 172.31.0.5], 10.30.0.10",
        );
    holds(&both);
    // On a path past the gateway, nothing else drops the answer.
    let fast = CIRCUIT
        .replace(
            "gatewayType: ExpressRoute",
            "gatewayType: ExpressRoute, sku: ErGw3AZ",
        )
        .replace(
            "10.20.0.133] }",
            "10.20.0.133], expressRouteGatewayBypass: true }",
        )
        .replace("172.31.0.2, \"*\", 10.20.0.4", "172.31.0.2, 10.20.0.4");
    holds(&fast);
    holds(&fast.replace("silent", "answering").replace(
        "10.20.0.132, \"*\", 10.30.0.10",
        "10.20.0.132, 172.31.0.1, 10.30.0.10",
    ));
}

/// A site whose two routers each have a tunnel to one gateway.
const TWO_TUNNELS: &str = "\
name: two-tunnels
semantics: { vpnGatewayHops: legacy }
virtualNetworks:
  net:
    location: region1
    addressPrefixes: [10.20.0.0/24]
    subnets: { default: { addressPrefix: 10.20.0.0/25 }, GatewaySubnet: { addressPrefix: 10.20.0.128/25 } }
    virtualMachines: { net-vm: { subnet: default, privateIPAddress: 10.20.0.4 } }
virtualNetworkGateways:
  gw: { virtualNetwork: net, gatewayType: Vpn, publicIPAddress: 198.51.100.20 }
connections:
  one: { connectionType: IPsec, gateway: gw, device: left }
  two: { connectionType: IPsec, gateway: gw, device: right }
sites:
  shop:
    asn: 65010
    routers:
      left: { address: 10.30.0.1/24, tunnel: { sourceAddress: 203.0.113.1, address: 10.39.0.1 } }
      right: { address: 10.30.0.2/24, tunnel: { sourceAddress: 203.0.113.2, address: 10.39.0.2 } }
    hosts:
      left-pc: { address: 10.30.0.10/24, gateway: 10.30.0.1 }
      right-pc: { address: 10.30.0.11/24, gateway: 10.30.0.2 }
    advertise: [10.30.0.0/24]
expect:
  - { from: left-pc, to: net-vm, hops: [10.30.0.1, \"*\", 10.20.0.4] }
  - { from: right-pc, to: net-vm, hops: [10.30.0.2, \"*\", 10.20.0.4] }
";

#[test]
fn a_gateway_of_that_time_is_silent_by_whichever_of_its_tunnels_it_answers() {
    holds(TWO_TUNNELS);
}
