//! The order and height of elements in their columns, with few crossings and mostly straight cables.

use std::collections::BTreeMap;

use crate::report::picture::boxes::{LINE, TOP};
use crate::report::picture::geometry::{count, mean, settle};
use crate::report::picture::grid::{CIRCUITS, CONNECTIONS, Grid, Item, LINKS};
use crate::report::picture::scene::{BoxId, BoxKind};

/// Distance between two labels, or between a label and a box.
const SLOT_GAP: i32 = 8;
/// Distance between two boxes of a column.
const BOX_GAP: i32 = 20;
/// Distance from a site's or region's edge to its elements.
pub(super) const CONTAINER: i32 = 16;
/// Distance between two sites or regions.
const APART: i32 = 28;
/// The number of passes over the order.
const SWEEPS: usize = 8;
/// The number of passes over the heights.
const EASINGS: usize = 6;

/// Which neighbours determine an item's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listens {
    Left,
    Right,
    Both,
}

/// By item: its cables, each with the other item, the cable, and whether the other item is on the right.
type Neighbours = Vec<Vec<(usize, usize, bool)>>;

/// Orders and stacks all elements.
pub(super) fn stack(grid: &mut Grid<'_>) {
    let neighbours = neighbours(grid);
    let mut stacker = Stacker {
        neighbours: &neighbours,
        containers: containers(grid),
    };
    stacker.rest(grid);
    stacker.between(grid, true);
    // The order of the file is kept, unless another order has fewer crossings.
    let mut best = (
        crossings(grid),
        grid.columns.clone(),
        stacker.containers.clone(),
    );
    for sweep in 0..SWEEPS {
        let listens = match sweep % 3 {
            0 => Listens::Right,
            1 => Listens::Left,
            _ => Listens::Both,
        };
        stacker.sweep(grid, listens, true);
        let crossings = crossings(grid);
        if crossings < best.0 {
            best = (crossings, grid.columns.clone(), stacker.containers.clone());
        }
    }
    (grid.columns, stacker.containers) = (best.1, best.2);
    stacker.rest(grid);
    for easing in 0..EASINGS {
        let listens = match easing % 3 {
            0 => Listens::Right,
            1 => Listens::Left,
            _ => Listens::Both,
        };
        stacker.sweep(grid, listens, false);
    }
    pin(grid);
    let top = grid.items.iter().map(|item| item.rect.y).min();
    let rows = grid
        .rows
        .iter()
        .map(|row| row.top - header(grid, row.container));
    let top = rows.chain(top).min().unwrap_or_default();
    for item in &mut grid.items {
        item.rect.y -= top;
    }
    for row in &mut grid.rows {
        row.top -= top;
    }
}

/// The height of the heading above the rows of a site or region.
pub(super) fn header(grid: &Grid<'_>, container: BoxId) -> i32 {
    let shape = grid.scene.shape(container);
    TOP + LINE * (1 + count(shape.notes.len())) + TOP
}

/// On both sides: sites or regions, each with its rows, from top to bottom.
type Containers = [Vec<(BoxId, Vec<usize>)>; 2];

fn containers(grid: &Grid<'_>) -> Containers {
    let mut found: Containers = [Vec::new(), Vec::new()];
    for (row, own) in grid.rows.iter().enumerate() {
        let kind = grid.scene.shape(own.container).kind;
        let side = usize::from(kind == BoxKind::Region);
        match found[side].last_mut() {
            Some((container, rows)) if *container == own.container => rows.push(row),
            _ => found[side].push((own.container, vec![row])),
        }
    }
    found
}

/// The neighbours of a box are the boxes at the other ends of its cables. Those of a slot are the stops before and
/// after it.
fn neighbours(grid: &Grid<'_>) -> Neighbours {
    let mut neighbours = vec![Vec::new(); grid.items.len()];
    let column = |item: usize| grid.items[item].column;
    for (cable, route) in grid.routes.iter().enumerate() {
        let last = route.stops.len() - 1;
        for (stop, item) in route.stops.iter().enumerate() {
            let mut look = |to: usize, toward: usize| {
                let is_right = column(route.stops[toward]) > column(*item);
                neighbours[*item].push((route.stops[to], cable, is_right));
            };
            if stop == 0 {
                look(last, 1);
            } else if stop == last {
                look(0, last - 1);
            } else {
                look(stop - 1, stop - 1);
                look(stop + 1, stop + 1);
            }
        }
    }
    neighbours
}

struct Stacker<'a> {
    neighbours: &'a Neighbours,
    containers: Containers,
}

impl Stacker<'_> {
    /// Stacks all items without regard to cables.
    fn rest(&self, grid: &mut Grid<'_>) {
        for items in grid.columns.clone().values() {
            // Every row starts again at its top.
            let mut ends: BTreeMap<Option<usize>, i32> = BTreeMap::new();
            for item in items {
                let own = &mut grid.items[*item];
                let end = ends.entry(own.row).or_default();
                own.rect.y = *end;
                *end += own.rect.height + BOX_GAP;
            }
        }
        self.stack_rows(grid, false);
    }

    fn sweep(&mut self, grid: &mut Grid<'_>, listens: Listens, sorts: bool) {
        let mut columns: Vec<i32> = grid.columns.keys().copied().collect();
        if listens == Listens::Right {
            columns.reverse();
        }
        for column in columns {
            self.ease(grid, column, listens, sorts);
        }
        if sorts {
            self.sort_sites(grid);
        }
        self.stack_rows(grid, true);
        self.between(grid, sorts);
    }

    /// Places the elements between sites and networks by their neighbours.
    fn between(&self, grid: &mut Grid<'_>, sorts: bool) {
        for column in [CIRCUITS, LINKS, CONNECTIONS] {
            self.ease(grid, column, Listens::Both, sorts);
            pin(grid);
        }
    }

    /// Moves the items of a column toward the positions of their neighbours, row by row.
    fn ease(&self, grid: &mut Grid<'_>, column: i32, listens: Listens, sorts: bool) {
        let Some(items) = grid.columns.get(&column).cloned() else {
            return;
        };
        let mut ordered = Vec::with_capacity(items.len());
        let rows: Vec<Option<usize>> = items.iter().map(|item| grid.items[*item].row).collect();
        let mut from = 0;
        for same in rows.chunk_by(|a, b| a == b) {
            let row = &items[from..from + same.len()];
            from += same.len();
            let mut row: Vec<(usize, i32)> = row
                .iter()
                .map(|item| (*item, self.wanted(grid, *item, (listens, sorts))))
                .collect();
            if sorts {
                row.sort_by_key(|(item, wanted)| wanted + grid.items[*item].rect.height / 2);
            }
            let wanted: Vec<i32> = row.iter().map(|(_, wanted)| *wanted).collect();
            let mut spans: Vec<i32> = row
                .windows(2)
                .map(|pair| span(grid, pair[0].0, pair[1].0))
                .collect();
            spans.push(0);
            let places = settle(&wanted, &spans);
            for ((item, _), y) in row.iter().zip(places) {
                grid.items[*item].rect.y = y;
                ordered.push(*item);
            }
        }
        grid.columns.insert(column, ordered);
    }

    /// The upper edge of an item that its neighbours ask for.
    fn wanted(&self, grid: &Grid<'_>, item: usize, (listens, sorts): (Listens, bool)) -> i32 {
        let Item { row, rect, .. } = grid.items[item];
        let y = rect.y;
        // If only heights are adjusted, the items of a row stay together.
        let is_heard = |other: usize| sorts || row.is_none() || grid.items[other].row == row;
        let neighbours = self.neighbours[item].iter();
        let neighbours: Vec<&(usize, usize, bool)> = neighbours
            .filter(|(other, _, _)| is_heard(*other))
            .collect();
        let pull = |(other, cable, _): &&(usize, usize, bool)| {
            y + port(grid, *other, *cable) - port(grid, item, *cable)
        };
        // A label is placed beside the end with fewer cables.
        if grid.items[item].shape.is_none() {
            let busy = |other: usize| self.neighbours[other].len();
            let least = neighbours.iter().map(|(other, _, _)| busy(*other)).min();
            let mut calm = neighbours
                .iter()
                .filter(|(other, _, _)| Some(busy(*other)) == least);
            if let (Some(only), None) = (calm.next(), calm.next()) {
                return pull(only);
            }
        }
        let of = |listens: Listens| {
            let heard = neighbours.iter().filter(|(_, _, is_right)| {
                listens == Listens::Both || *is_right == (listens == Listens::Right)
            });
            mean(heard.map(pull))
        };
        of(listens).or_else(|| of(Listens::Both)).unwrap_or(y)
    }

    /// Sorts the sites in the order of the elements that they are connected to.
    fn sort_sites(&mut self, grid: &Grid<'_>) {
        let key = |(_, rows): &(BoxId, Vec<usize>)| {
            let outside = grid
                .items
                .iter()
                .enumerate()
                .filter(|(_, item)| item.row.is_some_and(|row| rows.contains(&row)));
            let reached = outside.flat_map(|(item, _)| &self.neighbours[item]);
            let reached = reached.filter(|(other, _, _)| !is_in(grid, *other, rows));
            mean(reached.map(|(other, cable, _)| port(grid, *other, *cable)))
        };
        let top = |(_, rows): &(BoxId, Vec<usize>)| grid.rows[rows[0]].top;
        let mut sites = std::mem::take(&mut self.containers[0]);
        sites.sort_by_cached_key(|site| key(site).unwrap_or_else(|| top(site)));
        self.containers[0] = sites;
    }

    /// Stacks sites, and regions; sites are placed as near to their connected elements as there is room.
    fn stack_rows(&self, grid: &mut Grid<'_>, eases: bool) {
        for (side, containers) in self.containers.iter().enumerate() {
            let mut heights = Vec::new();
            let mut wanted = Vec::new();
            let mut y = 0;
            for (container, rows) in containers {
                let height = shape_rows(grid, *container, rows) + APART;
                let pull = self.pull(grid, rows).filter(|_| side == 0 && eases);
                wanted.push(pull.unwrap_or(y));
                heights.push(height);
                y += height;
            }
            let tops = settle(&wanted, &heights);
            let rows = containers.iter().zip(tops);
            let rows = rows.flat_map(|((_, rows), top)| rows.iter().map(move |row| (*row, top)));
            for (row, top) in rows {
                move_row(grid, row, top);
            }
        }
    }

    /// The height of a site that the cables leaving its rows ask for, with its rows starting at 0.
    fn pull(&self, grid: &Grid<'_>, rows: &[usize]) -> Option<i32> {
        let inside = grid.items.iter().enumerate();
        let inside = inside.filter(|(_, item)| item.row.is_some_and(|row| rows.contains(&row)));
        let steps = inside.flat_map(|(item, _)| {
            self.neighbours[item]
                .iter()
                .map(move |(other, cable, _)| (item, *other, *cable))
        });
        let leaving = steps.filter(|(_, other, _)| !is_in(grid, *other, rows));
        mean(leaving.map(|(item, other, cable)| port(grid, other, cable) - port(grid, item, cable)))
    }
}

/// Whether an item is in one of some rows.
fn is_in(grid: &Grid<'_>, item: usize, rows: &[usize]) -> bool {
    grid.items[item].row.is_some_and(|row| rows.contains(&row))
}

/// Stacks a container's rows, starting at 0. Returns its height.
fn shape_rows(grid: &mut Grid<'_>, container: BoxId, rows: &[usize]) -> i32 {
    let mut y = header(grid, container);
    for row in rows {
        let items = grid.items.iter().filter(|item| item.row == Some(*row));
        let edges = items.map(|item| (item.rect.y, item.rect.bottom()));
        let (tops, bottoms): (Vec<i32>, Vec<i32>) = edges.unzip();
        let top = tops.into_iter().min().unwrap_or_default();
        let height = bottoms.into_iter().max().unwrap_or_default() - top;
        move_row(grid, *row, y - top);
        (grid.rows[*row].top, grid.rows[*row].height) = (y, height);
        y += height + BOX_GAP;
    }
    y - BOX_GAP + CONTAINER
}

/// Places slots inside circuits at their circuits.
fn pin(grid: &mut Grid<'_>) {
    for index in 0..grid.items.len() {
        if let Some((circuit, below)) = grid.items[index].pinned {
            grid.items[index].rect.y = grid.items[circuit].rect.y + below;
        }
    }
}

/// Distance from the upper edge of an item to that of the next.
fn span(grid: &Grid<'_>, item: usize, next: usize) -> i32 {
    let are_boxes = [item, next].map(|item| grid.items[item].shape.is_some());
    let gap = if are_boxes == [true, true] {
        BOX_GAP
    } else {
        SLOT_GAP
    };
    grid.items[item].rect.height + gap
}

fn move_row(grid: &mut Grid<'_>, row: usize, by: i32) {
    for item in grid.items.iter_mut().filter(|item| item.row == Some(row)) {
        item.rect.y += by;
    }
    grid.rows[row].top += by;
}

/// The approximate height at which a cable meets an item: the middle of the box that it ends at.
fn port(grid: &Grid<'_>, item: usize, cable: usize) -> i32 {
    let own = &grid.items[item];
    let (Some(shape), Some(end)) = (own.shape, grid.ends_at(cable, item)) else {
        return own.rect.center().y;
    };
    let down = own.rect.y - grid.rects[shape.0].y;
    let lanes = &grid.scene.cables[cable].lanes;
    let centers = lanes
        .iter()
        .map(|lane| grid.rects[lane.ends[end].0].center().y + down);
    mean(centers).unwrap_or_default()
}

/// The number of crossing pairs of cables between columns, by the order of their ends.
fn crossings(grid: &Grid<'_>) -> usize {
    let mut gutters: BTreeMap<[i32; 2], Vec<[i32; 2]>> = BTreeMap::new();
    for (cable, pair) in grid.steps() {
        let columns = pair.map(|item| grid.items[item].column);
        let ends = pair.map(|item| port(grid, item, cable));
        gutters.entry(columns).or_default().push(ends);
    }
    let mut number = 0;
    for steps in gutters.values() {
        for (index, [a, b]) in steps.iter().enumerate() {
            let later = steps[index + 1..].iter();
            number += later
                .filter(|[c, d]| (a < c && b > d) || (a > c && b < d))
                .count();
        }
    }
    number
}
