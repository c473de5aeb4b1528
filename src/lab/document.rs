//! The top level of a lab file: its name and its sections.

use crate::azure::circuit::decode::circuit;
use crate::azure::connection::decode::connection;
use crate::azure::gateway::decode::gateway;
use crate::azure::load_balancer::decode::load_balancer;
use crate::azure::peering::decode::whole_peering;
use crate::azure::resources::Resources;
use crate::azure::route_table::decode::route_table;
use crate::azure::virtual_network::decode::virtual_network;
use crate::findings::{Finding, Place, Rule};
use crate::lab::expectations::decode::expectation;
use crate::lab::impairments::decode::impairment;
use crate::lab::model::Spec;
use crate::lab::storyboards::decode::storyboard;
use crate::lab::switches::{immediate, semantics};
use crate::onpremises::site::decode::{site, wan_link};
use crate::yaml::fields::Decoder;
use crate::yaml::tree::{Kind, Node};
use crate::yaml::values::{flag, lab_name};

const EMPTY: Rule = Rule::new("empty");

/// Reads the whole document.
pub(crate) fn document(d: &mut Decoder, node: &Node) -> Option<Spec> {
    if matches!(node.kind, Kind::Null) {
        d.report(
            Finding::new(EMPTY, Place::default(), "the file contains no lab")
                .with_help("a lab file begins with `name:`, then its sections"),
        );
        return None;
    }
    d.report_duplicates(node);
    d.mapping(node, node.place, "a lab file", |fields| {
        let name = fields.required("name", lab_name);
        let semantics = fields.if_given("semantics", semantics);
        let immediate = fields.optional("convergence", immediate);
        let is_strict = fields.optional("strict", flag);
        let virtual_networks = fields.named("virtualNetworks", "virtual networks", virtual_network);
        let peerings = fields.if_given("peerings", |d, node| {
            d.list(node, "a list of peerings", whole_peering)
        });
        let route_tables = fields.named("routeTables", "route tables", route_table);
        let load_balancers = fields.named("loadBalancers", "load balancers", load_balancer);
        let virtual_network_gateways = fields.named("virtualNetworkGateways", "gateways", gateway);
        let express_route_circuits = fields.named("expressRouteCircuits", "circuits", circuit);
        let connections = fields.named("connections", "connections", connection);
        let sites = fields.named("sites", "sites", site);
        let wan = fields.named("wan", "links", wan_link);
        let impairments = fields.if_given("impairments", |d, node| {
            d.list(node, "a list of impairments", impairment)
        });
        let expectations = fields.if_given("expect", |d, node| {
            d.list(node, "a list of expectations", expectation)
        });
        let storyboards = fields.named("storyboards", "storyboards", storyboard);
        Some(Spec {
            name: name?,
            semantics: semantics.unwrap_or_default(),
            converges_immediately: immediate.is_some(),
            is_strict: is_strict.unwrap_or_default(),
            resources: Resources {
                virtual_networks,
                peerings: peerings.unwrap_or_default(),
                route_tables,
                load_balancers,
                virtual_network_gateways,
                express_route_circuits,
                connections,
                sites,
                wan,
            },
            impairments: impairments.unwrap_or_default(),
            expectations: expectations.unwrap_or_default(),
            storyboards,
        })
    })
}
