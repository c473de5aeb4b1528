//! Paths over a picture: their lines, a badge at each hop, and the hops in words below.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::report::path::{Path, Shown, latency};
use crate::report::picture::boxes::{LINE, NOTE};
use crate::report::picture::geometry::{Point, Rect};
use crate::report::picture::layout::Picture;
use crate::report::picture::paint::paint;
use crate::report::picture::scene::BoxId;
use crate::report::picture::svg::{escaped, line, path as drawn, stroke};
use crate::report::picture::text::width;
use crate::report::picture::trail::{Map, Trail};

/// The distance of the forward and return path from the middle of a cable.
const BESIDE: i32 = 3;
/// A badge's height, the part of it outside its node, and its font size.
const BADGE: i32 = 13;
const OUTSIDE: i32 = 9;
const BADGE_FONT: i32 = 10;
/// Distance from the picture's edge to the captions.
const MARGIN: i32 = 20;
/// The classes of the forward and the return path.
const CLASSES: [&str; 2] = ["there", "back"];
/// Half of an arrow's width, and its length.
const ARROW: [i32; 2] = [4, 8];

/// The text below the picture.
pub(super) struct Captions {
    pub(super) drawing: String,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// The boxes and lanes on the paths.
#[derive(Debug, Default)]
pub(super) struct OnPath {
    pub(super) boxes: BTreeSet<BoxId>,
    pub(super) lanes: BTreeSet<(usize, usize)>,
}

fn trails(picture: &Picture, path: &Path) -> Vec<Option<Trail>> {
    let map = Map::new(picture);
    let boxes: Vec<Option<BoxId>> = path
        .steps
        .iter()
        .map(|step| picture.scene.box_of(step.node))
        .collect();
    boxes
        .windows(2)
        .map(|pair| map.between(pair[0]?, pair[1]?))
        .collect()
}

pub(super) fn on_path(picture: &Picture) -> OnPath {
    let mut on = OnPath::default();
    for path in &picture.paths {
        let nodes = path.steps.iter().map(|step| step.node);
        on.boxes
            .extend(nodes.filter_map(|node| picture.scene.box_of(node)));
        let trails = trails(picture, path);
        on.lanes
            .extend(trails.into_iter().flatten().flat_map(|trail| trail.lanes));
    }
    on
}

/// The lines of paths, drawn below the boxes that they lead to.
pub(super) fn overlay(out: &mut String, picture: &Picture) {
    out.push_str("<g class=\"overlay\">\n");
    for (index, path) in picture.paths.iter().enumerate() {
        let around = open(out, path, index);
        let aside = if index == 0 { -BESIDE } else { BESIDE };
        for (step, trail) in path.steps.iter().skip(1).zip(trails(picture, path)) {
            let points = trail.map_or_else(Vec::new, |trail| trail.points);
            let points: Vec<Point> = points.iter().map(|point| beside(*point, aside)).collect();
            way(
                out,
                &around,
                &points,
                matches!(step.shown, Shown::Silent { .. }),
            );
        }
        out.push_str("</g>\n");
    }
    out.push_str("</g>\n");
}

/// The badges at the nodes of paths, drawn above everything else.
pub(super) fn badges(out: &mut String, picture: &Picture) {
    for (index, path) in picture.paths.iter().enumerate() {
        let around = open(out, path, index);
        for position in 0..path.steps.len() {
            badge(out, &around, picture, path, [index, position]);
        }
        out.push_str("</g>\n");
    }
}

/// Opens the group of a path. Returns its classes.
fn open(out: &mut String, path: &Path, index: usize) -> String {
    let class = CLASSES[index % CLASSES.len()];
    let how = if path.is_measured {
        "measured"
    } else {
        "planned"
    };
    let classes = format!("{class} {how}");
    let _ = writeln!(out, "<g class=\"{classes}\">");
    classes
}

const fn beside(point: Point, by: i32) -> Point {
    Point {
        x: point.x + by,
        y: point.y + by,
    }
}

fn way(out: &mut String, around: &str, points: &[Point], is_silent: bool) {
    let [.., before, end] = points else { return };
    let class = if is_silent { "trail silent" } else { "trail" };
    stroke(out, around, class, &drawn(points));
    let [half, long] = ARROW;
    let (dx, dy) = ((end.x - before.x).signum(), (end.y - before.y).signum());
    let (x, y) = (end.x - dx * long, end.y - dy * long);
    let arrow = format!(
        "M{} {}L{} {}L{} {}Z",
        end.x,
        end.y,
        x + dy * half,
        y + dx * half,
        x - dy * half,
        y - dx * half
    );
    stroke(out, around, "arrow", &arrow);
    out.push('\n');
}

/// The badge of a node: the hop's number and time, or the mark of a silent hop or of the path's end.
fn badge(
    out: &mut String,
    around: &str,
    picture: &Picture,
    path: &Path,
    [index, position]: [usize; 2],
) {
    let step = &path.steps[position];
    let Some(id) = picture.scene.box_of(step.node) else {
        return;
    };
    let is_end = position + 1 == path.steps.len();
    let is_lost = is_end
        && path
            .loss
            .as_ref()
            .is_some_and(|loss| loss.node == step.node);
    let (class, words) = match &step.shown {
        _ if is_lost => ("badge lost", "\u{2715} lost".to_owned()),
        Shown::Answers { hop, time, .. } => {
            let time = time.map_or_else(String::new, |time| format!(" \u{b7} {}", latency(time)));
            ("badge", format!("{hop}{time}"))
        }
        Shown::Silent { hop } => ("badge silent", format!("{hop} \u{b7} *")),
        Shown::Nothing if position == 0 => ("badge", "from".to_owned()),
        Shown::Nothing => return,
    };
    let rect = badge_place(picture.rects[id.0], &words, index);
    let around = format!("{around} {class}");
    let _ = writeln!(
        out,
        "<g class=\"{class}\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\"{}/><text x=\"{}\" y=\"{}\"{}>{}</text></g>",
        rect.x,
        rect.y,
        rect.width,
        rect.height,
        paint(&around, "rect"),
        rect.center().x,
        rect.y + BADGE - 3,
        paint(&around, "text"),
        escaped(&words)
    );
}

/// Forward path: above a node on the right. Return path: below it on the left. So the badges of two nodes do not meet.
fn badge_place(node: Rect, words: &str, index: usize) -> Rect {
    let wide = width(words, BADGE_FONT, true) + 10;
    let (x, y) = if index == 0 {
        (node.right() - wide - 4, node.y - OUTSIDE)
    } else {
        (node.x + 4, node.bottom() + OUTSIDE - BADGE)
    };
    Rect {
        x,
        y,
        width: wide,
        height: BADGE,
    }
}

/// The hops of the paths in words.
pub(super) fn captions(picture: &Picture) -> Captions {
    let mut captions = Captions {
        drawing: String::new(),
        width: 0,
        height: 0,
    };
    let mut y = picture.height;
    for (index, path) in picture.paths.iter().enumerate() {
        for (class, text) in words(picture, path, index) {
            y += LINE;
            line(&mut captions.drawing, "", class, &text, [MARGIN, y]);
            captions.width = captions.width.max(width(&text, NOTE, true) + 2 * MARGIN);
        }
        y += LINE;
    }
    captions.height = y - picture.height;
    captions
}

fn words(picture: &Picture, path: &Path, index: usize) -> Vec<(&'static str, String)> {
    let name = |node| {
        let id = picture.scene.box_of(node);
        id.map_or_else(String::new, |id| picture.scene.shape(id).name.clone())
    };
    let how = if path.is_measured {
        "measured by a trace"
    } else {
        "by the routes alone: the lab is not up, so no time was measured"
    };
    let from = path
        .steps
        .first()
        .map_or_else(String::new, |step| name(step.node));
    let way = CLASSES[index % CLASSES.len()];
    let mut lines = vec![(
        "title",
        format!("{way}: {from} to {}, {how}", path.destination),
    )];
    let hops = path.steps.iter().filter_map(|step| match &step.shown {
        Shown::Nothing => None,
        Shown::Answers { hop, address, time } => {
            let time = time.map_or_else(String::new, |time| format!(", {}", latency(time)));
            Some(format!("{hop} {} [{address}]{time}", name(step.node)))
        }
        Shown::Silent { hop } => Some(format!("{hop} * (silent: {})", name(step.node))),
    });
    let hops: Vec<String> = hops.collect();
    lines.extend(
        hops.chunks(4)
            .map(|hops| ("caption", hops.join("  \u{2192}  "))),
    );
    if let Some(loss) = &path.loss {
        lines.push(("caption lost", format!("lost: {}", loss.reason)));
    }
    lines
}
