//! Routes that a device has by its own interfaces, and how routes of one prefix win over others.

use std::collections::BTreeSet;

use crate::addresses::{Address, Prefix};
use crate::routing::Solver;
use crate::routing::model::{Action, NextHop, Origin, Route};
use crate::routing::rule::Rule;
use crate::topology::NodeId;

impl Solver<'_> {
    /// The prefixes of a node's interfaces.
    pub(super) fn connected(&self, node: NodeId) -> Vec<Route> {
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

/// Makes routes of the same prefixes inactive that come from elsewhere.
pub(in crate::routing) fn overrule(routes: &mut [Route], winners: &[Route]) {
    let winners = winners.iter().filter(|winner| winner.is_active());
    let prefixes: BTreeSet<Prefix> = winners.map(|winner| winner.prefix).collect();
    if prefixes.is_empty() {
        return;
    }
    for route in routes {
        if route.is_active() && prefixes.contains(&route.prefix) {
            route.deactivate(Rule::AdministrativeDistance);
        }
    }
}

/// The next hop toward a neighbour on one of a node's links.
pub(super) fn toward(connected: &[Route], neighbour: Address) -> Option<NextHop> {
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

/// Ends a table: without a learned default route, the device drops silently what no route is for.
pub(super) fn with_discard(mut routes: Vec<Route>) -> Vec<Route> {
    let has_default = routes
        .iter()
        .any(|route| route.prefix.prefix_len() == 0 && route.is_active());
    if !has_default {
        routes.push(discard());
    }
    routes
}

/// A default route that drops silently.
pub(super) fn discard() -> Route {
    Route::new(Prefix::ALL_IPV4, Action::Drop, Origin::Discard)
}
