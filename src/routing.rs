//! The routes of every node, computed from a topology; each with how it came to be.
//!
//! Nothing here is written for one lab. Four sources are joined:
//!
//! - `bgp`: a fixed point of advertisements over the lab's sessions, with the rules of Azure's
//!   gateways and MSEEs for what each tells the other.
//! - `igp`: shortest paths inside a site, and the default route that customer edges originate.
//! - `nic`: the effective routes of a network interface, from system routes, peerings, user-defined
//!   routes and what the network's gateways learned.
//! - `device`: what is set by hand on routers and appliances, and how they join it with the rest.
//!
//! What is broken is an argument, so a failure is the same computation with one link fewer.

mod absence;
mod bgp;
mod device;
mod edge;
mod failures;
mod igp;
mod learned;
mod model;
mod nic;
mod offers;
mod rule;
mod underlay;
mod walk;

pub use absence::{Absence, Reason};
pub use bgp::NotConverged;
pub use failures::Failures;
pub use learned::{AdvertisedRoute, LearnedOrigin, LearnedRoute};
pub use model::{Action, BgpOrigin, NextHop, Origin, Route, Standing, Table, as_path};
pub use rule::Rule;
pub use walk::{End, Walk, walk};

use crate::topology::{NodeId, Role, Topology};
use bgp::Ribs;
use igp::{SiteRoutes, Sites};

/// The routing tables of a lab, one for each node, in the order of [`Topology::nodes`], and what its
/// speakers told each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    tables: Vec<Table>,
    ribs: Ribs,
}

impl Tables {
    /// A node's table.
    #[must_use]
    pub fn of(&self, node: NodeId) -> &Table {
        &self.tables[node.0]
    }
}

/// All that a node's routes are computed from.
#[derive(Clone, Copy)]
struct Solver<'a> {
    topology: &'a Topology,
    failures: &'a Failures,
    ribs: &'a Ribs,
    sites: &'a Sites,
    site_routes: &'a SiteRoutes,
}

/// Computes every node's routes, with something broken or nothing.
///
/// # Errors
///
/// [`NotConverged`], where advertisements change for ever.
pub fn solve(topology: &Topology, failures: &Failures) -> Result<Tables, NotConverged> {
    let sites = Sites::new(topology, failures);
    let ribs = bgp::converge(topology, failures, &sites)?;
    let site_routes = sites.routes(topology, &ribs, failures);
    let solver = Solver {
        topology,
        failures,
        ribs: &ribs,
        sites: &sites,
        site_routes: &site_routes,
    };
    let nodes = (0..topology.nodes.len()).map(NodeId);
    let tables = nodes.map(|node| solver.table(node)).collect();
    Ok(Tables { tables, ribs })
}

impl Solver<'_> {
    fn table(&self, node: NodeId) -> Table {
        let mut routes = match &self.topology.node(node).role {
            Role::VirtualMachine { vnet, subnet, .. } => self.machine(node, *vnet, *subnet),
            Role::VpnGateway { vnet } | Role::ExpressRouteGateway { vnet } => {
                self.gateway(node, *vnet)
            }
            Role::Msee => self.msee(node),
            Role::Router { .. } => self.router(node),
            Role::Host { gateway, .. } => self.host(node, *gateway),
            Role::Fabric => Vec::new(),
            Role::Internet => self.internet(node),
        };
        self.leave_out_what_is_down(&mut routes);
        // The way to a tunnel's other end is set by hand, and so wins over what comes by the tunnel.
        for set in self.underlay(node) {
            device::overrule(&mut routes, &set);
            routes.push(set);
        }
        routes.sort_by_cached_key(|route| {
            (route.prefix, !route.is_in_force(), route.origin.to_string())
        });
        Table { routes }
    }

    /// An interface that is down takes every route over it along, as the kernel has it.
    fn leave_out_what_is_down(&self, routes: &mut Vec<Route>) {
        routes.retain_mut(|route| match &mut route.action {
            Action::Forward(hops) => {
                hops.retain(|hop| self.is_usable(*hop));
                !hops.is_empty()
            }
            Action::Fabric(hop) => self.is_usable(*hop),
            Action::Drop => true,
        });
    }

    fn is_usable(&self, hop: NextHop) -> bool {
        let interface = self.topology.interface(hop.interface);
        let is_down = |link| self.failures.links.contains(&link);
        interface.up && !interface.link.is_some_and(is_down)
    }
}

#[cfg(test)]
mod tests;
