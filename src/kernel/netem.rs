//! The kernel's impairments: a netem queue, with everything in tc-netem(8).

use std::time::Duration;

use crate::kernel::tc::{Queue, attribute};
use crate::units::{Bandwidth, Impairment, Share};

/// Attribute numbers of `linux/pkt_sched.h`.
const TCA_NETEM_REORDER: u16 = 3;
const TCA_NETEM_RATE: u16 = 6;
const TCA_NETEM_RATE64: u16 = 8;
const TCA_NETEM_LATENCY64: u16 = 10;
const TCA_NETEM_JITTER64: u16 = 11;

/// The shortest queue if no length is given: with a rate, and without.
const FEWEST: [u64; 2] = [100, 1_000];

/// The longest queue: one and a half gigabytes of full packets.
const MOST: u64 = 1_000_000;

/// A rate above any link's, so that a link without a rate loses nothing.
const FASTEST: Option<Bandwidth> = Bandwidth::from_bits_per_second(40_000_000_000);

/// How long a packet may wait at a rate before later ones are dropped.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// The size of a full Ethernet frame.
const FULL_FRAME: u64 = 1_514;

/// A queue that impairs every packet before the interface sends it.
pub(super) fn queue(impairment: &Impairment) -> Queue {
    Queue {
        kind: "netem",
        options: options(impairment),
    }
}

/// `struct tc_netem_qopt`, then the values that do not fit into it. All values are sent each time: a value that is left
/// out would stay when a queue is changed.
fn options(impairment: &Impairment) -> Vec<u8> {
    let reorders = !impairment.reorder.is_none();
    // The first is the delay and the last the jitter, in a kernel-internal unit; attributes have both too.
    let fixed = [
        0,
        limit(impairment),
        probability(impairment.loss),
        u32::from(reorders),
        probability(impairment.duplicate),
        0,
    ];
    let nanoseconds = |time: Duration| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
    let mut options = fixed.map(u32::to_ne_bytes).concat();
    options.extend(attribute(TCA_NETEM_REORDER, &reorder(impairment.reorder)));
    options.extend(rate(impairment.rate));
    for (kind, time) in [
        (TCA_NETEM_LATENCY64, impairment.delay),
        (TCA_NETEM_JITTER64, impairment.jitter),
    ] {
        options.extend(attribute(kind, &nanoseconds(time).to_ne_bytes()));
    }
    options
}

/// `struct tc_netem_reorder`: a probability, and no correlation.
fn reorder(share: Share) -> Vec<u8> {
    [probability(share), 0].map(u32::to_ne_bytes).concat()
}

/// `struct tc_netem_rate` in bytes per second, with no overhead and no cells; without a rate it is zero. A rate that
/// does not fit has a separate attribute.
fn rate(rate: Option<Bandwidth>) -> Vec<u8> {
    let bytes = rate.map_or(0, |rate| rate.bits_per_second() / 8);
    let short = u32::try_from(bytes);
    let fixed = [short.unwrap_or(u32::MAX), 0, 0, 0].map(u32::to_ne_bytes);
    let mut attributes = match short {
        Ok(_) => Vec::new(),
        Err(_) => attribute(TCA_NETEM_RATE64, &bytes.to_ne_bytes()),
    };
    attributes.extend(attribute(TCA_NETEM_RATE, &fixed.concat()));
    attributes
}

/// A share of packets in netem's unit: 2^32 - 1 stands for all.
fn probability(share: Share) -> u32 {
    let all = u64::from(Share::ALL.millionths());
    let drawn = ((u64::from(share.millionths()) << 32) + all / 2) / all;
    u32::try_from(drawn).unwrap_or(u32::MAX)
}

/// The queue length. If none is given, it is long enough that only a rate loses packets. netem counts packets, so the
/// bytes that wait at a rate are converted to full packets.
fn limit(impairment: &Impairment) -> u32 {
    if let Some(queue) = impairment.queue {
        return queue;
    }
    let longest = impairment.delay + impairment.jitter;
    let (rate, time, fewest) = match impairment.rate {
        Some(rate) => (Some(rate), longest + LONGEST_WAIT, FEWEST[0]),
        None => (FASTEST, longest, FEWEST[1]),
    };
    let bytes = rate.map_or(0, |rate| rate.bytes_in(time));
    let packets = (bytes / FULL_FRAME).clamp(fewest, MOST);
    u32::try_from(packets).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
