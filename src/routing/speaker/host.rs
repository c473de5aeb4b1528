//! An on-premises host.

use crate::addresses::{Address, Prefix};
use crate::routing::Solver;
use crate::routing::model::{Action, NextHop, Origin, Route};
use crate::routing::speaker::Speaker;
use crate::routing::speaker::local::toward;
use crate::topology::{NodeId, SiteId, Topology};

/// An on-premises host.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) node: NodeId,
    pub(super) site: SiteId,
    /// Its default gateway.
    pub(super) gateway: Address,
}

impl Speaker for Host {
    fn learns_from(&self, topology: &Topology) -> Vec<NodeId> {
        topology.sites[self.site.0].routers.clone()
    }

    /// A host's LAN, and its gateway for the rest.
    fn table(&self, solver: &Solver<'_>) -> Vec<Route> {
        let mut routes = solver.connected(self.node);
        let hops: Vec<NextHop> = toward(&routes, self.gateway).into_iter().collect();
        if !hops.is_empty() {
            routes.push(Route::new(
                Prefix::ALL_IPV4,
                Action::Forward(hops.into()),
                Origin::Static,
            ));
        }
        routes
    }
}
