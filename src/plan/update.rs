//! The difference between two plans: what to remove and what to add.
//!
//! Nodes and interfaces are the same if their names are, and links if both of their interfaces are. What both plans
//! have is compared node by node and link by link. Routes have a separate difference,
//! [`difference`](super::difference()).

use std::collections::{BTreeMap, BTreeSet};

use crate::firewall::Firewall;
use crate::names::{IfName, NodeName};
use crate::plan::build::FIRST_INDEX;
use crate::plan::link::Joining;
use crate::plan::{Device, Entry, Filter, InterfacePlan, Limit, NodePlan, Plan};
use crate::topology::{LinkId, NodeId};

/// The difference from a lab's old plan to its new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// For each node of the new plan: its node in the old one.
    pub kept: Vec<Option<NodeId>>,
    /// The links and tunnels that stay: their ids in the old plan, and in the new one.
    pub kept_links: BTreeMap<LinkId, LinkId>,
    /// The removed nodes of the old plan.
    pub gone: Vec<NodeId>,
    /// The part of the old plan that is removed in nodes that stay. An interface's entries are removed with it, and a
    /// link with either of its nodes: the kernel would delay the removal of the other end.
    pub removed: Plan,
    /// The part of the new plan that is created, without routes, filters and firewalls.
    pub added: Plan,
    /// Nodes of the new plan whose filters are replaced, each with all of its filters.
    pub filters: BTreeMap<NodeId, Vec<Filter>>,
    /// Nodes of the new plan whose firewall changes, each with its old one and its new one.
    pub firewalls: BTreeMap<NodeId, [Option<Firewall>; 2]>,
    /// Links of the new plan that stay with other impairments.
    pub impaired: Vec<LinkId>,
    /// Interfaces that are created or recreated, for which earlier state of the same name is invalid.
    pub fresh: BTreeSet<Device>,
}

impl Update {
    /// From `old` to `new`. New interfaces get indexes from `first_index` on, but never below a lab's first index: a
    /// lab without nodes has no interface, and the lowest indexes belong to loopback and other interfaces.
    #[must_use]
    pub fn between(old: &Plan, new: &Plan, first_index: u32) -> Self {
        let nodes = Nodes::of(old, new);
        let kept_links = nodes.kept_links(old, new);
        let mut removed = nodes.interfaces_that_go(old, new, &kept_links);
        let mut added = nodes.interfaces_that_come(old, new, &kept_links);
        let [lost, fresh] = [&removed, &added].map(Plan::created);
        for (before, after) in nodes.pairs() {
            let (own, other) = (old.node(before), new.node(after));
            let lost = |name: &IfName| lost.contains(&device(before, name));
            let fresh = |name: &IfName| fresh.contains(&device(after, name));
            own.goes(other, lost, &mut removed.nodes[before.0]);
            other.comes(own, fresh, &mut added.nodes[after.0]);
        }
        added.number(first_index);
        Self {
            filters: nodes.filters_unlike(old, new),
            firewalls: nodes.firewalls_unlike(old, new),
            impaired: impaired(old, new, &kept_links),
            gone: nodes.gone(old),
            kept: nodes.kept,
            kept_links,
            removed,
            added,
            fresh,
        }
    }

    /// The interfaces, by the nodes of the new plan, that lose an address. The kernel removes the neighbors of an
    /// interface that loses its last one.
    #[must_use]
    pub fn renumbered(&self) -> BTreeSet<Device> {
        let places = places(&self.kept);
        let removed = self.removed.numbered();
        let addresses = removed.flat_map(|(node, own)| {
            let interfaces = own.entries.iter().filter_map(Entry::addressed);
            interfaces.map(move |interface| (node, interface))
        });
        addresses
            .filter_map(|(node, interface)| Some(device(*places.get(&node)?, interface)))
            .collect()
    }

    /// Whether the plans differ in routes only, or not at all.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.gone.is_empty()
            && self.removed.operations().is_empty()
            && self.added.operations().is_empty()
            && self.filters.is_empty()
            && self.firewalls.is_empty()
            && self.impaired.is_empty()
    }

    /// The nodes of the new plan that the old one does not have.
    #[must_use]
    pub fn new_nodes(&self) -> Vec<NodeId> {
        new_nodes(&self.kept).collect()
    }

    /// The nodes of the new plan in which something other than routes is removed or added. The kernel's effect on the
    /// routes of such a node is not predicted here: it removes a whole multipath route with one of its interfaces, and
    /// all routes of an interface with its last address.
    #[must_use]
    pub fn touched(&self) -> BTreeSet<NodeId> {
        let places = places(&self.kept);
        let nodes = |part: &Plan| -> Vec<NodeId> {
            let operations = part.operations().into_iter();
            operations.flat_map(|one| one.nodes()).collect()
        };
        let removed = nodes(&self.removed).into_iter();
        let removed = removed.filter_map(|old| places.get(&old).copied());
        removed
            .chain(nodes(&self.added))
            .chain(self.filters.keys().copied())
            .chain(self.firewalls.keys().copied())
            .chain(self.new_nodes())
            .collect()
    }
}

/// The nodes of one plan, by those of another.
struct Nodes {
    kept: Vec<Option<NodeId>>,
    /// From the old plan to the new one.
    places: BTreeMap<NodeId, NodeId>,
}

impl Nodes {
    fn of(old: &Plan, new: &Plan) -> Self {
        let named: BTreeMap<&NodeName, NodeId> =
            old.numbered().map(|(id, node)| (&node.name, id)).collect();
        let new = new.nodes.iter();
        let kept: Vec<Option<NodeId>> = new.map(|node| named.get(&node.name).copied()).collect();
        Self {
            places: places(&kept),
            kept,
        }
    }

    /// The nodes that stay, in the old plan and in the new one.
    fn pairs(&self) -> impl Iterator<Item = (NodeId, NodeId)> {
        self.places.iter().map(|(old, new)| (*old, *new))
    }

    fn gone(&self, old: &Plan) -> Vec<NodeId> {
        let nodes = (0..old.nodes.len()).map(NodeId);
        nodes
            .filter(|node| !self.places.contains_key(node))
            .collect()
    }

    fn kept_links(&self, old: &Plan, new: &Plan) -> BTreeMap<LinkId, LinkId> {
        let links = self.alike(&old.links, &new.links);
        links
            .chain(self.alike(&old.tunnels, &new.tunnels))
            .collect()
    }

    /// The links that two plans have in the same form, by their ids in both.
    fn alike<T: Joining>(&self, old: &[T], new: &[T]) -> impl Iterator<Item = (LinkId, LinkId)> {
        let placed = old.iter().filter_map(|link| {
            let [a, b] = link.devices().map(|Device { node, name }| {
                let node = *self.places.get(&node)?;
                Some(Device { node, name })
            });
            Some(([a?, b?], link))
        });
        let placed: BTreeMap<[Device; 2], &T> = placed.collect();
        new.iter().filter_map(move |link| {
            let before = placed.get(&link.devices())?;
            before.is_like(link).then(|| (before.id(), link.id()))
        })
    }

    /// The removed interfaces of the old plan, in nodes that stay.
    fn interfaces_that_go(&self, old: &Plan, new: &Plan, kept: &BTreeMap<LinkId, LinkId>) -> Plan {
        let mut part = old.without_content();
        part.links = self.links_that_go(&old.links, kept);
        part.tunnels = self.links_that_go(&old.tunnels, kept);
        for (before, after) in self.pairs() {
            let (own, other) = (&old.node(before).bridges, &new.node(after).bridges);
            part.nodes[before.0].bridges = bridges_missing(own, other);
        }
        part
    }

    /// The removed links of the old plan, except those between two removed nodes.
    fn links_that_go<T: Joining + Clone>(
        &self,
        links: &[T],
        kept: &BTreeMap<LinkId, LinkId>,
    ) -> Vec<T> {
        let is_there = |device: &Device| self.places.contains_key(&device.node);
        let links = links.iter().filter(|link| !kept.contains_key(&link.id()));
        links
            .filter(|link| link.devices().iter().any(is_there))
            .cloned()
            .collect()
    }

    /// The interfaces that only the new plan has, and everything else in new nodes.
    fn interfaces_that_come(
        &self,
        old: &Plan,
        new: &Plan,
        kept: &BTreeMap<LinkId, LinkId>,
    ) -> Plan {
        let stay: BTreeSet<LinkId> = kept.values().copied().collect();
        let mut part = new.without_content();
        part.links = missing(&new.links, &stay);
        part.tunnels = missing(&new.tunnels, &stay);
        for (before, after) in self.pairs() {
            let (own, other) = (&new.node(after).bridges, &old.node(before).bridges);
            part.nodes[after.0].bridges = bridges_missing(own, other);
        }
        for node in new_nodes(&self.kept) {
            part.nodes[node.0] = without_later_stages(new.node(node));
        }
        part
    }

    fn filters_unlike(&self, old: &Plan, new: &Plan) -> BTreeMap<NodeId, Vec<Filter>> {
        let differ = |(id, node): &(NodeId, &NodePlan)| {
            let before = self.kept[id.0].map(|before| &old.node(before).filters);
            before.map_or(!node.filters.is_empty(), |before| *before != node.filters)
        };
        let nodes = new.numbered().filter(differ);
        nodes.map(|(id, node)| (id, node.filters.clone())).collect()
    }

    fn firewalls_unlike(&self, old: &Plan, new: &Plan) -> BTreeMap<NodeId, [Option<Firewall>; 2]> {
        let nodes = new.numbered().map(|(id, node)| {
            let before = self.kept[id.0].and_then(|before| old.node(before).firewall.clone());
            (id, [before, node.firewall.clone()])
        });
        nodes
            .filter(|(_, [before, after])| before != after)
            .collect()
    }
}

/// From the nodes of an old plan to those of a new one.
fn places(kept: &[Option<NodeId>]) -> BTreeMap<NodeId, NodeId> {
    let nodes = kept.iter().zip((0..).map(NodeId));
    nodes
        .filter_map(|(old, new)| Some(((*old)?, new)))
        .collect()
}

fn new_nodes(kept: &[Option<NodeId>]) -> impl Iterator<Item = NodeId> {
    let nodes = kept.iter().zip((0..).map(NodeId));
    nodes.filter(|(old, _)| old.is_none()).map(|(_, new)| new)
}

fn device(node: NodeId, name: &IfName) -> Device {
    let name = name.clone();
    Device { node, name }
}

fn missing<T: Joining + Clone>(links: &[T], among: &BTreeSet<LinkId>) -> Vec<T> {
    let links = links.iter().filter(|link| !among.contains(&link.id()));
    links.cloned().collect()
}

fn bridges_missing(own: &[InterfacePlan], others: &[InterfacePlan]) -> Vec<InterfacePlan> {
    let is_there = |one: &InterfacePlan| others.iter().any(|other| one.is_like(other));
    own.iter().filter(|one| !is_there(one)).cloned().collect()
}

/// The links that stay with other impairments.
fn impaired(old: &Plan, new: &Plan, kept: &BTreeMap<LinkId, LinkId>) -> Vec<LinkId> {
    let differ = |(before, after): &(&LinkId, &LinkId)| {
        let [before, after] = [old.link(**before), new.link(**after)];
        before.map(|link| link.directions) != after.map(|link| link.directions)
    };
    let mut impaired: Vec<LinkId> = kept.iter().filter(differ).map(|(_, new)| *new).collect();
    impaired.sort();
    impaired
}

/// A new node, without its routes, filters and firewall.
fn without_later_stages(node: &NodePlan) -> NodePlan {
    NodePlan {
        routes: Vec::new(),
        filters: Vec::new(),
        firewall: None,
        ..node.clone()
    }
}

impl Entry {
    /// The interface of an address.
    const fn addressed(&self) -> Option<&IfName> {
        match self {
            Self::Address { interface, .. } => Some(interface),
            Self::Port { .. }
            | Self::Forwarding { .. }
            | Self::Neighbour { .. }
            | Self::Rule { .. }
            | Self::AskEachSource => None,
        }
    }
}

impl NodePlan {
    /// Adds to `part` what the node needs besides interfaces, if it was `before`.
    fn comes(&self, before: &Self, is_fresh: impl Fn(&IfName) -> bool, part: &mut Self) {
        let there: BTreeSet<&Entry> = before.entries.iter().collect();
        let entries = self.entries.iter();
        let comes = |one: &&Entry| !there.contains(one) || one.on().is_some_and(&is_fresh);
        part.entries = entries.filter(comes).cloned().collect();
        let limits = self.limits.iter();
        let comes =
            |one: &&Limit| !before.limits.contains(one) || one.interfaces.iter().any(&is_fresh);
        part.limits = limits.filter(comes).cloned().collect();
        if self.settings != before.settings {
            part.settings.clone_from(&self.settings);
        }
    }

    /// Adds to `part` what must be removed besides interfaces, if the node becomes `after`.
    fn goes(&self, after: &Self, is_lost: impl Fn(&IfName) -> bool, part: &mut Self) {
        let stays: BTreeSet<&Entry> = after.entries.iter().collect();
        let entries = self.entries.iter();
        // Entries on a removed interface are removed with it.
        let goes = |one: &&Entry| !stays.contains(one) && !one.on().is_some_and(&is_lost);
        part.entries = entries.filter(goes).cloned().collect();
        let limits = self.limits.iter();
        // Removing a limit's devices also removes its filters on interfaces that stay.
        let goes =
            |one: &&Limit| !after.limits.contains(one) || one.interfaces.iter().any(&is_lost);
        part.limits = limits.filter(goes).cloned().collect();
    }
}

impl Plan {
    /// The same nodes, without content and links.
    fn without_content(&self) -> Self {
        let nodes = self.nodes.iter();
        Self {
            lab: self.lab.clone(),
            nodes: nodes
                .map(|node| NodePlan::unchanged(node.name.clone()))
                .collect(),
            links: Vec::new(),
            tunnels: Vec::new(),
        }
    }

    /// The interfaces that it creates, apart from the devices of limits.
    fn created(&self) -> BTreeSet<Device> {
        let operations = self.operations().into_iter();
        operations.flat_map(|one| one.creates()).collect()
    }

    /// Gives its interfaces unused indexes.
    fn number(&mut self, first: u32) {
        let first = first.max(u32::try_from(FIRST_INDEX).unwrap_or(u32::MAX));
        let bridges = self.nodes.iter_mut().flat_map(|node| &mut node.bridges);
        let ends = self.links.iter_mut().flat_map(|link| &mut link.ends);
        let interfaces = bridges.chain(ends.map(|end| &mut end.interface));
        for (interface, index) in interfaces.zip(first..) {
            interface.index = index;
        }
    }
}
