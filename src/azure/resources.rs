//! All resources of a lab file: those of Azure, and the sites that are connected to them.

use crate::azure::circuit::decode::circuit;
use crate::azure::circuit::model::ExpressRouteCircuit;
use crate::azure::connection::decode::connection;
use crate::azure::connection::model::Connection;
use crate::azure::gateway::decode::gateway;
use crate::azure::gateway::model::VirtualNetworkGateway;
use crate::azure::load_balancer::decode::load_balancer;
use crate::azure::load_balancer::model::LoadBalancer;
use crate::azure::peering::decode::whole_peering;
use crate::azure::peering::model::WholePeering;
use crate::azure::route_table::decode::route_table;
use crate::azure::route_table::model::RouteTable;
use crate::azure::virtual_network::decode::virtual_network;
use crate::azure::virtual_network::model::VirtualNetwork;
use crate::onpremises::site::decode::{site, wan_link};
use crate::onpremises::site::model::{Site, WanLink};
use crate::yaml::fields::Fields;

/// The resources of a lab file, with unresolved names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resources {
    /// `virtualNetworks`.
    pub virtual_networks: Vec<VirtualNetwork>,
    /// `peerings`: those with a network that the file does not have. All others are part of their networks.
    pub peerings: Vec<WholePeering>,
    /// `routeTables`.
    pub route_tables: Vec<RouteTable>,
    /// `loadBalancers`: internal load balancers, with one frontend and a rule for all ports.
    pub load_balancers: Vec<LoadBalancer>,
    /// `virtualNetworkGateways`.
    pub virtual_network_gateways: Vec<VirtualNetworkGateway>,
    /// `expressRouteCircuits`.
    pub express_route_circuits: Vec<ExpressRouteCircuit>,
    /// `connections`.
    pub connections: Vec<Connection>,
    /// `sites`: on-premises networks.
    pub sites: Vec<Site>,
    /// `wan`: links between routers of different sites.
    pub wan: Vec<WanLink>,
}

impl Resources {
    /// Reads the sections of resources in a lab file.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Self {
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
        Self {
            virtual_networks,
            peerings: peerings.unwrap_or_default(),
            route_tables,
            load_balancers,
            virtual_network_gateways,
            express_route_circuits,
            connections,
            sites,
            wan,
        }
    }
}
