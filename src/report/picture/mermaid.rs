//! Pictures as Mermaid flowcharts, which lay themselves out.

use std::fmt::Write;

use crate::report::picture::layout::Picture;
use crate::report::picture::scene::{BoxId, BoxKind, Cable, CableKind, Scene, SceneBox};

/// A picture as a Mermaid flowchart.
#[must_use]
pub fn mermaid(picture: &Picture) -> String {
    let scene = &picture.scene;
    let mut out = "flowchart LR\n".to_owned();
    let roots = (0..scene.boxes.len()).map(BoxId);
    for root in roots.filter(|id| scene.shape(*id).parent.is_none()) {
        shape(&mut out, scene, root, 1);
    }
    for cable in &scene.cables {
        lines(&mut out, picture, cable);
    }
    out.push_str("  classDef gateway stroke-width:2px\n  classDef disabled stroke-dasharray:4 3\n");
    for (index, shape) in scene.boxes.iter().enumerate() {
        if matches!(
            shape.kind,
            BoxKind::VpnGateway | BoxKind::ExpressRouteGateway | BoxKind::Msee
        ) {
            let _ = writeln!(out, "  class b{index} gateway");
        }
    }
    out
}

fn shape(out: &mut String, scene: &Scene, id: BoxId, depth: usize) {
    let own = scene.shape(id);
    let indent = "  ".repeat(depth);
    let words = words(own);
    let name = format!("b{}", id.0);
    if own.kind.holds_boxes() {
        let _ = writeln!(out, "{indent}subgraph {name}[\"{words}\"]");
        for child in scene.children(id) {
            shape(out, scene, child, depth + 1);
        }
        let _ = writeln!(out, "{indent}end");
        return;
    }
    let [open, close] = match own.kind {
        BoxKind::Lan => ["([", "])"],
        BoxKind::VpnGateway | BoxKind::ExpressRouteGateway | BoxKind::Msee => ["{{", "}}"],
        _ => ["[", "]"],
    };
    let _ = writeln!(out, "{indent}{name}{open}\"{words}\"{close}");
}

fn words(shape: &SceneBox) -> String {
    let title = format!("{} {}", shape.title, shape.beside);
    let lines = std::iter::once(title.trim()).chain(shape.notes.iter().map(String::as_str));
    lines.map(escaped).collect::<Vec<_>>().join("<br/>")
}

fn lines(out: &mut String, picture: &Picture, cable: &Cable) {
    for (index, lane) in cable.lanes.iter().enumerate() {
        let line = match cable.kind {
            _ if picture.is_out(lane) => "-.-",
            CableKind::Tunnel | CableKind::GlobalPeering => "-.-",
            CableKind::CircuitLink | CableKind::Wan | CableKind::Peering => "===",
            CableKind::Connection | CableKind::GlobalReach | CableKind::Link | CableKind::Lan => {
                "---"
            }
        };
        // Lanes of one cable share its label.
        let label = if index == 0 { &cable.label[..] } else { &[] };
        let label: Vec<String> = label
            .iter()
            .filter(|line| !line.is_empty())
            .map(|line| escaped(line))
            .collect();
        let label = if label.is_empty() {
            String::new()
        } else {
            format!("|\"{}\"|", label.join("<br/>"))
        };
        let [from, to] = picture.left_to_right(lane);
        let _ = writeln!(out, "  b{} {line}{label} b{}", from.0, to.0);
    }
}

/// Text inside quotes, by Mermaid's entity codes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            '`' => out.push_str("#96;"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
