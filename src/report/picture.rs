//! Pictures of a lab, as people draw Azure's hybrid networks.
//!
//! A [`Scene`] defines the elements: regions, networks, circuits and sites as nested boxes, connected by cables. A
//! [`Picture`] assigns each one a position. All formats are written from the same picture: [`svg()`], and the others in
//! the modules beside it.
//!
//! Programs may rely on these elements of an SVG: the root is `svg.lab`; a node is `g.node.ROLE[data-node]`, a line
//! `g.link.KIND[data-link]`, with every link of the lab that it represents in `data-links`; a network
//! `g.vnet[data-vnet]`, a site `g.site[data-site]`, a circuit `g.circuit[data-circuit]`, a peering
//! `g.link.peering[data-peering]`. Links may have the classes `down`, `blackhole` and `on-path`, nodes `on-path`. A
//! path drawn over the picture is `g.overlay`. Every colour is a custom property of the style sheet.

mod boxes;
mod dot;
mod drawio;
mod failed;
mod geometry;
mod glyphs;
mod grid;
mod gutters;
mod html;
mod layout;
mod mermaid;
mod paint;
mod ports;
mod scene;
mod stack;
mod style;
mod svg;
mod text;
mod tracks;
mod trail;

pub use dot::dot;
pub use drawio::drawio;
pub use failed::Failed;
pub use geometry::{Point, Rect};
pub use html::{Details, html, route_details};
pub use layout::Picture;
pub use mermaid::mermaid;
pub use scene::{BoxId, BoxKind, Cable, CableKind, Lane, Scene, SceneBox};
pub use style::STYLE;
pub use svg::svg;

use crate::topology::Topology;

/// The picture of a lab.
#[must_use]
pub fn picture(topology: &Topology) -> Picture {
    Picture::of(Scene::of(topology))
}

/// The picture of a lab with names only, narrow enough to be read in a document.
#[must_use]
pub fn compact(topology: &Topology) -> Picture {
    Picture::of(Scene::of(topology).compact())
}

#[cfg(test)]
mod tests;
