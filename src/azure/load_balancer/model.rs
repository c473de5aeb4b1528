//! An internal load balancer in a lab file.

use crate::addresses::Address;
use crate::findings::Located;
use crate::names::NodeName;

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
    pub frontend_ip_address: Located<Address>,
    /// `backends`: virtual machines of the network, at least one.
    pub backends: Vec<Located<String>>,
}
