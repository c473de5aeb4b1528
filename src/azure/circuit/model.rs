//! An `ExpressRoute` circuit in a lab file.

use std::time::Duration;

use crate::addresses::Prefix;
use crate::findings::Located;
use crate::names::NodeName;
use crate::units::Bandwidth;

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
    pub peer_address_prefix: Located<Prefix>,
    /// `customerEdge`: a router of a site. `None` if nobody is connected: the MSEE then joins networks only.
    pub customer_edge: Option<Located<String>>,
    /// `enabled`: whether the interface at the customer edge is up. Default true.
    pub enabled: bool,
    /// `microsoftPeerAddressPrefix`, a /30 for Microsoft peering over the same link, through which the customer edge
    /// reaches Azure's public addresses.
    pub microsoft_peer_address_prefix: Option<Located<Prefix>>,
}

impl CircuitLink {
    /// Whether the link ends at a router.
    pub(crate) fn ends_at(&self, router: &str) -> bool {
        let edge = self.customer_edge.as_ref();
        edge.is_some_and(|edge| edge.value == router)
    }
}

/// The MSEE nodes of a circuit, primary and secondary.
pub(crate) fn msee_names(circuit: &str) -> [String; 2] {
    [format!("{circuit}-msee1"), format!("{circuit}-msee2")]
}
