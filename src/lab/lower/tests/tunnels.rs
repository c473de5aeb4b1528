//! Site-to-site tunnels: their number, the links that carry them, and the prefixes that their ends know.

use crate::lab::lower::tests::{built, links, sessions};
use crate::topology::Topology;

/// Two networks with a VPN gateway each, a site with a device, and the given connections. `hub_gateway` has the keys of
/// the first gateway.
fn with_connections(hub_gateway: &str, device: &str, connections: &str) -> Topology {
    built(&format!(
        "name: lab
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.0.0.0/24]
    subnets:
      GatewaySubnet: {{ addressPrefix: 10.0.0.0/27 }}
    peerings:
      - {{ remoteVirtualNetwork: spoke, allowGatewayTransit: true }}
  spoke:
    location: region1
    addressPrefixes: [10.0.1.0/24]
    peerings:
      - {{ remoteVirtualNetwork: hub, useRemoteGateways: true }}
  far:
    location: region2
    addressPrefixes: [10.9.0.0/24]
    subnets:
      GatewaySubnet: {{ addressPrefix: 10.9.0.0/27 }}
virtualNetworkGateways:
  vpn: {{ virtualNetwork: hub, gatewayType: Vpn, {hub_gateway} }}
  far-vpn: {{ virtualNetwork: far, gatewayType: Vpn, asn: 65010, activeActive: true, publicIPAddresses: [203.0.113.91, 203.0.113.92] }}
connections:
{connections}
sites:
  site:
    asn: 65001
    routers:
      edge:
        address: 192.168.0.1/24
        tunnel: {{ sourceAddress: 198.51.100.1, address: 192.168.9.1 }}
{device}
    advertise: [192.168.0.0/24]
"
    ))
}

const ONE: &str = "publicIPAddress: 203.0.113.1";
const TWO: &str = "activeActive: true, publicIPAddresses: [203.0.113.1, 203.0.113.2]";

/// The links whose names begin with that of a connection.
fn tunnels(topology: &Topology, connection: &str) -> String {
    let all = links(topology);
    let of_it: Vec<_> = all
        .lines()
        .filter(|line| line.starts_with(connection) && line.contains(" over "))
        .collect();
    of_it.join("\n")
}

#[test]
fn every_instance_has_a_tunnel_to_the_device() {
    let topology = with_connections(
        TWO,
        "        localPreference: { vpn-site: 300 }",
        "  vpn-site: { connectionType: IPsec, gateway: vpn, device: edge, rtt: 2ms }",
    );
    insta::assert_snapshot!(tunnels(&topology, "vpn-site"), @"
    vpn-site-in0: vpn-site-in0@vpn-in0 169.254.197.233/32 -- vpn-site-in0@edge 192.168.9.1/32 over 203.0.113.1 198.51.100.1 port 64497 inner ttl - -
    vpn-site-in1: vpn-site-in1@vpn-in1 169.254.197.14/32 -- vpn-site-in1@edge 192.168.9.1/32 over 203.0.113.2 198.51.100.1 port 56918 inner ttl - -
    ");
    let all = sessions(&topology);
    let (_, bgp) = all.split_once("vpn-site").unwrap();
    insta::assert_snapshot!(bgp, @"
     Tunnel on vpn-site-in0 over internet-vpn-in0 internet-edge internet-vpn-site-in0 lost in 180s
      vpn-site-in0@vpn-in0 source 169.254.197.233 peer 192.168.9.1
      vpn-site-in0@edge source 192.168.9.1 peer 10.0.0.4 preference 300
    vpn-site Tunnel on vpn-site-in1 over internet-vpn-in1 internet-edge internet-vpn-site-in1 lost in 180s
      vpn-site-in1@vpn-in1 source 169.254.197.14 peer 192.168.9.1
      vpn-site-in1@edge source 192.168.9.1 peer 10.0.0.5 preference 300
    vpn Instances over vpn-in0 vpn-in1 lost in 180s
      eth0@vpn-in0 source 10.0.0.4 next hop 10.0.0.4
      eth0@vpn-in1 source 10.0.0.5 next hop 10.0.0.5
    far-vpn Instances over far-vpn-in0 far-vpn-in1 lost in 180s
      eth0@far-vpn-in0 source 10.9.0.4 next hop 10.9.0.4
      eth0@far-vpn-in1 source 10.9.0.5 next hop 10.9.0.5
    ");
}

#[test]
fn every_instance_has_a_tunnel_to_every_instance() {
    let both = "  vpn-far: { connectionType: Vnet2Vnet, gateways: [vpn, far-vpn] }";
    insta::assert_snapshot!(tunnels(&with_connections(TWO, "", both), "vpn-far"), @"
    vpn-far-in0-in0: vpn-far-in0-in0@vpn-in0 169.254.216.73/32 -- vpn-far-in0-in0@far-vpn-in0 169.254.233.18/32 over 203.0.113.1 203.0.113.91 port 51875 inner ttl - -
    vpn-far-in0-in1: vpn-far-in0-in1@vpn-in0 169.254.251.200/32 -- vpn-far-in0-in1@far-vpn-in1 169.254.234.255/32 over 203.0.113.1 203.0.113.92 port 58012 inner ttl - -
    vpn-far-in1-in0: vpn-far-in1-in0@vpn-in1 169.254.241.138/32 -- vpn-far-in1-in0@far-vpn-in0 169.254.224.193/32 over 203.0.113.2 203.0.113.91 port 54800 inner ttl - -
    vpn-far-in1-in1: vpn-far-in1-in1@vpn-in1 169.254.209.53/32 -- vpn-far-in1-in1@far-vpn-in1 169.254.225.254/32 over 203.0.113.2 203.0.113.92 port 62379 inner ttl - -
    ");
    insta::assert_snapshot!(tunnels(&with_connections(ONE, "", both), "vpn-far"), @"
    vpn-far-in0: vpn-far-in0@vpn 169.254.236.139/32 -- vpn-far-in0@far-vpn-in0 169.254.253.84/32 over 203.0.113.1 203.0.113.91 port 58695 inner ttl - -
    vpn-far-in1: vpn-far-in1@vpn 169.254.252.44/32 -- vpn-far-in1@far-vpn-in1 169.254.235.99/32 over 203.0.113.1 203.0.113.92 port 64832 inner ttl - -
    ");
}

#[test]
fn a_gateways_own_link_local_address_is_that_of_its_tunnels() {
    let topology = with_connections(
        &format!("{TWO}, bgpPeeringAddresses: [169.254.21.5, 169.254.22.5]"),
        "",
        "  vpn-site: { connectionType: IPsec, gateway: vpn, device: edge }",
    );
    insta::assert_snapshot!(tunnels(&topology, "vpn-site"), @"
    vpn-site-in0: vpn-site-in0@vpn-in0 169.254.21.5/32 -- vpn-site-in0@edge 192.168.9.1/32 over 203.0.113.1 198.51.100.1 port 64497 inner ttl - -
    vpn-site-in1: vpn-site-in1@vpn-in1 169.254.22.5/32 -- vpn-site-in1@edge 192.168.9.1/32 over 203.0.113.2 198.51.100.1 port 56918 inner ttl - -
    ");
    assert!(topology.nodes.iter().all(|node| node.loopback.is_empty()));
    assert!(sessions(&topology).contains("source 192.168.9.1 peer 169.254.22.5"));
}

#[test]
fn a_tunnel_without_bgp_knows_what_the_file_says_lies_behind_it() {
    let topology = with_connections(
        ONE,
        "        routes:
          - { addressPrefix: 10.0.0.0/24, connection: vpn-site }
          - { addressPrefix: 10.0.2.0/24, connection: vpn-site }
          - { addressPrefix: 172.16.0.0/16, nextHopIpAddress: 192.168.0.2 }
      core: { address: 192.168.0.2/24 }",
        "  vpn-site: { connectionType: IPsec, gateway: vpn, device: edge, enableBgp: false, localNetworkAddressPrefixes: [192.168.0.0/24, 192.168.9.1/32] }",
    );
    insta::assert_snapshot!(of_kind(&topology, "StaticTunnel"), @"
    vpn-site StaticTunnel on vpn-site over internet-vpn internet-edge lost in 45s
      vpn-site@vpn source 169.254.239.209 networks 192.168.0.0/24 192.168.9.1/32
      vpn-site@edge source 192.168.9.1 networks 10.0.0.0/24 10.0.2.0/24
    ");
}

/// A gateway knows the other network, and the networks that use its gateway by peering.
#[test]
fn two_gateways_without_bgp_know_each_others_ranges() {
    let topology = with_connections(
        ONE,
        "",
        "  vpn-far: { connectionType: Vnet2Vnet, gateways: [vpn, far-vpn], enableBgp: false }",
    );
    insta::assert_snapshot!(of_kind(&topology, "StaticTunnel"), @"
    vpn-far StaticTunnel on vpn-far-in0 over internet-vpn internet-far-vpn-in0 lost in 45s
      vpn-far-in0@vpn source 169.254.236.139 networks 10.9.0.0/24
      vpn-far-in0@far-vpn-in0 source 169.254.253.84 networks 10.0.0.0/24 10.0.1.0/24
    vpn-far StaticTunnel on vpn-far-in1 over internet-vpn internet-far-vpn-in1 lost in 45s
      vpn-far-in1@vpn source 169.254.252.44 networks 10.9.0.0/24
      vpn-far-in1@far-vpn-in1 source 169.254.235.99 networks 10.0.0.0/24 10.0.1.0/24
    ");
}

#[test]
fn what_lies_behind_a_device_is_known_beside_what_bgp_brings() {
    let topology = with_connections(
        ONE,
        "",
        "  vpn-site: { connectionType: IPsec, gateway: vpn, device: edge, localNetworkAddressPrefixes: [192.168.9.1/32] }",
    );
    insta::assert_snapshot!(of_kind(&topology, " Tunnel"), @"
    vpn-site Tunnel on vpn-site over internet-vpn internet-edge lost in 180s
      vpn-site@vpn source 169.254.239.209 peer 192.168.9.1 networks 192.168.9.1/32
      vpn-site@edge source 192.168.9.1 peer 10.0.0.30
    ");
}

/// The sessions of a kind, each with its two ends.
fn of_kind(topology: &Topology, kind: &str) -> String {
    let all = sessions(topology);
    let all: Vec<_> = all.lines().collect();
    let found: Vec<_> = all
        .chunks(3)
        .filter(|session| session[0].contains(kind))
        .flatten()
        .copied()
        .collect();
    found.join("\n")
}
