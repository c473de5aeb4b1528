//! What an interface does to what leaves by it: which queues, and how much it takes at once.

use netlink_packet_route::RouteNetlinkMessage;

use crate::kernel::rtnl::Request;
use crate::kernel::{message, netem, tbf, tc};
use crate::units::{Bandwidth, Impairment};

/// Handles of an interface's own queue, one for each kind of arrangement.
const SHAPING: u16 = 1;
const SPLITTING: u16 = 2;
const IMPAIRING: u16 = 3;

/// Frames that wait in an interface to be carried by a process; it loses further ones. As many as a TCP stream sends at
/// once at most where frames are carried one by one (`net.ipv4.tcp_wmem`, 4 MiB): the kernel's own thousand are lost by
/// the dozen then.
pub(super) const MOST_FRAMES_WAITING: u32 = 3000;

/// Has an interface do that to what leaves by it.
pub(super) fn set(index: u32, impairment: &Impairment) -> Vec<Request> {
    let queues = queues(index, impairment).into_iter();
    queues.chain([take_at_once(index, impairment)]).collect()
}

/// Gives an interface its queues, in place of those that it has. Those of one kind are changed, and
/// what waits in them stays.
pub(super) fn queues(index: u32, impairment: &Impairment) -> Vec<Request> {
    let burst = impairment.largest_burst();
    let is_split = burst < Impairment::default().largest_burst();
    let impairment = &impairment.in_frames();
    let queues: Vec<RouteNetlinkMessage> = match impairment.rate {
        _ if impairment.is_none() => Vec::new(),
        Some(rate) if impairment.is_rate_alone() => vec![shaping(index, rate)],
        _ if is_split => vec![
            tc::root(index, SPLITTING, tbf::splitter(burst)),
            tc::inside(index, SPLITTING, netem::queue(impairment)),
        ],
        _ => vec![tc::root(index, IMPAIRING, netem::queue(impairment))],
    };
    queues.into_iter().map(Request::replace).collect()
}

/// Has an interface send at a rate.
pub(super) fn shaping(index: u32, rate: Bandwidth) -> RouteNetlinkMessage {
    tc::root(index, SHAPING, tbf::queue(rate))
}

/// Takes an interface's queues away; refused where it has none.
pub(super) fn clear(index: u32) -> Request {
    Request::change(tc::no_root(index))
}

/// Has an interface take no larger packets than an impairment allows: several handed over as one would
/// be counted and lost as one. The kernel cuts them before they leave.
pub(super) fn take_at_once(index: u32, impairment: &Impairment) -> Request {
    Request::change(message::largest_burst(index, impairment.largest_burst()))
}
