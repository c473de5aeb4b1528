//! Routes to the links of circuits, from which customer edges answer traces, if a lab makes them visible.
//!
//! No table has a circuit's links unless the customer edge advertises them, and Azure drops packets from an address
//! without a route (loose reverse-path filtering; RFC 3704, section 2.4). With `customerEdgeHops: answering`, the MSEEs
//! and gateways on the path of such an answer have routes to the links, but do not advertise them.

use std::collections::{BTreeMap, BTreeSet};

use crate::addresses::Prefix;
use crate::routing::Solver;
use crate::routing::model::{Action, NextHop, Origin, Route};
use crate::topology::{CustomerEdgeHops, NodeId, Session, SessionKind};

impl Solver<'_> {
    /// Adds routes to circuits' links to a node's routes, except to those with an active route. `links` returns the
    /// links behind a session to the given neighbor.
    pub(super) fn add_circuit_links(
        &self,
        node: NodeId,
        routes: &mut Vec<Route>,
        links: impl Fn(&Session, NodeId) -> BTreeSet<Prefix>,
    ) {
        if self.topology.semantics.customer_edge_hops == CustomerEdgeHops::Silent {
            return;
        }
        let mut ways: BTreeMap<Prefix, Vec<NextHop>> = BTreeMap::new();
        for (id, end) in &self.index.sessions[node.0] {
            let session = self.topology.session(*id);
            let (own, other) = (&session.ends[*end], &session.ends[1 - end]);
            for link in links(session, other.node) {
                ways.entry(link).or_default().push(NextHop {
                    interface: own.interface,
                    via: other.next_hop,
                });
            }
        }
        for (prefix, mut hops) in ways {
            let mut known = routes.iter();
            if known.any(|route| route.prefix == prefix && route.is_active()) {
                continue;
            }
            hops.sort_unstable();
            hops.dedup();
            routes.push(Route::new(
                prefix,
                Action::Forward(hops.into()),
                Origin::Static,
            ));
        }
    }

    /// The links from which an MSEE's customer edge may answer: the one to this MSEE and, if the edge has equal-cost
    /// paths (ECMP), those to others.
    pub(super) fn links_of(&self, msee: NodeId) -> BTreeSet<Prefix> {
        let peerings = |node: NodeId| {
            let sessions = self.index.sessions[node.0].iter();
            let sessions = sessions.map(|(id, _)| self.topology.session(*id));
            sessions.filter(|session| session.kind == SessionKind::PrivatePeering)
        };
        let edges = peerings(msee).map(|session| session.ends[1].node);
        let links = edges.flat_map(peerings).filter_map(|session| {
            let customer = self.topology.interface(session.ends[1].interface);
            customer.addresses.first().map(Prefix::trunc)
        });
        links.collect()
    }

    /// The links whose answers an MSEE sends to a gateway: its customer edge's links, and those over Global Reach.
    pub(super) fn links_behind(&self, msee: NodeId) -> BTreeSet<Prefix> {
        let mut links = self.links_of(msee);
        for (id, end) in &self.index.sessions[msee.0] {
            let session = self.topology.session(*id);
            if session.kind == SessionKind::GlobalReach {
                links.extend(self.links_of(session.ends[1 - end].node));
            }
        }
        links
    }
}
