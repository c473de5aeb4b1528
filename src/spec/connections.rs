//! The `connections` section: what joins gateways to circuits, to each other and to devices.

use std::net::Ipv4Addr;

use super::fields::{Decoder, Fields};
use super::model::{Connection, ConnectionKind};
use super::tree::{Key, Node};
use super::values::{address, boolean, choice, duration, node_name, reference};
use crate::findings::{Finding, Located};

#[derive(Debug, Clone, Copy)]
enum ConnectionType {
    ExpressRoute,
    VnetToVnet,
    IpSec,
}

const CONNECTION_TYPES: [(&str, ConnectionType); 3] = [
    ("ExpressRoute", ConnectionType::ExpressRoute),
    ("Vnet2Vnet", ConnectionType::VnetToVnet),
    ("IPsec", ConnectionType::IpSec),
];

/// An entry of `connections`.
pub(super) fn connection(d: &mut Decoder, key: &Key, node: &Node) -> Option<Connection> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a connection", |fields| {
        let kind = connection_kind(fields);
        let round_trip_time = fields.optional("rtt", duration);
        Some(Connection {
            name: name?,
            round_trip_time: round_trip_time.unwrap_or_default(),
            kind: kind?,
        })
    })
}

fn connection_kind(fields: &mut Fields<'_>) -> Option<ConnectionKind> {
    let connection_type = fields.required("connectionType", |d, node| {
        choice(d, node, &CONNECTION_TYPES)
    });
    match connection_type {
        Some(ConnectionType::ExpressRoute) => express_route(fields),
        Some(ConnectionType::VnetToVnet) => vnet_to_vnet(fields),
        Some(ConnectionType::IpSec) => ipsec(fields),
        None => any_kind(fields),
    }
}

/// The type is missing or misspelt, so whatever stands there is read as what it could be.
fn any_kind(fields: &mut Fields<'_>) -> Option<ConnectionKind> {
    fields.allow_incomplete();
    fields.optional("gateway", reference);
    fields.optional("gateways", gateways);
    fields.optional("circuit", reference);
    fields.optional("endpoints", endpoints);
    fields.optional("device", reference);
    fields.optional("enableBgp", enable_bgp);
    None
}

fn express_route(fields: &mut Fields<'_>) -> Option<ConnectionKind> {
    fields.narrow("an ExpressRoute connection");
    let gateway = fields.required("gateway", reference);
    let circuit = fields.required("circuit", reference);
    let endpoints = fields.required("endpoints", endpoints);
    Some(ConnectionKind::ExpressRoute {
        gateway: gateway?,
        circuit: circuit?,
        endpoints: endpoints?,
    })
}

fn endpoints(d: &mut Decoder, node: &Node) -> Option<[Located<Ipv4Addr>; 2]> {
    d.pair(node, "a list of two addresses", address)
}

fn gateways(d: &mut Decoder, node: &Node) -> Option<[Located<String>; 2]> {
    d.pair(node, "a list of two gateways", reference)
}

fn vnet_to_vnet(fields: &mut Fields<'_>) -> Option<ConnectionKind> {
    fields.narrow("a Vnet2Vnet connection");
    let gateways = fields.required("gateways", gateways);
    fields.optional("enableBgp", enable_bgp);
    Some(ConnectionKind::VnetToVnet {
        gateways: gateways?,
    })
}

fn ipsec(fields: &mut Fields<'_>) -> Option<ConnectionKind> {
    fields.narrow("an IPsec connection");
    let gateway = fields.required("gateway", reference);
    let device = fields.required("device", reference);
    fields.optional("enableBgp", enable_bgp);
    Some(ConnectionKind::IpSec {
        gateway: gateway?,
        device: device?,
    })
}

fn enable_bgp(d: &mut Decoder, node: &Node) -> Option<()> {
    if boolean(d, node)?.value {
        return Some(());
    }
    d.report(
        Finding::new(
            "not-modelled",
            node.place,
            "a connection without BGP is not modelled yet",
        )
        .with_help("leave enableBgp out or set it to true"),
    );
    None
}
