//! An on-premises router.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::addresses::{Address, Prefix};
use crate::routing::bgp::{Learned, Refused};
use crate::routing::model::{Action, NextHop, Origin, Route};
use crate::routing::rule::Rule;
use crate::routing::speaker::local::{discard, toward};
use crate::routing::speaker::{Context, Speaker, next_hop, passed_on_by_customer};
use crate::routing::{Failures, Solver, igp};
use crate::topology::{NodeId, SessionId, SessionKind, SiteId, Topology};
use crate::units::Asn;

/// An on-premises router.
#[derive(Debug)]
pub(super) struct Router {
    pub(super) node: NodeId,
    pub(super) site: SiteId,
}

impl Speaker for Router {
    fn site(&self) -> Option<SiteId> {
        Some(self.site)
    }

    fn learns_from(&self, topology: &Topology) -> Vec<NodeId> {
        topology.sites[self.site.0].routers.clone()
    }

    fn networks(&self, topology: &Topology, _failures: &Failures) -> Vec<Prefix> {
        topology.node(self.node).advertise.clone()
    }

    fn passes_on<'a>(
        &self,
        context: Context<'_>,
        learned: &'a Learned,
        to: SessionId,
    ) -> Result<Cow<'a, [Asn]>, Refused> {
        passed_on_by_customer(context, self.node, learned, to)
    }

    fn uses_med(&self) -> bool {
        true
    }

    /// A router's interfaces, static routes, eBGP routes, IGP routes, then iBGP routes. A customer edge with an exit
    /// drops packets without a route.
    fn table(&self, solver: &Solver<'_>) -> Vec<Route> {
        let node = self.node;
        let (external, internal): (Vec<Route>, Vec<Route>) = solver
            .learned(node)
            .into_iter()
            .partition(|route| match &route.origin {
                Origin::Bgp(bgp) => !bgp.is_internal,
                _ => true,
            });
        let has_way_out = igp::has_way_out(solver.topology, solver.index, solver.ribs, node);
        let dead_end = has_way_out.then(discard);
        let connected = solver.connected(node);
        let static_routes = self.static_routes(solver, &connected);
        let by_distance = [
            connected,
            static_routes,
            external,
            dead_end.into_iter().collect(),
            self.by_site(solver),
            internal,
            vec![discard()],
        ];
        let mut routes: Vec<Route> = Vec::new();
        let mut known = BTreeSet::new();
        for mut candidates in by_distance {
            solver.leave_out_what_is_down(&mut candidates);
            for candidate in candidates {
                add_unless_known(&mut routes, &mut known, candidate);
            }
        }
        routes
    }

    /// Inside a site, the IGP gives the next hops toward the neighbor.
    fn add_next_hops(
        &self,
        solver: &Solver<'_>,
        (_, learned): (Prefix, &Learned),
        hops: &mut Vec<NextHop>,
    ) {
        let session = solver.topology.session(learned.session);
        if session.kind == SessionKind::Site {
            let other = session.ends[1 - learned.end].node;
            hops.extend(solver.sites.toward(solver.index, self.node, other));
        } else {
            hops.push(next_hop(solver, learned));
        }
    }

    /// Inside a site, the IGP gives the next hop, so the kernel selects the address.
    fn source(&self, solver: &Solver<'_>, learned: &Learned) -> Option<Address> {
        let session = solver.topology.session(learned.session);
        (session.kind != SessionKind::Site).then(|| session.ends[learned.end].source)
    }
}

impl Router {
    /// Static routes, to neighbors and into tunnels.
    fn static_routes(&self, solver: &Solver<'_>, connected: &[Route]) -> Vec<Route> {
        let configured = solver.topology.node(self.node).static_routes.iter();
        let to_neighbours = configured.filter_map(|set| {
            let hop = toward(connected, set.via)?;
            let action = Action::Forward([hop].into());
            Some(Route::new(set.prefix, action, Origin::Static))
        });
        let mut routes: Vec<Route> = to_neighbours.collect();
        routes.extend(solver.static_prefixes(self.node));
        routes
    }

    fn by_site(&self, solver: &Solver<'_>) -> Vec<Route> {
        let learned = solver.site_routes.of(self.site, self.node);
        let learned = learned.into_iter().flatten();
        learned
            .map(|(prefix, hops)| {
                let origin = if prefix.prefix_len() == 0 {
                    Origin::IgpDefault
                } else {
                    Origin::Igp
                };
                Route::new(*prefix, Action::Forward(hops.as_slice().into()), origin)
            })
            .collect()
    }
}

/// Adds a route. It is inactive if `known` contains its prefix, which then has an active route.
fn add_unless_known(routes: &mut Vec<Route>, known: &mut BTreeSet<Prefix>, candidate: Route) {
    let is_discard = candidate.origin == Origin::Discard;
    if !candidate.is_active() || known.insert(candidate.prefix) {
        routes.push(candidate);
    } else if !is_discard {
        routes.push(candidate.inactive_by(Rule::AdministrativeDistance));
    }
}
