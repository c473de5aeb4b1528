//! Pictures of every lab of the catalogue, and of plain ones: nothing is drawn on top of anything else.

mod elements;
mod formats;
mod geometry;
mod paths;
mod render;
mod style;

use std::fmt::Write;

use crate::lab::parse;
use crate::lab::resolve;
use crate::network::Disturbances;
use crate::report::path::Path;
use crate::report::picture::{Picture, dot, drawio, mermaid, picture, svg};
use crate::report::solved::Solved;
use crate::topology::Topology;
use crate::verify::why::explain;

/// The labs of the catalogue, by name.
const LABS: [(&str, &str); 10] = [
    ("hub-spoke", include_str!("../../../labs/hub-spoke.yaml")),
    ("hub-nva", include_str!("../../../labs/hub-nva.yaml")),
    (
        "two-nic-nva",
        include_str!("../../../labs/two-nic-nva.yaml"),
    ),
    ("two-hubs", include_str!("../../../labs/two-hubs.yaml")),
    (
        "branch-in-vnet",
        include_str!("../../../labs/branch-in-vnet.yaml"),
    ),
    (
        "er-vpn-coexistence",
        include_str!("../../../labs/er-vpn-coexistence.yaml"),
    ),
    (
        "er-resiliency",
        include_str!("../../../labs/er-resiliency.yaml"),
    ),
    (
        "s2s-over-expressroute",
        include_str!("../../../labs/s2s-over-expressroute.yaml"),
    ),
    (
        "ipsec-over-expressroute",
        include_str!("../../../labs/ipsec-over-expressroute.yaml"),
    ),
    (
        "active-active",
        include_str!("../../../labs/active-active.yaml"),
    ),
];

/// Everything that joins anything: both kinds of gateway in pairs, circuits joined to each other, sites joined to each
/// other, peerings in a triangle and across regions, and more machines than stand below each other.
const MANY_KINDS: &str = r"name: many-kinds
virtualNetworks:
  a:
    location: one
    addressPrefixes: [10.0.0.0/16]
    subnets: { GatewaySubnet: { addressPrefix: 10.0.255.0/26 }, many: { addressPrefix: 10.0.1.0/24 }, none: { addressPrefix: 10.0.2.0/24 } }
    virtualMachines:
      m1: { subnet: many, privateIPAddress: 10.0.1.4 }
      m2: { subnet: many, privateIPAddress: 10.0.1.5 }
      m3: { subnet: many, privateIPAddress: 10.0.1.6 }
      m4: { subnet: many, privateIPAddress: 10.0.1.7 }
      m5: { subnet: many, privateIPAddress: 10.0.1.8 }
      m6: { subnet: many, privateIPAddress: 10.0.1.9 }
      m7: { subnet: many, privateIPAddress: 10.0.1.10 }
      m8: { subnet: many, privateIPAddress: 10.0.1.11 }
      m9: { subnet: many, privateIPAddress: 10.0.1.12 }
    peerings: [{ remoteVirtualNetwork: p1 }, { remoteVirtualNetwork: p2 }]
  p1:
    location: one
    addressPrefixes: [10.1.0.0/24]
    peerings: [{ remoteVirtualNetwork: a }, { remoteVirtualNetwork: p2 }, { remoteVirtualNetwork: p3 }]
  p2:
    location: two
    addressPrefixes: [10.2.0.0/24]
    peerings: [{ remoteVirtualNetwork: a }, { remoteVirtualNetwork: p1 }]
  p3:
    location: one
    addressPrefixes: [10.3.0.0/24]
    peerings: [{ remoteVirtualNetwork: p1 }]
  b:
    location: two
    addressPrefixes: [10.4.0.0/16]
    subnets: { GatewaySubnet: { addressPrefix: 10.4.255.0/26 } }
virtualNetworkGateways:
  ga: { virtualNetwork: a, gatewayType: Vpn, activeActive: true, publicIPAddresses: [198.51.100.1, 198.51.100.2] }
  gb: { virtualNetwork: b, gatewayType: Vpn, asn: 65010, activeActive: true, publicIPAddresses: [198.51.100.3, 198.51.100.4] }
  ea: { virtualNetwork: a, gatewayType: ExpressRoute }
  eb: { virtualNetwork: b, gatewayType: ExpressRoute }
expressRouteCircuits:
  c1: { bandwidthInMbps: 50, primary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: x1 }, secondary: { peerAddressPrefix: 172.16.0.4/30, customerEdge: x2 } }
  c2: { bandwidthInMbps: 50, primary: { peerAddressPrefix: 172.16.0.8/30, customerEdge: y1 }, secondary: { peerAddressPrefix: 172.16.0.12/30, customerEdge: y1 } }
connections:
  c1-a: { connectionType: ExpressRoute, gateway: ea, circuit: c1, endpoints: [10.0.255.20, 10.0.255.21], rtt: 4ms }
  c2-b: { connectionType: ExpressRoute, gateway: eb, circuit: c2, endpoints: [10.4.255.20, 10.4.255.21], rtt: 4ms }
  ab: { connectionType: Vnet2Vnet, gateways: [ga, gb], rtt: 30ms }
  a-z: { connectionType: IPsec, gateway: ga, device: z1, rtt: 9ms }
  reach: { connectionType: GlobalReach, circuits: [c1, c2], addressPrefix: 172.16.9.0/29, rtt: 12ms }
sites:
  x: { asn: 65101, routers: { x1: {}, x2: {}, x3: { address: 10.101.0.1/24 }, x4: { address: 10.101.0.2/24 } }, hosts: { xh: { address: 10.101.0.10/24, gateway: 10.101.0.1 } },
       links: [ { a: x1, b: x3, addresses: [192.168.1.0/31, 192.168.1.1/31] }, { a: x2, b: x4, addresses: [192.168.1.2/31, 192.168.1.3/31] }, { a: x1, b: x2, addresses: [192.168.1.4/31, 192.168.1.5/31], rtt: 1ms }, { a: x3, b: x4, addresses: [192.168.1.6/31, 192.168.1.7/31] } ], advertise: [10.101.0.0/24] }
  y: { asn: 65102, routers: { y1: { address: 10.102.0.1/24 } }, hosts: { yh: { address: 10.102.0.10/24, gateway: 10.102.0.1 } }, advertise: [10.102.0.0/24] }
  z: { asn: 65103, routers: { z1: { address: 10.103.0.1/24, tunnel: { sourceAddress: 203.0.113.1, address: 10.103.0.254 } } }, hosts: { zh: { address: 10.103.0.10/24, gateway: 10.103.0.1 } }, advertise: [10.103.0.0/24] }
wan:
  xy: { a: x1, b: y1, addresses: [192.168.9.0/31, 192.168.9.1/31], rtt: 20ms }
  x4z: { a: x4, b: z1, addresses: [192.168.9.2/31, 192.168.9.3/31], rtt: 20ms }
";

fn resolved(text: &str) -> Topology {
    resolve(&parse(text).unwrap()).unwrap()
}

/// Pictures with measured, computed and lost paths.
fn pictures_with_paths() -> Vec<Picture> {
    let solved = Solved::hub_spoke();
    let planned = |from: &str, to: &str| {
        let to = solved.topology.node(solved.node(to)).address.unwrap();
        let why = explain(&solved, solved.node(from), to);
        Path::planned(&solved.topology, &why)
    };
    let [mut there, mut back] = [
        planned("spoke-vm", "loc1-vm"),
        planned("loc1-vm", "spoke-vm"),
    ];
    let lost = planned("branch-vm", "loc2-vm");
    let with = |paths: &[&Path]| {
        let mut picture = picture(&solved.topology);
        picture.paths = paths.iter().map(|path| (*path).clone()).collect();
        picture
    };
    let computed = with(&[&there, &back]);
    (there.is_measured, back.is_measured) = (true, true);
    vec![
        computed,
        with(&[&there, &back]),
        with(&[&lost]),
        with_failures(&solved.topology),
    ]
}

/// A picture with a link that is down and a blackholed one.
fn with_failures(topology: &Topology) -> Picture {
    let link = |name| topology.link_named(name).unwrap();
    let disturbances = Disturbances {
        down: [link("er1-primary")].into(),
        blackholed: [link("er2-primary")].into(),
        ..Disturbances::default()
    };
    picture(topology).with_failures(topology, &disturbances)
}

fn drawn(text: &str) -> Picture {
    picture(&resolved(text))
}

/// A chain of routers.
fn chain(routers: usize) -> String {
    let mut text = "name: chain\nsites:\n  chain:\n    routers:\n".to_owned();
    for router in 1..=routers {
        let _ = writeln!(text, "      r{router}: {{}}");
    }
    text.push_str("    links:\n");
    for link in 1..routers {
        let net = format!("10.{}.{}", link / 100, link % 100);
        let following = link + 1;
        let _ = writeln!(
            text,
            "      - {{ a: r{link}, b: r{following}, addresses: [{net}.0/31, {net}.1/31] }}"
        );
    }
    text
}

/// Hosts behind their own routers, which are connected to one central router.
fn star(hosts: usize) -> String {
    let mut text = "name: star\nsites:\n  star:\n    routers:\n      middle: {}\n".to_owned();
    for host in 1..=hosts {
        let _ = writeln!(text, "      r{host}: {{ address: 10.0.{host}.1/24 }}");
    }
    text.push_str("    hosts:\n");
    for host in 1..=hosts {
        let _ = writeln!(
            text,
            "      h{host}: {{ address: 10.0.{host}.10/24, gateway: 10.0.{host}.1 }}"
        );
    }
    text.push_str("    links:\n");
    for host in 1..=hosts {
        let net = format!("10.1.{host}");
        let _ = writeln!(
            text,
            "      - {{ a: r{host}, b: middle, addresses: [{net}.0/31, {net}.1/31] }}"
        );
    }
    text
}

/// A hub with a gateway for spokes, of which every fifth is in another region.
fn hub(spokes: usize) -> String {
    let mut text = "name: hub\nvirtualNetworks:\n  hub:\n    location: one\n    addressPrefixes: [10.0.0.0/24]\n    \
                    subnets: { GatewaySubnet: { addressPrefix: 10.0.0.0/27 } }\n    peerings:\n"
        .to_owned();
    for spoke in 1..=spokes {
        let _ = writeln!(
            text,
            "      - {{ remoteVirtualNetwork: spoke{spoke}, allowGatewayTransit: true }}"
        );
    }
    for spoke in 1..=spokes {
        let location = if spoke % 5 == 0 { "two" } else { "one" };
        let _ = writeln!(
            text,
            "  spoke{spoke}:\n    location: {location}\n    addressPrefixes: [10.1.{spoke}.0/24]\n    \
             subnets: {{ default: {{ addressPrefix: 10.1.{spoke}.0/24 }} }}\n    \
             virtualMachines: {{ vm{spoke}: {{ subnet: default, privateIPAddress: 10.1.{spoke}.4 }} }}\n    \
             peerings: [{{ remoteVirtualNetwork: hub, useRemoteGateways: true }}]"
        );
    }
    text.push_str(
        "virtualNetworkGateways: { gw: { virtualNetwork: hub, gatewayType: Vpn, publicIPAddress: 198.51.100.1 } }\n",
    );
    text
}

#[test]
fn failed_links_of_a_running_lab_are_marked_in_every_format() {
    let topology = resolved(LABS[0].1);
    let whole = picture(&topology);
    let failed = with_failures(&topology);
    let drawn = svg(&failed);
    for part in [
        "<g class=\"link circuit-link down\" data-link=\"er1-primary\"",
        "<g class=\"link circuit-link blackhole\" data-link=\"er2-primary\"",
        "<g class=\"link down\">",
        "drops all packets</text>",
    ] {
        assert!(drawn.contains(part), "{part}");
        assert!(!svg(&whole).contains(part), "{part}");
    }
    for format in [dot, mermaid, drawio] {
        assert_ne!(format(&failed), format(&whole));
    }
}
