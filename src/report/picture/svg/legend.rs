//! The legend: the meaning of the lines and boxes that occur in a picture.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::report::picture::boxes::NOTE;
use crate::report::picture::failed::Failed;
use crate::report::picture::glyphs::glyph;
use crate::report::picture::layout::Picture;
use crate::report::picture::paint::paint;
use crate::report::picture::scene::{BoxKind, CableKind};
use crate::report::picture::svg::{escaped, stroke};
use crate::report::picture::text::width;

/// Minimum width of the legend.
const LEAST_WIDTH: i32 = 560;
/// The margin around the entries, and the distance between two.
const MARGIN: i32 = 20;
const APART: i32 = 22;
/// The height of a row of entries.
const ROW: i32 = 26;
/// The width of a sample.
const SAMPLE: i32 = 28;

pub(super) struct Legend {
    pub(super) drawing: String,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// A sample, drawn around height 0, and its meaning.
struct Entry {
    sample: String,
    words: &'static str,
}

pub(super) fn legend(picture: &Picture) -> Legend {
    let mut drawing = String::new();
    let most = picture.width.max(LEAST_WIDTH) - MARGIN;
    let (mut x, mut y, mut right) = (MARGIN, ROW / 2, MARGIN);
    for entry in entries(picture) {
        let wide = SAMPLE + 6 + width(entry.words, NOTE, false);
        if x > MARGIN && x + wide > most {
            (x, y) = (MARGIN, y + ROW);
        }
        let _ = writeln!(
            drawing,
            "<g transform=\"translate({x} {y})\">{}<text x=\"{}\" y=\"4\"{}>{}</text></g>",
            entry.sample,
            SAMPLE + 6,
            paint("legend", "text"),
            escaped(entry.words)
        );
        x += wide + APART;
        right = right.max(x);
    }
    Legend {
        drawing,
        width: right - APART + MARGIN,
        height: y + ROW / 2 + 8,
    }
}

fn entries(picture: &Picture) -> Vec<Entry> {
    let scene = &picture.scene;
    let kinds: BTreeSet<BoxKind> = scene.boxes.iter().map(|shape| shape.kind).collect();
    let boxes = kinds.iter().filter_map(|kind| {
        let path = glyph(*kind)?;
        let class = kind.class();
        Some(Entry {
            sample: format!(
                "<g class=\"{class}\"><path class=\"glyph\" transform=\"translate(2 -12)\" d=\"{path}\"{}/></g>",
                paint(class, "glyph")
            ),
            words: box_words(*kind),
        })
    });
    let cables: BTreeSet<CableKind> = scene.cables.iter().map(|cable| cable.kind).collect();
    let lines = cables.iter().map(|kind| Entry {
        sample: sample(kind.class(), *kind == CableKind::Tunnel),
        words: cable_words(*kind),
    });
    let mut all = scene.cables.iter().flat_map(|cable| &cable.lanes);
    let disabled = all.any(|lane| lane.is_disabled).then(|| Entry {
        sample: sample("circuit-link disabled", false),
        words: "disabled",
    });
    let all = scene.cables.iter().flat_map(|cable| &cable.lanes);
    let failed: BTreeSet<Failed> = all.filter_map(|lane| picture.failure_of(lane)).collect();
    let failed = failed.iter().map(|failed| Entry {
        sample: sample(&format!("link {}", failed.class()), false),
        words: failed.words(),
    });
    boxes.chain(lines).chain(disabled).chain(failed).collect()
}

fn sample(class: &str, is_tube: bool) -> String {
    let path = format!("M0 0L{SAMPLE} 0");
    let mut out = format!("<g class=\"{class}\">");
    if is_tube {
        stroke(&mut out, class, "tube", &path);
    }
    stroke(&mut out, class, "line", &path);
    out.push_str("</g>");
    out
}

const fn box_words(kind: BoxKind) -> &'static str {
    match kind {
        BoxKind::Machine => "virtual machine",
        BoxKind::Appliance => "network virtual appliance",
        BoxKind::VpnGateway => "VPN gateway",
        BoxKind::ExpressRouteGateway => "ExpressRoute gateway",
        BoxKind::Msee => "MSEE",
        BoxKind::Router => "router",
        BoxKind::Host => "host",
        BoxKind::LoadBalancer => "internal load balancer",
        _ => "",
    }
}

const fn cable_words(kind: CableKind) -> &'static str {
    match kind {
        CableKind::CircuitLink => "circuit's link, private peering",
        CableKind::Connection => "ExpressRoute connection",
        CableKind::GlobalReach => "Global Reach",
        CableKind::Tunnel => "VPN tunnel",
        CableKind::Peering => "VNet peering",
        CableKind::GlobalPeering => "global VNet peering",
        CableKind::Link => "link",
        CableKind::Wan => "link between sites",
        CableKind::Lan => "port of a LAN",
    }
}
