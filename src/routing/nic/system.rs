//! System routes: the network's own ranges, those of its peers, and the prefixes that Azure drops.

use crate::addresses::Prefix;
use crate::routing::Solver;
use crate::routing::model::{Origin, Route};
use crate::routing::nic::Nic;
use crate::routing::rule::Rule;

impl Solver<'_> {
    /// One route per range of the network, per range that it has of each peer, and per endpoint.
    pub(in crate::routing) fn system_routes(&self, nic: Nic<'_>) -> Vec<Route> {
        let local = nic
            .network
            .prefixes
            .iter()
            .map(|prefix| Route::new(*prefix, nic.direct(), Origin::VnetLocal));
        let connected = self.failures.peerings(self.topology, nic.vnet);
        let peered = connected.flat_map(|peering| {
            let origin = || Origin::VnetPeering {
                remote: self.topology.vnet(peering.remote).name.clone(),
                is_global: peering.is_global,
            };
            peering
                .prefixes
                .iter()
                .map(move |prefix| Route::new(*prefix, nic.direct(), origin()))
        });
        let endpoints = self.endpoint_routes(nic);
        local.chain(peered).chain(endpoints).collect()
    }

    /// The prefixes that Azure drops, except those inside or equal to the network's own ranges, and those equal to a
    /// range that it has of a peer.
    pub(super) fn reserved(&self, nic: Nic<'_>) -> Vec<Route> {
        let all = self.topology.semantics.reserved_prefixes.prefixes();
        let is_own = |prefix: &Prefix| nic.network.prefixes.iter().any(|own| own.contains(prefix));
        let is_peered = |prefix: &Prefix| {
            let mut peerings = self.failures.peerings(self.topology, nic.vnet);
            peerings.any(|peering| peering.prefixes.contains(prefix))
        };
        all.into_iter()
            .filter(|prefix| !is_own(prefix) && !is_peered(prefix))
            .map(|prefix| Route::new(prefix, nic.dropped(), Origin::Reserved))
            .collect()
    }
}

/// A gateway's route wins over a system route of the same prefix, which becomes inactive. A gateway's default route
/// also removes Azure's own default route and the prefixes that Azure drops. The gateway's routes are those of `routes`
/// from index `own` on.
pub(super) fn beat_system_routes(routes: &mut Vec<Route>, own: usize) {
    let (systems, propagated) = routes.split_at_mut(own);
    let systems = systems
        .iter_mut()
        .filter(|route| matches!(route.origin, Origin::Internet | Origin::Reserved));
    for route in systems {
        let first = propagated.partition_point(|other| other.prefix < route.prefix);
        let mut equal = propagated[first..]
            .iter()
            .take_while(|other| other.prefix == route.prefix);
        if equal.any(Route::is_active) {
            route.deactivate(Rule::GatewayOverSystem);
        }
    }
    let is_default = |route: &Route| route.prefix.prefix_len() == 0 && route.is_active();
    if propagated.iter().any(is_default) {
        routes.retain(|route| !matches!(route.origin, Origin::Internet | Origin::Reserved));
    }
}

/// If any default route other than Azure's own is active, Azure no longer drops the reserved prefixes.
pub(super) fn drop_reserved_under_a_default(routes: &mut Vec<Route>) {
    let is_default = |route: &&Route| route.prefix.prefix_len() == 0 && route.is_active();
    let is_overridden = routes
        .iter()
        .find(is_default)
        .is_some_and(|route| route.origin != Origin::Internet);
    if is_overridden {
        routes.retain(|route| route.origin != Origin::Reserved);
    }
}
