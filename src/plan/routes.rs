//! The routes that belong in the kernel during a failure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::plan::build;
use crate::plan::change::{Path, RouteKey};
use crate::plan::tables::timed_path;
use crate::routing::{Failures, Table, Tables};
use crate::topology::{NodeId, Topology};

/// Every route of every node, including those that the kernel creates from addresses. Two states share what they have
/// in common.
#[derive(Debug, Clone, Default)]
pub struct Routes {
    nodes: Vec<Arc<NodeRoutes>>,
}

/// One node's routes.
pub type NodeRoutes = BTreeMap<RouteKey, Path>;

/// No routes.
static NOTHING: NodeRoutes = NodeRoutes::new();

impl Routes {
    /// A node's routes.
    #[must_use]
    pub fn of(&self, node: NodeId) -> &NodeRoutes {
        self.nodes.get(node.0).map_or(&NOTHING, Arc::as_ref)
    }

    /// All of them, by node, table and prefix.
    pub fn iter(&self) -> impl Iterator<Item = (&RouteKey, &Path)> {
        self.nodes.iter().flat_map(|routes| routes.iter())
    }

    /// The routes with the node ids of another plan: for each node of that plan, `kept` has the node here. A new node
    /// has no routes.
    #[must_use]
    pub fn renumbered(&self, kept: &[Option<NodeId>]) -> Self {
        let of_node = |(old, new): (&Option<NodeId>, NodeId)| match old {
            Some(old) if *old == new => self.nodes.get(old.0).map(Arc::clone).unwrap_or_default(),
            Some(old) => {
                let routes = self.of(*old).iter();
                let moved =
                    routes.map(|(key, path)| (RouteKey { node: new, ..*key }, path.clone()));
                Arc::new(moved.collect())
            }
            None => Arc::default(),
        };
        Self {
            nodes: kept.iter().zip((0..).map(NodeId)).map(of_node).collect(),
        }
    }

    /// Replaces the routes of a node.
    pub fn set(&mut self, node: NodeId, routes: NodeRoutes) {
        if let Some(own) = self.nodes.get_mut(node.0) {
            *own = Arc::new(routes);
        }
    }

    /// Removes routes.
    pub fn remove<'a>(&mut self, keys: impl IntoIterator<Item = &'a RouteKey>) {
        for key in keys {
            if let Some(routes) = self.nodes.get_mut(key.node.0) {
                Arc::make_mut(routes).remove(key);
            }
        }
    }

    /// The nodes, in order, whose routes differ between the two.
    pub(super) fn nodes_unlike<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = NodeId> + 'a {
        let nodes = (0..self.nodes.len().max(other.nodes.len())).map(NodeId);
        nodes.filter(
            |node| match (self.nodes.get(node.0), other.nodes.get(node.0)) {
                (Some(own), Some(other)) => !Arc::ptr_eq(own, other),
                _ => true,
            },
        )
    }
}

impl Extend<(RouteKey, Path)> for Routes {
    fn extend<T: IntoIterator<Item = (RouteKey, Path)>>(&mut self, routes: T) {
        for (key, path) in routes {
            if let Some(own) = self.nodes.get_mut(key.node.0) {
                Arc::make_mut(own).insert(key, path);
            }
        }
    }
}

impl PartialEq for Routes {
    fn eq(&self, other: &Self) -> bool {
        let mut unlike = self.nodes_unlike(other);
        unlike.all(|node| self.of(node) == other.of(node))
    }
}

impl Eq for Routes {}

/// The routes of a lab during the failures that the tables were computed for. They have no next hop over an interface
/// that is down: the kernel accepts no such route.
#[must_use]
pub fn routes(topology: &Topology, tables: &Tables, failures: &Failures) -> Routes {
    let nodes = (0..topology.nodes.len()).map(NodeId);
    let nodes = nodes.map(|node| Arc::new(of_table(topology, node, tables.of(node))));
    let mut routes = Routes {
        nodes: nodes.collect(),
    };
    routes.extend(timed(topology, failures));
    routes
}

/// The same, based on the tables and routes of another state of the lab: a node with an identical table keeps its
/// routes.
#[must_use]
pub fn routes_again(
    topology: &Topology,
    tables: &Tables,
    failures: &Failures,
    (tables_before, before): (&Tables, &Routes),
) -> Routes {
    let ends = topology
        .internet_paths
        .iter()
        .flat_map(|path| topology.link(path.link).ends);
    let timed_nodes: BTreeSet<NodeId> = ends.map(|end| topology.interface(end).node).collect();
    let nodes = before.nodes.iter().zip((0..).map(NodeId));
    let nodes = nodes.map(|(routes, node)| {
        let table = tables.shared(node);
        let is_same = Arc::ptr_eq(table, tables_before.shared(node));
        if is_same && !timed_nodes.contains(&node) {
            Arc::clone(routes)
        } else {
            Arc::new(of_table(topology, node, table))
        }
    });
    let mut routes = Routes {
        nodes: nodes.collect(),
    };
    routes.extend(timed(topology, failures));
    routes
}

fn of_table(topology: &Topology, node: NodeId, table: &Table) -> NodeRoutes {
    build::routes(topology, node, table, |_| true).collect()
}

/// The routes in the separate tables of the internet's delayed paths.
fn timed(topology: &Topology, failures: &Failures) -> impl Iterator<Item = (RouteKey, Path)> {
    let paths = topology.internet_paths.iter().enumerate();
    paths.flat_map(move |(index, path)| {
        let is_down = failures.links.contains(&path.link);
        let ways = timed_path(topology, index, path).into_iter();
        ways.flat_map(|way| way.routes)
            .filter(move |(_, path)| !is_down || path.hops.is_empty())
    })
}
