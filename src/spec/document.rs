//! The lab file's own keys: its name and its sections.

use super::azure::{circuit, gateway, virtual_network};
use super::connections::connection;
use super::expectations::expectation;
use super::fields::Decoder;
use super::model::Spec;
use super::sites::site;
use super::tree::{Kind, Node};
use super::values::lab_name;
use crate::findings::{Finding, Place};

/// Reads the whole document.
pub(super) fn document(d: &mut Decoder, node: &Node) -> Option<Spec> {
    if matches!(node.kind, Kind::Null) {
        d.report(
            Finding::new("empty", Place::default(), "the file holds no lab")
                .with_help("a lab file begins with `name:`, then its sections"),
        );
        return None;
    }
    d.report_duplicates(node);
    d.mapping(node, node.place, "a lab file", |fields| {
        let name = fields.required("name", lab_name);
        let virtual_networks = fields.optional("virtualNetworks", |d, node| {
            d.named(node, "virtual networks by their names", virtual_network)
        });
        let gateways = fields.optional("virtualNetworkGateways", |d, node| {
            d.named(node, "gateways by their names", gateway)
        });
        let circuits = fields.optional("expressRouteCircuits", |d, node| {
            d.named(node, "circuits by their names", circuit)
        });
        let connections = fields.optional("connections", |d, node| {
            d.named(node, "connections by their names", connection)
        });
        let sites = fields.optional("sites", |d, node| {
            d.named(node, "sites by their names", site)
        });
        let expectations = fields.optional("expect", |d, node| {
            d.list(node, "a list of expectations", expectation)
        });
        Some(Spec {
            name: name?,
            virtual_networks: virtual_networks.unwrap_or_default(),
            virtual_network_gateways: gateways.unwrap_or_default(),
            express_route_circuits: circuits.unwrap_or_default(),
            connections: connections.unwrap_or_default(),
            sites: sites.unwrap_or_default(),
            expectations: expectations.unwrap_or_default(),
        })
    })
}
