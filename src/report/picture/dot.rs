//! Pictures in Graphviz's language, which lays them out by itself.

use std::fmt::Write;

use crate::report::picture::layout::Picture;
use crate::report::picture::scene::{BoxId, BoxKind, Cable, CableKind, Scene, SceneBox};

/// A picture as a graph for `dot`.
#[must_use]
pub fn dot(picture: &Picture) -> String {
    let scene = &picture.scene;
    let mut out = format!(
        "graph \"{}\" {{\n  rankdir=LR; compound=true; fontname=\"Arial\"; newrank=true;\n  \
         node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=\"Arial\", fontsize=10];\n  \
         edge [fontname=\"Arial\", fontsize=9];\n",
        escaped(&scene.name)
    );
    let roots = (0..scene.boxes.len()).map(BoxId);
    for root in roots.filter(|id| scene.shape(*id).parent.is_none()) {
        shape(&mut out, scene, root, 1);
    }
    for cable in &scene.cables {
        lines(&mut out, picture, cable);
    }
    out.push_str("}\n");
    out
}

fn shape(out: &mut String, scene: &Scene, id: BoxId, depth: usize) {
    let own = scene.shape(id);
    let indent = "  ".repeat(depth);
    let words = words(own);
    if !own.kind.holds_boxes() {
        let form = match own.kind {
            BoxKind::Lan => ", shape=oval",
            BoxKind::VpnGateway | BoxKind::ExpressRouteGateway | BoxKind::Msee => {
                ", shape=hexagon, style=filled"
            }
            _ => "",
        };
        let _ = writeln!(out, "{indent}b{} [label=\"{words}\"{form}];", id.0);
        return;
    }
    let _ = writeln!(
        out,
        "{indent}subgraph cluster_{} {{\n{indent}  label=\"{words}\"; labeljust=l; style=\"rounded,filled\"; \
         color=\"{}\"; fillcolor=\"{}\"; fontsize=11;",
        id.0,
        edge(own.kind),
        fill(own.kind)
    );
    if own.kind == BoxKind::VirtualNetwork {
        // Peerings are drawn to the network, which takes a node in it.
        let _ = writeln!(out, "{indent}  b{} [style=invis, shape=point];", id.0);
    }
    for child in scene.children(id) {
        shape(out, scene, child, depth + 1);
    }
    let _ = writeln!(out, "{indent}}}");
}

const fn fill(kind: BoxKind) -> &'static str {
    match kind {
        BoxKind::Region => "#f2f7fd",
        BoxKind::Subnet => "#f6f8fa",
        BoxKind::Site => "#faf7f2",
        BoxKind::Circuit => "#f7f2fc",
        _ => "#ffffff",
    }
}

const fn edge(kind: BoxKind) -> &'static str {
    match kind {
        BoxKind::Region => "#b6d0ec",
        BoxKind::VirtualNetwork | BoxKind::LoadBalancer => "#0078d4",
        BoxKind::Site => "#cfc2ad",
        BoxKind::Circuit => "#7a4fb5",
        _ => "#c8d1da",
    }
}

fn words(shape: &SceneBox) -> String {
    let title = format!("{} {}", shape.title, shape.beside);
    let lines = std::iter::once(title.trim()).chain(shape.notes.iter().map(String::as_str));
    lines.map(escaped).collect::<Vec<_>>().join("\\n")
}

fn lines(out: &mut String, picture: &Picture, cable: &Cable) {
    let look = match cable.kind {
        CableKind::CircuitLink => "color=\"#7138b3\", penwidth=2",
        CableKind::Connection | CableKind::GlobalReach => "color=\"#7138b3\"",
        CableKind::Tunnel => "color=\"#12743a\", style=dashed",
        CableKind::Peering => "color=\"#0067b8\", penwidth=2",
        CableKind::GlobalPeering => "color=\"#0067b8\", penwidth=2, style=dashed",
        CableKind::Wan => "color=\"#9a5b00\", penwidth=2",
        CableKind::Link | CableKind::Lan => "color=\"#57606a\"",
    };
    for (index, lane) in cable.lanes.iter().enumerate() {
        let label = if index == 0 { &cable.label[..] } else { &[] };
        let label: Vec<String> = label.iter().map(|line| escaped(line)).collect();
        let mut attributes = format!("label=\"{}\", {look}", label.join("\\n"));
        if picture.is_out(lane) {
            attributes.push_str(", style=dotted");
        }
        let [from, to] = picture.left_to_right(lane);
        for (end, place) in [from, to].into_iter().zip(["ltail", "lhead"]) {
            if picture.scene.shape(end).kind == BoxKind::VirtualNetwork {
                let _ = write!(attributes, ", {place}=cluster_{}", end.0);
            }
        }
        let _ = writeln!(out, "  b{} -- b{} [{attributes}];", from.0, to.0);
    }
}

/// Text inside quotes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
