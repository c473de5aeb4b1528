//! The parts of a resolved lab.

mod networks;
mod nodes;
mod route_filter;
mod semantics;
mod sessions;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::addresses::Address;
use crate::names::{LabName, NodeName};
use crate::topology::Parts;

pub use networks::{
    Capacity, Circuit, ClientPool, GATEWAY_SUBNET, Gateway, GatewayKind, GatewaySize, HalfPeering,
    LoadBalancer, Peering, PrivateEndpoint, RouteTable, Site, Subnet, UserNextHop, UserRoute,
    VirtualNetwork,
};
pub use nodes::{
    Instance, Interface, InterfaceKind, Link, LinkKind, Mac, Member, Nic, Node, Port, Role,
    Segment, StaticRoute,
};
pub use route_filter::{Denial, FilterEntry, RouteFilter, Settings};
pub use semantics::{
    BgpPeerHostRoutes, CustomerEdgeHops, GatewayHops, ReservedPrefixes, Semantics,
};
pub use sessions::{
    InternetPath, Policy, Session, SessionEnd, SessionKind, SpeakerId, UnderlayRoute,
};

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

/// A routing domain: all parts that peerings, connections, circuits and links join. An address is unique in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DomainId(pub usize);

/// A whole lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// The lab's name.
    pub name: LabName,
    /// The lab's choice where Azure's documents disagree.
    pub semantics: Semantics,
    /// Every session detects a failure at once, regardless of its timers.
    pub converges_immediately: bool,
    /// Every machine and router: one namespace each.
    pub nodes: Vec<Node>,
    /// Every interface of every node.
    pub interfaces: Vec<Interface>,
    /// The links between two interfaces.
    pub links: Vec<Link>,
    /// Bridges, and their members.
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
    /// BGP sessions, and tunnels with static routes.
    pub sessions: Vec<Session>,
    /// Paths across the lab's internet with a delay.
    pub internet_paths: Vec<InternetPath>,
    /// The capacities of gateways, for all of their tunnels together.
    pub capacities: Vec<Capacity>,
    /// Routes to public addresses, for tunnels over a circuit's Microsoft peering.
    pub underlay: Vec<UnderlayRoute>,
    /// The expectations of `lab verify`.
    pub expectations: Vec<Expectation>,
    /// Failures, with expectations during them.
    pub storyboards: Vec<Storyboard>,
    /// The routing domain of each node; `None` for the fabric and the internet. Empty if no address is used twice,
    /// since domains are not needed then.
    pub domains: Vec<Option<DomainId>>,
    /// The addresses that several nodes have, with all of them.
    pub shared_addresses: BTreeMap<Address, Vec<NodeId>>,
}

impl Topology {
    /// An empty lab.
    pub(crate) fn empty(name: LabName, semantics: Semantics, converges_immediately: bool) -> Self {
        Self {
            name,
            semantics,
            converges_immediately,
            nodes: Vec::new(),
            interfaces: Vec::new(),
            links: Vec::new(),
            segments: Vec::new(),
            virtual_networks: Vec::new(),
            route_tables: Vec::new(),
            load_balancers: Vec::new(),
            gateways: Vec::new(),
            circuits: Vec::new(),
            sites: Vec::new(),
            sessions: Vec::new(),
            internet_paths: Vec::new(),
            capacities: Vec::new(),
            underlay: Vec::new(),
            expectations: Vec::new(),
            storyboards: Vec::new(),
            domains: Vec::new(),
            shared_addresses: BTreeMap::new(),
        }
    }
}

/// The expectation of one ordered pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The machine that probes.
    pub from: NodeId,
    /// The machine that is probed.
    pub to: NodeId,
    /// The expected path.
    pub path: ExpectedPath,
}

/// An expected path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedPath {
    /// Who answers, in order, the last being the destination.
    Hops(Vec<ExpectedHop>),
    /// The destination answers.
    Reached {
        /// Packets to it cross all of these.
        via: Vec<Waypoint>,
        /// They cross none of these.
        not_via: Vec<Waypoint>,
    },
    /// Nothing comes back.
    Unreachable,
}

/// A part of the lab that a path crosses or avoids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waypoint {
    /// The names in the lab file.
    pub names: Vec<String>,
    /// Their nodes, any of which counts: several for an active-active gateway, a load balancer or a list of names.
    pub nodes: BTreeSet<NodeId>,
}

impl Expectation {
    /// Who answers, in order; empty if the expectation does not name each hop.
    #[must_use]
    pub fn hops(&self) -> &[ExpectedHop] {
        match &self.path {
            ExpectedPath::Hops(hops) => hops,
            ExpectedPath::Reached { .. } | ExpectedPath::Unreachable => &[],
        }
    }

    /// Whether the destination is expected to answer.
    #[must_use]
    pub fn is_reached(&self) -> bool {
        self.path != ExpectedPath::Unreachable
    }
}

/// One hop of an expected path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedHop {
    /// The addresses that may answer; empty for a silent hop.
    pub addresses: Vec<Address>,
    /// The words of the lab file if it names nodes; empty if it has only addresses.
    pub words: Vec<String>,
    /// The documented round-trip time.
    pub round_trip_time: Option<Duration>,
}

/// A sequence of failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storyboard {
    /// Its name.
    pub name: NodeName,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// A step of a storyboard, an action and then a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name, which is also the name of this state in reports.
    pub name: NodeName,
    /// Links whose interfaces go down, and BGP sessions that are shut.
    pub fault: Parts,
    /// Links that become blackholes.
    pub blackhole: Vec<LinkId>,
    /// Links and sessions that recover.
    pub heal: Parts,
    /// The time from the new routes to the start of the proof.
    pub wait: Duration,
    /// The expectations to prove.
    pub expectations: Vec<Expectation>,
}
