//! The random numbers of one direction, repeatable by seed.

use std::time::Duration;

use fastrand::Rng;

use crate::units::Share;

/// Spreads consecutive numbers to distant seeds: 2^64 divided by the golden ratio.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// The random numbers of one direction.
#[derive(Debug)]
pub(super) struct Lot(Rng);

impl Lot {
    /// The random numbers of the direction with this number, for this seed.
    pub(super) fn new(seed: u64, number: u64) -> Self {
        let apart = number.wrapping_add(1).wrapping_mul(SPREAD);
        Self(Rng::with_seed(seed ^ apart))
    }

    /// Whether a frame belongs to that share. A share of 0 or 1 draws no number.
    pub(super) fn falls_on(&mut self, share: Share) -> bool {
        if share.is_none() || share == Share::ALL {
            return !share.is_none();
        }
        self.0.u32(..Share::ALL.millionths()) < share.millionths()
    }

    /// A uniformly random time at most `spread` from `middle`, and not negative.
    pub(super) fn around(&mut self, middle: Duration, spread: Duration) -> Duration {
        let whole = u64::try_from(spread.as_nanos() * 2).unwrap_or(u64::MAX);
        if whole == 0 {
            return middle;
        }
        (middle + Duration::from_nanos(self.0.u64(..=whole))).saturating_sub(spread)
    }
}
