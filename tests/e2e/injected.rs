//! The kernel itself refuses every operation of a plan once: the unfinished build is removed, and the error names the
//! operation and the kernel's reason.

use std::error::Error;
use std::thread;

use netns_lab::control::Choice;
use netns_lab::engine::{self, Lab};
use netns_lab::names::IfName;
use netns_lab::plan::{Entry, NodePlan, Operation, Plan};
use netns_lab::store::Folder;
use netns_lab::supervisor::{SupervisorError, live};
use netns_lab::topology::NodeId;
use netns_lab::yaml::Source;

use crate::lab::Turn;
use crate::removal::traces;

/// How many builds run at once.
const WORKERS: usize = 2;

#[test]
fn whatever_operation_fails_nothing_is_left() {
    let turn = Turn::begin();
    // The shipped lab with tunnels, circuits and capacities that builds fastest.
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
    // The kernel accepts any routing rule, any number of times. nft sets a node's filters in one transaction, which
    // fails as a whole: `repetition` tests a failing nft.
    assert!(left_out < 20, "{left_out}");
    for lab in &labs {
        assert_eq!(traces(lab), Vec::<String>::new());
    }
}

/// Makes the kernel refuse each operation of this worker; counts them and those that it cannot refuse.
fn refuse_each(text: &str, worker: usize) -> [usize; 2] {
    let load = || {
        let source = Source {
            file: "injected.yaml".to_owned(),
            text: text.to_owned(),
        };
        engine::load_text(source).expect("a lab")
    };
    let mut counts = [0, 0];
    for place in places(&load().plan)
        .into_iter()
        .skip(worker)
        .step_by(WORKERS)
    {
        let mut lab = load();
        if !refuse(&mut lab.plan, place) {
            counts[1] += 1;
            continue;
        }
        let operation = operation_at(&lab.plan, place);
        let words = lab.plan.describe(operation);
        let node = *operation.nodes().first().expect("a node");
        let namespace = lab.plan.namespace(node);
        let error = build(lab)
            .err()
            .unwrap_or_else(|| panic!("`{words}` was carried out"));
        assert_tells(&error, &words, &namespace);
        counts[0] += 1;
    }
    counts
}

/// The place of an operation in a plan: its node, if any, and its number among those of its kind.
#[derive(Debug, Clone, Copy)]
enum Place {
    Namespace(NodeId),
    Bridge(NodeId, usize),
    Entry(NodeId, usize),
    Limit(NodeId, usize),
    Filter(NodeId, usize),
    Route(NodeId, usize),
    Link(usize),
    Tunnel(usize),
}

/// The places of all operations.
fn places(plan: &Plan) -> Vec<Place> {
    let of_node = |(id, node): (NodeId, &NodePlan)| {
        let bridges = (0..node.bridges.len()).map(move |number| Place::Bridge(id, number));
        let entries = (0..node.entries.len()).map(move |number| Place::Entry(id, number));
        let limits = (0..node.limits.len()).map(move |number| Place::Limit(id, number));
        let filters = (0..node.filters.len()).map(move |number| Place::Filter(id, number));
        let routes = (0..node.routes.len()).map(move |number| Place::Route(id, number));
        let interfaces = std::iter::once(Place::Namespace(id)).chain(bridges);
        interfaces
            .chain(entries)
            .chain(limits)
            .chain(filters)
            .chain(routes)
    };
    let links = (0..plan.links.len()).map(Place::Link);
    let tunnels = (0..plan.tunnels.len()).map(Place::Tunnel);
    let of_nodes = plan.numbered().flat_map(of_node);
    let places: Vec<Place> = of_nodes.chain(links).chain(tunnels).collect();
    assert_eq!(places.len(), plan.operations().len());
    places
}

fn operation_at(plan: &Plan, place: Place) -> Operation<'_> {
    match place {
        Place::Namespace(id) => Operation::Namespace(id, &plan.node(id).settings),
        Place::Bridge(id, number) => Operation::Bridge(id, &plan.node(id).bridges[number]),
        Place::Entry(id, number) => Operation::Entry(id, &plan.node(id).entries[number]),
        Place::Limit(id, number) => Operation::Limit(id, &plan.node(id).limits[number]),
        Place::Filter(id, number) => Operation::Filter(id, &plan.node(id).filters[number]),
        Place::Route(id, number) => {
            let (key, path) = &plan.node(id).routes[number];
            Operation::Route(key, path)
        }
        Place::Link(number) => Operation::Link(&plan.links[number]),
        Place::Tunnel(number) => Operation::Tunnel(&plan.tunnels[number]),
    }
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

/// Changes an operation so that the kernel refuses it. Returns whether this is possible.
fn refuse(plan: &mut Plan, place: Place) -> bool {
    let taken = IfName::loopback;
    match place {
        Place::Namespace(id) => {
            let settings = &mut plan.nodes[id.0].settings;
            settings.push(("ipv4/ip_forward", "nonsense"));
        }
        Place::Bridge(id, number) => plan.nodes[id.0].bridges[number].name = taken(),
        Place::Entry(id, number) => return refuse_entry(&mut plan.nodes[id.0].entries[number]),
        Place::Limit(id, number) => plan.nodes[id.0].limits[number].arriving = taken(),
        Place::Filter(..) => return false,
        // The kernel refuses a second route with the same key.
        Place::Route(id, number) => {
            let routes = &mut plan.nodes[id.0].routes;
            let again = routes[number].clone();
            routes.insert(number + 1, again);
        }
        Place::Link(number) => plan.links[number].ends[0].interface.name = taken(),
        Place::Tunnel(number) => plan.tunnels[number].ends[0].device.name = taken(),
    }
    true
}

fn refuse_entry(entry: &mut Entry) -> bool {
    match entry {
        Entry::Port {
            port: interface, ..
        }
        | Entry::Forwarding {
            port: interface, ..
        }
        | Entry::Address { interface, .. }
        | Entry::Neighbour { interface, .. } => {
            *interface = IfName::new("gone").expect("a name");
            true
        }
        Entry::Rule { .. } | Entry::AskEachSource => false,
    }
}

/// Whether an error names the operation, or its object, with the kernel's reason below.
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
