//! What the VPN gateway and the `ExpressRoute` gateway of a virtual network have in common.

use ipnet::Ipv4Net;

use crate::routing::Failures;
use crate::topology::{Topology, VnetId};

/// The prefixes that a gateway originates: those of its network and of the networks that use it by peering
/// (vpn-gateway-peering-gateway-transit).
pub(super) fn networks(topology: &Topology, failures: &Failures, vnet: VnetId) -> Vec<Ipv4Net> {
    let network = topology.vnet(vnet);
    let peerings = failures.peerings(topology, vnet);
    let transit = peerings
        .filter(|peering| peering.gives_transit)
        .flat_map(|peering| &peering.prefixes);
    network.prefixes.iter().chain(transit).copied().collect()
}
