//! What runs between columns, and small moves that have it run straight and never on top of each other.

use std::collections::BTreeMap;

use crate::report::picture::grid::Grid;
use crate::report::picture::ports::{Heights, heights};
use crate::report::picture::tracks::{Climb, assign, conflicts};

/// How far something is moved to be out of the way.
const NUDGES: [i32; 8] = [5, -5, 9, -9, 14, -14, 20, -20];
/// A bend that is smaller than this is worth a move.
const JOG: i32 = 30;
/// What is between two things in a column, at least.
const CLEAR: i32 = 6;
/// How much is tried, in pairs of climbs looked at.
const BUDGET: usize = 6_000_000;

/// A lane between two columns, by its cable, the stop that it leaves, and its number.
type Key = (usize, usize, usize);

/// What runs between columns.
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

    /// How many tracks there are on the right of a column.
    pub(super) fn tracks_after(&self, column: i32) -> i32 {
        self.numbers.get(&column).copied().unwrap_or_default()
    }
}

/// Everything that runs on the right of each column.
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

/// How far the lines are from running well: those on top of each other before all, then bends.
fn badness(climbs: &Climbs) -> usize {
    let each = climbs.values().map(|climbs| {
        let climbs: Vec<Climb> = climbs.iter().map(|(_, climb)| *climb).collect();
        let bends = climbs.iter().filter(|climb| !climb.is_straight()).count();
        1000 * conflicts(&climbs).len() + bends
    });
    each.sum()
}

/// Moves items a little where that makes lines straight or keeps them from each other, and gives tracks to the
/// rest.
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

/// Moves that may help: of both ends of what conflicts, and of small bends.
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
    // Slots move before boxes.
    moves.sort_by_key(|(item, _)| grid.items[*item].shape.is_some());
    moves
}

/// Whether an item may move: not into what stands above or below it, nor out of its row.
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
