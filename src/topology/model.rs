//! The parts of a resolved lab.

use std::fmt;
use std::{net::Ipv4Addr, time::Duration};

use ipnet::Ipv4Net;

use crate::names::{IfName, LabName, NodeName};
use crate::units::{Asn, Ttl};

/// A node, by its position in [`Topology::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(pub usize);

/// An interface, by its position in [`Topology::interfaces`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct InterfaceId(pub usize);

/// A link, by its position in [`Topology::links`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkId(pub usize);

/// A segment, by its position in [`Topology::segments`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SegmentId(pub usize);

/// A virtual network, by its position in [`Topology::virtual_networks`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct VnetId(pub usize);

/// A site, by its position in [`Topology::sites`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SiteId(pub usize);

/// A session, by its position in [`Topology::sessions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionId(pub usize);

/// A whole lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// The lab's name.
    pub name: LabName,
    /// Every session notices a failure at once, whatever its own timers.
    pub converges_immediately: bool,
    /// Every machine and router: one namespace each.
    pub nodes: Vec<Node>,
    /// Every interface of every node.
    pub interfaces: Vec<Interface>,
    /// What joins two interfaces.
    pub links: Vec<Link>,
    /// Bridges, and who stands on them.
    pub segments: Vec<Segment>,
    /// Virtual networks.
    pub virtual_networks: Vec<VirtualNetwork>,
    /// On-premises sites.
    pub sites: Vec<Site>,
    /// BGP sessions.
    pub sessions: Vec<Session>,
    /// Ways across the lab's internet that take time.
    pub internet_paths: Vec<InternetPath>,
    /// What `lab verify` proves.
    pub expectations: Vec<Expectation>,
}

/// A machine or router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name; its namespace is called `<lab>.<name>`.
    pub name: NodeName,
    /// What it is.
    pub role: Role,
    /// The address its name stands for, where it has one.
    pub address: Option<Ipv4Addr>,
    /// Addresses on its loopback interface, /32 each.
    pub loopback: Vec<Ipv4Addr>,
    /// Its autonomous system, where it speaks BGP.
    pub asn: Option<Asn>,
    /// Its interfaces.
    pub interfaces: Vec<InterfaceId>,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// A virtual machine.
    VirtualMachine {
        /// Its network.
        vnet: VnetId,
        /// Its subnet's first address, which Azure answers for and where what has no route goes.
        subnet_gateway: Ipv4Addr,
    },
    /// A VPN gateway.
    VpnGateway {
        /// Its network.
        vnet: VnetId,
    },
    /// An `ExpressRoute` gateway.
    ExpressRouteGateway {
        /// Its network.
        vnet: VnetId,
    },
    /// A Microsoft Enterprise Edge router.
    Msee,
    /// An on-premises router.
    Router {
        /// Its site.
        site: SiteId,
    },
    /// An on-premises host.
    Host {
        /// Its site.
        site: SiteId,
        /// Its default gateway.
        gateway: Ipv4Addr,
    },
    /// What holds every virtual network's bridge.
    Fabric,
    /// What joins the public addresses.
    Internet,
}

impl Role {
    /// Whether Azure runs the node: it then drops packets from sources it has no route to.
    #[must_use]
    pub const fn is_azure(&self) -> bool {
        matches!(
            self,
            Self::VirtualMachine { .. }
                | Self::VpnGateway { .. }
                | Self::ExpressRouteGateway { .. }
                | Self::Msee
        )
    }

    /// Whether the node passes on packets that are not its own.
    #[must_use]
    pub const fn forwards(&self) -> bool {
        matches!(
            self,
            Self::VpnGateway { .. }
                | Self::ExpressRouteGateway { .. }
                | Self::Msee
                | Self::Router { .. }
                | Self::Internet
        )
    }

    /// What a person calls it.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::VirtualMachine { .. } => "virtual machine",
            Self::VpnGateway { .. } => "VPN gateway",
            Self::ExpressRouteGateway { .. } => "ExpressRoute gateway",
            Self::Msee => "MSEE",
            Self::Router { .. } => "router",
            Self::Host { .. } => "host",
            Self::Fabric => "Azure fabric",
            Self::Internet => "internet",
        }
    }
}

/// An Ethernet address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// The address that answers for every subnet's gateway in Azure.
    pub const AZURE_FABRIC: Self = Self([0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc]);
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0.map(|byte| format!("{byte:02x}"));
        f.write_str(&bytes.join(":"))
    }
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Whose it is.
    pub node: NodeId,
    /// Its name, unique in its node.
    pub name: IfName,
    /// Its Ethernet address; tunnels have none that matters.
    pub mac: Mac,
    /// Its addresses with their prefix lengths.
    pub addresses: Vec<Ipv4Net>,
    /// Whether the interface's prefix is a route: so on premises, nowhere in Azure.
    pub connected: bool,
    /// Whether it is brought up.
    pub up: bool,
    /// What kind of device it is.
    pub kind: InterfaceKind,
    /// The bridge that it is a port of.
    pub port: Option<Port>,
    /// The segment that its addresses stand in.
    pub segment: Option<SegmentId>,
    /// The link that it is an end of.
    pub link: Option<LinkId>,
}

/// The kinds of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterfaceKind {
    /// One end of a link between two interfaces.
    Link,
    /// A bridge.
    Bridge,
    /// An end of a site-to-site tunnel.
    Tunnel,
}

/// Membership of a bridge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port {
    /// The bridge's segment.
    pub segment: SegmentId,
    /// Isolated ports never hear each other: so with peerings, which cannot be transited.
    pub isolated: bool,
}

/// What joins two interfaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its name, unique in the lab.
    pub name: String,
    /// Its two interfaces.
    pub ends: [InterfaceId; 2],
    /// How long a packet takes from either end to the other.
    pub delay: Duration,
    /// What it is.
    pub kind: LinkKind,
}

/// The kinds of link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkKind {
    /// A wire between two interfaces.
    Wire,
    /// A site-to-site tunnel over the lab's internet.
    Tunnel {
        /// The ends' public addresses.
        public: [Ipv4Addr; 2],
        /// The UDP port at both ends.
        port: u16,
        /// What each end sets the time to live of packets to that enter the tunnel there.
        inner_ttl: [Option<Ttl>; 2],
    },
}

/// A bridge and the interfaces that reach each other over it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The bridge itself.
    pub bridge: InterfaceId,
    /// The virtual network it carries; none for a site's LAN.
    pub vnet: Option<VnetId>,
    /// Interfaces of machines and routers on it, each with the port that leads there.
    pub members: Vec<Member>,
    /// Ports toward the bridges of peered networks, each with the peer's segment.
    pub peerings: Vec<(InterfaceId, SegmentId)>,
}

/// An interface on a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The machine's or router's interface.
    pub interface: InterfaceId,
    /// The bridge's port toward it; the interface itself where it is the bridge.
    pub port: InterfaceId,
}

/// A virtual network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualNetwork {
    /// Its name.
    pub name: NodeName,
    /// Its region.
    pub location: String,
    /// Its address space.
    pub prefixes: Vec<Ipv4Net>,
    /// Its bridge.
    pub segment: SegmentId,
    /// The networks that it is peered with.
    pub peerings: Vec<Peering>,
    /// Its VPN gateway.
    pub vpn_gateway: Option<NodeId>,
    /// Its `ExpressRoute` gateway.
    pub express_route_gateway: Option<NodeId>,
}

/// A peering that is connected, seen from one of its networks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peering {
    /// The other network.
    pub remote: VnetId,
    /// The other network uses this one's gateways.
    pub gives_transit: bool,
    /// This network uses the other's gateways.
    pub uses_remote_gateways: bool,
}

/// An on-premises site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its name.
    pub name: NodeName,
    /// Its routers.
    pub routers: Vec<NodeId>,
    /// What it tells Azure.
    pub advertise: Vec<Ipv4Net>,
}

/// A BGP session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The connection or circuit that it belongs to.
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
    /// Over a site-to-site tunnel.
    Tunnel,
    /// MSEE (first end) to customer edge.
    PrivatePeering,
    /// MSEE (first end) to `ExpressRoute` gateway; the address is where the gateway's network
    /// finds the MSEE.
    GatewayConnection {
        /// The MSEE's address in the `GatewaySubnet`.
        endpoint: Ipv4Addr,
    },
}

/// A speaker of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionEnd {
    /// The speaker.
    pub node: NodeId,
    /// The interface toward the other end.
    pub interface: InterfaceId,
    /// The next hop that the speaker gives in its advertisements; none over a tunnel, which needs none.
    pub next_hop: Option<Ipv4Addr>,
    /// The address that the speaker's own packets carry on routes learned here.
    pub source: Ipv4Addr,
    /// What the speaker prefers routes learned here with (RFC 4271, section 5.1.5).
    pub local_preference: u32,
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

/// What is proved of one ordered pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The machine that probes.
    pub from: NodeId,
    /// The machine that is probed.
    pub to: NodeId,
    /// Who answers, in order, the last being the destination; none where nothing may come back.
    pub hops: Option<Vec<ExpectedHop>>,
}

/// One hop of an expected path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedHop {
    /// The addresses that may answer; empty where nobody does.
    pub addresses: Vec<Ipv4Addr>,
    /// The documented round-trip time.
    pub round_trip_time: Option<Duration>,
}
