//! Changes a running lab to another file, and leaves unchanged what both have.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::control::{Applied, Phase};
use crate::engine::{Lab, end_processes};
use crate::kernel::{Build, Further, Live, Watch, netns};
use crate::plan::{Device, Operation, Plan, Update};
use crate::store::{EtcView, Folder, Staged, views};
use crate::supervisor::error::SupervisorError;
use crate::supervisor::live::build::{DataPlane, pairs, record, start_tunnels};
use crate::supervisor::live::links::{Links, device};
use crate::supervisor::live::live_lab::LiveLab;
use crate::supervisor::live::opened::{LinkPosition, Opened, Opens};
use crate::topology::{InterfaceId, LinkId, NodeId, Topology};
use crate::wire::{Tap, Wire};

/// A changed lab.
pub struct Changeover {
    /// Its routes, ready to follow its links.
    pub live_lab: LiveLab,
    /// The previous node of each node.
    pub kept: Vec<Option<NodeId>>,
    /// The watches of new nodes.
    pub watches: Vec<Watch>,
    /// What was changed.
    pub applied: Applied,
    /// The nodes with changes other than of routes.
    pub touched: BTreeSet<NodeId>,
    /// Interfaces that were created or recreated.
    pub fresh: BTreeSet<Device>,
}

/// What a change needs, prepared while the running lab is unchanged: the difference of the two plans, new files, and
/// new namespaces.
pub struct Prepared {
    update: Update,
    staged: Staged,
    etc: Vec<EtcView>,
    further: Further<Vec<Opened>>,
}

/// Prepares all that can be created beside the running lab. A full file system or a name in use is so detected before
/// anything of the lab changes.
///
/// # Errors
///
/// [`SupervisorError`]; the lab is then unchanged.
pub fn prepare(
    before: &LiveLab,
    data_plane: &DataPlane,
    lab: &Lab,
    folder: &Folder,
) -> Result<Prepared, SupervisorError> {
    let update = Update::between(before.plan(), &lab.plan, before.free_index());
    let etc = views::views(&lab.topology, &lab.plan);
    let staged = folder.stage(&record(lab, data_plane), &etc)?;
    let opens = Opens::of(&update.added, data_plane.backends);
    let further = Further::make(&update, |node| opens.open(node))?;
    let new = namespaces_of(&lab.plan, &update.new_nodes());
    let mut views = etc.iter();
    let linked = views.try_for_each(|view| {
        let namespaces = view.namespaces.iter();
        let namespaces = namespaces.filter(|namespace| new.contains(namespace));
        folder.link_etc(&view.folder, &namespaces.cloned().collect::<Vec<_>>())
    });
    if let Err(error) = linked {
        // The first error is reported.
        let _ = remove(&new, folder);
        return Err(error.into());
    }
    Ok(Prepared {
        update,
        staged,
        etc,
        further,
    })
}

/// Changes a running lab. The caller holds its lock; the time of the live lab counts from `now`. `lap` is
/// called at the end of each phase.
///
/// # Errors
///
/// [`SupervisorError`]; changes made until then remain, and nothing follows the lab's links any more.
pub async fn apply(
    (before, prepared): (LiveLab, Prepared),
    data_plane: &mut DataPlane,
    lab: Lab,
    (folder, now): (&Folder, Duration),
    lap: &mut dyn FnMut(Phase),
) -> Result<Changeover, SupervisorError> {
    let Prepared {
        update,
        staged,
        etc,
        further,
    } = prepared;
    let (before, mut live, mut links) = before.take_apart();
    for name in names_of_tunnels(&update.removed) {
        data_plane.tunnels.end(name);
    }
    links.end(&before.topology, &update.removed);
    live.undo(&update.removed)?;
    let opens = Opens::of(&update.added, data_plane.backends);
    let open = |node| opens.open(node);
    let (mut build, opened) = Build::further(
        &update,
        data_plane.backends,
        (live, further),
        (&opens.nodes(), open),
    )?;
    remove(&namespaces_of(&before.plan, &update.gone), folder)?;
    lap(Phase::Namespaces);
    build.links()?;
    lap(Phase::Links);
    build.addresses()?;
    build.reset_filters(&update.filters)?;
    build.routes()?;
    lap(Phase::Addresses);
    let (mut live, watches) = build.into_live(&lab.plan);
    let (taps, tuns) = Opened::sorted(opened.into_iter().flatten());
    let renames = links_after(&before.topology, &lab.topology, &update);
    links.rename(&renames);
    for (device, wire) in wires(&update, taps) {
        links.carry(link_at(&lab.topology, &device), data_plane.wires.add(wire)?);
    }
    follow_file(&mut links, &mut live, &lab.topology, &update)?;
    staged.commit()?;
    folder.relink_etc(&etc)?;
    let mut live_lab = before.resume(lab, (live, links), &update, &renames);
    let routes = live_lab.settle(&update, now);
    lap(Phase::KernelRoutes);
    // The ends of a tunnel reach each other by routes, unless a link on their path has failed.
    let cut_off = live_lab.tunnels_over(&live_lab.disturbed());
    let awaiting = update.added.without_carriers(&cut_off);
    let further = start_tunnels(&awaiting, data_plane.backends, tuns).await?;
    data_plane.tunnels.join(further);
    lap(Phase::Tunnels);
    Ok(Changeover {
        live_lab,
        watches,
        applied: Applied {
            routes,
            ..counted(&update)
        },
        touched: update.touched(),
        kept: update.kept,
        fresh: update.fresh,
    })
}

fn namespaces_of(plan: &Plan, nodes: &[NodeId]) -> Vec<String> {
    nodes.iter().map(|node| plan.namespace(*node)).collect()
}

/// Applies the new file's impairments to links that stay.
fn follow_file(
    links: &mut Links,
    live: &mut Live,
    topology: &Topology,
    update: &Update,
) -> Result<(), SupervisorError> {
    let mut impaired = update.impaired.iter();
    impaired.try_for_each(|device| links.follow_file(topology, live, link_at(topology, device)))
}

fn names_of_tunnels(operations: &[Operation]) -> impl Iterator<Item = &str> {
    operations.iter().filter_map(|one| match one {
        Operation::AddTunnel { name, .. } => Some(name.as_str()),
        _ => None,
    })
}

/// Removes namespaces, and ends the processes in them.
fn remove(namespaces: &[String], folder: &Folder) -> Result<(), SupervisorError> {
    end_processes(namespaces);
    netns::unpin_each(namespaces).map_err(|(namespace, source)| {
        SupervisorError::system(format!("remove namespace {namespace}"), source)
    })?;
    for namespace in namespaces {
        folder.take_etc(namespace)?;
    }
    Ok(())
}

/// The links that stay, by their ids in the new topology.
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

/// The link of a planned interface.
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
        mended: 0,
    }
}
