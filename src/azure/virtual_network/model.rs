//! A virtual network and its machines in a lab file.

use crate::addresses::Prefix;
use crate::azure::peering::model::Peering;
use crate::azure::virtual_machine::model::VirtualMachine;
use crate::findings::Located;
use crate::names::NodeName;

/// An Azure virtual network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualNetwork {
    /// Its key under `virtualNetworks`.
    pub name: Located<NodeName>,
    /// `location`: the region.
    pub location: Located<String>,
    /// `addressPrefixes`, at least one.
    pub address_prefixes: Vec<Located<Prefix>>,
    /// `subnets`.
    pub subnets: Vec<Subnet>,
    /// `virtualMachines`.
    pub virtual_machines: Vec<VirtualMachine>,
    /// `peerings`: this network's side of each peering.
    pub peerings: Vec<Peering>,
}

/// A subnet of a virtual network. The subnet of gateways is called `GatewaySubnet`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// Its key under `subnets`.
    pub name: Located<String>,
    /// `addressPrefix`.
    pub address_prefix: Located<Prefix>,
    /// `routeTable`: the name of one of `routeTables`.
    pub route_table: Option<Located<String>>,
}
