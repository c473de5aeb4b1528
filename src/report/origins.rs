//! The origin of a route and its next hops, in words.

use crate::routing::{Action, NextHop, Origin, Route};
use crate::topology::{InterfaceKind, NodeId, Topology};

/// The text for a next hop that is the destination itself.
const ON_LINK: &str = "on link";

/// The text for the next hop of a route that drops packets.
pub(super) const DROPPED: &str = "dropped";

/// The origin of a route, without its AS path.
pub(super) fn name(origin: &Origin) -> String {
    match origin {
        Origin::VnetLocal
        | Origin::VnetPeering { .. }
        | Origin::InterfaceEndpoint
        | Origin::ServiceEndpoint { .. }
        | Origin::Internet
        | Origin::Reserved => {
            format!("Default {origin}")
        }
        Origin::User { table, name, .. } => format!("User {table}/{name}"),
        Origin::VirtualNetworkGateway { gateway, .. } => {
            format!("VirtualNetworkGateway {gateway}")
        }
        Origin::Bgp(bgp) if bgp.is_internal => format!("iBGP {}", bgp.neighbour),
        Origin::Bgp(bgp) => format!("BGP {}", bgp.neighbour),
        Origin::Network { connection } => format!("static, behind {connection}"),
        other => other.to_string(),
    }
}

/// A next hop of a route.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hop<'a> {
    pub(super) topology: &'a Topology,
    pub(super) next: NextHop,
    /// Packets to it are dropped.
    pub(super) is_dropped: bool,
}

/// The next hops of a route; empty if it drops packets.
pub(super) fn hops<'a>(topology: &'a Topology, route: &Route) -> Vec<Hop<'a>> {
    let (hops, is_dropped) = match &route.action {
        Action::Forward(hops) => (hops.to_vec(), false),
        Action::Fabric(hop) => (vec![*hop], true),
        Action::Drop => (Vec::new(), true),
    };
    let hop = |next| Hop {
        topology,
        next,
        is_dropped,
    };
    hops.into_iter().map(hop).collect()
}

impl Hop<'_> {
    /// The neighbor's address, or the text that replaces it.
    pub(super) fn shown(&self) -> String {
        let interface = self.topology.interface(self.next.interface);
        match self.next.via {
            _ if self.is_dropped => DROPPED.to_owned(),
            Some(via) => via.to_string(),
            None if interface.kind == InterfaceKind::Tunnel => {
                format!("tunnel {}", self.link())
            }
            None => ON_LINK.to_owned(),
        }
    }

    /// The name of the interface.
    pub(super) fn interface(&self) -> String {
        let interface = self.topology.interface(self.next.interface);
        interface.name.to_string()
    }

    fn link(&self) -> &str {
        let link = self.topology.interface(self.next.interface).link;
        link.map_or("", |id| &self.topology.link(id).name)
    }

    /// The neighbor's node; `None` if the next hop is the destination itself, or if no node has the address.
    pub(super) fn node(&self) -> Option<NodeId> {
        if self.is_dropped {
            return None;
        }
        let interface = self.topology.interface(self.next.interface);
        let found = match (interface.segment, self.next.via) {
            (Some(segment), Some(via)) => {
                let mut reached = self.topology.addresses_on(segment, self.next.interface);
                let (member, _) = reached.find(|(_, own)| *own == via)?;
                member.interface
            }
            (Some(_), None) => return None,
            (None, _) => self.topology.across(self.next.interface)?,
        };
        Some(self.topology.interface(found).node)
    }
}
