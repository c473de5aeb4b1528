//! The supervisor's own side: builds, reports, then serves its socket until it is told to end.

use std::error::Error;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::process;

use nix::unistd::{dup2_stderr, dup2_stdout, setsid};
use serde::Serialize;
use tokio::io::AsyncWriteExt;
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use crate::engine::control::{self, LONGEST_REQUEST, Moment, Order, Request, SupervisorStatus};
use crate::engine::{self, Built, Choice, EngineError, Fate, Lab, Phase, Running, Stopwatch};
use crate::privilege;
use crate::spec::{self, Source};
use crate::store::{Folder, Lock};
use crate::supervisor::callers::{Callers, PATIENCE};
use crate::supervisor::follow::Follower;
use crate::supervisor::restore::{Before, in_part, restore, taken_back};
use crate::supervisor::start::{self, Report, Started};
use crate::supervisor::watchers::Watchers;
use crate::topology::{Link, LinkKind, Topology};

/// Builds the lab that standard input says, reports on standard output, and stays with it.
///
/// # Errors
///
/// What cannot be told on standard output either.
pub fn supervise() -> io::Result<()> {
    // A terminal that closes must not take the lab along.
    let _ = setsid();
    // Before anything that has threads: only a process with one may enter a user namespace.
    if let Err(error) = engine::begin_session() {
        return report(&failed(&error));
    }
    if let Err(error) = privilege::confine() {
        return report(&failed(&EngineError::system("give up rights", error)));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut order = String::new();
    io::stdin()
        .take(LONGEST_REQUEST as u64)
        .read_to_string(&mut order)?;
    let order: Order = serde_json::from_str(&order)?;
    match runtime.block_on(bring_up(order)) {
        Ok(Begun::Elsewhere(started)) => report(&started),
        Ok(Begun::Here(attended)) => {
            let Attended {
                mut running,
                mut callers,
                mut follower,
                told,
            } = *attended;
            privilege::settle()?;
            // Whoever gave the order may have been killed meanwhile: the lab stays, and its socket tells of it.
            let _ = report(&Started::Up(told));
            let asker = runtime.block_on(serve(&mut running, &mut callers, &mut follower));
            drop(follower);
            drop(running);
            drop(runtime);
            // Whoever asked for the end waits for that of the stream: it comes last.
            drop(asker);
            Ok(())
        }
        Err(EngineError::Findings(..) | EngineError::NotConverged(_)) => report(&Started::NoLab),
        Err(error) => report(&failed(&error)),
    }
}

fn failed(error: &EngineError) -> Started {
    Started::Failed {
        reasons: reasons(error),
        is_bad_input: error.is_bad_input(),
    }
}

/// A lab that this process stays with.
struct Attended {
    running: Running,
    callers: Callers,
    follower: Follower,
    told: Report,
}

/// An error and what lies under it, outermost first.
#[must_use]
pub fn reasons(error: &dyn Error) -> Vec<String> {
    let mut reasons = vec![error.to_string()];
    let mut source = error.source();
    while let Some(error) = source {
        reasons.push(error.to_string());
        source = error.source();
    }
    reasons.dedup();
    reasons
}

async fn bring_up(order: Order) -> Result<Begun, EngineError> {
    let mut watch = Stopwatch::start();
    let source = Source {
        file: order.file.clone(),
        text: order.text.clone(),
    };
    let plain = spec::plain_name(&source.text);
    let lab = engine::load_timed(source, &mut watch)?;
    let folder = Folder::of(&lab.topology.name);
    // Whoever gave the order has asked a supervisor of the name that the text says plainly.
    if plain.as_ref() != Some(&lab.topology.name) {
        match start::change(&folder, &order, start::PATIENCE)? {
            Started::NotHere => {}
            started => return Ok(Begun::Elsewhere(started)),
        }
    }
    // The lock is held until the socket is there: without it nobody could end this process.
    let lock: Lock = folder.lock()?;
    let built = build_and_listen(lab, order.choice, (&folder, &lock), watch).await;
    if built.is_err() {
        // The first failure is the one to report; a second one while undoing is its consequence.
        let _ = engine::undo(&folder, lock);
    }
    built.map(|attended| Begun::Here(Box::new(attended)))
}

/// What came of an order.
enum Begun {
    /// A lab, to be stayed with.
    Here(Box<Attended>),
    /// Another supervisor has carried it out.
    Elsewhere(Started),
}

async fn build_and_listen(
    lab: Lab,
    choice: Choice,
    (folder, lock): (&Folder, &Lock),
    mut watch: Stopwatch,
) -> Result<Attended, EngineError> {
    engine::clear(folder, lock)?;
    log_to(folder)?;
    watch.lap(Phase::Supervisor);
    let Built {
        running,
        failover,
        watches,
    } = engine::build(lab, choice, folder, &mut watch).await?;
    let told = told(failover.topology());
    let follower = Follower::new(failover, watches)
        .map_err(|source| EngineError::system("listen for what happens to links", source))?;
    let listener = listen(folder)
        .map_err(|source| EngineError::system("open the supervisor's socket", source))?;
    watch.lap(Phase::Supervisor);
    Ok(Attended {
        running,
        callers: Callers::at(listener),
        follower,
        told: Report {
            laps: watch.into_laps(),
            ..told
        },
    })
}

/// What a lab has, without a word on how it came to be.
fn told(topology: &Topology) -> Report {
    let is_tunnel = |link: &&Link| matches!(link.kind, LinkKind::Tunnel { .. });
    let tunnels = topology.links.iter().filter(is_tunnel).count();
    Report {
        lab: topology.name.to_string(),
        was_up: false,
        applied: None,
        nodes: topology.nodes.len(),
        links: topology.links.len() - tunnels,
        tunnels,
        laps: Vec::new(),
    }
}

/// Standard error goes to the lab's log from here on.
fn log_to(folder: &Folder) -> Result<(), EngineError> {
    let open = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(folder.log());
    let log = open.map_err(|source| EngineError::system("open the supervisor's log", source))?;
    dup2_stderr(log).map_err(|errno| EngineError::system("open the supervisor's log", errno.into()))
}

fn listen(folder: &Folder) -> io::Result<UnixListener> {
    let listener = UnixListener::bind(folder.socket())?;
    fs::set_permissions(folder.socket(), Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Says how it went, and lets go of the standard output that it was said on.
fn report(started: &Started) -> io::Result<()> {
    let mut output = io::stdout();
    let said = writeln!(output, "{}", serde_json::to_string(started)?);
    let said = said.and_then(|()| output.flush());
    dup2_stdout(File::options().write(true).open("/dev/null")?)?;
    said
}

/// Serves until told to end, and returns the stream on which that was said. Meanwhile routes follow
/// what happens to links, and whoever watches is told.
async fn serve(
    running: &mut Running,
    callers: &mut Callers,
    follower: &mut Follower,
) -> std::os::unix::net::UnixStream {
    let mut watchers = Watchers::default();
    let mut orders = 0;
    loop {
        let (request, stream) = tokio::select! {
            call = callers.next() => call,
            () = follower.wait() => {
                follower.follow().await;
                watchers.tell(|| moment(follower, orders));
                continue;
            }
        };
        match request {
            Request::Stop => match stream.into_std() {
                Ok(stream) => {
                    control::tell_of_end(&stream);
                    return stream;
                }
                // Whoever said it is gone.
                Err(_) => continue,
            },
            Request::Watch => watchers.add(stream, moment(follower, orders)),
            request => {
                orders += usize::from(matches!(request, Request::Up(_)));
                answer(running, follower, request, stream).await;
            }
        }
        watchers.tell(|| moment(follower, orders));
    }
}

/// Carries out what is answered once. An answer that nobody waits for is no failure.
async fn answer(
    running: &mut Running,
    follower: &mut Follower,
    request: Request,
    mut stream: UnixStream,
) {
    let (fate, links) = match request {
        Request::Fault(links) => (Fate::Down, Some(links)),
        Request::Blackhole(links) => (Fate::Blackhole, Some(links)),
        Request::Heal(links) => (Fate::Healed, Some(links)),
        Request::HealAll => (Fate::Healed, None),
        Request::Up(order) => {
            let started = up(running, follower, order).await;
            let _ = tell(&mut stream, &started).await;
            return;
        }
        Request::Impair(order) => {
            let answer = follower.impair(order).await;
            let _ = tell(&mut stream, &answer).await;
            return;
        }
        Request::Status => {
            let _ = tell(&mut stream, &status(running, follower)).await;
            return;
        }
        Request::Stop | Request::Watch => return,
    };
    let answer = follower.command(running, fate, links).await;
    let _ = tell(&mut stream, &answer).await;
}

/// How the lab is by now, with the routes that have changed since this was asked before.
fn moment(follower: &mut Follower, orders: usize) -> Moment {
    let [routes, nodes] = follower.take_rerouted();
    Moment {
        orders,
        faults: follower.status(),
        impaired: follower.links_status().0,
        routes,
        nodes,
    }
}

async fn tell(stream: &mut UnixStream, answer: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    // One who does not listen must not keep the others waiting.
    timeout(PATIENCE, stream.write_all(&line)).await?
}

/// Has the lab be as an order says, where that is this lab and nothing of it is gone.
async fn up(running: &mut Running, follower: &mut Follower, order: Order) -> Started {
    let mut watch = Stopwatch::start();
    let source = Source {
        file: order.file,
        text: order.text,
    };
    let Ok(lab) = engine::load_timed(source, &mut watch) else {
        return Started::NoLab;
    };
    follower.follow().await;
    if !running.wires.are_running() || !follower.is_whole(&lab.topology.name) {
        return Started::NotHere;
    }
    let told = told(&lab.topology);
    if !order.choice.allows(running.carriers()) {
        return failed(&EngineError::OtherBackend { lab: told.lab });
    }
    if !order.may_change {
        if !follower.is_as(&lab) {
            return failed(&EngineError::OtherLab {
                lab: told.lab,
                file: lab.source.file,
            });
        }
        return Started::Up(Report {
            was_up: true,
            laps: watch.into_laps(),
            ..told
        });
    }
    let before = Before::of(Folder::of(&lab.topology.name), follower);
    match follower.apply(running, lab, &mut watch).await {
        Ok(applied) => {
            watch.lap(Phase::Supervisor);
            Started::Up(Report {
                was_up: true,
                applied,
                laps: watch.into_laps(),
                ..told
            })
        }
        Err(error) if follower.is_lost() => Started::Failed {
            reasons: undo(running, follower, (&told.lab, before), &error).await,
            is_bad_input: false,
        },
        Err(error) => failed(&error),
    }
}

/// Takes a change back that failed half-way, and says so, and why it failed.
async fn undo(
    running: &mut Running,
    follower: &mut Follower,
    (lab, before): (&str, Option<Before>),
    error: &EngineError,
) -> Vec<String> {
    let undone = match &before {
        Some(before) => restore(running, follower, before).await,
        None => Err(EngineError::Impossible("its record is gone".to_owned())),
    };
    match undone {
        Ok(()) => [taken_back(lab)]
            .into_iter()
            .chain(reasons(error))
            .collect(),
        Err(further) => [in_part(lab)]
            .into_iter()
            .chain(reasons(error))
            .chain(reasons(&further))
            .collect(),
    }
}

fn status(running: &Running, follower: &Follower) -> SupervisorStatus {
    let (impaired, wires) = follower.links_status();
    SupervisorStatus {
        pid: process::id(),
        wires_running: running.wires.are_running(),
        tunnels: running.tunnels.status(),
        faults: follower.status(),
        impaired,
        wires,
    }
}
