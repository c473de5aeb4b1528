//! What each kind of device does with routes: one file for each.
//!
//! The file of a device says what the device originates, what it advertises to whom, what it passes on and with which
//! path, what it accepts, and what its own table holds. What a [`Speaker`] does unless its file says otherwise is what
//! every router does that speaks BGP.
//!
//! [`of`] is the only place of `routing` that asks a node for its [`Role`], and only this folder asks a session for its
//! kind; `tests/layering` checks both. The engine in [`bgp`](crate::routing::bgp) knows sessions, paths and
//! preferences, and asks [`session`] how one kind of session differs from another. What a gateway propagates to the
//! interfaces of its network stands in [`nic`](crate::routing::nic), beside the other effective routes.

mod bgp_routes;
mod circuit_links;
mod express_route_gateway;
mod fabric;
mod gateway;
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
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::routing::absence::Reason;
use crate::routing::bgp::{Learned, Originated, Refused};
use crate::routing::index::Index;
use crate::routing::model::{NextHop, NicTable, Route};
use crate::routing::{Failures, Solver};
use crate::topology::{NodeId, Role, Session, SessionId, SiteId, Topology, VnetId};
use crate::units::Asn;

/// What a device can ask about the lab, whatever has failed.
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
    /// The virtual network that the device is in; none on premises and for an MSEE.
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

    /// The nodes whose routes the device uses where it does not speak BGP itself.
    fn learns_from(&self, _topology: &Topology) -> Vec<NodeId> {
        Vec::new()
    }

    /// The prefixes that the device originates in BGP, but for static prefixes behind its sessions.
    /// A device that does not speak BGP has none.
    fn networks(&self, _topology: &Topology, _failures: &Failures) -> Vec<Ipv4Net> {
        Vec::new()
    }

    /// Whether the device advertises to a session what it originates. A device keeps its static routes to itself.
    fn advertises(&self, _topology: &Topology, originated: &Originated, _to: &Session) -> bool {
        originated.behind.is_none()
    }

    /// Whether the device may advertise a prefix to a session at all, from whichever source.
    fn may_advertise(&self, _to: &Session, _prefix: Ipv4Net) -> Result<(), Refused> {
        Ok(())
    }

    /// The path that the device passes a learned route on with, before its own ASN. A route from a neighbour of the
    /// same system never comes here for another neighbour of it.
    fn passes_on<'a>(
        &self,
        _context: Context<'_>,
        _learned: &'a Learned,
        _to: SessionId,
    ) -> Result<Cow<'a, [Asn]>, Refused> {
        Err(Reason::NoTransit)
    }

    /// Why a route that came over an internal session goes to no other internal session.
    fn internal_once(&self, _from: &Session) -> Reason {
        Reason::InternalOnce
    }

    /// Whether the device marks a route that it passes on as restricted.
    fn restricts(&self, _topology: &Topology, _learned: &Learned) -> bool {
        false
    }

    /// Whether the device takes a path with its own ASN in it, which is a loop to all others (RFC 4271, section 9).
    fn accepts_own_asn(&self) -> bool {
        false
    }

    /// Whether a prefix is local to the device, which then takes no route to it from others. `originates` says
    /// whether the device is the source of the prefix.
    fn is_local(&self, _index: &Index, _prefix: Ipv4Net, originates: &dyn Fn() -> bool) -> bool {
        originates()
    }

    /// The device's own table, before the routes that carry its tunnels.
    fn table(&self, solver: &Solver<'_>) -> Vec<Route>;

    /// The table of each network interface, for packets from the interface's address; empty unless the device has several.
    fn nic_tables(&self, _solver: &Solver<'_>) -> Vec<NicTable> {
        Vec::new()
    }

    /// How many next hops one prefix has at most.
    fn most_next_hops(&self) -> usize {
        usize::MAX
    }

    /// Adds the next hops of a learned route to a prefix.
    fn add_next_hops(
        &self,
        solver: &Solver<'_>,
        (_, learned): (Ipv4Net, &Learned),
        hops: &mut Vec<NextHop>,
    ) {
        hops.push(next_hop(solver, learned));
    }

    /// The address that the device's own packets carry on a learned route; the kernel's choice where none.
    fn source(&self, solver: &Solver<'_>, learned: &Learned) -> Option<Ipv4Addr> {
        Some(solver.topology.session(learned.session).ends[learned.end].source)
    }
}

/// The device that a node is.
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

/// What a customer's router or appliance passes on: everything where it gives transit, and otherwise to its own
/// system only.
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
