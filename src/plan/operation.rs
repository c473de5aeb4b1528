//! A plan as a list of operations, to be shown, counted and named in messages.

use crate::firewall::Firewall;
use crate::plan::change::{Path, RouteKey};
use crate::plan::filter::Filter;
use crate::plan::link::{Device, InterfacePlan, Joining, LinkPlan, TunnelPlan};
use crate::plan::node::{Entry, Limit, Setting};
use crate::plan::{NodePlan, Plan};
use crate::topology::NodeId;

/// One operation of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation<'a> {
    /// Creates a node's namespace with its settings.
    Namespace(NodeId, &'a [Setting]),
    /// Creates a bridge of a node.
    Bridge(NodeId, &'a InterfacePlan),
    /// Joins two interfaces.
    Link(&'a LinkPlan),
    /// Creates a site-to-site tunnel.
    Tunnel(&'a TunnelPlan),
    /// Adds an entry to a table of a node.
    Entry(NodeId, &'a Entry),
    /// Adds a route.
    Route(&'a RouteKey, &'a Path),
    /// Adds a rule to a node's packet filter.
    Filter(NodeId, &'a Filter),
    /// Loads the firewall of a node.
    Firewall(NodeId, &'a Firewall),
    /// Limits interfaces of a node together.
    Limit(NodeId, &'a Limit),
}

impl Operation<'_> {
    /// The nodes of the operation.
    #[must_use]
    pub fn nodes(&self) -> Vec<NodeId> {
        match self {
            Self::Namespace(node, _)
            | Self::Bridge(node, _)
            | Self::Entry(node, _)
            | Self::Filter(node, _)
            | Self::Firewall(node, _)
            | Self::Limit(node, _) => vec![*node],
            Self::Route(key, _) => vec![key.node],
            Self::Link(link) => link.devices().map(|device| device.node).to_vec(),
            Self::Tunnel(tunnel) => tunnel.devices().map(|device| device.node).to_vec(),
        }
    }

    /// The interfaces that it creates, apart from loopback and the devices of a limit.
    #[must_use]
    pub fn creates(&self) -> Vec<Device> {
        match self {
            Self::Bridge(node, bridge) => vec![Device {
                node: *node,
                name: bridge.name.clone(),
            }],
            Self::Link(link) => link.devices().to_vec(),
            Self::Tunnel(tunnel) => tunnel.devices().to_vec(),
            Self::Namespace(..)
            | Self::Entry(..)
            | Self::Route(..)
            | Self::Filter(..)
            | Self::Firewall(..)
            | Self::Limit(..) => Vec::new(),
        }
    }

    /// Its place among the operations of a plan: after everything that it needs. Links and tunnels are in the order of
    /// their ids, and the others of one place in the order of their nodes.
    fn place(&self) -> (u8, usize) {
        let place = match self {
            Self::Namespace(..) => 0,
            Self::Bridge(..) => 1,
            Self::Link(link) => return (2, link.id.0),
            Self::Tunnel(tunnel) => return (2, tunnel.id.0),
            Self::Entry(_, entry) => match entry {
                Entry::Port { .. } | Entry::Forwarding { .. } => 3,
                Entry::Address { .. } => 4,
                Entry::Neighbour { .. } => 5,
                Entry::Rule { .. } => 6,
                Entry::AskEachSource => 9,
            },
            Self::Route(..) => 7,
            Self::Filter(_, filter) => match filter {
                Filter::SetInnerTtl { .. } => 8,
                Filter::HideGateway { .. } => 10,
                Filter::DropForwarded { .. } => 11,
                Filter::Silence { .. } => 12,
                Filter::FilterPeering { .. } => 13,
                Filter::SelectTraffic { .. } => 14,
                Filter::ClampMss { .. } => 15,
            },
            Self::Firewall(..) => 16,
            Self::Limit(..) => 17,
        };
        (place, 0)
    }

    /// When it is undone: entries of an interface before the interface, and a bridge after its ports.
    fn undone(&self) -> u8 {
        match self {
            Self::Namespace(..)
            | Self::Entry(..)
            | Self::Route(..)
            | Self::Filter(..)
            | Self::Firewall(..)
            | Self::Limit(..) => 0,
            Self::Link(_) | Self::Tunnel(_) => 1,
            Self::Bridge(..) => 2,
        }
    }
}

impl Plan {
    /// All operations, each after those that it needs.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let of_nodes = self.numbered().flat_map(|(id, node)| of_node(id, node));
        let links = self.links.iter().map(Operation::Link);
        let tunnels = self.tunnels.iter().map(Operation::Tunnel);
        let mut operations: Vec<_> = of_nodes.chain(links).chain(tunnels).collect();
        operations.sort_by_key(Operation::place);
        operations
    }

    /// All operations in the order in which they are undone.
    #[must_use]
    pub fn undone(&self) -> Vec<Operation<'_>> {
        let mut operations = self.operations();
        operations.sort_by_key(Operation::undone);
        operations
    }
}

fn of_node(id: NodeId, node: &NodePlan) -> impl Iterator<Item = Operation<'_>> {
    let NodePlan {
        name: _,
        settings,
        bridges,
        entries,
        limits,
        filters,
        firewall,
        routes,
    } = node;
    let namespace = (!settings.is_empty()).then_some(Operation::Namespace(id, settings));
    let bridges = bridges.iter().map(move |one| Operation::Bridge(id, one));
    let entries = entries.iter().map(move |one| Operation::Entry(id, one));
    let routes = routes.iter().map(|(key, path)| Operation::Route(key, path));
    let filters = filters.iter().map(move |one| Operation::Filter(id, one));
    let firewall = firewall.iter();
    let firewall = firewall.map(move |one| Operation::Firewall(id, one));
    let limits = limits.iter().map(move |one| Operation::Limit(id, one));
    let interfaces = namespace.into_iter().chain(bridges);
    interfaces
        .chain(entries)
        .chain(routes)
        .chain(filters)
        .chain(firewall)
        .chain(limits)
}
