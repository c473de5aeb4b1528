//! A router or an appliance in a lab file.

use crate::addresses::{Address, Prefix};
use crate::findings::{Located, Place};
use crate::units::{Asn, Ttl};

/// The common part of routers and network virtual appliances.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    /// `asn`: its autonomous system number; a site's router without one uses that of its site.
    pub asn: Option<Located<Asn>>,
    /// `tunnel`: its end of site-to-site VPNs.
    pub tunnel: Option<TunnelEnd>,
    /// `advertise`: the prefixes that it originates, in addition to its site's.
    pub advertise: Vec<Located<Prefix>>,
    /// `transit`: it advertises routes from one neighbor to the others. Default false.
    pub transit: bool,
    /// `routes`: its static routes.
    pub routes: Vec<StaticRoute>,
    /// `localPreference`: BGP local preference by neighbor (RFC 4271, section 5.1.5). Default 100.
    pub local_preference: Vec<(Located<String>, u32)>,
    /// `asPathPrepend`: how often its ASN is prepended to the AS paths that it advertises, by neighbor.
    pub as_path_prepend: Vec<(Located<String>, u8)>,
    /// `import`: the only prefixes that are accepted from a neighbor, including prefixes inside them.
    pub import: Vec<(Located<String>, Vec<Prefix>)>,
    /// `export`: the only prefixes that are advertised to a neighbor, including prefixes inside them.
    pub export: Vec<(Located<String>, Vec<Prefix>)>,
}

/// A static route of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticRoute {
    /// Its place in the file.
    pub place: Place,
    /// `addressPrefix`.
    pub address_prefix: Located<Prefix>,
    /// `nextHopIpAddress` or `connection`.
    pub next_hop: StaticNextHop,
}

/// The next hop of a static route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaticNextHop {
    /// `nextHopIpAddress`: an address on one of the device's links.
    Address(Located<Address>),
    /// `connection`: one of the device's tunnels.
    Connection(Located<String>),
}

/// A customer device's end of its tunnels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TunnelEnd {
    /// `sourceAddress`: the public source address of encrypted packets.
    pub source_address: Located<Address>,
    /// `address`: the address of the tunnel interface.
    pub address: Located<Address>,
    /// `innerTtl`: the TTL that the device sets on packets that enter the tunnel.
    pub inner_ttl: Option<Ttl>,
    /// `mtu`: the largest packet in bytes that enters the tunnel at the device. Default 1400.
    pub mtu: Option<u16>,
}
