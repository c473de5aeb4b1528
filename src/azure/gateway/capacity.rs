//! The capacities of circuits and gateways.

use crate::azure::gateway::model;
use crate::azure::source::Builder;
use crate::topology::{Capacity, InterfaceId, NodeId};
use crate::units::Bandwidth;

/// The packet size in bytes for which a gateway's capacity is converted: the largest packet of a customer's device
/// (vpn-gateway-vpn-faq).
const INNER_PACKET: u64 = 1_400;

/// The Ethernet, IP and UDP headers of an encrypted packet, in bytes.
const OUTER_HEADERS: u64 = 14 + 20 + 8;

/// The overhead of `WireGuard` per padded packet, in bytes: a header of 16 and an authentication tag of 16.
const ENCRYPTION: u64 = 32;

/// Packets are padded to a multiple of this size before encryption.
const PADDING: u64 = 16;

/// Converts a tunnel's rate in packets to the rate of its encrypted frames, for full packets: 1482 bytes for 1400.
#[must_use]
pub fn encrypted_rate(packets: Bandwidth) -> Bandwidth {
    let frame = INNER_PACKET.next_multiple_of(PADDING) + ENCRYPTION + OUTER_HEADERS;
    let bits = u128::from(packets.bits_per_second()) * u128::from(frame) / u128::from(INNER_PACKET);
    let bits = u64::try_from(bits).unwrap_or(u64::MAX);
    Bandwidth::from_bits_per_second(bits).unwrap_or(packets)
}

impl Builder<'_> {
    /// The size of a VPN gateway limits all of its instances and tunnels together (vpn-gateway-about-vpngateways), each
    /// direction separately. Their common point is the internet.
    pub(crate) fn add_capacity(
        &mut self,
        gateway: &model::VirtualNetworkGateway,
        ports: Vec<InterfaceId>,
    ) {
        let node = self.topology.interface(ports[0]).node;
        self.topology.capacities.push(Capacity {
            name: gateway.name.value.clone(),
            node,
            interfaces: ports,
            rate: encrypted_rate(gateway.size.throughput),
        });
    }

    /// The size of an `ExpressRoute` gateway limits what it sends to its network. Packets from the network bypass it
    /// (expressroute-about-virtual-network-gateways).
    pub(crate) fn limit_network_access(&mut self, node: NodeId, throughput: Bandwidth) {
        let nic = self.topology.nic(node);
        let nic = nic.expect("a gateway is connected to its network's bridge");
        self.limit_leaving(nic, throughput);
    }

    /// Each link of a circuit has the circuit's bandwidth in each direction (expressroute-faqs).
    pub(crate) fn limit_circuit(&mut self, ends: [InterfaceId; 2], bandwidth: Bandwidth) {
        for end in ends {
            self.limit_leaving(end, bandwidth);
        }
    }

    fn limit_leaving(&mut self, end: InterfaceId, rate: Bandwidth) {
        let id = self.link_of(end);
        let link = &mut self.topology.links[id.0];
        let direction = usize::from(end != link.ends[0]);
        link.directions[direction].rate = Some(rate);
    }
}
