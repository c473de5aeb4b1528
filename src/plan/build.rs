//! Builds a plan from a topology and its routes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addresses::Address;
use crate::plan::change::{Hop, Path, Protocol, RouteKey};
use crate::plan::link::{Device, InterfacePlan, LinkEnd, LinkPlan, TunnelEnd, TunnelPlan};
use crate::plan::node::NodePlan;
use crate::plan::tables::{numbered, timed_path};
use crate::plan::{Plan, entries, filters, limits, settings};
use crate::routing::{Action, NextHop, Origin, Route, Table, Tables};
use crate::topology::{InterfaceId, Link, LinkId, LinkKind, NodeId, SegmentId, Session, Topology};

/// The index of a lab's first interface: far above the indexes that the kernel assigns to other interfaces in the same
/// namespace, which start at 2.
pub(super) const FIRST_INDEX: usize = 1000;

/// Plans a lab.
#[must_use]
pub fn plan(topology: &Topology, tables: &Tables) -> Plan {
    let nodes = (0..topology.nodes.len()).map(NodeId);
    let mut nodes: Vec<NodePlan> = nodes
        .map(|node| NodePlan {
            settings: settings::of(topology.node(node)),
            entries: entries::of(topology, node),
            routes: routes(topology, node, tables.of(node), |route| {
                protocol(topology, route) != Protocol::Kernel
            })
            .collect(),
            firewall: topology.node(node).firewall.clone(),
            ..NodePlan::unchanged(topology.node(node).name.clone())
        })
        .collect();
    for (segment, id) in topology.segments.iter().zip((0..).map(SegmentId)) {
        let node = &mut nodes[topology.interface(segment.bridge).node.0];
        node.bridges.push(interface(topology, segment.bridge));
        node.entries.extend(entries::fabric(topology, id, segment));
    }
    for (index, path) in topology.internet_paths.iter().enumerate() {
        for way in timed_path(topology, index, path) {
            let node = &mut nodes[way.node.0];
            node.entries.extend(way.entries);
            node.routes.extend(way.routes);
        }
    }
    filters::add(topology, &mut nodes);
    limits::add(topology, &mut nodes);
    let (links, tunnels) = links(topology);
    Plan {
        lab: topology.name.clone(),
        nodes,
        links,
        tunnels,
    }
}

fn interface(topology: &Topology, id: InterfaceId) -> InterfacePlan {
    let interface = topology.interface(id);
    let bridge = interface
        .port
        .map(|port| topology.segment(port.segment).bridge);
    InterfacePlan {
        name: interface.name.clone(),
        index: u32::try_from(id.0 + FIRST_INDEX).unwrap_or(u32::MAX),
        mac: interface.mac,
        resolves: interface.connected,
        bridge: bridge.map(|bridge| topology.interface(bridge).name.clone()),
        up: interface.up,
    }
}

/// The links and the tunnels of a lab.
fn links(topology: &Topology) -> (Vec<LinkPlan>, Vec<TunnelPlan>) {
    let mut sessions: BTreeMap<LinkId, Vec<&Session>> = BTreeMap::new();
    for session in &topology.sessions {
        if let Some(link) = session.link {
            sessions.entry(link).or_default().push(session);
        }
    }
    let (mut links, mut tunnels) = (Vec::new(), Vec::new());
    for (id, link) in (0..).map(LinkId).zip(&topology.links) {
        match &link.kind {
            LinkKind::Wire => links.push(LinkPlan {
                id,
                ends: link.ends.map(|end| LinkEnd {
                    node: topology.interface(end).node,
                    interface: interface(topology, end),
                }),
                directions: link.directions,
            }),
            LinkKind::Tunnel {
                public, port, mtu, ..
            } => {
                let sessions = sessions.get(&id).map_or(&[][..], Vec::as_slice);
                tunnels.push(TunnelPlan {
                    id,
                    name: link.name.clone(),
                    ends: tunnel_ends(topology, link, *public, *mtu),
                    port: *port,
                    carried: sessions.iter().all(|session| topology.is_enabled(session)),
                });
            }
        }
    }
    (links, tunnels)
}

fn tunnel_ends(
    topology: &Topology,
    link: &Link,
    public: [Address; 2],
    mtu: [Option<u16>; 2],
) -> [TunnelEnd; 2] {
    [0, 1].map(|end| {
        let device = Device::of(topology, link.ends[end]);
        TunnelEnd {
            mtu: limits::tunnel_mtu(topology.node(device.node), mtu[end]),
            device,
            public: public[end],
        }
    })
}

/// A node's `wanted` routes in all of its tables, except drop routes that a shorter drop route covers.
pub(super) fn routes(
    topology: &Topology,
    node: NodeId,
    table: &Table,
    wanted: impl Fn(&Route) -> bool,
) -> impl Iterator<Item = (RouteKey, Path)> {
    let mut paths = Paths::new(topology);
    let routes = numbered(table).flat_map(|(number, routes)| {
        let needed = needed(routes);
        needed.map(move |route| (number, route))
    });
    let wanted = routes.filter(move |(_, route)| wanted(route));
    wanted.map(move |(table, route)| {
        let key = RouteKey {
            node,
            table,
            prefix: route.prefix,
        };
        (key, paths.of(route))
    })
}

/// The routes that the kernel needs, in order: the active ones, except drop routes in the fabric that the next shorter
/// drop route covers.
fn needed(routes: &[Route]) -> impl Iterator<Item = &Route> {
    // The routes that contain the present one, the longest last: a prefix comes after all that contain it.
    let mut holding: Vec<&Route> = Vec::new();
    let active = routes.iter().filter(|route| route.is_active());
    active.filter(move |route| {
        while holding
            .pop_if(|other| !other.prefix.contains(&route.prefix))
            .is_some()
        {}
        let shorter = holding.last().map(|shorter| &shorter.action);
        holding.push(*route);
        !(matches!(route.action, Action::Fabric(_)) && shorter == Some(&route.action))
    })
}

/// The next hops of routes. Adjacent routes with the same next hops share them.
struct Paths<'a> {
    topology: &'a Topology,
    last: (Arc<[NextHop]>, Arc<[Hop]>),
}

impl<'a> Paths<'a> {
    fn new(topology: &'a Topology) -> Self {
        Self {
            topology,
            last: (Arc::default(), Arc::default()),
        }
    }

    /// The next hops and source of a route.
    fn of(&mut self, route: &Route) -> Path {
        let hops = match &route.action {
            Action::Forward(hops) => self.hops(hops),
            Action::Fabric(next) => [hop(self.topology, *next)].into(),
            Action::Drop => Arc::default(),
        };
        Path {
            hops,
            source: route.source,
            protocol: protocol(self.topology, route),
        }
    }

    fn hops(&mut self, next: &Arc<[NextHop]>) -> Arc<[Hop]> {
        if self.last.0 != *next {
            let hops = next.iter().map(|next| hop(self.topology, *next));
            self.last = (Arc::clone(next), hops.collect());
        }
        Arc::clone(&self.last.1)
    }
}

fn protocol(topology: &Topology, route: &Route) -> Protocol {
    // The kernel creates the route of an interface's prefix only if the interface has the prefix.
    let makes = |hop: &NextHop| topology.interface(hop.interface).connected;
    match route.origin {
        Origin::Bgp(_) | Origin::VirtualNetworkGateway { .. } => Protocol::Bgp,
        Origin::Igp | Origin::IgpDefault => Protocol::Ospf,
        Origin::Connected if matches!(&route.action, Action::Forward(hops) if hops.iter().all(makes)) => {
            Protocol::Kernel
        }
        _ => Protocol::Static,
    }
}

/// A neighbour needs the `onlink` flag unless the interface's own prefix contains it.
fn hop(topology: &Topology, next: NextHop) -> Hop {
    let interface = topology.interface(next.interface);
    let is_known = |via: &Address| {
        let own = interface.addresses.first();
        interface.connected && own.is_some_and(|own| own.contains(via))
    };
    Hop {
        name: interface.name.clone(),
        via: next.via,
        on_link: next.via.is_some_and(|via| !is_known(&via)),
    }
}
