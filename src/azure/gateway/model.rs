//! A virtual network gateway in a lab file.

use crate::addresses::{Address, Prefix};
use crate::findings::Located;
use crate::names::NodeName;
use crate::topology::GatewaySize;
use crate::units::Asn;

/// A virtual network gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualNetworkGateway {
    /// Its key under `virtualNetworkGateways`.
    pub name: Located<NodeName>,
    /// `virtualNetwork`.
    pub virtual_network: Located<String>,
    /// `gatewayType` and the keys of that type.
    pub kind: GatewayKind,
    /// The result of `sku` and `vpnGatewayGeneration`.
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
        /// `vpnClientAddressPool`: the ranges of point-to-site clients' addresses. Default none.
        client_pools: Vec<Located<Prefix>>,
        /// `gatewayDefaultSite`: the connection that a default route leads to. Default none.
        default_site: Option<Located<String>>,
        /// One active instance with a standby instance, or two with `activeActive: true`.
        instances: Vec<VpnGatewayInstance>,
    },
    /// `gatewayType: ExpressRoute`.
    ExpressRoute {
        /// `sku`. Default `ErGw1Az`.
        sku: Located<ExpressRouteSku>,
        /// `privateIPAddresses`: the addresses of its two instances in the GatewaySubnet, or `privateIPAddress` for the
        /// first one. By default the first free one, and the next free one after it.
        private_ip_addresses: [Option<Located<Address>>; 2],
        /// `allowRemoteVnetTraffic`: other networks on its circuits reach this one. Default false.
        allow_remote_vnet_traffic: bool,
    },
}

/// An instance of a VPN gateway. With `activeActive: true` the keys are plural and have two values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VpnGatewayInstance {
    /// `privateIPAddress(es)`: its address in the GatewaySubnet; by default the first free one.
    pub private_ip_address: Option<Located<Address>>,
    /// `bgpPeeringAddress(es)`: the address of its BGP sessions. An address from 169.254.21.0 to 169.254.22.255 is used
    /// for its tunnels.
    pub bgp_peering_address: Option<Located<Address>>,
    /// `publicIPAddress(es)`: the endpoint of its tunnels.
    pub public_ip_address: Located<Address>,
}

/// The size of an `ExpressRoute` gateway.
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

/// The size of a VPN gateway.
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

/// The nodes of a VPN gateway with that many instances.
pub(crate) fn instance_names(gateway: &str, instances: usize) -> Vec<String> {
    if instances == 1 {
        vec![gateway.to_owned()]
    } else {
        (0..instances)
            .map(|index| format!("{gateway}-in{index}"))
            .collect()
    }
}
