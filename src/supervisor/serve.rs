//! What a supervisor does while its lab is up: it serves its socket and follows link events.

use std::cmp::Reverse;
use std::io::{self, Write};
use std::process;

use serde::Serialize;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::control::{
    LinkAction, Moment, Order, Phase, Report, Request, Started, SupervisorStatus, reasons,
};
use crate::engine;
use crate::store::{Folder, Lock};
use crate::supervisor::callers::{Callers, PATIENCE};
use crate::supervisor::ending::Ending;
use crate::supervisor::error::SupervisorError;
use crate::supervisor::follow::Follower;
use crate::supervisor::live::{self, DataPlane};
use crate::supervisor::restore::{Before, in_part, restore, taken_back};
use crate::supervisor::stopwatch::Stopwatch;
use crate::supervisor::watchers::Watchers;
use crate::topology::{Link, LinkKind, Topology};
use crate::yaml::Source;

pub(super) fn failed(error: &SupervisorError) -> Started {
    Started::Failed {
        reasons: reasons(error),
        is_bad_input: error.is_bad_input(),
    }
}

/// The size of a lab, without its changes.
pub(super) fn told(topology: &Topology) -> Report {
    let is_tunnel = |link: &&Link| matches!(link.kind, LinkKind::Tunnel { .. });
    let tunnels = topology.links.iter().filter(is_tunnel).count();
    Report {
        lab: topology.name.to_string(),
        was_up: false,
        applied: None,
        nodes: topology.nodes.len(),
        links: topology.links.len() - tunnels,
        tunnels,
        pair: pair(topology),
        laps: Vec::new(),
    }
}

/// The machines of the first of the longest paths that the lab file expects, or the first two machines.
fn pair(topology: &Topology) -> Option<[String; 2]> {
    let expectations = topology.expectations.iter();
    let longest = expectations.min_by_key(|it| Reverse(it.hops().len()));
    let expected = longest.map(|it| [it.from, it.to]);
    let mut machines = topology.machines();
    let pair = expected.or_else(|| Some([machines.next()?, machines.next()?]))?;
    Some(pair.map(|node| topology.node(node).name.to_string()))
}

/// Why serving ends.
pub(super) enum End {
    /// A request on this connection, whose other end waits for its close.
    Told(std::os::unix::net::UnixStream),
    /// A signal. The lab is to be removed if its lock could be taken.
    Signal(Option<Lock>),
}

/// Serves until a command or a signal ends it. Meanwhile it updates routes when links change, and reports to watchers.
pub(super) async fn serve(
    data_plane: &mut DataPlane,
    callers: &mut Callers,
    follower: &mut Follower,
    mut ending: Ending<'_>,
) -> End {
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
            () = ending.is_due() => {
                callers.make_room();
                match ending.lock() {
                    Ok(None) => continue,
                    lock => return End::Signal(lock.ok().flatten()),
                }
            }
        };
        match request {
            Request::Stop => match stream.into_std() {
                Ok(stream) => {
                    tell_of_end(&stream);
                    return End::Told(stream);
                }
                // The sending process has ended.
                Err(_) => continue,
            },
            // A connection that stays open must not use the last descriptors.
            Request::Watch if !callers.have_room() => continue,
            Request::Watch => watchers.add(stream, moment(follower, orders)),
            request => {
                orders += usize::from(matches!(request, Request::Up(_)));
                answer(data_plane, follower, request, stream).await;
            }
        }
        watchers.tell(|| moment(follower, orders));
    }
}

/// Handles requests with one answer. An unread answer is no error.
async fn answer(
    data_plane: &mut DataPlane,
    follower: &mut Follower,
    request: Request,
    mut stream: UnixStream,
) {
    let (action, links) = match request {
        Request::Fault(links) => (LinkAction::Down, Some(links)),
        Request::Blackhole(links) => (LinkAction::Blackhole, Some(links)),
        Request::Heal(links) => (LinkAction::Healed, Some(links)),
        Request::HealAll => (LinkAction::Healed, None),
        Request::Up(order) => {
            let started = up(data_plane, follower, order).await;
            let _ = tell(&mut stream, &started).await;
            return;
        }
        Request::Restore => {
            let answer = follower.restore(data_plane).await;
            let _ = tell(&mut stream, &answer).await;
            return;
        }
        Request::Impair(order) => {
            let answer = follower.impair(order).await;
            let _ = tell(&mut stream, &answer).await;
            return;
        }
        Request::Status => {
            let _ = tell(&mut stream, &status(data_plane, follower)).await;
            return;
        }
        Request::Stop | Request::Watch => return,
    };
    let answer = follower.command(data_plane, action, links).await;
    let _ = tell(&mut stream, &answer).await;
}

/// Reports to the stopping command that the supervisor no longer changes its lab.
fn tell_of_end(mut stream: &std::os::unix::net::UnixStream) {
    // If the command has ended, no process waits for this byte.
    let _ = stream.write_all(b"\n");
}

/// The present state of the lab, with the routes that changed since the last call.
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
    // A client that does not read must not delay the others.
    timeout(PATIENCE, stream.write_all(&line)).await?
}

/// Carries out an order, if it is for this lab and the lab is complete.
async fn up(data_plane: &mut DataPlane, follower: &mut Follower, order: Order) -> Started {
    let mut watch = Stopwatch::start();
    let source = Source {
        file: order.file,
        text: order.text,
    };
    let Ok(lab) = engine::load_timed(source, &mut |phase| watch.lap(phase)) else {
        return Started::NoLab;
    };
    follower.follow().await;
    if !data_plane.wires.are_running() || !follower.is_whole(&lab.topology.name) {
        return Started::NotHere;
    }
    let told = told(&lab.topology);
    if !data_plane.is_as_chosen(order.choice) {
        return failed(&SupervisorError::OtherBackend { lab: told.lab });
    }
    if !order.may_change {
        if !follower.is_as(&lab) {
            return failed(&SupervisorError::OtherLab {
                lab: told.lab,
                file: lab.source.file,
            });
        }
        // If the record is missing or damaged, this writes it again.
        let folder = Folder::of(&lab.topology.name);
        if !matches!(folder.read(), Ok(Some(_)))
            && let Err(error) = live::note(&lab, data_plane, &folder)
        {
            return failed(&error);
        }
        return Started::Up(Report {
            was_up: true,
            laps: watch.into_laps(),
            ..told
        });
    }
    let before = Before::of(Folder::of(&lab.topology.name), follower);
    match follower
        .apply(data_plane, lab, &mut |phase| watch.lap(phase))
        .await
    {
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
            reasons: undo(data_plane, follower, (&told.lab, before), &error).await,
            is_bad_input: false,
        },
        Err(error) => failed(&error),
    }
}

/// Reverts a change that failed half-way, and reports this and the failure.
async fn undo(
    data_plane: &mut DataPlane,
    follower: &mut Follower,
    (lab, before): (&str, Option<Before>),
    error: &SupervisorError,
) -> Vec<String> {
    let undone = match &before {
        Some(before) => restore(data_plane, follower, before).await,
        None => Err(SupervisorError::NoRecord),
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

fn status(data_plane: &DataPlane, follower: &Follower) -> SupervisorStatus {
    let (impaired, wires, taps) = follower.links_status();
    SupervisorStatus {
        pid: process::id(),
        wires_running: data_plane.wires.are_running(),
        tunnels: data_plane.tunnels.status(),
        faults: follower.status(),
        impaired,
        wires,
        taps,
    }
}
