//! What a session hangs on, and how long its end goes unnoticed.

use std::{net::Ipv4Addr, time::Duration};

use crate::topology::builder::Builder;
use crate::topology::model::{LinkId, LinkKind, NodeId, Session, SessionKind, Topology};

impl Builder<'_> {
    /// What each session hangs on, once every link is there.
    pub(super) fn carriers(&mut self) {
        let carriers: Vec<Vec<LinkId>> = self
            .topology
            .sessions
            .iter()
            .map(|session| carriers(&self.topology, session))
            .collect();
        for (session, carriers) in self.topology.sessions.iter_mut().zip(carriers) {
            session.carriers = carriers;
        }
    }
}

/// How long a silent loss goes unnoticed: by BGP's hold time over a tunnel and toward a gateway, by
/// BFD (three times 300 ms) toward a customer (expressroute-bfd).
pub(super) const fn detection(kind: SessionKind) -> Duration {
    match kind {
        SessionKind::Tunnel => Duration::from_mins(3),
        SessionKind::PrivatePeering => Duration::from_millis(900),
        SessionKind::GatewayConnection { .. } => Duration::from_mins(1),
    }
}

/// The links without which a session, or the traffic that it brings, comes to nothing: its own;
/// for a circuit's connection the MSEE's leg on the network, which carries one of the two
/// directions; for a tunnel the way across the internet.
fn carriers(topology: &Topology, session: &Session) -> Vec<LinkId> {
    let mut links: Vec<LinkId> = session.link.into_iter().collect();
    let [first, second] = &session.ends;
    if let SessionKind::GatewayConnection { endpoint } = session.kind {
        links.extend(link_at(topology, first.node, endpoint));
    }
    let own = session.link.map(|link| &topology.link(link).kind);
    if let Some(LinkKind::Tunnel { public, .. }) = own {
        links.extend(link_at(topology, first.node, public[0]));
        links.extend(link_at(topology, second.node, public[1]));
        let paths = topology
            .internet_paths
            .iter()
            .filter(|path| path.public == *public);
        links.extend(paths.map(|path| path.link));
    }
    links
}

/// The link at a node's interface with an address.
fn link_at(topology: &Topology, node: NodeId, address: Ipv4Addr) -> Option<LinkId> {
    let mut interfaces = topology.interfaces_of(node);
    interfaces
        .find(|(_, interface)| interface.addresses.iter().any(|own| own.addr() == address))?
        .1
        .link
}
