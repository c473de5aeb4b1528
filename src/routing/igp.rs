//! Routing inside a site: shortest paths between its routers, as a link-state protocol computes them.
//!
//! All routers of a site have routes to each other's connected prefixes. A customer edge with an exit originates a
//! default route. The other routers use it over the shortest path, or over equal-cost paths evenly (RFC 2328, sections
//! 16.1 and 16.4).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::addresses::Prefix;
use crate::routing::Failures;
use crate::routing::bgp::Ribs;
use crate::routing::index::Index;
use crate::routing::model::NextHop;
use crate::routing::speaker::session;
use crate::topology::{Interface, InterfaceId, InterfaceKind, NodeId, Site, SiteId, Topology};

/// The adjacencies and next hops between the routers of every site.
#[derive(Debug, Clone)]
pub(super) struct Sites(Vec<Arc<Ways>>);

/// The adjacencies and next hops between the routers of one site.
#[derive(Debug)]
struct Ways {
    has_igp: bool,
    adjacencies: Adjacencies,
    /// By pair of routers that speak BGP inside their site: the next hops from the first to the second.
    toward: BTreeMap<(NodeId, NodeId), Vec<NextHop>>,
}

/// What each router learned inside its site, by site.
#[derive(Debug, Clone)]
pub(super) struct SiteRoutes(Vec<Arc<BTreeMap<NodeId, Learned>>>);

/// Prefix to next hops.
type Learned = BTreeMap<Prefix, Vec<NextHop>>;

/// By router of a site: its adjacencies.
type Adjacencies = BTreeMap<NodeId, Vec<Adjacency>>;

/// The adjacency of a router with a neighbor.
#[derive(Debug, Clone, Copy)]
struct Adjacency {
    neighbour: NodeId,
    hop: NextHop,
}

impl Sites {
    /// Finds every site's adjacencies. A site without any of the `touched` nodes keeps its adjacencies.
    pub(super) fn new(
        topology: &Topology,
        index: &Index,
        failures: &Failures,
        before: Option<(&Self, &BTreeSet<NodeId>)>,
    ) -> Self {
        let sites = topology.sites.iter().zip(&index.internal).enumerate();
        let ways = sites.map(|(number, (site, pairs))| match before {
            Some((before, touched)) if !has_any(site, touched) => Arc::clone(&before.0[number]),
            _ => Arc::new(Ways::new(topology, site, pairs, failures)),
        });
        Self(ways.collect())
    }

    /// Whether two BGP speakers of a site reach each other inside it.
    pub(super) fn joins(&self, index: &Index, a: NodeId, b: NodeId) -> bool {
        let is_way = |from, to| !self.toward(index, from, to).is_empty();
        is_way(a, b) && is_way(b, a)
    }

    /// The next hops from one BGP speaker of a site toward another.
    pub(super) fn toward(&self, index: &Index, from: NodeId, to: NodeId) -> &[NextHop] {
        let Some(site) = index.speaker(from).site() else {
            return &[];
        };
        let ways = &self.0[site.0].toward;
        ways.get(&(from, to)).map_or(&[], Vec::as_slice)
    }

    /// Every site's IGP routes, including the default routes of customer edges with an exit. A site without any of the
    /// `touched` nodes keeps its routes.
    pub(super) fn routes(
        &self,
        topology: &Topology,
        outlook: Outlook<'_>,
        before: Option<(&SiteRoutes, &BTreeSet<NodeId>)>,
    ) -> SiteRoutes {
        let sites = topology.sites.iter().zip(&self.0).enumerate();
        let routes = sites.map(|(number, (site, ways))| match before {
            Some((before, touched)) if !has_any(site, touched) => Arc::clone(&before.0[number]),
            _ => Arc::new(ways.routes(topology, outlook)),
        });
        SiteRoutes(routes.collect())
    }
}

impl SiteRoutes {
    /// What a router of a site learned there.
    pub(super) fn of(&self, site: SiteId, router: NodeId) -> Option<&Learned> {
        self.0[site.0].get(&router)
    }
}

/// What determines which customer edges have an exit.
#[derive(Clone, Copy)]
pub(super) struct Outlook<'a> {
    pub(super) index: &'a Index,
    pub(super) ribs: &'a Ribs,
    pub(super) failures: &'a Failures,
}

fn has_any(site: &Site, nodes: &BTreeSet<NodeId>) -> bool {
    site.routers.iter().any(|router| nodes.contains(router))
}

impl Ways {
    fn new(topology: &Topology, site: &Site, pairs: &[[NodeId; 2]], failures: &Failures) -> Self {
        let routers = site.routers.iter();
        let adjacencies: Adjacencies = routers
            .map(|router| (*router, adjacencies(topology, *router, failures)))
            .collect();
        let mut senders: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
        for (from, to) in pairs.iter().flat_map(|[a, b]| [(*a, *b), (*b, *a)]) {
            senders.entry(to).or_default().push(from);
        }
        let mut toward = BTreeMap::new();
        for (to, senders) in senders {
            let distances = Distances::new(&adjacencies, &BTreeSet::from([to]));
            for from in senders {
                let hops = hops_toward(&adjacencies, &distances, from, site.has_igp);
                toward.extend((!hops.is_empty()).then_some(((from, to), hops)));
            }
        }
        Self {
            has_igp: site.has_igp,
            adjacencies,
            toward,
        }
    }

    fn routes(&self, topology: &Topology, outlook: Outlook<'_>) -> BTreeMap<NodeId, Learned> {
        let mut all = BTreeMap::new();
        let routers = self.adjacencies.keys().filter(|_| self.has_igp);
        let mut sources: BTreeMap<Prefix, BTreeSet<NodeId>> = BTreeMap::new();
        for router in routers {
            for prefix in originated(topology, outlook, *router) {
                sources.entry(prefix).or_default().insert(*router);
            }
        }
        for (prefix, sources) in sources {
            spread(&self.adjacencies, prefix, &sources, &mut all);
        }
        all
    }
}

/// The next hops of a router toward the router from which distances are counted. Without an IGP in the site, only its
/// neighbors have a route.
fn hops_toward(
    site: &Adjacencies,
    distances: &Distances,
    from: NodeId,
    has_igp: bool,
) -> Vec<NextHop> {
    match distances.of(from) {
        Some(distance) if distance == 1 || (has_igp && distance > 1) => {
            nearer(site, distances, from, distance)
        }
        _ => Vec::new(),
    }
}

/// Whether a customer edge has an exit, a working session that leaves its site, and so originates a default route.
pub(super) fn has_way_out(topology: &Topology, index: &Index, ribs: &Ribs, router: NodeId) -> bool {
    let mut sessions = index.sessions[router.0].iter();
    sessions.any(|(id, _)| !session::is_inside_site(topology.session(*id)) && ribs.is_live(*id))
}

/// The prefixes that a router originates in its site, with the default route.
fn originated(topology: &Topology, outlook: Outlook<'_>, router: NodeId) -> Vec<Prefix> {
    let Outlook {
        index,
        ribs,
        failures,
    } = outlook;
    let connected = topology
        .interfaces_of(router)
        .filter(|(_, interface)| {
            interface.up && (interface.connected || is_customer_tunnel(index, interface))
        })
        .filter(|(_, interface)| is_usable(interface, failures))
        .flat_map(|(_, interface)| interface.addresses.iter().map(Prefix::trunc));
    let default = has_way_out(topology, index, ribs, router).then_some(Prefix::ALL_IPV4);
    connected.chain(default).collect()
}

/// Whether the adjacency over an interface's link is up.
fn is_heard(interface: &Interface, failures: &Failures) -> bool {
    let is_lost = |link| failures.adjacencies.contains(&link);
    is_usable(interface, failures) && !interface.link.is_some_and(is_lost)
}

fn is_usable(interface: &Interface, failures: &Failures) -> bool {
    interface
        .link
        .is_none_or(|link| !failures.links.contains(&link))
}

fn is_customer_tunnel(index: &Index, interface: &Interface) -> bool {
    interface.kind == InterfaceKind::Tunnel && index.speaker(interface.node).site().is_some()
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

/// The routers of the same site that are adjacent by an interface.
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

/// Gives every router of a site the shortest paths to a prefix that some of them originate.
fn spread(
    adjacencies: &Adjacencies,
    prefix: Prefix,
    sources: &BTreeSet<NodeId>,
    all: &mut BTreeMap<NodeId, Learned>,
) {
    let distances = Distances::new(adjacencies, sources);
    for router in adjacencies.keys() {
        if let Some(distance) = distances.of(*router).filter(|distance| *distance > 0) {
            let hops = nearer(adjacencies, &distances, *router, distance);
            all.entry(*router).or_default().insert(prefix, hops);
        }
    }
}

/// A router's next hops to neighbors that are one link nearer.
fn nearer(
    adjacencies: &Adjacencies,
    distances: &Distances,
    router: NodeId,
    distance: u32,
) -> Vec<NextHop> {
    let is_nearer =
        |adjacency: &&Adjacency| distances.of(adjacency.neighbour) == distance.checked_sub(1);
    adjacencies[&router]
        .iter()
        .filter(is_nearer)
        .map(|adjacency| adjacency.hop)
        .collect()
}

/// The number of links from each router of a site to the nearest source.
struct Distances {
    /// The index of the first node.
    first: usize,
    links: Vec<Option<u32>>,
}

impl Distances {
    /// Counts links, breadth first.
    fn new(adjacencies: &Adjacencies, sources: &BTreeSet<NodeId>) -> Self {
        let first = adjacencies.keys().next().map_or(0, |node| node.0);
        let last = adjacencies.keys().next_back().map_or(0, |node| node.0);
        let mut distances = Self {
            first,
            links: vec![None; last - first + 1],
        };
        for source in sources {
            distances.links[source.0 - first] = Some(0);
        }
        let mut queue: VecDeque<(NodeId, u32)> = sources.iter().map(|node| (*node, 0)).collect();
        while let Some((router, distance)) = queue.pop_front() {
            let neighbours = adjacencies[&router].iter();
            let neighbours = neighbours.map(|adjacency| adjacency.neighbour);
            queue.extend(neighbours.filter_map(|router| distances.reach(router, distance + 1)));
        }
        distances
    }

    /// Sets the distance of a router that has none yet.
    fn reach(&mut self, router: NodeId, distance: u32) -> Option<(NodeId, u32)> {
        let links = &mut self.links[router.0 - self.first];
        links.is_none().then(|| {
            *links = Some(distance);
            (router, distance)
        })
    }

    /// The distance of a router of the site; `None` if no path leads to it.
    fn of(&self, router: NodeId) -> Option<u32> {
        *self.links.get(router.0.checked_sub(self.first)?)?
    }
}
