//! The routes that speakers learned and advertise, as `list-learned-routes` and `list-advertised-routes` show them.

use crate::addresses::{Address, Prefix};
use crate::names::NodeName;
use crate::routing::Tables;
use crate::routing::absence::Reason;
use crate::routing::bgp::{self, Learned, Originated, communities};
use crate::routing::index::Number;
use crate::routing::speaker::session::is_internal;
use crate::topology::{Policy, SessionId, SpeakerId, Topology};
use crate::units::{Asn, Community};

/// A route that a speaker has, the best path of its prefix or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LearnedRoute {
    /// The destination prefix.
    pub prefix: Prefix,
    /// How it was learned.
    pub origin: LearnedOrigin,
    /// The AS path, nearest AS first; empty for an originated route.
    pub as_path: Vec<Asn>,
    /// The weight of the session: a connection's `routingWeight`.
    pub weight: u32,
    /// The local preference.
    pub local_preference: u32,
    /// The `MULTI_EXIT_DISC`, if the route has one.
    pub med: Option<u32>,
    /// The communities.
    pub communities: Vec<Community>,
    /// Whether it is the best path of its prefix, or one of several equally good ones.
    pub is_best: bool,
}

impl LearnedRoute {
    /// The connection of a static route.
    const fn connection(&self) -> Option<&NodeName> {
        match &self.origin {
            LearnedOrigin::Network { connection } => connection.as_ref(),
            LearnedOrigin::Neighbour { .. } => None,
        }
    }
}

/// How a speaker learned a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LearnedOrigin {
    /// The speaker originates it: a range of its network or of one that uses its gateway, or a static prefix behind a
    /// connection.
    Network {
        /// The connection that the prefix is behind.
        connection: Option<NodeName>,
    },
    /// From a neighbor.
    Neighbour {
        /// The session.
        session: SessionId,
        /// The neighbor.
        speaker: SpeakerId,
        /// The neighbor's address in the session, if it has one.
        address: Option<Address>,
        /// Whether the neighbor has the speaker's own ASN (iBGP).
        is_internal: bool,
    },
}

/// A route that a speaker advertises to one neighbor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvertisedRoute {
    /// The destination prefix.
    pub prefix: Prefix,
    /// The path as advertised, the speaker's own ASN first.
    pub as_path: Vec<Asn>,
    /// The `MULTI_EXIT_DISC`, if the route has one.
    pub med: Option<u32>,
    /// The communities.
    pub communities: Vec<Community>,
}

impl Tables {
    /// All routes of a BGP speaker, by prefix, best first.
    #[must_use]
    pub fn learned(&self, topology: &Topology, speaker: SpeakerId) -> Vec<LearnedRoute> {
        let number = self.index.number(speaker);
        let own = self.ribs.originated(number).iter();
        let mut learned: Vec<LearnedRoute> = own.map(|own| own_route(topology, own)).collect();
        // A connection with several tunnels lists each of its static prefixes once.
        learned.sort_by(|a, b| (a.prefix, a.connection()).cmp(&(b.prefix, b.connection())));
        learned.dedup();
        learned.extend(self.refused(topology, number));
        for (prefix, choice) in self.ribs.of(number).choices() {
            let mut own = self.ribs.originated(number).iter();
            let is_own = own.any(|own| own.prefix == prefix);
            let best = choice.best.iter().map(|one| (one, !is_own));
            let others = choice.others.iter().map(|one| (one, false));
            learned.extend(
                best.chain(others)
                    .map(|(one, is_best)| received_route(topology, prefix, one, is_best)),
            );
        }
        learned.sort_by_key(|route| route.prefix);
        learned
    }

    /// The speaker's own networks, as a speaker of the same AS advertises them. They are listed, but not used.
    fn refused(&self, topology: &Topology, speaker: Number) -> Vec<LearnedRoute> {
        let context = self.context(topology);
        let own = |prefix| self.is_own(speaker, prefix);
        let sessions = self.index.sessions[speaker.0].iter();
        let received = sessions.flat_map(|(id, end)| {
            let received = self.ribs.received(*id, *end);
            received.map(move |(prefix, advertisement)| ((*id, *end), prefix, advertisement))
        });
        received
            .filter(|(at, prefix, advertisement)| {
                let accepted =
                    bgp::accepted(context, *at, (*prefix, advertisement), || own(*prefix));
                let is_refused = accepted == Err(Reason::OwnAddressSpace);
                is_internal(topology, at.0) && own(*prefix) && is_refused
            })
            .map(|(at, prefix, advertisement)| {
                let learned = advertisement.kept(topology, at, prefix);
                received_route(topology, prefix, &learned, false)
            })
            .collect()
    }

    /// The routes that one end of a session advertises to the other; empty if the session does not work.
    #[must_use]
    pub fn advertised(&self, session: SessionId, end: usize) -> Vec<AdvertisedRoute> {
        let advertised = self.ribs.received(session, 1 - end);
        advertised
            .map(|(prefix, advertisement)| AdvertisedRoute {
                prefix,
                as_path: advertisement.as_path.to_vec(),
                med: bgp::med(&advertisement.attributes),
                communities: communities(&advertisement.attributes).to_vec(),
            })
            .collect()
    }
}

fn own_route(topology: &Topology, own: &Originated) -> LearnedRoute {
    let connection = own.behind.map(|id| topology.session(id).name.clone());
    LearnedRoute {
        prefix: own.prefix,
        origin: LearnedOrigin::Network { connection },
        as_path: Vec::new(),
        weight: 0,
        local_preference: Policy::default().local_preference,
        med: None,
        communities: Vec::new(),
        is_best: true,
    }
}

fn received_route(
    topology: &Topology,
    prefix: Prefix,
    learned: &Learned,
    is_best: bool,
) -> LearnedRoute {
    let session = topology.session(learned.session);
    let own = &session.ends[learned.end];
    let other = &session.ends[1 - learned.end];
    let origin = LearnedOrigin::Neighbour {
        session: learned.session,
        speaker: other.speaker(),
        address: own.peer_address.or(other.next_hop),
        is_internal: learned.is_internal,
    };
    LearnedRoute {
        prefix,
        origin,
        as_path: learned.as_path.to_vec(),
        weight: learned.weight,
        local_preference: learned.local_preference,
        med: bgp::med(&learned.attributes),
        communities: communities(&learned.attributes).to_vec(),
        is_best,
    }
}
