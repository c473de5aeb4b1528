//! The routes of every node, computed from a topology; each with its origin.
//!
//! None of this is specific to one lab. The parts are:
//!
//! - `speaker`: one file for each kind of device: what it originates, advertises, passes on and accepts, and its table.
//! - `bgp`: the engine: a fixed point of advertisements over the lab's sessions. It contains no rule of a device.
//! - `igp`: shortest paths inside a site, and the default route that customer edges originate.
//! - `nic`: the effective routes of a network interface: system routes, user-defined routes, and routes propagated by
//!   the network's gateways.
//! - `underlay`: the routes that carry tunnels.
//!
//! Failures are an argument: a lab with a failed link is computed in the same way, without that link.

mod absence;
mod bgp;
mod failures;
mod fan;
mod igp;
mod index;
mod learned;
mod model;
mod nic;
mod rule;
mod speaker;
mod stale;
mod underlay;
mod walk;

pub use absence::{Absence, Reason};
pub use bgp::NotConverged;
pub use failures::Failures;
pub use fan::{by_distance, equal_cost_nodes, reached_without};
pub use learned::{AdvertisedRoute, LearnedOrigin, LearnedRoute};
pub use model::{Action, BgpOrigin, NextHop, NicTable, Origin, Route, Standing, Table, as_path};
pub use rule::Rule;
pub use walk::{End, Sender, Walk, most_hops, walk, ways};

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::topology::{NodeId, Topology};
use bgp::{Ground, Ribs};
use igp::{Outlook, SiteRoutes, Sites};
use index::Index;
use nic::Propagated;

/// The routing tables of a lab, one for each node, in the order of [`Topology::nodes`], and what its
/// speakers advertised to each other.
#[derive(Debug, Clone)]
pub struct Tables {
    nodes: Vec<Arc<Table>>,
    ribs: Ribs,
    sites: Sites,
    site_routes: SiteRoutes,
    index: Arc<Index>,
    failures: Failures,
}

impl Tables {
    /// A node's table.
    #[must_use]
    pub fn of(&self, node: NodeId) -> &Table {
        &self.nodes[node.0]
    }

    /// The same, shared. If [`solve_again`] finds no change, it returns the table that it was given.
    #[must_use]
    pub fn shared(&self, node: NodeId) -> &Arc<Table> {
        &self.nodes[node.0]
    }
}

/// Two are equal if they have the same routes, even if they were computed for different failures.
impl PartialEq for Tables {
    fn eq(&self, other: &Self) -> bool {
        self.nodes == other.nodes && self.ribs == other.ribs
    }
}

impl Eq for Tables {}

/// All that a node's routes are computed from.
#[derive(Clone, Copy)]
struct Solver<'a> {
    topology: &'a Topology,
    index: &'a Index,
    failures: &'a Failures,
    ribs: &'a Ribs,
    sites: &'a Sites,
    site_routes: &'a SiteRoutes,
    propagated: &'a Propagated,
}

/// Computes every node's routes, with or without failures.
///
/// # Errors
///
/// [`NotConverged`], if advertisements keep changing.
pub fn solve(topology: &Topology, failures: &Failures) -> Result<Tables, NotConverged> {
    solve_from(topology, failures, Arc::new(Index::new(topology)), None)
}

/// Computes the same as [`solve`], but computes again only what may differ from another state of the same lab.
///
/// # Errors
///
/// [`NotConverged`], if advertisements keep changing.
pub fn solve_again(
    topology: &Topology,
    failures: &Failures,
    before: &Tables,
) -> Result<Tables, NotConverged> {
    let index = Arc::clone(&before.index);
    solve_from(topology, failures, index, Some(before))
}

fn solve_from(
    topology: &Topology,
    failures: &Failures,
    index: Arc<Index>,
    before: Option<&Tables>,
) -> Result<Tables, NotConverged> {
    let mut touched = before.map_or_else(BTreeSet::new, |before| {
        stale::touched(topology, &before.failures, failures)
    });
    let sites = before.map(|before| (&before.sites, &touched));
    let sites = Sites::new(topology, &index, failures, sites);
    let ground = Ground {
        topology,
        index: &index,
        failures,
        sites: &sites,
    };
    let ribs = bgp::converge(ground, before.map(|before| &before.ribs))?;
    if let Some(before) = before {
        stale::touch_speakers(topology, &index, [&before.ribs, &ribs], &mut touched);
    }
    let outlook = Outlook {
        index: &index,
        ribs: &ribs,
        failures,
    };
    let site_routes = before.map(|before| (&before.site_routes, &touched));
    let site_routes = sites.routes(topology, outlook, site_routes);
    let solver = Solver {
        topology,
        index: &index,
        failures,
        ribs: &ribs,
        sites: &sites,
        site_routes: &site_routes,
        propagated: &nic::nothing_propagated(topology),
    };
    let nodes = match before {
        Some(before) => solver.tables_again(before, &touched),
        None => solver.tables(),
    };
    Ok(Tables {
        nodes,
        ribs,
        sites,
        site_routes,
        index,
        failures: failures.clone(),
    })
}

impl Solver<'_> {
    fn tables(&self) -> Vec<Arc<Table>> {
        let nodes = (0..self.topology.nodes.len()).map(NodeId);
        nodes.map(|node| Arc::new(self.table(node))).collect()
    }

    /// The tables in a state other than the one that `before` was computed for.
    fn tables_again(&self, before: &Tables, touched: &BTreeSet<NodeId>) -> Vec<Arc<Table>> {
        let mut tables = before.nodes.clone();
        for node in stale::nodes(self.topology, self.index, before, self.failures, touched) {
            let table = self.table(node);
            if *tables[node.0] != table {
                tables[node.0] = Arc::new(table);
            }
        }
        tables
    }

    fn table(&self, node: NodeId) -> Table {
        let speaker = self.index.speaker(node);
        let mut routes = speaker.table(self);
        self.leave_out_what_is_down(&mut routes);
        // The route to a tunnel's far end is static, so it wins over a route learned through the tunnel.
        let set = self.underlay(node);
        speaker::local::overrule(&mut routes, &set);
        routes.extend(set);
        sort(&mut routes);
        let mut nics = speaker.nic_tables(self);
        for nic in &mut nics {
            self.leave_out_what_is_down(&mut nic.routes);
            sort(&mut nic.routes);
        }
        Table {
            routes,
            nics,
            outer: self.outer(node),
        }
    }

    /// Removes routes over interfaces that are down, as the kernel does.
    fn leave_out_what_is_down(&self, routes: &mut Vec<Route>) {
        routes.retain_mut(|route| match &mut route.action {
            Action::Forward(hops) => {
                if !hops.iter().all(|hop| self.is_usable(*hop)) {
                    let usable = hops.iter().filter(|hop| self.is_usable(**hop));
                    *hops = usable.copied().collect();
                }
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

/// Sorts routes by prefix, the active one first.
fn sort(routes: &mut Vec<Route>) {
    routes.sort_by(|a, b| {
        let standing = |route: &Route| (route.prefix, !route.is_active());
        let places = standing(a).cmp(&standing(b));
        places.then_with(|| a.origin.to_string().cmp(&b.origin.to_string()))
    });
    routes.shrink_to_fit();
}

#[cfg(test)]
mod tests;
