//! A router or an appliance in a lab file.

use crate::addresses::{Address, Prefix};
use crate::findings::{Located, Place};
use crate::firewall::Firewall;
use crate::topology::RouteFilter;
use crate::units::{Asn, Ttl};

/// The common part of routers and network virtual appliances.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    /// `asn`: its autonomous system number; a site's router without one uses that of its site.
    pub asn: Option<Located<Asn>>,
    /// `tunnel`: its end of site-to-site VPNs.
    pub tunnel: Option<TunnelEnd>,
    /// `tunnelInterfaces`: its ends of some site-to-site VPNs, by the name of a connection or of one of its tunnels.
    pub tunnel_interfaces: Vec<(Located<String>, TunnelEnd)>,
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
    /// `import`: the routes that are accepted from a neighbor, and what is set on them.
    pub import: Vec<(Located<String>, RouteFilter)>,
    /// `export`: the routes that are advertised to a neighbor, and what is set on them.
    pub export: Vec<(Located<String>, RouteFilter)>,
    /// `firewall`: its packet filter.
    pub firewall: Option<Located<Firewall>>,
}

impl Device {
    /// Its ends of site-to-site VPNs.
    pub fn tunnel_ends(&self) -> impl Iterator<Item = &TunnelEnd> {
        let named = self.tunnel_interfaces.iter().map(|(_, end)| end);
        self.tunnel.iter().chain(named)
    }

    /// Its end of a connection's tunnel: the one with the tunnel's name, the one with the connection's name, or
    /// `tunnel`.
    #[must_use]
    pub fn tunnel_end(&self, connection: &str, tunnel: &str) -> Option<&TunnelEnd> {
        let named = |wanted| {
            let mut all = self.tunnel_interfaces.iter();
            all.find(|(name, _)| name.value == wanted)
                .map(|(_, end)| end)
        };
        named(tunnel)
            .or_else(|| named(connection))
            .or(self.tunnel.as_ref())
    }

    /// Its ends of all tunnels that a connection may have. A tunnel to one of two instances has the connection's name
    /// with `-in0` or `-in1`.
    #[must_use]
    pub fn tunnel_ends_of(&self, connection: &str) -> Vec<&TunnelEnd> {
        let has = |name: &str| {
            self.tunnel_interfaces
                .iter()
                .any(|(own, _)| own.value == name)
        };
        let [first, second] = tunnel_names(connection);
        let names = match [has(&first), has(&second)] {
            [true, true] => vec![first, second],
            [true, false] => vec![connection.to_owned(), first],
            [false, true] => vec![connection.to_owned(), second],
            [false, false] => vec![connection.to_owned()],
        };
        let names = names.iter();
        names
            .filter_map(|name| self.tunnel_end(connection, name))
            .collect()
    }
}

/// The names of a connection's tunnels to the two instances of a gateway.
#[must_use]
pub fn tunnel_names(connection: &str) -> [String; 2] {
    [0, 1].map(|instance| format!("{connection}-in{instance}"))
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
    /// `sourceAddress`: the source address of encrypted packets.
    pub source_address: Located<Address>,
    /// `address`: the address of the tunnel interface.
    pub address: Located<Address>,
    /// `bgpPeeringAddress`: the address of its BGP sessions. Default: `address`.
    pub bgp_peering_address: Option<Located<Address>>,
    /// `innerTtl`: the TTL that the device sets on packets that enter the tunnel.
    pub inner_ttl: Option<Ttl>,
    /// `mtu`: the largest packet in bytes that enters the tunnel at the device. Default 1400.
    pub mtu: Option<u16>,
}

impl TunnelEnd {
    /// The address of its BGP sessions, which the other end routes into the tunnel.
    #[must_use]
    pub fn bgp_address(&self) -> Located<Address> {
        self.bgp_peering_address.unwrap_or(self.address)
    }
}
