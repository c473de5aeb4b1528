//! The position of every element: columns side by side, cables between them, sites and regions around their elements.

use std::collections::BTreeMap;

use crate::report::path::Path;
use crate::report::picture::boxes::{PADDING, heading};
use crate::report::picture::failed::Failed;
use crate::report::picture::geometry::{Point, Rect, count};
use crate::report::picture::grid::{Grid, label_size};
use crate::report::picture::gutters::{Gutters, straighten};
use crate::report::picture::ports::{Heights, placed};
use crate::report::picture::scene::{BoxId, BoxKind, Lane, Scene};
use crate::report::picture::stack::{CONTAINER, header, stack};
use crate::report::picture::tracks::TRACK;

/// The margin around the picture.
const MARGIN: i32 = 20;
/// Minimum distance between two columns.
const GUTTER: i32 = 22;

/// A scene with positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The elements.
    pub scene: Scene,
    /// The width of the picture.
    pub width: i32,
    /// See [`Picture::width`].
    pub height: i32,
    /// The position of every box.
    pub rects: Vec<Rect>,
    /// The path of every lane of every cable from its first end to its second, in horizontal and vertical steps.
    pub ways: Vec<Vec<Vec<Point>>>,
    /// The position of every cable's label; `None` if it has no label.
    pub labels: Vec<Option<Rect>>,
    /// The paths drawn over the picture: forward and, if requested, return path.
    pub paths: Vec<Path>,
    /// The failed links, by name.
    pub failed: BTreeMap<String, Failed>,
}

/// The left edges and widths of columns.
#[derive(Debug, Default)]
struct Columns {
    left: BTreeMap<i32, i32>,
    width: BTreeMap<i32, i32>,
    /// By column: the position of the first track on its right.
    tracks: BTreeMap<i32, i32>,
}

impl Picture {
    /// The ends of a lane, the left one first, for formats that are laid out from left to right by other programs.
    #[must_use]
    pub fn left_to_right(&self, lane: &Lane) -> [BoxId; 2] {
        let [a, b] = lane.ends;
        if self.rects[a.0].x > self.rects[b.0].x {
            [b, a]
        } else {
            [a, b]
        }
    }

    /// Computes the layout of a scene.
    #[must_use]
    pub fn of(scene: Scene) -> Self {
        let mut grid = Grid::new(&scene);
        stack(&mut grid);
        let (heights, gutters) = straighten(&mut grid);
        let columns = columns(&grid, &gutters);
        for index in 0..grid.items.len() {
            grid.items[index].rect.x = columns.x_of(&grid, index);
        }
        let mut rects: Vec<Rect> = (0..scene.boxes.len())
            .map(|index| boxed(&grid, &columns, BoxId(index)))
            .collect();
        let drawing = Drawing {
            grid: &grid,
            columns: &columns,
            heights: &heights,
            gutters: &gutters,
        };
        let mut ways: Vec<Vec<Vec<Point>>> = (0..scene.cables.len())
            .map(|cable| drawing.ways(cable, &rects))
            .collect();
        let mut labels: Vec<Option<Rect>> = (0..scene.cables.len())
            .map(|cable| drawing.label(cable))
            .collect();
        let down = MARGIN;
        for rect in rects.iter_mut().chain(labels.iter_mut().flatten()) {
            rect.y += down;
        }
        for point in ways.iter_mut().flatten().flatten() {
            point.y += down;
        }
        let all = || rects.iter().chain(labels.iter().flatten());
        let points = || ways.iter().flatten().flatten();
        let right = all().map(Rect::right).chain(points().map(|point| point.x));
        let bottom = all().map(Rect::bottom).chain(points().map(|point| point.y));
        let width = right.max().unwrap_or_default() + MARGIN;
        let height = bottom.max().unwrap_or_default() + MARGIN;
        Self {
            scene,
            width,
            height,
            rects,
            ways,
            labels,
            paths: Vec::new(),
            failed: BTreeMap::new(),
        }
    }
}

/// The position of a box.
fn boxed(grid: &Grid<'_>, columns: &Columns, id: BoxId) -> Rect {
    if grid.item_of.contains_key(&id) {
        return placed(grid, id);
    }
    let rows = grid.rows.iter().filter(|row| row.container == id);
    let top = rows.clone().map(|row| row.top).min().unwrap_or_default();
    let bottom = rows
        .map(|row| row.top + row.height)
        .max()
        .unwrap_or_default();
    let Some([first, last]) = extent(grid, id) else {
        return Rect::default();
    };
    let x = columns.left[&first] - CONTAINER;
    let y = top - header(grid, id);
    Rect {
        x,
        y,
        width: columns.left[&last] + columns.width[&last] + CONTAINER - x,
        height: bottom + CONTAINER - y,
    }
}

/// The first and last column of a site or region.
fn extent(grid: &Grid<'_>, container: BoxId) -> Option<[i32; 2]> {
    let is_own = |row: usize| grid.rows[row].container == container;
    let items = grid
        .items
        .iter()
        .filter(|item| item.row.is_some_and(is_own));
    let columns = items.map(|item| item.column);
    let last = columns.clone().max()?;
    // All sites have the same right edge, where their cables leave.
    let last = if grid.scene.shape(container).kind == BoxKind::Site {
        let sites = grid.columns.keys().copied();
        sites
            .filter(|column| *column <= crate::report::picture::grid::TURNS)
            .max()?
    } else {
        last
    };
    Some([columns.min()?, last])
}

fn columns(grid: &Grid<'_>, gutters: &Gutters) -> Columns {
    let mut columns = Columns::default();
    for (column, items) in &grid.columns {
        let widths = items.iter().map(|item| grid.items[*item].rect.width);
        columns
            .width
            .insert(*column, widths.max().unwrap_or_default());
    }
    let mut before: BTreeMap<i32, i32> = BTreeMap::new();
    let mut after: BTreeMap<i32, i32> = BTreeMap::new();
    let containers = grid.rows.iter().map(|row| row.container);
    for container in containers {
        let Some([first, last]) = extent(grid, container) else {
            continue;
        };
        before.insert(first, CONTAINER);
        after.insert(last, CONTAINER);
        let title = heading(grid.scene.shape(container)).0 + 2 * PADDING - CONTAINER;
        let width = columns.width.entry(first).or_default();
        *width = (*width).max(title);
    }
    let mut x = MARGIN;
    for (column, width) in &columns.width {
        x += before.get(column).copied().unwrap_or_default();
        columns.left.insert(*column, x);
        x += width + after.get(column).copied().unwrap_or_default();
        let number = gutters.tracks_after(*column);
        let wide = (TRACK * (number + 1)).max(GUTTER);
        columns
            .tracks
            .insert(*column, x + (wide - TRACK * (number - 1)) / 2);
        x += wide;
    }
    columns
}

impl Columns {
    fn x_of(&self, grid: &Grid<'_>, index: usize) -> i32 {
        let item = &grid.items[index];
        let (left, width) = (self.left[&item.column], self.width[&item.column]);
        let is_node = item
            .shape
            .is_some_and(|shape| !matches!(grid.scene.shape(shape).kind, BoxKind::Lan));
        if is_node {
            left
        } else {
            left + (width - item.rect.width) / 2
        }
    }
}

/// The inputs for the paths of cables.
struct Drawing<'a> {
    grid: &'a Grid<'a>,
    columns: &'a Columns,
    heights: &'a Heights,
    gutters: &'a Gutters,
}

impl Drawing<'_> {
    fn ways(&self, cable: usize, rects: &[Rect]) -> Vec<Vec<Point>> {
        let lanes = self.grid.scene.cables[cable].lanes.len();
        let way = |lane| tidy(self.way(cable, lane, rects));
        (0..lanes).map(way).collect()
    }

    fn way(&self, cable: usize, lane: usize, rects: &[Rect]) -> Vec<Point> {
        let stops = &self.grid.routes[cable].stops;
        let ends = self.grid.scene.cables[cable].lanes[lane].ends;
        let column = |stop: usize| self.grid.items[stops[stop]].column;
        let edge = |end: BoxId, is_right: bool| {
            let rect = rects[end.0];
            if is_right { rect.right() } else { rect.x }
        };
        let last = stops.len() - 1;
        let y = |stop: usize| self.heights[&(cable, stop, lane)];
        let mut way = vec![Point {
            x: edge(ends[0], column(1) > column(0)),
            y: y(0)[1],
        }];
        for stop in 0..last {
            let (from, to) = (y(stop)[1], y(stop + 1)[0]);
            if from != to {
                let left = column(stop).min(column(stop + 1));
                let track = self.gutters.track(cable, stop, lane);
                let x = self.columns.tracks[&left] + TRACK * track;
                way.extend([Point { x, y: from }, Point { x, y: to }]);
            }
            if self.grid.routes[cable].turn == Some(stops[stop + 1]) {
                let [from, to] = y(stop + 1);
                let x = self.turn(cable, stop + 1, from.min(to));
                way.extend([Point { x, y: from }, Point { x, y: to }]);
            }
        }
        way.push(Point {
            x: edge(ends[1], column(last - 1) > column(last)),
            y: y(last)[0],
        });
        way
    }

    /// The position at which a lane turns around: the outermost lane is first, and turns farthest out.
    fn turn(&self, cable: usize, stop: usize, upper: i32) -> i32 {
        let stops = &self.grid.routes[cable].stops;
        let item = &self.grid.items[stops[stop]];
        let is_from_right = self.grid.items[stops[stop - 1]].column > item.column;
        let inset = upper - item.rect.y;
        let lanes = count(self.grid.scene.cables[cable].lanes.len());
        let outer = (lanes - 1) * TRACK / 2 - inset + TRACK / 2;
        let center = item.rect.center().x;
        if is_from_right {
            center - outer
        } else {
            center + outer
        }
    }

    fn label(&self, cable: usize) -> Option<Rect> {
        let item = &self.grid.items[self.grid.routes[cable].label?];
        let size = label_size(&self.grid.scene.cables[cable]);
        if size.width == 0 {
            return None;
        }
        let center = item.rect.center();
        Some(Rect {
            x: center.x - size.width / 2,
            y: center.y - size.height / 2,
            ..size
        })
    }
}

/// The same path without redundant points.
fn tidy(way: Vec<Point>) -> Vec<Point> {
    let mut tidied: Vec<Point> = Vec::with_capacity(way.len());
    for point in way {
        if tidied.last() == Some(&point) {
            continue;
        }
        if let [.., a, b] = tidied[..] {
            let is_on_line = (a.x == b.x && b.x == point.x) || (a.y == b.y && b.y == point.y);
            if is_on_line {
                tidied.pop();
            }
        }
        tidied.push(point);
    }
    tidied
}
