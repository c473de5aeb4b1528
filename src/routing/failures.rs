//! What has failed, as routing sees it.

use std::collections::BTreeSet;

use crate::topology::{LinkId, Peering, SegmentId, Session, SessionId, Topology, VnetId};

/// Links that are down and sessions that have ended.
///
/// The two are separate because they happen at different times: an interface that goes down removes its node's own
/// routes at once, while a session over a distant link stays up until its hold timer expires, and attracts traffic that
/// is lost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Failures {
    /// Links whose interfaces are down.
    pub links: BTreeSet<LinkId>,
    /// Sessions whose ends have detected that they are down.
    pub sessions: BTreeSet<SessionId>,
    /// BGP sessions that are shut on purpose while their links work: tunnels keep the static prefixes behind them.
    pub shut: BTreeSet<SessionId>,
    /// Links that are up and over which a site's routers have lost their adjacency.
    pub adjacencies: BTreeSet<LinkId>,
}

impl Failures {
    /// Links that have been down for so long that every session over them has ended.
    #[must_use]
    pub fn noticed(topology: &Topology, links: BTreeSet<LinkId>) -> Self {
        let is_lost = |session: &Session| session.carriers.iter().any(|link| links.contains(link));
        let numbered = topology.sessions.iter().enumerate();
        let sessions = numbered
            .filter(|(_, session)| is_lost(session))
            .map(|(index, _)| SessionId(index))
            .collect();
        Self {
            links,
            sessions,
            shut: BTreeSet::new(),
            adjacencies: BTreeSet::new(),
        }
    }

    /// The peerings of a network that are connected. A peering that is lost has no effect on either side.
    pub(super) fn peerings<'a>(
        &'a self,
        topology: &'a Topology,
        vnet: VnetId,
    ) -> impl Iterator<Item = &'a Peering> {
        let network = topology.vnet(vnet);
        let is_down = |port| {
            let link = topology.interface(port).link;
            link.is_some_and(|link| self.links.contains(&link))
        };
        let ports = topology.segment(network.segment).peerings.iter();
        let lost: BTreeSet<SegmentId> = ports
            .filter(|(port, _)| !self.links.is_empty() && is_down(*port))
            .map(|(_, remote)| *remote)
            .collect();
        let peerings = network.peerings.iter();
        peerings.filter(move |peering| !lost.contains(&topology.vnet(peering.remote).segment))
    }
}
