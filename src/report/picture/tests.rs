//! Pictures of every lab of the catalogue, and of plain ones: nothing is drawn on top of anything else.

mod formats;
mod geometry;
mod paths;

use std::fmt::Write;

use crate::report::picture::{Picture, picture};
use crate::spec::parse;
use crate::topology::{Topology, resolve};

/// The labs of the catalogue, by name.
const LABS: [(&str, &str); 6] = [
    ("hub-spoke", include_str!("../../../labs/hub-spoke.yaml")),
    ("hub-nva", include_str!("../../../labs/hub-nva.yaml")),
    ("two-hubs", include_str!("../../../labs/two-hubs.yaml")),
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
];

fn resolved(text: &str) -> Topology {
    resolve(&parse(text).unwrap()).unwrap()
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

/// Hosts behind routers of their own, which meet in one.
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
