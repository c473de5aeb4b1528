//! Default values of a lab file, and its short forms.

use crate::lab::tests::findings;
use crate::lab::{filled, parse, resolve};
use crate::topology::Topology;

/// A hub with two spokes and a VPN site.
const SHORT: &str = "\
name: short
virtualNetworks:
  hub:    { virtualMachines: [hub-vm] }
  spoke1: { virtualMachines: [vm1] }
  spoke2: { virtualMachines: [vm2] }
peerings: [{ virtualNetwork: [spoke1, spoke2], remoteVirtualNetwork: hub, useRemoteGateways: true }]
virtualNetworkGateways: { hub-vpngw: hub }
connections: { office: { gateway: hub-vpngw, device: office-ce } }
sites: { office: { routers: [office-ce], hosts: [office-pc] } }
";

fn topology(text: &str) -> Topology {
    let spec = parse(text).unwrap_or_else(|findings| panic!("{findings:#?}\n{text}"));
    resolve(&spec).unwrap_or_else(|findings| panic!("{findings:#?}\n{text}"))
}

fn shown(text: &str) -> String {
    filled(text).expect("the text is valid YAML")
}

#[test]
fn a_hub_with_spokes_and_a_site_needs_their_names_only() {
    insta::assert_snapshot!(shown(SHORT), @r"
    name: short

    virtualNetworks:
      hub:
        location: westeurope
        addressPrefixes: [10.0.0.0/16]
        subnets:
          default: { addressPrefix: 10.0.0.0/24 }
          GatewaySubnet: { addressPrefix: 10.0.255.0/27 }
        virtualMachines:
          hub-vm: { subnet: default, privateIPAddress: 10.0.0.4 }
        peerings:
          - { remoteVirtualNetwork: spoke1, allowGatewayTransit: true }
          - { remoteVirtualNetwork: spoke2, allowGatewayTransit: true }
      spoke1:
        location: westeurope
        addressPrefixes: [10.1.0.0/16]
        subnets:
          default: { addressPrefix: 10.1.0.0/24 }
        virtualMachines:
          vm1: { subnet: default, privateIPAddress: 10.1.0.4 }
        peerings:
          - { remoteVirtualNetwork: hub, useRemoteGateways: true }
      spoke2:
        location: westeurope
        addressPrefixes: [10.2.0.0/16]
        subnets:
          default: { addressPrefix: 10.2.0.0/24 }
        virtualMachines:
          vm2: { subnet: default, privateIPAddress: 10.2.0.4 }
        peerings:
          - { remoteVirtualNetwork: hub, useRemoteGateways: true }

    virtualNetworkGateways:
      hub-vpngw: { virtualNetwork: hub, gatewayType: Vpn, publicIPAddress: 20.0.0.1 }

    connections:
      office: { connectionType: IPsec, gateway: hub-vpngw, device: office-ce }

    sites:
      office:
        asn: 65001
        routers:
          office-ce:
            address: 192.168.1.1/24
            tunnel: { sourceAddress: 203.0.113.1, address: 172.19.0.1 }
        hosts:
          office-pc: { address: 192.168.1.10/24, gateway: 192.168.1.1 }
        advertise: [192.168.1.0/24]
    ");
}

#[test]
fn circuits_need_their_rate_and_customer_edges_only() {
    let text = "\
name: er
virtualNetworks: { hub: { addressPrefixes: [10.1.0.0/24], virtualMachines: [vm] } }
virtualNetworkGateways: { gw: hub }
expressRouteCircuits: { er1: { bandwidthInMbps: 1000, primary: ce1, secondary: ce2 } }
connections: { er1-hub: { gateway: gw, circuit: er1 } }
sites:
  dc:
    routers: [lan, ce1, ce2]
    hosts: { pc: 192.168.7.20/24 }
    links: [[lan, ce1], [lan, ce2]]
";
    topology(text);
    insta::assert_snapshot!(shown(text), @r"
    name: er

    virtualNetworks:
      hub:
        location: westeurope
        addressPrefixes: [10.1.0.0/24]
        subnets:
          default: { addressPrefix: 10.1.0.0/25 }
          GatewaySubnet: { addressPrefix: 10.1.0.224/27 }
        virtualMachines:
          vm: { subnet: default, privateIPAddress: 10.1.0.4 }

    virtualNetworkGateways:
      gw: { virtualNetwork: hub, gatewayType: ExpressRoute, privateIPAddress: 10.1.0.236 }

    expressRouteCircuits:
      er1:
        bandwidthInMbps: 1000
        primary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: ce1 }
        secondary: { peerAddressPrefix: 172.16.0.4/30, customerEdge: ce2 }

    connections:
      er1-hub:
        connectionType: ExpressRoute
        gateway: gw
        circuit: er1
        endpoints: [10.1.0.228, 10.1.0.229]
        mseeAddresses: [10.63.0.1, 10.63.0.2]

    sites:
      dc:
        asn: 65001
        routers:
          lan: { address: 192.168.7.1/24 }
          ce1: {}
          ce2: {}
        hosts:
          pc: { address: 192.168.7.20/24, gateway: 192.168.7.1 }
        links:
          - { a: lan, b: ce1, addresses: [172.17.0.0/31, 172.17.0.1/31] }
          - { a: lan, b: ce2, addresses: [172.17.0.2/31, 172.17.0.3/31] }
        advertise: [192.168.7.0/24]
    ");
}

#[test]
fn next_hops_and_frontends_may_be_names() {
    let text = "\
name: nva
virtualNetworks:
  hub:
    subnets: [nva, default]
    peerings: [spoke]
    virtualMachines:
      fw1: { subnet: nva, ipForwarding: true }
      fw2: { networkInterfaces: { default: { ipForwarding: true }, nva: { ipForwarding: true } } }
  spoke:
    subnets: { default: { routeTable: through } }
    virtualMachines: { vm: 10.1.0.9 }
loadBalancers: { balancer: { backends: [fw1, fw2/nva] } }
routeTables:
  through:
    routes:
      a: { addressPrefix: 10.9.0.0/16, nextHopIpAddress: balancer }
      b: { addressPrefix: 10.8.0.0/16, nextHopIpAddress: fw2/nva }
      c: { addressPrefix: 10.7.0.0/16, nextHopIpAddress: fw1 }
";
    topology(text);
    insta::assert_snapshot!(shown(text), @r"
    name: nva

    virtualNetworks:
      hub:
        location: westeurope
        addressPrefixes: [10.0.0.0/16]
        subnets:
          nva: { addressPrefix: 10.0.0.0/24 }
          default: { addressPrefix: 10.0.1.0/24 }
        peerings:
          - { remoteVirtualNetwork: spoke }
        virtualMachines:
          fw1: { subnet: nva, privateIPAddress: 10.0.0.4, ipForwarding: true }
          fw2:
            networkInterfaces:
              default: { subnet: default, privateIPAddress: 10.0.1.4, ipForwarding: true }
              nva: { subnet: nva, privateIPAddress: 10.0.0.5, ipForwarding: true }
      spoke:
        location: westeurope
        addressPrefixes: [10.1.0.0/16]
        subnets:
          default: { addressPrefix: 10.1.0.0/24, routeTable: through }
        virtualMachines:
          vm: { subnet: default, privateIPAddress: 10.1.0.9 }
        peerings:
          - { remoteVirtualNetwork: hub }

    loadBalancers:
      balancer: { virtualNetwork: hub, subnet: nva, frontendIPAddress: 10.0.0.254, backends: [fw1, fw2/nva] }

    routeTables:
      through:
        routes:
          a: { addressPrefix: 10.9.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.254 }
          b: { addressPrefix: 10.8.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.5 }
          c: { addressPrefix: 10.7.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.4 }
    ");
}

#[test]
fn the_long_form_is_the_same_lab() {
    let long = shown(SHORT);
    assert_eq!(topology(SHORT), topology(&long));
    assert_eq!(long, shown(&long));
}

#[test]
fn what_is_added_at_the_end_moves_nothing() {
    let nodes = |topology: &Topology| -> Vec<String> {
        let nodes = topology.nodes.iter();
        nodes
            .map(|node| format!("{} {:?}", node.name, node.address))
            .collect()
    };
    let longer = SHORT
        .replace("[vm1]", "[vm1, vm3]")
        .replace("[office-pc]", "[office-pc, office-pc2]")
        .replace(
            "peerings:",
            "  spoke3: { virtualMachines: [vm4] }\npeerings:",
        );
    let longer = format!("{longer}  other: {{ routers: [other-ce], hosts: [other-pc] }}\n")
        .replace("sites: { office:", "sites:\n  office:")
        .replace("[office-pc, office-pc2] } }", "[office-pc, office-pc2] }")
        .replace(
            "device: office-ce } }",
            "device: office-ce }, other: { gateway: hub-vpngw, device: other-ce } }",
        );
    let after = nodes(&topology(&longer));
    for node in nodes(&topology(SHORT)) {
        assert!(after.contains(&node), "{node} is not in {after:#?}");
    }
}

#[test]
fn what_cannot_be_chosen_is_missing() {
    let text = "name: a\nvirtualNetworks: { one: ~ }\npeerings: [{ virtualNetwork: one, remoteVirtualNetwork: two }]\nvirtualNetworkGateways: { gw: ~ }\n";
    insta::assert_snapshot!(findings(text).join("\n"), @r"4:27 missing-key: a VPN gateway with one instance needs `virtualNetwork`");
}

#[test]
fn an_expected_address_may_be_chosen() {
    let text = "name: a\nvirtualNetworks: { one: { virtualMachines: [x, y] } }\nexpect: [{ from: x, to: y, hops: [10.0.0.5] }]\n";
    topology(text);
}

#[test]
fn choices_fit_what_the_file_gives() {
    let text = "\
name: fits
virtualNetworks: { hub: { subnets: { GatewaySubnet: { routeTable: rt }, default: ~ } } }
routeTables: { rt: {} }
virtualNetworkGateways: { gw: hub }
sites:
  one: { routers: [r1], hosts: { h1: 192.168.5.1/24, h2: ~ } }
  two: { routers: [r2], hosts: { h3: { gateway: 10.9.9.1 } } }
";
    topology(text);
    insta::assert_snapshot!(shown(text), @r"
    name: fits

    virtualNetworks:
      hub:
        location: westeurope
        addressPrefixes: [10.0.0.0/16]
        subnets:
          GatewaySubnet: { addressPrefix: 10.0.255.0/27, routeTable: rt }
          default: { addressPrefix: 10.0.0.0/24 }

    routeTables:
      rt: {}

    virtualNetworkGateways:
      gw: { virtualNetwork: hub, gatewayType: Vpn, publicIPAddress: 20.0.0.1 }

    sites:
      one:
        routers:
          r1: { address: 192.168.5.2/24 }
        hosts:
          h1: { address: 192.168.5.1/24, gateway: 192.168.5.2 }
          h2: { address: 192.168.5.10/24, gateway: 192.168.5.2 }
        advertise: [192.168.5.0/24]
      two:
        routers:
          r2: { address: 10.9.9.1/24 }
        hosts:
          h3: { address: 10.9.9.10/24, gateway: 10.9.9.1 }
        advertise: [10.9.9.0/24]
    ");
}

#[test]
fn what_a_short_form_says_twice_is_found() {
    let text = "\
name: a
virtualNetworks: [one, two, three]
peerings:
  - { virtualNetwork: one, virtualNetwork: two, remoteVirtualNetwork: three }
  - { virtualNetwork: [one, two], remoteVirtualNetwork: three }
";
    insta::assert_snapshot!(findings(text).join("\n"), @r"4:28 duplicate-key: `virtualNetwork` is here for the second time");
}
