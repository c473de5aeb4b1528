//! A simple model of the kernel's state: the operations that were done and not undone.
//!
//! It is independent of the kernel: nodes have names, and everything else is text.

use std::collections::{BTreeMap, BTreeSet};

use netns_lab::plan::{Device, Entry, InterfacePlan, Operation, Plan, Update};
use netns_lab::topology::{LinkId, NodeId};

/// An interface, by its node's name and its own.
type Interface = (String, String);

/// All operations that were done and not undone, except routes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    done: Vec<Done>,
    /// The indexes with which interfaces were created.
    indexes: BTreeMap<Interface, u32>,
}

/// An operation that was done.
#[derive(Debug, Clone)]
struct Done {
    /// The operation, without interface indexes.
    text: String,
    nodes: Vec<String>,
    interfaces: Vec<Interface>,
    is_link: bool,
    is_filter: bool,
    /// A rule names an interface that need not be there.
    is_rule: bool,
}

impl Standing {
    /// The state after a plan is carried out.
    pub(crate) fn of(plan: &Plan) -> Self {
        let mut standing = Self::default();
        standing.carry_out(&plan.operations(), plan);
        standing
    }

    /// All operations, sorted.
    pub(crate) fn told(&self) -> Vec<&str> {
        let mut told: Vec<&str> = self.done.iter().map(|one| one.text.as_str()).collect();
        told.sort_unstable();
        told
    }

    /// The indexes of existing interfaces; an index used twice counts once.
    pub(crate) fn indexes(&self) -> BTreeSet<u32> {
        let links = self.done.iter().filter(|one| one.is_link);
        let interfaces = links.flat_map(|one| &one.interfaces);
        let indexes = interfaces.filter_map(|interface| self.indexes.get(interface));
        indexes.copied().collect()
    }

    /// Carries out an update.
    pub(crate) fn update(&mut self, update: &Update, old: &Plan, new: &Plan) {
        for operation in update.removed.undone() {
            self.undo(&Done::of(operation, old));
        }
        for node in &update.gone {
            let name = name(*node, old);
            self.done.retain(|one| !one.nodes.contains(&name));
        }
        self.carry_out(&update.added.operations(), new);
        for (node, filters) in &update.filters {
            let name = name(*node, new);
            self.done
                .retain(|one| !(one.is_filter && one.nodes.contains(&name)));
            let filters = filters.iter().map(|one| Operation::Filter(*node, one));
            self.carry_out(&filters.collect::<Vec<_>>(), new);
        }
        for link in &update.impaired {
            self.impair(*link, new);
        }
    }

    fn carry_out(&mut self, operations: &[Operation<'_>], plan: &Plan) {
        for operation in operations.iter().copied() {
            if matches!(operation, Operation::Route(..)) {
                continue;
            }
            let done = Done::of(operation, plan);
            let alike = |one: &Done| done.is_link && one.is_link && one.shares(&done.interfaces);
            assert!(!self.done.iter().any(alike), "made twice: {done:?}");
            self.indexes.extend(numbered(operation, plan));
            self.done.push(done);
        }
    }

    fn undo(&mut self, undone: &Done) {
        let place = self.done.iter().position(|one| one.text == undone.text);
        let place = place.unwrap_or_else(|| panic!("undone, but never done: {undone:?}"));
        self.done.swap_remove(place);
        if undone.is_link {
            // Operations on an interface are undone with it.
            let stays =
                |one: &Done| one.is_rule || one.is_filter || !one.shares(&undone.interfaces);
            self.done.retain(stays);
        }
    }

    /// Gives a link the impairments of the new plan.
    fn impair(&mut self, link: LinkId, new: &Plan) {
        let link = new.link(link).expect("a link that is in the new plan");
        let link = Done::of(Operation::Link(link), new);
        let is_that = |one: &Done| one.is_link && one.interfaces == link.interfaces;
        let place = self.done.iter().position(is_that);
        self.done[place.expect("a link that stays")] = link;
    }
}

impl Done {
    fn of(operation: Operation<'_>, plan: &Plan) -> Self {
        let created = operation.creates();
        let is_link = !created.is_empty();
        Self {
            text: without_numbers(&format!("{operation:?}"), plan),
            nodes: operation
                .nodes()
                .iter()
                .map(|node| name(*node, plan))
                .collect(),
            interfaces: created
                .into_iter()
                .chain(changes(operation))
                .map(|device| interface(&device, plan))
                .collect(),
            is_link,
            is_filter: matches!(operation, Operation::Filter(..)),
            is_rule: matches!(operation, Operation::Entry(_, Entry::Rule { .. })),
        }
    }

    fn shares(&self, interfaces: &[Interface]) -> bool {
        self.interfaces.iter().any(|own| interfaces.contains(own))
    }
}

/// The existing interfaces that an operation changes.
fn changes(operation: Operation<'_>) -> Vec<Device> {
    let (node, names) = match operation {
        Operation::Entry(node, entry) => (node, entry.on().into_iter().collect()),
        Operation::Limit(node, limit) => (node, limit.interfaces.iter().collect::<Vec<_>>()),
        _ => return Vec::new(),
    };
    let names = names.into_iter().cloned();
    names.map(|name| Device { node, name }).collect()
}

fn name(node: NodeId, plan: &Plan) -> String {
    plan.node(node).name.to_string()
}

fn interface(device: &Device, plan: &Plan) -> Interface {
    (name(device.node, plan), device.name.to_string())
}

fn numbered(operation: Operation<'_>, plan: &Plan) -> Vec<(Interface, u32)> {
    let created: Vec<(NodeId, &InterfacePlan)> = match operation {
        Operation::Bridge(node, bridge) => vec![(node, bridge)],
        Operation::Link(link) => {
            let ends = link.ends.iter();
            ends.map(|end| (end.node, &end.interface)).collect()
        }
        _ => Vec::new(),
    };
    let numbered = created.into_iter();
    numbered
        .map(|(node, own)| ((name(node, plan), own.name.to_string()), own.index))
        .collect()
}

/// A text with nodes' names instead of numbers, and without the numbers of interfaces and links.
fn without_numbers(text: &str, plan: &Plan) -> String {
    let mut parts = text.split("NodeId(");
    let mut named = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once(')').expect("a number in brackets");
        named += &name(NodeId(number.parse().expect("a number")), plan);
        named += rest;
    }
    ["index: ", "LinkId("].iter().fold(named, |text, before| {
        let mut parts = text.split(before);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| {
            text + part.trim_start_matches(|c: char| c.is_ascii_digit())
        })
    })
}
