//! Gateways, circuits and connections between networks.

use std::{net::Ipv4Addr, slice, time::Duration};

use ipnet::Ipv4Net;

use crate::findings::Located;
use crate::names::NodeName;
use crate::topology::GatewaySize;
use crate::units::{Asn, Bandwidth};

/// A virtual network gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualNetworkGateway {
    /// Its key under `virtualNetworkGateways`.
    pub name: Located<NodeName>,
    /// `virtualNetwork`.
    pub virtual_network: Located<String>,
    /// `gatewayType` and the keys of that type.
    pub kind: GatewayKind,
    /// The result of its `sku` and `vpnGatewayGeneration`.
    pub size: GatewaySize,
}

/// The two kinds of gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayKind {
    /// `gatewayType: Vpn`.
    Vpn {
        /// `sku`. Default `VpnGw1AZ`.
        sku: Located<VpnSku>,
        /// `asn`. Default 65515.
        asn: Located<Asn>,
        /// One instance that is active while another stands by; two with `activeActive: true`.
        instances: Vec<VpnGatewayInstance>,
    },
    /// `gatewayType: ExpressRoute`.
    ExpressRoute {
        /// `sku`. Default `ErGw1Az`.
        sku: Located<ExpressRouteSku>,
        /// `privateIPAddress`: its address in the GatewaySubnet; by default the first free one.
        private_ip_address: Option<Located<Ipv4Addr>>,
        /// `allowRemoteVnetTraffic`: other networks on its circuits reach this one. Default false.
        allow_remote_vnet_traffic: bool,
    },
}

/// An instance of a VPN gateway. With `activeActive: true` the keys are plural and have two values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VpnGatewayInstance {
    /// `privateIPAddress(es)`: its address in the GatewaySubnet; by default the first free one.
    pub private_ip_address: Option<Located<Ipv4Addr>>,
    /// `bgpPeeringAddress(es)`: the address of its BGP sessions; one of 169.254.21.0 to 169.254.22.255 is used for its
    /// tunnels.
    pub bgp_peering_address: Option<Located<Ipv4Addr>>,
    /// `publicIPAddress(es)`: the endpoint of its tunnels.
    pub public_ip_address: Located<Ipv4Addr>,
}

/// An `ExpressRoute` gateway's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpressRouteSku {
    /// `Standard` or `ErGw1Az`.
    ErGw1Az,
    /// `HighPerformance` or `ErGw2Az`.
    ErGw2Az,
    /// `UltraPerformance` or `ErGw3Az`.
    ErGw3Az,
    /// `ErGwScale`, with `autoScaleConfiguration`.
    ErGwScale(ScaleUnits),
}

/// The number of scale units of an `ExpressRoute` gateway: a fixed number if both are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScaleUnits {
    /// `min`.
    pub fewest: u8,
    /// `max`.
    pub most: u8,
}

impl ScaleUnits {
    /// One unit: the default.
    pub const ONE: Self = Self { fewest: 1, most: 1 };
}

/// A VPN gateway's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VpnSku {
    /// `Basic`.
    Basic,
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
    /// `Standard`, an older size than `VpnGw1`.
    Standard,
    /// `HighPerformance`, an older size than `VpnGw1`.
    HighPerformance,
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
    /// `microsoftPeerAddressPrefix`, a /30 for Microsoft peering over the same link, through which the customer edge
    /// reaches Azure's public addresses.
    pub microsoft_peer_address_prefix: Option<Located<Ipv4Net>>,
}

/// A connection of a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its key under `connections`.
    pub name: Located<NodeName>,
    /// `rtt`: round-trip time across the connection. Default none, as fast as the machine.
    pub round_trip_time: Duration,
    /// `connectionType` and the keys of that type.
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
        /// `routingWeight`: a higher weight makes this connection's routes preferred. Default 0.
        routing_weight: u32,
        /// `expressRouteGatewayBypass` (`FastPath`): the MSEEs send directly to the network's machines. Default false.
        gateway_bypass: Located<bool>,
    },
    /// `connectionType: Vnet2Vnet`.
    VnetToVnet {
        /// `gateways`, two of them.
        gateways: [Located<String>; 2],
        /// `enableBgp`. Default true, but false with a gateway of size `Basic`, which has no BGP.
        enable_bgp: Option<Located<bool>>,
    },
    /// `connectionType: IPsec`.
    IpSec {
        /// `gateway`, or `appliance`: a virtual machine that has a `tunnel`.
        end: IpSecEnd,
        /// `device`: a router of a site that has a `tunnel`.
        device: Located<String>,
        /// `enableBgp`. Default true, but false with a gateway of size `Basic`, which has no BGP.
        enable_bgp: Option<Located<bool>>,
        /// `localNetworkAddressPrefixes`: the prefixes behind the device, as in the local network gateway.
        local_network_address_prefixes: Vec<Located<Ipv4Net>>,
        /// `transport`: the circuit whose Microsoft peering carries the tunnel; by default the internet.
        transport: Option<Located<String>>,
    },
    /// `connectionType: GlobalReach`.
    GlobalReach {
        /// `circuits`, two of them.
        circuits: [Located<String>; 2],
        /// `addressPrefix`, a /29 for the links between their MSEEs.
        address_prefix: Located<Ipv4Net>,
    },
}

impl ConnectionKind {
    /// The VPN gateways at its ends.
    #[must_use]
    pub fn vpn_gateways(&self) -> &[Located<String>] {
        match self {
            Self::VnetToVnet { gateways, .. } => gateways,
            Self::IpSec {
                end: IpSecEnd::Gateway(gateway),
                ..
            } => slice::from_ref(gateway),
            Self::IpSec { .. } | Self::ExpressRoute { .. } | Self::GlobalReach { .. } => &[],
        }
    }

    /// `enableBgp`, if the file gives it and the kind has it.
    #[must_use]
    pub fn enable_bgp(&self) -> Option<Located<bool>> {
        match self {
            Self::VnetToVnet { enable_bgp, .. } | Self::IpSec { enable_bgp, .. } => *enable_bgp,
            Self::ExpressRoute { .. } | Self::GlobalReach { .. } => None,
        }
    }
}

/// Azure's end of an `IPsec` connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IpSecEnd {
    /// `gateway`: a VPN gateway.
    Gateway(Located<String>),
    /// `appliance`: a virtual machine with a `tunnel` of its own.
    Appliance(Located<String>),
}
