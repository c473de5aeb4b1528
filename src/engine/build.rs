//! Builds a lab and keeps what must stay alive for it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::{iter, thread};

use tokio::runtime::Runtime;

use crate::engine::backends::{Choice, backends};
use crate::engine::error::TUN_DEVICE;
use crate::engine::links::Links;
use crate::engine::tunnels::{self, Tunnels};
use crate::engine::{EngineError, Failover, Lab, etc};
use crate::kernel::{self, Backends, Build, Watch, netns};
use crate::plan::{Carriage, Operation, Plan};
use crate::store::{self, Carriers, Folder, Lock, Record};
use crate::topology::{LinkId, NodeId};
use crate::tunnel::{Tun, Underlay};
use crate::wire::{Tap, Wire, Wires};

/// What must stay alive while a lab is up.
pub struct Running {
    /// The connections' tunnels, and how to renew them.
    pub tunnels: Tunnels,
    /// The wires of links that this process impairs.
    pub wires: Arc<Wires>,
    /// A second descriptor of every interface that this process has held from the start, to close in the end.
    interfaces: Vec<OwnedFd>,
}

/// A lab that was built.
pub struct Built {
    /// What must stay alive.
    pub running: Running,
    /// Its routes, ready to follow what happens to its links.
    pub failover: Failover,
    /// What hears of that.
    pub watches: Vec<Watch>,
}

impl Running {
    /// Lets go of everything, the interfaces last and all at once: the kernel takes 20 ms to remove
    /// one, and hardly longer to remove many that go at the same time.
    pub fn end(self, runtime: Runtime) {
        let Self {
            tunnels,
            wires,
            interfaces,
        } = self;
        drop(tunnels);
        drop(wires);
        drop(runtime);
        let share = interfaces.len().div_ceil(CLOSING_THREADS).max(1);
        let mut interfaces = interfaces.into_iter();
        thread::scope(|scope| {
            for _ in 0..CLOSING_THREADS {
                let some: Vec<OwnedFd> = interfaces.by_ref().take(share).collect();
                scope.spawn(move || drop(some));
            }
        });
    }
}

/// Where the lots of the wires begin: the same for every lab, so that a run can be repeated.
const SEED: u64 = 1;

/// How many threads close interfaces: enough for a usual lab's to go at once.
const CLOSING_THREADS: usize = 64;

/// An interface that this process opened in a node's namespace.
enum Opened {
    Tap(LinkPosition, Tap),
    Tunnel(LinkPosition, Tun, Underlay),
}

impl AsFd for Opened {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tap(_, tap) => tap.as_fd(),
            Self::Tunnel(_, tun, _) => tun.as_fd(),
        }
    }
}

/// An operation of the plan, by position, and which of its ends.
type LinkPosition = (usize, usize);

/// Builds a lab in its cleared folder, whose lock is held.
///
/// # Errors
///
/// [`EngineError`]; what was built until then is the caller's to [`undo`](super::undo).
pub async fn build(
    lab: &Lab,
    choice: Choice,
    folder: &Folder,
    _lock: &Lock,
) -> Result<Built, EngineError> {
    // Trying what the kernel can do takes a namespace of its own: one thread does, while files are written.
    let probing = thread::spawn(kernel::probe);
    prepare(lab, folder)?;
    let features = probing
        .join()
        .map_err(|_| std::io::Error::other("the probing thread ended"));
    let features = features
        .and_then(|result| result)
        .map_err(|source| EngineError::system("probe the kernel's features", source))?;
    let backends = backends(features, Path::new(TUN_DEVICE).exists(), choice)?;
    let plan = &lab.plan;
    let (mut build, opened) =
        Build::namespaces(plan, backends, |node| open_in(plan, backends, node))?;
    build.carry_out()?;
    let (running, wired) = start(
        plan,
        &build,
        backends,
        opened.into_iter().flatten().collect(),
    )
    .await?;
    let carriers = Carriers {
        kernel_tunnels: backends.kernel_tunnels,
        kernel_delays: backends.kernel_delays,
    };
    folder.write(&record(lab, Some(carriers)))?;
    let (live, watches) = build.into_live();
    let links = Links::new(backends.kernel_delays, Arc::clone(&running.wires), wired);
    let failover = Failover::new(lab, live, links);
    Ok(Built {
        running,
        failover,
        watches,
    })
}

/// The folder, the pins' directory and the files for /etc.
fn prepare(lab: &Lab, folder: &Folder) -> Result<(), EngineError> {
    folder.write(&record(lab, None))?;
    let is_new = !Path::new(netns::DIRECTORY).exists();
    if is_new {
        store::mark_run_netns()?;
    }
    netns::prepare_directory()
        .map_err(|source| EngineError::system(format!("prepare {}", netns::DIRECTORY), source))?;
    let namespaces: Vec<String> = (0..lab.plan.nodes.len())
        .map(|index| lab.plan.namespace(NodeId(index)))
        .collect();
    folder.give_etc(&namespaces, &etc::files(&lab.topology))?;
    Ok(())
}

fn record(lab: &Lab, carriers: Option<Carriers>) -> Record {
    Record {
        file: lab.source.file.clone(),
        text: lab.source.text.clone(),
        carriers,
    }
}

/// Opens a node's TAPs and TUNs, from inside its namespace.
fn open_in(plan: &Plan, backends: Backends, node: NodeId) -> Result<Vec<Opened>, EngineError> {
    let mut opened = Vec::new();
    for (index, operation) in plan.operations.iter().enumerate() {
        match operation {
            Operation::AddLink { ends, directions }
                if Carriage::of(directions) == Carriage::Impaired && !backends.kernel_delays =>
            {
                for (end, side) in ends
                    .iter()
                    .enumerate()
                    .filter(|(_, side)| side.device.node == node)
                {
                    opened.push(Opened::Tap((index, end), Tap::open(&side.device.name)?));
                }
            }
            Operation::AddTunnel { ends, port, .. } if !backends.kernel_tunnels => {
                for (end, side) in ends
                    .iter()
                    .enumerate()
                    .filter(|(_, side)| side.device.node == node)
                {
                    let tun = Tun::open(&side.device.name, side.mtu)?;
                    // The node has no address yet; its route chooses the public one for what it sends.
                    let underlay = Underlay::bind(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, *port))?;
                    opened.push(Opened::Tunnel((index, end), tun, underlay));
                }
            }
            _ => {}
        }
    }
    Ok(opened)
}

/// Sets wires and tunnels going, and waits until every tunnel has a session.
async fn start(
    plan: &Plan,
    build: &Build<'_>,
    backends: Backends,
    opened: Vec<Opened>,
) -> Result<(Running, BTreeMap<LinkId, usize>), EngineError> {
    let interfaces = opened
        .iter()
        .map(|one| one.as_fd().try_clone_to_owned())
        .collect::<Result<_, _>>();
    let interfaces = interfaces.map_err(|source| {
        EngineError::system("hold the interfaces of tunnels and delays", source)
    })?;
    let mut taps = Vec::new();
    let mut tuns = Vec::new();
    for one in opened {
        match one {
            Opened::Tap(position, tap) => taps.push((position, tap)),
            Opened::Tunnel(position, tun, underlay) => tuns.push((position, (tun, underlay))),
        }
    }
    let (wires, carried) = start_wires(plan, taps)?;
    let tunnels = if backends.kernel_tunnels {
        tunnels::configure(plan, build)?
    } else {
        tunnels::start(plan, pairs(tuns)).await?
    };
    let running = Running {
        tunnels,
        wires: Arc::new(wires),
        interfaces,
    };
    Ok((running, carried))
}

/// The two halves of each operation, by its position.
fn pairs<T>(mut halves: Vec<(LinkPosition, T)>) -> impl Iterator<Item = (usize, [T; 2])> {
    halves.sort_by_key(|(position, _)| *position);
    let mut halves = halves.into_iter();
    iter::from_fn(move || {
        let ((index, _), a) = halves.next()?;
        let (_, b) = halves.next()?;
        Some((index, [a, b]))
    })
}

/// Sets wires going, and tells which link each carries.
fn start_wires(
    plan: &Plan,
    taps: Vec<(LinkPosition, Tap)>,
) -> Result<(Wires, BTreeMap<LinkId, usize>), EngineError> {
    let (wires, links): (Vec<Wire>, Vec<LinkId>) = pairs(taps)
        .filter_map(|(index, ends)| match &plan.operations[index] {
            Operation::AddLink { directions, .. } => {
                let wire = Wire {
                    ends,
                    directions: *directions,
                };
                Some((wire, link_of(plan, index)))
            }
            _ => None,
        })
        .unzip();
    let numbers = links.into_iter().zip(0..).collect();
    Ok((Wires::start(wires, SEED)?, numbers))
}

/// The link that an operation makes: a plan makes every link, in their order.
fn link_of(plan: &Plan, operation: usize) -> LinkId {
    let makes_link = |operation: &&Operation| {
        matches!(
            operation,
            Operation::AddLink { .. } | Operation::AddTunnel { .. }
        )
    };
    LinkId(
        plan.operations[..operation]
            .iter()
            .filter(makes_link)
            .count(),
    )
}
