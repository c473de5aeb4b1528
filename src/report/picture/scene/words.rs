//! The texts of the boxes and cables of a picture.

use std::time::Duration;

use crate::addresses::Address;
use crate::topology::{LinkId, LinkKind, NodeId, Topology};
use crate::units::{Impairment, milliseconds};

/// Prefixes per line of a box.
const A_LINE: usize = 2;

/// Items in lines of a few.
pub(super) fn wrapped(items: impl Iterator<Item = String>) -> Vec<String> {
    let items: Vec<String> = items.collect();
    items.chunks(A_LINE).map(|line| line.join(", ")).collect()
}

/// Items in one line; empty if there are none.
pub(super) fn joined(items: impl Iterator<Item = String>) -> Vec<String> {
    let items: Vec<String> = items.collect();
    Vec::from_iter((!items.is_empty()).then(|| items.join(" · ")))
}

/// The public addresses of a node's tunnels.
pub(super) fn public_addresses(topology: &Topology, id: NodeId) -> Vec<Address> {
    let mut found = Vec::new();
    for link in &topology.links {
        let LinkKind::Tunnel { public, .. } = link.kind else {
            continue;
        };
        for (end, address) in link.ends.iter().zip(public) {
            if topology.interface(*end).node == id && !found.contains(&address) {
                found.push(address);
            }
        }
    }
    found
}

/// The tooltip of a node.
pub(super) fn node(topology: &Topology, id: NodeId) -> Vec<String> {
    let node = topology.node(id);
    let mut tip = vec![format!("{} {}", node.role.title(), node.name)];
    for (_, interface) in topology.interfaces_of(id) {
        let addresses: Vec<String> = interface
            .addresses
            .iter()
            .map(ToString::to_string)
            .collect();
        if !addresses.is_empty() {
            tip.push(format!("{} {}", interface.name, addresses.join(", ")));
        }
    }
    let instances = node.instances.iter();
    tip.extend(instances.map(|own| format!("instance {} {}", own.name, own.address)));
    tip.extend(node.loopback.iter().map(|address| format!("lo {address}")));
    tip.extend(node.asn.map(|asn| format!("autonomous system {asn}")));
    tip
}

/// A time in readable form.
pub(super) fn time(time: Duration) -> String {
    format!("{} ms", milliseconds(time))
}

/// The impairments of a link in both directions: its round-trip time and rate, then the rest.
pub(super) fn does(topology: &Topology, id: LinkId) -> Vec<String> {
    let link = topology.link(id);
    let there = link.ends.map(|end| way(topology, end));
    let round_trip: Duration = there.iter().map(|impairment| impairment.delay).sum();
    let mut words = Vec::new();
    if !round_trip.is_zero() {
        words.push(time(round_trip));
    }
    let is_lossy = |impairment: &Impairment| {
        let plain = Impairment {
            delay: impairment.delay,
            rate: impairment.rate,
            queue: impairment.queue,
            ..Impairment::default()
        };
        *impairment != plain
    };
    if there.iter().any(is_lossy) {
        words.push("impaired".to_owned());
    }
    words
}

/// The impairments of packets that leave by an interface, over its link or the links that carry it: the sum of the
/// delays, and the other values of the last link.
fn way(topology: &Topology, interface: crate::topology::InterfaceId) -> Impairment {
    let ends = topology.sending_ends(interface);
    let mut whole = Impairment::default();
    for end in ends {
        let impairment = topology.leaving(end);
        let delay = whole.delay + impairment.delay;
        if impairment != Impairment::default() {
            whole = impairment;
        }
        whole.delay = delay;
    }
    whole
}

/// The tooltip of a link: its name, its ends, and its impairments in each direction.
pub(super) fn link(topology: &Topology, id: LinkId) -> Vec<String> {
    let link = topology.link(id);
    let mut tip = vec![format!("link {}", link.name)];
    if let LinkKind::Tunnel {
        public: [from, to], ..
    } = link.kind
    {
        tip[0] = format!("tunnel {}", link.name);
        tip.push(format!("{from} to {to}"));
    }
    let [a, b] = link.ends;
    for [from, to] in [[a, b], [b, a]] {
        let name = |end| topology.node(topology.interface(end).node).name.to_string();
        let words = way(topology, from).to_string();
        if !words.is_empty() {
            tip.push(format!("{} to {}: {words}", name(from), name(to)));
        }
    }
    tip
}
