//! Pictures as self-contained SVG, readable in light and dark.

mod legend;
mod trail;

use std::fmt::Write;

use crate::report::picture::boxes::{self, BESIDE, LINE, TOP};
use crate::report::picture::geometry::{Point, Rect, count};
use crate::report::picture::glyphs::glyph;
use crate::report::picture::grid::LABEL_PAD;
use crate::report::picture::layout::Picture;
use crate::report::picture::paint::paint;
use crate::report::picture::scene::{BoxId, BoxKind, Cable, CableKind, SceneBox};
use crate::report::picture::style::STYLE;
use trail::OnPath;

/// The corner radius of cables, and of boxes.
const BEND: i32 = 5;
/// Distance from the lower edge of a line of text to its baseline.
const BASELINE: i32 = 3;

/// A picture as an SVG document.
#[must_use]
pub fn svg(picture: &Picture) -> String {
    let legend = legend::legend(picture);
    let captions = trail::captions(picture);
    let width = picture.width.max(legend.width).max(captions.width);
    let height = picture.height + captions.height + legend.height;
    let name = escaped(&picture.scene.name);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"lab\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"lab {name}\"{}>\n<style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{width}\" height=\"{height}\"{}/>\n",
        paint("", "svg"),
        paint("", "paper")
    );
    let on_path = trail::on_path(picture);
    // Cables are drawn over containers, and end at all other boxes.
    let is_container = |id: &BoxId| {
        let kind = picture.scene.shape(*id).kind;
        kind.holds_boxes() || kind == BoxKind::MicrosoftPeering
    };
    let boxes = || (0..picture.scene.boxes.len()).map(BoxId);
    for id in boxes().filter(is_container) {
        shape(&mut out, picture, id, &on_path);
    }
    for cable in 0..picture.scene.cables.len() {
        lines(&mut out, picture, cable, &on_path);
    }
    trail::overlay(&mut out, picture);
    for id in boxes().filter(|id| !is_container(id)) {
        shape(&mut out, picture, id, &on_path);
    }
    for (cable, rect) in picture.scene.cables.iter().zip(&picture.labels) {
        if let Some(rect) = rect {
            label(&mut out, cable, *rect);
        }
    }
    trail::badges(&mut out, picture);
    out.push_str(&captions.drawing);
    let _ = write!(
        out,
        "<g class=\"legend\" transform=\"translate(0 {})\">\n{}</g>\n</svg>\n",
        picture.height + captions.height,
        legend.drawing
    );
    out
}

/// The classes of a box, for style sheets and programs.
fn classes(shape: &SceneBox, is_on_path: bool) -> String {
    let class = shape.kind.class();
    let on_path = if is_on_path { " on-path" } else { "" };
    if shape.node.is_some() {
        format!("node {class}{on_path}")
    } else {
        class.to_owned()
    }
}

/// The data attributes of a box, for programs.
fn data(shape: &SceneBox) -> String {
    let name = escaped(&shape.name);
    match shape.kind {
        BoxKind::VirtualNetwork => format!(" data-vnet=\"{name}\" tabindex=\"0\""),
        BoxKind::Site => format!(" data-site=\"{name}\""),
        BoxKind::Circuit => format!(" data-circuit=\"{name}\" tabindex=\"0\""),
        _ if shape.node.is_some() => format!(" data-node=\"{name}\" tabindex=\"0\""),
        _ => String::new(),
    }
}

fn shape(out: &mut String, picture: &Picture, id: BoxId, on_path: &OnPath) {
    let shape = picture.scene.shape(id);
    let rect = picture.rects[id.0];
    let classes = classes(shape, on_path.boxes.contains(&id));
    let _ = write!(out, "<g class=\"{classes}\"{}>", data(shape));
    tip(out, &shape.tip);
    let round = match shape.kind {
        BoxKind::Lan => rect.height / 2,
        BoxKind::Region | BoxKind::Site => 8,
        _ => BEND,
    };
    rectangle(out, &classes, rect, round);
    if let Some(path) = glyph(shape.kind) {
        let (x, y) = if shape.kind == BoxKind::LoadBalancer {
            (rect.right() - 28, rect.y + 3)
        } else {
            (rect.x + 6, rect.center().y - 12)
        };
        let _ = write!(
            out,
            "<path class=\"glyph\" transform=\"translate({x} {y})\" d=\"{path}\"{}/>",
            paint(&classes, "glyph")
        );
    }
    text(out, shape, rect, &classes);
    out.push_str("</g>\n");
}

/// The title and the other lines of a box.
fn text(out: &mut String, shape: &SceneBox, rect: Rect, classes: &str) {
    let x = if shape.kind == BoxKind::Lan {
        rect.center().x
    } else {
        rect.x + boxes::indent(shape.kind)
    };
    let lines = 1 + count(shape.notes.len());
    let top = if shape.kind.holds_boxes() || shape.kind == BoxKind::MicrosoftPeering {
        rect.y + TOP
    } else {
        rect.center().y - LINE * lines / 2
    };
    let mut y = top + LINE - BASELINE;
    title(out, classes, shape, [x, y]);
    for note in &shape.notes {
        y += LINE;
        line(out, classes, "note", note, [x, y]);
    }
}

fn rectangle(out: &mut String, classes: &str, rect: Rect, round: i32) {
    let Rect {
        x,
        y,
        width,
        height,
    } = rect;
    let _ = write!(
        out,
        "<rect class=\"shape\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\"{}/>",
        paint(classes, "shape")
    );
}

/// The title of a box, and in the same line the text beside it, so that they do not meet in a wider font.
fn title(out: &mut String, classes: &str, shape: &SceneBox, [x, y]: [i32; 2]) {
    let own = paint(classes, "text title");
    let title = escaped(&shape.title);
    let _ = write!(
        out,
        "<text class=\"title\" x=\"{x}\" y=\"{y}\"{own}>{title}"
    );
    if !shape.beside.is_empty() {
        let own = paint(classes, "beside");
        let beside = escaped(&shape.beside);
        let _ = write!(
            out,
            "<tspan class=\"beside\" dx=\"{BESIDE}\"{own}>{beside}</tspan>"
        );
    }
    out.push_str("</text>");
}

/// A line of text. `around` are the classes of the groups around it.
fn line(out: &mut String, around: &str, class: &str, text: &str, [x, y]: [i32; 2]) {
    let text = escaped(text);
    let paint = paint(around, &format!("text {class}"));
    let _ = write!(
        out,
        "<text class=\"{class}\" x=\"{x}\" y=\"{y}\"{paint}>{text}</text>"
    );
}

fn tip(out: &mut String, lines: &[String]) {
    if !lines.is_empty() {
        let _ = write!(out, "<title>{}</title>", escaped(&lines.join("\n")));
    }
}

fn lines(out: &mut String, picture: &Picture, index: usize, on_path: &OnPath) {
    let cable = &picture.scene.cables[index];
    let class = cable.kind.class();
    for (number, (lane, way)) in cable.lanes.iter().zip(&picture.ways[index]).enumerate() {
        let name = escaped(&lane.name);
        let links: Vec<String> = lane.links.iter().map(|link| escaped(link)).collect();
        let named = if matches!(cable.kind, CableKind::Peering | CableKind::GlobalPeering) {
            let link = links.first().map_or("", String::as_str);
            format!("data-peering=\"{name}\" data-link=\"{link}\"")
        } else {
            format!("data-link=\"{name}\"")
        };
        let mut states = String::new();
        if lane.is_disabled {
            states.push_str(" disabled");
        }
        let failed = picture.failure_of(lane);
        if let Some(failed) = failed {
            let _ = write!(states, " {}", failed.class());
        }
        if on_path.lanes.contains(&(index, number)) {
            states.push_str(" on-path");
        }
        let classes = format!("link {class}{states}");
        let _ = write!(
            out,
            "<g class=\"{classes}\" {named} data-links=\"{}\" tabindex=\"0\">",
            links.join(" ")
        );
        let failed = failed.iter().map(|failed| failed.words().to_owned());
        tip(
            out,
            &lane.tip.iter().cloned().chain(failed).collect::<Vec<_>>(),
        );
        let path = path(way);
        if cable.kind == CableKind::Tunnel {
            stroke(out, &classes, "tube", &path);
        }
        stroke(out, &classes, "line", &path);
        out.push_str("</g>\n");
    }
}

/// A path with a class. `around` are the classes of the groups around it.
fn stroke(out: &mut String, around: &str, class: &str, path: &str) {
    let paint = paint(around, class);
    let _ = write!(out, "<path class=\"{class}\" d=\"{path}\"{paint}/>");
}

/// A line with round corners.
pub(super) fn path(way: &[Point]) -> String {
    let mut path = String::new();
    for (index, point) in way.iter().enumerate() {
        let Point { x, y } = *point;
        let neighbours = index.checked_sub(1).and_then(|before| way.get(before));
        match (neighbours, way.get(index + 1)) {
            (Some(before), Some(after)) => {
                let [from, to] = [before, after].map(|other| toward(*point, *other));
                let _ = write!(path, "L{} {}Q{x} {y} {} {}", from.x, from.y, to.x, to.y);
            }
            (None, _) => {
                let _ = write!(path, "M{x} {y}");
            }
            (Some(_), None) => {
                let _ = write!(path, "L{x} {y}");
            }
        }
    }
    path
}

/// The point at a corner's radius from `from`, or half-way if that is nearer.
fn toward(from: Point, to: Point) -> Point {
    let step = |from: i32, to: i32| {
        let by = to - from;
        from + by.signum() * BEND.min(by.abs() / 2)
    };
    Point {
        x: step(from.x, to.x),
        y: step(from.y, to.y),
    }
}

fn label(out: &mut String, cable: &Cable, rect: Rect) {
    let classes = format!("label {}", cable.kind.class());
    let _ = write!(out, "<g class=\"{classes}\">");
    let Rect {
        x,
        y,
        width: wide,
        height,
    } = rect;
    let _ = write!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{height}\" rx=\"4\"{}/>",
        paint(&classes, "rect")
    );
    let mut y = rect.y + LABEL_PAD / 2 + LINE - BASELINE;
    let lines = cable.label.iter().filter(|line| !line.is_empty());
    for (index, text) in lines.enumerate() {
        let is_title = index == 0 && cable.is_named;
        let class = if is_title { "title" } else { "note" };
        line(out, &classes, class, text, [rect.center().x, y]);
        y += LINE;
    }
    out.push_str("</g>\n");
}

/// Text escaped for XML and HTML, also in attributes. Characters that neither allows are omitted.
#[must_use]
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}
