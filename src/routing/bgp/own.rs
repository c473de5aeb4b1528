//! What a speaker is the source of.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::routing::Failures;
use crate::topology::{NodeId, Role, SessionId, SessionKind, Topology};

/// A prefix that a speaker knows without being told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::routing) struct Own {
    /// The prefix.
    pub(in crate::routing) prefix: Ipv4Net,
    /// The session that it was set by hand to lie behind; none for what is the speaker's own.
    pub(in crate::routing) behind: Option<SessionId>,
    /// It is the BGP address of that session's other end, and not a network.
    pub(in crate::routing) is_peer: bool,
}

impl Own {
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
) -> Vec<Own> {
    let mut own: Vec<Own> = networks(topology, failures, node)
        .into_iter()
        .map(Own::network)
        .collect();
    for (id, end) in sessions.iter().filter(|(id, _)| live[id.0]) {
        let session = topology.session(*id);
        let end = &session.ends[*end];
        let behind = |prefix, is_peer| Own {
            prefix,
            behind: Some(*id),
            is_peer,
        };
        own.extend(end.networks.iter().map(|prefix| behind(*prefix, false)));
        own.extend(end.peer_address.map(|peer| behind(host(peer), true)));
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

/// Whether what lies behind one session is told to another: a local network gateway's prefixes go
/// to the other connections, never back to one that they lie behind, and to a circuit's gateway
/// only as far as they are networks. What a device was told by hand it keeps to itself.
pub(in crate::routing) fn is_told(
    topology: &Topology,
    own: &Own,
    speaker: NodeId,
    to: SessionId,
) -> bool {
    let Some(behind) = own.behind else {
        return true;
    };
    let is_gateway = matches!(topology.node(speaker).role, Role::VpnGateway { .. });
    let to = topology.session(to);
    let mut ends = to.ends.iter().filter(|end| end.node == speaker);
    let lies_there = ends.any(|end| end.networks.contains(&own.prefix));
    let is_other = topology.session(behind).name != to.name && !lies_there;
    let may = match to.kind {
        SessionKind::Coexistence => !own.is_peer,
        SessionKind::Tunnel => !is_joined(topology, own),
        _ => true,
    };
    is_gateway && is_other && may
}

/// Whether a prefix is another network's that is joined without BGP: nobody else is reached across such a
/// connection.
pub(super) fn is_joined(topology: &Topology, own: &Own) -> bool {
    let Some(behind) = own.behind else {
        return false;
    };
    let session = topology.session(behind);
    let is_gateway = |node| matches!(topology.node(node).role, Role::VpnGateway { .. });
    session.kind == SessionKind::StaticTunnel && session.ends.iter().all(|end| is_gateway(end.node))
}
