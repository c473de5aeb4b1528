//! A connection in a lab file.

use std::{slice, time::Duration};

use crate::addresses::{Address, Prefix};
use crate::findings::Located;
use crate::names::NodeName;

/// A connection of a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its key under `connections`.
    pub name: Located<NodeName>,
    /// `rtt`: round-trip time across the connection. Default none: no added delay.
    pub round_trip_time: Duration,
    /// `trafficSelectorPolicies`: what may cross the tunnels. Default empty: everything.
    pub traffic_selectors: Vec<TrafficSelector>,
    /// `connectionType` and the keys of that type.
    pub kind: ConnectionKind,
}

/// An entry of `trafficSelectorPolicies`: packets between these prefixes may cross the tunnels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrafficSelector {
    /// `localAddressRanges`: those on the side of the gateway, of two gateways the first.
    pub local: Vec<Located<Prefix>>,
    /// `remoteAddressRanges`: those on the other side.
    pub remote: Vec<Located<Prefix>>,
}

impl Connection {
    /// Every pair of a local and a remote prefix of its traffic selectors.
    #[must_use]
    pub fn selectors(&self) -> Vec<[Prefix; 2]> {
        let policies = self.traffic_selectors.iter();
        let pairs = policies.flat_map(|policy| {
            let local = policy.local.iter();
            local.flat_map(|local| {
                policy
                    .remote
                    .iter()
                    .map(|remote| [local.value, remote.value])
            })
        });
        pairs.collect()
    }
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
        endpoints: [Located<Address>; 2],
        /// `mseeAddresses`: the primary and secondary MSEE's addresses in effective routes. Default: `endpoints`.
        msee_addresses: [Located<Address>; 2],
        /// `routingWeight`: routes of a connection with a higher weight are preferred. Default 0.
        routing_weight: u32,
        /// `expressRouteGatewayBypass` (`FastPath`): the MSEEs send directly to the network's machines. Default false.
        gateway_bypass: Located<bool>,
    },
    /// `connectionType: Vnet2Vnet`.
    VnetToVnet {
        /// `gateways`, two of them.
        gateways: [Located<String>; 2],
        /// `enableBgp`. Default true; false for a gateway of size `Basic`, which does not support BGP.
        enable_bgp: Option<Located<bool>>,
    },
    /// `connectionType: IPsec`.
    IpSec {
        /// `gateway`, or `appliance`: a virtual machine with a `tunnel`.
        end: IpSecEnd,
        /// `device`: a router of a site or a virtual machine, with a `tunnel`.
        device: Located<String>,
        /// `enableBgp`. Default true; false for a gateway of size `Basic`, which does not support BGP.
        enable_bgp: Option<Located<bool>>,
        /// `localNetworkAddressPrefixes`: the prefixes behind the device, as in the local network gateway.
        local_network_address_prefixes: Vec<Located<Prefix>>,
        /// `instances`: those of the gateway's instances that have tunnels. Empty for all.
        instances: Vec<Located<String>>,
        /// `transport`: the circuit whose Microsoft peering carries the tunnel; by default the internet.
        transport: Option<Located<String>>,
        /// `useLocalAzureIpAddress`: the circuit's private peering carries the tunnel, to the gateway's private address.
        use_local_azure_ip_address: Option<Located<bool>>,
    },
    /// `connectionType: IPsec` with `gateways`: each of two VPN gateways has a local network gateway for the other.
    IpSecGateways {
        /// `gateways`, two of them.
        gateways: [Located<String>; 2],
        /// `enableBgp`, as above.
        enable_bgp: Option<Located<bool>>,
        /// `localNetworkAddressPrefixes`, by the gateway whose local network gateway has them.
        local_network_address_prefixes: Vec<(Located<String>, Vec<Located<Prefix>>)>,
        /// `instances`: those of the gateways' instances that have tunnels. Empty for all.
        instances: Vec<Located<String>>,
    },
    /// `connectionType: GlobalReach`.
    GlobalReach {
        /// `circuits`, two of them.
        circuits: [Located<String>; 2],
        /// `addressPrefix`, a /29 for the links between their MSEEs.
        address_prefix: Located<Prefix>,
    },
}

impl ConnectionKind {
    /// The VPN gateways among its ends.
    #[must_use]
    pub fn vpn_gateways(&self) -> &[Located<String>] {
        match self {
            Self::VnetToVnet { gateways, .. } | Self::IpSecGateways { gateways, .. } => gateways,
            Self::IpSec {
                end: IpSecEnd::Gateway(gateway),
                ..
            } => slice::from_ref(gateway),
            Self::IpSec { .. } | Self::ExpressRoute { .. } | Self::GlobalReach { .. } => &[],
        }
    }

    /// The VPN gateway and the device that it joins, if it joins two such.
    #[must_use]
    pub fn gateway_and_device(&self) -> Option<[&Located<String>; 2]> {
        match self {
            Self::IpSec {
                end: IpSecEnd::Gateway(gateway),
                device,
                ..
            } => Some([gateway, device]),
            _ => None,
        }
    }

    /// `enableBgp`, if the file states it and the kind has it.
    #[must_use]
    pub fn enable_bgp(&self) -> Option<Located<bool>> {
        match self {
            Self::VnetToVnet { enable_bgp, .. }
            | Self::IpSec { enable_bgp, .. }
            | Self::IpSecGateways { enable_bgp, .. } => *enable_bgp,
            Self::ExpressRoute { .. } | Self::GlobalReach { .. } => None,
        }
    }

    /// Whether a circuit's private peering carries the tunnels.
    #[must_use]
    pub fn is_private(&self) -> bool {
        match self {
            Self::IpSec {
                use_local_azure_ip_address: said,
                ..
            } => said.is_some_and(|said| said.value),
            Self::IpSecGateways { .. }
            | Self::VnetToVnet { .. }
            | Self::ExpressRoute { .. }
            | Self::GlobalReach { .. } => false,
        }
    }

    /// `instances`; empty for all instances.
    #[must_use]
    pub fn instances(&self) -> &[Located<String>] {
        match self {
            Self::IpSec { instances, .. } | Self::IpSecGateways { instances, .. } => instances,
            Self::VnetToVnet { .. } | Self::ExpressRoute { .. } | Self::GlobalReach { .. } => &[],
        }
    }
}

/// Azure's end of an `IPsec` connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IpSecEnd {
    /// `gateway`: a VPN gateway.
    Gateway(Located<String>),
    /// `appliance`: a virtual machine with its own `tunnel`.
    Appliance(Located<String>),
}
