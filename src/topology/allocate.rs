//! Addresses that a lab file leaves open, assigned the same way every time.

use std::collections::BTreeSet;

use super::model::Mac;
use crate::addresses::{Address, Prefix};

/// The first link-local address for unadvertised links: outside 169.254.169.254, Azure's metadata service, and
/// 169.254.21.0 to 169.254.22.255, which users may assign for BGP.
const FIRST_LINK_LOCAL: Address = Address::v4(169, 254, 192, 1);

/// How many link-local addresses follow the first, without the last subnet of the block (RFC 3927, section 2.1).
const LINK_LOCALS: u64 = 62 * 256 + 254;

/// The first UDP port of tunnels, `WireGuard`'s usual one; each tunnel of a lab has its own.
const FIRST_TUNNEL_PORT: u16 = 51820;

/// The most tunnels of a lab: each has a UDP port.
const TUNNEL_PORTS: u16 = u16::MAX - FIRST_TUNNEL_PORT + 1;

/// Assigns addresses by the name of the owner: a new name in a lab file does not change the others.
#[derive(Debug, Default)]
pub(crate) struct Allocations {
    link_local: BTreeSet<Address>,
    macs: BTreeSet<Mac>,
    tunnel_ports: BTreeSet<u16>,
}

impl Allocations {
    /// A link-local address (RFC 3927) for an end of a link whose addresses are not advertised, as a host prefix. A
    /// network has 16,126 of them; beyond that, addresses repeat, which is safe only on unadvertised links.
    pub(crate) fn link_local(&mut self, owner: &str) -> Prefix {
        let from = hash(owner) % LINK_LOCALS;
        let wanted = (from..LINK_LOCALS).chain(0..from);
        let mut addresses = wanted.map(|offset| FIRST_LINK_LOCAL.saturating_add(offset));
        let free = addresses.find(|address| !self.link_local.contains(address));
        let address = free.unwrap_or(FIRST_LINK_LOCAL);
        self.link_local.insert(address);
        host_prefix(address)
    }

    /// A tunnel's UDP port, at both of its ends. The rules ensure that there are not more tunnels than ports.
    pub(crate) fn tunnel_port(&mut self, tunnel: &str) -> u16 {
        let mut offset = hash(tunnel) % u64::from(TUNNEL_PORTS);
        loop {
            let port = u16::try_from(offset).map_or(FIRST_TUNNEL_PORT, |it| FIRST_TUNNEL_PORT + it);
            if self.tunnel_ports.insert(port)
                || self.tunnel_ports.len() == usize::from(TUNNEL_PORTS)
            {
                return port;
            }
            offset = (offset + 1) % u64::from(TUNNEL_PORTS);
        }
    }

    /// An interface's Ethernet address: locally administered, and unique in its lab.
    pub(crate) fn mac(&mut self, node: &str, interface: &str) -> Mac {
        let mut number = hash(&format!("{node}/{interface}"));
        loop {
            let mut bytes = [0x02; 6];
            bytes[1..].copy_from_slice(&number.to_be_bytes()[..5]);
            let mac = Mac(bytes);
            if self.macs.insert(mac) {
                return mac;
            }
            number = number.wrapping_add(1 << 24);
        }
    }
}

/// A name's hash (FNV-1a, 64 bits): the same on every machine and in every version, which the standard library does not
/// guarantee.
fn hash(name: &str) -> u64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    name.bytes().fold(BASIS, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    })
}

/// An address as a /32.
pub(crate) fn host_prefix(address: Address) -> Prefix {
    Prefix::from(address)
}

/// Whether an address is one that a lab assigns to unadvertised links.
pub(crate) fn is_link_local_of_labs(address: Address) -> bool {
    let after = FIRST_LINK_LOCAL.saturating_add(LINK_LOCALS);
    (FIRST_LINK_LOCAL..after).contains(&address)
}
