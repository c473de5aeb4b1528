//! The ends of tunnels, as sources of encrypted packets.

use crate::addresses::Address;
use crate::topology::model::{LinkId, LinkKind, NodeId, SessionKind, Topology};

/// A node's end of a tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OuterEnd {
    /// The destination of encrypted packets.
    pub to: Address,
    /// Their source.
    pub source: Address,
    /// Their UDP port.
    pub port: u16,
}

impl Topology {
    /// A node's ends of tunnels.
    pub fn outer_ends(&self, node: NodeId) -> impl Iterator<Item = OuterEnd> {
        let interfaces = self.interfaces_of(node);
        interfaces.filter_map(|(id, interface)| {
            let link = self.link(interface.link?);
            let own = usize::from(link.ends[0] != id);
            match &link.kind {
                LinkKind::Wire => None,
                LinkKind::Tunnel { public, port, .. } => Some(OuterEnd {
                    to: public[1 - own],
                    source: public[own],
                    port: *port,
                }),
            }
        })
    }

    /// A node's ends of tunnels that need a routing table of their own: an earlier tunnel leads to the same destination
    /// from another source address.
    #[must_use]
    pub fn outer_ends_apart(&self, node: NodeId) -> Vec<OuterEnd> {
        let all: Vec<OuterEnd> = self.outer_ends(node).collect();
        let first = |end: &OuterEnd| all.iter().find(|other| other.to == end.to).copied();
        let apart = all.iter().copied();
        apart
            .filter(|end| first(end).is_some_and(|first| first.source != end.source))
            .collect()
    }

    /// The end of tunnels whose packets alone cross a link: those to a network arrive by the `ExpressRoute` gateway, and
    /// those from a network leave by the MSEE's leg on its bridge. `None` for a link with both directions.
    pub(super) fn only_from(&self, link: LinkId) -> Option<usize> {
        self.sessions.iter().find_map(|session| {
            let SessionKind::GatewayConnection { leg, .. } = session.kind else {
                return None;
            };
            if session.link == Some(link) {
                Some(1)
            } else {
                (self.interface(leg).link == Some(link)).then_some(0)
            }
        })
    }

    /// Whether a tunnel leads to a gateway's address in its network, over a circuit's private peering.
    #[must_use]
    pub fn is_private_tunnel(&self, link: LinkId) -> bool {
        let link = self.link(link);
        let LinkKind::Tunnel { public, .. } = &link.kind else {
            return false;
        };
        let mut ends = link.ends.iter().zip(public);
        ends.any(|(end, outer)| {
            let node = self.node(self.interface(*end).node);
            node.role.is_vpn_gateway() && node.address == Some(*outer)
        })
    }
}
