//! The parts of a resolved lab.

mod networks;
mod nodes;
mod sessions;

use std::collections::BTreeMap;
use std::{net::Ipv4Addr, time::Duration};

use crate::names::{LabName, NodeName};

pub use crate::spec::model::{
    BgpPeerHostRoutes, CustomerEdgeHops, GatewayHops, GatewaySize, ReservedPrefixes, Semantics,
    UserNextHop,
};
pub use networks::{
    Capacity, Circuit, Gateway, GatewayKind, HalfPeering, LoadBalancer, Peering, RouteTable, Site,
    Subnet, UserRoute, VirtualNetwork,
};
pub use nodes::{
    Interface, InterfaceKind, Link, LinkKind, Mac, Member, Node, Port, Role, Segment, StaticRoute,
};
pub use sessions::{InternetPath, Policy, Session, SessionEnd, SessionKind, UnderlayRoute};

/// A node, by its position in [`Topology::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// A virtual network gateway, by its position in [`Topology::gateways`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GatewayId(pub usize);

/// A route table, by its position in [`Topology::route_tables`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteTableId(pub usize);

/// A routing domain: what peerings, connections, circuits and links join. An address means one thing there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DomainId(pub usize);

/// A whole lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// The lab's name.
    pub name: LabName,
    /// How the lab takes points on which Azure's documents disagree.
    pub semantics: Semantics,
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
    /// Tables of user-defined routes.
    pub route_tables: Vec<RouteTable>,
    /// Internal load balancers.
    pub load_balancers: Vec<LoadBalancer>,
    /// Virtual network gateways.
    pub gateways: Vec<Gateway>,
    /// `ExpressRoute` circuits.
    pub circuits: Vec<Circuit>,
    /// On-premises sites.
    pub sites: Vec<Site>,
    /// BGP sessions, and tunnels whose routes are set by hand.
    pub sessions: Vec<Session>,
    /// Ways across the lab's internet that take time.
    pub internet_paths: Vec<InternetPath>,
    /// What gateways carry, all of their tunnels together.
    pub capacities: Vec<Capacity>,
    /// Routes to public addresses, for tunnels that take a circuit's Microsoft peering.
    pub underlay: Vec<UnderlayRoute>,
    /// What `lab verify` proves.
    pub expectations: Vec<Expectation>,
    /// Failures, and what is proved while they last.
    pub storyboards: Vec<Storyboard>,
    /// The routing domain of each node; none for the fabric and the internet. Empty where each address is one node's,
    /// so that nobody asks for domains.
    pub domains: Vec<Option<DomainId>>,
    /// The addresses that several nodes have, with all of them.
    pub shared_addresses: BTreeMap<Ipv4Addr, Vec<NodeId>>,
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

/// A story of failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storyboard {
    /// Its name.
    pub name: NodeName,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// A step of a storyboard: what is done, then what is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name, as reports call the lab's state then.
    pub name: NodeName,
    /// What fails, as an interface that goes down does.
    pub fault: Vec<LinkId>,
    /// What loses everything without a sign.
    pub blackhole: Vec<LinkId>,
    /// What comes back.
    pub heal: Vec<LinkId>,
    /// How long after the routes are those of the new state the proof begins.
    pub wait: Duration,
    /// What is proved.
    pub expectations: Vec<Expectation>,
}
