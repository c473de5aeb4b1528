//! Properties of the plans of any two labs and of the update between them: proptest generates small labs, and shrinks
//! those that violate a property.

mod labs;
mod mistakes;
mod standing;

use std::collections::BTreeSet;

use netns_lab::plan::{Operation, Plan, Update};
use netns_lab::topology::NodeId;
use proptest::prelude::*;

use labs::{lab, planned};
use standing::Standing;

/// An interface index above those of any plan.
const FIRST_INDEX: u32 = 100_000;

/// How many labs, or pairs of them, each property is tested on.
const CASES: u32 = 1024;

/// The first operation in a node whose namespace does not exist yet.
fn too_early<'a>(plan: &'a Plan, there: &BTreeSet<NodeId>) -> Option<Operation<'a>> {
    let mut there = there.clone();
    plan.operations().into_iter().find(|operation| {
        if let Operation::Namespace(node, _) = operation {
            there.insert(*node);
        }
        operation.nodes().iter().any(|node| !there.contains(node))
    })
}

/// The nodes of a new plan that existed before.
fn kept(update: &Update) -> BTreeSet<NodeId> {
    let nodes = (0..).map(NodeId).zip(&update.kept);
    let kept = nodes.filter(|(_, old)| old.is_some());
    kept.map(|(node, _)| node).collect()
}

/// The state after an update of the state `stood`.
fn updated(stood: &Standing, old: &Plan, new: &Plan, first_index: u32) -> Standing {
    let update = Update::between(old, new, first_index);
    let early = too_early(&update.added, &kept(&update));
    assert_eq!(early, None, "no namespace yet");
    let mut standing = stood.clone();
    standing.update(&update, old, new);
    standing
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) })]

    #[test]
    fn a_namespace_is_made_before_all_that_is_in_it(lab in lab()) {
        let plan = planned(&lab.text());
        prop_assert_eq!(too_early(&plan, &BTreeSet::new()), None);
        let made = plan.operations().into_iter();
        let made = made.filter(|one| matches!(one, Operation::Namespace(..)));
        prop_assert_eq!(made.count(), plan.nodes.len());
    }

    #[test]
    fn from_a_plan_to_itself_nothing_is_done(lab in lab()) {
        let plan = planned(&lab.text());
        let update = Update::between(&plan, &plan, FIRST_INDEX);
        prop_assert!(update.is_nothing() && update.fresh.is_empty(), "{:?}", update);
        let same: Vec<_> = (0..plan.nodes.len()).map(|node| Some(NodeId(node))).collect();
        prop_assert_eq!(update.kept, same);
    }

    #[test]
    fn the_order_in_which_a_file_names_things_changes_nothing(lab in lab()) {
        let [plan, turned] = [&lab, &lab.turned()].map(|lab| planned(&lab.text()));
        let update = Update::between(&plan, &turned, FIRST_INDEX);
        prop_assert!(update.is_nothing(), "{:?}", update);
    }

    #[test]
    fn an_update_leads_to_the_other_plan_and_back(first in lab(), second in lab()) {
        let [old, new] = [&first, &second].map(|lab| planned(&lab.text()));
        let [stood, wanted] = [&old, &new].map(Standing::of);
        let there = updated(&stood, &old, &new, FIRST_INDEX);
        prop_assert_eq!(there.told(), wanted.told());
        let back = updated(&there, &new, &old, 2 * FIRST_INDEX);
        prop_assert_eq!(back.told(), stood.told());
        // A new interface must not get the index of one that has stayed.
        prop_assert_eq!(back.indexes().len(), stood.indexes().len());
    }
}

/// The kind of an operation, by its name in the code.
fn kind(operation: Operation<'_>) -> String {
    let told = match operation {
        Operation::Entry(_, entry) => format!("{entry:?}"),
        Operation::Filter(_, filter) => format!("{filter:?}"),
        operation => format!("{operation:?}"),
    };
    let name = told.split([' ', '{', '(']).next();
    name.unwrap_or_default().to_owned()
}

#[test]
fn labs_that_are_made_up_have_something_of_everything() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..CASES {
        let lab = lab().new_tree(&mut runner).expect("a lab").current();
        for operation in planned(&lab.text()).operations() {
            seen.insert(kind(operation));
        }
    }
    let seen: Vec<String> = seen.into_iter().collect();
    assert_eq!(
        seen,
        [
            "Address",
            "AskEachSource",
            "Bridge",
            "ClampMss",
            "FilterPeering",
            "Forwarding",
            "HideGateway",
            "Limit",
            "Link",
            "Namespace",
            "Neighbour",
            "Port",
            "Route",
            "Tunnel"
        ]
    );
}
