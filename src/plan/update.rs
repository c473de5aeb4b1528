//! The difference between two plans: what to remove and what to add.
//!
//! Nodes and interfaces are the same if their names are. Routes have a separate difference,
//! [`difference`](super::difference()).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::names::NodeName;
use crate::plan::build::FIRST_INDEX;
use crate::plan::{Device, Filter, LinkEnd, Operation, Plan};
use crate::topology::NodeId;
use crate::units::Impairment;

/// The difference from a lab's old plan to its new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// For each node of the new plan: its node in the old one.
    pub kept: Vec<Option<NodeId>>,
    /// Nodes of the old plan that are removed.
    pub gone: Vec<NodeId>,
    /// What is undone in nodes that stay, in order, with the node ids of the old plan.
    pub removed: Vec<Operation>,
    /// What is done, in order, without routes.
    pub added: Plan,
    /// Nodes of the new plan whose filters are replaced, each with all of its filters.
    pub filters: BTreeMap<NodeId, Vec<Filter>>,
    /// Links that stay with other impairments, by the first end's device.
    pub impaired: Vec<Device>,
    /// Interfaces that are created or recreated, for which earlier state of the same name is invalid.
    pub fresh: BTreeSet<Device>,
}

impl Update {
    /// From `old` to `new`. New interfaces get indexes from `first_index` on, or from a lab's first one if that is
    /// higher: a lab without nodes has none, and the lowest belong to loopback and other interfaces.
    #[must_use]
    pub fn between(old: &Plan, new: &Plan, first_index: u32) -> Self {
        let first_index = first_index.max(u32::try_from(FIRST_INDEX).unwrap_or(u32::MAX));
        let Nodes { kept, places } = Nodes::of(old, new);
        let before = Side::of(old.operations.iter().filter_map(|one| moved(one, &places)));
        let after = Side::of(new.operations.iter().map(Cow::Borrowed));
        let fresh: BTreeSet<Device> = after
            .links_missing_in(&before)
            .flat_map(Operation::devices)
            .collect();
        let lost: BTreeSet<Device> = before
            .links_missing_in(&after)
            .flat_map(Operation::devices)
            .collect();
        let mut added: Vec<Operation> = after
            .all
            .iter()
            .filter(|one| comes(one, &before, &fresh))
            .map(|one| one.operation.clone().into_owned())
            .collect();
        number(&mut added, first_index);
        Self {
            gone: (0..old.nodes.len())
                .map(NodeId)
                .filter(|node| !places.contains_key(node))
                .collect(),
            removed: before
                .goes(&after, &lost, &kept)
                .into_iter()
                .chain(severed(old, &places))
                .collect(),
            filters: after.filters_unlike(&before, new.nodes.len()),
            impaired: after.impaired_unlike(&before, &fresh),
            added: Plan {
                lab: new.lab.clone(),
                nodes: new.nodes.clone(),
                operations: added,
            },
            kept,
            fresh,
        }
    }

    /// The interfaces, by the nodes of the new plan, that lose an address. The kernel removes the neighbors of an
    /// interface that loses its last one.
    #[must_use]
    pub fn renumbered(&self) -> BTreeSet<Device> {
        let places = self.places();
        let removed = self.removed.iter().filter_map(|one| match one {
            Operation::AddAddress { device, .. } => Some(device),
            _ => None,
        });
        let renumbered = removed.filter_map(|device| {
            let node = *places.get(&device.node)?;
            let name = device.name.clone();
            Some(Device { node, name })
        });
        renumbered.collect()
    }

    /// The new node of each node of the old plan.
    fn places(&self) -> BTreeMap<NodeId, NodeId> {
        let nodes = self.kept.iter().zip((0..).map(NodeId));
        nodes
            .filter_map(|(old, new)| Some(((*old)?, new)))
            .collect()
    }

    /// Whether at most routes differ.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.gone.is_empty()
            && self.removed.is_empty()
            && self.added.operations.is_empty()
            && self.filters.is_empty()
            && self.impaired.is_empty()
    }

    /// The nodes of the new plan that the old one does not have.
    #[must_use]
    pub fn new_nodes(&self) -> Vec<NodeId> {
        let nodes = self.kept.iter().zip((0..).map(NodeId));
        let new = nodes.filter(|(old, _)| old.is_none());
        new.map(|(_, node)| node).collect()
    }

    /// The nodes of the new plan in which something other than routes is removed or added. The kernel's effect on the
    /// routes of such a node is not predicted here: it removes a whole multipath route with one of its interfaces, and
    /// all routes of an interface with its last address.
    #[must_use]
    pub fn touched(&self) -> BTreeSet<NodeId> {
        let places = self.places();
        let removed = self.removed.iter().flat_map(Operation::nodes);
        let removed = removed.filter_map(|old| places.get(&old).copied());
        let added = self.added.operations.iter().flat_map(Operation::nodes);
        removed
            .chain(added)
            .chain(self.filters.keys().copied())
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
        let named: BTreeMap<&NodeName, NodeId> = old.nodes.iter().zip((0..).map(NodeId)).collect();
        let kept: Vec<Option<NodeId>> = new
            .nodes
            .iter()
            .map(|name| named.get(name).copied())
            .collect();
        let pairs = kept.iter().zip((0..).map(NodeId));
        Self {
            places: pairs
                .filter_map(|(old, new)| Some(((*old)?, new)))
                .collect(),
            kept,
        }
    }
}

/// An operation of the old plan, with the node ids of the new one; `None` if one of its nodes is removed, with
/// everything on it.
fn moved<'a>(
    operation: &'a Operation,
    places: &BTreeMap<NodeId, NodeId>,
) -> Option<Cow<'a, Operation>> {
    let stays = |node: &NodeId| places.get(node) == Some(node);
    if operation.nodes().iter().all(stays) {
        return Some(Cow::Borrowed(operation));
    }
    renumbered(operation, |node| places.get(&node).copied()).map(Cow::Owned)
}

/// The links between a node that stays and a removed one: the kernel would delay the removal of the end that stays.
fn severed(old: &Plan, places: &BTreeMap<NodeId, NodeId>) -> impl Iterator<Item = Operation> {
    let is_severed = |one: &&Operation| {
        let nodes = one.nodes();
        let mut kept = nodes.iter().map(|node| places.contains_key(node));
        one.is_link() && kept.clone().any(|is_kept| is_kept) && kept.any(|is_kept| !is_kept)
    };
    old.operations.iter().filter(is_severed).cloned()
}

/// The same operation with other node ids; `None` if a node has none.
fn renumbered(
    operation: &Operation,
    place: impl Fn(NodeId) -> Option<NodeId>,
) -> Option<Operation> {
    let mut operation = operation.clone();
    let mut nodes = operation.nodes_mut().into_iter();
    nodes.try_for_each(|node| {
        *node = place(*node)?;
        Some(())
    })?;
    Some(operation)
}

/// An operation, with a hash that operations equal in essence share.
struct Known<'a> {
    operation: Cow<'a, Operation>,
    fingerprint: u64,
}

/// A plan's operations, for lookup.
struct Side<'a> {
    all: Vec<Known<'a>>,
    /// The position of each, by its hash; sorted.
    places: Vec<(u64, usize)>,
}

/// Whether an operation must be carried out, given those of `before`.
fn comes(one: &Known<'_>, before: &Side<'_>, fresh: &BTreeSet<Device>) -> bool {
    match &*one.operation {
        Operation::AddRoute { .. } | Operation::Filter(_) => false,
        // A rule refers to its interface by name.
        Operation::AddRule { .. } => !before.has(one),
        operation => !before.has(one) || operation.devices().any(|device| fresh.contains(&device)),
    }
}

/// Whether an operation must be undone, given those of `after`.
fn goes(one: &Known<'_>, after: &Side<'_>, lost: &BTreeSet<Device>) -> bool {
    let on_lost = || one.operation.devices().any(|device| lost.contains(&device));
    match &*one.operation {
        Operation::AddRoute { .. } | Operation::AddNamespace { .. } | Operation::Filter(_) => false,
        Operation::AddRule { .. } => !after.has(one),
        // A limit's filters to its own devices are removed with these, whatever happens to the interfaces.
        Operation::LimitTogether { .. } => !after.has(one) || on_lost(),
        Operation::AddBridge { .. } | Operation::AddLink { .. } | Operation::AddTunnel { .. } => {
            !after.has(one)
        }
        // Everything on a link is removed with it.
        Operation::SetPort { .. }
        | Operation::AddAddress { .. }
        | Operation::AddNeighbour { .. }
        | Operation::AddForwarding { .. }
        | Operation::AskEachSource { .. } => !after.has(one) && !on_lost(),
    }
}

impl<'a> Side<'a> {
    fn of(operations: impl Iterator<Item = Cow<'a, Operation>>) -> Self {
        let all: Vec<Known<'a>> = operations
            .map(|operation| Known {
                fingerprint: fingerprint(&operation),
                operation,
            })
            .collect();
        let mut places: Vec<(u64, usize)> =
            all.iter().map(|one| one.fingerprint).zip(0..).collect();
        places.sort_unstable();
        Self { all, places }
    }

    fn has(&self, one: &Known<'_>) -> bool {
        let first = self
            .places
            .partition_point(|(own, _)| *own < one.fingerprint);
        let mut alike = self.places[first..]
            .iter()
            .take_while(|(own, _)| *own == one.fingerprint);
        alike.any(|(_, place)| are_alike(&self.all[*place].operation, &one.operation))
    }

    /// Bridges, links and tunnels that the other plan lacks, or has in another form.
    fn links_missing_in<'b>(&'b self, other: &'b Side<'_>) -> impl Iterator<Item = &'b Operation> {
        let links = self.all.iter().filter(|one| one.operation.is_link());
        links
            .filter(|one| !other.has(one))
            .map(|one| &*one.operation)
    }

    /// What must be undone, given `after`: what is on links first, then links, then bridges.
    fn goes(
        &self,
        after: &Side<'_>,
        lost: &BTreeSet<Device>,
        kept: &[Option<NodeId>],
    ) -> Vec<Operation> {
        let mut gone: Vec<&Operation> = self
            .all
            .iter()
            .filter(|one| goes(one, after, lost))
            .map(|one| &*one.operation)
            .collect();
        // Links go after everything on them, and bridges after their ports.
        gone.sort_by_key(|one| (one.is_link(), matches!(one, Operation::AddBridge { .. })));
        gone.into_iter()
            .filter_map(|one| renumbered(one, |node| kept[node.0]))
            .collect()
    }

    fn filters_unlike(&self, before: &Side<'_>, nodes: usize) -> BTreeMap<NodeId, Vec<Filter>> {
        let old = before.filters();
        let new = self.filters();
        (0..nodes)
            .map(NodeId)
            .filter(|node| old.get(node) != new.get(node))
            .map(|node| (node, new.get(&node).cloned().unwrap_or_default()))
            .collect()
    }

    fn filters(&self) -> BTreeMap<NodeId, Vec<Filter>> {
        let mut filters: BTreeMap<NodeId, Vec<Filter>> = BTreeMap::new();
        for one in &self.all {
            if let Operation::Filter(filter) = &*one.operation {
                filters
                    .entry(filter.node())
                    .or_default()
                    .push(filter.clone());
            }
        }
        filters
    }

    fn impaired_unlike(&self, before: &Side<'_>, fresh: &BTreeSet<Device>) -> Vec<Device> {
        let old = before.impairments();
        let new = self.impairments();
        new.into_iter()
            .filter(|(device, _)| !fresh.contains(device))
            .filter(|(device, directions)| old.get(device) != Some(directions))
            .map(|(device, _)| device)
            .collect()
    }

    fn impairments(&self) -> BTreeMap<Device, &[Impairment; 2]> {
        let links = self.all.iter().filter_map(|one| match &*one.operation {
            Operation::AddLink { ends, directions } => Some((ends[0].device.clone(), directions)),
            _ => None,
        });
        links.collect()
    }
}

/// Whether two operations are the same, except for what [`hash_essence`] leaves out.
fn are_alike(one: &Operation, other: &Operation) -> bool {
    match (one, other) {
        (Operation::AddBridge { end }, Operation::AddBridge { end: other }) => {
            essence(end) == essence(other)
        }
        (Operation::AddLink { ends, .. }, Operation::AddLink { ends: others, .. }) => {
            ends.each_ref().map(essence) == others.each_ref().map(essence)
        }
        _ => one == other,
    }
}

/// Hashes an operation without its interfaces' indexes, which never change, and without a link's impairments, which can
/// change in place.
fn hash_essence(operation: &Operation, hasher: &mut impl Hasher) {
    std::mem::discriminant(operation).hash(hasher);
    match operation {
        Operation::AddBridge { end } => essence(end).hash(hasher),
        Operation::AddLink { ends, .. } => ends.each_ref().map(essence).hash(hasher),
        operation => operation.hash(hasher),
    }
}

/// An end of a link without its index.
fn essence(end: &LinkEnd) -> impl Hash + PartialEq + use<'_> {
    let LinkEnd {
        device,
        index: _,
        mac,
        resolves,
        bridge,
        up,
    } = end;
    (device, mac, resolves, bridge, up)
}

fn fingerprint(operation: &Operation) -> u64 {
    let mut hasher = DefaultHasher::new();
    hash_essence(operation, &mut hasher);
    hasher.finish()
}

/// Gives new interfaces unused indexes.
fn number(operations: &mut [Operation], first: u32) {
    let ends = operations.iter_mut().flat_map(Operation::link_ends_mut);
    for (end, index) in ends.zip(first..) {
        end.index = index;
    }
}
