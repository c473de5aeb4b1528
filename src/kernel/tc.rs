//! Traffic control as netlink messages: queues, and filters that redirect packets.

use netlink_packet_core::DefaultNla;
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::tc::{
    TcAction, TcActionAttribute, TcActionMirror, TcActionMirrorOption, TcActionOption,
    TcActionType, TcAttribute, TcFilterU32, TcFilterU32Option, TcHandle, TcMessage, TcMirror,
    TcMirrorActionType, TcOption, TcU32Key, TcU32Selector, TcU32SelectorFlags,
};

/// Attribute number of `linux/rtnetlink.h`, which contains the options of each kind.
const TCA_OPTIONS: u16 = 2;

/// The filter matches packets of every protocol (`ETH_P_ALL` of `linux/if_ether.h`).
const EVERY_PROTOCOL: u16 = 3;

/// The fixed handle of `clsact`.
const CLSACT_HANDLE: TcHandle = TcHandle {
    major: 0xffff,
    minor: 0,
};

/// A queue: its kind and its options, in the kernel's format.
pub(super) struct Queue {
    pub(super) kind: &'static str,
    pub(super) options: Vec<u8>,
}

/// A direction of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Arriving packets.
    Ingress,
    /// Leaving packets.
    Egress,
}

/// An attribute of a queue's options.
pub(super) fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    const HEADER: usize = 4;
    let length = u16::try_from(HEADER + value.len()).unwrap_or(u16::MAX);
    let mut bytes = [&length.to_ne_bytes(), &kind.to_ne_bytes(), value].concat();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// An interface's root queue. Two kinds need two handles: the kernel changes a queue with the same handle, and replaces
/// any other by the new one.
pub(super) fn root(index: u32, handle: u16, queue: Queue) -> RouteNetlinkMessage {
    let handle = TcHandle {
        major: handle,
        minor: 0,
    };
    RouteNetlinkMessage::NewQueueDiscipline(with(message(index, TcHandle::ROOT, handle), queue))
}

/// The single queue inside the one with the handle.
pub(super) fn inside(index: u32, handle: u16, queue: Queue) -> RouteNetlinkMessage {
    let parent = TcHandle {
        major: handle,
        minor: 1,
    };
    RouteNetlinkMessage::NewQueueDiscipline(with(message(index, parent, TcHandle::UNSPEC), queue))
}

/// Removes an interface's root queue.
pub(super) fn no_root(index: u32) -> RouteNetlinkMessage {
    RouteNetlinkMessage::DelQueueDiscipline(message(index, TcHandle::ROOT, TcHandle::UNSPEC))
}

/// Adds `clsact`, which holds filters for both directions of an interface.
pub(super) fn clsact(index: u32) -> RouteNetlinkMessage {
    RouteNetlinkMessage::NewQueueDiscipline(clsact_message(index))
}

/// Removes `clsact` with its filters.
pub(super) fn no_clsact(index: u32) -> RouteNetlinkMessage {
    RouteNetlinkMessage::DelQueueDiscipline(clsact_message(index))
}

fn clsact_message(index: u32) -> TcMessage {
    let mut message = message(index, TcHandle::CLSACT, CLSACT_HANDLE);
    message.attributes = vec![TcAttribute::Kind("clsact".to_owned())];
    message
}

/// Every queue of a namespace.
pub(super) fn all_queues() -> RouteNetlinkMessage {
    RouteNetlinkMessage::GetQueueDiscipline(TcMessage::default())
}

/// Redirects every packet of one direction of an interface to a direction of another. Of two filters the one with the
/// lower preference comes first, and gets every packet.
pub(super) fn redirect(
    (index, side): (u32, Side),
    preference: u16,
    (target, into): (u32, Side),
) -> RouteNetlinkMessage {
    let mut message = filter(index, side);
    message.header.info = u32::from(preference) << 16 | u32::from(EVERY_PROTOCOL.to_be());
    let options = [
        TcFilterU32Option::Action(vec![mirred(target, into)]),
        TcFilterU32Option::Selector(everything()),
    ];
    message.attributes = vec![
        TcAttribute::Kind(TcFilterU32::KIND.to_owned()),
        TcAttribute::Options(options.map(TcOption::U32).to_vec()),
    ];
    RouteNetlinkMessage::NewTrafficFilter(message)
}

/// Removes a filter.
pub(super) fn no_redirect(index: u32, side: Side, preference: u16) -> RouteNetlinkMessage {
    let mut message = filter(index, side);
    message.header.info = u32::from(preference) << 16;
    RouteNetlinkMessage::DelTrafficFilter(message)
}

fn filter(index: u32, side: Side) -> TcMessage {
    let minor = match side {
        Side::Ingress => TcHandle::MIN_INGRESS,
        Side::Egress => TcHandle::MIN_EGRESS,
    };
    let parent = TcHandle {
        major: CLSACT_HANDLE.major,
        minor,
    };
    message(index, parent, TcHandle::UNSPEC)
}

/// A key with an empty mask matches every packet.
fn everything() -> TcU32Selector {
    let mut selector = TcU32Selector::default();
    selector.flags = TcU32SelectorFlags::Terminal;
    selector.nkeys = 1;
    selector.keys = vec![TcU32Key::default()];
    selector
}

fn mirred(target: u32, into: Side) -> TcAction {
    let mut parameters = TcMirror::default();
    parameters.generic.action = TcActionType::Stolen;
    parameters.eaction = match into {
        Side::Ingress => TcMirrorActionType::IngressRedir,
        Side::Egress => TcMirrorActionType::EgressRedir,
    };
    parameters.ifindex = target;
    let mut action = TcAction::default();
    action.attributes = vec![
        TcActionAttribute::Kind(TcActionMirror::KIND.to_owned()),
        TcActionAttribute::Options(vec![TcActionOption::Mirror(TcActionMirrorOption::Parms(
            parameters,
        ))]),
    ];
    action
}

fn message(index: u32, parent: TcHandle, handle: TcHandle) -> TcMessage {
    let mut message = TcMessage::with_index(i32::try_from(index).unwrap_or(i32::MAX));
    message.header.parent = parent;
    message.header.handle = handle;
    message
}

fn with(mut message: TcMessage, queue: Queue) -> TcMessage {
    message.attributes = vec![
        TcAttribute::Kind(queue.kind.to_owned()),
        TcAttribute::Other(DefaultNla::new(TCA_OPTIONS, queue.options)),
    ];
    message
}

#[cfg(test)]
mod tests;
