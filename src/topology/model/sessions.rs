//! Who tells whom routes, and what carries it.

use std::{net::Ipv4Addr, time::Duration};

use ipnet::Ipv4Net;

use crate::names::NodeName;
use crate::topology::model::{InterfaceId, LinkId, NodeId};

/// Two neighbours that tell each other routes, or a tunnel whose routes are set by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The connection, circuit or link that it belongs to, as policies name it.
    pub name: NodeName,
    /// What kind of neighbours it joins.
    pub kind: SessionKind,
    /// The link between the two interfaces: both ends notice at once when it goes down. None where
    /// they meet on a network's bridge.
    pub link: Option<LinkId>,
    /// Every link without which the session, or the traffic that it brings, comes to nothing; the one
    /// above among them.
    pub carriers: Vec<LinkId>,
    /// How long the loss of any other carrier goes unnoticed.
    pub detection: Duration,
    /// Its two speakers.
    pub ends: [SessionEnd; 2],
}

/// The kinds of session; each has its own rules of what is advertised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKind {
    /// BGP over a site-to-site tunnel.
    Tunnel,
    /// A site-to-site tunnel without BGP: all it brings are its ends' [`SessionEnd::networks`].
    StaticTunnel,
    /// MSEE (first end) to customer edge.
    PrivatePeering,
    /// MSEE (first end) to `ExpressRoute` gateway.
    GatewayConnection {
        /// The MSEE's address in the `GatewaySubnet`, where the gateway's network finds it.
        endpoint: Ipv4Addr,
        /// The MSEE's interface on the network's bridge.
        leg: InterfaceId,
        /// The MSEE sends straight to the network's machines, past the gateway (`FastPath`).
        bypasses_gateway: bool,
    },
    /// MSEE to MSEE of another circuit.
    GlobalReach,
    /// The two instances of a VPN gateway, over the network's bridge (iBGP).
    Instances,
    /// A VPN gateway's instance (first end) and the `ExpressRoute` gateway of the same network (iBGP).
    Coexistence,
    /// Two routers of different sites, over a link between them.
    Wan,
    /// Two routers of one site and one number (iBGP); the next hop is found by the site's own routing.
    Site,
}

/// A speaker of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionEnd {
    /// The speaker.
    pub node: NodeId,
    /// The interface toward the other end; of a [`SessionKind::Site`], the node's first, which means nothing.
    pub interface: InterfaceId,
    /// The next hop that the speaker gives in its advertisements; none over a tunnel, which needs none.
    pub next_hop: Option<Ipv4Addr>,
    /// The address that the speaker's own packets carry on routes learned here.
    pub source: Ipv4Addr,
    /// Prefixes that are set by hand to lie behind this session: a local network gateway's, the other
    /// network's of a connection without BGP, a device's static routes into its tunnel.
    pub networks: Vec<Ipv4Net>,
    /// The BGP address of the other end, a /32 that is known by configuration.
    pub peer_address: Option<Ipv4Addr>,
    /// What the speaker makes of routes here.
    pub policy: Policy,
}

/// What a speaker makes of the routes of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What it prefers routes learned here with, first of all: a connection's `routingWeight`.
    pub weight: u32,
    /// What it prefers them with next (RFC 4271, section 5.1.5).
    pub local_preference: u32,
    /// How many more times its own number stands in what it tells.
    pub prepend: u8,
    /// The only prefixes that it takes, and those inside them; all where none.
    pub import: Option<Vec<Ipv4Net>>,
    /// The only prefixes that it tells, and those inside them; all where none.
    pub export: Option<Vec<Ipv4Net>>,
}

impl Default for Policy {
    /// What every vendor's speaker does unless it is told otherwise.
    fn default() -> Self {
        Self {
            weight: 0,
            local_preference: 100,
            prepend: 0,
            import: None,
            export: None,
        }
    }
}

/// A route to a public address that leaves by a given interface, both ways of a tunnel over a
/// circuit's Microsoft peering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnderlayRoute {
    /// The node that has it.
    pub node: NodeId,
    /// Where to.
    pub to: Ipv4Addr,
    /// The interface.
    pub interface: InterfaceId,
    /// The neighbour there.
    pub via: Ipv4Addr,
    /// The address of the node's own packets.
    pub source: Ipv4Addr,
}

/// The way of one tunnel's packets across the lab's internet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InternetPath {
    /// The link that takes the time; both of its ends are in the internet's namespace.
    pub link: LinkId,
    /// The internet's interfaces toward the two tunnel ends, in the order of the link's ends.
    pub access: [InterfaceId; 2],
    /// The public addresses of the two tunnel ends.
    pub public: [Ipv4Addr; 2],
}
