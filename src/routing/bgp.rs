//! BGP over a lab's sessions, as a fixed point of advertisements.
//!
//! Every round computes what each speaker advertises from what it held the round before, so the
//! order of declaration cannot matter. Decisions follow RFC 4271, section 9.1.2: local preference,
//! then the length of the AS path; what is left equal is used together (ECMP).

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use crate::routing::Failures;
use crate::topology::{NodeId, Role, SessionEnd, SessionId, SessionKind, Topology, VnetId};
use crate::units::Asn;

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

/// What a speaker learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Learned {
    /// The session, by its position in the topology.
    pub(super) session: usize,
    /// Which end of it the speaker is.
    pub(super) end: usize,
    /// The path, nearest system first.
    pub(super) as_path: Vec<Asn>,
    /// The speaker's preference.
    pub(super) local_preference: u32,
}

impl Learned {
    /// Better is less: higher preference first, then the shorter path.
    fn merit(&self) -> (u32, usize) {
        (u32::MAX - self.local_preference, self.as_path.len())
    }
}

/// Everything that every speaker learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ribs {
    /// By node, then prefix: what was learned, best first.
    learned: BTreeMap<NodeId, BTreeMap<Ipv4Net, Vec<Learned>>>,
}

/// What a speaker holds for one prefix.
pub(super) struct Choice<'a> {
    /// The best, together where equal.
    pub(super) best: &'a [Learned],
    /// The others.
    pub(super) beaten: &'a [Learned],
}

impl Ribs {
    /// A speaker's choice for each prefix that it learned.
    pub(super) fn choices(&self, node: NodeId) -> impl Iterator<Item = (Ipv4Net, Choice<'_>)> {
        self.learned
            .get(&node)
            .into_iter()
            .flatten()
            .map(|(prefix, learned)| {
                let equal = learned
                    .iter()
                    .take_while(|other| other.merit() == learned[0].merit())
                    .count();
                let (best, beaten) = learned.split_at(equal);
                (*prefix, Choice { best, beaten })
            })
    }

    fn best(&self, node: NodeId) -> impl Iterator<Item = (Ipv4Net, &Learned)> {
        self.choices(node)
            .filter_map(|(prefix, choice)| Some((prefix, choice.best.first()?)))
    }
}

/// What one end of a session hears from the other.
type Heard = BTreeMap<(usize, usize), BTreeMap<Ipv4Net, Vec<Asn>>>;

/// Runs BGP until nothing changes.
pub(super) fn converge(topology: &Topology, failures: &Failures) -> Result<Ribs, NotConverged> {
    let rounds = topology.nodes.len() + SPARE_ROUNDS;
    let mut heard = Heard::new();
    for _ in 0..rounds {
        let ribs = decide(topology, &heard);
        let next = advertise(topology, &ribs, failures);
        if next == heard {
            return Ok(ribs);
        }
        heard = next;
    }
    Err(unsettled(
        topology,
        &heard,
        &advertise(topology, &decide(topology, &heard), failures),
        rounds,
    ))
}

fn unsettled(topology: &Topology, before: &Heard, after: &Heard, rounds: usize) -> NotConverged {
    let changed = after
        .iter()
        .find(|(key, value)| before.get(key) != Some(value));
    let ((session, end), prefixes) =
        changed.map_or(((0, 0), None), |(key, value)| (*key, value.keys().next()));
    NotConverged {
        node: topology
            .node(topology.sessions[session].ends[end].node)
            .name
            .to_string(),
        prefix: prefixes.copied().unwrap_or_default(),
        rounds,
    }
}

/// Whether both ends of a session speak.
pub(super) fn is_live(topology: &Topology, session: SessionId, failures: &Failures) -> bool {
    let mut ends = topology.sessions[session.0].ends.iter();
    ends.all(|end| topology.interface(end.interface).up) && !failures.sessions.contains(&session)
}

fn decide(topology: &Topology, heard: &Heard) -> Ribs {
    let mut learned: BTreeMap<NodeId, BTreeMap<Ipv4Net, Vec<Learned>>> = BTreeMap::new();
    for ((session, end), prefixes) in heard {
        let listener = &topology.sessions[*session].ends[*end];
        for (prefix, as_path) in prefixes
            .iter()
            .filter(|(prefix, path)| accepts(topology, listener, **prefix, path))
        {
            let entry = learned
                .entry(listener.node)
                .or_default()
                .entry(*prefix)
                .or_default();
            entry.push(Learned {
                session: *session,
                end: *end,
                as_path: as_path.clone(),
                local_preference: listener.local_preference,
            });
        }
    }
    for choices in learned.values_mut().flat_map(BTreeMap::values_mut) {
        choices.sort_by(|a, b| order(topology, a).cmp(&order(topology, b)));
    }
    Ribs { learned }
}

/// Best first. What is equal is told apart by what the file says, never by where it says it: a
/// speaker passes on one path only, and that must not hang on the file's order.
fn order<'a>(topology: &'a Topology, learned: &'a Learned) -> impl Ord + use<'a> {
    let session = &topology.sessions[learned.session];
    let neighbour = &topology.node(session.ends[1 - learned.end].node).name;
    (learned.merit(), &learned.as_path, neighbour, &session.name)
}

/// Whether a speaker takes what it hears.
///
/// A path with the speaker's own number in it is a loop (RFC 4271, section 9), except at an MSEE,
/// which takes another MSEE's routes from a customer. A gateway takes no prefix inside the address
/// space of its own network or of one peered with it (vpn-gateway-vpn-faq).
fn accepts(topology: &Topology, listener: &SessionEnd, prefix: Ipv4Net, as_path: &[Asn]) -> bool {
    let node = topology.node(listener.node);
    let loops = node.asn.is_some_and(|own| as_path.contains(&own)) && node.role != Role::Msee;
    let own_space = match node.role {
        Role::VpnGateway { vnet } | Role::ExpressRouteGateway { vnet } => {
            is_inside_vnet_or_peer(topology, vnet, prefix)
        }
        Role::Router { .. } => originated(topology, listener.node).contains(&prefix),
        _ => false,
    };
    !loops && !own_space
}

/// Whether a prefix is equal to or inside a network's address space, or that of a network peered
/// with it: system routes win there even against more specific ones (virtual-networks-udr-overview).
pub(super) fn is_inside_vnet_or_peer(topology: &Topology, vnet: VnetId, prefix: Ipv4Net) -> bool {
    let network = topology.vnet(vnet);
    let peers = network
        .peerings
        .iter()
        .flat_map(|peering| &topology.vnet(peering.remote).prefixes);
    network
        .prefixes
        .iter()
        .chain(peers)
        .any(|own| own.contains(&prefix))
}

fn advertise(topology: &Topology, ribs: &Ribs, failures: &Failures) -> Heard {
    let mut heard = Heard::new();
    for (index, session) in topology.sessions.iter().enumerate() {
        if !is_live(topology, SessionId(index), failures) {
            continue;
        }
        for speaker in 0..session.ends.len() {
            let listener = 1 - speaker;
            heard.insert((index, listener), told(topology, ribs, index, speaker));
        }
    }
    heard
}

/// What one end of a session tells the other.
fn told(
    topology: &Topology,
    ribs: &Ribs,
    session: usize,
    speaker: usize,
) -> BTreeMap<Ipv4Net, Vec<Asn>> {
    let end = &topology.sessions[session].ends[speaker];
    let Some(asn) = topology.node(end.node).asn else {
        return BTreeMap::new();
    };
    let own = originated(topology, end.node);
    // A VPN gateway never tells a default route (vpn-gateway-bgp-overview).
    let is_kept = |prefix: Ipv4Net| {
        prefix.prefix_len() == 0 && topology.sessions[session].kind == SessionKind::Tunnel
    };
    let learned = ribs
        .best(end.node)
        .filter(|(prefix, learned)| {
            learned.session != session && !own.contains(prefix) && !is_kept(*prefix)
        })
        .filter_map(|(prefix, learned)| Some((prefix, passed_on(topology, session, learned)?)));
    let mut all: BTreeMap<Ipv4Net, Vec<Asn>> = learned
        .map(|(prefix, path)| (prefix, [vec![asn], path].concat()))
        .collect();
    all.extend(own.iter().map(|prefix| (*prefix, vec![asn])));
    all
}

/// The prefixes that a node is the source of: a gateway those of its network and of the networks
/// that use it by peering (vpn-gateway-peering-gateway-transit), a customer edge those of its site.
fn originated(topology: &Topology, node: NodeId) -> Vec<Ipv4Net> {
    match topology.node(node).role {
        Role::VpnGateway { vnet } | Role::ExpressRouteGateway { vnet } => {
            let network = topology.vnet(vnet);
            let transit = network
                .peerings
                .iter()
                .filter(|peering| peering.gives_transit);
            let transit = transit.flat_map(|peering| &topology.vnet(peering.remote).prefixes);
            network.prefixes.iter().chain(transit).copied().collect()
        }
        Role::Router { site } => topology.sites[site.0].advertise.clone(),
        _ => Vec::new(),
    }
}

/// The path that a learned route is passed on with, before the speaker's own number; none where it
/// is not passed on.
fn passed_on(topology: &Topology, to: usize, learned: &Learned) -> Option<Vec<Asn>> {
    let from = &topology.sessions[learned.session];
    let path = &learned.as_path;
    match (
        &topology.node(from.ends[learned.end].node).role,
        from.kind,
        topology.sessions[to].kind,
    ) {
        // A VPN gateway joins its sites: all that tunnels brought goes to the other tunnels. An MSEE
        // tells its customer's routes to the gateways of its circuit.
        (Role::VpnGateway { .. }, SessionKind::Tunnel, SessionKind::Tunnel)
        | (Role::Msee, SessionKind::PrivatePeering, SessionKind::GatewayConnection { .. }) => {
            Some(path.clone())
        }
        // Toward the customer, private numbers are removed (expressroute-routing).
        (Role::Msee, SessionKind::GatewayConnection { .. }, SessionKind::PrivatePeering) => Some(
            path.iter()
                .copied()
                .filter(|asn| !asn.is_private())
                .collect(),
        ),
        // Networks on one circuit reach each other by its MSEEs. The gateways all have the number
        // 65515, which each would take for a loop, so the MSEE puts its own in place.
        (
            Role::Msee,
            SessionKind::GatewayConnection { .. },
            SessionKind::GatewayConnection { .. },
        ) => {
            let in_place = |asn: &Asn| {
                if *asn == Asn::AZURE_GATEWAY {
                    Asn::MSEE
                } else {
                    *asn
                }
            };
            Some(path.iter().map(in_place).collect())
        }
        // An ExpressRoute gateway joins neither two circuits nor a circuit and a tunnel
        // (expressroute-faqs), and a customer's router tells only what is its site's own.
        _ => None,
    }
}
