//! Explanations of mistakes that Azure accepts but that lose packets.

use insta::assert_snapshot;

use super::{explained, why};
use crate::report::solved::Solved;

/// A network with a route table that has one route per mistake, each to a prefix that does not exist.
const ASTRAY: &str = r"name: astray
virtualNetworks:
  main:
    location: region1
    addressPrefixes: [10.20.0.0/16]
    subnets:
      nva: { addressPrefix: 10.20.1.0/24, routeTable: back }
      work: { addressPrefix: 10.20.2.0/24, routeTable: astray }
    virtualMachines:
      nva-vm: { subnet: nva, privateIPAddress: 10.20.1.4, ipForwarding: true }
      deaf-vm: { subnet: nva, privateIPAddress: 10.20.1.5 }
      work-vm: { subnet: work, privateIPAddress: 10.20.2.4 }
    peerings: [{ remoteVirtualNetwork: core }, { remoteVirtualNetwork: other }]
  core:
    location: region1
    addressPrefixes: [10.21.0.0/16]
    subnets:
      GatewaySubnet: { addressPrefix: 10.21.0.0/27 }
      shown: { addressPrefix: 10.21.1.0/24 }
      hidden: { addressPrefix: 10.21.2.0/24 }
    virtualMachines:
      shown-vm: { subnet: shown, privateIPAddress: 10.21.1.4, ipForwarding: true }
      hidden-vm: { subnet: hidden, privateIPAddress: 10.21.2.4, ipForwarding: true }
    peerings: [{ remoteVirtualNetwork: main, peerCompleteVnets: false, localSubnetNames: [GatewaySubnet, shown] }]
  other:
    location: region1
    addressPrefixes: [10.22.0.0/16]
    subnets: { default: { addressPrefix: 10.22.0.0/24 } }
    virtualMachines: { other-vm: { subnet: default, privateIPAddress: 10.22.0.4, ipForwarding: true } }
  lone:
    location: region1
    addressPrefixes: [10.23.0.0/16]
    subnets: { default: { addressPrefix: 10.23.0.0/24 } }
    virtualMachines: { lone-vm: { subnet: default, privateIPAddress: 10.23.0.4, ipForwarding: true } }
routeTables:
  astray:
    routes:
      deaf: { addressPrefix: 10.40.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.20.1.5 }
      nobody: { addressPrefix: 10.41.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.20.1.99 }
      gateway: { addressPrefix: 10.42.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.21.0.12 }
      edge: { addressPrefix: 10.43.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.21.0.4 }
      site: { addressPrefix: 10.44.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.30.0.10 }
      lone: { addressPrefix: 10.45.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.23.0.4 }
      half: { addressPrefix: 10.46.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.22.0.4 }
      hidden: { addressPrefix: 10.47.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.21.2.4 }
      none: { addressPrefix: 10.48.0.0/16, nextHopType: VirtualNetworkGateway }
      loop: { addressPrefix: 10.49.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.20.1.4 }
      balanced: { addressPrefix: 10.50.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.20.1.100 }
      good: { addressPrefix: 10.51.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.21.1.4 }
  back:
    routes:
      loop: { addressPrefix: 10.49.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.20.1.4 }
      balanced: { addressPrefix: 10.50.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.20.1.100 }
loadBalancers:
  balancer: { virtualNetwork: main, subnet: nva, frontendIPAddress: 10.20.1.100, backends: [nva-vm] }
virtualNetworkGateways:
  core-ergw: { virtualNetwork: core, gatewayType: ExpressRoute, privateIPAddress: 10.21.0.12 }
expressRouteCircuits:
  circuit:
    bandwidthInMbps: 50
    primary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: ce }
    secondary: { peerAddressPrefix: 172.16.0.4/30, customerEdge: ce }
connections:
  circuit-core: { connectionType: ExpressRoute, gateway: core-ergw, circuit: circuit, endpoints: [10.21.0.4, 10.21.0.5] }
sites:
  site:
    asn: 65001
    routers: { ce: { address: 10.30.0.1/24 } }
    hosts: { pc: { address: 10.30.0.10/24, gateway: 10.30.0.1 } }
    advertise: [10.30.0.0/24]
";

#[test]
fn each_mistake_is_named_where_it_loses_packets() {
    let lab = Solved::of(ASTRAY);
    let summaries: Vec<String> = (40..=51)
        .map(|part| explained(&lab, "work-vm", &format!("10.{part}.0.1")).summary)
        .collect();
    assert_snapshot!(summaries.join("\n"), @r"
    work-vm does not reach 10.40.0.1: deaf-vm drops packets for other addresses: it has no `ipForwarding`
    work-vm does not reach 10.41.0.1: work-vm has no route to 10.41.0.1 except the user-defined route astray/nobody, 10.41.0.0/16 to 10.20.1.99, which no node has
    work-vm does not reach 10.42.0.1: work-vm has no route to 10.42.0.1 except the user-defined route astray/gateway, 10.42.0.0/16 to 10.21.0.12, which belongs to ExpressRoute and is never the next hop of a route
    work-vm does not reach 10.43.0.1: work-vm has no route to 10.43.0.1 except the user-defined route astray/edge, 10.43.0.0/16 to 10.21.0.4, which belongs to ExpressRoute and is never the next hop of a route
    work-vm does not reach 10.44.0.1: work-vm has no route to 10.44.0.1 except the user-defined route astray/site, 10.44.0.0/16 to 10.30.0.10, which belongs to pc and is not directly reachable: a next hop cannot be behind a gateway
    work-vm does not reach 10.45.0.1: work-vm has no route to 10.45.0.1 except the user-defined route astray/lone, 10.45.0.0/16 to 10.23.0.4, which is not directly reachable: it is in lone, which is not peered with this network
    work-vm does not reach 10.46.0.1: work-vm has no route to 10.46.0.1 except the user-defined route astray/half, 10.46.0.0/16 to 10.22.0.4, which is not directly reachable: the peering main to other is Initiated, because other has no peering to main
    work-vm does not reach 10.47.0.1: work-vm has no route to 10.47.0.1 except the user-defined route astray/hidden, 10.47.0.0/16 to 10.21.2.4, which is not directly reachable: it is in a subnet that the peering of core excludes
    work-vm does not reach 10.48.0.1: work-vm has no route to 10.48.0.1 except the user-defined route astray/none, 10.48.0.0/16 to VirtualNetworkGateway: main has no VPN gateway and uses no remote one
    work-vm does not reach 10.49.0.1: nva-vm has no route to 10.49.0.1 except the user-defined route back/loop, 10.49.0.0/16 to 10.20.1.4, which leads back to nva-vm: in Azure, packets loop until their TTL expires; the lab drops them
    work-vm does not reach 10.50.0.1: nva-vm has no route to 10.50.0.1 except the user-defined route back/balanced, 10.50.0.0/16 to 10.20.1.100, which leads back to nva-vm: in Azure, packets loop until their TTL expires; the lab drops them
    work-vm does not reach 10.51.0.1: no node has that address
    ");
}

#[test]
fn what_no_mistake_is_about_works() {
    let lab = Solved::of(ASTRAY);
    for (from, to) in [
        ("work-vm", "deaf-vm"),
        ("work-vm", "shown-vm"),
        ("pc", "shown-vm"),
    ] {
        assert!(explained(&lab, from, to).answered, "{from} {to}");
    }
}

#[test]
fn half_a_peering_is_named_on_both_sides() {
    let lab = Solved::of(ASTRAY);
    assert_snapshot!(why(&lab, "work-vm", "other-vm"), @r"
    There: work-vm [10.20.2.4] to other-vm [10.22.0.4]

    HOP  NODE     ANSWERS  ROUTE       NEXT HOP  ORIGIN
    -    work-vm           10.0.0.0/8  dropped   Default None

    Lost: work-vm has no route to 10.22.0.4 except the system route 10.0.0.0/8 to None; the peering main to other is
      Initiated, because other has no peering to main.

    Back: other-vm [10.22.0.4] to work-vm [10.20.2.4]

    NODE      ROUTE       NEXT HOP  ORIGIN
    other-vm  10.0.0.0/8  dropped   Default None

    Lost: other-vm has no route to 10.20.2.4 except the system route 10.0.0.0/8 to None; the peering main to other is
      Initiated, because other has no peering to main.

    work-vm does not reach other-vm: work-vm has no route to 10.22.0.4 except the system route 10.0.0.0/8 to None; the
      peering main to other is Initiated, because other has no peering to main.
    ");
    assert_snapshot!(explained(&lab, "other-vm", "work-vm").summary, @"other-vm does not reach work-vm: other-vm has no route to 10.20.2.4 except the system route 10.0.0.0/8 to None; the peering main to other is Initiated, because other has no peering to main");
}

/// A spoke that would use the hub's gateway.
const TRANSIT: &str = r"name: transit
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.21.0.0/16]
    subnets: { GatewaySubnet: { addressPrefix: 10.21.0.0/27 }, default: { addressPrefix: 10.21.1.0/24 } }
    virtualMachines: { hub-vm: { subnet: default, privateIPAddress: 10.21.1.4 } }
    peerings: [{ remoteVirtualNetwork: spoke, allowGatewayTransit: true }]
  spoke:
    location: region1
    addressPrefixes: [10.22.0.0/16]
    subnets: { default: { addressPrefix: 10.22.0.0/24 } }
    virtualMachines: { spoke-vm: { subnet: default, privateIPAddress: 10.22.0.4 } }
    peerings: [{ remoteVirtualNetwork: hub, useRemoteGateways: true }]
virtualNetworkGateways:
  hub-vpngw: { virtualNetwork: hub, gatewayType: Vpn, publicIPAddress: 203.0.113.1 }
connections:
  hub-site: { connectionType: IPsec, gateway: hub-vpngw, device: ce }
sites:
  site:
    asn: 65001
    routers: { ce: { address: 10.30.0.1/24, tunnel: { sourceAddress: 198.51.100.1, address: 10.30.0.125 } } }
    hosts: { pc: { address: 10.30.0.10/24, gateway: 10.30.0.1 } }
    advertise: [10.30.0.0/24]
";

#[test]
fn half_a_peering_gives_no_gateway_routes() {
    assert!(explained(&Solved::of(TRANSIT), "spoke-vm", "pc").answered);
    let halves = [
        "    peerings: [{ remoteVirtualNetwork: spoke, allowGatewayTransit: true }]\n",
        "    peerings: [{ remoteVirtualNetwork: hub, useRemoteGateways: true }]\n",
    ];
    for half in halves {
        let lab = Solved::of(&TRANSIT.replace(half, ""));
        let [missing, other] = if half.contains("spoke") {
            ["hub", "spoke"]
        } else {
            ["spoke", "hub"]
        };
        for (from, to) in [
            ("spoke-vm", "pc"),
            ("pc", "spoke-vm"),
            ("hub-vm", "spoke-vm"),
        ] {
            let summary = explained(&lab, from, to).summary;
            let named = format!("is Initiated, because {missing} has no peering to {other}");
            assert!(summary.ends_with(&named), "{summary}");
        }
    }
}

/// A site whose LAN is inside the range of the network that it is connected to.
const INSIDE: &str = r"name: inside
virtualNetworks:
  main:
    location: region1
    addressPrefixes: [10.20.0.0/16]
    subnets: { work: { addressPrefix: 10.20.2.0/24 }, GatewaySubnet: { addressPrefix: 10.20.255.0/27 } }
    virtualMachines: { work-vm: { subnet: work, privateIPAddress: 10.20.2.4 } }
virtualNetworkGateways:
  main-gw: { virtualNetwork: main, gatewayType: Vpn, publicIPAddress: 203.0.113.1 }
connections:
  shop-main: { connectionType: IPsec, gateway: main-gw, device: till }
sites:
  shop:
    asn: 65010
    advertise: [10.20.9.0/24]
    routers: { till: { address: 10.20.9.1/24, tunnel: { sourceAddress: 198.51.100.1, address: 10.90.0.1 } } }
    hosts: { pc: { address: 10.20.9.10/24, gateway: 10.20.9.1 } }
";

#[test]
fn a_site_inside_the_networks_range_gets_no_answer() {
    let lab = Solved::of(INSIDE);
    let last = |from: &str, to: &str| {
        let said = why(&lab, from, to);
        let paragraphs: Vec<&str> = said.trim_end().split("\n\n").collect();
        paragraphs[paragraphs.len() - 1].to_owned()
    };
    assert_snapshot!(last("work-vm", "pc"), @r"
    work-vm does not reach pc: work-vm has a route to 10.20.0.0/16 (Default VnetLocal), but no node there has the address;
      pc has it, but in a site, and the site's range is inside the network's.
    ");
    assert_snapshot!(last("pc", "work-vm"), @r"
    packets from pc reach work-vm, but its answers are lost: work-vm has a route to 10.20.0.0/16 (Default VnetLocal), but no
      node there has the address; pc has it, but in a site, and the site's range is inside the network's.
    ");
}

#[test]
fn half_a_peering_is_no_reason_where_it_would_bring_no_route() {
    let half = "    peerings: [{ remoteVirtualNetwork: other }]\n";
    let lab = INSIDE
        .replace("10.20.9.", "10.91.9.")
        .replace("virtualNetworkGateways:\n", &format!("{half}  other:\n    location: region1\n    addressPrefixes: [10.21.0.0/16]\n    subnets: {{ default: {{ addressPrefix: 10.21.0.0/24 }} }}\nvirtualNetworkGateways:\n"));
    let lab = Solved::of(&lab).without("shop-main");
    let said = why(&lab, "pc", "work-vm");
    assert!(!said.contains("Initiated"), "{said}");
    assert!(said.contains("the session is down"), "{said}");
}

/// A load balancer one of whose backends does not forward.
const HALF_DEAF: &str = r"name: half-deaf
virtualNetworks:
  main:
    location: region1
    addressPrefixes: [10.20.0.0/16]
    subnets:
      nva: { addressPrefix: 10.20.1.0/24 }
      work: { addressPrefix: 10.20.2.0/24, routeTable: by-ilb }
      far: { addressPrefix: 10.20.3.0/24 }
    virtualMachines:
      nva1: { subnet: nva, privateIPAddress: 10.20.1.4, ipForwarding: true }
      nva2: { subnet: nva, privateIPAddress: 10.20.1.5 }
      work-vm: { subnet: work, privateIPAddress: 10.20.2.4 }
      far-vm: { subnet: far, privateIPAddress: 10.20.3.4 }
loadBalancers:
  ilb: { virtualNetwork: main, subnet: nva, frontendIPAddress: 10.20.1.100, backends: [nva1, nva2] }
routeTables:
  by-ilb:
    routes: { far: { addressPrefix: 10.20.3.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.20.1.100 } }
";

#[test]
fn the_flows_of_a_backend_that_does_not_forward_are_lost() {
    let said = why(&Solved::of(HALF_DEAF), "work-vm", "far-vm");
    let last: Vec<&str> = said.trim_end().rsplitn(2, "\n\n").collect();
    assert_snapshot!(last[0], @r"
    work-vm reaches far-vm in 2 hops; the forward path crosses virtual appliance nva1, the return path does not; flows by
      nva2 are lost: nva2 drops packets for other addresses: it has no `ipForwarding`.
    ");
}

/// A network with a route table whose next hop is the address of an MSEE in its own `GatewaySubnet`.
const TO_AN_MSEE: &str = r"name: to-an-msee
virtualNetworks:
  main:
    location: region1
    addressPrefixes: [10.20.0.0/16]
    subnets: { work: { addressPrefix: 10.20.2.0/24, routeTable: astray }, GatewaySubnet: { addressPrefix: 10.20.255.0/27 } }
    virtualMachines: { work-vm: { subnet: work, privateIPAddress: 10.20.2.4 } }
virtualNetworkGateways:
  main-er: { virtualNetwork: main, gatewayType: ExpressRoute }
routeTables:
  astray:
    routes: { edge: { addressPrefix: 10.90.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.20.255.6 } }
expressRouteCircuits:
  er:
    bandwidthInMbps: 50
    primary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: till }
    secondary: { peerAddressPrefix: 172.16.0.4/30, customerEdge: till }
connections:
  er-main: { connectionType: ExpressRoute, gateway: main-er, circuit: er, endpoints: [10.20.255.6, 10.20.255.7] }
sites:
  shop:
    asn: 65010
    advertise: [10.90.0.0/24]
    routers: { till: { address: 10.90.0.1/24 } }
    hosts: { pc: { address: 10.90.0.10/24, gateway: 10.90.0.1 } }
";

#[test]
fn the_address_of_an_msee_in_the_own_network_belongs_to_expressroute() {
    let said = why(&Solved::of(TO_AN_MSEE), "work-vm", "10.90.9.9");
    assert!(said.contains("which belongs to ExpressRoute"), "{said}");
}

/// Two spokes of a hub that has a gateway, which neither uses.
const SPOKES: &str = "name: spokes
virtualNetworks:
  hub: { virtualMachines: [hub-vm] }
  spoke1: { virtualMachines: [spoke1-vm] }
  spoke2: { virtualMachines: [spoke2-vm] }
peerings:
  - { virtualNetwork: [spoke1, spoke2], remoteVirtualNetwork: hub }
virtualNetworkGateways: { hub-vpngw: hub }
connections: { hub-office: { gateway: hub-vpngw, device: office-ce } }
sites: { office: { routers: [office-ce], hosts: [office-pc] } }
";

#[test]
fn peering_is_not_transitive_and_does_not_share_gateways_by_itself() {
    let lab = Solved::of(SPOKES);
    let summary = |from, to| explained(&lab, from, to).summary;
    assert_snapshot!(summary("spoke1-vm", "spoke2-vm"), @r"spoke1-vm does not reach spoke2-vm: spoke1-vm has no route to 10.2.0.4 except the system route 10.0.0.0/8 to None; spoke1 is peered with hub, and hub with spoke2, which has 10.2.0.0/16, but peering is not transitive (virtual-network-peering-overview)");
    assert_snapshot!(summary("spoke1-vm", "office-pc"), @r"spoke1-vm does not reach office-pc: spoke1-vm has no route to 192.168.1.10 except the system route 192.168.0.0/16 to None; spoke1 is peered with hub, which has a gateway, but does not use it: the peering of spoke1 lacks `useRemoteGateways`, and the peering of hub lacks `allowGatewayTransit`");
    assert_snapshot!(summary("office-pc", "spoke1-vm"), @r"office-pc does not reach spoke1-vm: office-ce has no route to 10.1.0.4; spoke1 is peered with hub, which has a gateway, but does not use it: the peering of spoke1 lacks `useRemoteGateways`, and the peering of hub lacks `allowGatewayTransit`");
}

/// The same, but the hub allows the first spoke to use its gateway.
const OFFERED: &str = "name: offered
virtualNetworks:
  hub:
    virtualMachines: [hub-vm]
    peerings: [{ remoteVirtualNetwork: spoke1, allowGatewayTransit: true }]
  spoke1: { virtualMachines: [spoke1-vm], peerings: [{ remoteVirtualNetwork: hub }] }
virtualNetworkGateways: { hub-vpngw: hub }
connections: { hub-office: { gateway: hub-vpngw, device: office-ce } }
sites: { office: { routers: [office-ce], hosts: [office-pc] } }
";

#[test]
fn only_the_missing_flag_of_a_peering_is_named() {
    let lab = Solved::of(OFFERED);
    let summary = explained(&lab, "office-pc", "spoke1-vm").summary;
    assert!(
        summary.ends_with("but does not use it: the peering of spoke1 lacks `useRemoteGateways`"),
        "{summary}"
    );
}
