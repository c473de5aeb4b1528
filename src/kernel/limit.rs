//! A shared capacity of interfaces: arriving packets wait in one queue, leaving packets in another.
//!
//! Both queues belong to `ifb` devices. An `ifb` returns every packet to the interface that it came from, where it
//! continues normally.

use nix::errno::Errno;

use crate::kernel::message::{self, Indexes};
use crate::kernel::queues;
use crate::kernel::quiet;
use crate::kernel::rtnl::Request;
use crate::kernel::tc::{self, Side};
use crate::names::IfName;
use crate::units::Bandwidth;

/// The preference of the limit's filters among those of an interface: after that of a diversion.
pub(super) const PREFERENCE: u16 = 2;

/// The two devices of a limit, each with its index.
pub(super) struct Devices<'a> {
    /// The queue of arriving packets.
    pub(super) arriving: (&'a IfName, u32),
    /// The queue of leaving packets.
    pub(super) leaving: (&'a IfName, u32),
}

/// Requests that make interfaces share a capacity.
pub(super) fn requests(
    devices: &Devices<'_>,
    interfaces: &[IfName],
    rate: Bandwidth,
    indexes: &impl Indexes,
) -> Vec<Request> {
    let mut requests = Vec::new();
    for (name, index) in [devices.arriving, devices.leaving] {
        requests.push(Request::create(message::ifb(name, index)));
        requests.extend(quiet::requests(index));
        requests.push(Request::change(message::bring_up(index)));
        requests.push(Request::replace(queues::shaping(index, rate)));
    }
    for name in interfaces {
        let index = indexes.index(name);
        // A diversion may have added `clsact` already.
        requests.push(Request::create(tc::clsact(index)).or_refused_with(Errno::EEXIST));
        requests.extend(
            [
                (Side::Ingress, devices.arriving.1),
                (Side::Egress, devices.leaving.1),
            ]
            .map(|(side, device)| wait_at(index, side, device)),
        );
    }
    requests
}

/// Redirects every packet of one direction of an interface to a device's queue.
pub(super) fn wait_at(index: u32, side: Side, device: u32) -> Request {
    Request::create(tc::redirect(
        (index, side),
        PREFERENCE,
        (device, Side::Egress),
    ))
}
