//! Pictures as one page: what nodes and lines are told on request, zoom, and light or dark. It loads nothing.

use std::collections::BTreeMap;

use crate::report::picture::layout::Picture;
use crate::report::picture::svg::{escaped, svg};
use crate::report::routes::{routes, text};
use crate::routing::Tables;
use crate::topology::{NodeId, Topology};

/// What is told of each node beside what the picture says, by its name.
pub type Details = BTreeMap<String, String>;

/// The effective routes of every node that has any.
#[must_use]
pub fn route_details(topology: &Topology, tables: &Tables) -> Details {
    let nodes = topology.nodes.iter().enumerate();
    nodes
        .filter(|(index, _)| !tables.of(NodeId(*index)).routes.is_empty())
        .map(|(index, node)| {
            let routes = routes(topology, tables, NodeId(index));
            (node.name.to_string(), text(&routes))
        })
        .collect()
}

/// A picture as an HTML page.
#[must_use]
pub fn html(picture: &Picture, details: &Details) -> String {
    let name = escaped(&picture.scene.name);
    // Inside a script, nothing may look like its end.
    let details = serde_json::to_string(details).unwrap_or_default();
    let details = details.replace('<', "\\u003c");
    include_str!("page.html")
        .replace("{{name}}", &name)
        .replace("{{details}}", &details)
        .replace("{{svg}}", &svg(picture))
}
