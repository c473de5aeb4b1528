//! What each kind of device does with routes: one file per kind.
//!
//! A device's file defines what the device originates, what it advertises to which neighbor, what it passes on and with
//! which path, what it accepts, and what its own table contains. By default, a [`Speaker`] behaves like any BGP router.
//!
//! [`of`] is the only place of `routing` that reads a node's [`Role`], and only this folder reads a session's kind;
//! `tests/layering` checks both. The engine in [`bgp`](crate::routing::bgp) uses sessions, paths and preferences, and
//! calls [`session`] for the differences between kinds of session. The routes that a gateway propagates to the
//! interfaces of its network are in [`nic`](crate::routing::nic), with the other effective routes.

mod bgp_routes;
mod circuit_links;
mod express_route_gateway;
mod fabric;
pub(super) mod gateway;
mod host;
mod internet;
pub(super) mod local;
mod msee;
mod router;
pub(super) mod session;
mod virtual_machine;
mod vpn_gateway;

use std::borrow::Cow;
use std::fmt;

use crate::addresses::{Address, Prefix};
use crate::routing::absence::Reason;
use crate::routing::bgp::{Learned, Originated, Refused};
use crate::routing::index::Index;
use crate::routing::model::{NextHop, NicTable, Route};
use crate::routing::{Failures, Solver};
use crate::topology::{NodeId, Role, Session, SessionId, SiteId, Topology, VnetId};
use crate::units::Asn;

/// What a device can read about the lab, in any state of failure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) topology: &'a Topology,
    pub(super) index: &'a Index,
}

impl<'a> Context<'a> {
    /// The device at one end of a session.
    pub(super) fn speaker(self, session: SessionId, end: usize) -> &'a dyn Speaker {
        let node = self.topology.session(session).ends[end].node;
        self.index.speaker(node)
    }
}

/// One device, as a source and a user of routes.
pub(super) trait Speaker: fmt::Debug + Send + Sync {
    /// The virtual network that the device is in; `None` on premises and for an MSEE.
    fn vnet(&self) -> Option<VnetId> {
        None
    }

    /// The site whose internal routing the device takes part in.
    fn site(&self) -> Option<SiteId> {
        None
    }

    /// Whether the device is the internet of the lab.
    fn is_internet(&self) -> bool {
        false
    }

    /// The nodes whose routes the device uses if it does not speak BGP itself.
    fn learns_from(&self, _topology: &Topology) -> Vec<NodeId> {
        Vec::new()
    }

    /// The prefixes that the device originates in BGP, except static prefixes behind its sessions. Empty for a device
    /// that does not speak BGP.
    fn networks(&self, _topology: &Topology, _failures: &Failures) -> Vec<Prefix> {
        Vec::new()
    }

    /// Whether the device advertises an originated route to a session. By default, a device does not advertise its
    /// static routes.
    fn advertises(&self, _topology: &Topology, originated: &Originated, _to: &Session) -> bool {
        originated.behind.is_none()
    }

    /// Whether the device may advertise a prefix to a session at all, from any source.
    fn may_advertise(&self, _to: &Session, _prefix: Prefix) -> Result<(), Refused> {
        Ok(())
    }

    /// The path with which the device passes on a learned route, without its own ASN. It is not called for a route from
    /// a neighbor of the same AS to another neighbor of the same AS.
    fn passes_on<'a>(
        &self,
        _context: Context<'_>,
        _learned: &'a Learned,
        _to: SessionId,
    ) -> Result<Cow<'a, [Asn]>, Refused> {
        Err(Reason::NoTransit)
    }

    /// Why a route from an internal session is not advertised to another internal session.
    fn internal_once(&self, _from: &Session) -> Reason {
        Reason::InternalOnce
    }

    /// Whether the device marks a route as restricted when it passes it on.
    fn restricts(&self, _topology: &Topology, _learned: &Learned) -> bool {
        false
    }

    /// Whether the device accepts a path with its own ASN, which other devices treat as a loop (RFC 4271, section 9).
    fn accepts_own_asn(&self) -> bool {
        false
    }

    /// Whether the device compares the `MULTI_EXIT_DISC` of paths, and passes it on inside its autonomous system. Azure's
    /// documents mention none.
    fn uses_med(&self) -> bool {
        false
    }

    /// Whether a prefix is local to the device. The device accepts no route to a local prefix. `originates` returns
    /// whether the device originates the prefix.
    fn is_local(&self, _index: &Index, _prefix: Prefix, originates: &dyn Fn() -> bool) -> bool {
        originates()
    }

    /// The device's own table, before the routes that carry its tunnels.
    fn table(&self, solver: &Solver<'_>) -> Vec<Route>;

    /// The table of each network interface, for packets from the interface's address; empty unless the device has several.
    fn nic_tables(&self, _solver: &Solver<'_>) -> Vec<NicTable> {
        Vec::new()
    }

    /// The maximum number of next hops of one prefix.
    fn most_next_hops(&self) -> usize {
        usize::MAX
    }

    /// Adds the next hops of a learned route to a prefix.
    fn add_next_hops(
        &self,
        solver: &Solver<'_>,
        (_, learned): (Prefix, &Learned),
        hops: &mut Vec<NextHop>,
    ) {
        hops.push(next_hop(solver, learned));
    }

    /// The source address of the device's own packets on a learned route; `None` if the kernel selects it.
    fn source(&self, solver: &Solver<'_>, learned: &Learned) -> Option<Address> {
        Some(solver.topology.session(learned.session).ends[learned.end].source)
    }
}

/// The device of a node.
pub(super) fn of(topology: &Topology, node: NodeId) -> Box<dyn Speaker> {
    match topology.node(node).role {
        Role::VirtualMachine { vnet, .. } => {
            Box::new(virtual_machine::VirtualMachine { node, vnet })
        }
        Role::VpnGateway { vnet } => Box::new(vpn_gateway::VpnGateway { node, vnet }),
        Role::ExpressRouteGateway { vnet } => {
            Box::new(express_route_gateway::ExpressRouteGateway { node, vnet })
        }
        Role::Msee => Box::new(msee::Msee::new(topology, node)),
        Role::Router { site } => Box::new(router::Router { node, site }),
        Role::Host { site, gateway } => Box::new(host::Host {
            node,
            site,
            gateway,
        }),
        Role::Fabric => Box::new(fabric::Fabric),
        Role::Internet => Box::new(internet::Internet { node }),
    }
}

/// What a customer's router or appliance passes on: all routes if it provides transit, otherwise only those to its own
/// AS.
fn passed_on_by_customer<'a>(
    context: Context<'_>,
    node: NodeId,
    learned: &'a Learned,
    to: SessionId,
) -> Result<Cow<'a, [Asn]>, Refused> {
    let gives_transit = context.topology.node(node).transit;
    if gives_transit || session::is_internal(context.topology, to) {
        Ok(Cow::Borrowed(&*learned.as_path))
    } else {
        Err(Reason::NoTransit)
    }
}

/// The next hop that a neighbour gives in its advertisements.
fn next_hop(solver: &Solver<'_>, learned: &Learned) -> NextHop {
    let ends = &solver.topology.session(learned.session).ends;
    NextHop {
        interface: ends[learned.end].interface,
        via: ends[1 - learned.end].next_hop,
    }
}
