//! A route table in a lab file.

use crate::addresses::Prefix;
use crate::findings::Located;
use crate::names::NodeName;
use crate::topology::UserNextHop;

/// A table of user-defined routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteTable {
    /// Its key under `routeTables`.
    pub name: Located<NodeName>,
    /// `disableBgpRoutePropagation`: routes that gateways learned are not propagated to its subnets. Default false.
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
    pub address_prefix: Located<Prefix>,
    /// `nextHopType`, with `nextHopIpAddress` for an appliance.
    pub next_hop: Located<UserNextHop>,
}
