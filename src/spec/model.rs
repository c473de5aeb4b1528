//! What a lab file says, in its own nouns; nothing is resolved yet.
//!
//! Names are Azure Resource Manager's for Azure things. Every value that a later finding may point
//! at keeps its [`Place`] in the file. Lists keep the order of the file.

use std::{net::Ipv4Addr, time::Duration};

use ipnet::Ipv4Net;

use crate::findings::{Located, Place};
use crate::names::{LabName, NodeName};
use crate::units::{Asn, Bandwidth, Ttl};

/// A lab file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// `name`.
    pub name: Located<LabName>,
    /// `virtualNetworks`.
    pub virtual_networks: Vec<VirtualNetwork>,
    /// `virtualNetworkGateways`.
    pub virtual_network_gateways: Vec<VirtualNetworkGateway>,
    /// `expressRouteCircuits`.
    pub express_route_circuits: Vec<ExpressRouteCircuit>,
    /// `connections`.
    pub connections: Vec<Connection>,
    /// `sites`: on-premises networks.
    pub sites: Vec<Site>,
    /// `expect`: the paths that `lab verify` proves.
    pub expectations: Vec<Expectation>,
}

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

/// A subnet of a virtual network; the one that holds gateways is called `GatewaySubnet`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// Its key under `subnets`.
    pub name: Located<String>,
    /// `addressPrefix`.
    pub address_prefix: Located<Ipv4Net>,
}

/// A virtual machine with one network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualMachine {
    /// Its key under `virtualMachines`.
    pub name: Located<NodeName>,
    /// `subnet`: the name of one of its network's subnets.
    pub subnet: Located<String>,
    /// `privateIPAddress`.
    pub private_ip_address: Located<Ipv4Addr>,
}

/// One half of a peering; the other half stands in the remote network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peering {
    /// `remoteVirtualNetwork`.
    pub remote_virtual_network: Located<String>,
    /// `allowGatewayTransit`: the remote network may use this network's gateways. Default false.
    pub allow_gateway_transit: Located<bool>,
    /// `useRemoteGateways`: this network uses the remote network's gateways. Default false.
    pub use_remote_gateways: Located<bool>,
}

/// A virtual network gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualNetworkGateway {
    /// Its key under `virtualNetworkGateways`.
    pub name: Located<NodeName>,
    /// `virtualNetwork`.
    pub virtual_network: Located<String>,
    /// `privateIPAddress`: its address in the GatewaySubnet; the first free one where absent.
    pub private_ip_address: Option<Located<Ipv4Addr>>,
    /// `gatewayType` and what belongs to it.
    pub kind: GatewayKind,
}

/// The two kinds of gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayKind {
    /// `gatewayType: Vpn`.
    Vpn {
        /// `sku`. Default `VpnGw1`.
        sku: VpnSku,
        /// `asn`. Default 65515.
        asn: Located<Asn>,
        /// `bgpPeeringAddress`: where BGP neighbours find it.
        bgp_peering_address: Option<Located<Ipv4Addr>>,
        /// `publicIPAddress`: the end of its tunnels.
        public_ip_address: Located<Ipv4Addr>,
    },
    /// `gatewayType: ExpressRoute`.
    ExpressRoute,
}

/// A VPN gateway's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VpnSku {
    /// `VpnGw1`.
    VpnGw1,
    /// `VpnGw2`.
    VpnGw2,
    /// `VpnGw3`.
    VpnGw3,
    /// `VpnGw4`.
    VpnGw4,
    /// `VpnGw5`.
    VpnGw5,
}

/// An ExpressRoute circuit: two links between Microsoft's edge and the customer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressRouteCircuit {
    /// Its key under `expressRouteCircuits`.
    pub name: Located<NodeName>,
    /// `bandwidthInMbps`.
    pub bandwidth: Bandwidth,
    /// `primary` and `secondary`, in this order.
    pub links: [CircuitLink; 2],
    /// `rtt`: round-trip time between the MSEEs and the customer edges. Default none.
    pub round_trip_time: Duration,
}

/// One link of a circuit, between an MSEE and a customer edge router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CircuitLink {
    /// `peerAddressPrefix`, a /30: the customer edge takes the first usable address, the MSEE the second.
    pub peer_address_prefix: Located<Ipv4Net>,
    /// `customerEdge`: a router of a site.
    pub customer_edge: Located<String>,
    /// `enabled`: whether the interface at the customer edge is up. Default true.
    pub enabled: bool,
}

/// A connection of a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its key under `connections`.
    pub name: Located<NodeName>,
    /// `rtt`: round-trip time across the connection. Default none, as fast as the machine.
    pub round_trip_time: Duration,
    /// `connectionType` and what belongs to it.
    pub kind: ConnectionKind,
}

/// The kinds of connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionKind {
    /// `connectionType: ExpressRoute`.
    ExpressRoute {
        /// `gateway`.
        gateway: Located<String>,
        /// `circuit`.
        circuit: Located<String>,
        /// `endpoints`: the primary and secondary MSEE's addresses in the GatewaySubnet.
        endpoints: [Located<Ipv4Addr>; 2],
    },
    /// `connectionType: Vnet2Vnet`.
    VnetToVnet {
        /// `gateways`, two of them.
        gateways: [Located<String>; 2],
    },
    /// `connectionType: IPsec`.
    IpSec {
        /// `gateway`.
        gateway: Located<String>,
        /// `device`: a router of a site, one that has a `tunnel`.
        device: Located<String>,
    },
}

/// An on-premises site, or any network of routers, hosts and links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its key under `sites`.
    pub name: Located<NodeName>,
    /// `asn`, needed where the site's routers speak BGP with Azure.
    pub asn: Option<Located<Asn>>,
    /// `routers`.
    pub routers: Vec<SiteRouter>,
    /// `hosts`.
    pub hosts: Vec<SiteHost>,
    /// `links` between routers.
    pub links: Vec<SiteLink>,
    /// `advertise`: the prefixes that the site tells Azure.
    pub advertise: Vec<Located<Ipv4Net>>,
}

/// A router of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRouter {
    /// Its key under `routers`.
    pub name: Located<NodeName>,
    /// `address`: its address and prefix length on the LAN that hosts stand in.
    pub address: Option<Located<Ipv4Net>>,
    /// `tunnel`: its end of site-to-site VPNs.
    pub tunnel: Option<TunnelEnd>,
    /// `localPreference`: connection or circuit to BGP local preference; 100 for those unnamed.
    pub local_preference: Vec<(Located<String>, u32)>,
}

/// A customer device's end of its tunnels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TunnelEnd {
    /// `sourceAddress`: the public address that encrypted packets come from.
    pub source_address: Located<Ipv4Addr>,
    /// `address`: the address of the tunnel interface.
    pub address: Located<Ipv4Addr>,
    /// `innerTtl`: what the device sets the time to live of packets to that enter the tunnel.
    pub inner_ttl: Option<Ttl>,
}

/// A host on a site's LAN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteHost {
    /// Its key under `hosts`.
    pub name: Located<NodeName>,
    /// `address` and prefix length.
    pub address: Located<Ipv4Net>,
    /// `gateway`: a router's address on the same LAN.
    pub gateway: Located<Ipv4Addr>,
}

/// A link between two routers of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteLink {
    /// Where the link stands in the file.
    pub place: Place,
    /// `a` and `b`.
    pub ends: [Located<String>; 2],
    /// `addresses`: a's and b's, with one prefix.
    pub addresses: [Located<Ipv4Net>; 2],
    /// `rtt`. Default none.
    pub round_trip_time: Duration,
}

/// What `lab verify` proves about one ordered pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Where it stands in the file.
    pub place: Place,
    /// `from`: a virtual machine or host.
    pub from: Located<String>,
    /// `to`: a virtual machine or host.
    pub to: Located<String>,
    /// `hops` or `unreachable`.
    pub outcome: ExpectedOutcome,
}

/// What an expectation says of its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedOutcome {
    /// `hops`: who answers, in order; the last is the destination.
    Hops(Vec<ExpectedHop>),
    /// `unreachable: timeout`: nothing comes back, neither a reply nor an error.
    TimesOut,
}

/// One hop of an expected path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedHop {
    /// Where it stands in the file.
    pub place: Place,
    /// The addresses that may answer, equal-cost siblings together; empty for `"*"`, a silent hop.
    pub addresses: Vec<Ipv4Addr>,
    /// The hop's round-trip time, from `rtt`, where one is given.
    pub round_trip_time: Option<Duration>,
}
