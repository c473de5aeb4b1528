//! The distance of a site's routers, LANs and hosts from its edge.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::report::picture::grid::{EDGES, Grid};
use crate::report::picture::scene::{BoxId, CableKind};

/// Maximum number of ranks side by side; more are folded into rows that turn around at their ends.
const A_ROW: usize = 6;

/// The graph of a site.
struct Inside {
    members: Vec<BoxId>,
    neighbours: BTreeMap<BoxId, BTreeSet<BoxId>>,
    /// Routers with circuits; if there are none, those with tunnels or links to other sites.
    edges: Vec<BoxId>,
}

impl Grid<'_> {
    pub(super) fn site(&mut self, site: BoxId) {
        let inside = self.inside(site);
        let ranks = inside.ranks();
        let number = ranks.values().max().map_or(0, |most| most + 1);
        let width = if number <= A_ROW {
            number
        } else {
            let wanted = (number * 3 / 5).isqrt().max(A_ROW);
            number.div_ceil(number.div_ceil(wanted))
        };
        let rows = if number == 0 {
            1
        } else {
            number.div_ceil(width)
        };
        let first = self.rows.len();
        for _ in 0..rows {
            self.row(site);
        }
        let is_mirrored = inside.edges.is_empty();
        for member in &inside.members {
            let rank = ranks[member];
            let (row, place) = (rank / width, rank % width);
            let is_from_right = row.is_multiple_of(2) != is_mirrored;
            let steps = if is_from_right {
                place
            } else {
                width - 1 - place
            };
            let column = EDGES - 2 * i32::try_from(steps).unwrap_or_default();
            self.stand(*member, column, Some(first + row));
        }
    }

    fn inside(&self, site: BoxId) -> Inside {
        let members: Vec<BoxId> = self.scene.children(site).collect();
        let set: BTreeSet<BoxId> = members.iter().copied().collect();
        let mut neighbours: BTreeMap<BoxId, BTreeSet<BoxId>> = BTreeMap::new();
        let mut outside = [BTreeSet::new(), BTreeSet::new()];
        for (kind, lane) in self.scene.lanes() {
            let [a, b] = lane.ends;
            let own = lane.ends.map(|end| set.contains(&end));
            if own == [true, true] {
                neighbours.entry(a).or_default().insert(b);
                neighbours.entry(b).or_default().insert(a);
            } else if own != [false, false] {
                let is_other = usize::from(kind != CableKind::CircuitLink);
                outside[is_other].extend([a, b].into_iter().filter(|end| set.contains(end)));
            }
        }
        let [circuits, others] = outside;
        let mut edges = Vec::from_iter(circuits);
        if edges.is_empty() {
            edges.extend(others);
        }
        Inside {
            members,
            neighbours,
            edges,
        }
    }
}

impl Inside {
    /// The number of steps from each member to an edge. In a site or part without edges, they are counted from the
    /// member with the most neighbours, or from an end of a chain.
    fn ranks(&self) -> BTreeMap<BoxId, usize> {
        let mut ranks = BTreeMap::new();
        self.spread(&self.edges, &mut ranks);
        while let Some(root) = self.root(&ranks) {
            self.spread(&[root], &mut ranks);
        }
        ranks
    }

    fn degree(&self, member: BoxId) -> usize {
        self.neighbours.get(&member).map_or(0, BTreeSet::len)
    }

    fn root(&self, ranks: &BTreeMap<BoxId, usize>) -> Option<BoxId> {
        let left = self
            .members
            .iter()
            .copied()
            .filter(|member| !ranks.contains_key(member));
        let most = left.clone().map(|member| self.degree(member)).max()?;
        if most <= 2 {
            left.min_by_key(|member| self.degree(*member))
        } else {
            left.filter(|member| self.degree(*member) == most).min()
        }
    }

    fn spread(&self, roots: &[BoxId], ranks: &mut BTreeMap<BoxId, usize>) {
        let mut queue: VecDeque<(BoxId, usize)> = roots.iter().map(|root| (*root, 0)).collect();
        while let Some((member, rank)) = queue.pop_front() {
            if ranks.contains_key(&member) {
                continue;
            }
            ranks.insert(member, rank);
            let next = self.neighbours.get(&member).into_iter().flatten();
            queue.extend(next.map(|next| (*next, rank + 1)));
        }
    }
}
