//! The sizes of boxes: each contains its text and its child boxes, one below the other.

use std::collections::BTreeMap;

use taffy::prelude::{
    AlignContent, AlignItems, Display, FromLength, NodeId as TaffyId, Size, Style, TaffyMaxContent,
    TaffyTree, fr, length,
};
use taffy::tree::TaffyResult;

use crate::report::picture::geometry::{Rect, count};
use crate::report::picture::scene::{BoxId, BoxKind, Scene, SceneBox};
use crate::report::picture::text::width;

/// The font size of titles.
pub(super) const TITLE: i32 = 12;
/// The font size of everything else.
pub(super) const NOTE: i32 = 11;
/// The height of a line.
pub(super) const LINE: i32 = 14;
/// Distance from a box's upper edge to its text.
pub(super) const TOP: i32 = 7;
/// Distance between a title and the text behind it.
pub(super) const BESIDE: i32 = 7;
/// Distance from a node's left edge to its text, with room for the icon.
pub(super) const ICON: i32 = 34;
/// Distance from a container's left edge to its text and to its child boxes, without rails.
pub(super) const PADDING: i32 = 10;
/// The same for a network, with room for paths between its edge and its subnets.
pub(super) const RAIL: i32 = 20;
/// Distance from a network's heading to its first subnet: paths cross the network there.
const CROSSOVER: i32 = 18;
/// Distance between two child boxes.
const GAP: i32 = 9;
/// Distance between the ends of two cables on the edge of a box.
pub(super) const PORT: i32 = 9;
/// Maximum number of machines below each other; more are placed in several columns.
const A_COLUMN: usize = 6;

/// The size of a box's heading, in pixels.
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

/// Distance from a box's left edge to its text.
pub(super) const fn indent(kind: BoxKind) -> i32 {
    if kind.holds_boxes() || matches!(kind, BoxKind::Lan | BoxKind::MicrosoftPeering) {
        PADDING
    } else {
        ICON
    }
}

/// The boxes inside a network or a circuit, or single boxes of a site.
struct Boxes<'a> {
    scene: &'a Scene,
    children: BTreeMap<BoxId, Vec<BoxId>>,
    /// By box: the number of cables that end at it.
    ports: Vec<i32>,
}

/// Measures every box except regions and sites, which are as large as their rows. Each box is a CSS grid of its child
/// boxes.
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
    let boxes = Boxes {
        scene,
        children,
        ports,
    };
    let mut rects = vec![Rect::default(); scene.boxes.len()];
    for root in roots {
        boxes.lay_out(root, &mut rects);
    }
    rects
}

impl Boxes<'_> {
    /// Computes the size of a box and of all boxes in it, and their positions in it.
    fn lay_out(&self, root: BoxId, rects: &mut [Rect]) {
        let mut tree: TaffyTree<BoxId> = TaffyTree::new();
        let laid_out = self.grid(&mut tree, root).and_then(|node| {
            tree.compute_layout(node, Size::MAX_CONTENT)?;
            read(&tree, node, (0, 0), rects)
        });
        debug_assert!(
            laid_out.is_ok(),
            "every node is one of the tree's: {laid_out:?}"
        );
    }

    /// A box as a grid of its child boxes, which fill its width and have their minimum height.
    fn grid(&self, tree: &mut TaffyTree<BoxId>, id: BoxId) -> TaffyResult<TaffyId> {
        let shape = self.scene.shape(id);
        let children = self.children.get(&id).map_or(&[][..], Vec::as_slice);
        let parts: Vec<TaffyId> = children
            .iter()
            .map(|child| self.grid(tree, *child))
            .collect::<TaffyResult<_>>()?;
        let (least_width, least_height) = self.least(id);
        let head = TOP + heading(shape).1 + below_heading(shape.kind);
        let side = pixels(sides(shape.kind));
        let style = Style {
            display: Display::Grid,
            grid_template_columns: vec![fr(1.0); self.columns(children)],
            align_items: AlignItems::START,
            align_content: AlignContent::START,
            gap: Size {
                width: pixels(GAP),
                height: pixels(GAP),
            },
            padding: taffy::Rect {
                left: side,
                right: side,
                top: pixels(head),
                bottom: pixels(if children.is_empty() { 0 } else { GAP }),
            },
            min_size: Size {
                width: pixels(least_width),
                height: pixels(least_height),
            },
            ..Style::default()
        };
        let node = tree.new_with_children(style, &parts)?;
        tree.set_node_context(node, Some(id))?;
        Ok(node)
    }

    /// The minimum width and height of a box, for its text and the cables at its edges.
    fn least(&self, id: BoxId) -> (i32, i32) {
        let shape = self.scene.shape(id);
        let (text, lines) = heading(shape);
        // A few cables use both edges of a box; many use one edge.
        let own = self.ports[id.0];
        let mut height = (TOP + lines + below_heading(shape.kind)).max(TOP + PORT * own);
        if shape.kind == BoxKind::MicrosoftPeering {
            height += PORT * count(self.tunnels_over(id)) + TOP;
        }
        if shape.kind.holds_boxes() {
            height = height.max(3 * TOP + LINE + PORT * own);
        }
        (indent(shape.kind) + text + PADDING, height)
    }

    /// The number of columns for these boxes: one, since their cables leave at both sides, or several if there are many
    /// boxes without cables.
    fn columns(&self, children: &[BoxId]) -> usize {
        let is_plain =
            |id: &BoxId| self.scene.shape(*id).kind == BoxKind::Machine && self.ports[id.0] == 0;
        if children.len() > A_COLUMN && children.iter().all(is_plain) {
            (children.len() / 2).isqrt().max(2)
        } else {
            1
        }
    }

    /// The tunnels over a circuit's Microsoft peering.
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

/// Reads the positions and sizes of boxes from the layout.
fn read(
    tree: &TaffyTree<BoxId>,
    node: TaffyId,
    (left, top): (i32, i32),
    rects: &mut [Rect],
) -> TaffyResult<()> {
    let layout = tree.layout(node)?;
    let rect = Rect {
        x: left + whole(layout.location.x),
        y: top + whole(layout.location.y),
        width: whole(layout.size.width),
        height: whole(layout.size.height),
    };
    if let Some(id) = tree.get_node_context(node) {
        rects[id.0] = rect;
    }
    let children = tree.children(node)?;
    children
        .into_iter()
        .try_for_each(|child| read(tree, child, (rect.x, rect.y), rects))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a picture has thousands of pixels"
)]
fn pixels<T: FromLength>(pixels: i32) -> T {
    length(pixels as f32)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a picture has thousands of pixels"
)]
fn whole(pixels: f32) -> i32 {
    pixels.round() as i32
}

/// Distance from a box's heading to its child boxes.
const fn below_heading(kind: BoxKind) -> i32 {
    match kind {
        BoxKind::VirtualNetwork => CROSSOVER,
        _ => TOP,
    }
}

/// Distance from a box's left and right edge to its child boxes.
pub(super) const fn sides(kind: BoxKind) -> i32 {
    match kind {
        BoxKind::VirtualNetwork => RAIL,
        _ => PADDING,
    }
}

/// Gives boxes in one column the same width.
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
