//! What a lab file defines: Azure's resources, and the sites that they are joined to.

use crate::azure::circuit::model::ExpressRouteCircuit;
use crate::azure::connection::model::Connection;
use crate::azure::gateway::model::VirtualNetworkGateway;
use crate::azure::load_balancer::model::LoadBalancer;
use crate::azure::peering::model::WholePeering;
use crate::azure::route_table::model::RouteTable;
use crate::azure::virtual_network::model::VirtualNetwork;
use crate::onpremises::site::model::{Site, WanLink};

/// The resources of a lab file. Nothing is resolved yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resources {
    /// `virtualNetworks`.
    pub virtual_networks: Vec<VirtualNetwork>,
    /// `peerings`: those whose networks are not all in the file. All others are halves in their networks.
    pub peerings: Vec<WholePeering>,
    /// `routeTables`.
    pub route_tables: Vec<RouteTable>,
    /// `loadBalancers`: internal ones, with one frontend and a rule for all ports.
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
