//! Hops that do not answer, and the switches with which they answer.

use insta::assert_snapshot;

use super::*;

/// A site behind an active-standby VPN gateway, in a lab whose gateways are visible in traces.
const BEHIND_GATEWAY: &str = "name: behind
semantics: { vpnGatewayHops: legacy }
virtualNetworks:
  net:
    location: region1
    addressPrefixes: [10.1.0.0/24]
    subnets: { default: { addressPrefix: 10.1.0.0/25 }, GatewaySubnet: { addressPrefix: 10.1.0.128/25 } }
    virtualMachines: { net-vm: { subnet: default, privateIPAddress: 10.1.0.4 } }
virtualNetworkGateways:
  gw: { virtualNetwork: net, gatewayType: Vpn, publicIPAddress: 203.0.113.1 }
connections:
  gw-shop: { connectionType: IPsec, gateway: gw, device: till }
sites:
  shop:
    asn: 65010
    routers: { till: { address: 10.70.0.1/24, tunnel: { sourceAddress: 198.51.100.1, address: 10.70.1.1 } } }
    hosts: { pc: { address: 10.70.0.4/24, gateway: 10.70.0.1 } }
    advertise: [10.70.0.0/24]
";

#[test]
fn a_gateway_of_old_is_silent_to_the_other_end_of_its_tunnel() {
    let lab = Lab::from_text(BEHIND_GATEWAY);
    assert_snapshot!(seen(&lab, "pc", "net-vm"), @r"
    - pc Sender
    1 till 10.70.0.1
    2 gw * lost at gw: not shown: 169.254.234.114
    3 net-vm 10.1.0.4
    ");
    assert_snapshot!(seen(&lab, "net-vm", "pc"), @r"
    - net-vm Sender
    1 gw 10.1.0.132
    2 till 10.70.1.1
    3 pc 10.70.0.4
    ");
    // The gateway answers from a tunnel address that the file states.
    let given = "publicIPAddress: 203.0.113.1, bgpPeeringAddress: 169.254.21.2";
    let text = BEHIND_GATEWAY.replace("publicIPAddress: 203.0.113.1", given);
    let text = text.replace("address: 10.70.1.1", "address: 169.254.21.1");
    assert_snapshot!(seen(&Lab::from_text(&text), "pc", "net-vm"), @r"
    - pc Sender
    1 till 10.70.0.1
    2 gw 169.254.21.2
    3 net-vm 10.1.0.4
    ");
    let today = BEHIND_GATEWAY.replace("legacy", "transparent");
    assert_snapshot!(seen(&Lab::from_text(&today), "pc", "net-vm"), @r"
    - pc Sender
    1 till 10.70.0.1
    - gw Transparent
    2 net-vm 10.1.0.4
    ");
}

/// A network and two sites on circuits with Global Reach; nobody advertises the circuits' links.
const CIRCUITS: &str = "name: circuits
semantics: { customerEdgeHops: silent }
virtualNetworks:
  net:
    location: region1
    addressPrefixes: [10.1.0.0/24]
    subnets: { default: { addressPrefix: 10.1.0.0/25 }, GatewaySubnet: { addressPrefix: 10.1.0.128/25 } }
    virtualMachines: { net-vm: { subnet: default, privateIPAddress: 10.1.0.4 } }
virtualNetworkGateways:
  gw: { virtualNetwork: net, gatewayType: ExpressRoute }
expressRouteCircuits:
  near:
    bandwidthInMbps: 50
    primary: { peerAddressPrefix: 172.31.0.0/30, customerEdge: near-ce }
    secondary: { peerAddressPrefix: 172.31.0.4/30, customerEdge: near-ce, enabled: false }
  far:
    bandwidthInMbps: 50
    primary: { peerAddressPrefix: 172.31.0.8/30, customerEdge: far-ce }
    secondary: { peerAddressPrefix: 172.31.0.12/30, customerEdge: far-ce, enabled: false }
connections:
  near-net: { connectionType: ExpressRoute, gateway: gw, circuit: near, endpoints: [10.1.0.132, 10.1.0.133] }
  reach: { connectionType: GlobalReach, circuits: [near, far], addressPrefix: 172.31.1.0/29 }
sites:
  near-site:
    asn: 65010
    routers: { near-ce: { address: 10.70.0.1/24 } }
    hosts: { near-pc: { address: 10.70.0.4/24, gateway: 10.70.0.1 } }
    advertise: [10.70.0.0/24]
  far-site:
    asn: 65011
    routers: { far-ce: { address: 10.71.0.1/24 } }
    hosts: { far-pc: { address: 10.71.0.4/24, gateway: 10.71.0.1 } }
    advertise: [10.71.0.0/24]
";

#[test]
fn a_customer_edge_answers_from_an_unadvertised_link_where_the_lab_says_so() {
    let silent = Lab::from_text(CIRCUITS);
    assert_snapshot!(seen(&silent, "net-vm", "near-pc"), @r"
    - net-vm Sender
    1 near-msee1 10.1.0.132
    2 near-ce * lost at gw: no route back to 172.31.0.1
    3 near-pc 10.70.0.4
    ");
    let answering = CIRCUITS.replace("silent", "answering");
    let answering = Lab::from_text(&answering);
    assert_snapshot!(seen(&answering, "net-vm", "near-pc"), @r"
    - net-vm Sender
    1 near-msee1 10.1.0.132
    2 near-ce 172.31.0.1
    3 near-pc 10.70.0.4
    ");
    assert_snapshot!(seen(&answering, "net-vm", "far-pc"), @r"
    - net-vm Sender
    1 near-msee1 10.1.0.132
    2 far-msee1 * lost at near-msee1: no route back to 172.31.1.2
    3 far-ce 172.31.0.9
    4 far-pc 10.71.0.4
    ");
    // On the return path the gateway's own hop stays silent.
    assert_snapshot!(seen(&answering, "near-pc", "net-vm"), @r"
    - near-pc Sender
    1 near-ce 10.70.0.1
    2 near-msee1 172.31.0.2
    3 gw * lost at near-msee1: no route back to 169.254.238.107
    4 net-vm 10.1.0.4
    ");
}

/// A site with two paths to a gateway, and a network that bypasses its own `ExpressRoute` gateway.
const SILENT: &str = "name: silent
semantics: { vpnGatewayHops: legacy }
virtualNetworks:
  net:
    location: region1
    addressPrefixes: [10.1.0.0/24]
    subnets: { default: { addressPrefix: 10.1.0.0/25 }, GatewaySubnet: { addressPrefix: 10.1.0.128/25 } }
    virtualMachines: { net-vm: { subnet: default, privateIPAddress: 10.1.0.4 } }
  fast:
    location: region1
    addressPrefixes: [10.2.0.0/24]
    subnets: { default: { addressPrefix: 10.2.0.0/25 }, GatewaySubnet: { addressPrefix: 10.2.0.128/25 } }
    virtualMachines: { fast-vm: { subnet: default, privateIPAddress: 10.2.0.4 } }
virtualNetworkGateways:
  gw: { virtualNetwork: net, gatewayType: Vpn, publicIPAddress: 203.0.113.1 }
  ergw: { virtualNetwork: fast, gatewayType: ExpressRoute, sku: ErGw3AZ }
expressRouteCircuits:
  er:
    bandwidthInMbps: 1000
    primary: { peerAddressPrefix: 172.31.0.0/30, customerEdge: ce }
    secondary: { peerAddressPrefix: 172.31.0.4/30, customerEdge: ce, enabled: false }
connections:
  one: { connectionType: IPsec, gateway: gw, device: left }
  two: { connectionType: IPsec, gateway: gw, device: right }
  er-fast: { connectionType: ExpressRoute, gateway: ergw, circuit: er, endpoints: [10.2.0.132, 10.2.0.133], expressRouteGatewayBypass: true }
sites:
  branch:
    asn: 65010
    routers:
      left: { address: 10.70.0.1/24, tunnel: { sourceAddress: 198.51.100.1, address: 10.79.0.1 } }
      right: { address: 10.70.0.2/24, tunnel: { sourceAddress: 198.51.100.2, address: 10.79.0.2 } }
    hosts: { branch-pc: { address: 10.70.0.4/24, gateway: 10.70.0.2 } }
    advertise: [10.70.0.0/24]
  yard:
    asn: 65011
    routers: { ce: { address: 10.71.0.1/24 } }
    hosts: { yard-pc: { address: 10.71.0.4/24, gateway: 10.71.0.1 } }
    advertise: [10.71.0.0/24]
";

#[test]
fn a_gateway_with_several_tunnels_shows_none_of_their_addresses() {
    assert_snapshot!(seen(&Lab::from_text(SILENT), "branch-pc", "net-vm"), @r"
    - branch-pc Sender
    1 right 10.70.0.2
    2 gw * lost at gw: not shown: 169.254.203.39
    3 net-vm 10.1.0.4
    ");
}

#[test]
fn a_customer_edge_is_silent_past_a_gateway_too() {
    let silent = Lab::from_text(SILENT);
    assert_snapshot!(seen(&silent, "fast-vm", "yard-pc"), @r"
    - fast-vm Sender
    1 er-msee1 10.2.0.132
    2 ce * lost at er-msee1: not shown: 172.31.0.1
    3 yard-pc 10.71.0.4
    ");
    let answering = SILENT.replace("legacy }", "legacy, customerEdgeHops: answering }");
    assert_snapshot!(seen(&Lab::from_text(&answering), "fast-vm", "yard-pc"), @r"
    - fast-vm Sender
    1 er-msee1 10.2.0.132
    2 ce 172.31.0.1
    3 yard-pc 10.71.0.4
    ");
    // It is not silent either if its link is advertised.
    let advertised = SILENT.replace(
        "advertise: [10.71.0.0/24]",
        "advertise: [10.71.0.0/24, 172.31.0.0/30]",
    );
    assert_snapshot!(seen(&Lab::from_text(&advertised), "fast-vm", "yard-pc"), @r"
    - fast-vm Sender
    1 er-msee1 10.2.0.132
    2 ce 172.31.0.1
    3 yard-pc 10.71.0.4
    ");
}
