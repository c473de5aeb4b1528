//! The stops of cables between their ends.

use std::collections::BTreeSet;

use crate::report::picture::boxes::{LINE, NOTE, PORT, TITLE};
use crate::report::picture::geometry::{Rect, count};
use crate::report::picture::grid::{
    CIRCUITS, CONNECTIONS, EDGES, GATEWAYS, Grid, Item, LINKS, PEERINGS, Route, TURNS,
};
use crate::report::picture::scene::{BoxKind, Cable, CableKind};
use crate::report::picture::text::width;

/// Distance from a label's text to its edges.
pub(in crate::report::picture) const LABEL_PAD: i32 = 5;

impl Grid<'_> {
    pub(super) fn route_cables(&mut self) {
        let cables = &self.scene.cables;
        for (index, cable) in cables.iter().enumerate() {
            let ends = cable.lanes[0].ends.map(|end| self.item_of[&end]);
            let route = self.route(index, cable, ends);
            self.routes.push(route);
        }
        self.skip_empty_columns();
    }

    fn route(&mut self, index: usize, cable: &Cable, [a, b]: [usize; 2]) -> Route {
        let columns = [a, b].map(|item| self.items[item].column);
        let rows = [a, b].map(|item| self.items[item].row);
        match cable.kind {
            CableKind::Link | CableKind::Lan => self.inside_site(index, [a, b]),
            CableKind::Wan => {
                let mut stops = vec![a];
                stops.extend(self.leave_site(index, a));
                let turn = self.slot(index, LINKS, None, Some(true));
                stops.push(turn);
                let mut back = self.leave_site(index, b);
                back.reverse();
                stops.extend(back);
                stops.push(b);
                turning(stops, turn)
            }
            CableKind::Tunnel | CableKind::CircuitLink | CableKind::Connection
                if columns[0] != columns[1] =>
            {
                self.outwards(index, cable, [a, b])
            }
            CableKind::Tunnel | CableKind::Connection | CableKind::CircuitLink => {
                let turn = self.slot(index, CONNECTIONS, None, Some(true));
                turning(vec![a, turn, b], turn)
            }
            CableKind::GlobalReach => {
                let turn = self.slot(index, LINKS, None, Some(true));
                turning(vec![a, turn, b], turn)
            }
            CableKind::Peering | CableKind::GlobalPeering => {
                let turns = columns[0] == columns[1];
                let row = rows[0].min(rows[1]);
                let slot = self.slot(index, PEERINGS, row, Some(turns));
                let mut route = turning(vec![a, slot, b], slot);
                route.turn = turns.then_some(slot);
                route
            }
        }
    }

    /// The route from a site or circuit to a circuit or network on its right.
    fn outwards(&mut self, index: usize, cable: &Cable, ends: [usize; 2]) -> Route {
        let is_swapped = self.items[ends[0]].column > self.items[ends[1]].column;
        let [left, right] = if is_swapped { [ends[1], ends[0]] } else { ends };
        let mut stops = vec![left];
        stops.extend(self.leave_site(index, left));
        let [from, to] = [left, right].map(|item| self.items[item].column);
        let labelled = if to == CIRCUITS { LINKS } else { CONNECTIONS };
        let mut label = None;
        for column in LINKS.max(from + 1)..GATEWAYS.min(to) {
            let is_label = column == labelled;
            let slot = match cable.over {
                Some(circuit) if column == CIRCUITS => self.pin(index, self.item_of[&circuit]),
                _ => self.slot(index, column, None, is_label.then_some(false)),
            };
            label = label.or(is_label.then_some(slot));
            stops.push(slot);
        }
        stops.push(right);
        if is_swapped {
            stops.reverse();
        }
        Route {
            stops,
            label,
            turn: None,
        }
    }

    /// The slots between a site's node and the site's right edge.
    fn leave_site(&mut self, index: usize, from: usize) -> Vec<usize> {
        let Item { column, row, .. } = self.items[from];
        (column + 1..=TURNS)
            .map(|column| self.slot(index, column, row, None))
            .collect()
    }

    fn inside_site(&mut self, index: usize, [a, b]: [usize; 2]) -> Route {
        let columns = [a, b].map(|item| self.items[item].column);
        let rows = [a, b].map(|item| self.items[item].row);
        let row = rows[0].min(rows[1]);
        if columns[0] != columns[1] {
            let slot = self.slot(index, columns[0].midpoint(columns[1]), row, Some(false));
            return Route {
                stops: vec![a, slot, b],
                label: Some(slot),
                turn: None,
            };
        }
        // In consecutive rows, they meet at the end where the upper row ends.
        let is_at_edge = columns[0] == EDGES && rows[0] != rows[1];
        let column = columns[0] + if is_at_edge { 1 } else { -1 };
        let turn = self.slot(index, column, row, Some(true));
        turning(vec![a, turn, b], turn)
    }

    /// A slot where a cable passes a column, with the cable's label if `labelled` is given. It says whether the cable turns
    /// there.
    fn slot(
        &mut self,
        index: usize,
        column: i32,
        row: Option<usize>,
        labelled: Option<bool>,
    ) -> usize {
        let cable = &self.scene.cables[index];
        let lanes = count(cable.lanes.len());
        let mut rect = Rect {
            height: PORT * lanes,
            ..Rect::default()
        };
        if let Some(turns) = labelled {
            let size = label_size(cable);
            rect.width = size.width;
            // A cable that turns around does so above and below its label.
            let around = if turns { 2 * PORT * lanes + PORT } else { 0 };
            rect.height = (size.height + around).max(PORT * lanes);
        }
        self.items.push(Item {
            column,
            row,
            shape: None,
            rect,
            pinned: None,
        });
        self.items.len() - 1
    }

    /// A slot inside a circuit, on its Microsoft peering.
    fn pin(&mut self, index: usize, circuit: usize) -> usize {
        let taken = self
            .items
            .iter()
            .filter(|item| item.pinned.is_some_and(|(other, _)| other == circuit));
        let taken: i32 = taken.map(|item| item.rect.height).sum();
        let lanes = count(self.scene.cables[index].lanes.len());
        let shape = self.items[circuit].shape;
        let own = shape.map_or(0, |shape| self.rects[shape.0].y);
        let peering = self
            .item_of
            .iter()
            .filter(|(_, item)| **item == circuit)
            .map(|(id, _)| *id)
            .find(|id| self.scene.shape(*id).kind == BoxKind::MicrosoftPeering);
        let below = peering.map_or(0, |id| self.rects[id.0].y - own);
        let slot = self.slot(index, CIRCUITS, None, None);
        let item = &mut self.items[slot];
        item.rect.height = PORT * lanes;
        item.pinned = Some((circuit, below + 2 * LINE + taken - PORT / 2));
        slot
    }

    /// Removes columns without a box and without a label.
    fn skip_empty_columns(&mut self) {
        let labels: BTreeSet<usize> = self.routes.iter().filter_map(|route| route.label).collect();
        let mut used: BTreeSet<i32> = BTreeSet::new();
        for (index, item) in self.items.iter().enumerate() {
            let is_blank = item.rect.width == 0;
            if item.shape.is_some() || (labels.contains(&index) && !is_blank) {
                used.insert(item.column);
            }
        }
        let turns: BTreeSet<usize> = self.routes.iter().filter_map(|route| route.turn).collect();
        used.extend(turns.iter().map(|turn| self.items[*turn].column));
        let items = &self.items;
        for route in &mut self.routes {
            route
                .stops
                .retain(|stop| used.contains(&items[*stop].column));
            route.label = route.label.filter(|label| route.stops.contains(label));
        }
        let mut kept = vec![None; self.items.len()];
        let mut items = Vec::new();
        for (index, item) in self.items.iter().enumerate() {
            if used.contains(&item.column) {
                kept[index] = Some(items.len());
                items.push(item.clone());
            }
        }
        let renamed = |index: usize| kept[index].unwrap_or_default();
        for item in &mut items {
            item.pinned = item.pinned.map(|(circuit, y)| (renamed(circuit), y));
        }
        for route in &mut self.routes {
            for stop in &mut route.stops {
                *stop = renamed(*stop);
            }
            route.label = route.label.map(renamed);
            route.turn = route.turn.map(renamed);
        }
        for item in self.item_of.values_mut() {
            *item = renamed(*item);
        }
        self.items = items;
    }
}

fn turning(stops: Vec<usize>, turn: usize) -> Route {
    Route {
        stops,
        label: Some(turn),
        turn: Some(turn),
    }
}

/// The size of a cable's label; empty if it has no label.
pub(in crate::report::picture) fn label_size(cable: &Cable) -> Rect {
    let lines: Vec<&String> = cable.label.iter().filter(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        return Rect::default();
    }
    let widths = lines.iter().enumerate().map(|(index, line)| {
        let is_title = index == 0 && cable.is_named;
        width(line, if is_title { TITLE } else { NOTE }, is_title)
    });
    Rect {
        width: widths.max().unwrap_or_default() + 2 * LABEL_PAD,
        height: LINE * count(lines.len()) + LABEL_PAD,
        ..Rect::default()
    }
}
