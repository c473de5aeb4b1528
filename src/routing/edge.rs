//! What speakers of BGP make routes of: gateways, MSEEs, routers and appliances.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use ipnet::Ipv4Net;

use crate::names::NodeName;
use crate::routing::Solver;
use crate::routing::bgp::{Choice, Learned};
use crate::routing::device::overrule;
use crate::routing::model::{Action, BgpOrigin, NextHop, Origin, Route};
use crate::routing::offers::MOST_NEXT_HOPS;
use crate::routing::rule::Rule;
use crate::topology::{NodeId, Role, SessionKind, VnetId};

impl Solver<'_> {
    /// An MSEE's routes: the link to its customer, and what the customer, its circuit's gateways and other circuits
    /// told it.
    pub(super) fn msee(&self, node: NodeId) -> Vec<Route> {
        let mut routes = self.learned(node);
        routes.extend(self.customer_link(node));
        self.add_circuit_links(node, &mut routes);
        with_discard(routes)
    }

    fn customer_link(&self, msee: NodeId) -> Option<Route> {
        let prefix = self.index.speaker(msee).customer_link()?;
        let mut interfaces = self.topology.interfaces_of(msee);
        let (interface, own) = interfaces.find_map(|(id, interface)| {
            let own = interface.addresses.first()?.addr();
            let far = self.topology.interface(self.topology.across(id)?);
            (prefix.contains(&own) && far.up).then_some((id, own))
        })?;
        let hop = NextHop {
            interface,
            via: None,
        };
        let action = Action::Forward([hop].into());
        Some(Route::new(prefix, action, Origin::Connected).from(own))
    }

    /// Adds what a gateway learned, and what was set by hand on it, to the routes of its interface.
    pub(super) fn add_learned(
        &self,
        node: NodeId,
        vnet: VnetId,
        mut routes: Vec<Route>,
    ) -> Vec<Route> {
        let mut by_hand = self.networks(node);
        let mut learned = self.learned(node);
        self.prefer_local(vnet, &mut by_hand);
        overrule(&mut learned, &by_hand);
        // A gateway's own table comes first: it decides what enters a tunnel or a circuit at all.
        overrule(&mut routes, &by_hand);
        overrule(&mut routes, &learned);
        routes.extend(by_hand);
        routes.extend(learned);
        self.add_circuit_links(node, &mut routes);
        with_discard(routes)
    }

    /// Has no route of a gateway lead away what the gateway serves.
    fn prefer_local(&self, vnet: VnetId, routes: &mut [Route]) {
        let served = |route: &&mut Route| self.index.is_served(vnet, route.prefix);
        for route in routes.iter_mut().filter(served) {
            route.lose(Rule::SystemRoute);
        }
    }

    /// What was set by hand to lie behind a node's sessions, as long as they work. Two tunnels of one
    /// connection, or two connections with one prefix, are used together.
    pub(super) fn networks(&self, node: NodeId) -> Vec<Route> {
        let mut ways: BTreeMap<Ipv4Net, BTreeSet<(&NodeName, NextHop)>> = BTreeMap::new();
        for own in self.ribs.originated(node) {
            let Some(behind) = own.behind else { continue };
            let session = self.topology.session(behind);
            let ends = session.ends.iter().filter(|end| end.node == node);
            let hops = ends.map(|end| NextHop {
                interface: end.interface,
                via: None,
            });
            let ways = ways.entry(own.prefix).or_default();
            ways.extend(hops.map(|hop| (&session.name, hop)));
        }
        let routes = ways.into_iter().filter_map(|(prefix, ways)| {
            let (connection, _) = ways.first()?;
            let origin = Origin::Network {
                connection: (*connection).clone(),
            };
            let hops = ways.iter().map(|(_, hop)| *hop).collect();
            Some(Route::new(prefix, Action::Forward(hops), origin))
        });
        routes.collect()
    }

    /// What a speaker learned by BGP, as routes, those that were beaten among them.
    pub(super) fn learned(&self, node: NodeId) -> Vec<Route> {
        self.ribs
            .of(node)
            .choices()
            .flat_map(|(prefix, choice)| self.chosen(prefix, choice))
            .collect()
    }

    fn chosen(&self, prefix: Ipv4Net, choice: Choice<'_>) -> Vec<Route> {
        let mut routes: Vec<Route> = self.route(prefix, choice.best).into_iter().collect();
        for loser in choice.beaten {
            let rule = choice.best[0].beats(loser).unwrap_or(Rule::AsPathLength);
            let route = self.route(prefix, std::slice::from_ref(loser));
            routes.extend(route.map(|route| route.beaten_by(rule)));
        }
        routes
    }

    /// One route over all the next hops of equally good ones; none where no next hop is found.
    fn route(&self, prefix: Ipv4Net, group: &[Learned]) -> Option<Route> {
        let first = &group[0];
        let mut hops = Vec::with_capacity(group.len());
        for learned in group {
            self.add_hops(prefix, learned, &mut hops);
        }
        hops.sort_unstable();
        hops.dedup();
        let own = &self.topology.session(first.session).ends[first.end];
        if matches!(self.topology.node(own.node).role, Role::VpnGateway { .. }) {
            hops.truncate(MOST_NEXT_HOPS);
        }
        let mut listed: Vec<_> = hops.iter().filter_map(|hop| hop.via).collect();
        listed.sort_unstable();
        listed.dedup();
        let route = Route::new(
            prefix,
            Action::Forward(hops.into()),
            Origin::Bgp(self.bgp_origin(first)),
        );
        let is_reachable = matches!(&route.action, Action::Forward(hops) if !hops.is_empty());
        let source = match self.topology.session(first.session).kind {
            // Inside a site the next hop is the site's own, and so is the choice of an address.
            SessionKind::Site => None,
            SessionKind::Coexistence => self.unadvertised_address(own.node),
            _ => Some(own.source),
        };
        let route = route.listing(listed);
        is_reachable.then_some(Route { source, ..route })
    }

    /// The address that an `ExpressRoute` gateway's own packets carry beyond its network: that of a link
    /// to an MSEE, which nobody knows. It shows in no trace, whichever way its answers take.
    fn unadvertised_address(&self, gateway: NodeId) -> Option<Ipv4Addr> {
        let mut interfaces = self.topology.interfaces_of(gateway);
        let (_, interface) = interfaces.find(|(_, interface)| interface.segment.is_none())?;
        interface.addresses.first().map(Ipv4Net::addr)
    }

    fn bgp_origin(&self, learned: &Learned) -> BgpOrigin {
        let session = self.topology.session(learned.session);
        let neighbour = session.ends[1 - learned.end].node;
        BgpOrigin {
            neighbour: self.topology.node(neighbour).name.clone(),
            as_path: Arc::clone(&learned.as_path),
            weight: learned.weight,
            local_preference: learned.local_preference,
            is_internal: learned.is_internal,
        }
    }

    fn add_hops(&self, prefix: Ipv4Net, learned: &Learned, hops: &mut Vec<NextHop>) {
        let session = self.topology.session(learned.session);
        let own = &session.ends[learned.end];
        let other = &session.ends[1 - learned.end];
        match session.kind {
            SessionKind::Site => {
                hops.extend(self.sites.toward(self.index, own.node, other.node));
            }
            SessionKind::GatewayConnection {
                leg,
                bypasses_gateway: true,
                ..
            } if self.is_of_gateways_network(other.node, prefix) => hops.push(NextHop {
                interface: leg,
                via: None,
            }),
            _ => hops.push(NextHop {
                interface: own.interface,
                via: other.next_hop,
            }),
        }
    }

    /// `FastPath` passes the gateway by for its own network's machines, not for those of peered ones
    /// (about-fastpath).
    fn is_of_gateways_network(&self, gateway: NodeId, prefix: Ipv4Net) -> bool {
        match self.topology.node(gateway).role {
            Role::ExpressRouteGateway { vnet } => {
                self.topology.vnet(vnet).prefixes.contains(&prefix)
            }
            _ => false,
        }
    }
}

/// A default route that was learned takes the place of the last resort.
fn with_discard(mut routes: Vec<Route>) -> Vec<Route> {
    let has_default = routes
        .iter()
        .any(|route| route.prefix.prefix_len() == 0 && route.is_in_force());
    if !has_default {
        routes.push(discard());
    }
    routes
}

/// Where a router's knowledge ends, packets are dropped and nobody is told.
pub(super) fn discard() -> Route {
    Route::new(Ipv4Net::default(), Action::Drop, Origin::Discard)
}
