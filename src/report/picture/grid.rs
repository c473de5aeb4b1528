//! Which column everything stands in, and which columns each cable passes.
//!
//! From left to right: sites, each with its edges on the right; circuits with their MSEEs, and between them the
//! ways across the internet; Azure's networks with gateways; and networks that are only peered. Between two
//! columns of boxes is one of labels. A cable stops in every column that it passes, at a box or at a slot of its
//! own, so that it never meets what else stands there.

mod ranks;
mod routes;

pub(super) use routes::{LABEL_PAD, label_size};

use std::collections::{BTreeMap, BTreeSet};

use crate::report::picture::boxes;
use crate::report::picture::geometry::Rect;
use crate::report::picture::scene::{BoxId, BoxKind, CableKind, Scene};

/// The columns. A site's routers and hosts stand in [`EDGES`] and every second one to the left of it.
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

/// What stands in a column.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) column: i32,
    /// The row that it stands in; none between sites and regions.
    pub(super) row: Option<usize>,
    /// Its box; none for a slot that a cable passes.
    pub(super) shape: Option<BoxId>,
    /// Its place and size.
    pub(super) rect: Rect,
    /// The item that it stands in, for a slot inside a circuit, and how far below its upper edge.
    pub(super) pinned: Option<(usize, i32)>,
}

/// A part of a site or region, with everything in it side by side.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The site or region.
    pub(super) container: BoxId,
    /// Its upper edge.
    pub(super) top: i32,
    /// How high it is.
    pub(super) height: i32,
}

/// The way of a cable.
#[derive(Debug, Clone)]
pub(super) struct Route {
    /// Where it stops, end to end.
    pub(super) stops: Vec<usize>,
    /// The stop that its label stands at.
    pub(super) label: Option<usize>,
    /// The stop at which it goes back to the side that it came from.
    pub(super) turn: Option<usize>,
}

/// Everything in its columns.
pub(super) struct Grid<'a> {
    pub(super) scene: &'a Scene,
    pub(super) items: Vec<Item>,
    /// The items of each column, in order.
    pub(super) columns: BTreeMap<i32, Vec<usize>>,
    pub(super) rows: Vec<Row>,
    /// By cable.
    pub(super) routes: Vec<Route>,
    /// Every box's place, in its item for those that stand in one.
    pub(super) rects: Vec<Rect>,
    /// The item of every box but regions and sites.
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

    /// What stands in a box of a column belongs to its item.
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

    /// The networks with gateways or tunnels and, where peered networks have none of these next to them, those
    /// with the most peerings.
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

    /// Networks below each other are equally wide, and so are a site's nodes.
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
        // Rows stand below each other in order.
        for items in self.columns.values_mut() {
            items.sort_by_key(|item| self.items[*item].row);
        }
    }

    /// Every two stops that follow each other, the left one first, with the cable.
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

    /// The box inside an item that a cable ends at; none at a slot.
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
