//! Points, rectangles, and rows of elements with minimum distances.

/// A position, in pixels from the picture's upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Point {
    /// To the right.
    pub x: i32,
    /// Downwards.
    pub y: i32,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rect {
    /// Its left edge.
    pub x: i32,
    /// Its upper edge.
    pub y: i32,
    /// Its width.
    pub width: i32,
    /// Its height.
    pub height: i32,
}

impl Rect {
    /// Its right edge.
    #[must_use]
    pub const fn right(&self) -> i32 {
        self.x + self.width
    }

    /// Its lower edge.
    #[must_use]
    pub const fn bottom(&self) -> i32 {
        self.y + self.height
    }

    /// Its middle.
    #[must_use]
    pub const fn center(&self) -> Point {
        Point {
            x: self.x + self.width / 2,
            y: self.y + self.height / 2,
        }
    }

    /// Whether it shares a pixel with another rectangle.
    #[must_use]
    pub const fn meets(&self, other: &Self) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }

    /// Whether it contains another rectangle.
    #[must_use]
    pub const fn holds(&self, other: &Self) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && other.right() <= self.right()
            && other.bottom() <= self.bottom()
    }

    /// Whether a horizontal or vertical line has a pixel inside.
    #[must_use]
    pub fn is_crossed(&self, [a, b]: [Point; 2]) -> bool {
        let (left, right) = (a.x.min(b.x), a.x.max(b.x));
        let (top, bottom) = (a.y.min(b.y), a.y.max(b.y));
        left < self.right() && right > self.x && top < self.bottom() && bottom > self.y
    }

    /// The same, moved.
    #[must_use]
    pub const fn moved(self, x: i32, y: i32) -> Self {
        Self {
            x: self.x + x,
            y: self.y + y,
            ..self
        }
    }
}

/// A number of elements as a length.
pub(super) fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The mean of some numbers; `None` if there are none.
pub(super) fn mean(numbers: impl IntoIterator<Item = i32>) -> Option<i32> {
    let (mut sum, mut number) = (0_i64, 0_i64);
    for each in numbers {
        sum += i64::from(each);
        number += 1;
    }
    (number > 0).then(|| i32::try_from(sum.div_euclid(number)).unwrap_or_default())
}

/// Places elements in order, as near to their wanted positions as their distances allow: the least sum of squares, by
/// pooling elements that would meet. `spans` has the minimum distance of each element to the next.
pub(super) fn settle(wanted: &[i32], spans: &[i32]) -> Vec<i32> {
    let mut offsets = Vec::with_capacity(wanted.len());
    let mut offset = 0;
    for span in spans {
        offsets.push(offset);
        offset += span;
    }
    // Blocks of adjacent elements: the sum of their wanted starts, and their number.
    let mut blocks: Vec<(i64, i64)> = Vec::new();
    for (place, offset) in wanted.iter().zip(&offsets) {
        let mut block = (i64::from(place - offset), 1);
        while let Some(last) = blocks.last() {
            if last.0 * block.1 <= block.0 * last.1 {
                break;
            }
            block = (block.0 + last.0, block.1 + last.1);
            blocks.pop();
        }
        blocks.push(block);
    }
    let starts = blocks.iter().flat_map(|(sum, number)| {
        let start = i32::try_from(sum.div_euclid(*number)).unwrap_or_default();
        std::iter::repeat_n(start, usize::try_from(*number).unwrap_or_default())
    });
    starts
        .zip(&offsets)
        .map(|(start, offset)| start + offset)
        .collect()
}

/// The same between two bounds, if there is enough room.
pub(super) fn settle_within(wanted: &[i32], gap: i32, [low, high]: [i32; 2]) -> Vec<i32> {
    let number = wanted.len();
    let mut gap = gap;
    if number > 1 {
        gap = gap.min((high - low) / (count(number) - 1)).max(1);
    }
    let mut places = settle(wanted, &vec![gap; number]);
    let mut least = low;
    for place in &mut places {
        *place = (*place).max(least);
        least = *place + gap;
    }
    let mut most = high;
    for place in places.iter_mut().rev() {
        *place = (*place).min(most);
        most = *place - gap;
    }
    places
}
