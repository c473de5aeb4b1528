//! Every operation of a plan is refused once, by the kernel itself: what was built until then is gone again, and the
//! failure names the operation and says what the kernel said.

use std::error::Error;
use std::thread;

use netns_lab::control::Choice;
use netns_lab::engine::{self, Lab};
use netns_lab::names::IfName;
use netns_lab::plan::{Device, Operation};
use netns_lab::store::Folder;
use netns_lab::supervisor::{SupervisorError, live};
use netns_lab::yaml::Source;

use crate::lab::Turn;
use crate::removal::traces;

/// How many builds are under way at once.
const WORKERS: usize = 2;

/// An operation that the kernel refuses, in place of or after one that it carries out.
enum Injected {
    InPlace(Operation),
    After(Operation),
}

#[test]
fn whatever_operation_fails_nothing_is_left() {
    let turn = Turn::begin();
    // Of the shipped labs with tunnels, circuits and capacities, the one that is made soonest.
    let text = include_str!("../../labs/er-vpn-coexistence.yaml");
    let named = ["one", "two"].map(|name| text.replacen("er-vpn-coexistence", name, 1));
    let labs: Vec<_> = [
        turn.named_lab("one", &named[0]),
        turn.named_lab("two", &named[1]),
    ]
    .into();
    assert_eq!(labs.len(), WORKERS);
    let counts: Vec<[usize; 2]> = thread::scope(|scope| {
        let walk = |(worker, lab): (usize, &crate::lab::Lab)| {
            let text = std::fs::read_to_string(&lab.file).expect("the lab's file");
            refuse_each(&text, worker)
        };
        let walks: Vec<_> = labs
            .iter()
            .enumerate()
            .map(|one| scope.spawn(move || walk(one)))
            .collect();
        walks
            .into_iter()
            .map(|walk| walk.join().expect("no panic"))
            .collect()
    });
    let [refused, left_out] = counts.iter().fold([0, 0], |[a, b], [c, d]| [a + c, b + d]);
    assert!(refused > 200, "{refused}");
    // The kernel takes any routing rule, any number of times. Filters of a node are set in one transaction by nft, which
    // fails as a whole: `repetition` has it missing.
    assert!(left_out < 20, "{left_out}");
    for lab in &labs {
        assert_eq!(traces(lab), Vec::<String>::new());
    }
}

/// Has every operation whose turn it is refused, and counts those and the ones that cannot be.
fn refuse_each(text: &str, worker: usize) -> [usize; 2] {
    let load = || {
        let source = Source {
            file: "injected.yaml".to_owned(),
            text: text.to_owned(),
        };
        engine::load_text(source).expect("a lab")
    };
    let mut counts = [0, 0];
    for number in (worker..load().plan.operations.len()).step_by(WORKERS) {
        let mut lab = load();
        let (at, injected) = match refused(&lab.plan.operations[number]) {
            None => {
                counts[1] += 1;
                continue;
            }
            Some(Injected::InPlace(operation)) => {
                lab.plan.operations[number] = operation;
                (number, &lab.plan.operations[number])
            }
            Some(Injected::After(operation)) => {
                lab.plan.operations.insert(number + 1, operation);
                (number + 1, &lab.plan.operations[number + 1])
            }
        };
        let words = lab.plan.describe(injected);
        let namespace = lab.plan.operations[at]
            .nodes()
            .first()
            .map(|node| lab.plan.namespace(*node));
        let error = build(lab)
            .err()
            .unwrap_or_else(|| panic!("`{words}` was carried out"));
        assert_tells(&error, &words, &namespace.expect("a node"));
        counts[0] += 1;
    }
    counts
}

/// Builds a lab as its supervisor would, and rolls back.
fn build(lab: Lab) -> Result<(), SupervisorError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let folder = Folder::of(&lab.topology.name);
    let lock = folder.lock()?;
    let mut lap = |_| {};
    let building = live::build(lab, Choice::Probed, &folder, &mut lap, &|| Ok(()));
    let built = runtime.expect("a runtime").block_on(building).map(drop);
    engine::undo(&folder, lock)?;
    assert!(!folder.exists());
    built
}

/// The same operation as the kernel does not carry it out.
fn refused(operation: &Operation) -> Option<Injected> {
    let taken = || IfName::loopback();
    let gone = |device: &Device| Device {
        node: device.node,
        name: IfName::new("gone").expect("a name"),
    };
    let mut other = operation.clone();
    match &mut other {
        Operation::AddNamespace { settings, .. } => settings.push(("ipv4/ip_forward", "nonsense")),
        Operation::AddBridge { end } => end.device.name = taken(),
        Operation::AddLink { ends, .. } => ends[0].device.name = taken(),
        Operation::AddTunnel { ends, .. } => ends[0].device.name = taken(),
        Operation::LimitTogether { arriving, .. } => *arriving = taken(),
        Operation::SetPort { device, .. }
        | Operation::AddAddress { device, .. }
        | Operation::AddNeighbour { device, .. }
        | Operation::AddForwarding { device, .. } => *device = gone(device),
        Operation::AddRoute { .. } => return Some(Injected::After(other)),
        _ => return None,
    }
    Some(Injected::InPlace(other))
}

/// Whether an error names the operation, or its object, and has the kernel's reason under it.
#[track_caller]
fn assert_tells(error: &SupervisorError, words: &str, namespace: &str) {
    let said = error.to_string();
    let names_it =
        said.contains(words) || said.contains(namespace) || said.contains("interface lo");
    assert!(names_it, "of `{words}` it says: {said}");
    let mut reason: &dyn Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    assert_ne!(reason.to_string(), said, "no reason");
}
