//! Finds the owner of an address, as seen from a node: another routing domain may use the same address for another
//! machine, and a network may hide some of its ranges from its peers.

use std::collections::BTreeMap;

use crate::addresses::{Address, Prefix};
use crate::topology::model::{NodeId, SiteId, Topology, VnetId};

/// Every address of a lab, with its owners.
#[derive(Debug, Clone)]
pub struct Owners(BTreeMap<Address, Vec<NodeId>>);

/// The distance between an address and the node that looks it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    /// It is the node's own.
    Own,
    /// It is on the node's own network or site.
    Place,
    /// It is in the node's domain.
    Domain,
    /// It is in the node's domain, in a range that its network hides.
    Hidden,
    /// It is in another domain.
    Elsewhere,
}

/// A virtual network or a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Network(VnetId),
    Site(SiteId),
}

impl Owners {
    /// Collects the addresses of a lab.
    #[must_use]
    pub fn new(topology: &Topology) -> Self {
        let mut owners: BTreeMap<Address, Vec<NodeId>> = BTreeMap::new();
        for (node, address) in addresses(topology) {
            let known = owners.entry(address).or_default();
            if !known.contains(&node) {
                known.push(node);
            }
        }
        Self(owners)
    }

    /// The node with an address, as another node sees it. If nothing in the other node's domain has it, the only node
    /// elsewhere with that address.
    #[must_use]
    pub fn seen_from(&self, topology: &Topology, from: NodeId, address: Address) -> Option<NodeId> {
        let all = self.0.get(&address)?;
        nearest(topology, from, (address, all), Nearness::Elsewhere)
    }

    /// The addresses that several nodes have, with all of them.
    pub(crate) fn shared(topology: &Topology) -> BTreeMap<Address, Vec<NodeId>> {
        let mut all: Vec<(Address, NodeId)> = addresses(topology)
            .map(|(node, address)| (address, node))
            .collect();
        all.sort_unstable();
        let is_shared =
            |pair: &[(Address, NodeId)]| pair[0].0 == pair[1].0 && pair[0].1 != pair[1].1;
        if !all.windows(2).any(is_shared) {
            return BTreeMap::new();
        }
        let owners = Self::new(topology).0.into_iter();
        owners.filter(|(_, nodes)| nodes.len() > 1).collect()
    }
}

impl Topology {
    /// The node with an address, as another node sees it: see [`Owners::seen_from`].
    #[must_use]
    pub fn owner(&self, from: NodeId, address: Address) -> Option<NodeId> {
        if let Some(all) = self.shared_addresses.get(&address) {
            return nearest(self, from, (address, all), Nearness::Elsewhere);
        }
        let mut all = addresses(self);
        all.find(|(_, own)| *own == address).map(|(node, _)| node)
    }

    /// The other node that receives packets for a node's address, as seen from a third node. `None` if the address is
    /// unambiguous.
    #[must_use]
    pub fn taken_for(&self, from: NodeId, to: NodeId) -> Option<NodeId> {
        let address = self.node(to).address?;
        let all = self.shared_addresses.get(&address)?;
        let nearest = nearest(self, from, (address, all), Nearness::Hidden);
        nearest.filter(|node| *node != to)
    }

    /// Whether all nodes see the same owner of an address.
    #[must_use]
    pub fn is_unambiguous(&self, address: Address) -> bool {
        let Some(all) = self.shared_addresses.get(&address) else {
            return true;
        };
        let scope = |node: &NodeId| {
            let vnet = match place(self, *node) {
                Some(Place::Network(vnet)) => Some(vnet),
                _ => None,
            };
            let hidden = vnet.filter(|vnet| !is_shown(self, *vnet, address));
            (self.domain_of(*node), hidden)
        };
        let mut scopes = all.iter().map(scope);
        let first = scopes.next();
        scopes.all(|scope| Some(scope) == first)
    }
}

/// Every address with its node, in the order of interfaces; loopback addresses come last.
fn addresses(topology: &Topology) -> impl Iterator<Item = (NodeId, Address)> {
    let interfaces = topology.interfaces.iter().flat_map(|interface| {
        let addresses = interface.addresses.iter().map(Prefix::addr);
        addresses.map(|address| (interface.node, address))
    });
    let nodes = (0..).map(NodeId).zip(&topology.nodes);
    let loopbacks = nodes.flat_map(|(id, node)| {
        let addresses = node.loopback.iter().copied();
        addresses.map(move |address| (id, address))
    });
    interfaces.chain(loopbacks)
}

/// The nearest node with an address: the first of several equally near ones, but `None` if there are several in other
/// domains.
fn nearest(
    topology: &Topology,
    from: NodeId,
    (address, all): (Address, &[NodeId]),
    farthest: Nearness,
) -> Option<NodeId> {
    if let [only] = all {
        return Some(*only);
    }
    let ranked = all
        .iter()
        .map(|node| (nearness(topology, from, *node, address), *node));
    let (nearness, node) = ranked.min_by_key(|(nearness, _)| *nearness)?;
    (nearness <= farthest && nearness != Nearness::Elsewhere).then_some(node)
}

fn nearness(topology: &Topology, from: NodeId, node: NodeId, address: Address) -> Nearness {
    if from == node {
        return Nearness::Own;
    }
    let [own, other] = [from, node].map(|node| place(topology, node));
    if own.is_some() && own == other {
        return Nearness::Place;
    }
    let [own, domain] = [from, node].map(|node| topology.domain_of(node));
    match other {
        _ if own.is_none() || own != domain => Nearness::Elsewhere,
        Some(Place::Network(vnet)) if !is_shown(topology, vnet, address) => Nearness::Hidden,
        _ => Nearness::Domain,
    }
}

fn place(topology: &Topology, node: NodeId) -> Option<Place> {
    let site = topology.node(node).role.site().map(Place::Site);
    topology.network_of(node).map(Place::Network).or(site)
}

/// Whether an address of a network can be known outside it: every address if it has a gateway, otherwise those that it
/// shows its peers.
fn is_shown(topology: &Topology, vnet: VnetId, address: Address) -> bool {
    let network = topology.vnet(vnet);
    let mut halves = network.peerings.iter();
    network.vpn_gateway.is_some()
        || network.express_route_gateway.is_some()
        || halves.any(|half| {
            let mut back = topology.vnet(half.remote).peerings.iter();
            let peering = back.find(|peering| peering.remote == vnet);
            peering.is_some_and(|peering| peering.shows(address))
        })
}
