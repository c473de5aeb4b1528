//! Counters of a running lab's links, from the kernel and the supervisor.

use std::collections::BTreeMap;

use crate::control::{Carried, SupervisorStatus, WireStatus};
use crate::engine::{Health, Up};
use crate::kernel::{self, LinkCounters};
use crate::names::IfName;
use crate::report::status::Carrier;
use crate::topology::{InterfaceId, Link, NodeId};
use crate::units::Impairment;

/// The counters of every interface of a lab.
#[derive(Debug)]
pub struct Counters {
    nodes: Vec<BTreeMap<String, LinkCounters>>,
}

/// A link's impairments and counters.
#[derive(Debug)]
pub struct LinkUse {
    /// What carries it.
    pub carrier: Carrier,
    /// Whether it differs from the lab file.
    pub is_impaired: bool,
    /// The impairments of packets that leave its first and its second end.
    pub directions: [Impairment; 2],
    /// Their counters; frames lost on the link are not among the carried ones.
    pub carried: [Carried; 2],
}

/// The counters of all of a gateway's tunnels together.
#[derive(Debug)]
pub struct CapacityUse<'a> {
    /// The gateway.
    pub gateway: &'a str,
    /// Received from the gateway, and sent to it.
    pub carried: [Carried; 2],
}

/// Reads the counters of every interface of a lab; nothing for missing nodes.
#[must_use]
pub fn counters(up: &Up) -> Counters {
    let count = up.lab.topology.nodes.len();
    let of_node = |index| kernel::link_counters(&up.lab.plan.namespace(NodeId(index)));
    Counters {
        nodes: (0..count)
            .map(|index| of_node(index).unwrap_or_default())
            .collect(),
    }
}

impl Counters {
    /// A link's impairments and counters.
    #[must_use]
    pub fn of(&self, up: &Up, health: &Health, link: &Link) -> LinkUse {
        let supervisor = health.supervisor.as_ref();
        let impaired = supervisor.and_then(|supervisor| {
            let mut impaired = supervisor.impaired.iter();
            impaired.find(|one| one.link == link.name)
        });
        let wire = supervisor.and_then(|supervisor| wire_of(supervisor, link));
        let ends = link.ends.map(|end| self.interface(up, end));
        let [near, far] = &ends;
        let direction = |index: usize, own: &LinkCounters, other: &LinkCounters| {
            let beside = wire.map_or(Carried::default(), |wire| wire.directions[index]);
            let queue = own.queue.as_ref();
            let by_kernel = own.sent_dropped
                + other.received_dropped
                + queue.map_or(0, |queue| queue.dropped.into());
            let uncounted = wire.filter(|wire| wire.beside.is_some()).map(|_| beside);
            let uncounted = uncounted.unwrap_or_default();
            Carried {
                frames: own.sent.packets + uncounted.frames,
                bytes: own.sent.bytes + uncounted.bytes,
                dropped: by_kernel + beside.dropped,
            }
        };
        LinkUse {
            carrier: carrier(&ends, wire),
            is_impaired: impaired.is_some(),
            directions: impaired.map_or(link.directions, |impaired| impaired.directions),
            carried: [direction(0, near, far), direction(1, far, near)],
        }
    }

    /// The counters of gateways whose tunnels share a capacity.
    #[must_use]
    pub fn capacities<'a>(&self, up: &'a Up) -> Vec<CapacityUse<'a>> {
        let nodes = up.lab.plan.numbered();
        let limits = nodes.flat_map(|(node, own)| own.limits.iter().map(move |one| (node, one)));
        limits
            .map(|(node, limit)| CapacityUse {
                gateway: &limit.name,
                carried: [&limit.arriving, &limit.leaving].map(|name| self.through(node, name)),
            })
            .collect()
    }

    /// The packets that passed a device with a queue.
    fn through(&self, node: NodeId, device: &IfName) -> Carried {
        let counted = self.nodes[node.0].get(device.as_str()).cloned();
        let counted = counted.unwrap_or_default();
        Carried {
            frames: counted.sent.packets,
            bytes: counted.sent.bytes,
            dropped: counted.sent_dropped + counted.queue.map_or(0, |queue| queue.dropped.into()),
        }
    }

    fn interface(&self, up: &Up, id: InterfaceId) -> LinkCounters {
        let interface = up.lab.topology.interface(id);
        let counted = self.nodes[interface.node.0].get(interface.name.as_str());
        counted.cloned().unwrap_or_default()
    }
}

fn wire_of<'a>(supervisor: &'a SupervisorStatus, link: &Link) -> Option<&'a WireStatus> {
    let mut wires = supervisor.wires.iter();
    wires.find(|wire| wire.link == link.name)
}

fn carrier(ends: &[LinkCounters; 2], wire: Option<&WireStatus>) -> Carrier {
    let has = |kind: &str| {
        let mut queues = ends.iter().filter_map(|end| end.queue.as_ref());
        queues.any(|queue| queue.kind == kind)
    };
    if wire.is_some() {
        Carrier::Wire
    } else if has("netem") {
        Carrier::Netem
    } else if has("tbf") {
        Carrier::Tbf
    } else {
        Carrier::Pair
    }
}
