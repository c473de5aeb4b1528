//! The light style as presentation attributes, for renderers without CSS custom properties. Style sheets override
//! presentation attributes, so browsers use the style sheet.

use std::fmt::Write;

/// Attributes, each with its value.
type Attributes = &'static [(&'static str, &'static str)];

const PAPER: &str = "#ffffff";
const INK: &str = "#1f2328";
const MUTED: &str = "#59636e";
const NODE: &str = "#ffffff";
const AZURE: &str = "#0067b8";
const EXPRESSROUTE: &str = "#7138b3";
const VPN: &str = "#12743a";
const WIRE: &str = "#57606a";
const WAN: &str = "#9a5b00";
const THERE: &str = "#d1480c";
const BACK: &str = "#0a7d8c";
const LOST: &str = "#cf222e";

/// The font families of all text.
const FONT: &str = "Arial, Helvetica, Liberation Sans, Arimo, sans-serif";

/// For an element: classes of the groups around it, its class or tag, and its attributes. All entries that match an
/// element apply; a later entry overrides an earlier one.
#[rustfmt::skip]
const ENTRIES: &[(&str, &str, Attributes)] = &[
    ("", "svg", &[("font-family", FONT)]),
    ("", "paper", &[("fill", PAPER)]),
    ("", "text", &[("fill", INK), ("font-size", "11")]),
    ("", "title", &[("font-size", "12"), ("font-weight", "bold")]),
    ("", "beside", &[("fill", MUTED), ("font-size", "11"), ("font-weight", "normal")]),
    ("", "note", &[("fill", MUTED)]),
    ("", "shape", &[("stroke-width", "1")]),
    ("region", "shape", &[("fill", "#f2f7fd"), ("stroke", "#b6d0ec"), ("stroke-dasharray", "7 4")]),
    ("vnet", "shape", &[("fill", "#ffffff"), ("stroke", "#0078d4"), ("stroke-width", "1.5")]),
    ("vnet", "title", &[("fill", AZURE)]),
    ("subnet", "shape", &[("fill", "#f6f8fa"), ("stroke", "#c8d1da")]),
    ("load-balancer", "shape", &[("fill", "none"), ("stroke", AZURE), ("stroke-dasharray", "3 3")]),
    ("site", "shape", &[("fill", "#faf7f2"), ("stroke", "#cfc2ad")]),
    ("circuit", "shape", &[("fill", "#f7f2fc"), ("stroke", "#7a4fb5"), ("stroke-width", "1.5")]),
    ("circuit", "title", &[("fill", EXPRESSROUTE)]),
    ("microsoft-peering", "shape", &[("fill", NODE), ("stroke", VPN), ("stroke-dasharray", "3 3")]),
    ("lan", "shape", &[("fill", NODE), ("stroke", WIRE)]),
    ("lan", "title", &[("text-anchor", "middle")]),
    ("node", "shape", &[("fill", NODE), ("stroke", "#8c959f")]),
    ("node on-path", "shape", &[("stroke", THERE), ("stroke-width", "2")]),
    ("", "glyph", &[("fill", "none"), ("stroke", MUTED), ("stroke-width", "1.4"), ("stroke-linejoin", "round"), ("stroke-linecap", "round")]),
    ("machine", "glyph", &[("stroke", AZURE)]),
    ("appliance", "glyph", &[("stroke", AZURE)]),
    ("load-balancer", "glyph", &[("stroke", AZURE)]),
    ("vpn-gateway", "glyph", &[("stroke", VPN)]),
    ("expressroute-gateway", "glyph", &[("stroke", EXPRESSROUTE)]),
    ("msee", "glyph", &[("stroke", EXPRESSROUTE)]),
    ("", "line", &[("fill", "none"), ("stroke-width", "1.6"), ("stroke", WIRE), ("stroke-linejoin", "round")]),
    ("", "tube", &[("fill", "none"), ("stroke", WIRE), ("stroke-linejoin", "round"), ("stroke-width", "6"), ("opacity", ".22"), ("stroke-linecap", "round")]),
    ("circuit-link", "line", &[("stroke", EXPRESSROUTE), ("stroke-width", "2.2")]),
    ("connection", "line", &[("stroke", EXPRESSROUTE)]),
    ("global-reach", "line", &[("stroke", EXPRESSROUTE), ("stroke-dasharray", "8 3 2 3")]),
    ("tunnel", "line", &[("stroke", VPN)]),
    ("tunnel", "tube", &[("stroke", VPN)]),
    ("peering", "line", &[("stroke", AZURE), ("stroke-width", "2")]),
    ("peering global", "line", &[("stroke-dasharray", "9 4")]),
    ("wan", "line", &[("stroke", WAN), ("stroke-width", "2.2")]),
    ("lan-port", "line", &[("stroke-width", "1.2")]),
    ("disabled", "line", &[("stroke-dasharray", "3 4"), ("opacity", ".75")]),
    ("link down", "line", &[("stroke", LOST), ("stroke-dasharray", "2 5")]),
    ("link blackhole", "line", &[("stroke", INK), ("stroke-dasharray", "1 4")]),
    ("link on-path", "line", &[("stroke-width", "3")]),
    ("label", "text", &[("text-anchor", "middle")]),
    ("label", "rect", &[("fill", PAPER), ("stroke", WIRE), ("stroke-width", ".6")]),
    ("label circuit-link", "rect", &[("stroke", EXPRESSROUTE)]),
    ("label connection", "rect", &[("stroke", EXPRESSROUTE)]),
    ("label global-reach", "rect", &[("stroke", EXPRESSROUTE)]),
    ("label tunnel", "rect", &[("stroke", VPN)]),
    ("label peering", "rect", &[("stroke", AZURE)]),
    ("label wan", "rect", &[("stroke", WAN)]),
    ("legend", "text", &[("fill", MUTED)]),
    ("", "trail", &[("fill", "none"), ("stroke", THERE), ("stroke-width", "2.6"), ("stroke-linejoin", "round"), ("opacity", ".9")]),
    ("back", "trail", &[("stroke", BACK)]),
    ("planned", "trail", &[("stroke-dasharray", "7 4")]),
    ("", "silent", &[("stroke-dasharray", "2 3")]),
    ("", "arrow", &[("fill", THERE)]),
    ("back", "arrow", &[("fill", BACK)]),
    ("badge", "rect", &[("fill", THERE), ("stroke", PAPER), ("stroke-width", "1")]),
    ("back badge", "rect", &[("fill", BACK)]),
    ("badge", "text", &[("fill", PAPER), ("font-weight", "bold"), ("text-anchor", "middle"), ("font-size", "10")]),
    ("badge silent", "rect", &[("fill", PAPER), ("stroke", THERE), ("stroke-dasharray", "3 2"), ("stroke-width", "1.5")]),
    ("back badge silent", "rect", &[("stroke", BACK)]),
    ("badge silent", "text", &[("fill", INK)]),
    ("badge lost", "rect", &[("fill", LOST)]),
    ("", "lost", &[("fill", LOST), ("font-weight", "bold")]),
];

/// The attributes of an element, each preceded by a space. `around` are the classes of the groups around it; `own` are
/// its tag and its classes.
pub(super) fn paint(around: &str, own: &str) -> String {
    let has = |classes: &str, class: &str| classes.split(' ').any(|one| one == class);
    let mut attributes: Vec<(&str, &str)> = Vec::new();
    for (groups, class, more) in ENTRIES {
        let are_around = groups.is_empty() || groups.split(' ').all(|group| has(around, group));
        if !are_around || !has(own, class) {
            continue;
        }
        for (name, value) in *more {
            match attributes.iter_mut().find(|(known, _)| known == name) {
                Some(attribute) => attribute.1 = value,
                None => attributes.push((name, value)),
            }
        }
    }
    let mut out = String::new();
    for (name, value) in attributes {
        let _ = write!(out, " {name}=\"{value}\"");
    }
    out
}
