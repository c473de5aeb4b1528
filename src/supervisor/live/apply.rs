//! Changes a running lab to another file, and leaves the common parts unchanged.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::control::{Applied, Phase};
use crate::engine::{Lab, end_processes};
use crate::kernel::{Build, Further, Watch, netns};
use crate::plan::{Device, Plan, Update};
use crate::store::{EtcView, Folder, Staged, views};
use crate::supervisor::error::SupervisorError;
use crate::supervisor::live::build::{DataPlane, record, start_tunnels, wires};
use crate::supervisor::live::firewalls;
use crate::supervisor::live::live_lab::LiveLab;
use crate::supervisor::live::opened::{Opened, Opens};
use crate::topology::NodeId;

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

/// Prepares everything that can be created beside the running lab. This detects a full file system or a name in use
/// before the lab changes.
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
    firewalls::try_out(lab, update.firewalls.keys().copied())?;
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
    for tunnel in &update.removed.tunnels {
        data_plane.tunnels.end(&tunnel.name);
    }
    links.end(&update.removed.links);
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
    build.reset_filters(&update)?;
    build.routes()?;
    lap(Phase::Addresses);
    let (mut live, watches) = build.into_live(&lab.plan);
    let (taps, tuns) = Opened::sorted(opened.into_iter().flatten());
    links.rename(&update.kept_links);
    for (link, wire) in wires(&update.added, taps) {
        links.carry(link, data_plane.wires.add(wire)?);
    }
    for link in &update.impaired {
        links.follow_file(&lab.topology, &mut live, *link)?;
    }
    staged.commit()?;
    folder.relink_etc(&etc)?;
    let mut live_lab = before.resume(lab, (live, links), &update);
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

fn counted(update: &Update) -> Applied {
    let links = |part: &Plan| part.links.len() + part.tunnels.len();
    Applied {
        nodes_added: update.kept.iter().filter(|old| old.is_none()).count(),
        nodes_removed: update.gone.len(),
        links_added: links(&update.added),
        links_removed: links(&update.removed),
        links_impaired: update.impaired.len(),
        firewalls: update.firewalls.len(),
        routes: 0,
        mended: 0,
        expectations: false,
    }
}
