//! The vertical segments between two columns, each on its own track.

/// Distance between two tracks.
pub(super) const TRACK: i32 = 9;
/// Minimum distance between two parallel lines.
const NEAR: i32 = 5;
/// The cost of two lines on top of each other, in crossings.
const OVERLAP: i32 = 1000;

/// A lane between two columns, with its heights on the left and on the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Climb {
    pub(super) left: i32,
    pub(super) right: i32,
}

impl Climb {
    pub(super) const fn is_straight(self) -> bool {
        self.left == self.right
    }

    fn span(self) -> [i32; 2] {
        [self.left.min(self.right), self.left.max(self.right)]
    }

    fn holds(self, y: i32) -> bool {
        let [top, bottom] = self.span();
        top < y && y < bottom
    }
}

/// The track of every climb, numbered from 0 on the left, and the number of tracks. Straight climbs need no track;
/// their number is 0.
pub(super) fn assign(climbs: &[Climb]) -> (Vec<i32>, i32) {
    let mut order: Vec<usize> = (0..climbs.len())
        .filter(|index| !climbs[*index].is_straight())
        .collect();
    // Climbs that go up are sorted from the top, those that go down from the bottom.
    order.sort_by_key(|index| {
        let climb = climbs[*index];
        let is_down = climb.left < climb.right;
        if is_down {
            (-climb.left, 0)
        } else {
            (climb.left, 1)
        }
    });
    improve(&mut order, climbs);
    let mut tracks = vec![0; climbs.len()];
    let mut number = 0;
    for (place, index) in order.iter().enumerate() {
        let before = order[..place].iter();
        let after = before
            .filter(|other| are_bound(climbs[**other], climbs[*index]))
            .map(|other| tracks[*other] + 1);
        tracks[*index] = after.max().unwrap_or_default();
        number = number.max(tracks[*index] + 1);
    }
    (tracks, number)
}

/// Swaps adjacent climbs while this reduces the cost.
fn improve(order: &mut [usize], climbs: &[Climb]) {
    for _ in 0..order.len().min(60) {
        let mut is_better = false;
        for place in 1..order.len() {
            let [a, b] = [order[place - 1], order[place]];
            if cost(climbs[b], climbs[a]) < cost(climbs[a], climbs[b]) {
                order.swap(place - 1, place);
                is_better = true;
            }
        }
        if !is_better {
            return;
        }
    }
}

/// The cost of a climb to the left of another: crossings, and lines on top of each other.
fn cost(left: Climb, right: Climb) -> i32 {
    let crossings = i32::from(right.holds(left.right)) + i32::from(left.holds(right.left));
    let overlaps = i32::from((left.right - right.left).abs() < NEAR);
    crossings + OVERLAP * overlaps
}

/// Whether two climbs in this order need separate tracks.
fn are_bound(a: Climb, b: Climb) -> bool {
    let [[top, bottom], [other_top, other_bottom]] = [a.span(), b.span()];
    top < other_bottom + NEAR && other_top < bottom + NEAR
}

/// Pairs of climbs of which one still runs on top of the other, because no order avoids it.
pub(super) fn conflicts(climbs: &[Climb]) -> Vec<[usize; 2]> {
    let mut found = Vec::new();
    let (tracks, _) = assign(climbs);
    let mut by_right: Vec<usize> = (0..climbs.len()).collect();
    by_right.sort_by_key(|index| climbs[*index].right);
    for (index, climb) in climbs.iter().enumerate() {
        let start = by_right.partition_point(|other| climbs[*other].right <= climb.left - NEAR);
        for other in &by_right[start..] {
            let end = climbs[*other];
            if end.right >= climb.left + NEAR {
                break;
            }
            // One enters from the left at this height, the other leaves to the right.
            let is_free =
                !climb.is_straight() && !end.is_straight() && tracks[index] < tracks[*other];
            if *other != index && !is_free {
                found.push([index, *other]);
            }
        }
    }
    found
}
