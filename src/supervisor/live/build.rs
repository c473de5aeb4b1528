//! Builds a lab, and keeps the parts of it that this process must hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::{iter, panic, thread};

use crate::control::{Choice, Phase};
use crate::engine::Lab;
use crate::kernel::{self, Backends, Build, Watch, netns, tun};
use crate::plan::Plan;
use crate::store::{self, Carriers, Folder, Record, views};
use crate::supervisor::error::SupervisorError;
use crate::supervisor::live::firewalls;
use crate::supervisor::live::links::Links;
use crate::supervisor::live::live_lab::LiveLab;
use crate::supervisor::live::opened::{EndOf, Opened, Opens, Tuns};
use crate::supervisor::live::room::make_room;
use crate::supervisor::live::tunnels::{self, Tunnels};
use crate::topology::{LinkId, NodeId};
use crate::wire::{Tap, Wire, Wires};

/// What this process must hold while a lab is up.
pub struct DataPlane {
    /// The connections' tunnels, and their sessions' renewal.
    pub tunnels: Tunnels,
    /// The wires of links that this process impairs.
    pub wires: Arc<Wires>,
    /// The parts that the kernel carries.
    pub backends: Backends,
}

impl DataPlane {
    /// The backends of the lab.
    #[must_use]
    pub const fn carriers(&self) -> Carriers {
        Carriers {
            kernel_tunnels: self.backends.kernel_tunnels,
            kernel_delays: self.backends.kernel_delays,
        }
    }

    /// Whether the backends are what a user chose.
    #[must_use]
    pub const fn is_as_chosen(&self, choice: Choice) -> bool {
        let Backends {
            kernel_tunnels,
            kernel_delays,
        } = self.backends;
        match choice {
            Choice::Probed => true,
            Choice::Kernel => kernel_tunnels && kernel_delays,
            Choice::Userspace => !kernel_tunnels && !kernel_delays,
        }
    }

    /// The choice that results in the same backends.
    #[must_use]
    pub const fn choice(&self) -> Choice {
        match (self.backends.kernel_tunnels, self.backends.kernel_delays) {
            (true, true) => Choice::Kernel,
            (false, false) => Choice::Userspace,
            _ => Choice::Probed,
        }
    }
}

/// A built lab.
pub struct Built {
    /// What this process must hold.
    pub data_plane: DataPlane,
    /// Its routes, ready to follow its links.
    pub live_lab: LiveLab,
    /// The watches of its links.
    pub watches: Vec<Watch>,
}

/// The random seed of the wires: the same for every lab, so that runs are repeatable.
const SEED: u64 = 1;

/// Builds a lab in its empty folder. The caller holds its lock. `lap` is called at the end of each phase; `check` between
/// steps, and may stop the build.
///
/// # Errors
///
/// [`SupervisorError`], or the error of `check`; the caller must then [`undo`](crate::engine::undo) what was built.
pub async fn build(
    lab: Lab,
    choice: Choice,
    folder: &Folder,
    lap: &mut dyn FnMut(Phase),
    check: &dyn Fn() -> Result<(), SupervisorError>,
) -> Result<Built, SupervisorError> {
    let plan = &lab.plan;
    make_room(plan)?;
    firewalls::try_out(&lab, (0..plan.nodes.len()).map(NodeId))?;
    let settings = settings_of(plan);
    // Testing the kernel needs a temporary namespace: one thread does that while files are written.
    let probing = thread::spawn(move || kernel::probe(&settings));
    prepare(&lab, folder)?;
    let features = probing
        .join()
        .map_err(|_| std::io::Error::other("the probing thread ended"));
    let features = features
        .and_then(|result| result)
        .map_err(|source| SupervisorError::system("probe the kernel's features", source))?;
    let backends = Backends::choose(&features, tun(), choice)?;
    let opens = Opens::of(plan, backends);
    let (mut build, opened) = thread::scope(|scope| {
        // The files are written to a disk, one link per namespace: in parallel with the namespaces this takes no extra
        // time.
        let etc = scope.spawn(|| give_etc(&lab, folder));
        let made = Build::namespaces(plan, backends, &features.preset, |node| opens.open(node));
        let given = etc
            .join()
            .unwrap_or_else(|cause| panic::resume_unwind(cause));
        made.and_then(|made| given.map(|()| made))
    })?;
    lap(Phase::Namespaces);
    check()?;
    build.links()?;
    lap(Phase::Links);
    check()?;
    build.addresses()?;
    lap(Phase::Addresses);
    check()?;
    build.routes()?;
    lap(Phase::KernelRoutes);
    check()?;
    let opened = opened.into_iter().flatten().collect();
    let (data_plane, wired) = start(plan, backends, opened).await?;
    lap(Phase::Tunnels);
    note(&lab, &data_plane, folder)?;
    let (live, watches) = build.into_live(plan);
    let links = Links::new(backends.kernel_delays, Arc::clone(&data_plane.wires), wired);
    let mut live_lab = LiveLab::new(lab, live, links);
    live_lab.pass_on_carriers();
    Ok(Built {
        data_plane,
        live_lab,
        watches,
    })
}

/// Every sysctl that some namespace of a plan gets.
fn settings_of(plan: &Plan) -> BTreeSet<&'static str> {
    let settings = plan.nodes.iter().flat_map(|node| &node.settings);
    settings.map(|(key, _)| *key).collect()
}

/// The lab's folder and the directory of the pins.
fn prepare(lab: &Lab, folder: &Folder) -> Result<(), SupervisorError> {
    folder.write(&recorded(lab, None))?;
    let is_new = !Path::new(netns::DIRECTORY).exists();
    if is_new {
        store::mark_run_netns()?;
    }
    netns::prepare_directory().map_err(|source| {
        SupervisorError::system(format!("prepare {}", netns::DIRECTORY), source)
    })?;
    Ok(())
}

/// The files that nodes see in /etc.
fn give_etc(lab: &Lab, folder: &Folder) -> Result<(), SupervisorError> {
    Ok(folder.give_etc(&views::views(&lab.topology, &lab.plan))?)
}

/// Writes the record of a lab that is up: what it was built from.
///
/// # Errors
///
/// [`SupervisorError::Store`].
pub fn note(lab: &Lab, data_plane: &DataPlane, folder: &Folder) -> Result<(), SupervisorError> {
    Ok(folder.write(&record(lab, data_plane))?)
}

/// The record of a running lab.
pub(super) fn record(lab: &Lab, data_plane: &DataPlane) -> Record {
    recorded(lab, Some(data_plane.carriers()))
}

fn recorded(lab: &Lab, carriers: Option<Carriers>) -> Record {
    Record {
        file: lab.source.file.clone(),
        text: lab.source.text.clone(),
        carriers,
    }
}

/// Starts wires and tunnels, and waits until every tunnel has a session.
async fn start(
    plan: &Plan,
    backends: Backends,
    opened: Vec<Opened>,
) -> Result<(DataPlane, BTreeMap<LinkId, usize>), SupervisorError> {
    let (taps, tuns) = Opened::sorted(opened.into_iter());
    let (wires, carried) = start_wires(plan, taps)?;
    let data_plane = DataPlane {
        tunnels: start_tunnels(plan, backends, tuns).await?,
        wires: Arc::new(wires),
        backends,
    };
    Ok((data_plane, carried))
}

/// Starts a plan's tunnels, and waits until each has a session.
pub(super) async fn start_tunnels(
    plan: &Plan,
    backends: Backends,
    tuns: Tuns,
) -> Result<Tunnels, SupervisorError> {
    if backends.kernel_tunnels {
        tunnels::configure(plan)
    } else {
        tunnels::start(plan, pairs(tuns)).await
    }
}

/// The two ends of each link.
pub(super) fn pairs<T>(mut halves: Vec<(EndOf, T)>) -> impl Iterator<Item = (LinkId, [T; 2])> {
    halves.sort_by_key(|(end, _)| *end);
    let mut halves = halves.into_iter();
    iter::from_fn(move || {
        let ((link, _), a) = halves.next()?;
        let (_, b) = halves.next()?;
        Some((link, [a, b]))
    })
}

/// The wires of a plan's links over their opened ends.
pub(super) fn wires(plan: &Plan, taps: Vec<(EndOf, Tap)>) -> impl Iterator<Item = (LinkId, Wire)> {
    pairs(taps).filter_map(|(link, ends)| {
        let directions = plan.link(link)?.directions;
        Some((link, Wire { ends, directions }))
    })
}

/// Starts wires, and returns the wire of each link.
fn start_wires(
    plan: &Plan,
    taps: Vec<(EndOf, Tap)>,
) -> Result<(Wires, BTreeMap<LinkId, usize>), SupervisorError> {
    let (links, wires): (Vec<LinkId>, Vec<Wire>) = wires(plan, taps).unzip();
    let numbers = links.into_iter().zip(0..).collect();
    Ok((Wires::start(wires, SEED)?, numbers))
}
