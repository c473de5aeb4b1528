//! Virtual networks: subnets, route tables, load balancers, appliances and peerings.

use crate::lab::lower::tests::{built, lines, nodes, shown};
use crate::topology::{Peering, RouteTable, Subnet, Topology, VirtualNetwork};

const TEXT: &str = "name: lab
semantics: { vpnGatewayHops: legacy, strictPeeringFlags: true }
convergence: immediate
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.0.0.0/24, 10.0.1.0/24]
    subnets:
      default: { addressPrefix: 10.0.0.0/26 }
      appliances: { addressPrefix: 10.0.0.64/26, routeTable: no-gateways }
      spare: { addressPrefix: 10.0.1.0/24, routeTable: to-appliances }
    virtualMachines:
      nva1: { subnet: appliances, privateIPAddress: 10.0.0.68, ipForwarding: true }
      nva2: { subnet: appliances, privateIPAddress: 10.0.0.69, ipForwarding: true }
      hub-vm: { subnet: default, privateIPAddress: 10.0.0.4 }
    peerings:
      - { remoteVirtualNetwork: near, allowForwardedTraffic: true }
      - { remoteVirtualNetwork: far, peerCompleteVnets: false, localSubnetNames: [default, spare], allowVirtualNetworkAccess: false }
  near:
    location: region1
    addressPrefixes: [10.1.0.0/24]
    peerings: [{ remoteVirtualNetwork: hub }]
  far:
    location: region2
    addressPrefixes: [10.2.0.0/24]
    peerings: [{ remoteVirtualNetwork: hub }]
routeTables:
  no-gateways:
    disableBgpRoutePropagation: true
    routes: {}
  to-appliances:
    routes:
      everything: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.100 }
      nowhere: { addressPrefix: 10.3.0.0/16, nextHopType: None }
loadBalancers:
  appliances: { virtualNetwork: hub, subnet: appliances, frontendIPAddress: 10.0.0.100, backends: [nva2, nva1] }
";

#[test]
fn subnets_have_route_tables() {
    let topology = built(TEXT);
    let subnet = |subnet: &Subnet| {
        let table = subnet.route_table.map(|id| &topology.route_table(id).name);
        format!("{} {} {}", subnet.name, subnet.prefix, shown(table))
    };
    let subnets = lines(topology.virtual_networks[0].subnets.iter().map(subnet));
    insta::assert_snapshot!(subnets, @r"
    default 10.0.0.0/26 -
    appliances 10.0.0.64/26 no-gateways
    spare 10.0.1.0/24 to-appliances
    ");
    let table = |table: &RouteTable| {
        let routes = table.routes.iter();
        let routes: Vec<_> = routes
            .map(|route| format!("\n  {} {} {}", route.name, route.prefix, route.next_hop))
            .collect();
        format!(
            "{} propagates {}{}",
            table.name,
            table.propagates,
            routes.concat()
        )
    };
    insta::assert_snapshot!(lines(topology.route_tables.iter().map(table)), @r"
    no-gateways propagates false
    to-appliances propagates true
      everything 0.0.0.0/0 VirtualAppliance 10.0.0.100
      nowhere 10.3.0.0/16 None
    ");
}

#[test]
fn appliances_forward_behind_a_load_balancer_whose_frontend_is_nobodys() {
    let topology = built(TEXT);
    insta::assert_snapshot!(nodes(&topology), @r"
    azure: Azure fabric - AS -
    nva1: virtual appliance 10.0.0.68 AS -
    nva2: virtual appliance 10.0.0.69 AS -
    hub-vm: virtual machine 10.0.0.4 AS -
    ");
    let balancer = &topology.load_balancers[0];
    let backends: Vec<_> = balancer
        .backends
        .iter()
        .map(|nic| topology.name_of(*nic))
        .collect();
    let network = &topology.vnet(balancer.vnet).name;
    assert_eq!(
        format!(
            "{} {network} {} {backends:?}",
            balancer.name, balancer.frontend
        ),
        "appliances hub 10.0.0.100 [\"nva2\", \"nva1\"]"
    );
    let members = &topology.segments[0].members;
    let mut answered = members
        .iter()
        .flat_map(|member| topology.addresses_at(member.interface));
    assert!(answered.all(|address| address != balancer.frontend));
    let nic = |name: &str| {
        let mut nics = topology.nics(topology.find(name).unwrap());
        let (_, nic) = nics.next().unwrap();
        (nic.subnet, nic.forwards)
    };
    assert_eq!(nic("nva1"), (1, true));
    assert_eq!(nic("hub-vm"), (0, false));
}

#[test]
fn a_network_sees_of_its_peer_what_the_peer_shows() {
    let topology = built(TEXT);
    insta::assert_snapshot!(peerings(&topology), @r"
    hub sees [10.1.0.0/24] of near: takes-forwarded gives-access
    hub sees [10.2.0.0/24] of far: global
    near sees [10.0.0.0/24, 10.0.1.0/24] of hub: gives-access
    far sees [10.0.0.0/26, 10.0.1.0/24] of hub: global gives-access
    ");
}

fn peerings(topology: &Topology) -> String {
    let peering = |vnet: &VirtualNetwork, peering: &Peering| {
        let Peering {
            remote,
            prefixes,
            is_global,
            takes_forwarded,
            gives_access,
            offers_transit,
            gives_transit,
            uses_remote_gateways,
        } = peering;
        let flags = [
            (*is_global, "global"),
            (*takes_forwarded, "takes-forwarded"),
            (*gives_access, "gives-access"),
            (*offers_transit && !gives_transit, "offers-transit"),
            (*gives_transit, "gives-transit"),
            (*uses_remote_gateways, "uses-remote-gateways"),
        ];
        let flags: Vec<_> = flags
            .iter()
            .filter(|(set, _)| *set)
            .map(|(_, flag)| *flag)
            .collect();
        format!(
            "{} sees {prefixes:?} of {}: {}",
            vnet.name,
            topology.vnet(*remote).name,
            flags.join(" ")
        )
    };
    let networks = topology.virtual_networks.iter();
    lines(networks.flat_map(|vnet| vnet.peerings.iter().map(move |one| peering(vnet, one))))
}

#[test]
fn switches_are_those_of_the_file() {
    let topology = built(TEXT);
    assert!(topology.converges_immediately && topology.semantics.strict_peering_flags);
    let plain = built("name: plain");
    assert!(!plain.converges_immediately && !plain.semantics.strict_peering_flags);
}
