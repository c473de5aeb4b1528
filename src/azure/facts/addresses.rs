//! The addresses that Azure gives, takes and keeps for itself.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

/// The ranges that no virtual network may have, with their purpose (virtual-networks-faq).
pub(crate) const RESERVED: [(&str, &str); 5] = [
    ("224.0.0.0/4", "multicast"),
    ("255.255.255.255/32", "broadcast"),
    ("127.0.0.0/8", "loopback addresses"),
    ("169.254.0.0/16", "link-local addresses"),
    ("168.63.129.16/32", "Azure's DNS"),
];

/// How many addresses at the start of a subnet Azure reserves: the network's, the gateway's and two for DNS
/// (virtual-networks-faq).
const RESERVED_AT_START: u32 = 4;

/// Whether a machine may have an address in a subnet: Azure reserves the first four and the last.
pub(crate) fn is_usable(subnet: Ipv4Net, address: Ipv4Addr) -> bool {
    subnet.contains(&address)
        && address.to_bits() - subnet.network().to_bits() >= RESERVED_AT_START
        && address != subnet.broadcast()
}

/// The first address of a subnet that a machine may have and that is not in `taken`.
pub(crate) fn first_free(subnet: Ipv4Net, taken: impl Fn(Ipv4Addr) -> bool) -> Option<Ipv4Addr> {
    let first = subnet.network().to_bits().saturating_add(RESERVED_AT_START);
    (first..subnet.broadcast().to_bits())
        .map(Ipv4Addr::from_bits)
        .find(|address| !taken(*address))
}

/// The last address of a subnet that Azure does not reserve: the default BGP address of a VPN gateway with one instance
/// (vpn-gateway-bgp-overview).
pub(crate) fn last_usable(subnet: Ipv4Net) -> Ipv4Addr {
    Ipv4Addr::from_bits(subnet.broadcast().to_bits().saturating_sub(1))
}

/// Whether users may give an address to a VPN gateway for BGP over its tunnels, outside its network: 169.254.21.0 to
/// 169.254.22.255 (vpn-gateway-bgp-overview).
pub(crate) const fn is_tunnel_bgp_address(address: Ipv4Addr) -> bool {
    matches!(address.octets(), [169, 254, 21 | 22, _])
}

/// How many addresses of a subnet users may assign: all except five.
pub(crate) fn usable_addresses(subnet: Ipv4Net) -> usize {
    let all = 1_usize << (32 - u32::from(subnet.prefix_len()));
    all.saturating_sub(5)
}

/// A subnet's gateway, for which Azure answers: its first address.
pub(crate) fn subnet_gateway(subnet: Ipv4Net) -> Ipv4Addr {
    Ipv4Addr::from_bits(subnet.network().to_bits().saturating_add(1))
}

/// The customer's and Microsoft's address on a link: the first and the second usable one (expressroute-routing, "IP
/// addresses used for Azure private peering").
pub(crate) fn circuit_addresses(prefix: Ipv4Net) -> [Ipv4Addr; 2] {
    let network = prefix.network().to_bits();
    [1, 2].map(|offset| Ipv4Addr::from_bits(network.saturating_add(offset)))
}
