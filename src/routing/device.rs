//! The routes of on-premises routers and hosts, and of network virtual appliances.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::routing::Solver;
use crate::routing::edge::discard;
use crate::routing::igp;
use crate::routing::model::{Action, NextHop, Origin, Route};
use crate::routing::rule::Rule;
use crate::topology::{NodeId, Role};

impl Solver<'_> {
    /// A router's routes: its interfaces, what was set by hand, what other systems told it, its site's
    /// routing, then what its own system told it. A customer edge with a way out ends there: what it
    /// does not know, it drops.
    pub(super) fn router(&self, node: NodeId) -> Vec<Route> {
        let (external, internal): (Vec<Route>, Vec<Route>) = self
            .learned(node)
            .into_iter()
            .partition(|route| match &route.origin {
                Origin::Bgp(bgp) => !bgp.is_internal,
                _ => true,
            });
        let has_way_out = igp::has_way_out(self.topology, self.index, self.ribs, node);
        let dead_end = has_way_out.then(discard);
        let by_distance = [
            self.connected(node),
            self.by_hand(node),
            external,
            dead_end.into_iter().collect(),
            self.by_site(node),
            internal,
            vec![discard()],
        ];
        let mut routes: Vec<Route> = Vec::new();
        let mut known = BTreeSet::new();
        for mut candidates in by_distance {
            self.leave_out_what_is_down(&mut candidates);
            for candidate in candidates {
                add_unless_known(&mut routes, &mut known, candidate);
            }
        }
        routes
    }

    /// A host's routes: its LAN, and its gateway for the rest.
    pub(super) fn host(&self, node: NodeId, gateway: Ipv4Addr) -> Vec<Route> {
        let mut routes = self.connected(node);
        let hops: Vec<NextHop> = toward(&routes, gateway).into_iter().collect();
        if !hops.is_empty() {
            routes.push(Route::new(
                Ipv4Net::default(),
                Action::Forward(hops.into()),
                Origin::Static,
            ));
        }
        routes
    }

    /// An appliance's own routes lie over those of its interface. Its system knows its network and the
    /// peered ones to be on its interface; all else that leads into a tunnel never comes to the interface,
    /// whose own routes for it have no say.
    pub(super) fn overlay_device(&self, node: NodeId, mut routes: Vec<Route>) -> Vec<Route> {
        let by_hand = self.networks(node);
        let mut learned = self.learned(node);
        overrule(&mut learned, &by_hand);
        let own: Vec<Route> = by_hand.into_iter().chain(learned).collect();
        let in_force: BTreeSet<Ipv4Net> = own
            .iter()
            .filter(|own| own.is_in_force())
            .map(|own| own.prefix)
            .collect();
        for route in routes.iter_mut().filter(|_| !in_force.is_empty()) {
            let is_on_network =
                matches!(route.origin, Origin::VnetLocal | Origin::VnetPeering { .. });
            let is_equal = in_force.contains(&route.prefix);
            let into_tunnel = || in_force.iter().any(|own| own.contains(&route.prefix));
            if route.is_in_force() && (is_equal || (!is_on_network && into_tunnel())) {
                route.lose(Rule::AdministrativeDistance);
            }
        }
        routes.extend(own);
        routes
    }

    /// Static routes, to neighbours and into tunnels.
    fn by_hand(&self, node: NodeId) -> Vec<Route> {
        let connected = self.connected(node);
        let to_neighbours = self
            .topology
            .node(node)
            .static_routes
            .iter()
            .filter_map(|set| {
                let hop = toward(&connected, set.via)?;
                Some(Route::new(
                    set.prefix,
                    Action::Forward([hop].into()),
                    Origin::Static,
                ))
            });
        let mut routes: Vec<Route> = to_neighbours.collect();
        routes.extend(self.networks(node));
        routes
    }

    fn by_site(&self, node: NodeId) -> Vec<Route> {
        let Role::Router { site } = self.topology.node(node).role else {
            return Vec::new();
        };
        let learned = self.site_routes.of(site, node).into_iter().flatten();
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

    fn connected(&self, node: NodeId) -> Vec<Route> {
        let mut routes: Vec<Route> = self
            .topology
            .interfaces_of(node)
            .filter(|(_, interface)| interface.connected)
            .filter_map(|(id, interface)| {
                // A further address of an interface is none of its prefix's: Microsoft peering's.
                interface.addresses.first().map(|address| {
                    let hop = NextHop {
                        interface: id,
                        via: None,
                    };
                    Route::new(
                        address.trunc(),
                        Action::Forward([hop].into()),
                        Origin::Connected,
                    )
                    .from(address.addr())
                })
            })
            .collect();
        self.leave_out_what_is_down(&mut routes);
        routes
    }
}

/// Adds a route, beaten where its prefix has one in force already, as `known` tells.
fn add_unless_known(routes: &mut Vec<Route>, known: &mut BTreeSet<Ipv4Net>, candidate: Route) {
    let is_discard = candidate.origin == Origin::Discard;
    if !candidate.is_in_force() || known.insert(candidate.prefix) {
        routes.push(candidate);
    } else if !is_discard {
        routes.push(candidate.beaten_by(Rule::AdministrativeDistance));
    }
}

/// Has routes in force win over those of their prefixes that come from elsewhere.
pub(super) fn overrule(routes: &mut [Route], winners: &[Route]) {
    let winners = winners.iter().filter(|winner| winner.is_in_force());
    let prefixes: BTreeSet<Ipv4Net> = winners.map(|winner| winner.prefix).collect();
    if prefixes.is_empty() {
        return;
    }
    for route in routes {
        if route.is_in_force() && prefixes.contains(&route.prefix) {
            route.lose(Rule::AdministrativeDistance);
        }
    }
}

/// The next hop toward a neighbour on one of a node's links.
fn toward(connected: &[Route], neighbour: Ipv4Addr) -> Option<NextHop> {
    let on_link = connected
        .iter()
        .filter(|route| route.prefix.contains(&neighbour))
        .max_by_key(|route| route.prefix.prefix_len())?;
    match &on_link.action {
        Action::Forward(hops) => hops.first().map(|hop| NextHop {
            via: Some(neighbour),
            ..*hop
        }),
        Action::Fabric(_) | Action::Drop => None,
    }
}
