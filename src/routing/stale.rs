//! Which nodes' routes may change when something fails or is repaired.

use std::collections::BTreeSet;

use crate::routing::bgp::Ribs;
use crate::routing::index::Index;
use crate::routing::{Failures, Tables};
use crate::topology::{LinkId, NodeId, SegmentId, Topology, VnetId};

/// The links that differ in two states.
fn changed_links<'a>(
    before: &'a Failures,
    now: &'a Failures,
) -> impl Iterator<Item = LinkId> + use<'a> {
    let links = before.links.symmetric_difference(&now.links);
    let adjacencies = before.adjacencies.symmetric_difference(&now.adjacencies);
    links.chain(adjacencies).copied()
}

/// The nodes at the ends of links that changed.
pub(super) fn touched(topology: &Topology, before: &Failures, now: &Failures) -> BTreeSet<NodeId> {
    changed_links(before, now)
        .flat_map(|link| topology.link(link).ends)
        .map(|end| topology.interface(end).node)
        .collect()
}

/// Adds the speakers of changed sessions, and those that originate or learned other routes.
pub(super) fn touch_speakers(
    topology: &Topology,
    index: &Index,
    [before, now]: [&Ribs; 2],
    touched: &mut BTreeSet<NodeId>,
) {
    let flipped = before.flipped(now);
    let ends = flipped.flat_map(|session| &topology.session(session).ends);
    touched.extend(ends.map(|end| end.node));
    let differing = before.differing(now);
    touched.extend(differing.map(|speaker| index.numbered[speaker.0].node));
}

/// The nodes whose routes may change if some nodes changed: those nodes, the other routers of their sites and, for each
/// gateway or load balancer among them, all nodes on its network and on that network's peers.
pub(super) fn nodes(
    topology: &Topology,
    index: &Index,
    before: &Tables,
    now: &Failures,
    touched: &BTreeSet<NodeId>,
) -> BTreeSet<NodeId> {
    let mut stale = touched.clone();
    for node in touched {
        if let Some(site) = index.speaker(*node).site() {
            stale.extend(&topology.sites[site.0].routers);
        }
    }
    let mut networks: BTreeSet<VnetId> = BTreeSet::new();
    for node in touched {
        let is_gateway = topology.gateway_of(*node).is_some();
        networks.extend(index.speaker(*node).vnet().filter(|_| is_gateway));
        networks.extend(index.balanced.get(node).into_iter().flatten());
    }
    for link in changed_links(&before.failures, now) {
        let ends = topology.link(link).ends;
        let bridges = ends.map(|end| topology.interface(end).port.map(|port| port.segment));
        if let [Some(a), Some(b)] = bridges {
            let carried = |segment: SegmentId| topology.segment(segment).vnet;
            networks.extend([a, b].into_iter().filter_map(carried));
        }
    }
    for network in networks {
        let peerings = topology.vnet(network).peerings.iter();
        let peers = peerings.map(|peering| peering.remote);
        for near in peers.chain([network]) {
            stale.extend(&index.members[near.0]);
        }
    }
    stale
}
