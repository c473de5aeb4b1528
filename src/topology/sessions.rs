//! Sessions and their timers.

use std::time::Duration;

use crate::addresses::Address;
use crate::names::NodeName;
use crate::topology::builder::Builder;
use crate::topology::model::{
    InterfaceId, LinkId, NodeId, Policy, Session, SessionEnd, SessionKind,
};

/// The hold timer of BGP speakers: that of Azure's gateways (vpn-gateway-vpn-faq), and here of all others.
const BGP_HOLD_TIME: Duration = Duration::from_mins(3);

/// The detection time on a circuit's link: three times BFD's 300 ms (expressroute-bfd).
const BFD: Duration = Duration::from_millis(900);

/// The detection time between an MSEE and an `ExpressRoute` gateway, which do not use BFD (expressroute-bfd): up to
/// about a minute.
const GATEWAY_CONVERGENCE: Duration = Duration::from_mins(1);

/// The dead peer detection time of IKE, for tunnels without BGP (vpn-gateway-vpn-faq).
const DEAD_PEER_DETECTION: Duration = Duration::from_secs(45);

/// A session before its timer is known.
pub(crate) struct NewSession<'a> {
    pub(crate) name: &'a NodeName,
    pub(crate) kind: SessionKind,
    /// The link between its two interfaces, if there is one.
    pub(crate) link: Option<LinkId>,
    /// Every other carrier.
    pub(crate) others: Vec<LinkId>,
    pub(crate) ends: [SessionEnd; 2],
}

/// A speaker with itself as next hop, and without a policy.
pub(crate) fn plain_end(node: NodeId, interface: InterfaceId, address: Address) -> SessionEnd {
    SessionEnd {
        node,
        instance: 0,
        interface,
        next_hop: Some(address),
        source: address,
        networks: Vec::new(),
        peer_address: None,
        policy: Policy::default(),
    }
}

const fn detection(kind: SessionKind) -> Duration {
    match kind {
        SessionKind::StaticTunnel => DEAD_PEER_DETECTION,
        SessionKind::PrivatePeering | SessionKind::GlobalReach => BFD,
        SessionKind::GatewayConnection { .. } => GATEWAY_CONVERGENCE,
        SessionKind::Tunnel
        | SessionKind::Instances
        | SessionKind::Coexistence
        | SessionKind::Wan
        | SessionKind::Site => BGP_HOLD_TIME,
    }
}

impl<S> Builder<S> {
    pub(crate) fn add_session(&mut self, new: NewSession<'_>) {
        self.topology.sessions.push(Session {
            name: new.name.clone(),
            kind: new.kind,
            link: new.link,
            carriers: new.link.into_iter().chain(new.others).collect(),
            detection: detection(new.kind),
            ends: new.ends,
        });
    }
}

/// All pairs, in order.
pub(crate) fn pairs(nodes: &[NodeId]) -> impl Iterator<Item = [NodeId; 2]> {
    nodes.iter().enumerate().flat_map(|(index, first)| {
        let others = nodes[index + 1..].iter();
        others.map(|second| [*first, *second])
    })
}
