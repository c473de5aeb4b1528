//! Compares the kernel state of nodes with the expected state.

use std::collections::BTreeSet;

use crate::kernel::{LinkState, LiveRoute, Standing};
use crate::names::IfName;
use crate::plan::{Device, Entry, LinkEnd, NodeRoutes, Operation, Path, Plan, RouteKey, Worded};
use crate::topology::NodeId;

/// The expected content of namespaces, without routes.
pub struct Belonging<'a> {
    plan: &'a Plan,
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
    pub missing: Vec<Entry>,
    /// Unexpected entries of the same kinds.
    pub extra: Vec<Entry>,
    /// Interfaces that are up although the lab file disables them.
    pub raised: Vec<Device>,
}

impl<'a> Belonging<'a> {
    /// The content according to a plan.
    #[must_use]
    pub fn of(plan: &'a Plan) -> Self {
        let ends = plan.links.iter().flat_map(|link| &link.ends);
        let disabled = ends.filter(|end| !end.interface.up).map(LinkEnd::device);
        Self {
            plan,
            disabled: disabled.collect(),
        }
    }

    /// The differences between a node and its expected content and routes.
    #[must_use]
    pub fn compare(&self, node: NodeId, routes: &NodeRoutes, standing: &Standing) -> Difference {
        let mut difference = Difference::default();
        compare_routes(&mut difference, routes, &standing.routes);
        let there: BTreeSet<&Entry> = standing.entries.iter().collect();
        let expected = self.plan.node(node).entries.iter();
        let belonging: BTreeSet<&Entry> = expected.filter(|one| is_compared(one)).collect();
        let state = |name: &IfName| standing.links.get(name).copied();
        // The kernel removes neighbors of an interface that goes down; they are restored when it comes back.
        let is_awaited = |one: &&&Entry| {
            is_forgotten(one)
                && (one.on())
                    .is_some_and(|name| matches!(state(name), None | Some(LinkState::Down)))
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

    /// An entry of a node in words, for messages.
    #[must_use]
    pub fn words(&self, node: NodeId, entry: &Entry) -> String {
        self.plan.describe(Operation::Entry(node, entry))
    }

    /// The differences in a node, in sentences.
    #[must_use]
    pub fn sentences(&self, node: NodeId, difference: &Difference) -> Vec<String> {
        let name = &self.plan.node(node).name;
        let wrong = difference.wrong.iter();
        let wrong = wrong.map(|route| format!("{name} has an unexpected route: {route}"));
        let lacking = difference.lacking.iter();
        let lacking =
            lacking.map(|(key, path)| format!("{name} lacks the route {}", Worded(key, path)));
        let missing = difference.missing.iter();
        let missing = missing.map(|one| format!("{name} lacks `{}`", self.words(node, one)));
        let extra = difference.extra.iter();
        let extra = extra.map(|one| {
            let words = self.words(node, one);
            format!("{name} has an unexpected entry: {words}")
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

/// Whether an entry is compared: a [`Standing`] contains no port settings.
const fn is_compared(entry: &Entry) -> bool {
    match entry {
        Entry::Port { .. } => false,
        Entry::Forwarding { .. }
        | Entry::Address { .. }
        | Entry::Neighbour { .. }
        | Entry::Rule { .. }
        | Entry::AskEachSource => true,
    }
}

/// Whether the kernel removes an entry when its interface goes down.
const fn is_forgotten(entry: &Entry) -> bool {
    matches!(entry, Entry::Neighbour { .. } | Entry::Forwarding { .. })
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
