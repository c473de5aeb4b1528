//! The positions of elements.

use crate::report::picture::tests::{LABS, MANY_KINDS, chain, drawn, hub, resolved, star};
use crate::report::picture::{BoxId, BoxKind, Picture, Point, Rect, compact};
use crate::report::solved::APPLIANCE;

/// What is wrong with a picture.
fn wrongs(picture: &Picture) -> Vec<String> {
    let mut wrongs = boxes(picture);
    wrongs.extend(labels(picture));
    wrongs.extend(ways(picture));
    wrongs.extend(overlaps(picture));
    wrongs
}

fn name(picture: &Picture, index: usize) -> String {
    let shape = &picture.scene.boxes[index];
    format!("{} {}", shape.kind.class(), shape.name)
}

fn is_inside(picture: &Picture, inner: usize, outer: usize) -> bool {
    let mut around = picture.scene.ancestors(BoxId(inner));
    around.any(|id| id.0 == outer)
}

/// A box is inside its parent, and in no other box.
fn boxes(picture: &Picture) -> Vec<String> {
    let mut wrongs = Vec::new();
    for (a, rect) in picture.rects.iter().enumerate() {
        if let Some(parent) = picture.scene.boxes[a].parent
            && !picture.rects[parent.0].holds(rect)
        {
            wrongs.push(format!("{} sticks out", name(picture, a)));
        }
        for (b, other) in picture.rects.iter().enumerate().skip(a + 1) {
            let are_nested = is_inside(picture, a, b) || is_inside(picture, b, a);
            if rect.meets(other) && !are_nested {
                wrongs.push(format!("{} meets {}", name(picture, a), name(picture, b)));
            }
        }
    }
    wrongs
}

fn segments(way: &[Point]) -> impl Iterator<Item = [Point; 2]> {
    way.windows(2).map(|pair| [pair[0], pair[1]])
}

/// A box that cables may not run over.
fn is_solid(picture: &Picture, index: usize) -> bool {
    let kind = picture.scene.boxes[index].kind;
    !kind.holds_boxes() && kind != BoxKind::MicrosoftPeering
}

/// A label meets no other, no node, and no cable but its own.
fn labels(picture: &Picture) -> Vec<String> {
    let mut wrongs = Vec::new();
    let all = || picture.labels.iter().enumerate();
    let labels = || all().filter_map(|(index, label)| label.map(|label| (index, label)));
    let words = |index: usize| picture.scene.cables[index].label.join(" ");
    for (index, label) in labels() {
        for (_, other) in labels().filter(|(other, _)| *other > index) {
            if label.meets(&other) {
                wrongs.push(format!("label {} meets another", words(index)));
            }
        }
        for (shape, rect) in picture.rects.iter().enumerate() {
            if is_solid(picture, shape) && label.meets(rect) {
                wrongs.push(format!(
                    "label {} meets {}",
                    words(index),
                    name(picture, shape)
                ));
            }
        }
        for (cable, lanes) in picture
            .ways
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index)
        {
            let mut lines = lanes.iter().flat_map(|way| segments(way));
            if lines.any(|line| label.is_crossed(line)) {
                wrongs.push(format!(
                    "label {} is crossed by {}",
                    words(index),
                    words(cable)
                ));
            }
        }
    }
    wrongs
}

/// A cable crosses no node, and begins and ends at the edges of its own nodes.
fn ways(picture: &Picture) -> Vec<String> {
    let mut wrongs = Vec::new();
    let cables = picture.scene.cables.iter().zip(&picture.ways);
    for (lane, way) in cables.flat_map(|(cable, ways)| cable.lanes.iter().zip(ways)) {
        for [a, b] in segments(way) {
            if a.x != b.x && a.y != b.y {
                wrongs.push(format!("{} runs aslant", lane.name));
            }
            let rects = picture.rects.iter().enumerate();
            let crossed =
                rects.filter(|(shape, rect)| is_solid(picture, *shape) && rect.is_crossed([a, b]));
            wrongs.extend(
                crossed
                    .map(|(shape, _)| format!("{} runs over {}", lane.name, name(picture, shape))),
            );
        }
        for (end, point) in lane.ends.iter().zip([way.first(), way.last()]) {
            let rect = picture.rects[end.0];
            let is_at_edge = point.is_some_and(|point| {
                (point.x == rect.x || point.x == rect.right())
                    && (rect.y..=rect.bottom()).contains(&point.y)
            });
            if !is_at_edge {
                wrongs.push(format!("{} misses {}", lane.name, name(picture, end.0)));
            }
        }
    }
    wrongs
}

/// No two lines run on top of each other.
fn overlaps(picture: &Picture) -> Vec<String> {
    let mut lines = Vec::new();
    for (cable, ways) in picture.scene.cables.iter().zip(&picture.ways) {
        for (lane, way) in cable.lanes.iter().zip(ways) {
            lines.extend(segments(way).map(|line| (lane.name.as_str(), line)));
        }
    }
    let mut wrongs = Vec::new();
    for (index, (name, line)) in lines.iter().enumerate() {
        for (other, second) in &lines[index + 1..] {
            if name != other && are_on_top(*line, *second) {
                wrongs.push(format!(
                    "{name} and {other} run on top of each other: {line:?} {second:?}"
                ));
            }
        }
    }
    wrongs
}

fn are_on_top(a: [Point; 2], b: [Point; 2]) -> bool {
    let is_level = |[from, to]: [Point; 2]| from.y == to.y;
    let span = |from: i32, to: i32| [from.min(to), from.max(to)];
    let (across, along) = if is_level(a) && is_level(b) {
        (
            (a[0].y - b[0].y).abs(),
            [a, b].map(|line| span(line[0].x, line[1].x)),
        )
    } else if !is_level(a) && !is_level(b) {
        (
            (a[0].x - b[0].x).abs(),
            [a, b].map(|line| span(line[0].y, line[1].y)),
        )
    } else {
        return false;
    };
    let [[from, to], [other_from, other_to]] = along;
    across < 3 && from < other_to && other_from < to
}

#[test]
fn nothing_of_a_catalogue_lab_is_drawn_on_top_of_anything_else() {
    for (name, text) in LABS {
        let wrongs = wrongs(&drawn(text));
        assert!(wrongs.is_empty(), "{name}:\n{}", wrongs.join("\n"));
    }
}

#[test]
fn compact_pictures_are_narrower_and_nothing_is_drawn_on_top_of_anything_else() {
    let texts = LABS.iter().map(|(_, text)| *text).chain([MANY_KINDS]);
    for text in texts {
        let compact = compact(&resolved(text));
        let wrongs = wrongs(&compact);
        assert!(wrongs.is_empty(), "{text}\n{}", wrongs.join("\n"));
        assert!(compact.width * 4 < drawn(text).width * 3, "{text}");
    }
}

#[test]
fn nothing_of_plain_and_large_labs_is_drawn_on_top_of_anything_else() {
    let labs = [
        chain(2),
        chain(8),
        chain(60),
        star(1),
        star(6),
        star(30),
        hub(1),
        hub(12),
        hub(40),
        APPLIANCE.to_owned(),
        MANY_KINDS.to_owned(),
    ];
    for text in labs {
        let wrongs = wrongs(&drawn(&text));
        assert!(wrongs.is_empty(), "{text}\n{}", wrongs.join("\n"));
    }
}

#[test]
fn what_is_on_top_of_each_other_is_found() {
    let mut picture = drawn(LABS[0].1);
    let other = picture.rects[1];
    picture
        .rects
        .iter_mut()
        .skip(2)
        .take(2)
        .for_each(|rect| *rect = other);
    assert!(!boxes(&picture).is_empty());
    let mut picture = drawn(LABS[0].1);
    let way = picture.ways[0][0].clone();
    picture.ways[1][0] = way;
    assert!(!overlaps(&picture).is_empty());
    let mut picture = drawn(LABS[0].1);
    let second = picture.labels[1];
    picture.labels[0] = second;
    assert!(!labels(&picture).is_empty());
    let mut picture = drawn(LABS[0].1);
    let node = picture.rects[picture.scene.cables[0].lanes[0].ends[0].0];
    let through = [
        Point {
            x: node.x - 9,
            y: node.y + 9,
        },
        Point {
            x: node.right() + 9,
            y: node.y + 9,
        },
    ];
    picture.ways[1][0] = through.to_vec();
    assert!(!ways(&picture).is_empty());
}

#[test]
fn boxes_hold_their_text() {
    for (_, text) in LABS {
        let picture = drawn(text);
        for (shape, rect) in picture.scene.boxes.iter().zip(&picture.rects) {
            let (wide, high) = crate::report::picture::boxes::heading(shape);
            let left = crate::report::picture::boxes::indent(shape.kind);
            assert!(rect.width >= left + wide, "{} is too narrow", shape.name);
            assert!(rect.height >= high, "{} is too low", shape.name);
        }
    }
}

#[test]
fn rectangles_know_what_they_meet() {
    let rect = Rect {
        x: 0,
        y: 0,
        width: 10,
        height: 10,
    };
    assert!(rect.meets(&rect.moved(9, 9)) && !rect.meets(&rect.moved(10, 0)));
    assert!(rect.is_crossed([Point { x: -5, y: 5 }, Point { x: 15, y: 5 }]));
    assert!(!rect.is_crossed([Point { x: -5, y: 10 }, Point { x: 15, y: 10 }]));
}
