//! Virtual networks, their machines and their route tables.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::azure::virtual_machine::VirtualMachine;
use crate::findings::Located;
use crate::names::NodeName;
use crate::topology::UserNextHop;

/// An Azure virtual network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualNetwork {
    /// Its key under `virtualNetworks`.
    pub name: Located<NodeName>,
    /// `location`: the region.
    pub location: Located<String>,
    /// `addressPrefixes`, at least one.
    pub address_prefixes: Vec<Located<Ipv4Net>>,
    /// `subnets`.
    pub subnets: Vec<Subnet>,
    /// `virtualMachines`.
    pub virtual_machines: Vec<VirtualMachine>,
    /// `peerings`: this network's half of each.
    pub peerings: Vec<Peering>,
}

/// A subnet of a virtual network; that of gateways is called `GatewaySubnet`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// Its key under `subnets`.
    pub name: Located<String>,
    /// `addressPrefix`.
    pub address_prefix: Located<Ipv4Net>,
    /// `routeTable`: the name of one of `routeTables`.
    pub route_table: Option<Located<String>>,
}

/// A table of user-defined routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteTable {
    /// Its key under `routeTables`.
    pub name: Located<NodeName>,
    /// `disableBgpRoutePropagation`: its subnets do not get the routes that gateways learned. Default false.
    pub disable_bgp_route_propagation: Located<bool>,
    /// `routes`.
    pub routes: Vec<UserRoute>,
}

/// A user-defined route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRoute {
    /// Its key under `routes`.
    pub name: Located<NodeName>,
    /// `addressPrefix`.
    pub address_prefix: Located<Ipv4Net>,
    /// `nextHopType`, with `nextHopIpAddress` for an appliance.
    pub next_hop: Located<UserNextHop>,
}

/// An internal load balancer in front of network virtual appliances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalancer {
    /// Its key under `loadBalancers`.
    pub name: Located<NodeName>,
    /// `virtualNetwork`.
    pub virtual_network: Located<String>,
    /// `subnet`.
    pub subnet: Located<String>,
    /// `frontendIPAddress`.
    pub frontend_ip_address: Located<Ipv4Addr>,
    /// `backends`: virtual machines of the network, at least one.
    pub backends: Vec<Located<String>>,
}

/// One half of a peering; the other half is in the remote network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peering {
    /// `remoteVirtualNetwork`.
    pub remote_virtual_network: Located<String>,
    /// `allowGatewayTransit`: the remote network may use this network's gateways. Default false.
    pub allow_gateway_transit: Located<bool>,
    /// `useRemoteGateways`: this network uses the remote network's gateways. Default false.
    pub use_remote_gateways: Located<bool>,
    /// `allowVirtualNetworkAccess`: the remote network may reach this one. Default true.
    pub allow_virtual_network_access: Located<bool>,
    /// `allowForwardedTraffic`: packets that the remote network forwards for others may enter. Default false.
    pub allow_forwarded_traffic: Located<bool>,
    /// `localSubnetNames`, with `peerCompleteVnets: false`: the only part of this network that the remote one sees.
    pub local_subnet_names: Option<Vec<Located<String>>>,
}
