//! Follows a packet through the tables: the path that the routes predict.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::addresses::Address;
use crate::routing::Tables;
use crate::routing::model::{Action, NextHop};
use crate::topology::{InterfaceId, NodeId, Topology};

/// The maximum number of routers that a packet crosses (RFC 791: a TTL of 255).
const LONGEST_WALK: usize = 255;

/// The path of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// The nodes on the path, the sender first.
    pub nodes: Vec<NodeId>,
    /// The outgoing interfaces, in order, including bridges' ports. A tunnel counts as one interface;
    /// [`Topology::sending_ends`] returns the interfaces that carry it.
    pub crossed: Vec<InterfaceId>,
    /// For each step to the next node: the interface by which the packet leaves, and that by which it arrives.
    pub doors: Vec<[InterfaceId; 2]>,
    /// For each step, the delay of its links.
    pub delays: Vec<Duration>,
    /// The total delay of the links.
    pub delay: Duration,
    /// The end of the path.
    pub end: End,
}

/// How the path of a packet ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// At a node with the destination address.
    Delivered,
    /// At the last node, which drops the packet, because it has no route or does not forward.
    Dropped,
    /// In a routing loop.
    Loops,
}

/// The sender of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sender {
    /// The node.
    pub node: NodeId,
    /// The source address; `None` if the operating system selects it by the route.
    pub source: Option<Address>,
}

impl From<NodeId> for Sender {
    fn from(node: NodeId) -> Self {
        Self { node, source: None }
    }
}

impl Sender {
    /// A node that answers from the address that the request was sent to.
    #[must_use]
    pub const fn answering(node: NodeId, from: Address) -> Self {
        Self {
            node,
            source: Some(from),
        }
    }
}

/// Follows a packet from a node to an address. Of several equal next hops, the first one is used: all take equally
/// long.
#[must_use]
pub fn walk(
    topology: &Topology,
    tables: &Tables,
    sender: impl Into<Sender>,
    destination: Address,
) -> Walk {
    let sender = sender.into();
    let from = sender.node;
    let mut walk = Walk {
        nodes: vec![from],
        crossed: Vec::new(),
        doors: Vec::new(),
        delays: Vec::new(),
        delay: Duration::ZERO,
        end: End::Loops,
    };
    let mut node = from;
    let mut arrived = None;
    while walk.nodes.len() <= LONGEST_WALK {
        if has_address(topology, node, destination) {
            walk.end = End::Delivered;
            return walk;
        }
        let takes = node == from || forwards(topology, node, arrived);
        let source = sender.source.filter(|_| node == from);
        let step = takes.then(|| step(topology, tables, (node, source), destination));
        let passes = |(_, crossed): &(NodeId, Vec<InterfaceId>)| {
            let mut leaving = crossed.iter().take(1);
            node == from || leaving.all(|end| topology.interface(*end).forwards())
        };
        let Some((next, crossed)) = step.flatten().filter(passes) else {
            walk.end = End::Dropped;
            return walk;
        };
        walk.nodes.push(next);
        arrived = arrival(topology, &crossed);
        let last = crossed[crossed.len() - 1];
        // A router that holds a LAN's bridge receives packets by the bridge itself.
        walk.doors.push([crossed[0], arrived.unwrap_or(last)]);
        let delays = crossed.iter().map(|end| link_delay(topology, *end));
        walk.delays.push(delays.sum());
        walk.crossed.extend(crossed);
        node = next;
        walk.delay = walk.delays.iter().sum();
    }
    walk
}

/// Every interface that a packet from a node to an address may pass on any of its equal-cost paths, outgoing and
/// incoming, including bridges' ports, in the order in which it may pass them. A tunnel's interfaces are included,
/// those that carry the tunnel are not.
#[must_use]
pub fn ways(
    topology: &Topology,
    tables: &Tables,
    sender: impl Into<Sender>,
    destination: Address,
) -> Vec<InterfaceId> {
    let sender = sender.into();
    let from = sender.node;
    let mut known = BTreeSet::from([from]);
    let mut next = VecDeque::from([from]);
    let mut passed = Vec::new();
    while let Some(node) = next.pop_front() {
        let takes = node == from || topology.node(node).role.forwards();
        if !takes || has_address(topology, node, destination) {
            continue;
        }
        let source = sender.source.filter(|_| node == from);
        for hop in hops(topology, tables, (node, source), destination) {
            let neighbour = neighbour(topology, hop, destination);
            // If no node has the next hop's address, the packet still crosses the link.
            let (leaves, to) = neighbour.map_or_else(
                || (vec![hop.interface], None),
                |(node, leaves)| (leaves, Some(node)),
            );
            let ends = leaves.into_iter();
            passed.extend(
                ends.flat_map(|end| [Some(end), topology.across(end)])
                    .flatten(),
            );
            next.extend(to.filter(|to| known.insert(*to)));
        }
    }
    let mut seen = BTreeSet::new();
    passed.retain(|interface| seen.insert(*interface));
    passed
}

/// The maximum number of nodes that a packet to an address crosses on any of its equal-cost paths, without the sender.
/// Paths on which it is lost or loops do not count.
#[must_use]
pub fn most_hops(
    topology: &Topology,
    tables: &Tables,
    from: NodeId,
    destination: Address,
) -> usize {
    let mut search = Longest {
        topology,
        tables,
        destination,
        from,
        known: BTreeMap::new(),
    };
    search.from(from).unwrap_or_default()
}

/// The search for the longest equal-cost path.
struct Longest<'a> {
    topology: &'a Topology,
    tables: &'a Tables,
    destination: Address,
    from: NodeId,
    /// By node: the number of further nodes; `None` if packets are lost, or while the search is running.
    known: BTreeMap<NodeId, Option<usize>>,
}

impl Longest<'_> {
    fn from(&mut self, node: NodeId) -> Option<usize> {
        if has_address(self.topology, node, self.destination) {
            return Some(0);
        }
        if let Some(known) = self.known.get(&node) {
            return *known;
        }
        self.known.insert(node, None);
        let takes = node == self.from || self.topology.node(node).role.forwards();
        let hops = if takes {
            hops(self.topology, self.tables, (node, None), self.destination)
        } else {
            Vec::new()
        };
        let next = hops.into_iter().filter_map(|hop| {
            let (next, crossed) = neighbour(self.topology, hop, self.destination)?;
            let is_sent = node == self.from;
            let passes = passes(self.topology, (is_sent, next), &crossed, self.destination);
            passes.then(|| self.from(next)).flatten()
        });
        let longest = next.max().map(|more| more + 1);
        self.known.insert(node, longest);
        longest
    }
}

fn hops(
    topology: &Topology,
    tables: &Tables,
    (node, source): (NodeId, Option<Address>),
    destination: Address,
) -> Vec<NextHop> {
    let route = tables.of(node).lookup_from(topology, source, destination);
    match route.map(|it| &it.action) {
        Some(Action::Forward(hops)) => hops.to_vec(),
        Some(Action::Fabric(hop)) => vec![*hop],
        Some(Action::Drop) | None => Vec::new(),
    }
}

pub(super) fn has_address(topology: &Topology, node: NodeId, address: Address) -> bool {
    let of_interfaces = topology
        .interfaces_of(node)
        .flat_map(|(_, interface)| &interface.addresses);
    topology.node(node).loopback.contains(&address)
        || of_interfaces.into_iter().any(|own| own.addr() == address)
}

/// The next node, and the outgoing interfaces on the way; `None` if the packet is dropped.
fn step(
    topology: &Topology,
    tables: &Tables,
    (node, source): (NodeId, Option<Address>),
    destination: Address,
) -> Option<(NodeId, Vec<InterfaceId>)> {
    let route = tables.of(node).lookup_from(topology, source, destination)?;
    let Action::Forward(hops) = &route.action else {
        return None;
    };
    let hop = hops.first()?;
    neighbour(topology, *hop, destination)
}

/// Whether a node forwards a packet that arrived by an interface.
fn forwards(topology: &Topology, node: NodeId, arrived: Option<InterfaceId>) -> bool {
    topology.node(node).role.forwards()
        && arrived.is_none_or(|arrived| topology.interface(arrived).forwards())
}

/// Whether a packet passes the interfaces between two nodes: one without IP forwarding lets only its machine's own
/// packets leave and arrive. `is_sent` is whether the first node sends it, and does not forward it.
pub(super) fn passes(
    topology: &Topology,
    (is_sent, next): (bool, NodeId),
    crossed: &[InterfaceId],
    destination: Address,
) -> bool {
    let forwards = |end: InterfaceId| topology.interface(end).forwards();
    let leaves = is_sent || crossed.first().is_none_or(|end| forwards(*end));
    let is_own = has_address(topology, next, destination);
    leaves && (is_own || arrival(topology, crossed).is_none_or(forwards))
}

/// The interface that a packet arrives by, after those that it left by.
fn arrival(topology: &Topology, crossed: &[InterfaceId]) -> Option<InterfaceId> {
    topology.across(*crossed.last()?)
}

pub(super) fn neighbour(
    topology: &Topology,
    hop: NextHop,
    destination: Address,
) -> Option<(NodeId, Vec<InterfaceId>)> {
    let interface = topology.interface(hop.interface);
    if let Some(segment) = interface.segment {
        let address = hop.via.unwrap_or(destination);
        let mut reached = topology.addresses_on(segment, hop.interface);
        let (member, _) = reached.find(|(_, own)| *own == address)?;
        let home = topology.interface(member.interface).segment;
        let peerings = topology.segment(segment).peerings.iter();
        let mut crossed = vec![hop.interface];
        crossed.extend(
            peerings
                .filter(|(_, peer)| Some(*peer) == home)
                .map(|(port, _)| *port),
        );
        crossed.push(member.port);
        return Some((topology.interface(member.interface).node, crossed));
    }
    let far = topology.across(hop.interface)?;
    Some((topology.interface(far).node, vec![hop.interface]))
}

/// The delay of a packet that leaves by an interface, over its link or the links that carry it.
fn link_delay(topology: &Topology, interface: InterfaceId) -> Duration {
    let ways = topology.sending_ends(interface).into_iter();
    ways.map(|end| topology.leaving(end).delay).sum()
}

impl Walk {
    /// The last node on the path.
    #[must_use]
    pub fn last(&self) -> NodeId {
        self.nodes[self.nodes.len() - 1]
    }
}
