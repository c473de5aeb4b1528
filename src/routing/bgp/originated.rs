//! What a speaker is the source of.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::routing::Failures;
use crate::topology::{NodeId, Role, SessionId, SessionKind, Topology};

/// A prefix that a speaker knows without being told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::routing) struct Originated {
    /// The prefix.
    pub(in crate::routing) prefix: Ipv4Net,
    /// The session that it was set by hand to lie behind; none for what is the speaker's own.
    pub(in crate::routing) behind: Option<SessionId>,
    /// It is the BGP address of that session's other end, and not a network.
    pub(in crate::routing) is_peer: bool,
}

impl Originated {
    fn network(prefix: Ipv4Net) -> Self {
        Self {
            prefix,
            behind: None,
            is_peer: false,
        }
    }
}

/// What a node is the source of: a gateway the prefixes of its network and of the networks that use
/// it by peering (vpn-gateway-peering-gateway-transit), a device those that it advertises; then what
/// was set by hand to lie behind its sessions, as long as they work.
pub(super) fn of(
    topology: &Topology,
    failures: &Failures,
    node: NodeId,
    sessions: &[(SessionId, usize)],
    live: &[bool],
) -> Vec<Originated> {
    let mut own: Vec<Originated> = networks(topology, failures, node)
        .into_iter()
        .map(Originated::network)
        .collect();
    for (id, end) in sessions.iter().filter(|(id, _)| live[id.0]) {
        let session = topology.session(*id);
        let end = &session.ends[*end];
        let behind = |prefix, is_peer| Originated {
            prefix,
            behind: Some(*id),
            is_peer,
        };
        let peer = end.peer_address.map(host);
        // A local network gateway often lists its peer's BGP address too: that is one route, not two.
        let networks = end.networks.iter().filter(|prefix| Some(**prefix) != peer);
        own.extend(networks.map(|prefix| behind(*prefix, false)));
        own.extend(peer.map(|peer| behind(peer, true)));
    }
    own
}

fn host(address: Ipv4Addr) -> Ipv4Net {
    Ipv4Net::from(address)
}

fn networks(topology: &Topology, failures: &Failures, node: NodeId) -> Vec<Ipv4Net> {
    match topology.node(node).role {
        Role::VpnGateway { vnet } | Role::ExpressRouteGateway { vnet } => {
            let network = topology.vnet(vnet);
            let peerings = failures.peerings(topology, vnet);
            let transit = peerings
                .filter(|peering| peering.gives_transit)
                .flat_map(|peering| &peering.prefixes);
            network.prefixes.iter().chain(transit).copied().collect()
        }
        _ => topology.node(node).advertise.clone(),
    }
}

/// Whether a speaker advertises to a session what it is the source of.
///
/// The instances of a VPN gateway and the `ExpressRoute` gateway beside it each know their network's ranges
/// already, so a VPN gateway advertises those outside only; the `ExpressRoute` gateway advertises them to the VPN
/// gateway as well. Static prefixes behind a gateway's tunnel go to its other connections and to the other
/// gateways of the network, never back to a connection that they lie behind. The address of a BGP peer goes to
/// no `ExpressRoute` gateway, and a device keeps its static routes to itself.
pub(in crate::routing) fn is_told(
    topology: &Topology,
    own: &Originated,
    speaker: NodeId,
    to: SessionId,
) -> bool {
    let is_vpn_gateway = matches!(topology.node(speaker).role, Role::VpnGateway { .. });
    let to = topology.session(to);
    let Some(behind) = own.behind else {
        let stays_inside = matches!(to.kind, SessionKind::Instances | SessionKind::Coexistence);
        return !(is_vpn_gateway && stays_inside);
    };
    let mut ends = to.ends.iter().filter(|end| end.node == speaker);
    let lies_there = ends.any(|end| end.networks.contains(&own.prefix));
    let is_other = topology.session(behind).name != to.name && !lies_there;
    let is_hidden = own.is_peer && to.kind == SessionKind::Coexistence;
    is_vpn_gateway && is_other && !is_hidden
}
