//! Routes to the links of circuits, from which customer edges answer traces, where a lab has them be seen.
//!
//! A circuit's links are in nobody's table unless the customer edge advertises them, and Azure drops what comes from an
//! address that it has no route to (loose reverse-path filtering; RFC 3704, section 2.4). With `customerEdgeHops:
//! answering` the MSEEs and gateways on the way of such an answer have routes to the links, and advertise them to nobody.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use crate::routing::Solver;
use crate::routing::model::{Action, NextHop, Origin, Route};
use crate::topology::{CustomerEdgeHops, NodeId, Session, SessionKind};

impl Solver<'_> {
    /// Adds links of circuits to a node's routes, but for those that it learned. `links` says which are behind a
    /// session, whose other end is the node given.
    pub(super) fn add_circuit_links(
        &self,
        node: NodeId,
        routes: &mut Vec<Route>,
        links: impl Fn(&Session, NodeId) -> BTreeSet<Ipv4Net>,
    ) {
        if self.topology.semantics.customer_edge_hops == CustomerEdgeHops::Silent {
            return;
        }
        let mut ways: BTreeMap<Ipv4Net, Vec<NextHop>> = BTreeMap::new();
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

    /// The links that an MSEE's customer edge may answer from: the one to this MSEE and, where the edge has several
    /// equally good ways, those to others.
    pub(super) fn links_of(&self, msee: NodeId) -> BTreeSet<Ipv4Net> {
        let peerings = |node: NodeId| {
            let sessions = self.index.sessions[node.0].iter();
            let sessions = sessions.map(|(id, _)| self.topology.session(*id));
            sessions.filter(|session| session.kind == SessionKind::PrivatePeering)
        };
        let edges = peerings(msee).map(|session| session.ends[1].node);
        let links = edges.flat_map(peerings).filter_map(|session| {
            let customer = self.topology.interface(session.ends[1].interface);
            customer.addresses.first().map(Ipv4Net::trunc)
        });
        links.collect()
    }

    /// The links of the answers that an MSEE hands to a gateway: its customer edge's, and those over Global Reach.
    pub(super) fn links_behind(&self, msee: NodeId) -> BTreeSet<Ipv4Net> {
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
