//! A picture as one page with tooltips, zoom, and a light and a dark theme. It loads no other file.

use std::collections::BTreeMap;

use crate::report::picture::layout::Picture;
use crate::report::picture::svg::{escaped, svg};
use crate::report::routes::{routes, text};
use crate::routing::Tables;
use crate::topology::{NodeId, Topology};

/// By node name: the details that a page shows in addition to the picture.
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
    // A script must not contain anything that looks like its end tag.
    let details = serde_json::to_string(details).unwrap_or_default();
    let details = details.replace('<', "\\u003c");
    include_str!("page.html")
        .replace("{{name}}", &name)
        .replace("{{details}}", &details)
        .replace("{{svg}}", &svg(picture))
}
