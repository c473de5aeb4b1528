//! Turns a lab that stands into what another file says, and leaves alone what is the same in both.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::engine::build::{Running, note, pairs, start_tunnels};
use crate::engine::control::Applied;
use crate::engine::down::end_processes;
use crate::engine::links::device;
use crate::engine::opened::{LinkPosition, Opened, Opens};
use crate::engine::{EngineError, Failover, Lab, Phase, Stopwatch, etc};
use crate::kernel::{Build, Watch, netns};
use crate::plan::{Device, Operation, Update};
use crate::store::Folder;
use crate::topology::{InterfaceId, LinkId, NodeId, Topology};
use crate::wire::{Tap, Wire};

/// A lab that was changed.
pub struct Changeover {
    /// Its routes, ready to follow what happens to its links.
    pub failover: Failover,
    /// By node, where it was before.
    pub kept: Vec<Option<NodeId>>,
    /// What hears of new nodes.
    pub watches: Vec<Watch>,
    /// What was changed.
    pub applied: Applied,
}

/// Changes a lab that stands, whose lock somebody holds; `now` is what its failover counts from.
///
/// # Errors
///
/// [`EngineError`]; what was changed until then stays so, and nothing follows the lab's links any more.
pub async fn apply(
    before: Failover,
    running: &mut Running,
    lab: Lab,
    (folder, now): (&Folder, Duration),
    watch: &mut Stopwatch,
) -> Result<Changeover, EngineError> {
    let (before, mut live, mut links) = before.take_apart();
    let update = Update::between(&before.plan, &lab.plan, live.free_index());
    watch.lap(Phase::Plan);
    for name in names_of_tunnels(&update.removed) {
        running.tunnels.end(name);
    }
    links.end(&before.topology, &update.removed);
    live.undo(&update.removed)?;
    let old_namespaces: Vec<String> = update
        .gone
        .iter()
        .map(|node| before.plan.namespace(*node))
        .collect();
    let opens = Opens::of(&update.added, running.backends);
    give_etc(&lab, &update, folder)?;
    let open = |node| opens.open(node);
    let (mut build, opened) =
        Build::further(&update, running.backends, live, (&opens.nodes(), open))?;
    remove(&old_namespaces, folder)?;
    watch.lap(Phase::Namespaces);
    build.links()?;
    watch.lap(Phase::Links);
    build.addresses()?;
    build.reset_filters(&update.filters)?;
    build.routes()?;
    watch.lap(Phase::Addresses);
    let (mut live, watches) = build.into_live(&lab.plan);
    let (taps, tuns) = Opened::sorted(opened.into_iter().flatten());
    let renames = links_after(&before.topology, &lab.topology, &update);
    links.rename(&renames);
    for (device, wire) in wires(&update, taps) {
        links.carry(link_at(&lab.topology, &device), running.wires.add(wire)?);
    }
    for device in &update.impaired {
        let link = link_at(&lab.topology, device);
        links.follow_file(&lab.topology, &mut live, link)?;
    }
    note(&lab, running, folder)?;
    let mut failover = before.resume(lab, (live, links), &update, &renames);
    let routes = failover.settle(now);
    watch.lap(Phase::KernelRoutes);
    // The ends of a tunnel find each other by routes.
    let further = start_tunnels(&update.added, running.backends, tuns).await?;
    running.tunnels.join(further);
    watch.lap(Phase::Tunnels);
    Ok(Changeover {
        failover,
        watches,
        applied: Applied {
            routes,
            ..counted(&update)
        },
        kept: update.kept,
    })
}

fn names_of_tunnels(operations: &[Operation]) -> impl Iterator<Item = &str> {
    operations.iter().filter_map(|one| match one {
        Operation::AddTunnel { name, .. } => Some(name.as_str()),
        _ => None,
    })
}

/// The files that every node sees in /etc, with the new names.
fn give_etc(lab: &Lab, update: &Update, folder: &Folder) -> Result<(), EngineError> {
    let added = update.kept.iter().zip((0..).map(NodeId));
    let added: Vec<String> = added
        .filter(|(old, _)| old.is_none())
        .map(|(_, node)| lab.plan.namespace(node))
        .collect();
    Ok(folder.give_etc(&added, &etc::files(&lab.topology))?)
}

/// Ends namespaces, with what runs in them.
fn remove(namespaces: &[String], folder: &Folder) -> Result<(), EngineError> {
    end_processes(namespaces);
    for namespace in namespaces {
        netns::unpin(namespace).map_err(|source| {
            EngineError::system(format!("remove namespace {namespace}"), source)
        })?;
        folder.take_etc(namespace)?;
    }
    Ok(())
}

/// Where links that stay are in the new topology.
fn links_after(before: &Topology, after: &Topology, update: &Update) -> BTreeMap<LinkId, LinkId> {
    let ends: BTreeMap<(&str, &str), LinkId> = before
        .links
        .iter()
        .zip((0..).map(LinkId))
        .map(|(link, id)| (first_end(before, link.ends[0]), id))
        .collect();
    let links = after.links.iter().zip((0..).map(LinkId));
    links
        .filter(|(link, _)| !update.fresh.contains(&device(after, link.ends[0])))
        .filter_map(|(link, new)| Some((*ends.get(&first_end(after, link.ends[0]))?, new)))
        .collect()
}

fn first_end(topology: &Topology, end: InterfaceId) -> (&str, &str) {
    let interface = topology.interface(end);
    let node = &topology.node(interface.node).name;
    (node.as_str(), interface.name.as_str())
}

/// The wires of new links, each with the device of its first end.
fn wires(update: &Update, taps: Vec<(LinkPosition, Tap)>) -> Vec<(Device, Wire)> {
    pairs(taps)
        .filter_map(|(index, ends)| match &update.added.operations[index] {
            Operation::AddLink {
                ends: [first, _],
                directions,
            } => {
                let directions = *directions;
                Some((first.device.clone(), Wire { ends, directions }))
            }
            _ => None,
        })
        .collect()
}

/// The link that an interface of the plan's is an end of.
fn link_at(topology: &Topology, device: &Device) -> LinkId {
    topology
        .link_at(device.node, &device.name)
        .expect("a plan's links are those of its topology")
}

fn counted(update: &Update) -> Applied {
    let count = |operations: &[Operation], is: fn(&Operation) -> bool| {
        operations.iter().filter(|one| is(one)).count()
    };
    let is_joining =
        |one: &Operation| matches!(one, Operation::AddLink { .. } | Operation::AddTunnel { .. });
    Applied {
        nodes_added: update.kept.iter().filter(|old| old.is_none()).count(),
        nodes_removed: update.gone.len(),
        links_added: count(&update.added.operations, is_joining),
        links_removed: count(&update.removed, is_joining),
        links_impaired: update.impaired.len(),
        routes: 0,
    }
}
