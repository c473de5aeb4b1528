//! Repeatable random numbers: the same seed gives the same sequence, on every machine.

/// A sequence of random numbers from a seed (`SplitMix64`).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from zero to `count - 1`; `count` must not be zero.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).expect("no machine counts further");
        usize::try_from(self.throw() % count).expect("it is less than a number of this type")
    }

    /// A number in a range, including both ends.
    pub(crate) fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most - least + 1)
    }

    /// True in `chance` percent of cases.
    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of several.
    pub(crate) fn pick<T: Clone>(&mut self, among: &[T]) -> T {
        among[self.below(among.len())].clone()
    }

    /// A random subset: each element with a probability of `chance` percent.
    pub(crate) fn some<T: Clone>(&mut self, among: &[T], chance: usize) -> Vec<T> {
        let chosen = among.iter().filter(|_| self.percent(chance));
        chosen.cloned().collect()
    }
}
