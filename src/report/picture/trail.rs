//! A packet's path over a picture: along cables, and inside networks along their edges.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use crate::report::picture::boxes::RAIL;
use crate::report::picture::geometry::{Point, Rect};
use crate::report::picture::layout::Picture;
use crate::report::picture::scene::{BoxId, BoxKind};

/// Distance from a network's first subnet up to where paths cross the network.
const CROSSOVER: i32 = 9;

/// A step from box to box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// Along a lane of a cable, from its first end or from its second.
    Lane(usize, usize, bool),
    /// From a machine to its network, or back.
    Inside,
}

/// The path between two boxes, and its lanes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Trail {
    pub(super) points: Vec<Point>,
    /// By cable and number.
    pub(super) lanes: Vec<(usize, usize)>,
}

/// From a box, by a link, to the next.
type Step = (BoxId, Link, BoxId);

/// Where a path enters or leaves the rail along a network's edge.
#[derive(Debug, Clone, Copy)]
struct Dock {
    /// The edge of the box that the path comes from or goes to.
    edge: i32,
    y: i32,
    /// The rail beside it.
    rail: i32,
}

/// The rail: a vertical line inside a network, along one of its edges.
const fn rail(vnet: Rect, is_right: bool) -> i32 {
    if is_right {
        vnet.right() - RAIL / 2
    } else {
        vnet.x + RAIL / 2
    }
}

/// The connections between the boxes of a picture.
pub(super) struct Map<'a> {
    picture: &'a Picture,
    next: BTreeMap<BoxId, Vec<(BoxId, Link)>>,
}

impl<'a> Map<'a> {
    pub(super) fn new(picture: &'a Picture) -> Self {
        let mut next: BTreeMap<BoxId, Vec<(BoxId, Link)>> = BTreeMap::new();
        let scene = &picture.scene;
        let cables = scene.cables.iter().enumerate();
        let lanes = cables.flat_map(|(cable, own)| {
            let lanes = own.lanes.iter().enumerate();
            lanes.map(move |(number, lane)| (cable, number, lane))
        });
        for (cable, number, lane) in lanes {
            let [a, b] = lane.ends;
            let join = |is_forward| Link::Lane(cable, number, is_forward);
            next.entry(a).or_default().push((b, join(true)));
            next.entry(b).or_default().push((a, join(false)));
        }
        for (index, shape) in scene.boxes.iter().enumerate() {
            let id = BoxId(index);
            let is_vnet = |id: &BoxId| scene.shape(*id).kind == BoxKind::VirtualNetwork;
            let Some(vnet) = scene.ancestors(id).find(is_vnet) else {
                continue;
            };
            if shape.node.is_some() {
                next.entry(id).or_default().push((vnet, Link::Inside));
                next.entry(vnet).or_default().push((id, Link::Inside));
            }
        }
        Self { picture, next }
    }

    /// The path from one box to another; `None` if they are not connected.
    pub(super) fn between(&self, from: BoxId, to: BoxId) -> Option<Trail> {
        let chain = self.chain(from, to)?;
        let mut trail = Trail::default();
        let mut at = 0;
        while at < chain.len() {
            if let Link::Lane(cable, number, _) = chain[at].1 {
                // If the path comes along a network's edge, it meets the cable there.
                let is_met =
                    at > 0 && chain[at - 1].1 == Link::Inside && !self.is_vnet(chain[at].0);
                let points = self.along(chain[at].1);
                trail.points.extend(points.skip(usize::from(is_met)));
                trail.lanes.push((cable, number));
                at += 1;
            } else {
                let inside = chain[at..].iter().take_while(|step| step.1 == Link::Inside);
                let end = at + inside.count();
                self.inside(&mut trail, &chain, at..end);
                at = end;
            }
        }
        Some(trail)
    }

    fn is_vnet(&self, id: BoxId) -> bool {
        self.picture.scene.shape(id).kind == BoxKind::VirtualNetwork
    }

    /// Continues along the edges of a network.
    fn inside(&self, trail: &mut Trail, chain: &[Step], range: Range<usize>) {
        let steps = &chain[range.clone()];
        let (first, last) = (steps[0].0, steps[steps.len() - 1].2);
        let vnet = steps
            .iter()
            .flat_map(|step| [step.0, step.2])
            .find(|id| self.is_vnet(*id));
        let Some(vnet) = vnet.map(|id| (id, self.picture.rects[id.0])) else {
            return;
        };
        let before = trail.points.last().copied();
        let after = chain
            .get(range.end)
            .and_then(|step| self.along(step.1).next());
        let rects = [first, last].map(|id| self.picture.rects[id.0]);
        let side = |id: BoxId, point: Option<Point>| {
            let rect = self.picture.rects[id.0];
            point.map(|point| point.x >= rect.center().x)
        };
        let sides = [side(first, before), side(last, after)];
        let [from_right, to_right] = [
            sides[0].or(sides[1]).unwrap_or_default(),
            sides[1].or(sides[0]).unwrap_or_default(),
        ];
        // A path that arrives by a gateway's cable but bypasses the gateway leaves the cable at the network's edge.
        if before.is_some() && !self.is_vnet(first) {
            trail.points.pop();
        }
        let docks = [(rects[0], from_right, before), (rects[1], to_right, after)];
        let [from, to] = docks.map(|(rect, is_right, point)| Dock {
            edge: if is_right { rect.right() } else { rect.x },
            y: point.map_or(rect.center().y, |point| point.y),
            rail: rail(vnet.1, is_right),
        });
        if before.is_none() || self.is_vnet(first) {
            trail.points.push(Point {
                x: from.edge,
                y: from.y,
            });
        }
        trail.points.push(Point {
            x: from.rail,
            y: from.y,
        });
        if from_right != to_right {
            let y = self.crossover(vnet.0);
            trail
                .points
                .extend([from.rail, to.rail].map(|x| Point { x, y }));
        }
        trail.points.push(Point {
            x: to.rail,
            y: to.y,
        });
        if after.is_none() || self.is_vnet(last) {
            trail.points.push(Point {
                x: to.edge,
                y: to.y,
            });
        }
    }

    /// The points of a lane, in the direction of the path; empty for another kind of step.
    fn along(&self, link: Link) -> impl Iterator<Item = Point> {
        let mut points = match link {
            Link::Lane(cable, number, _) => self.picture.ways[cable][number].clone(),
            Link::Inside => Vec::new(),
        };
        if matches!(link, Link::Lane(_, _, false)) {
            points.reverse();
        }
        points.into_iter()
    }

    /// The height at which paths cross a network: just above its first subnet.
    fn crossover(&self, vnet: BoxId) -> i32 {
        let mut subnets = self.picture.scene.children(vnet);
        let first = subnets.next().unwrap_or(vnet);
        self.picture.rects[first.0].y - CROSSOVER
    }

    /// The shortest sequence of steps from box to box.
    fn chain(&self, from: BoxId, to: BoxId) -> Option<Vec<Step>> {
        let mut came: BTreeMap<BoxId, (BoxId, Link)> = BTreeMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(at) = queue.pop_front() {
            if at == to {
                break;
            }
            for (next, way) in self.next.get(&at).into_iter().flatten() {
                let is_new = *next != from && !came.contains_key(next);
                queue.extend(is_new.then_some(*next));
                came.entry(*next).or_insert((at, *way));
            }
        }
        let mut chain = Vec::new();
        let mut at = to;
        while at != from {
            let (before, way) = came.get(&at)?;
            chain.push((*before, *way, at));
            at = *before;
        }
        chain.reverse();
        Some(chain)
    }
}
