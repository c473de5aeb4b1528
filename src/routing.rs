//! The routes of every node, computed from a topology; each with how it came to be.
//!
//! Nothing here is written for one lab. Three sources are joined:
//!
//! - `bgp`: a fixed point of advertisements over the lab's sessions, with the rules of Azure's
//!   gateways and MSEEs for what each tells the other.
//! - `igp`: shortest paths inside a site, and the default route that customer edges originate.
//! - `azure`: the effective routes of a network interface, from system routes, peerings and
//!   what the network's gateways learned.
//!
//! [`Failures`] are an argument, so a failure is the same computation with one link fewer.

mod azure;
mod bgp;
mod failures;
mod igp;
mod model;
mod onpremises;
mod walk;

pub use bgp::NotConverged;
pub use failures::Failures;
pub use model::{Action, Beaten, NextHop, Origin, Route, Table};
pub use walk::{End, Walk, walk};

use crate::topology::{NodeId, Role, Topology};

/// The routing tables of a lab, one for each node, in the order of [`Topology::nodes`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables(Vec<Table>);

impl Tables {
    /// A node's table.
    #[must_use]
    pub fn of(&self, node: NodeId) -> &Table {
        &self.0[node.0]
    }
}

/// Computes every node's routes, with some links down and some sessions ended.
///
/// # Errors
///
/// [`NotConverged`], where advertisements change for ever.
pub fn solve(topology: &Topology, failures: &Failures) -> Result<Tables, NotConverged> {
    let ribs = bgp::converge(topology, failures)?;
    let sites = igp::solve(topology, failures);
    let table = |index: usize| {
        let node = NodeId(index);
        let mut routes = match &topology.node(node).role {
            Role::VirtualMachine { vnet, .. } => {
                azure::virtual_machine(topology, &ribs, node, *vnet)
            }
            Role::VpnGateway { vnet } | Role::ExpressRouteGateway { vnet } => {
                azure::gateway(topology, &ribs, node, *vnet)
            }
            Role::Msee => azure::msee(topology, &ribs, node),
            Role::Router { .. } => onpremises::router(topology, &ribs, &sites, node, failures),
            Role::Host { gateway, .. } => onpremises::host(topology, node, *gateway, failures),
            Role::Fabric => Vec::new(),
            Role::Internet => azure::internet(topology, node),
        };
        // The way to a tunnel's other end is set by hand, and so wins over what comes by the tunnel.
        let underlay = azure::underlay(topology, node);
        routes.retain(|route| underlay.iter().all(|set| set.prefix != route.prefix));
        routes.extend(underlay);
        routes.retain_mut(|route| outlives(topology, route, failures));
        routes.sort_by_key(|route| (route.prefix, route.rank()));
        Table { routes }
    };
    Ok(Tables((0..topology.nodes.len()).map(table).collect()))
}

/// Takes next hops over interfaces that are down out of a route, and says whether any is left.
fn outlives(topology: &Topology, route: &mut Route, failures: &Failures) -> bool {
    let Action::Forward(hops) = &mut route.action else {
        return true;
    };
    let is_down = |hop: &NextHop| {
        let link = topology.interface(hop.interface).link;
        link.is_some_and(|link| failures.links.contains(&link))
    };
    hops.retain(|hop| !is_down(hop));
    !hops.is_empty()
}

#[cfg(test)]
mod tests;
