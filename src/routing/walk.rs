//! Follows a packet through the tables: the path that the routes say it takes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::{net::Ipv4Addr, time::Duration};

use crate::routing::Tables;
use crate::routing::model::{Action, NextHop};
use crate::topology::{InterfaceId, NodeId, Topology};

/// More routers than any packet may cross (RFC 791: a TTL of 255).
const LONGEST_WALK: usize = 255;

/// How a packet travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// The nodes it crosses, its sender first.
    pub nodes: Vec<NodeId>,
    /// The interfaces that it leaves by, in order, bridges' ports among them; a tunnel's counts as one,
    /// and what carries the tunnel is [`Topology::sending_ends`]'s to say.
    pub crossed: Vec<InterfaceId>,
    /// How long the links take.
    pub delay: Duration,
    /// How it ends.
    pub end: End,
}

/// How a packet's travel ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// At a node that has the destination's address.
    Delivered,
    /// At the last node, which has no route to it, or passes nothing on, and drops it.
    Dropped,
    /// It would go round for ever.
    Loops,
}

/// The sender of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sender {
    /// The node.
    pub node: NodeId,
    /// The source address; `None` if the operating system chooses it by the route.
    pub source: Option<Ipv4Addr>,
}

impl From<NodeId> for Sender {
    fn from(node: NodeId) -> Self {
        Self { node, source: None }
    }
}

impl Sender {
    /// A node that answers from the address of the request.
    #[must_use]
    pub const fn answering(node: NodeId, from: Ipv4Addr) -> Self {
        Self {
            node,
            source: Some(from),
        }
    }
}

/// Walks from a node to an address. Of several equal next hops the first is taken: they take equally long.
#[must_use]
pub fn walk(
    topology: &Topology,
    tables: &Tables,
    sender: impl Into<Sender>,
    destination: Ipv4Addr,
) -> Walk {
    let sender = sender.into();
    let from = sender.node;
    let mut walk = Walk {
        nodes: vec![from],
        crossed: Vec::new(),
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
        let delays = crossed.iter().map(|end| link_delay(topology, *end));
        walk.delay += delays.sum::<Duration>();
        walk.crossed.extend(crossed);
        node = next;
    }
    walk
}

/// Every interface that a packet from a node to an address may pass by, whichever of several equal next hops it takes: on
/// leaving and on arriving, bridges' ports among them, in the order in which it may come to them. A tunnel's interfaces
/// are among them, what carries the tunnel is not.
#[must_use]
pub fn ways(
    topology: &Topology,
    tables: &Tables,
    sender: impl Into<Sender>,
    destination: Ipv4Addr,
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
            // What nobody answers for goes as far as the other end of the link.
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

/// Over how many nodes a packet to an address may come at most, its sender not counted, whichever of several equal next hops
/// it takes. Ways on which it is lost or goes round do not count.
#[must_use]
pub fn most_hops(
    topology: &Topology,
    tables: &Tables,
    from: NodeId,
    destination: Ipv4Addr,
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

/// The search for the longest of equal ways.
struct Longest<'a> {
    topology: &'a Topology,
    tables: &'a Tables,
    destination: Ipv4Addr,
    from: NodeId,
    /// By node: how many more there are. None where packets are lost, or while that is still looked for.
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
    (node, source): (NodeId, Option<Ipv4Addr>),
    destination: Ipv4Addr,
) -> Vec<NextHop> {
    let route = tables.of(node).lookup_from(topology, source, destination);
    match route.map(|it| &it.action) {
        Some(Action::Forward(hops)) => hops.to_vec(),
        Some(Action::Fabric(hop)) => vec![*hop],
        Some(Action::Drop) | None => Vec::new(),
    }
}

pub(super) fn has_address(topology: &Topology, node: NodeId, address: Ipv4Addr) -> bool {
    let of_interfaces = topology
        .interfaces_of(node)
        .flat_map(|(_, interface)| &interface.addresses);
    topology.node(node).loopback.contains(&address)
        || of_interfaces.into_iter().any(|own| own.addr() == address)
}

/// The next node and the interfaces that send on the way there; none where the packet is dropped.
fn step(
    topology: &Topology,
    tables: &Tables,
    (node, source): (NodeId, Option<Ipv4Addr>),
    destination: Ipv4Addr,
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
    destination: Ipv4Addr,
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
    destination: Ipv4Addr,
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

/// The time that a packet takes which leaves by an interface, over its link or what carries that.
fn link_delay(topology: &Topology, interface: InterfaceId) -> Duration {
    let ways = topology.sending_ends(interface).into_iter();
    ways.map(|end| topology.leaving(end).delay).sum()
}

impl Walk {
    /// The last node that the packet came to.
    #[must_use]
    pub fn last(&self) -> NodeId {
        self.nodes[self.nodes.len() - 1]
    }
}
