//! Removes a lab, whole or in pieces, and everything that runs in it.

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::engine::session::is_roots;
use crate::engine::stop::stop_supervisor;
use crate::engine::{EngineError, needs_session};
use crate::kernel::{self, netns};
use crate::store::{self, Folder, Lock};

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

/// Removes a lab, when nobody is changing it any more. One that is not there is removed already.
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
    let is_left = || folder.exists() || !pins(folder).is_empty() || folder.gives_etc();
    // Whoever had the lock may have removed all of it meanwhile.
    let lock = match folder.lock_if_there()? {
        None if is_left() => Some(folder.lock()?),
        lock => lock,
    };
    let Some(lock) = lock else {
        // Whoever removed the last lab may have been interrupted before this.
        sweep()?;
        return Ok(Removed {
            was_there: false,
            namespaces: 0,
            processes: 0,
        });
    };
    let removed = clear(folder, &lock)?;
    release(folder, lock)?;
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
    release(folder, lock)
}

/// Lets go of a lab, and removes its folder where that is empty, and what only labs needed.
///
/// # Errors
///
/// [`EngineError`].
pub fn release(folder: &Folder, lock: Lock) -> Result<(), EngineError> {
    folder.remove_if_empty(&lock)?;
    drop(lock);
    sweep()
}

/// Removes what only labs needed, where none is left.
///
/// # Errors
///
/// [`EngineError`].
pub fn sweep() -> Result<(), EngineError> {
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
    let ending = stop_supervisor(folder, !pins(folder).is_empty())?;
    // The supervisor closes thousands of files in a large lab, and its lab goes meanwhile.
    let removed = clear_nodes(folder);
    ending.wait(folder)?;
    let removed = removed?;
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
    let mut processes = inside(&namespaces);
    if !needs_session() {
        // One may have left its namespace since. Outside a session, all that are in one are ended before.
        processes.extend(kernel::processes_that_see(folder.place()));
    }
    processes.sort_unstable();
    processes.dedup();
    let processes = end(&processes);
    let unpinned = netns::unpin_each(&namespaces);
    folder.take_all_etc()?;
    unpinned.map_err(|(namespace, source)| {
        EngineError::system(format!("remove namespace {namespace}"), source)
    })?;
    Ok(Removed {
        was_there: !namespaces.is_empty(),
        namespaces: namespaces.len(),
        processes,
    })
}

/// Ends what users left running in a lab, so that no namespace outlives its name.
pub(super) fn end_processes(namespaces: &[String]) -> usize {
    end(&inside(namespaces))
}

fn inside(namespaces: &[String]) -> Vec<i32> {
    let identities: Vec<_> = namespaces
        .iter()
        .filter_map(|name| netns::pinned_as(name).ok())
        .collect();
    if identities.is_empty() {
        return Vec::new();
    }
    netns::processes_in(&identities)
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
