//! Counters of the interfaces of a running namespace.

use std::collections::BTreeMap;
use std::io;

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{LinkAttribute, LinkMessage};
use netlink_packet_route::tc::{TcAttribute, TcHandle, TcMessage, TcStats2};

use crate::kernel::observe::{as_io, name};
use crate::kernel::rtnl::Rtnl;
use crate::kernel::{message, netns, tc};

/// Packets, and their bytes with Ethernet headers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// The number of packets.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The counters of an interface since its creation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkCounters {
    /// Received packets.
    pub received: Traffic,
    /// Sent packets.
    pub sent: Traffic,
    /// Received packets that were dropped.
    pub received_dropped: u64,
    /// Packets that were dropped instead of sent, except those dropped by the queue.
    pub sent_dropped: u64,
    /// The queue of outgoing packets, if it has counters.
    pub queue: Option<QueueCounters>,
}

/// The counters of a queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueCounters {
    /// Its kind, as in `tc`: `netem`, `tbf`, `noqueue`.
    pub kind: String,
    /// Lost packets: by random loss, or because the queue was full.
    pub dropped: u32,
    /// Queued packets.
    pub waiting_packets: u32,
    /// Their bytes.
    pub waiting_bytes: u32,
}

/// The counters of every interface of a pinned namespace, by name.
///
/// # Errors
///
/// Errors of the kernel, if the namespace is missing or netlink fails.
pub fn link_counters(namespace: &str) -> io::Result<BTreeMap<String, LinkCounters>> {
    // A socket can have only one dump in progress, so the second is requested after the first.
    let (links, queues) = netns::Netns::open(namespace)?.within(|| {
        let mut rtnl = Rtnl::open()?;
        let links = rtnl.dump(message::all_links()).map_err(as_io)?;
        let queues = rtnl.dump(tc::all_queues()).map_err(as_io)?;
        io::Result::Ok((links, queues))
    })??;
    let mut by_index: BTreeMap<u32, QueueCounters> = BTreeMap::new();
    for queue in &queues {
        if let RouteNetlinkMessage::NewQueueDiscipline(queue) = queue {
            note(queue, &mut by_index);
        }
    }
    let counters = links.iter().filter_map(|link| match link {
        RouteNetlinkMessage::NewLink(link) => {
            let queue = by_index.remove(&link.header.index);
            Some((
                name(link)?,
                LinkCounters {
                    queue,
                    ..counted(link)
                },
            ))
        }
        _ => None,
    });
    Ok(counters.collect())
}

fn counted(link: &LinkMessage) -> LinkCounters {
    let stats = link
        .attributes
        .iter()
        .find_map(|attribute| match attribute {
            LinkAttribute::Stats64(stats) => Some(stats),
            _ => None,
        });
    let Some(stats) = stats else {
        return LinkCounters::default();
    };
    LinkCounters {
        received: Traffic {
            packets: stats.rx_packets,
            bytes: stats.rx_bytes,
        },
        sent: Traffic {
            packets: stats.tx_packets,
            bytes: stats.tx_bytes,
        },
        received_dropped: stats.rx_dropped,
        sent_dropped: stats.tx_dropped,
        queue: None,
    }
}

/// Stores the counters of an interface's root queue. A netem queue inside it is listed later and replaces them.
fn note(message: &TcMessage, by_index: &mut BTreeMap<u32, QueueCounters>) {
    let is_for_filters = message.header.parent == TcHandle::CLSACT;
    let index = u32::try_from(message.header.index);
    let (Ok(index), false) = (index, is_for_filters) else {
        return;
    };
    let is_own = message.header.parent == TcHandle::ROOT;
    let queue = read(message);
    let is_emulator = queue.kind == "netem";
    if is_own || is_emulator {
        by_index.insert(index, queue);
    }
}

fn read(message: &TcMessage) -> QueueCounters {
    let mut counters = QueueCounters::default();
    for attribute in &message.attributes {
        match attribute {
            TcAttribute::Kind(kind) => counters.kind.clone_from(kind),
            TcAttribute::Stats2(stats) => read_stats(stats, &mut counters),
            _ => {}
        }
    }
    counters
}

fn read_stats(stats: &[TcStats2], counters: &mut QueueCounters) {
    let queue = stats.iter().find_map(|one| match one {
        TcStats2::Queue(queue) => Some(queue),
        _ => None,
    });
    if let Some(queue) = queue {
        counters.dropped = queue.drops;
        counters.waiting_packets = queue.qlen;
        counters.waiting_bytes = queue.backlog;
    }
}
