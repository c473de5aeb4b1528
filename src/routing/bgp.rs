//! BGP over a lab's sessions, as a fixed point of advertisements.
//!
//! Every round computes what each speaker advertises from what it held the round before, so the
//! order of declaration cannot matter. Decisions follow RFC 4271, section 9.1.2: weight, local
//! preference, then the length of the AS path, then routes from outside before those from the own
//! system; what is left equal is used together (ECMP).

mod advertise;
mod own;
mod passing;
mod rib;

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::routing::Failures;
use crate::routing::igp::Sites;
use crate::topology::{
    NodeId, Role, Session, SessionEnd, SessionId, SessionKind, Topology, UserNextHop,
};

pub(super) use advertise::may_leave;
pub(super) use own::{Own, is_inside_vnet_or_peer, is_told};
pub(super) use passing::{Refused, accepted, passed_on};
pub(super) use rib::{Choice, Learned, Rib};

use advertise::Advertised;

/// A path crosses every speaker at most once, so a lab that needs more rounds than it has speakers
/// does not settle.
const SPARE_ROUNDS: usize = 8;

/// Advertisements that change for ever.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the routes do not settle: {node} still changes its mind about {prefix} after {rounds} rounds of advertisements"
)]
pub struct NotConverged {
    /// A node that still changes.
    pub node: String,
    /// One of its prefixes.
    pub prefix: Ipv4Net,
    /// How many rounds were computed.
    pub rounds: usize,
}

/// The speakers of a lab, and what they know without being told.
#[derive(Debug, Clone)]
struct Speakers<'a> {
    topology: &'a Topology,
    /// Whether each session works.
    live: Vec<bool>,
    /// What each node is the source of.
    own: Vec<Vec<Own>>,
    /// Each node's sessions, with the end that it is.
    sessions: Vec<Vec<(SessionId, usize)>>,
}

/// What every speaker learned, once nothing changes any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ribs {
    live: Vec<bool>,
    own: Vec<Vec<Own>>,
    /// What each end of each session is told.
    told: Vec<[Advertised; 2]>,
    /// What each node learned.
    learned: Vec<Rib>,
}

/// Runs BGP until nothing changes.
pub(super) fn converge(
    topology: &Topology,
    failures: &Failures,
    sites: &Sites,
) -> Result<Ribs, NotConverged> {
    let rounds = topology.nodes.len() + SPARE_ROUNDS;
    converge_within(topology, failures, sites, rounds)
}

/// The same within some rounds, in which all speak at once, and as many more, in which they take turns.
pub(super) fn converge_within(
    topology: &Topology,
    failures: &Failures,
    sites: &Sites,
    rounds: usize,
) -> Result<Ribs, NotConverged> {
    let speakers = Speakers::new(topology, failures, sites);
    let mut told = vec![<[Advertised; 2]>::default(); topology.sessions.len()];
    let mut ribs = vec![Rib::default(); topology.nodes.len()];
    let mut changed: BTreeSet<NodeId> = speakers.all().collect();
    let mut settled = false;
    for _ in 0..rounds {
        let heard = speakers.tell(&changed, &ribs, &mut told);
        settled = heard.is_empty();
        if settled {
            break;
        }
        for node in &heard {
            ribs[node.0] = speakers.decide(*node, &told);
        }
        changed = heard;
    }
    if !settled && !one_by_one(&speakers, rounds, &mut ribs, &mut told) {
        let all = speakers.all().collect();
        return Err(unsettled(&speakers, &all, &ribs, &told, 2 * rounds));
    }
    let Speakers { live, own, .. } = speakers;
    Ok(Ribs {
        live,
        own,
        told,
        learned: ribs,
    })
}

/// Lets the speakers speak one after the other, by their names. Two that change their minds about each
/// other at the same time, for ever, find one of the states in which both are content.
fn one_by_one(
    speakers: &Speakers<'_>,
    rounds: usize,
    ribs: &mut [Rib],
    told: &mut [[Advertised; 2]],
) -> bool {
    let mut order: Vec<NodeId> = speakers.all().collect();
    order.sort_by_key(|node| &speakers.topology.node(*node).name);
    for _ in 0..rounds {
        let mut settled = true;
        for node in &order {
            for listener in speakers.tell(&BTreeSet::from([*node]), ribs, told) {
                ribs[listener.0] = speakers.decide(listener, told);
                settled = false;
            }
        }
        if settled {
            return true;
        }
    }
    false
}

impl<'a> Speakers<'a> {
    fn new(topology: &'a Topology, failures: &Failures, sites: &Sites) -> Self {
        let numbered = || topology.sessions.iter().enumerate();
        let live: Vec<bool> = numbered()
            .map(|(index, session)| {
                let id = SessionId(index);
                !failures.sessions.contains(&id) && is_possible(topology, session, sites)
            })
            .collect();
        let mut sessions = vec![Vec::new(); topology.nodes.len()];
        for (index, session) in numbered() {
            for (end, speaker) in session.ends.iter().enumerate() {
                sessions[speaker.node.0].push((SessionId(index), end));
            }
        }
        let nodes = (0..topology.nodes.len()).map(NodeId);
        let own = nodes
            .map(|node| own::of(topology, failures, node, &sessions[node.0], &live))
            .collect();
        Self {
            topology,
            live,
            own,
            sessions,
        }
    }

    fn all(&self) -> impl Iterator<Item = NodeId> {
        (0..self.topology.nodes.len()).map(NodeId)
    }

    /// Has the speakers that changed tell their neighbours. Returns who heard something new.
    fn tell(
        &self,
        changed: &BTreeSet<NodeId>,
        ribs: &[Rib],
        told: &mut [[Advertised; 2]],
    ) -> BTreeSet<NodeId> {
        let mut heard = BTreeSet::new();
        let speaking = changed.iter().flat_map(|node| &self.sessions[node.0]);
        for (id, speaker) in speaking.filter(|(id, _)| self.live[id.0]) {
            let session = self.topology.session(*id);
            let listener = 1 - speaker;
            let news = self.told(*id, *speaker, &ribs[session.ends[*speaker].node.0]);
            if told[id.0][listener] != news {
                told[id.0][listener] = news;
                heard.insert(session.ends[listener].node);
            }
        }
        heard
    }

    /// What a node makes of everything that it is told.
    fn decide(&self, node: NodeId, told: &[[Advertised; 2]]) -> Rib {
        let mut rib = Rib::default();
        let all = self.sessions[node.0].iter().flat_map(|(id, end)| {
            let told = told[id.0][*end].iter();
            told.map(move |(prefix, news)| (*id, *end, *prefix, news))
        });
        let accepted = all.filter(|(id, end, prefix, news)| {
            self.accepts(*id, *end, *prefix, &news.as_path).is_ok()
        });
        for (id, end, prefix, news) in accepted {
            rib.add(prefix, news.learned(self.topology, id, end));
        }
        rib.sort(self.topology);
        rib
    }
}

/// Whether a session can work: both interfaces are meant to be up and, inside a site, its own
/// routing joins the two.
fn is_possible(topology: &Topology, session: &Session, sites: &Sites) -> bool {
    let [a, b] = &session.ends;
    if session.kind == SessionKind::Site {
        return sites.joins(a.node, b.node);
    }
    let meet = session.kind != SessionKind::Instances || meet(topology, a, b);
    topology.is_enabled(session) && meet
}

/// Whether two instances of a gateway reach each other: a user-defined route on their subnet that covers
/// the network captures what they say to each other, too.
fn meet(topology: &Topology, a: &SessionEnd, b: &SessionEnd) -> bool {
    let Role::VpnGateway { vnet } = topology.node(a.node).role else {
        return true;
    };
    let network = topology.vnet(vnet);
    let leads_astray = |address: Ipv4Addr| {
        let holding = |prefix: &&Ipv4Net| prefix.contains(&address);
        let own = network.prefixes.iter().find(holding);
        let subnet = network
            .subnets
            .iter()
            .find(|subnet| subnet.prefix.contains(&address));
        let table = subnet.and_then(|subnet| subnet.route_table);
        let routes = table.map_or(&[][..], |id| &topology.route_table(id).routes);
        let longest = routes
            .iter()
            .filter(|route| route.prefix.contains(&address))
            .max_by_key(|route| route.prefix.prefix_len());
        let own_length = own.map_or(0, Ipv4Net::prefix_len);
        longest.is_some_and(|route| {
            route.prefix.prefix_len() >= own_length && route.next_hop != UserNextHop::VnetLocal
        })
    };
    let addresses = [a, b].map(|end| topology.node(end.node).address);
    !addresses.into_iter().flatten().any(leads_astray)
}

/// Names something that is different in the next round.
fn unsettled(
    speakers: &Speakers<'_>,
    changed: &BTreeSet<NodeId>,
    ribs: &[Rib],
    told: &[[Advertised; 2]],
    rounds: usize,
) -> NotConverged {
    let mut next = told.to_vec();
    let heard = speakers.tell(changed, ribs, &mut next);
    let differing = heard.into_iter().find_map(|node| {
        let before = &ribs[node.0];
        let prefix = before.difference(&speakers.decide(node, &next))?;
        Some((speakers.topology.node(node).name.to_string(), prefix))
    });
    let (node, prefix) = differing.unwrap_or_default();
    NotConverged {
        node,
        prefix,
        rounds,
    }
}

impl Ribs {
    /// Whether a session works.
    pub(super) fn is_live(&self, session: SessionId) -> bool {
        self.live[session.0]
    }

    /// What a node learned.
    pub(super) fn of(&self, node: NodeId) -> &Rib {
        &self.learned[node.0]
    }

    /// What a node is the source of.
    pub(super) fn own(&self, node: NodeId) -> &[Own] {
        &self.own[node.0]
    }

    /// What an end of a session is told, as the listener would keep it.
    pub(super) fn heard(
        &self,
        topology: &Topology,
        session: SessionId,
        listener: usize,
    ) -> Vec<(Ipv4Net, Learned)> {
        let told = self.told[session.0][listener].iter();
        told.map(|(prefix, news)| (*prefix, news.learned(topology, session, listener)))
            .collect()
    }

    /// What an end of a session is told.
    pub(super) fn told(&self, session: SessionId, listener: usize) -> &Advertised {
        &self.told[session.0][listener]
    }
}
