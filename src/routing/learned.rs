//! What speakers learned and tell, as `list-learned-routes` and `list-advertised-routes` ask.

use std::{fmt, net::Ipv4Addr};

use ipnet::Ipv4Net;

use crate::names::NodeName;
use crate::topology::{NodeId, SessionId};
use crate::units::Asn;

/// A route that a speaker knows, the best of its prefix or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LearnedRoute {
    /// Where to.
    pub prefix: Ipv4Net,
    /// How it was learned.
    pub origin: LearnedOrigin,
    /// The path, nearest system first; empty for what is the speaker's own.
    pub as_path: Vec<Asn>,
    /// How much the speaker prefers the session: a connection's `routingWeight`.
    pub weight: u32,
    /// How much it prefers the route.
    pub local_preference: u32,
    /// It is the best of its prefix, or one of several that are equally good.
    pub is_best: bool,
}

/// How a speaker learned a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LearnedOrigin {
    /// It is its own: a range of its network or of one that uses its gateway, or set by hand to lie
    /// behind a connection.
    Network {
        /// The connection that it lies behind.
        connection: Option<NodeName>,
    },
    /// From a neighbour.
    Neighbour {
        /// The session.
        session: SessionId,
        /// The neighbour.
        node: NodeId,
        /// The address that it speaks from, where it has one.
        address: Option<Ipv4Addr>,
        /// It has the speaker's own number (iBGP).
        is_internal: bool,
    },
}

/// A route that a speaker tells one neighbour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvertisedRoute {
    /// Where to.
    pub prefix: Ipv4Net,
    /// The path as told, the speaker's own number first.
    pub as_path: Vec<Asn>,
}

/// Why a node never learned a route: somebody who has one, and where it stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// Who has a route.
    pub holder: NodeId,
    /// The prefix that it has.
    pub prefix: Ipv4Net,
    /// Who does not hear of it.
    pub listener: NodeId,
    /// The session between them.
    pub session: SessionId,
    /// Why.
    pub reason: Reason,
}

/// Why a route stops at a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The session is down.
    SessionDown,
    /// The connection has no BGP.
    NoBgp,
    /// An `ExpressRoute` gateway tells circuits nothing that it learned elsewhere.
    GatewayKeepsFromCircuit,
    /// A VPN gateway tells tunnels nothing that an `ExpressRoute` gateway learned.
    GatewayKeepsFromTunnel,
    /// A VPN gateway never tells a default route.
    DefaultRoute,
    /// The networks of a circuit reach each other only where both gateways allow it.
    RemoteVnetTraffic,
    /// What came over Global Reach goes to no third circuit.
    GlobalReachOnce,
    /// A device that gives no transit tells what is its own alone.
    NoTransit,
    /// What came from a neighbour of the same system is told to no other of it.
    InternalOnce,
    /// The neighbour it came from is not told it again.
    SplitHorizon,
    /// The speaker's export filter.
    ExportFilter,
    /// The listener's import filter.
    ImportFilter,
    /// The listener's own number is in the path.
    Loop,
    /// The prefix is the listener's own, or inside its network's address space.
    OwnAddressSpace,
}

impl Reason {
    /// Where the rule stands: a document of Azure's, or an RFC; nothing for what the lab file says.
    #[must_use]
    pub const fn source(self) -> Option<&'static str> {
        match self {
            Self::GatewayKeepsFromCircuit | Self::GatewayKeepsFromTunnel => {
                Some("expressroute-faqs")
            }
            Self::DefaultRoute | Self::OwnAddressSpace => Some("vpn-gateway-vpn-faq"),
            Self::RemoteVnetTraffic => Some("expressroute-howto-linkvnet"),
            Self::GlobalReachOnce => Some("expressroute-global-reach"),
            Self::InternalOnce | Self::Loop => Some("RFC 4271, section 9"),
            Self::SessionDown
            | Self::NoBgp
            | Self::NoTransit
            | Self::SplitHorizon
            | Self::ExportFilter
            | Self::ImportFilter => None,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SessionDown => "the session is down",
            Self::NoBgp => "the connection has no BGP",
            Self::GatewayKeepsFromCircuit => {
                "an ExpressRoute gateway tells a circuit nothing that it learned from another circuit or from a VPN gateway"
            }
            Self::GatewayKeepsFromTunnel => {
                "a VPN gateway tells tunnels nothing that circuits brought"
            }
            Self::DefaultRoute => "a VPN gateway never tells a default route",
            Self::RemoteVnetTraffic => {
                "networks on one circuit reach each other only where both gateways set allowRemoteVnetTraffic"
            }
            Self::GlobalReachOnce => "what came over Global Reach goes to no third circuit",
            Self::NoTransit => "a device tells what is its own alone, unless it gives transit",
            Self::InternalOnce => "what came from the own system is told to no other speaker of it",
            Self::SplitHorizon => "it came from there",
            Self::ExportFilter => "its export filter holds it back",
            Self::ImportFilter => "the import filter there holds it back",
            Self::Loop => "the number of the system there is in its path already",
            Self::OwnAddressSpace => {
                "the prefix is the other's own, or inside the address space of its network"
            }
        })
    }
}
