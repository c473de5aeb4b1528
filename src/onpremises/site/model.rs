//! On-premises sites, and the devices of sites and networks with tunnels.

use std::{net::Ipv4Addr, time::Duration};

use ipnet::Ipv4Net;

use crate::findings::{Located, Place};
use crate::names::NodeName;
use crate::units::{Asn, Ttl};

/// The common part of routers and network virtual appliances.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    /// `asn`: its autonomous system; a site's router without one uses that of its site.
    pub asn: Option<Located<Asn>>,
    /// `tunnel`: its end of site-to-site VPNs.
    pub tunnel: Option<TunnelEnd>,
    /// `advertise`: the prefixes that it originates, in addition to its site's.
    pub advertise: Vec<Located<Ipv4Net>>,
    /// `transit`: it propagates to its neighbours what it learned from others. Default false.
    pub transit: bool,
    /// `routes`: its static routes.
    pub routes: Vec<StaticRoute>,
    /// `localPreference`: BGP local preference (RFC 4271, section 5.1.5) by neighbour; by default 100.
    pub local_preference: Vec<(Located<String>, u32)>,
    /// `asPathPrepend`: how many extra times its ASN is in the AS paths that it advertises, by neighbour.
    pub as_path_prepend: Vec<(Located<String>, u8)>,
    /// `import`: the only prefixes accepted from a neighbour, with those inside them.
    pub import: Vec<(Located<String>, Vec<Ipv4Net>)>,
    /// `export`: the only prefixes advertised to a neighbour, with those inside them.
    pub export: Vec<(Located<String>, Vec<Ipv4Net>)>,
}

/// A static route of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticRoute {
    /// Its place in the file.
    pub place: Place,
    /// `addressPrefix`.
    pub address_prefix: Located<Ipv4Net>,
    /// `nextHopIpAddress` or `connection`.
    pub next_hop: StaticNextHop,
}

/// The next hop of a static route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaticNextHop {
    /// `nextHopIpAddress`: an address on one of the device's links.
    Address(Located<Ipv4Addr>),
    /// `connection`: one of the device's tunnels.
    Connection(Located<String>),
}

/// An on-premises site, or any network of routers, hosts and links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its key under `sites`.
    pub name: Located<NodeName>,
    /// `asn`, needed if the site's routers speak BGP with Azure.
    pub asn: Option<Located<Asn>>,
    /// `routers`.
    pub routers: Vec<SiteRouter>,
    /// `hosts`.
    pub hosts: Vec<SiteHost>,
    /// `links` between routers.
    pub links: Vec<SiteLink>,
    /// `advertise`: the prefixes that each of the site's BGP speakers originates.
    pub advertise: Vec<Located<Ipv4Net>>,
    /// `igp`: the site's routers exchange their prefixes and default routes, as with a link-state protocol. With
    /// `false`, a router has only the routes of its interfaces, static routes and BGP. Default true.
    pub igp: bool,
    /// `ibgp`: the site's BGP speakers with one ASN exchange what they learned. Default false.
    pub ibgp: bool,
}

/// A link between routers of two sites; they speak BGP over it if both have an ASN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WanLink {
    /// Its key under `wan`.
    pub name: Located<NodeName>,
    /// `a` and `b`.
    pub ends: [Located<String>; 2],
    /// `addresses`: a's and b's, in one prefix.
    pub addresses: [Located<Ipv4Net>; 2],
    /// `rtt`. Default none.
    pub round_trip_time: Duration,
}

/// A router of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRouter {
    /// Its key under `routers`.
    pub name: Located<NodeName>,
    /// `address`: its address and prefix length on the hosts' LAN.
    pub address: Option<Located<Ipv4Net>>,
    /// Its configuration for BGP and tunnels.
    pub device: Device,
}

/// A customer device's end of its tunnels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TunnelEnd {
    /// `sourceAddress`: the public address that encrypted packets come from.
    pub source_address: Located<Ipv4Addr>,
    /// `address`: the address of the tunnel interface.
    pub address: Located<Ipv4Addr>,
    /// `innerTtl`: the TTL that the device sets on packets that enter the tunnel.
    pub inner_ttl: Option<Ttl>,
}

/// A host on a site's LAN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteHost {
    /// Its key under `hosts`.
    pub name: Located<NodeName>,
    /// `address` and prefix length.
    pub address: Located<Ipv4Net>,
    /// `gateway`: a router's address on the same LAN.
    pub gateway: Located<Ipv4Addr>,
}

/// A link between two routers of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteLink {
    /// Where the link stands in the file.
    pub place: Place,
    /// `a` and `b`.
    pub ends: [Located<String>; 2],
    /// `addresses`: a's and b's, in one prefix.
    pub addresses: [Located<Ipv4Net>; 2],
    /// `rtt`. Default none.
    pub round_trip_time: Duration,
}
