//! What a route is, and how it came to be.

use std::{fmt, net::Ipv4Addr};

use ipnet::Ipv4Net;

use crate::names::NodeName;
use crate::topology::InterfaceId;
use crate::units::Asn;

/// A node's routes, sorted by prefix. At most one route of a prefix is in force.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// The routes.
    pub routes: Vec<Route>,
}

impl Table {
    /// The route that a destination takes: the longest prefix that holds it.
    #[must_use]
    pub fn lookup(&self, destination: Ipv4Addr) -> Option<&Route> {
        self.routes
            .iter()
            .filter(|route| route.prefix.contains(&destination))
            .max_by_key(|route| route.prefix.prefix_len())
    }
}

/// A route that won its prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Where to.
    pub prefix: Ipv4Net,
    /// What happens to a packet.
    pub action: Action,
    /// The address that the node's own packets carry; the kernel's choice where none.
    pub source: Option<Ipv4Addr>,
    /// How the route came to be.
    pub origin: Origin,
    /// What it beat.
    pub beaten: Vec<Beaten>,
}

impl Route {
    /// A route that beat nothing.
    pub(super) fn new(prefix: Ipv4Net, action: Action, origin: Origin) -> Self {
        Self {
            prefix,
            action,
            source: None,
            origin,
            beaten: Vec::new(),
        }
    }

    /// Sets the address that the node's own packets carry.
    pub(super) fn from(self, source: Ipv4Addr) -> Self {
        Self {
            source: Some(source),
            ..self
        }
    }

    /// A stable order among routes of one prefix, for sorting alone.
    pub(super) fn rank(&self) -> String {
        self.origin.to_string()
    }
}

/// What a route does to packets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Sends them on; over all next hops evenly, a flow always over the same.
    Forward(Vec<NextHop>),
    /// Drops them, and tells nobody.
    Drop,
}

/// Where a route sends packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NextHop {
    /// The interface they leave by.
    pub interface: InterfaceId,
    /// The neighbour they are handed to; the destination itself, or the far end of a tunnel, where none.
    pub via: Option<Ipv4Addr>,
}

/// How a route came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The address space of the node's own virtual network.
    VnetLocal,
    /// The address space of a peered network.
    VnetPeering(NodeName),
    /// Azure's route to the Internet, which a lab does not have.
    Internet,
    /// Learned by a virtual network's gateway, which put it on every interface.
    VirtualNetworkGateway {
        /// The gateway.
        gateway: NodeName,
        /// The path it learned, nearest system first.
        as_path: Vec<Asn>,
    },
    /// Learned by BGP.
    Bgp {
        /// The neighbour.
        neighbour: NodeName,
        /// The path, nearest system first.
        as_path: Vec<Asn>,
        /// How much the node prefers it.
        local_preference: u32,
    },
    /// The prefix of an interface.
    Connected,
    /// Set by hand on the device.
    Static,
    /// Learned inside a site.
    Igp,
    /// A customer edge's default route, told to its site.
    IgpDefault,
    /// The end of what a router knows.
    LastResort,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VnetLocal => f.write_str("VnetLocal"),
            Self::VnetPeering(remote) => write!(f, "VNetPeering {remote}"),
            Self::Internet => f.write_str("Internet"),
            Self::VirtualNetworkGateway { gateway, as_path } => {
                write!(
                    f,
                    "VirtualNetworkGateway {gateway} path {}",
                    AsPath(as_path)
                )
            }
            Self::Bgp {
                neighbour,
                as_path,
                local_preference,
            } => {
                write!(
                    f,
                    "BGP {neighbour} path {} preference {local_preference}",
                    AsPath(as_path)
                )
            }
            Self::Connected => f.write_str("connected"),
            Self::Static => f.write_str("static"),
            Self::Igp => f.write_str("IGP"),
            Self::IgpDefault => f.write_str("IGP default"),
            Self::LastResort => f.write_str("last resort"),
        }
    }
}

/// A path as az prints it, `12076-65021`.
struct AsPath<'a>(&'a [Asn]);

impl fmt::Display for AsPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<_> = self.0.iter().map(Asn::to_string).collect();
        f.write_str(&numbers.join("-"))
    }
}

/// A route that lost its prefix, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beaten {
    /// The loser.
    pub origin: Origin,
    /// The rule.
    pub rule: &'static str,
}
