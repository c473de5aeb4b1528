//! The heights at which cables meet boxes, slots and label columns.

use std::collections::BTreeMap;

use crate::report::picture::boxes::{LINE, PORT, TOP, heading};
use crate::report::picture::geometry::{Rect, count, settle_within};
use crate::report::picture::grid::Grid;
use crate::report::picture::scene::{BoxId, BoxKind};

/// By cable, stop and lane: the heights at which the lane arrives and leaves.
pub(super) type Heights = BTreeMap<(usize, usize, usize), [i32; 2]>;

/// One end of a lane at the edge of a box.
struct Port {
    cable: usize,
    stop: usize,
    lane: usize,
    /// The height that the lane comes from.
    far: i32,
}

/// The position of a box in the picture.
pub(super) fn placed(grid: &Grid<'_>, id: BoxId) -> Rect {
    let item = &grid.items[grid.item_of[&id]];
    let own = grid.rects[id.0];
    let base = item.shape.map_or(own, |shape| grid.rects[shape.0]);
    own.moved(item.rect.x - base.x, item.rect.y - base.y)
}

/// The heights of every lane at every stop.
pub(super) fn heights(grid: &Grid<'_>) -> Heights {
    let mut heights = Heights::new();
    for (cable, route) in grid.routes.iter().enumerate() {
        let order = lane_order(grid, cable);
        for (stop, item) in route.stops.iter().enumerate() {
            if grid.items[*item].shape.is_none() || grid.ends_at(cable, *item).is_none() {
                at_slot(grid, (cable, stop), &order, &mut heights);
            }
        }
    }
    // Cable ends without a stop between them depend on each other, so each needs an initial estimate.
    for (cable, route) in grid.routes.iter().enumerate() {
        for (end, stop) in [(0, 0), (1, route.stops.len() - 1)] {
            for (lane, own) in grid.scene.cables[cable].lanes.iter().enumerate() {
                let y = placed(grid, own.ends[end]).center().y;
                heights.insert((cable, stop, lane), [y, y]);
            }
        }
    }
    for _ in 0..2 {
        at_boxes(grid, &mut heights);
    }
    heights
}

/// The lanes of a cable from top to bottom, by the positions of their ends.
fn lane_order(grid: &Grid<'_>, cable: usize) -> Vec<usize> {
    let lanes = &grid.scene.cables[cable].lanes;
    let mut order: Vec<usize> = (0..lanes.len()).collect();
    order.sort_by_key(|lane| {
        let ends = lanes[*lane].ends.map(|end| placed(grid, end).center().y);
        (ends[0], ends[1])
    });
    order
}

/// Lanes pass a slot side by side. If they turn around, the first lane in is the last one out.
fn at_slot(grid: &Grid<'_>, (cable, stop): (usize, usize), order: &[usize], heights: &mut Heights) {
    let route = &grid.routes[cable];
    let rect = grid.items[route.stops[stop]].rect;
    let number = count(order.len());
    for (place, lane) in order.iter().enumerate() {
        let place = count(place);
        let ys = if route.turn == Some(route.stops[stop]) {
            let inset = PORT / 2 + PORT * place;
            let ends = [rect.y + inset, rect.bottom() - inset];
            let [before, after] =
                [stop - 1, stop + 1].map(|stop| grid.items[route.stops[stop]].rect.center().y);
            if before <= after {
                ends
            } else {
                [ends[1], ends[0]]
            }
        } else {
            let y = rect.center().y + PORT * place - PORT * (number - 1) / 2;
            [y, y]
        };
        heights.insert((cable, stop, *lane), ys);
    }
}

/// Distributes the ends of lanes along the edges of boxes.
fn at_boxes(grid: &Grid<'_>, heights: &mut Heights) {
    let mut edges: BTreeMap<(BoxId, bool), Vec<Port>> = BTreeMap::new();
    for (cable, route) in grid.routes.iter().enumerate() {
        let last = route.stops.len() - 1;
        for (end, stop, near) in [(0, 0, 1), (1, last, last - 1)] {
            let columns = [stop, near].map(|stop| grid.items[route.stops[stop]].column);
            for (lane, own) in grid.scene.cables[cable].lanes.iter().enumerate() {
                // The lane leaves the adjacent stop on the side that faces this one.
                let far = heights[&(cable, near, lane)][usize::from(end == 1)];
                let edge = (own.ends[end], columns[1] > columns[0]);
                edges.entry(edge).or_default().push(Port {
                    cable,
                    stop,
                    lane,
                    far,
                });
            }
        }
    }
    for ((id, _), mut ports) in edges {
        ports.sort_by_key(|port| (port.far, port.cable, port.lane));
        let wanted: Vec<i32> = ports.iter().map(|port| port.far).collect();
        let bounds = bounds(grid, id);
        let places = settle_within(&wanted, PORT, bounds);
        for (port, y) in ports.iter().zip(places) {
            heights.insert((port.cable, port.stop, port.lane), [y, y]);
        }
    }
}

/// The part of a box's edges at which cables may end.
fn bounds(grid: &Grid<'_>, id: BoxId) -> [i32; 2] {
    let rect = placed(grid, id);
    let shape = grid.scene.shape(id);
    let top = if shape.kind == BoxKind::VirtualNetwork {
        TOP + heading(shape).1
    } else {
        TOP
    };
    let bottom = if shape.kind == BoxKind::VirtualNetwork {
        LINE
    } else {
        TOP
    };
    [rect.y + top, (rect.bottom() - bottom).max(rect.y + top)]
}
