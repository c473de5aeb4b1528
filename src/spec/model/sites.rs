//! On-premises sites, and the devices of sites and networks that end tunnels.

use std::{net::Ipv4Addr, time::Duration};

use ipnet::Ipv4Net;

use crate::findings::{Located, Place};
use crate::names::NodeName;
use crate::units::{Asn, Ttl};

/// What routers and network virtual appliances have in common.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    /// `asn`: its autonomous system; a site's router without one has its site's.
    pub asn: Option<Located<Asn>>,
    /// `tunnel`: its end of site-to-site VPNs.
    pub tunnel: Option<TunnelEnd>,
    /// `advertise`: the prefixes that it is the source of, beside its site's.
    pub advertise: Vec<Located<Ipv4Net>>,
    /// `transit`: it tells its neighbours what it learned from others. Default false.
    pub transit: bool,
    /// `routes`: what is set on it by hand.
    pub routes: Vec<StaticRoute>,
    /// `localPreference`: neighbour to BGP local preference (RFC 4271, section 5.1.5); 100 for those unnamed.
    pub local_preference: Vec<(Located<String>, u32)>,
    /// `asPathPrepend`: neighbour to how many more times its own number stands in what it tells.
    pub as_path_prepend: Vec<(Located<String>, u8)>,
    /// `import`: neighbour to the only prefixes that are taken from it, and those inside them.
    pub import: Vec<(Located<String>, Vec<Ipv4Net>)>,
    /// `export`: neighbour to the only prefixes that are told to it, and those inside them.
    pub export: Vec<(Located<String>, Vec<Ipv4Net>)>,
}

/// A route that is set on a device by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticRoute {
    /// Where it stands in the file.
    pub place: Place,
    /// `addressPrefix`.
    pub address_prefix: Located<Ipv4Net>,
    /// `nextHopIpAddress` or `connection`.
    pub next_hop: StaticNextHop,
}

/// Where a static route leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaticNextHop {
    /// `nextHopIpAddress`: an address on one of the device's links.
    Address(Located<Ipv4Addr>),
    /// `connection`: into one of the device's tunnels.
    Connection(Located<String>),
}

/// An on-premises site, or any network of routers, hosts and links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its key under `sites`.
    pub name: Located<NodeName>,
    /// `asn`, needed where the site's routers speak BGP with Azure.
    pub asn: Option<Located<Asn>>,
    /// `routers`.
    pub routers: Vec<SiteRouter>,
    /// `hosts`.
    pub hosts: Vec<SiteHost>,
    /// `links` between routers.
    pub links: Vec<SiteLink>,
    /// `advertise`: the prefixes that each of the site's BGP speakers is the source of.
    pub advertise: Vec<Located<Ipv4Net>>,
    /// `igp`: the site's routers tell each other their prefixes and default routes, as a link-state protocol
    /// has it. Without, a router knows what its own interfaces, static routes and BGP tell it. Default true.
    pub igp: bool,
    /// `ibgp`: the site's BGP speakers of one number tell each other what they learned. Default false.
    pub ibgp: bool,
}

/// A link between routers of two sites; they speak BGP over it where both have a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WanLink {
    /// Its key under `wan`.
    pub name: Located<NodeName>,
    /// `a` and `b`.
    pub ends: [Located<String>; 2],
    /// `addresses`: a's and b's, with one prefix.
    pub addresses: [Located<Ipv4Net>; 2],
    /// `rtt`. Default none.
    pub round_trip_time: Duration,
}

/// A router of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRouter {
    /// Its key under `routers`.
    pub name: Located<NodeName>,
    /// `address`: its address and prefix length on the LAN that hosts stand in.
    pub address: Option<Located<Ipv4Net>>,
    /// What it is as a speaker of BGP and an end of tunnels.
    pub device: Device,
}

/// A customer device's end of its tunnels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TunnelEnd {
    /// `sourceAddress`: the public address that encrypted packets come from.
    pub source_address: Located<Ipv4Addr>,
    /// `address`: the address of the tunnel interface.
    pub address: Located<Ipv4Addr>,
    /// `innerTtl`: what the device sets the time to live of packets to that enter the tunnel.
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
    /// `addresses`: a's and b's, with one prefix.
    pub addresses: [Located<Ipv4Net>; 2],
    /// `rtt`. Default none.
    pub round_trip_time: Duration,
}
