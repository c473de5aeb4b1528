//! The routes of on-premises routers and hosts.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::routing::azure;
use crate::routing::bgp::Ribs;
use crate::routing::failures::Failures;
use crate::routing::igp::{self, SiteRoutes};
use crate::routing::model::{Action, NextHop, Origin, Route};
use crate::topology::{NodeId, Topology};

/// A router's routes: its interfaces, then what BGP brought, then what the site told it. A
/// customer edge with a way out ends there: what it does not know, it drops.
pub(super) fn router(
    topology: &Topology,
    ribs: &Ribs,
    sites: &SiteRoutes,
    node: NodeId,
    failures: &Failures,
) -> Vec<Route> {
    let mut routes: BTreeMap<Ipv4Net, Route> = BTreeMap::new();
    let mut add = |route: Route| {
        routes.entry(route.prefix).or_insert(route);
    };
    connected(topology, node, failures)
        .into_iter()
        .for_each(&mut add);
    azure::learned(topology, ribs, node)
        .into_iter()
        .for_each(&mut add);
    if igp::has_way_out(topology, node, failures) {
        add(azure::last_resort());
    }
    for (prefix, hops) in sites.get(&node).into_iter().flatten() {
        let origin = if *prefix == Ipv4Net::default() {
            Origin::IgpDefault
        } else {
            Origin::Igp
        };
        add(Route::new(*prefix, Action::Forward(hops.clone()), origin));
    }
    add(azure::last_resort());
    routes.into_values().collect()
}

/// A host's routes: its LAN, and its gateway for the rest.
pub(super) fn host(
    topology: &Topology,
    node: NodeId,
    gateway: Ipv4Addr,
    failures: &Failures,
) -> Vec<Route> {
    let mut routes = connected(topology, node, failures);
    let hops = routes.iter().filter_map(|route| match &route.action {
        Action::Forward(hops) if route.prefix.contains(&gateway) => hops.first().copied(),
        _ => None,
    });
    let hops: Vec<NextHop> = hops
        .map(|hop| NextHop {
            via: Some(gateway),
            ..hop
        })
        .collect();
    if !hops.is_empty() {
        routes.push(Route::new(
            Ipv4Net::default(),
            Action::Forward(hops),
            Origin::Static,
        ));
    }
    routes
}

fn connected(topology: &Topology, node: NodeId, failures: &Failures) -> Vec<Route> {
    topology
        .interfaces_of(node)
        .filter(|(_, interface)| interface.connected && interface.up)
        .filter(|(_, interface)| {
            let link = interface.link.as_ref();
            link.is_none_or(|link| !failures.links.contains(link))
        })
        .flat_map(|(id, interface)| {
            interface.addresses.iter().map(move |address| {
                let hop = NextHop {
                    interface: id,
                    via: None,
                };
                Route::new(
                    address.trunc(),
                    Action::Forward(vec![hop]),
                    Origin::Connected,
                )
                .from(address.addr())
            })
        })
        .collect()
}
