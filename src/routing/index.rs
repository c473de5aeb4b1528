//! What a topology says of each node and network, found once and not again for every route.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::topology::{
    LinkKind, NodeId, Role, SessionId, SessionKind, Space, Topology, UnderlayRoute, VirtualNetwork,
    VnetId,
};

/// What is the same whatever fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Index {
    /// Each node's sessions, with the end that it is.
    pub(super) sessions: Vec<Vec<(SessionId, usize)>>,
    /// By site: the sessions between its routers.
    pub(super) internal: Vec<Vec<[NodeId; 2]>>,
    /// By node: the public addresses of the other ends of its tunnels.
    pub(super) far_ends: Vec<Vec<Ipv4Addr>>,
    /// By node: its routes to public addresses over circuits.
    pub(super) underlay: BTreeMap<NodeId, Vec<UnderlayRoute>>,
    /// By network: its own address space and that of the networks that use its gateways.
    served: Vec<Space>,
    /// By network: its own address space and what it sees of its peers'.
    spaces: Vec<Space>,
    /// By MSEE: the prefix of its link to its customer's edge.
    customer_links: BTreeMap<NodeId, Ipv4Net>,
    /// By network: the machines and gateways on it.
    pub(super) members: Vec<Vec<NodeId>>,
    /// The networks of the load balancers that a machine stands behind.
    pub(super) balanced: BTreeMap<NodeId, Vec<VnetId>>,
}

impl Index {
    pub(super) fn new(topology: &Topology) -> Self {
        let mut underlay: BTreeMap<NodeId, Vec<UnderlayRoute>> = BTreeMap::new();
        for set in &topology.underlay {
            underlay.entry(set.node).or_default().push(*set);
        }
        let mut balanced: BTreeMap<NodeId, Vec<VnetId>> = BTreeMap::new();
        for balancer in &topology.load_balancers {
            for backend in &balancer.backends {
                balanced.entry(*backend).or_default().push(balancer.vnet);
            }
        }
        let networks = || topology.virtual_networks.iter();
        Self {
            sessions: sessions(topology),
            internal: internal(topology),
            far_ends: far_ends(topology),
            underlay,
            served: networks().map(served).collect(),
            spaces: networks().map(space_of).collect(),
            customer_links: customer_links(topology),
            members: members(topology),
            balanced,
        }
    }

    /// Whether a prefix is equal to or inside the address space of a gateway's network, or of a network that uses
    /// the gateway.
    pub(super) fn is_served(&self, vnet: VnetId, prefix: Ipv4Net) -> bool {
        self.served[vnet.0].holds(prefix)
    }

    /// Whether a prefix is local to a speaker, which takes no route to it from others. To a gateway that is what it
    /// serves; the range of a network that its own is merely peered with is not (vpn-gateway-vpn-faq). To an MSEE it
    /// is its own link. `is_own` says whether any other speaker is the source of the prefix.
    pub(super) fn is_local(
        &self,
        role: &Role,
        node: NodeId,
        prefix: Ipv4Net,
        is_own: impl FnOnce() -> bool,
    ) -> bool {
        match role {
            Role::VpnGateway { vnet } | Role::ExpressRouteGateway { vnet } => {
                self.is_served(*vnet, prefix)
            }
            Role::Msee => self.customer_link(node) == Some(prefix),
            _ => is_own(),
        }
    }

    /// The prefix of an MSEE's link to its customer's edge.
    pub(super) fn customer_link(&self, msee: NodeId) -> Option<Ipv4Net> {
        self.customer_links.get(&msee).copied()
    }

    /// Whether a prefix is equal to or inside a network's address space, or what it sees of a network
    /// peered with it: system routes win there even against more specific ones
    /// (virtual-networks-udr-overview).
    pub(super) fn is_inside_vnet_or_peer(&self, vnet: VnetId, prefix: Ipv4Net) -> bool {
        self.spaces[vnet.0].holds(prefix)
    }
}

fn served(network: &VirtualNetwork) -> Space {
    let users = network
        .peerings
        .iter()
        .filter(|peering| peering.gives_transit);
    let users = users.flat_map(|peering| &peering.prefixes);
    network.prefixes.iter().chain(users).copied().collect()
}

fn space_of(network: &VirtualNetwork) -> Space {
    let peerings = network.peerings.iter();
    let peers = peerings.flat_map(|peering| &peering.prefixes);
    network.prefixes.iter().chain(peers).copied().collect()
}

/// The customer's edge has the whole prefix on its end of a circuit's link, the MSEE one address of it.
fn customer_links(topology: &Topology) -> BTreeMap<NodeId, Ipv4Net> {
    let sessions = topology.sessions.iter();
    let peerings = sessions.filter(|session| session.kind == SessionKind::PrivatePeering);
    let links = peerings.filter_map(|session| {
        let [msee, edge] = &session.ends;
        let prefix = topology.interface(edge.interface).addresses.first()?;
        Some((msee.node, prefix.trunc()))
    });
    links.collect()
}

fn sessions(topology: &Topology) -> Vec<Vec<(SessionId, usize)>> {
    let mut sessions = vec![Vec::new(); topology.nodes.len()];
    for (index, session) in topology.sessions.iter().enumerate() {
        for (end, speaker) in session.ends.iter().enumerate() {
            sessions[speaker.node.0].push((SessionId(index), end));
        }
    }
    sessions
}

fn internal(topology: &Topology) -> Vec<Vec<[NodeId; 2]>> {
    let mut internal = vec![Vec::new(); topology.sites.len()];
    let sessions = topology.sessions.iter();
    for session in sessions.filter(|session| session.kind == SessionKind::Site) {
        let ends = session.ends.each_ref().map(|end| end.node);
        if let Role::Router { site } = topology.node(ends[0]).role {
            internal[site.0].push(ends);
        }
    }
    internal
}

fn far_ends(topology: &Topology) -> Vec<Vec<Ipv4Addr>> {
    let mut far_ends = vec![Vec::new(); topology.nodes.len()];
    for link in &topology.links {
        if let LinkKind::Tunnel { public, .. } = &link.kind {
            let nodes = link.ends.map(|end| topology.interface(end).node);
            far_ends[nodes[0].0].push(public[1]);
            far_ends[nodes[1].0].push(public[0]);
        }
    }
    far_ends
}

fn members(topology: &Topology) -> Vec<Vec<NodeId>> {
    let mut members = vec![Vec::new(); topology.virtual_networks.len()];
    for (index, node) in topology.nodes.iter().enumerate() {
        if let Some(vnet) = network_of(&node.role) {
            members[vnet.0].push(NodeId(index));
        }
    }
    members
}

/// The network that a machine or gateway stands on.
pub(super) fn network_of(role: &Role) -> Option<VnetId> {
    match role {
        Role::VirtualMachine { vnet, .. }
        | Role::VpnGateway { vnet }
        | Role::ExpressRouteGateway { vnet } => Some(*vnet),
        _ => None,
    }
}
