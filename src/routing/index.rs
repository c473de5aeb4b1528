//! Facts of a topology about each node and network, computed once instead of for every route.

use std::collections::BTreeMap;
use std::iter;

use crate::addresses::Prefix;
use crate::routing::speaker::{self, Speaker, session};
use crate::topology::{
    NodeId, OuterEnd, SessionId, Space, SpeakerId, Topology, UnderlayRoute, VirtualNetwork, VnetId,
};

/// The position of a speaker in the results of BGP: that of its node, and further instances of nodes after all nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number(pub(super) usize);

/// The first speaker of a node.
impl From<NodeId> for Number {
    fn from(node: NodeId) -> Self {
        Self(node.0)
    }
}

/// Facts that do not depend on failures.
#[derive(Debug)]
pub(super) struct Index {
    /// By node: its device.
    speakers: Vec<Box<dyn Speaker>>,
    /// By number: the speaker.
    pub(super) numbered: Vec<SpeakerId>,
    /// By node with several speakers: the number of the second one. The others follow it.
    further: BTreeMap<NodeId, usize>,
    /// By number of a speaker: its sessions, each with the speaker's end.
    pub(super) sessions: Vec<Vec<(SessionId, usize)>>,
    /// By session: the numbers of its speakers.
    pub(super) ends: Vec<[Number; 2]>,
    /// By site: the sessions between its routers.
    pub(super) internal: Vec<Vec<[NodeId; 2]>>,
    /// By node: its ends of tunnels.
    pub(super) outer_ends: Vec<Vec<OuterEnd>>,
    /// By node: those of them that need a routing table of their own.
    pub(super) outer_ends_apart: BTreeMap<NodeId, Vec<OuterEnd>>,
    /// By node: its routes to public addresses over circuits.
    pub(super) underlay: BTreeMap<NodeId, Vec<UnderlayRoute>>,
    /// By network: its own address space, that of the networks that use its gateways, and its point-to-site clients'.
    served: Vec<Space>,
    /// By network: its own address space and its peers' prefixes that it has routes to.
    spaces: Vec<Space>,
    /// By network: the machines and gateways on it.
    pub(super) members: Vec<Vec<NodeId>>,
    /// By machine: the networks of the load balancers that have it as a backend.
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
                let node = topology.interface(*backend).node;
                balanced.entry(node).or_default().push(balancer.vnet);
            }
        }
        let networks = || topology.virtual_networks.iter();
        let nodes = || (0..topology.nodes.len()).map(NodeId);
        let speakers: Vec<_> = nodes().map(|node| speaker::of(topology, node)).collect();
        let apart = nodes().map(|node| (node, topology.outer_ends_apart(node)));
        let (numbered, further) = numbered(topology);
        let ends = ends(topology, &further);
        Self {
            sessions: sessions(&ends, numbered.len()),
            numbered,
            further,
            ends,
            internal: internal(topology, &speakers),
            outer_ends: nodes()
                .map(|node| topology.outer_ends(node).collect())
                .collect(),
            outer_ends_apart: apart.filter(|(_, ends)| !ends.is_empty()).collect(),
            underlay,
            served: networks().map(served).collect(),
            spaces: networks().map(space_of).collect(),
            members: members(topology, &speakers),
            balanced,
            speakers,
        }
    }

    /// Whether a prefix is equal to or inside the address space of a gateway's network, or of a network that uses
    /// the gateway.
    pub(super) fn is_served(&self, vnet: VnetId, prefix: Prefix) -> bool {
        self.served[vnet.0].holds(prefix)
    }

    /// The number of a speaker.
    pub(super) fn number(&self, speaker: SpeakerId) -> Number {
        number(&self.further, speaker)
    }

    /// The numbers of a node's speakers.
    pub(super) fn numbers_at(
        &self,
        topology: &Topology,
        node: NodeId,
    ) -> impl Iterator<Item = Number> + use<> {
        let further = topology.node(node).instances.len().saturating_sub(1);
        let start = self.further.get(&node).copied().unwrap_or_default();
        let further = start..start + further;
        iter::once(Number(node.0)).chain(further.map(Number))
    }

    /// The device of a node.
    pub(super) fn speaker(&self, node: NodeId) -> &dyn Speaker {
        &*self.speakers[node.0]
    }

    /// Whether a prefix is equal to or inside a network's address space, or the shared prefixes of its peers: there,
    /// system routes win even over more specific routes (virtual-networks-udr-overview).
    pub(super) fn is_inside_vnet_or_peer(&self, vnet: VnetId, prefix: Prefix) -> bool {
        self.spaces[vnet.0].holds(prefix)
    }
}

fn served(network: &VirtualNetwork) -> Space {
    let users = network
        .peerings
        .iter()
        .filter(|peering| peering.gives_transit);
    let users = users.flat_map(|peering| &peering.prefixes);
    let pools = network.client_pools.iter().map(|pool| pool.prefix);
    let own = network.prefixes.iter().chain(users).copied();
    own.chain(pools).collect()
}

fn space_of(network: &VirtualNetwork) -> Space {
    let peerings = network.peerings.iter();
    let peers = peerings.flat_map(|peering| &peering.prefixes);
    network.prefixes.iter().chain(peers).copied().collect()
}

fn number(further: &BTreeMap<NodeId, usize>, SpeakerId { node, instance }: SpeakerId) -> Number {
    match further.get(&node) {
        Some(second) if instance > 0 => Number(second + instance - 1),
        _ => Number(node.0),
    }
}

/// All speakers by number, and the number of the second speaker of each node with several.
fn numbered(topology: &Topology) -> (Vec<SpeakerId>, BTreeMap<NodeId, usize>) {
    let nodes = || (0..topology.nodes.len()).map(NodeId);
    let mut numbered: Vec<SpeakerId> = nodes().map(SpeakerId::from).collect();
    let mut further = BTreeMap::new();
    for node in nodes() {
        let instances = topology.node(node).instances.len();
        if instances > 1 {
            further.insert(node, numbered.len());
            numbered.extend((1..instances).map(|instance| SpeakerId { node, instance }));
        }
    }
    (numbered, further)
}

fn ends(topology: &Topology, further: &BTreeMap<NodeId, usize>) -> Vec<[Number; 2]> {
    let sessions = topology.sessions.iter();
    let ends = sessions.map(|session| session.ends.each_ref());
    ends.map(|ends| ends.map(|end| number(further, end.speaker())))
        .collect()
}

fn sessions(ends: &[[Number; 2]], speakers: usize) -> Vec<Vec<(SessionId, usize)>> {
    let mut sessions = vec![Vec::new(); speakers];
    for (index, ends) in ends.iter().enumerate() {
        for (end, speaker) in ends.iter().enumerate() {
            sessions[speaker.0].push((SessionId(index), end));
        }
    }
    sessions
}

fn internal(topology: &Topology, speakers: &[Box<dyn Speaker>]) -> Vec<Vec<[NodeId; 2]>> {
    let mut internal = vec![Vec::new(); topology.sites.len()];
    let sessions = topology.sessions.iter();
    for session in sessions.filter(|session| session::is_inside_site(session)) {
        let ends = session.ends.each_ref().map(|end| end.node);
        if let Some(site) = speakers[ends[0].0].site() {
            internal[site.0].push(ends);
        }
    }
    internal
}

fn members(topology: &Topology, speakers: &[Box<dyn Speaker>]) -> Vec<Vec<NodeId>> {
    let mut members = vec![Vec::new(); topology.virtual_networks.len()];
    for (index, speaker) in speakers.iter().enumerate() {
        if let Some(vnet) = speaker.vnet() {
            members[vnet.0].push(NodeId(index));
        }
    }
    members
}
