//! Addresses that a lab file leaves open, chosen the same way every time.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::model::{InterfaceId, Mac};

/// How many addresses at the start of a subnet Azure keeps for itself: the network's, the
/// gateway's and two for DNS (virtual-networks-faq).
const RESERVED_AT_START: u32 = 4;

/// Where link-local addresses for unadvertised links start: clear of 169.254.169.254, Azure's
/// metadata service, and of 169.254.21.0 to 169.254.22.255, which users may take for BGP.
const FIRST_LINK_LOCAL: Ipv4Addr = Ipv4Addr::new(169, 254, 192, 1);

/// Hands out link-local addresses (RFC 3927) for links whose addresses nobody advertises.
#[derive(Debug)]
pub(super) struct LinkLocal {
    next: u32,
}

impl LinkLocal {
    pub(super) fn new() -> Self {
        Self {
            next: FIRST_LINK_LOCAL.to_bits(),
        }
    }

    /// The next address, as a host prefix. One network has 16,382 of them, more than a machine
    /// has room for namespaces; past that they start over, which only unadvertised links can bear.
    pub(super) fn next(&mut self) -> Ipv4Net {
        let address = Ipv4Addr::from_bits(self.next);
        let following = Ipv4Addr::from_bits(self.next + 1);
        self.next = if following.octets()[1] == 254 {
            self.next + 1
        } else {
            FIRST_LINK_LOCAL.to_bits()
        };
        host_prefix(address)
    }
}

/// An address as a /32.
pub(super) fn host_prefix(address: Ipv4Addr) -> Ipv4Net {
    Ipv4Net::from(address)
}

/// An interface's Ethernet address: locally administered, and unique in its lab.
pub(super) fn mac(interface: InterfaceId) -> Mac {
    let [.., a, b, c, d] = interface.0.to_be_bytes();
    Mac([0x02, 0x4c, a, b, c, d])
}

/// Whether a machine may have an address in a subnet: Azure keeps the first four and the last.
pub(super) fn is_usable(subnet: Ipv4Net, address: Ipv4Addr) -> bool {
    subnet.contains(&address)
        && address.to_bits() - subnet.network().to_bits() >= RESERVED_AT_START
        && address != subnet.broadcast()
}

/// The first address of a subnet that a machine may have and that `taken` does not hold.
pub(super) fn first_free(subnet: Ipv4Net, taken: impl Fn(Ipv4Addr) -> bool) -> Option<Ipv4Addr> {
    let first = subnet.network().to_bits().saturating_add(RESERVED_AT_START);
    (first..subnet.broadcast().to_bits())
        .map(Ipv4Addr::from_bits)
        .find(|address| !taken(*address))
}

/// The last address of a subnet that Azure does not keep: where a VPN gateway with one instance speaks
/// BGP unless it is told otherwise (vpn-gateway-bgp-overview).
pub(super) fn last_usable(subnet: Ipv4Net) -> Ipv4Addr {
    Ipv4Addr::from_bits(subnet.broadcast().to_bits().saturating_sub(1))
}

/// Whether an address is one that users may give a VPN gateway for BGP over its tunnels, outside its
/// network: 169.254.21.0 to 169.254.22.255 (vpn-gateway-bgp-overview).
pub(super) const fn is_tunnel_bgp_address(address: Ipv4Addr) -> bool {
    matches!(address.octets(), [169, 254, 21 | 22, _])
}

/// A subnet's gateway, which Azure answers for: its first address.
pub(super) fn subnet_gateway(subnet: Ipv4Net) -> Ipv4Addr {
    Ipv4Addr::from_bits(subnet.network().to_bits().saturating_add(1))
}
