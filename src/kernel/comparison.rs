//! Compares the kernel state of nodes with the expected state.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::{LinkState, LiveRoute, Standing};
use crate::names::IfName;
use crate::plan::{Device, NodeRoutes, Operation, Path, Plan, RouteKey, Worded};
use crate::topology::NodeId;

/// The expected content of some namespaces, without routes.
pub struct Belonging<'a> {
    plan: &'a Plan,
    entries: BTreeMap<NodeId, Vec<&'a Operation>>,
    /// The interfaces that the lab file disables.
    disabled: BTreeSet<Device>,
}

/// The differences in a node.
#[derive(Debug, Clone, Default)]
pub struct Difference {
    /// Correct routes.
    pub agreeing: usize,
    /// Unexpected routes.
    pub wrong: Vec<LiveRoute>,
    /// Missing routes.
    pub lacking: Vec<(RouteKey, Path)>,
    /// Missing addresses, neighbors, forwarding entries and rules.
    pub missing: Vec<Operation>,
    /// Unexpected ones.
    pub extra: Vec<Operation>,
    /// Interfaces that are up although the lab file disables them.
    pub raised: Vec<Device>,
}

impl<'a> Belonging<'a> {
    /// The part of a plan for the nodes in `wanted`.
    pub fn of(plan: &'a Plan, wanted: impl Fn(NodeId) -> bool) -> Self {
        let mut entries: BTreeMap<NodeId, Vec<&Operation>> = BTreeMap::new();
        let mut disabled = BTreeSet::new();
        for operation in &plan.operations {
            if let Operation::AddLink { ends, .. } = operation {
                let down = ends.iter().filter(|end| !end.up && wanted(end.device.node));
                disabled.extend(down.map(|end| end.device.clone()));
            }
            if let Some(node) = compared_in(operation).filter(|node| wanted(*node)) {
                entries.entry(node).or_default().push(operation);
            }
        }
        Self {
            plan,
            entries,
            disabled,
        }
    }

    /// The differences between a node and this with its routes.
    #[must_use]
    pub fn compare(&self, node: NodeId, routes: &NodeRoutes, standing: &Standing) -> Difference {
        let mut difference = Difference::default();
        compare_routes(&mut difference, routes, &standing.routes);
        let there: BTreeSet<&Operation> = standing.entries.iter().collect();
        let expected = self.entries.get(&node).map_or(&[][..], Vec::as_slice);
        let belonging: BTreeSet<&Operation> = expected.iter().copied().collect();
        let state = |name: &IfName| standing.links.get(name).copied();
        // The kernel removes neighbors of an interface that goes down; they are restored when it comes back.
        let is_awaited = |one: &&&Operation| {
            is_forgotten(one)
                && (one.devices())
                    .any(|device| matches!(state(&device.name), None | Some(LinkState::Down)))
        };
        let missing = belonging.difference(&there).filter(|one| !is_awaited(one));
        difference.missing = missing.map(|one| (*one).clone()).collect();
        let extra = there.difference(&belonging);
        difference.extra = extra.map(|one| (*one).clone()).collect();
        let raised = self.disabled.iter().filter(|device| {
            device.node == node && state(&device.name).is_some_and(|is| is != LinkState::Down)
        });
        difference.raised = raised.cloned().collect();
        difference
    }

    /// An operation in words, for messages.
    #[must_use]
    pub fn words(&self, operation: &Operation) -> String {
        self.plan.describe(operation)
    }

    /// The differences in a node, in sentences.
    #[must_use]
    pub fn sentences(&self, node: NodeId, difference: &Difference) -> Vec<String> {
        let name = &self.plan.nodes[node.0];
        let wrong = difference.wrong.iter();
        let wrong =
            wrong.map(|route| format!("{name} has a route that does not belong there: {route}"));
        let lacking = difference.lacking.iter();
        let lacking =
            lacking.map(|(key, path)| format!("{name} lacks the route {}", Worded(key, path)));
        let missing = difference.missing.iter();
        let missing = missing.map(|one| format!("{name} lacks `{}`", self.words(one)));
        let extra = difference.extra.iter();
        let extra = extra.map(|one| {
            let words = self.words(one);
            format!("{name} has an entry that does not belong there: {words}")
        });
        let raised = difference.raised.iter().map(|device| {
            format!(
                "{name}: interface {} is up, and the lab file disables it",
                device.name
            )
        });
        let all = wrong.chain(lacking).chain(missing).chain(extra);
        all.chain(raised).collect()
    }
}

impl Difference {
    /// Whether there is no difference.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let Self {
            agreeing: _,
            wrong,
            lacking,
            missing,
            extra,
            raised,
        } = self;
        wrong.is_empty()
            && lacking.is_empty()
            && missing.is_empty()
            && extra.is_empty()
            && raised.is_empty()
    }
}

/// The node of an operation that is compared with the kernel's tables; `None` for others.
fn compared_in(operation: &Operation) -> Option<NodeId> {
    match operation {
        Operation::AddAddress { device, .. }
        | Operation::AddNeighbour { device, .. }
        | Operation::AddForwarding { device, .. } => Some(device.node),
        Operation::AddRule { node, .. } | Operation::AskEachSource { node } => Some(*node),
        Operation::AddNamespace { .. }
        | Operation::AddBridge { .. }
        | Operation::AddLink { .. }
        | Operation::AddTunnel { .. }
        | Operation::SetPort { .. }
        | Operation::AddRoute { .. }
        | Operation::LimitTogether { .. }
        | Operation::Filter(_) => None,
    }
}

/// Whether the kernel removes an entry when its interface goes down.
fn is_forgotten(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::AddNeighbour { .. } | Operation::AddForwarding { .. }
    )
}

fn compare_routes(difference: &mut Difference, expected: &NodeRoutes, live: &[LiveRoute]) {
    let mut found: BTreeSet<RouteKey> = BTreeSet::new();
    for route in live {
        let belongs = expected.get(&route.key).is_some_and(|path| route.is(path));
        if !(belongs && found.insert(route.key)) {
            difference.wrong.push(route.clone());
        }
    }
    difference.agreeing = found.len();
    let lacking = expected.iter().filter(|(key, _)| !found.contains(key));
    difference
        .lacking
        .extend(lacking.map(|(key, path)| (*key, path.clone())));
}
