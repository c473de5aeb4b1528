//! Pictures for draw.io (diagrams.net), with the same places: containers that move with what is in them, and edges
//! that keep to their boxes.

use std::fmt::Write;

use crate::report::picture::boxes::indent;
use crate::report::picture::geometry::{Point, Rect};
use crate::report::picture::layout::Picture;
use crate::report::picture::scene::{BoxId, BoxKind, Cable, CableKind};
use crate::report::picture::svg::escaped;

/// A picture as a draw.io file.
#[must_use]
pub fn drawio(picture: &Picture) -> String {
    let name = escaped(&picture.scene.name);
    let mut out = format!(
        "<mxfile>\n<diagram id=\"lab\" name=\"{name}\">\n<mxGraphModel dx=\"0\" dy=\"0\" grid=\"1\" gridSize=\"10\" \
         page=\"0\" pageWidth=\"{}\" pageHeight=\"{}\">\n<root>\n<mxCell id=\"0\"/>\n<mxCell id=\"1\" parent=\"0\"/>\n",
        picture.width, picture.height
    );
    for id in (0..picture.scene.boxes.len()).map(BoxId) {
        shape(&mut out, picture, id);
    }
    for (index, cable) in picture.scene.cables.iter().enumerate() {
        lines(&mut out, picture, index, cable);
    }
    out.push_str("</root>\n</mxGraphModel>\n</diagram>\n</mxfile>\n");
    out
}

fn shape(out: &mut String, picture: &Picture, id: BoxId) {
    let shape = picture.scene.shape(id);
    let rect = picture.rects[id.0];
    let parent = shape.parent.map(|parent| (parent, picture.rects[parent.0]));
    let own = parent.map_or(rect, |(_, parent)| rect.moved(-parent.x, -parent.y));
    let parent = parent.map_or_else(|| "1".to_owned(), |(parent, _)| format!("b{}", parent.0));
    // The label is HTML in an attribute: its text is escaped once for each.
    let mut label = format!("<b>{}</b>", escaped(&shape.title));
    if !shape.beside.is_empty() {
        let _ = write!(label, " {}", escaped(&shape.beside));
    }
    for note in &shape.notes {
        let _ = write!(label, "<br>{}", escaped(note));
    }
    let align = if shape.kind.holds_boxes() || shape.kind == BoxKind::MicrosoftPeering {
        "verticalAlign=top;container=1;collapsible=0;"
    } else {
        "verticalAlign=middle;"
    };
    let Rect {
        x,
        y,
        width,
        height,
    } = own;
    let _ = writeln!(
        out,
        "<mxCell id=\"b{}\" value=\"{}\" style=\"rounded=1;arcSize=6;absoluteArcSize=1;html=1;align=left;spacingLeft={};\
         fontSize=11;{align}{}\" vertex=\"1\" parent=\"{parent}\"><mxGeometry x=\"{x}\" y=\"{y}\" width=\"{width}\" \
         height=\"{height}\" as=\"geometry\"/></mxCell>",
        id.0,
        escaped(&label),
        indent(shape.kind).min(10),
        look(shape.kind)
    );
}

const fn look(kind: BoxKind) -> &'static str {
    match kind {
        BoxKind::Region => "fillColor=#f2f7fd;strokeColor=#b6d0ec;dashed=1;",
        BoxKind::VirtualNetwork => "fillColor=#ffffff;strokeColor=#0078d4;",
        BoxKind::Subnet => "fillColor=#f6f8fa;strokeColor=#c8d1da;",
        BoxKind::LoadBalancer => "fillColor=none;strokeColor=#0078d4;dashed=1;",
        BoxKind::Site => "fillColor=#faf7f2;strokeColor=#cfc2ad;",
        BoxKind::Circuit => "fillColor=#f7f2fc;strokeColor=#7a4fb5;",
        BoxKind::MicrosoftPeering => "fillColor=none;strokeColor=#12743a;dashed=1;",
        _ => "fillColor=#ffffff;strokeColor=#8c959f;",
    }
}

fn lines(out: &mut String, picture: &Picture, index: usize, cable: &Cable) {
    for (number, lane) in cable.lanes.iter().enumerate() {
        let way = &picture.ways[index][number];
        let label: Vec<String> = if number == 0 {
            cable.label.iter().map(|line| escaped(line)).collect()
        } else {
            Vec::new()
        };
        let ends = lane.ends.map(|end| picture.rects[end.0]);
        let [Some(first), Some(last)] = [way.first(), way.last()] else {
            continue;
        };
        let dashed = if picture.is_out(lane) {
            "dashed=1;dashPattern=1 3;"
        } else {
            ""
        };
        let _ = write!(
            out,
            "<mxCell id=\"c{index}-{number}\" value=\"{}\" style=\"edgeStyle=orthogonalEdgeStyle;rounded=1;html=1;endArrow=none;\
             fontSize=10;labelBackgroundColor=#ffffff;{}{dashed}{}{}\" edge=\"1\" parent=\"1\" source=\"b{}\" target=\"b{}\">\
             <mxGeometry relative=\"1\" as=\"geometry\"><Array as=\"points\">",
            escaped(&label.join("<br>")),
            line_look(cable.kind),
            port("exit", ends[0], *first),
            port("entry", ends[1], *last),
            lane.ends[0].0,
            lane.ends[1].0
        );
        for point in &way[1..way.len() - 1] {
            let _ = write!(out, "<mxPoint x=\"{}\" y=\"{}\"/>", point.x, point.y);
        }
        out.push_str("</Array></mxGeometry></mxCell>\n");
    }
}

const fn line_look(kind: CableKind) -> &'static str {
    match kind {
        CableKind::CircuitLink => "strokeColor=#7138b3;strokeWidth=2;",
        CableKind::Connection => "strokeColor=#7138b3;",
        CableKind::GlobalReach => "strokeColor=#7138b3;dashed=1;",
        CableKind::Tunnel => "strokeColor=#12743a;strokeWidth=2;dashed=1;dashPattern=8 4;",
        CableKind::Peering => "strokeColor=#0067b8;strokeWidth=2;",
        CableKind::GlobalPeering => "strokeColor=#0067b8;strokeWidth=2;dashed=1;",
        CableKind::Wan => "strokeColor=#9a5b00;strokeWidth=2;",
        CableKind::Link | CableKind::Lan => "strokeColor=#57606a;",
    }
}

/// Where an edge meets a box, as parts of its size, in thousandths.
fn port(end: &str, rect: Rect, point: Point) -> String {
    let part = |length: i32, of: i32| {
        let thousandths = length.clamp(0, of) * 1000 / of.max(1);
        format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
    };
    format!(
        "{end}X={};{end}Y={};{end}Dx=0;{end}Dy=0;",
        part(point.x - rect.x, rect.width),
        part(point.y - rect.y, rect.height)
    )
}
