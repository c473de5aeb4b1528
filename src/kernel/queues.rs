//! The queues of packets that leave an interface, and its largest packet size.

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{LinkAttribute, LinkMessage};

use crate::kernel::rtnl::Request;
use crate::kernel::{message, netem, tbf, tc};
use crate::plan::MOST_FRAMES_WAITING;
use crate::units::{Bandwidth, Impairment};

/// Handles of an interface's root queue, one for each arrangement of queues.
const SHAPING: u16 = 1;
const SPLITTING: u16 = 2;
const IMPAIRING: u16 = 3;

/// Sets the queue length of a process's interface, if the process could not: in a user namespace, only netlink may.
/// Must come before the interface is up: after that, the kernel waits until no packet is being sent.
pub(super) fn hold(link: &LinkMessage) -> Option<Request> {
    let has_it =
        |attribute: &LinkAttribute| *attribute == LinkAttribute::TxQueueLen(MOST_FRAMES_WAITING);
    if link.attributes.iter().any(has_it) {
        return None;
    }
    let request = message::queue_length(link.header.index, MOST_FRAMES_WAITING);
    Some(Request::change(request))
}

/// Impairs packets that leave an interface.
pub(super) fn set(index: u32, impairment: &Impairment) -> Vec<Request> {
    let queues = queues(index, impairment).into_iter();
    queues.chain([take_at_once(index, impairment)]).collect()
}

/// Replaces an interface's queues. A queue of the same arrangement is changed, and keeps its packets.
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

/// Limits packets that leave an interface to a rate.
pub(super) fn shaping(index: u32, rate: Bandwidth) -> RouteNetlinkMessage {
    tc::root(index, SHAPING, tbf::queue(rate))
}

/// Removes an interface's queues; refused if it has none.
pub(super) fn clear(index: u32) -> Request {
    Request::change(tc::no_root(index))
}

/// Limits an interface's packet size to what an impairment allows: packets passed as one would be counted and lost as
/// one. The kernel segments larger ones before they leave.
pub(super) fn take_at_once(index: u32, impairment: &Impairment) -> Request {
    Request::change(message::largest_burst(index, impairment.largest_burst()))
}
