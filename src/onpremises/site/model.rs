//! On-premises sites, and the links between sites, in a lab file.

use std::time::Duration;

use crate::addresses::{Address, Prefix};
use crate::findings::{Located, Place};
use crate::firewall::Firewall;
use crate::names::NodeName;
use crate::onpremises::device::model::Device;
use crate::units::Asn;

/// An on-premises site, or any network of routers, hosts and links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its key under `sites`.
    pub name: Located<NodeName>,
    /// `asn`, required if the site's routers use BGP with Azure.
    pub asn: Option<Located<Asn>>,
    /// `routers`.
    pub routers: Vec<SiteRouter>,
    /// `hosts`.
    pub hosts: Vec<SiteHost>,
    /// `links` between routers.
    pub links: Vec<SiteLink>,
    /// `advertise`: the prefixes that each of the site's BGP speakers originates.
    pub advertise: Vec<Located<Prefix>>,
    /// `igp`: the site's routers exchange their prefixes and default routes, as with a link-state protocol. With
    /// `false`, a router has only the routes of its interfaces, static routes and BGP routes. Default true.
    pub igp: bool,
    /// `ibgp`: the site's BGP speakers with the same ASN exchange the routes that they learned. Default false.
    pub ibgp: bool,
}

/// A link between routers of two sites. They have a BGP session over it if both have an ASN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WanLink {
    /// Its key under `wan`.
    pub name: Located<NodeName>,
    /// `a` and `b`.
    pub ends: [Located<String>; 2],
    /// `addresses`: a's and b's, in one prefix.
    pub addresses: [Located<Prefix>; 2],
    /// `rtt`. Default none.
    pub round_trip_time: Duration,
}

/// A router of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRouter {
    /// Its key under `routers`.
    pub name: Located<NodeName>,
    /// `address`: its address and prefix length on the hosts' LAN.
    pub address: Option<Located<Prefix>>,
    /// Its configuration for BGP and tunnels.
    pub device: Device,
}

/// A host on a site's LAN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteHost {
    /// Its key under `hosts`.
    pub name: Located<NodeName>,
    /// `address` and prefix length.
    pub address: Located<Prefix>,
    /// `gateway`: a router's address on the same LAN.
    pub gateway: Located<Address>,
    /// `firewall`: its packet filter.
    pub firewall: Option<Located<Firewall>>,
}

/// A link between two routers of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteLink {
    /// Its place in the file.
    pub place: Place,
    /// `a` and `b`.
    pub ends: [Located<String>; 2],
    /// `addresses`: a's and b's, in one prefix.
    pub addresses: [Located<Prefix>; 2],
    /// `rtt`. Default none.
    pub round_trip_time: Duration,
}
