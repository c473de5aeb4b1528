//! Routing inside a site: shortest paths between its routers, as a link-state protocol finds them.
//!
//! Every router's connected prefixes are known to all. A customer edge that has a way out
//! originates a default route, which the others take over the shortest way, evenly where equal
//! (RFC 2328, sections 16.1 and 16.4).

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ipnet::Ipv4Net;

use crate::routing::bgp;
use crate::routing::failures::Failures;
use crate::routing::model::NextHop;
use crate::topology::{Interface, InterfaceId, InterfaceKind, NodeId, Role, SessionId, Topology};

/// What each router learned inside its site: prefix to next hops.
pub(super) type SiteRoutes = BTreeMap<NodeId, BTreeMap<Ipv4Net, Vec<NextHop>>>;

/// The ways between a site's routers.
type Adjacencies = BTreeMap<NodeId, Vec<Adjacency>>;

/// One way from a router to a neighbouring one.
#[derive(Debug, Clone, Copy)]
struct Adjacency {
    neighbour: NodeId,
    hop: NextHop,
}

/// Computes every site's internal routes.
pub(super) fn solve(topology: &Topology, failures: &Failures) -> SiteRoutes {
    let mut all = SiteRoutes::new();
    for site in &topology.sites {
        let adjacencies: Adjacencies = site
            .routers
            .iter()
            .map(|router| (*router, adjacencies(topology, *router, failures)))
            .collect();
        let mut sources: BTreeMap<Ipv4Net, BTreeSet<NodeId>> = BTreeMap::new();
        for router in &site.routers {
            for prefix in originated(topology, *router, failures) {
                sources.entry(prefix).or_default().insert(*router);
            }
        }
        for (prefix, sources) in sources {
            spread(&adjacencies, prefix, &sources, &mut all);
        }
    }
    all
}

/// Whether a customer edge has a way out of its site, and so originates a default route.
pub(super) fn has_way_out(topology: &Topology, router: NodeId, failures: &Failures) -> bool {
    let numbered = topology.sessions.iter().enumerate();
    numbered
        .filter(|(_, session)| session.ends.iter().any(|end| end.node == router))
        .any(|(index, _)| bgp::is_live(topology, SessionId(index), failures))
}

/// The prefixes that a router brings into its site, the default route among them.
fn originated(topology: &Topology, router: NodeId, failures: &Failures) -> Vec<Ipv4Net> {
    let connected = topology
        .interfaces_of(router)
        .filter(|(_, interface)| {
            interface.up && (interface.connected || is_customer_tunnel(topology, interface))
        })
        .filter(|(_, interface)| {
            interface
                .link
                .is_none_or(|link| !failures.links.contains(&link))
        })
        .flat_map(|(_, interface)| interface.addresses.iter().map(Ipv4Net::trunc));
    let default = has_way_out(topology, router, failures).then(Ipv4Net::default);
    connected.chain(default).collect()
}

fn is_customer_tunnel(topology: &Topology, interface: &Interface) -> bool {
    interface.kind == InterfaceKind::Tunnel
        && matches!(topology.node(interface.node).role, Role::Router { .. })
}

fn adjacencies(topology: &Topology, router: NodeId, failures: &Failures) -> Vec<Adjacency> {
    topology
        .interfaces_of(router)
        .filter(|(_, interface)| interface.up && interface.connected)
        .filter(|(_, interface)| {
            interface
                .link
                .is_none_or(|link| !failures.links.contains(&link))
        })
        .flat_map(|(id, _)| {
            neighbours(topology, id, failures)
                .into_iter()
                .map(move |(neighbour, hop)| Adjacency { neighbour, hop })
        })
        .filter(|adjacency| adjacency.neighbour != router)
        .collect()
}

/// The routers of the same site that an interface reaches directly.
fn neighbours(
    topology: &Topology,
    interface: InterfaceId,
    failures: &Failures,
) -> Vec<(NodeId, NextHop)> {
    let own = topology.interface(interface);
    let others: Vec<InterfaceId> = match own.segment {
        Some(segment) => topology
            .reachable_on(segment, interface)
            .map(|member| member.interface)
            .collect(),
        None => topology.across(interface).into_iter().collect(),
    };
    let site = &topology.node(own.node).role;
    others
        .into_iter()
        .map(|id| topology.interface(id))
        .filter(|other| other.up && other.connected && topology.node(other.node).role == *site)
        .filter(|other| {
            other
                .link
                .is_none_or(|link| !failures.links.contains(&link))
        })
        .filter_map(|other| {
            let via = other.addresses.first()?.addr();
            Some((
                other.node,
                NextHop {
                    interface,
                    via: Some(via),
                },
            ))
        })
        .collect()
}

/// Tells every router of a site the shortest ways to a prefix, which some of them bring in.
fn spread(
    adjacencies: &Adjacencies,
    prefix: Ipv4Net,
    sources: &BTreeSet<NodeId>,
    all: &mut SiteRoutes,
) {
    let distances = distances(adjacencies, sources);
    for (router, distance) in distances.iter().filter(|(_, distance)| **distance > 0) {
        let is_nearer = |adjacency: &&Adjacency| {
            distances
                .get(&adjacency.neighbour)
                .is_some_and(|other| other + 1 == *distance)
        };
        let hops = adjacencies[router]
            .iter()
            .filter(is_nearer)
            .map(|adjacency| adjacency.hop)
            .collect();
        all.entry(*router).or_default().insert(prefix, hops);
    }
}

/// How many links lie between each router and the nearest of the sources, breadth first.
fn distances(adjacencies: &Adjacencies, sources: &BTreeSet<NodeId>) -> BTreeMap<NodeId, u32> {
    let mut distances: BTreeMap<NodeId, u32> = sources.iter().map(|source| (*source, 0)).collect();
    let mut queue: VecDeque<NodeId> = sources.iter().copied().collect();
    while let Some(router) = queue.pop_front() {
        let next = distances[&router] + 1;
        for adjacency in &adjacencies[&router] {
            if let Entry::Vacant(unseen) = distances.entry(adjacency.neighbour) {
                unseen.insert(next);
                queue.push_back(adjacency.neighbour);
            }
        }
    }
    distances
}
