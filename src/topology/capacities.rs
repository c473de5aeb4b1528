//! What circuits and gateways carry.

use crate::spec::model;
use crate::topology::builder::Builder;
use crate::topology::model::{Capacity, InterfaceId, NodeId};
use crate::units::Bandwidth;

/// The packet whose encryption a gateway's capacity is reckoned with, in bytes: the largest of a
/// customer's device (vpn-gateway-vpn-faq).
const INNER_PACKET: u64 = 1_400;

/// The Ethernet, IP and UDP headers of an encrypted packet, in bytes.
const OUTER_HEADERS: u64 = 14 + 20 + 8;

/// What `WireGuard` adds to a padded packet, in bytes: 16 of header and 16 of authentication tag.
const ENCRYPTION: u64 = 32;

/// Packets are padded to a multiple of so many bytes before they are encrypted.
const PADDING: u64 = 16;

/// The rate in encrypted frames at which full packets cross a tunnel at a rate in packets: 1482 bytes go
/// for 1400.
#[must_use]
pub fn encrypted_rate(packets: Bandwidth) -> Bandwidth {
    let frame = INNER_PACKET.next_multiple_of(PADDING) + ENCRYPTION + OUTER_HEADERS;
    let bits = u128::from(packets.bits_per_second()) * u128::from(frame) / u128::from(INNER_PACKET);
    let bits = u64::try_from(bits).unwrap_or(u64::MAX);
    Bandwidth::from_bits_per_second(bits).unwrap_or(packets)
}

impl Builder<'_> {
    /// A VPN gateway's size limits all of its instances and tunnels together
    /// (vpn-gateway-about-vpngateways), each direction by itself. Where they meet is the internet.
    pub(super) fn add_capacity(
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

    /// An `ExpressRoute` gateway's size limits what it sends to its network: it stands in no packet's way
    /// from there (expressroute-about-virtual-network-gateways).
    pub(super) fn limit_network_access(&mut self, node: NodeId, throughput: Bandwidth) {
        let nic = self.topology.nic(node);
        let nic = nic.expect("a gateway stands on its network's bridge");
        self.limit_leaving(nic, throughput);
    }

    /// A circuit's bandwidth is that of each of its links, each way (expressroute-faqs).
    pub(super) fn limit_circuit(&mut self, ends: [InterfaceId; 2], bandwidth: Bandwidth) {
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
