//! The routes of a gateway that has several instances.

use serde::Serialize;

use crate::report::routes::{Routes, routes, text};
use crate::routing::Tables;
use crate::topology::{NodeId, Topology};

/// The routes of an instance of a gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Instance {
    /// Its name.
    pub node: String,
    /// Its routes.
    #[serde(flatten)]
    pub routes: Routes,
}

impl Instance {
    /// Its name, and its routes in columns.
    pub(super) fn text(&self) -> String {
        let Self { node, routes } = self;
        format!("{node}\n\n{}", text(routes))
    }
}

/// A node's routes, or those of all of a gateway's instances.
#[must_use]
pub fn routes_of(topology: &Topology, tables: &Tables, nodes: &[NodeId]) -> Routes {
    if let [node] = nodes {
        return routes(topology, tables, *node);
    }
    let instance = |node: &NodeId| Instance {
        node: topology.node(*node).name.to_string(),
        routes: routes(topology, tables, *node),
    };
    let instances = nodes.iter().map(instance).collect();
    Routes::Instances { instances }
}
