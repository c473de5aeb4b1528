//! The column of every element, and the columns that each cable passes.
//!
//! From left to right: sites, each with its edges on the right; circuits with their MSEEs, and between them the paths
//! across the internet; Azure's networks with gateways; and networks that are only peered. Between two columns of boxes
//! is a column of labels. A cable has a stop in every column that it passes: a box, or its own slot, so that it never
//! meets other elements there.

mod ranks;
mod routes;

pub(super) use routes::{LABEL_PAD, label_size};

use std::collections::{BTreeMap, BTreeSet};

use crate::report::picture::boxes;
use crate::report::picture::geometry::Rect;
use crate::report::picture::scene::{BoxId, BoxKind, CableKind, Scene};

/// The columns. A site's routers and hosts are in [`EDGES`] and every second column to the left of it.
pub(super) const EDGES: i32 = 5;
/// Labels inside a site, on the right of its edges.
pub(super) const TURNS: i32 = 6;
/// Labels between sites and circuits.
pub(super) const LINKS: i32 = 7;
/// Circuits.
pub(super) const CIRCUITS: i32 = 8;
/// Labels between circuits and networks.
pub(super) const CONNECTIONS: i32 = 9;
/// Networks with gateways or tunnels, and hubs.
pub(super) const GATEWAYS: i32 = 10;
/// Labels of peerings.
pub(super) const PEERINGS: i32 = 11;
/// Networks that are only peered.
pub(super) const SPOKES: i32 = 12;

/// An element of a column.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) column: i32,
    /// Its row; `None` between sites and regions.
    pub(super) row: Option<usize>,
    /// Its box; `None` for a cable's slot.
    pub(super) shape: Option<BoxId>,
    /// Its position and size.
    pub(super) rect: Rect,
    /// For a slot inside a circuit: the circuit's item, and the distance from the item's upper edge.
    pub(super) pinned: Option<(usize, i32)>,
}

/// A part of a site or region; its elements are side by side.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The site or region.
    pub(super) container: BoxId,
    /// Its upper edge.
    pub(super) top: i32,
    /// Its height.
    pub(super) height: i32,
}

/// The path of a cable.
#[derive(Debug, Clone)]
pub(super) struct Route {
    /// Its stops, from end to end.
    pub(super) stops: Vec<usize>,
    /// The stop with its label.
    pub(super) label: Option<usize>,
    /// The stop at which it turns back to the side that it came from.
    pub(super) turn: Option<usize>,
}

/// All elements in their columns.
pub(super) struct Grid<'a> {
    pub(super) scene: &'a Scene,
    pub(super) items: Vec<Item>,
    /// The items of each column, in order.
    pub(super) columns: BTreeMap<i32, Vec<usize>>,
    pub(super) rows: Vec<Row>,
    /// By cable.
    pub(super) routes: Vec<Route>,
    /// The position of every box; for child boxes, inside their item.
    pub(super) rects: Vec<Rect>,
    /// The item of every box except regions and sites.
    pub(super) item_of: BTreeMap<BoxId, usize>,
}

impl<'a> Grid<'a> {
    pub(super) fn new(scene: &'a Scene) -> Self {
        let mut grid = Self {
            scene,
            items: Vec::new(),
            columns: BTreeMap::new(),
            rows: Vec::new(),
            routes: Vec::new(),
            rects: boxes::measure(scene),
            item_of: BTreeMap::new(),
        };
        let roots = (0..scene.boxes.len()).map(BoxId);
        for root in roots {
            match scene.shape(root).kind {
                BoxKind::Site => grid.site(root),
                BoxKind::Region => grid.region(root),
                BoxKind::Circuit => grid.stand(root, CIRCUITS, None),
                _ => {}
            }
        }
        grid.claim_insides();
        grid.align_widths();
        grid.route_cables();
        grid.fill_columns();
        grid
    }

    fn stand(&mut self, shape: BoxId, column: i32, row: Option<usize>) {
        let item = self.items.len();
        self.items.push(Item {
            column,
            row,
            shape: Some(shape),
            rect: self.rects[shape.0],
            pinned: None,
        });
        self.item_of.insert(shape, item);
    }

    /// Assigns the boxes inside a column's box to that box's item.
    fn claim_insides(&mut self) {
        for id in (0..self.scene.boxes.len()).map(BoxId) {
            let mut around = self.scene.ancestors(id);
            let item = around.find_map(|ancestor| self.item_of.get(&ancestor).copied());
            if let Some(item) = item {
                self.item_of.insert(id, item);
            }
        }
    }

    fn row(&mut self, container: BoxId) -> usize {
        self.rows.push(Row {
            container,
            top: 0,
            height: 0,
        });
        self.rows.len() - 1
    }

    fn region(&mut self, region: BoxId) {
        let row = self.row(region);
        let vnets: Vec<BoxId> = self.scene.children(region).collect();
        let hubs = self.hubs();
        for vnet in vnets {
            let column = if hubs.contains(&vnet) {
                GATEWAYS
            } else {
                SPOKES
            };
            self.stand(vnet, column, Some(row));
        }
    }

    /// The networks with gateways or tunnels. Among peered networks that are not next to such a network, those with the
    /// most peerings.
    fn hubs(&self) -> BTreeSet<BoxId> {
        let scene = self.scene;
        let mut hubs = BTreeSet::new();
        let mut peers: BTreeMap<BoxId, Vec<BoxId>> = BTreeMap::new();
        for (kind, lane) in scene.lanes() {
            let [a, b] = lane.ends;
            if matches!(kind, CableKind::Peering | CableKind::GlobalPeering) {
                peers.entry(a).or_default().push(b);
                peers.entry(b).or_default().push(a);
            } else {
                hubs.extend(lane.ends.iter().flat_map(|end| scene.ancestors(*end)));
            }
        }
        let is_vnet = |id: &BoxId| scene.shape(*id).kind == BoxKind::VirtualNetwork;
        let vnets = (0..scene.boxes.len()).map(BoxId).filter(is_vnet);
        let holds_gateways = |id: &BoxId| {
            let subnets = scene.children(*id);
            let mut nodes = subnets.flat_map(|subnet| scene.children(subnet));
            nodes.any(|node| {
                matches!(
                    scene.shape(node).kind,
                    BoxKind::VpnGateway | BoxKind::ExpressRouteGateway
                )
            })
        };
        let mut vnets: Vec<BoxId> = vnets.collect();
        hubs.extend(vnets.iter().copied().filter(holds_gateways));
        vnets.sort_by_key(|id| std::cmp::Reverse(peers.get(id).map_or(0, Vec::len)));
        for vnet in vnets {
            let of = peers.get(&vnet).map_or(&[][..], Vec::as_slice);
            if !of.iter().any(|peer| hubs.contains(peer)) {
                hubs.insert(vnet);
            }
        }
        hubs
    }

    /// Gives networks below each other the same width, and a site's nodes too.
    fn align_widths(&mut self) {
        let mut widest: BTreeMap<i32, i32> = BTreeMap::new();
        for item in &self.items {
            let width = widest.entry(item.column).or_default();
            *width = (*width).max(item.rect.width);
        }
        for item in &mut self.items {
            let Some(shape) = item.shape else { continue };
            if self.scene.shape(shape).kind == BoxKind::Lan {
                continue;
            }
            let width = widest[&item.column];
            boxes::widen(self.scene, &mut self.rects, shape, width);
            item.rect.width = width;
        }
    }

    fn fill_columns(&mut self) {
        for (index, item) in self.items.iter().enumerate() {
            if item.pinned.is_none() {
                self.columns.entry(item.column).or_default().push(index);
            } else {
                self.columns.entry(item.column).or_default();
            }
        }
        // Rows are stacked in order.
        for items in self.columns.values_mut() {
            items.sort_by_key(|item| self.items[*item].row);
        }
    }

    /// Every two consecutive stops, the left one first, with the cable.
    pub(super) fn steps(&self) -> impl Iterator<Item = (usize, [usize; 2])> {
        let is_left = |pair: &[usize; 2]| {
            let [a, b] = pair.map(|item| self.items[item].column);
            a < b
        };
        let routes = self.routes.iter().enumerate();
        let pairs = routes.flat_map(|(cable, route)| {
            let pairs = route.stops.windows(2);
            pairs.map(move |pair| (cable, [pair[0], pair[1]]))
        });
        pairs.map(move |(cable, pair)| match pair {
            [a, b] if !is_left(&pair) => (cable, [b, a]),
            _ => (cable, pair),
        })
    }

    /// The box inside an item at which a cable ends; `None` at a slot.
    pub(super) fn ends_at(&self, cable: usize, item: usize) -> Option<usize> {
        let stops = &self.routes[cable].stops;
        if stops.first() == Some(&item) {
            Some(0)
        } else if stops.last() == Some(&item) {
            Some(1)
        } else {
            None
        }
    }
}
