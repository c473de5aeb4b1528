//! The BGP speakers and sessions of a lab, with their ASNs and addresses in BIRD.
//!
//! The solver breaks ties by the neighbour's name, then by the session's; BIRD does by router identifier, then by
//! address (RFC 4271, section 9.1.2.2 f and g). So identifiers are assigned in the order of the nodes' names, and
//! addresses in that of the sessions'.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use netns_lab::topology::{Role, Session, SessionId, SessionKind, SpeakerId, Topology};

use crate::contest::Lab;

/// The ASN of every gateway in a network with both kinds: they use it for their iBGP session, even if the VPN gateway
/// has another ASN toward others (azure-semantics 7.1).
const GATEWAYS: u32 = 65515;

/// Azure's weight of routes from tunnels (azure-semantics 12.3), and all other speakers' weight of any route.
const WEIGHT: u32 = 32768;

/// Azure's weight of routes from circuits (azure-semantics 7.4, 12.3).
const CIRCUIT_WEIGHT: u32 = 32769;

/// A speaker of BGP.
#[derive(Debug, Clone)]
pub(crate) struct Speaker {
    pub(crate) id: SpeakerId,
    pub(crate) router_id: Ipv4Addr,
    /// Its ends of working sessions.
    pub(crate) ends: Vec<End>,
}

/// One end of a working session.
#[derive(Debug, Clone)]
pub(crate) struct End {
    pub(crate) session: SessionId,
    /// Its position in the session, 0 or 1.
    pub(crate) index: usize,
    /// Its own address and the other end's.
    pub(crate) addresses: [Ipv4Addr; 2],
    /// Its ASN on this session and the other end's.
    pub(crate) numbers: [u32; 2],
    /// BIRD's preference for the session's routes, before a connection's weight is added.
    pub(crate) preference: u32,
}

impl End {
    /// The session's name in BIRD.
    pub(crate) fn protocol(&self) -> String {
        format!("session{}", self.session.0)
    }

    /// Whether both ends are in one AS.
    pub(crate) fn is_internal(&self) -> bool {
        self.numbers[0] == self.numbers[1]
    }
}

/// The session's name in a lab file, with the neighbour of one end.
pub(crate) fn title(topology: &Topology, session: SessionId, end: usize) -> String {
    let session = topology.session(session);
    let neighbour = topology.speaker_name(session.ends[1 - end].speaker());
    format!("{} {neighbour}", session.name)
}

/// Whether a session works: its interfaces are up, and no link that it needs has failed. Whether routers of one site
/// reach each other, or the gateways of a network despite user-defined routes, is not part of BGP, so the solver's
/// result is used.
pub(crate) fn works(lab: &Lab, id: SessionId) -> bool {
    let session = lab.topology.session(id);
    let is_broken = |link| lab.failures.links.contains(link);
    let are_up = session
        .ends
        .iter()
        .all(|end| lab.topology.interface(end.interface).up);
    match session.kind {
        SessionKind::Site | SessionKind::Instances | SessionKind::Coexistence => {
            lab.tables.is_live(id)
        }
        _ => are_up && !session.carriers.iter().any(is_broken),
    }
}

/// The working BGP sessions of a lab that are not shut, sorted by name.
pub(crate) fn sessions(lab: &Lab) -> Vec<SessionId> {
    let topology = &lab.topology;
    let all = (0..topology.sessions.len()).map(SessionId);
    let mut live: Vec<SessionId> = all
        .filter(|id| topology.session(*id).kind != SessionKind::StaticTunnel)
        .filter(|id| works(lab, *id) && !lab.failures.shut.contains(id))
        .collect();
    live.sort_by_key(|id| (topology.session(*id).name.clone(), *id));
    live
}

/// The speakers of a lab, sorted by name. Their addresses begin at `first`, two for each session.
pub(crate) fn speakers(
    topology: &Topology,
    sessions: &[SessionId],
    first: Ipv4Addr,
) -> Vec<Speaker> {
    let mut ends: BTreeMap<String, (SpeakerId, Vec<End>)> = BTreeMap::new();
    let pairs = (first.to_bits()..).step_by(2);
    for (id, pair) in sessions.iter().zip(pairs) {
        let session = topology.session(*id);
        let addresses = [pair, pair + 1].map(Ipv4Addr::from_bits);
        let numbers = numbers(topology, session);
        for (index, speaker) in session.ends.iter().enumerate() {
            let end = End {
                session: *id,
                index,
                addresses: [addresses[index], addresses[1 - index]],
                numbers: [numbers[index], numbers[1 - index]],
                preference: preference(topology, session, index),
            };
            let name = topology.speaker_name(speaker.speaker()).to_string();
            let known = ends
                .entry(name)
                .or_insert_with(|| (speaker.speaker(), Vec::new()));
            known.1.push(end);
        }
    }
    let router_ids = (1..).map(Ipv4Addr::from_bits);
    let numbered = ends.into_values().zip(router_ids);
    numbered
        .map(|((id, ends), router_id)| Speaker {
            id,
            router_id,
            ends,
        })
        .collect()
}

fn numbers(topology: &Topology, session: &Session) -> [u32; 2] {
    match session.kind {
        SessionKind::Coexistence => [GATEWAYS; 2],
        _ => session.ends.each_ref().map(|end| {
            let asn = topology.node(end.node).asn;
            asn.expect("who speaks BGP has a number").get()
        }),
    }
}

/// BGP and BIRD have no weight; but BIRD's preference is compared first and is local to the speaker, as weight is.
fn preference(topology: &Topology, session: &Session, index: usize) -> u32 {
    let is_from_circuits = |end: usize| {
        let node = topology.node(session.ends[end].node);
        matches!(node.role, Role::ExpressRouteGateway { .. })
    };
    match session.kind {
        SessionKind::GatewayConnection { .. } if is_from_circuits(index) => CIRCUIT_WEIGHT,
        // Shown with the circuits' weight, but below that of tunnels: a VPN gateway advertises routes from its own
        // sites to the others, even if circuits have the same prefix (section 7.3).
        SessionKind::Coexistence => WEIGHT - 1,
        _ => WEIGHT,
    }
}
