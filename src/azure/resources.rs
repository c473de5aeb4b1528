//! All resources of a lab file: those of Azure, and the sites that are connected to them.

use crate::azure::circuit::model::ExpressRouteCircuit;
use crate::azure::connection::model::Connection;
use crate::azure::gateway::model::VirtualNetworkGateway;
use crate::azure::load_balancer::model::LoadBalancer;
use crate::azure::peering::model::WholePeering;
use crate::azure::route_table::model::RouteTable;
use crate::azure::virtual_network::model::VirtualNetwork;
use crate::onpremises::site::model::{Site, WanLink};

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
