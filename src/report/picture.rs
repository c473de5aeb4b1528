//! Pictures of a lab, as people draw Azure's hybrid networks.
//!
//! A [`Scene`] says what there is: regions, networks, circuits and sites as boxes within boxes, and what joins them
//! as cables. A [`Picture`] has a place for each. The formats are written from the same picture: [`svg()`], and the
//! rest beside it.
//!
//! What programs may hold on to in an SVG: the root is `svg.lab`; a node is `g.node.ROLE[data-node]`, a line
//! `g.link.KIND[data-link]`, with every link of the lab that it stands for in `data-links`; a network
//! `g.vnet[data-vnet]`, a site `g.site[data-site]`, a circuit `g.circuit[data-circuit]`, a peering
//! `g.link.peering[data-peering]`. Links may be given the classes `down`, `blackhole` and `on-path`, nodes `on-path`. The
//! path that is laid over it is `g.overlay`. Every colour is a custom property of the style sheet.

mod boxes;
mod dot;
mod drawio;
mod geometry;
mod glyphs;
mod grid;
mod gutters;
mod html;
mod layout;
mod mermaid;
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

#[cfg(test)]
mod tests;
