//! From a topology and its routes to operations.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use crate::plan::operation::{Device, Hop, LinkEnd, Operation, Protocol, TunnelEnd};
use crate::plan::tables::{numbered, rules, timed_path};
use crate::plan::{Path, Plan, filters, limits, settings};
use crate::routing::{Action, NextHop, Origin, Route, Tables};
use crate::topology::{
    Interface, InterfaceId, InterfaceKind, Link, LinkId, LinkKind, Mac, NodeId, Role, Segment,
    SegmentId, Session, Topology,
};

/// The index of a lab's first interface: far above the indexes that the kernel assigns, from 2 on, to other interfaces
/// in the same namespace.
pub(super) const FIRST_INDEX: usize = 1000;

/// Plans a lab.
#[must_use]
pub fn plan(topology: &Topology, tables: &Tables) -> Plan {
    let nodes = || (0..topology.nodes.len()).map(NodeId);
    let mut operations = Vec::new();
    operations.extend(nodes().map(|node| Operation::AddNamespace {
        node,
        settings: settings::of(topology.node(node)),
    }));
    operations.extend(bridges(topology));
    operations.extend(links(topology));
    operations.extend(
        topology
            .segments
            .iter()
            .zip((0..).map(SegmentId))
            .flat_map(|(segment, id)| fabric(topology, id, segment)),
    );
    operations.extend(nodes().flat_map(|node| addresses(topology, node)));
    operations.extend(nodes().flat_map(|node| neighbours(topology, node)));
    operations.extend(nodes().flat_map(|node| routes(topology, tables, node)));
    operations.extend(nodes().flat_map(|node| rules(topology, node)));
    operations.extend(
        topology
            .internet_paths
            .iter()
            .enumerate()
            .flat_map(|(index, path)| timed_path(topology, index, path)),
    );
    operations.extend(filters::all(topology));
    operations.extend(limits::all(topology));
    Plan {
        lab: topology.name.clone(),
        nodes: topology
            .nodes
            .iter()
            .map(|node| node.name.clone())
            .collect(),
        operations,
    }
}

pub(super) fn device(topology: &Topology, id: InterfaceId) -> Device {
    let interface = topology.interface(id);
    Device {
        node: interface.node,
        name: interface.name.clone(),
    }
}

fn link_end(topology: &Topology, id: InterfaceId) -> LinkEnd {
    let interface = topology.interface(id);
    let bridge = interface
        .port
        .map(|port| topology.segment(port.segment).bridge);
    LinkEnd {
        device: device(topology, id),
        index: u32::try_from(id.0 + FIRST_INDEX).unwrap_or(u32::MAX),
        mac: interface.mac,
        resolves: interface.connected,
        bridge: bridge.map(|bridge| topology.interface(bridge).name.clone()),
        up: interface.up,
    }
}

fn bridges(topology: &Topology) -> impl Iterator<Item = Operation> {
    topology
        .segments
        .iter()
        .map(|segment| Operation::AddBridge {
            end: link_end(topology, segment.bridge),
        })
}

fn links(topology: &Topology) -> impl Iterator<Item = Operation> {
    let mut sessions: BTreeMap<LinkId, Vec<&Session>> = BTreeMap::new();
    for session in &topology.sessions {
        if let Some(link) = session.link {
            sessions.entry(link).or_default().push(session);
        }
    }
    let links = (0..).map(LinkId).zip(&topology.links);
    links.map(move |(id, link)| {
        let sessions = sessions.get(&id).map_or(&[][..], Vec::as_slice);
        add_link(topology, link, sessions)
    })
}

fn add_link(topology: &Topology, link: &Link, sessions: &[&Session]) -> Operation {
    match &link.kind {
        LinkKind::Wire => Operation::AddLink {
            ends: link.ends.map(|end| link_end(topology, end)),
            directions: link.directions,
        },
        LinkKind::Tunnel { public, port, .. } => {
            let [a, b] = link.ends.map(|end| device(topology, end));
            let end = |device: Device, public| TunnelEnd {
                mtu: limits::tunnel_mtu(topology.node(device.node)),
                device,
                public,
            };
            Operation::AddTunnel {
                name: link.name.clone(),
                ends: [end(a, public[0]), end(b, public[1])],
                port: *port,
                carried: sessions.iter().all(|session| topology.is_enabled(session)),
            }
        }
    }
}

/// Makes a virtual network's bridge a fabric, in which every address is behind a known port. A virtual network carries
/// neither broadcast nor multicast, and neither does its bridge. A site's LAN is an ordinary bridge.
fn fabric(topology: &Topology, id: SegmentId, segment: &Segment) -> Vec<Operation> {
    if segment.vnet.is_none() {
        return Vec::new();
    }
    let mut operations = Vec::new();
    let forward = |port, member| Operation::AddForwarding {
        device: device(topology, port),
        mac: topology.interface(member).mac,
    };
    for member in &segment.members {
        operations.push(Operation::SetPort {
            device: device(topology, member.port),
            isolated: false,
        });
        operations.push(forward(member.port, member.interface));
    }
    for (port, peer) in &segment.peerings {
        operations.push(Operation::SetPort {
            device: device(topology, *port),
            isolated: true,
        });
        operations.extend(
            topology
                .members_shown(id, *peer)
                .map(|member| forward(*port, member.interface)),
        );
    }
    operations
}

fn addresses(topology: &Topology, node: NodeId) -> Vec<Operation> {
    let lo = crate::names::IfName::loopback();
    let loopback = topology
        .node(node)
        .loopback
        .iter()
        .map(|address| Operation::AddAddress {
            device: Device {
                node,
                name: lo.clone(),
            },
            address: (*address).into(),
            connected: false,
        });
    let of_interfaces = topology.interfaces_of(node).flat_map(|(id, interface)| {
        // A further address, that of another peering over the same link, creates no route.
        let numbered = interface.addresses.iter().enumerate();
        numbered.map(move |(index, address)| Operation::AddAddress {
            device: device(topology, id),
            address: *address,
            connected: interface.connected && index == 0,
        })
    });
    loopback.chain(of_interfaces).collect()
}

/// All neighbours are static, so the first packet is as fast as the second. A bridge port has none: it carries other
/// nodes' packets.
fn neighbours(topology: &Topology, node: NodeId) -> Vec<Operation> {
    let speaks = |interface: &Interface| interface.up && interface.port.is_none();
    let known = topology
        .interfaces_of(node)
        .filter(|(_, interface)| speaks(interface))
        .flat_map(|(id, interface)| {
            let neighbours = if interface.segment.is_some() {
                on_segment(topology, id, interface)
            } else {
                across(topology, id)
            };
            neighbours
                .into_iter()
                .map(move |(address, mac)| Operation::AddNeighbour {
                    device: device(topology, id),
                    address,
                    mac,
                })
        });
    known.collect()
}

fn on_segment(
    topology: &Topology,
    id: InterfaceId,
    interface: &Interface,
) -> BTreeSet<(Ipv4Addr, Mac)> {
    let reached = interface
        .segment
        .into_iter()
        .flat_map(|segment| topology.addresses_on(segment, id));
    let mut known: BTreeSet<_> = reached
        .map(|(member, address)| (address, topology.interface(member.interface).mac))
        .collect();
    let is_machine = matches!(
        topology.node(interface.node).role,
        Role::VirtualMachine { .. }
    );
    if let Some(nic) = interface.nic.as_ref().filter(|_| is_machine) {
        known.insert((nic.subnet_gateway, Mac::AZURE_FABRIC));
    }
    known
}

fn across(topology: &Topology, id: InterfaceId) -> BTreeSet<(Ipv4Addr, Mac)> {
    if topology.interface(id).kind != InterfaceKind::Link {
        return BTreeSet::new();
    }
    let far = topology.across(id).map(|far| topology.interface(far));
    far.into_iter()
        .flat_map(|far| {
            far.addresses
                .iter()
                .map(|address| (address.addr(), far.mac))
        })
        .collect()
}

/// A node's routes, except those that the kernel creates from an address's prefix, and drop routes that a shorter drop
/// route covers.
fn routes(topology: &Topology, tables: &Tables, node: NodeId) -> impl Iterator<Item = Operation> {
    let mut paths = Paths::new(topology);
    let routes = numbered(tables.of(node)).flat_map(|(table, routes)| {
        let needed = needed(routes).map(move |route| (table, route));
        needed.filter(|(_, route)| protocol(topology, route) != Protocol::Kernel)
    });
    routes.map(move |(table, route)| {
        let path = paths.of(route);
        Operation::AddRoute {
            node,
            prefix: route.prefix,
            table,
            hops: path.hops,
            source: path.source,
            protocol: path.protocol,
        }
    })
}

/// The routes that the kernel needs, in order: those in force, except drop routes in the fabric that the next shorter
/// drop route covers.
pub(super) fn needed(routes: &[Route]) -> impl Iterator<Item = &Route> {
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

/// The next hops of routes. Adjacent routes often have the same ones, and then share them.
pub(super) struct Paths<'a> {
    topology: &'a Topology,
    last: (Arc<[NextHop]>, Arc<[Hop]>),
}

impl<'a> Paths<'a> {
    pub(super) fn new(topology: &'a Topology) -> Self {
        Self {
            topology,
            last: (Arc::default(), Arc::default()),
        }
    }

    /// The next hops and source of a route.
    pub(super) fn of(&mut self, route: &Route) -> Path {
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
    let is_known = |via: &Ipv4Addr| {
        let own = interface.addresses.first();
        interface.connected && own.is_some_and(|own| own.contains(via))
    };
    Hop {
        name: interface.name.clone(),
        via: next.via,
        on_link: next.via.is_some_and(|via| !is_known(&via)),
    }
}
