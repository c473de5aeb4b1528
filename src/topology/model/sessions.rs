//! Routing sessions, and the links that carry them.

use std::time::Duration;

use crate::addresses::{Address, Prefix};
use crate::names::NodeName;
use crate::topology::model::{InterfaceId, LinkId, NodeId, RouteFilter};

/// A BGP session between two neighbours, or a tunnel with static routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its connection, circuit or link; policies refer to it by this name.
    pub name: NodeName,
    /// The kinds of its neighbours.
    pub kind: SessionKind,
    /// The link between the two interfaces: both ends detect at once when it goes down. `None` if they connect over a
    /// network's bridge.
    pub link: Option<LinkId>,
    /// Every link that the session or its traffic needs, including the one above.
    pub carriers: Vec<LinkId>,
    /// The detection time for the loss of any other carrier.
    pub detection: Duration,
    /// Its two speakers.
    pub ends: [SessionEnd; 2],
}

/// The kinds of session; each has its own rules for advertisements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKind {
    /// BGP over a site-to-site tunnel.
    Tunnel,
    /// A site-to-site tunnel without BGP: its only routes are its ends' [`SessionEnd::networks`].
    StaticTunnel,
    /// MSEE (first end) to customer edge.
    PrivatePeering,
    /// MSEE (first end) to `ExpressRoute` gateway.
    GatewayConnection {
        /// The MSEE's address in the `GatewaySubnet`, as the gateway's network sees it.
        endpoint: Address,
        /// The MSEE's address in effective routes.
        shown: Address,
        /// The MSEE's interface on the network's bridge.
        leg: InterfaceId,
        /// The MSEE sends directly to the network's machines, past the gateway (`FastPath`).
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
    /// Two routers of one site with one ASN (iBGP); the site's IGP resolves the next hop.
    Site,
}

/// A speaker of BGP: a node, or one of the instances that share the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpeakerId {
    /// The node.
    pub node: NodeId,
    /// The position in the node's [`instances`](crate::topology::Node::instances); 0 for a node that is one speaker.
    pub instance: usize,
}

/// A node that is one speaker, or the first instance of a node.
impl From<NodeId> for SpeakerId {
    fn from(node: NodeId) -> Self {
        Self { node, instance: 0 }
    }
}

/// A speaker of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionEnd {
    /// The node of the speaker.
    pub node: NodeId,
    /// The position of the speaker in the node's [`instances`](crate::topology::Node::instances); 0 for a node that is
    /// one speaker.
    pub instance: usize,
    /// The interface toward the other end; for a [`SessionKind::Site`], the node's first one, which is not used.
    pub interface: InterfaceId,
    /// The next hop in the speaker's advertisements; `None` over a tunnel, which needs none.
    pub next_hop: Option<Address>,
    /// The source address of the speaker's own packets on routes learned here.
    pub source: Address,
    /// Static prefixes behind this tunnel: a local network gateway's, the other network's of a connection without BGP,
    /// a device's static routes into its tunnel.
    pub networks: Vec<Prefix>,
    /// The BGP address of the other end, a /32 known by configuration.
    pub peer_address: Option<Address>,
    /// The speaker's policy for routes of this session.
    pub policy: Policy,
}

impl SessionEnd {
    /// The speaker.
    #[must_use]
    pub const fn speaker(&self) -> SpeakerId {
        SpeakerId {
            node: self.node,
            instance: self.instance,
        }
    }
}

/// A speaker's policy for the routes of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The weight of routes learned here, compared first: a connection's `routingWeight`.
    pub weight: u32,
    /// Their local preference, compared next (RFC 4271, section 5.1.5).
    pub local_preference: u32,
    /// How many extra times its ASN is in the paths that it advertises.
    pub prepend: u8,
    /// The routes that it accepts, and what it sets on them; `None` for all.
    pub import: Option<RouteFilter>,
    /// The routes that it advertises, and what it sets on them; `None` for all.
    pub export: Option<RouteFilter>,
}

impl Policy {
    /// The default local preference, also of originated routes (RFC 4271, section 5.1.5; every vendor's default).
    pub const USUAL_PREFERENCE: u32 = 100;
}

impl Default for Policy {
    /// The default of every vendor's speaker.
    fn default() -> Self {
        Self {
            weight: 0,
            local_preference: Self::USUAL_PREFERENCE,
            prepend: 0,
            import: None,
            export: None,
        }
    }
}

/// A route to the other end of a tunnel through a given interface, in both directions of a tunnel over a circuit's
/// Microsoft or private peering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnderlayRoute {
    /// Its node.
    pub node: NodeId,
    /// The destination prefix.
    pub to: Address,
    /// The interface.
    pub interface: InterfaceId,
    /// The neighbour there.
    pub via: Address,
    /// The source address of the node's own packets.
    pub source: Address,
}

/// The path of one tunnel's packets across the lab's internet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InternetPath {
    /// The link with the delay; both of its ends are in the internet's namespace.
    pub link: LinkId,
    /// The internet's interfaces toward the two tunnel ends, in the order of the link's ends.
    pub access: [InterfaceId; 2],
    /// The public addresses of the two tunnel ends.
    pub public: [Address; 2],
}
