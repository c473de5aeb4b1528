//! What speakers hold and tell, and why a node that has no route never learned one.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::routing::Tables;
use crate::routing::bgp::{self, Learned, Own, Refused};
use crate::routing::learned::{Absence, AdvertisedRoute, LearnedOrigin, LearnedRoute, Reason};
use crate::topology::{NodeId, Policy, Role, Session, SessionId, SessionKind, Topology};

impl Tables {
    /// Everything that a speaker of BGP knows, by prefix, the best first.
    #[must_use]
    pub fn learned(&self, topology: &Topology, node: NodeId) -> Vec<LearnedRoute> {
        let mut learned: Vec<LearnedRoute> = self
            .ribs
            .own(node)
            .iter()
            .map(|own| own_route(topology, own))
            .collect();
        learned.extend(self.refused(topology, node));
        for (prefix, choice) in self.ribs.of(node).choices() {
            let mut own = self.ribs.own(node).iter();
            let is_own = own.any(|own| own.prefix == prefix);
            let best = choice.best.iter().map(|one| (one, !is_own));
            let beaten = choice.beaten.iter().map(|one| (one, false));
            learned.extend(
                best.chain(beaten)
                    .map(|(one, is_best)| heard_route(topology, prefix, one, is_best)),
            );
        }
        learned.sort_by_key(|route| route.prefix);
        learned
    }

    /// What a speaker of the same system tells of the speaker's own networks: it stands in the list,
    /// and is of no use.
    fn refused(&self, topology: &Topology, node: NodeId) -> Vec<LearnedRoute> {
        let own = |prefix| self.is_own(node, prefix);
        let heard = sessions_of(topology, node).flat_map(|(id, end)| {
            let heard = self.ribs.heard(topology, id, end).into_iter();
            heard.map(move |(prefix, learned)| ((id, end), prefix, learned))
        });
        heard
            .filter(|(at, prefix, learned)| {
                let news = (*prefix, &*learned.as_path);
                let accepted = bgp::accepted(topology, *at, news, own);
                learned.is_internal && own(*prefix) && accepted == Err(Reason::OwnAddressSpace)
            })
            .map(|(_, prefix, learned)| heard_route(topology, prefix, &learned, false))
            .collect()
    }

    /// What one end of a session tells the other; nothing where the session does not work.
    #[must_use]
    pub fn advertised(&self, session: SessionId, end: usize) -> Vec<AdvertisedRoute> {
        let told = self.ribs.told(session, 1 - end).iter();
        told.map(|(prefix, news)| AdvertisedRoute {
            prefix: *prefix,
            as_path: news.as_path.to_vec(),
        })
        .collect()
    }

    /// Whether a session works.
    #[must_use]
    pub fn is_live(&self, session: SessionId) -> bool {
        self.ribs.is_live(session)
    }

    /// Why a node has no route to an address: from the node on, or from the gateways of its network, every
    /// way from neighbour to neighbour to somebody who has one, and where it stops. Nothing where no
    /// speaker has one, or the node has no speaker to learn from.
    #[must_use]
    pub fn absence(&self, topology: &Topology, node: NodeId, address: Ipv4Addr) -> Vec<Absence> {
        let mut absences = Vec::new();
        let mut frontier: Vec<NodeId> = speakers_of(topology, node);
        let mut seen: BTreeSet<NodeId> = frontier.iter().copied().collect();
        while let Some(listener) = frontier.pop() {
            let neighbours = sessions_of(topology, listener).map(|(id, end)| {
                let holder = topology.session(id).ends[1 - end].node;
                (id, 1 - end, holder, self.holding(holder, address))
            });
            let (holding, others): (Vec<_>, Vec<_>) =
                neighbours.partition(|(.., prefix)| prefix.is_some());
            absences.extend(
                holding
                    .into_iter()
                    .filter_map(|(session, end, holder, prefix)| {
                        Some(Absence {
                            holder,
                            prefix: prefix?,
                            listener,
                            session,
                            reason: self.stopped(topology, session, end, prefix?)?,
                        })
                    }),
            );
            let others = others.into_iter().map(|(_, _, other, _)| other);
            frontier.extend(others.filter(|other| seen.insert(*other)));
        }
        absences.sort_by_key(|absence| (absence.session, absence.listener));
        absences
    }

    /// The longest prefix with an address that a speaker knows.
    fn holding(&self, node: NodeId, address: Ipv4Addr) -> Option<Ipv4Net> {
        let own = self.ribs.own(node).iter().map(|own| own.prefix);
        let learned = self.ribs.of(node).choices().map(|(prefix, _)| prefix);
        own.chain(learned)
            .filter(|prefix| prefix.contains(&address))
            .max_by_key(Ipv4Net::prefix_len)
    }

    /// Why what a speaker knows does not come to its neighbour.
    fn stopped(
        &self,
        topology: &Topology,
        id: SessionId,
        speaker: usize,
        prefix: Ipv4Net,
    ) -> Option<Refused> {
        if !self.ribs.is_live(id) {
            return Some(Reason::SessionDown);
        }
        let session = topology.session(id);
        if session.kind == SessionKind::StaticTunnel {
            return Some(Reason::NoBgp);
        }
        let node = session.ends[speaker].node;
        let passed = match self.ribs.of(node).choice(prefix) {
            Some(choice) if !self.is_own(node, prefix) => {
                bgp::passed_on(topology, &choice.best[0], id).map(|_| ())
            }
            _ if self.tells_own(topology, node, prefix, id) => Ok(()),
            _ => Err(Reason::SplitHorizon),
        };
        let left = passed.and_then(|()| bgp::may_leave(topology, id, speaker, prefix));
        let told = self.ribs.told(id, 1 - speaker).get(&prefix);
        let listener = session.ends[1 - speaker].node;
        left.and_then(|()| match told {
            Some(news) => bgp::accepted(
                topology,
                (id, 1 - speaker),
                (prefix, &news.as_path),
                |prefix| self.is_own(listener, prefix),
            ),
            None => Ok(()),
        })
        .err()
    }

    fn is_own(&self, node: NodeId, prefix: Ipv4Net) -> bool {
        let mut own = self.ribs.own(node).iter();
        own.any(|own| own.prefix == prefix && own.behind.is_none())
    }

    fn tells_own(&self, topology: &Topology, node: NodeId, prefix: Ipv4Net, to: SessionId) -> bool {
        let mut own = self.ribs.own(node).iter();
        own.any(|own| own.prefix == prefix && bgp::is_told(topology, own, node, to))
    }
}

fn own_route(topology: &Topology, own: &Own) -> LearnedRoute {
    let connection = own.behind.map(|id| topology.session(id).name.clone());
    LearnedRoute {
        prefix: own.prefix,
        origin: LearnedOrigin::Network { connection },
        as_path: Vec::new(),
        weight: 0,
        local_preference: Policy::default().local_preference,
        is_best: true,
    }
}

fn heard_route(
    topology: &Topology,
    prefix: Ipv4Net,
    learned: &Learned,
    is_best: bool,
) -> LearnedRoute {
    let session = topology.session(learned.session);
    let own = &session.ends[learned.end];
    let other = &session.ends[1 - learned.end];
    let origin = LearnedOrigin::Neighbour {
        session: learned.session,
        node: other.node,
        address: own.peer_address.or(other.next_hop),
        is_internal: learned.is_internal,
    };
    LearnedRoute {
        prefix,
        origin,
        as_path: learned.as_path.to_vec(),
        weight: learned.weight,
        local_preference: learned.local_preference,
        is_best,
    }
}

/// Who could have told a node: itself where it speaks BGP; for a machine, its network's gateways; for what
/// stands in a site, the site's speakers.
fn speakers_of(topology: &Topology, node: NodeId) -> Vec<NodeId> {
    let has_sessions = |node: &NodeId| sessions_of(topology, *node).next().is_some();
    if has_sessions(&node) {
        return vec![node];
    }
    match topology.node(node).role {
        Role::VirtualMachine { vnet, .. } => {
            let own = topology.vnet(vnet);
            let used = own
                .peerings
                .iter()
                .find(|peering| peering.uses_remote_gateways);
            let home = used.map_or(own, |peering| topology.vnet(peering.remote));
            let gateways = [home.vpn_gateway, home.express_route_gateway];
            let gateways = gateways.into_iter().flatten();
            gateways
                .flat_map(|id| topology.gateway(id).instances.clone())
                .collect()
        }
        Role::Host { site, .. } | Role::Router { site } => topology.sites[site.0]
            .routers
            .iter()
            .copied()
            .filter(has_sessions)
            .collect(),
        _ => Vec::new(),
    }
}

fn sessions_of(topology: &Topology, node: NodeId) -> impl Iterator<Item = (SessionId, usize)> {
    let ends = move |(index, session): (usize, &Session)| {
        let position = session.ends.iter().position(|end| end.node == node)?;
        Some((SessionId(index), position))
    };
    topology.sessions.iter().enumerate().filter_map(ends)
}
