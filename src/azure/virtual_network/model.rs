//! A virtual network and its machines in a lab file.

use crate::addresses::{Address, Prefix};
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
    /// `privateEndpoints`. `virtual_machines` has a machine for each, with its packet filter.
    pub private_endpoints: Vec<PrivateEndpoint>,
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
    /// `privateEndpointNetworkPolicies`: what applies to the private endpoints in it.
    pub endpoint_policies: EndpointPolicies,
    /// `serviceEndpoints`: the public prefixes of services, by the name of the service.
    pub service_endpoints: Vec<ServiceEndpoint>,
}

/// A service, and its public prefixes.
pub type ServiceEndpoint = (Located<String>, Vec<Located<Prefix>>);

/// What applies to the private endpoints of a subnet (disable-private-endpoint-network-policy).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EndpointPolicies {
    /// `Disabled`: neither security groups nor route tables.
    #[default]
    Disabled,
    /// `NetworkSecurityGroupEnabled`: security groups.
    SecurityGroups,
    /// `RouteTableEnabled`: route tables.
    RouteTables,
    /// `Enabled`: both.
    Enabled,
}

impl EndpointPolicies {
    /// Whether route tables apply to private endpoints.
    #[must_use]
    pub const fn include_route_tables(self) -> bool {
        match self {
            Self::RouteTables | Self::Enabled => true,
            Self::Disabled | Self::SecurityGroups => false,
        }
    }
}

/// A private endpoint of a service in a virtual network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateEndpoint {
    /// Its key under `privateEndpoints`.
    pub name: Located<NodeName>,
    /// `subnet`: the name of one of the network's subnets.
    pub subnet: Located<String>,
    /// `privateIPAddress`.
    pub private_ip_address: Located<Address>,
    /// `port`: the TCP port of the service.
    pub port: u16,
}
