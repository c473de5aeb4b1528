//! The lines between columns, and small moves of items that make them straight and keep them apart.

use std::collections::BTreeMap;

use crate::report::picture::grid::Grid;
use crate::report::picture::ports::{Heights, heights};
use crate::report::picture::tracks::{Climb, assign, conflicts};

/// The distances by which an item may be moved.
const NUDGES: [i32; 8] = [5, -5, 9, -9, 14, -14, 20, -20];
/// Bends below this size are worth a move.
const JOG: i32 = 30;
/// Minimum distance between two items of a column.
const CLEAR: i32 = 6;
/// The effort limit, in compared pairs of climbs.
const BUDGET: usize = 6_000_000;

/// A lane between two columns: its cable, the stop that it leaves, and its index.
type Key = (usize, usize, usize);

/// The lines between columns.
#[derive(Debug, Default)]
pub(super) struct Gutters {
    tracks: BTreeMap<Key, i32>,
    numbers: BTreeMap<i32, i32>,
}

impl Gutters {
    /// The track of a lane after a stop.
    pub(super) fn track(&self, cable: usize, stop: usize, lane: usize) -> i32 {
        self.tracks
            .get(&(cable, stop, lane))
            .copied()
            .unwrap_or_default()
    }

    /// The number of tracks to the right of a column.
    pub(super) fn tracks_after(&self, column: i32) -> i32 {
        self.numbers.get(&column).copied().unwrap_or_default()
    }
}

/// By column: the climbs on its right.
type Climbs = BTreeMap<i32, Vec<(Key, Climb)>>;

fn climbs(grid: &Grid<'_>, heights: &Heights) -> Climbs {
    let mut found = Climbs::new();
    for (cable, route) in grid.routes.iter().enumerate() {
        let lanes = grid.scene.cables[cable].lanes.len();
        for (stop, pair) in route.stops.windows(2).enumerate() {
            let [a, b] = [pair[0], pair[1]].map(|item| grid.items[item].column);
            let climbs = (0..lanes).map(|lane| {
                let from = heights[&(cable, stop, lane)][1];
                let to = heights[&(cable, stop + 1, lane)][0];
                let mut ends = [from, to];
                ends.rotate_left(usize::from(a > b));
                let [left, right] = ends;
                ((cable, stop, lane), Climb { left, right })
            });
            found.entry(a.min(b)).or_default().extend(climbs);
        }
    }
    found
}

/// The cost of the lines: mainly lines on top of each other, then bends.
fn badness(climbs: &Climbs) -> usize {
    let each = climbs.values().map(|climbs| {
        let climbs: Vec<Climb> = climbs.iter().map(|(_, climb)| *climb).collect();
        let bends = climbs.iter().filter(|climb| !climb.is_straight()).count();
        1000 * conflicts(&climbs).len() + bends
    });
    each.sum()
}

/// Moves items slightly if this straightens or separates lines, then assigns the tracks.
pub(super) fn straighten(grid: &mut Grid<'_>) -> (Heights, Gutters) {
    let mut state = State::of(grid);
    let number: usize = state.climbs.values().map(Vec::len).sum();
    let mut tries = BUDGET / (number * number + 1);
    for _ in 0..4 {
        let before = state.badness;
        let moves = wanted_moves(grid, &state);
        for (item, by) in moves {
            if tries == 0 {
                break;
            }
            if !is_free(grid, item, by) {
                continue;
            }
            tries -= 1;
            grid.items[item].rect.y += by;
            let next = State::of(grid);
            if next.badness < state.badness {
                state = next;
            } else {
                grid.items[item].rect.y -= by;
            }
        }
        if state.badness == before {
            break;
        }
    }
    let mut gutters = Gutters::default();
    for (column, climbs) in &state.climbs {
        let only: Vec<Climb> = climbs.iter().map(|(_, climb)| *climb).collect();
        let (tracks, number) = assign(&only);
        gutters.numbers.insert(*column, number);
        let keys = climbs.iter().map(|(key, _)| *key);
        gutters.tracks.extend(keys.zip(tracks));
    }
    (state.heights, gutters)
}

struct State {
    heights: Heights,
    climbs: Climbs,
    badness: usize,
}

impl State {
    fn of(grid: &Grid<'_>) -> Self {
        let heights = heights(grid);
        let climbs = climbs(grid, &heights);
        let badness = badness(&climbs);
        Self {
            heights,
            climbs,
            badness,
        }
    }
}

/// Moves that may help: of both ends of conflicts, and of small bends.
fn wanted_moves(grid: &Grid<'_>, state: &State) -> Vec<(usize, i32)> {
    let mut moves = Vec::new();
    let ends = |(cable, stop, _): Key| {
        let stops = &grid.routes[cable].stops;
        [stops[stop], stops[stop + 1]]
    };
    for climbs in state.climbs.values() {
        let only: Vec<Climb> = climbs.iter().map(|(_, climb)| *climb).collect();
        for index in conflicts(&only).into_iter().flatten() {
            let items = ends(climbs[index].0);
            moves.extend(NUDGES.iter().flat_map(|by| items.map(|item| (item, *by))));
        }
        for (key, climb) in climbs {
            let by = climb.right - climb.left;
            if by == 0 || by.abs() > JOG {
                continue;
            }
            let mut items = ends(*key);
            items.sort_by_key(|item| grid.items[*item].column);
            moves.extend([(items[0], by), (items[1], -by)]);
        }
    }
    // Slots are moved before boxes.
    moves.sort_by_key(|(item, _)| grid.items[*item].shape.is_some());
    moves
}

/// Whether an item may move: it must not meet its neighbours above and below, and must stay in its row.
fn is_free(grid: &Grid<'_>, item: usize, by: i32) -> bool {
    let own = &grid.items[item];
    if own.pinned.is_some() {
        return false;
    }
    let rect = own.rect.moved(0, by);
    if let Some(row) = own.row.map(|row| &grid.rows[row]) {
        let is_inside = rect.y >= row.top && rect.bottom() <= row.top + row.height;
        if !is_inside {
            return false;
        }
    }
    let holds_pins = grid
        .items
        .iter()
        .any(|other| other.pinned.is_some_and(|(circuit, _)| circuit == item));
    let column = grid.columns[&own.column].iter();
    let meets = |other: &usize| {
        let other_rect = grid.items[*other].rect;
        *other != item
            && rect.y < other_rect.bottom() + CLEAR
            && other_rect.y < rect.bottom() + CLEAR
    };
    !holds_pins && rect.y >= 0 && !column.into_iter().any(meets)
}
