//! What stands in a kernel, in the simplest terms: operations that were done and not undone.
//!
//! This is the plan's idea of a kernel without its means: nodes go by name, and all else by text.

use std::collections::{BTreeMap, BTreeSet};

use netns_lab::plan::{Device, Operation, Plan, Update};
use netns_lab::topology::NodeId;

/// An interface, by its node's name and its own.
type Interface = (String, String);

/// All that was done and not undone, routes left out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    done: Vec<Done>,
    /// The numbers that interfaces were made with.
    indexes: BTreeMap<Interface, u32>,
}

/// An operation that was done.
#[derive(Debug, Clone)]
struct Done {
    /// The operation, without interfaces' numbers.
    text: String,
    nodes: Vec<String>,
    interfaces: Vec<Interface>,
    is_link: bool,
    is_filter: bool,
    /// A rule names an interface that need not be there.
    is_rule: bool,
}

impl Standing {
    /// What stands once a plan is carried out.
    pub(crate) fn of(plan: &Plan) -> Self {
        let mut standing = Self::default();
        standing.carry_out(&plan.operations, plan);
        standing
    }

    /// Everything, in an order that does not depend on how it came about.
    pub(crate) fn told(&self) -> Vec<&str> {
        let mut told: Vec<&str> = self.done.iter().map(|one| one.text.as_str()).collect();
        told.sort_unstable();
        told
    }

    /// The numbers of interfaces that are there; one that two have is there once.
    pub(crate) fn indexes(&self) -> BTreeSet<u32> {
        let links = self.done.iter().filter(|one| one.is_link);
        let interfaces = links.flat_map(|one| &one.interfaces);
        let indexes = interfaces.filter_map(|interface| self.indexes.get(interface));
        indexes.copied().collect()
    }

    /// Carries an update out.
    pub(crate) fn update(&mut self, update: &Update, old: &Plan, new: &Plan) {
        for operation in &update.removed {
            self.undo(&Done::of(operation, old));
        }
        for node in &update.gone {
            let name = old.nodes[node.0].to_string();
            self.done.retain(|one| !one.nodes.contains(&name));
        }
        self.carry_out(&update.added.operations, new);
        for (node, filters) in &update.filters {
            let name = new.nodes[node.0].to_string();
            self.done
                .retain(|one| !(one.is_filter && one.nodes.contains(&name)));
            let filters: Vec<Operation> = filters.iter().cloned().map(Operation::Filter).collect();
            self.carry_out(&filters, new);
        }
        for device in &update.impaired {
            self.impair(device, new);
        }
    }

    fn carry_out(&mut self, operations: &[Operation], plan: &Plan) {
        for operation in operations {
            if matches!(operation, Operation::AddRoute { .. }) {
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
            // What stands on an interface goes with it.
            let stays =
                |one: &Done| one.is_rule || one.is_filter || !one.shares(&undone.interfaces);
            self.done.retain(stays);
        }
    }

    /// Has a link do to packets what the new plan says.
    fn impair(&mut self, device: &Device, new: &Plan) {
        let mut links = new.operations.iter().filter(|one| one.is_link());
        let link = links.find(|link| link.devices().next().as_ref() == Some(device));
        let link = Done::of(link.expect("a link that is in the new plan"), new);
        let is_that = |one: &Done| one.is_link && one.interfaces == link.interfaces;
        let place = self.done.iter().position(is_that);
        self.done[place.expect("a link that stays")] = link;
    }
}

impl Done {
    fn of(operation: &Operation, plan: &Plan) -> Self {
        Self {
            text: without_numbers(&format!("{operation:?}"), plan),
            nodes: operation
                .nodes()
                .iter()
                .map(|node| name(*node, plan))
                .collect(),
            interfaces: operation
                .devices()
                .map(|device| interface(&device, plan))
                .collect(),
            is_link: operation.is_link(),
            is_filter: matches!(operation, Operation::Filter(_)),
            is_rule: matches!(operation, Operation::AddRule { .. }),
        }
    }

    fn shares(&self, interfaces: &[Interface]) -> bool {
        self.interfaces.iter().any(|own| interfaces.contains(own))
    }
}

fn name(node: NodeId, plan: &Plan) -> String {
    plan.nodes[node.0].to_string()
}

fn interface(device: &Device, plan: &Plan) -> Interface {
    (name(device.node, plan), device.name.to_string())
}

fn numbered(operation: &Operation, plan: &Plan) -> Vec<(Interface, u32)> {
    let ends = match operation {
        Operation::AddBridge { end } => std::slice::from_ref(end),
        Operation::AddLink { ends, .. } => &ends[..],
        _ => &[],
    };
    let numbered = ends.iter();
    numbered
        .map(|end| (interface(&end.device, plan), end.index))
        .collect()
}

/// A text with nodes' names for their numbers, and no number for an interface.
fn without_numbers(text: &str, plan: &Plan) -> String {
    let mut parts = text.split("NodeId(");
    let mut named = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once(')').expect("a number in brackets");
        named += &name(NodeId(number.parse().expect("a number")), plan);
        named += rest;
    }
    let mut parts = named.split("index: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.trim_start_matches(|c: char| c.is_ascii_digit())
    })
}
