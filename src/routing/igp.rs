//! Routing inside a site: shortest paths between its routers, as a link-state protocol finds them.
//!
//! Every router's connected prefixes are known to all. A customer edge that has a way out
//! originates a default route, which the others take over the shortest way, evenly where equal
//! (RFC 2328, sections 16.1 and 16.4).

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ipnet::Ipv4Net;

use crate::routing::Failures;
use crate::routing::bgp::Ribs;
use crate::routing::model::NextHop;
use crate::topology::{
    Interface, InterfaceId, InterfaceKind, NodeId, Role, SessionId, SessionKind, Topology,
};

/// The ways between the routers of every site.
#[derive(Debug, Clone)]
pub(super) struct Sites {
    /// By site that has routing of its own.
    adjacencies: Vec<Adjacencies>,
    /// By pair of routers that speak BGP inside their site: the ways from the first to the second.
    toward: BTreeMap<(NodeId, NodeId), Vec<NextHop>>,
}

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

impl Sites {
    /// Finds every site's adjacencies.
    pub(super) fn new(topology: &Topology, failures: &Failures) -> Self {
        let mut joined = Vec::new();
        let mut toward = BTreeMap::new();
        for site in &topology.sites {
            let routers = site.routers.iter();
            let adjacencies: Adjacencies = routers
                .map(|router| (*router, adjacencies(topology, *router, failures)))
                .collect();
            for (from, to) in internal_pairs(topology, &adjacencies) {
                let hops = hops_toward(&adjacencies, from, to, site.has_igp);
                toward.extend((!hops.is_empty()).then_some(((from, to), hops)));
            }
            if site.has_igp {
                joined.push(adjacencies);
            }
        }
        Self {
            adjacencies: joined,
            toward,
        }
    }

    /// Whether two BGP speakers of a site reach each other inside it.
    pub(super) fn joins(&self, a: NodeId, b: NodeId) -> bool {
        self.toward.contains_key(&(a, b)) && self.toward.contains_key(&(b, a))
    }

    /// The next hops from one BGP speaker of a site toward another.
    pub(super) fn toward(&self, from: NodeId, to: NodeId) -> &[NextHop] {
        self.toward.get(&(from, to)).map_or(&[], Vec::as_slice)
    }

    /// Every site's internal routes, once it is known which customer edges have a way out.
    pub(super) fn routes(
        &self,
        topology: &Topology,
        ribs: &Ribs,
        failures: &Failures,
    ) -> SiteRoutes {
        let mut all = SiteRoutes::new();
        for adjacencies in &self.adjacencies {
            let mut sources: BTreeMap<Ipv4Net, BTreeSet<NodeId>> = BTreeMap::new();
            let originated = adjacencies.keys().flat_map(|router| {
                let prefixes = originated(topology, ribs, *router, failures);
                prefixes.into_iter().map(|prefix| (prefix, *router))
            });
            for (prefix, router) in originated {
                sources.entry(prefix).or_default().insert(router);
            }
            for (prefix, sources) in sources {
                spread(adjacencies, prefix, &sources, &mut all);
            }
        }
        all
    }
}

/// The routers of a site that speak BGP with each other, both ways round.
fn internal_pairs<'a>(
    topology: &'a Topology,
    site: &'a Adjacencies,
) -> impl Iterator<Item = (NodeId, NodeId)> + 'a {
    let internal = topology.sessions.iter();
    internal
        .filter(|session| session.kind == SessionKind::Site)
        .map(|session| session.ends.each_ref().map(|end| end.node))
        .filter(|[a, _]| site.contains_key(a))
        .flat_map(|[a, b]| [(a, b), (b, a)])
}

/// The next hops from one router toward another. Without routing in the site, only neighbours know the way.
fn hops_toward(site: &Adjacencies, from: NodeId, to: NodeId, has_igp: bool) -> Vec<NextHop> {
    let distances = distances(site, &BTreeSet::from([to]));
    match distances.get(&from) {
        Some(distance) if *distance == 1 || (has_igp && *distance > 1) => {
            nearer(site, &distances, from, *distance)
        }
        _ => Vec::new(),
    }
}

/// Whether a customer edge has a way out of its site, and so originates a default route.
pub(super) fn has_way_out(topology: &Topology, ribs: &Ribs, router: NodeId) -> bool {
    let numbered = topology.sessions.iter().enumerate();
    numbered
        .filter(|(_, session)| session.kind != SessionKind::Site)
        .filter(|(_, session)| session.ends.iter().any(|end| end.node == router))
        .any(|(index, _)| ribs.is_live(SessionId(index)))
}

/// The prefixes that a router brings into its site, the default route among them.
fn originated(
    topology: &Topology,
    ribs: &Ribs,
    router: NodeId,
    failures: &Failures,
) -> Vec<Ipv4Net> {
    let connected = topology
        .interfaces_of(router)
        .filter(|(_, interface)| {
            interface.up && (interface.connected || is_customer_tunnel(topology, interface))
        })
        .filter(|(_, interface)| is_usable(interface, failures))
        .flat_map(|(_, interface)| interface.addresses.iter().map(Ipv4Net::trunc));
    let default = has_way_out(topology, ribs, router).then(Ipv4Net::default);
    connected.chain(default).collect()
}

/// Whether neighbours hear each other over an interface's link.
fn is_heard(interface: &Interface, failures: &Failures) -> bool {
    let is_lost = |link| failures.adjacencies.contains(&link);
    is_usable(interface, failures) && !interface.link.is_some_and(is_lost)
}

fn is_usable(interface: &Interface, failures: &Failures) -> bool {
    interface
        .link
        .is_none_or(|link| !failures.links.contains(&link))
}

fn is_customer_tunnel(topology: &Topology, interface: &Interface) -> bool {
    interface.kind == InterfaceKind::Tunnel
        && matches!(topology.node(interface.node).role, Role::Router { .. })
}

fn adjacencies(topology: &Topology, router: NodeId, failures: &Failures) -> Vec<Adjacency> {
    topology
        .interfaces_of(router)
        .filter(|(_, interface)| interface.up && interface.connected)
        .filter(|(_, interface)| is_heard(interface, failures))
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
        .filter(|other| is_heard(other, failures))
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
        let hops = nearer(adjacencies, &distances, *router, *distance);
        all.entry(*router).or_default().insert(prefix, hops);
    }
}

/// A router's ways to neighbours that are one link nearer.
fn nearer(
    adjacencies: &Adjacencies,
    distances: &BTreeMap<NodeId, u32>,
    router: NodeId,
    distance: u32,
) -> Vec<NextHop> {
    let is_nearer = |adjacency: &&Adjacency| {
        distances
            .get(&adjacency.neighbour)
            .is_some_and(|other| other + 1 == distance)
    };
    adjacencies[&router]
        .iter()
        .filter(is_nearer)
        .map(|adjacency| adjacency.hop)
        .collect()
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
