//! A token bucket: it limits the rate, and queues packets beyond it.

use std::time::Duration;

use crate::kernel::tc::{Queue, attribute};
use crate::units::Bandwidth;

/// Attribute numbers of `linux/pkt_sched.h`.
const TCA_TBF_PARMS: u16 = 1;
const TCA_TBF_RATE64: u16 = 4;
const TCA_TBF_BURST: u16 = 6;

/// The size of a `struct tc_ratespec`.
const RATE_BYTES: usize = 12;

/// `TC_LINKLAYER_ETHERNET`: a packet costs its bytes. The other kinds need a cost table.
const ETHERNET: u8 = 1;

/// How long a packet may wait before later ones are dropped.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// The size of a full Ethernet frame.
const FULL_FRAME: u64 = 1_514;

/// The shortest queue, however low the rate: the initial window of TCP (RFC 6928).
const FEWEST_FRAMES: u64 = 10;

/// The rate of the splitter: as fast as any link of a lab.
const UNBOUNDED: u64 = 1_000_000_000_000;

/// A queue with a rate, and a burst that compensates for late timers. Packets larger than the bucket, which the kernel
/// passes as one, are segmented before they are counted (`tbf_segment`).
pub(super) fn queue(rate: Bandwidth) -> Queue {
    let bucket = rate.bytes_in(Bandwidth::CATCH_UP).max(FULL_FRAME);
    let waiting = rate.bytes_in(LONGEST_WAIT).max(FEWEST_FRAMES * FULL_FRAME);
    with(rate.bits_per_second() / 8, bucket, waiting)
}

/// A queue without a limit that segments packets which the kernel passes as one: the queue inside it gets none larger
/// than `burst` bytes. netem would lose and duplicate such a packet as a whole.
pub(super) fn splitter(burst: u32) -> Queue {
    with(UNBOUNDED / 8, burst.into(), u32::MAX.into())
}

/// `struct tc_tbf_qopt`: two `struct tc_ratespec` (cell log, link layer, overhead, cell alignment, smallest packet,
/// rate), the second for an unused peak rate; then the limit in bytes, and the bucket and the largest packet in ticks,
/// which the next attribute overrides.
fn with(rate: u64, bucket: u64, limit: u64) -> Queue {
    let short = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).to_ne_bytes();
    let mut parameters = vec![0, ETHERNET, 0, 0, 0, 0, 0, 0];
    parameters.extend(short(rate));
    parameters.extend([0; RATE_BYTES]);
    parameters.extend(short(limit));
    parameters.extend([0; 8]);
    let mut options = attribute(TCA_TBF_PARMS, &parameters);
    options.extend(attribute(TCA_TBF_BURST, &short(bucket)));
    if u32::try_from(rate).is_err() {
        options.extend(attribute(TCA_TBF_RATE64, &rate.to_ne_bytes()));
    }
    Queue {
        kind: "tbf",
        options,
    }
}

#[cfg(test)]
mod tests;
