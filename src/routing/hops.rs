//! Ways to the addresses from which customer edges answer traces, where a lab has them be seen.
//!
//! A circuit's links are in nobody's table unless the customer edge advertises them, and Azure drops what comes from an
//! address that it has no route to (loose reverse-path filtering; RFC 3704, section 2.4). With `customerEdgeHops:
//! answering` the MSEEs and gateways on the way of such an answer know the links. They tell nobody.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use crate::routing::Solver;
use crate::routing::model::{Action, NextHop, Origin, Route};
use crate::topology::{CustomerEdgeHops, NodeId, SessionKind};

impl Solver<'_> {
    /// Adds the links of circuits to the routes of an MSEE or an `ExpressRoute` gateway, but for those that it learned.
    pub(super) fn add_circuit_links(&self, node: NodeId, routes: &mut Vec<Route>) {
        if self.topology.semantics.customer_edge_hops == CustomerEdgeHops::Silent {
            return;
        }
        let mut ways: BTreeMap<Ipv4Net, Vec<NextHop>> = BTreeMap::new();
        for (id, end) in &self.index.sessions[node.0] {
            let session = self.topology.session(*id);
            let (own, other) = (&session.ends[*end], &session.ends[1 - end]);
            let links = match session.kind {
                SessionKind::PrivatePeering if *end == 0 => self.links_of(node),
                SessionKind::GlobalReach => self.links_of(other.node),
                SessionKind::GatewayConnection { .. } if *end == 1 => self.links_behind(other.node),
                _ => BTreeSet::new(),
            };
            for link in links {
                ways.entry(link).or_default().push(NextHop {
                    interface: own.interface,
                    via: other.next_hop,
                });
            }
        }
        for (prefix, mut hops) in ways {
            let mut known = routes.iter();
            if known.any(|route| route.prefix == prefix && route.is_in_force()) {
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

    /// The links that answers of an MSEE's customer edge may come from: to this MSEE and, where the edge has several ways
    /// that are equally good, to others.
    fn links_of(&self, msee: NodeId) -> BTreeSet<Ipv4Net> {
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

    /// The links that answers may come from which an MSEE hands to a gateway: its customer edge's, and those over Global Reach.
    fn links_behind(&self, msee: NodeId) -> BTreeSet<Ipv4Net> {
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
