//! What a lab file says, in its own nouns; nothing is resolved yet.
//!
//! Names are Azure Resource Manager's for Azure things. Every value that a later finding may point
//! at keeps its [`Place`] in the file. Lists keep the order of the file.

mod gateways;
mod links;
mod networks;
mod sites;

use std::{net::Ipv4Addr, time::Duration};

use crate::findings::{Located, Place};
use crate::names::{LabName, NodeName};

pub use crate::spec::semantics::{
    BgpPeerHostRoutes, CustomerEdgeHops, GatewayHops, ReservedPrefixes, Semantics,
};
pub use gateways::{
    CircuitLink, Connection, ConnectionKind, ExpressRouteCircuit, ExpressRouteSku, GatewayKind,
    GatewaySize, IpSecEnd, ScaleUnits, VirtualNetworkGateway, VpnGatewayInstance, VpnSku,
};
pub use links::LinkImpairment;
pub use networks::{
    LoadBalancer, Peering, RouteTable, Subnet, UserNextHop, UserRoute, VirtualMachine,
    VirtualNetwork,
};
pub use sites::{
    Device, Site, SiteHost, SiteLink, SiteRouter, StaticNextHop, StaticRoute, TunnelEnd, WanLink,
};

/// A lab file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// `name`.
    pub name: Located<LabName>,
    /// `semantics`: where Azure's documents disagree or say nothing.
    pub semantics: Semantics,
    /// `convergence: immediate`: every session notices a failure at once. Default: by its own timers.
    pub converges_immediately: bool,
    /// `strict`: warnings are errors. Default false.
    pub is_strict: bool,
    /// `virtualNetworks`.
    pub virtual_networks: Vec<VirtualNetwork>,
    /// `routeTables`.
    pub route_tables: Vec<RouteTable>,
    /// `loadBalancers`: internal ones, with one frontend and a rule for all ports.
    pub load_balancers: Vec<LoadBalancer>,
    /// `virtualNetworkGateways`.
    pub virtual_network_gateways: Vec<VirtualNetworkGateway>,
    /// `expressRouteCircuits`.
    pub express_route_circuits: Vec<ExpressRouteCircuit>,
    /// `connections`.
    pub connections: Vec<Connection>,
    /// `sites`: on-premises networks.
    pub sites: Vec<Site>,
    /// `wan`: links between routers of different sites.
    pub wan: Vec<WanLink>,
    /// `impairments`: what links do to packets, beyond what `rtt`, bandwidths and sizes say.
    pub impairments: Vec<LinkImpairment>,
    /// `expect`: the paths that `lab verify` proves.
    pub expectations: Vec<Expectation>,
    /// `storyboards`: failures, and what is proved while they last.
    pub storyboards: Vec<Storyboard>,
}

/// What `lab verify` proves about one ordered pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Where it stands in the file.
    pub place: Place,
    /// `from`: a virtual machine or host.
    pub from: Located<String>,
    /// `to`: a virtual machine or host.
    pub to: Located<String>,
    /// `hops` or `unreachable`.
    pub outcome: ExpectedOutcome,
}

/// What an expectation says of its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedOutcome {
    /// `hops`: who answers, in order; the last is the destination.
    Hops(Vec<ExpectedHop>),
    /// `unreachable: timeout`: nothing comes back, neither a reply nor an error.
    TimesOut,
}

/// One hop of an expected path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedHop {
    /// Where it stands in the file.
    pub place: Place,
    /// The addresses that may answer, equal-cost siblings together; empty for `"*"`, a silent hop.
    pub addresses: Vec<Ipv4Addr>,
    /// The hop's round-trip time, from `rtt`, where one is given.
    pub round_trip_time: Option<Duration>,
}

/// A story of failures, told step by step on the running lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storyboard {
    /// Its key under `storyboards`.
    pub name: Located<NodeName>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// A step of a storyboard: what is done, then what is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `step`: its name, as reports call the lab's state then.
    pub name: Located<NodeName>,
    /// `fault`: links and nodes that fail, as an interface that goes down does.
    pub fault: Vec<Located<String>>,
    /// `blackhole`: links that lose everything without a sign.
    pub blackhole: Vec<Located<String>>,
    /// `heal`: links and nodes that come back.
    pub heal: Vec<Located<String>>,
    /// `wait`: how long after that the proof begins. Default none: as soon as the routes are those of
    /// the new state.
    pub wait: Duration,
    /// `expect`.
    pub expect: StepExpectations,
}

/// What a step proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepExpectations {
    /// A list of its own; may be empty.
    Own(Vec<Expectation>),
    /// `expect: steady`: everything that the lab expects at rest.
    Steady,
}
