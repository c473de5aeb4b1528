//! The lab file's own keys: its name and its sections.

use super::circuits::circuit;
use super::connections::connection;
use super::expectations::expectation;
use super::fields::Decoder;
use super::gateways::gateway;
use super::impairments::impairment;
use super::model::Spec;
use super::networks::virtual_network;
use super::routes::{load_balancer, route_table};
use super::sites::{site, wan_link};
use super::storyboards::storyboard;
use super::switches::{immediate, semantics};
use super::tree::{Kind, Node};
use super::values::{flag, lab_name};
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
        let semantics = fields.optional("semantics", semantics);
        let immediate = fields.optional("convergence", immediate);
        let is_strict = fields.optional("strict", flag);
        let virtual_networks = fields.named("virtualNetworks", "virtual networks", virtual_network);
        let route_tables = fields.named("routeTables", "route tables", route_table);
        let load_balancers = fields.named("loadBalancers", "load balancers", load_balancer);
        let virtual_network_gateways = fields.named("virtualNetworkGateways", "gateways", gateway);
        let express_route_circuits = fields.named("expressRouteCircuits", "circuits", circuit);
        let connections = fields.named("connections", "connections", connection);
        let sites = fields.named("sites", "sites", site);
        let wan = fields.named("wan", "links", wan_link);
        let impairments = fields.optional("impairments", |d, node| {
            d.list(node, "a list of impairments", impairment)
        });
        let expectations = fields.optional("expect", |d, node| {
            d.list(node, "a list of expectations", expectation)
        });
        let storyboards = fields.named("storyboards", "storyboards", storyboard);
        Some(Spec {
            name: name?,
            semantics: semantics.unwrap_or_default(),
            converges_immediately: immediate.is_some(),
            is_strict: is_strict.unwrap_or_default(),
            virtual_networks,
            route_tables,
            load_balancers,
            virtual_network_gateways,
            express_route_circuits,
            connections,
            sites,
            wan,
            impairments: impairments.unwrap_or_default(),
            expectations: expectations.unwrap_or_default(),
            storyboards,
        })
    })
}
