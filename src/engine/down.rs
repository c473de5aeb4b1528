//! Removes a lab, whole or in pieces, and everything that runs in it.

use std::io::Read;
use std::os::unix::net::UnixStream;
use std::time::Duration;
use std::{fs, thread};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use nix::unistd::Pid;

use crate::engine::control::{self, Request};
use crate::engine::session::is_roots;
use crate::engine::{EngineError, needs_session};
use crate::kernel::netns::{self, Netns};
use crate::store::{self, Folder, Lock};

/// How long a supervisor may take to end before it is killed.
const SUPERVISOR_PATIENCE: Duration = Duration::from_secs(5);

/// What `down` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// Whether anything of the lab was there.
    pub was_there: bool,
    /// Namespaces that went.
    pub namespaces: usize,
    /// Processes of users' that ran in them and were ended.
    pub processes: usize,
}

/// Removes a lab. One that is not there is removed already.
///
/// # Errors
///
/// [`EngineError`]; everything that could be removed is, all the same.
pub fn down(folder: &Folder) -> Result<Removed, EngineError> {
    let lab = folder.lab().as_str();
    if !folder.exists() && is_roots(lab) {
        return Err(EngineError::OfRoot {
            name: lab.to_owned(),
        });
    }
    if !folder.exists() && pins(folder).is_empty() {
        return Ok(Removed {
            was_there: false,
            namespaces: 0,
            processes: 0,
        });
    }
    let lock = folder.lock()?;
    let removed = clear(folder, &lock)?;
    forget(folder, lock)?;
    Ok(Removed {
        was_there: true,
        ..removed
    })
}

/// Removes what a failed build left, and lets go of the lab.
///
/// # Errors
///
/// [`EngineError`].
pub fn undo(folder: &Folder, lock: Lock) -> Result<(), EngineError> {
    clear(folder, &lock)?;
    forget(folder, lock)
}

/// Removes the emptied folder of a lab, and what only labs needed.
fn forget(folder: &Folder, lock: Lock) -> Result<(), EngineError> {
    folder.remove()?;
    drop(lock);
    store::sweep(netns::remove_directory)
        .map_err(|source| EngineError::system("remove the directories of labs", source))
}

/// The names of a lab's namespaces that are there.
fn pins(folder: &Folder) -> Vec<String> {
    if needs_session() {
        // Those that are seen from outside a session are root's.
        return Vec::new();
    }
    netns::pinned(&format!("{}.", folder.lab()))
}

/// Ends and removes all that is there of a lab whose lock is held, but for its folder.
///
/// # Errors
///
/// [`EngineError`].
pub fn clear(folder: &Folder, _lock: &Lock) -> Result<Removed, EngineError> {
    stop_supervisor(folder);
    let removed = clear_nodes(folder)?;
    folder.empty()?;
    Ok(removed)
}

/// Removes a lab's namespaces, what runs in them and what they see in /etc, and leaves its folder and its supervisor.
///
/// # Errors
///
/// [`EngineError`].
pub fn clear_nodes(folder: &Folder) -> Result<Removed, EngineError> {
    let namespaces = pins(folder);
    let processes = end_processes(&namespaces);
    for namespace in &namespaces {
        netns::unpin(namespace).map_err(|source| {
            EngineError::system(format!("remove namespace {namespace}"), source)
        })?;
    }
    folder.take_all_etc()?;
    Ok(Removed {
        was_there: !namespaces.is_empty(),
        namespaces: namespaces.len(),
        processes,
    })
}

/// Has the supervisor end, by its own hand if it answers, and waits until it has. With it go the
/// interfaces that it held.
fn stop_supervisor(folder: &Folder) {
    let Ok(mut stream) = UnixStream::connect(folder.socket()) else {
        return;
    };
    let Ok(pid) = getsockopt(&stream, PeerCredentials).map(|peer| Pid::from_raw(peer.pid())) else {
        return;
    };
    let asked = stream
        .set_read_timeout(Some(SUPERVISOR_PATIENCE))
        .and_then(|()| control::say(&mut stream, &Request::Stop))
        .and_then(|()| stream.read_to_end(&mut Vec::new()));
    if asked.is_err() {
        // It may have ended in between, which is what was wanted.
        let _ = kill(pid, Signal::SIGKILL);
    }
    while is_alive(pid) {
        thread::yield_now();
    }
}

/// Whether a process still runs; one that only waits for its parent to take notice does not.
fn is_alive(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit(") ")
        .next()
        .and_then(|rest| rest.chars().next());
    !matches!(state, None | Some('Z' | 'X'))
}

/// Ends what users left running in a lab, so that no namespace outlives its name.
pub(super) fn end_processes(namespaces: &[String]) -> usize {
    let identities: Vec<_> = namespaces
        .iter()
        .filter_map(|name| Netns::open(name).ok()?.identity().ok())
        .collect();
    if identities.is_empty() {
        return 0;
    }
    end(&netns::processes_in(&identities))
}

pub(super) fn end(processes: &[i32]) -> usize {
    let ended = processes.iter().filter(|pid| {
        !matches!(
            kill(Pid::from_raw(**pid), Signal::SIGKILL),
            Err(Errno::ESRCH)
        )
    });
    ended.count()
}
