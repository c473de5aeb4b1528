//! The addresses that Azure assigns, uses and reserves.

use crate::addresses::{Address, Prefix};

/// The ranges that no virtual network may have, with their purpose (virtual-networks-faq).
pub(crate) const RESERVED: [(&str, &str); 5] = [
    ("224.0.0.0/4", "multicast"),
    ("255.255.255.255/32", "broadcast"),
    ("127.0.0.0/8", "loopback addresses"),
    ("169.254.0.0/16", "link-local addresses"),
    ("168.63.129.16/32", "Azure's DNS"),
];

/// The number of addresses that Azure reserves at the start of a subnet: the network address, the default gateway and
/// two for DNS (virtual-networks-faq).
const RESERVED_AT_START: u64 = 4;

/// Whether a machine may have an address in a subnet: Azure reserves the first four and the last.
pub(crate) fn is_usable(subnet: Prefix, address: Address) -> bool {
    subnet.contains(&address)
        && address.distance_from(subnet.network()) >= RESERVED_AT_START.into()
        && address != subnet.last()
}

/// The addresses of a subnet that are available to machines, in order.
pub(crate) fn usable(subnet: Prefix) -> impl Iterator<Item = Address> + use<> {
    let last = subnet.last();
    let reserved = usize::try_from(RESERVED_AT_START).unwrap_or(usize::MAX);
    let all = subnet.addresses().skip(reserved);
    all.take_while(move |address| *address < last)
}

/// The first address of a subnet that is available to machines and not in `taken`.
pub(crate) fn first_free(subnet: Prefix, taken: impl Fn(Address) -> bool) -> Option<Address> {
    usable(subnet).find(|address| !taken(*address))
}

/// The last address of a subnet that Azure does not reserve: the default BGP address of a VPN gateway with one instance
/// (vpn-gateway-bgp-overview).
pub(crate) fn last_usable(subnet: Prefix) -> Address {
    subnet.last().saturating_sub(1)
}

/// Whether an address is one that users may assign to a VPN gateway for BGP over its tunnels, outside its network:
/// 169.254.21.0 to 169.254.22.255 (vpn-gateway-bgp-overview).
pub(crate) const fn is_tunnel_bgp_address(address: Address) -> bool {
    matches!(address.ipv4(), Some(address) if matches!(address.octets(), [169, 254, 21 | 22, _]))
}

/// The number of addresses of a subnet that users may assign: all but five.
pub(crate) fn usable_addresses(subnet: Prefix) -> usize {
    let all = usize::try_from(subnet.size()).unwrap_or(usize::MAX);
    all.saturating_sub(5)
}

/// The default gateway of a subnet, for which Azure answers: the subnet's first address.
pub(crate) fn subnet_gateway(subnet: Prefix) -> Address {
    subnet.network().saturating_add(1)
}

/// The customer's and Microsoft's address on a link: the first and the second usable one (expressroute-routing, "IP
/// addresses used for Azure private peering").
pub(crate) fn circuit_addresses(prefix: Prefix) -> [Address; 2] {
    let network = prefix.network();
    [1, 2].map(|offset| network.saturating_add(offset))
}

/// Private ranges (RFC 1918).
const PRIVATE: [Prefix; 3] = [
    Prefix::v4([10, 0, 0, 0], 8),
    Prefix::v4([172, 16, 0, 0], 12),
    Prefix::v4([192, 168, 0, 0], 16),
];

/// Whether an address is private (RFC 1918).
pub(crate) fn is_private(address: Address) -> bool {
    PRIVATE.iter().any(|range| range.contains(&address))
}
