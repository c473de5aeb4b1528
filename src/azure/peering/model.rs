//! One side of a peering in a lab file.

use crate::findings::{Located, Place};

/// One side of a peering. The other side is in the remote network.
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
    /// `allowForwardedTraffic`: traffic that the remote network forwards for others may enter. Default false.
    pub allow_forwarded_traffic: Located<bool>,
    /// `localSubnetNames`, with `peerCompleteVnets: false`: the only subnets of this network that the remote one sees.
    pub local_subnet_names: Option<Vec<Located<String>>>,
}

/// An item of the document's `peerings` that was not expanded to two sides, because one of its networks is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholePeering {
    /// Its place in the file.
    pub place: Place,
    /// `virtualNetwork`, one or several, then `remoteVirtualNetwork`.
    pub networks: Vec<Located<String>>,
}
