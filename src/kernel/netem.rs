//! The kernel's own delay: a netem queue at each end of a link.

use std::time::Duration;

use netlink_packet_core::DefaultNla;
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::tc::{TcAttribute, TcHandle, TcMessage};

/// Packets that one direction of a link may hold back: at 1 Gbit/s, a tenth of a second's worth
/// of full ones. netem's own limit of 1,000 would drop packets on a fast, long link.
const LIMIT: u32 = 10_000;

/// Attribute numbers of `linux/pkt_sched.h` that the message crate does not know.
const TCA_OPTIONS: u16 = 2;
const TCA_NETEM_LATENCY64: u16 = 10;

/// A queue that holds every packet back for `delay` before the interface sends it.
pub(super) fn delay(index: u32, delay: Duration) -> RouteNetlinkMessage {
    let mut message = TcMessage::with_index(i32::try_from(index).unwrap_or(i32::MAX));
    message.header.parent = TcHandle::ROOT;
    message.attributes = vec![
        TcAttribute::Kind("netem".to_owned()),
        TcAttribute::Other(DefaultNla::new(TCA_OPTIONS, options(delay))),
    ];
    RouteNetlinkMessage::NewQueueDiscipline(message)
}

/// `struct tc_netem_qopt` (latency, limit, loss, gap, duplicate, jitter), then the latency in
/// nanoseconds, which overrides the struct's, whose unit depends on the kernel.
fn options(delay: Duration) -> Vec<u8> {
    let fixed = [0, LIMIT, 0, 0, 0, 0].map(u32::to_ne_bytes).concat();
    let nanoseconds = i64::try_from(delay.as_nanos())
        .unwrap_or(i64::MAX)
        .to_ne_bytes();
    let attribute_length = u16::try_from(4 + nanoseconds.len()).unwrap_or(u16::MAX);
    [
        fixed.as_slice(),
        &attribute_length.to_ne_bytes(),
        &TCA_NETEM_LATENCY64.to_ne_bytes(),
        &nanoseconds,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_said_in_nanoseconds_behind_the_fixed_part() {
        let bytes = options(Duration::from_micros(1500));
        assert_eq!(bytes.len(), 24 + 4 + 8);
        assert_eq!(bytes[4..8], LIMIT.to_ne_bytes());
        assert_eq!(bytes[24..28], [12, 0, 10, 0]);
        assert_eq!(bytes[28..], 1_500_000_i64.to_ne_bytes());
    }
}
