//! How large boxes are: each holds its text and the boxes in it, one below the other.

use std::collections::BTreeMap;

use crate::report::picture::geometry::{Rect, count};
use crate::report::picture::scene::{BoxId, BoxKind, Scene, SceneBox};
use crate::report::picture::text::width;

/// The font size of titles.
pub(super) const TITLE: i32 = 12;
/// The font size of everything else.
pub(super) const NOTE: i32 = 11;
/// The height of a line.
pub(super) const LINE: i32 = 14;
/// From a box's upper edge to its text.
pub(super) const TOP: i32 = 7;
/// Between a title and what stands beside it.
pub(super) const BESIDE: i32 = 7;
/// From a node's left edge to its text: the icon stands there.
pub(super) const ICON: i32 = 34;
/// From a container's left edge to its text and to the boxes in it, without rails.
pub(super) const PADDING: i32 = 10;
/// The same of a network, where paths climb between its edge and its subnets.
pub(super) const RAIL: i32 = 20;
/// From a network's heading to its first subnet: paths cross the network there.
const CROSSOVER: i32 = 18;
/// Between two boxes in a box.
const GAP: i32 = 9;
/// From one end of a cable to the next on the edge of a box.
pub(super) const PORT: i32 = 9;
/// Machines that stand below each other; more stand in several columns.
const A_COLUMN: usize = 6;

/// What stands at the head of a box, in pixels.
pub(super) fn heading(shape: &SceneBox) -> (i32, i32) {
    let beside = if shape.beside.is_empty() {
        0
    } else {
        BESIDE + width(&shape.beside, NOTE, false)
    };
    let title = width(&shape.title, TITLE, true) + beside;
    let notes = shape.notes.iter().map(|note| width(note, NOTE, false));
    let widest = notes.fold(title, i32::max);
    (widest, LINE * (1 + count(shape.notes.len())))
}

/// Where the text of a box begins, from its left edge.
pub(super) const fn indent(kind: BoxKind) -> i32 {
    if kind.holds_boxes() || matches!(kind, BoxKind::Lan | BoxKind::MicrosoftPeering) {
        PADDING
    } else {
        ICON
    }
}

/// The boxes that stand in a network, a circuit or by themselves in a site, each with its place in that.
pub(super) struct Measured<'a> {
    scene: &'a Scene,
    children: BTreeMap<BoxId, Vec<BoxId>>,
    /// How many cables end at each box.
    ports: Vec<i32>,
    rects: Vec<Rect>,
}

/// Measures every box but regions and sites, which are as large as their rows.
pub(super) fn measure(scene: &Scene) -> Vec<Rect> {
    let mut children: BTreeMap<BoxId, Vec<BoxId>> = BTreeMap::new();
    let mut roots = Vec::new();
    for (index, shape) in scene.boxes.iter().enumerate() {
        let is_root = match shape.parent.map(|parent| scene.shape(parent).kind) {
            None => !matches!(shape.kind, BoxKind::Region | BoxKind::Site),
            Some(BoxKind::Region | BoxKind::Site) => true,
            Some(_) => false,
        };
        if is_root {
            roots.push(BoxId(index));
        }
        if let Some(parent) = shape.parent {
            children.entry(parent).or_default().push(BoxId(index));
        }
    }
    let mut ports = vec![0; scene.boxes.len()];
    for end in scene.cables.iter().flat_map(|cable| &cable.lanes) {
        for end in end.ends {
            ports[end.0] += 1;
        }
    }
    let mut measured = Measured {
        scene,
        children,
        ports,
        rects: vec![Rect::default(); scene.boxes.len()],
    };
    for root in roots {
        measured.size(root);
        measured.place(root);
    }
    measured.rects
}

impl Measured<'_> {
    /// Finds the least size of a box, after that of those in it.
    fn size(&mut self, id: BoxId) {
        let shape = self.scene.shape(id);
        let (text, lines) = heading(shape);
        let pad = sides(shape.kind);
        let mut size = Rect {
            width: indent(shape.kind) + text + PADDING,
            height: TOP + lines + below_heading(shape.kind),
            ..Rect::default()
        };
        // Few cables meet both of its edges; many meet one.
        let own = self.ports[id.0];
        size.height = size.height.max(TOP + PORT * own);
        if shape.kind == BoxKind::MicrosoftPeering {
            size.height += PORT * count(self.tunnels_over(id)) + TOP;
        }
        let children = self.children.get(&id).cloned().unwrap_or_default();
        for child in &children {
            self.size(*child);
        }
        let columns = self.columns(&children);
        let rows = children.chunks(columns);
        let mut widest = 0;
        for row in rows {
            let sizes = row.iter().map(|child| self.rects[child.0]);
            widest = sizes.clone().map(|size| size.width).fold(widest, i32::max);
            size.height += sizes.map(|size| size.height).max().unwrap_or_default() + GAP;
        }
        if !children.is_empty() {
            let inner = count(columns) * (widest + GAP) - GAP;
            size.width = size.width.max(inner + 2 * pad);
        }
        if shape.kind.holds_boxes() {
            size.height = size.height.max(3 * TOP + LINE + PORT * own);
        }
        self.rects[id.0] = size;
    }

    /// Tells the boxes in a box where they stand, and has them fill its width.
    fn place(&mut self, id: BoxId) {
        let rect = self.rects[id.0];
        let shape = self.scene.shape(id);
        let pad = sides(shape.kind);
        let children = self.children.get(&id).cloned().unwrap_or_default();
        let columns = self.columns(&children);
        let inner = rect.width - 2 * pad;
        let each = (inner + GAP) / count(columns) - GAP;
        let mut y = rect.y + TOP + heading(shape).1 + below_heading(shape.kind);
        for row in children.chunks(columns) {
            let mut x = rect.x + pad;
            let mut tallest = 0;
            for child in row {
                let own = &mut self.rects[child.0];
                (own.x, own.y, own.width) = (x, y, each);
                tallest = tallest.max(own.height);
                x += each + GAP;
            }
            for child in row {
                self.place(*child);
            }
            y += tallest + GAP;
        }
    }

    /// How many of these stand beside each other: one, as their cables leave to both sides, unless they are many
    /// and have none.
    fn columns(&self, children: &[BoxId]) -> usize {
        let is_plain =
            |id: &BoxId| self.scene.shape(*id).kind == BoxKind::Machine && self.ports[id.0] == 0;
        if children.len() > A_COLUMN && children.iter().all(is_plain) {
            (children.len() / 2).isqrt().max(2)
        } else {
            1
        }
    }

    /// The tunnels that pass a circuit's Microsoft peering.
    fn tunnels_over(&self, id: BoxId) -> usize {
        let Some(circuit) = self.scene.shape(id).parent else {
            return 0;
        };
        let cables = self.scene.cables.iter();
        cables
            .filter(|cable| cable.over == Some(circuit))
            .map(|cable| cable.lanes.len())
            .sum()
    }
}

/// From a box's heading to what stands below it.
const fn below_heading(kind: BoxKind) -> i32 {
    match kind {
        BoxKind::VirtualNetwork => CROSSOVER,
        _ => TOP,
    }
}

/// From a box's left and right edge to the boxes in it.
pub(super) const fn sides(kind: BoxKind) -> i32 {
    match kind {
        BoxKind::VirtualNetwork => RAIL,
        _ => PADDING,
    }
}

/// Gives boxes that stand beside each other one width.
pub(super) fn widen(scene: &Scene, rects: &mut [Rect], root: BoxId, width: i32) {
    let more = width - rects[root.0].width;
    if more <= 0 {
        return;
    }
    rects[root.0].width = width;
    for (index, _) in scene.boxes.iter().enumerate() {
        let id = BoxId(index);
        let is_inside = scene.ancestors(id).any(|ancestor| ancestor == root);
        let is_alone = scene.shape(id).parent.is_some_and(|parent| {
            let parent = &rects[parent.0];
            rects[index].x - parent.x <= RAIL
        });
        if is_inside && is_alone {
            rects[index].width += more;
        }
    }
}
