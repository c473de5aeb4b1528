//! Removes a lab, complete or partial, and all processes in it.

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::engine::stop::stop_supervisor;
use crate::engine::user_namespace::is_roots;
use crate::engine::{EngineError, needs_user_namespace};
use crate::kernel::{self, netns};
use crate::store::{self, Folder, Lock};

/// The result of `down`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// Whether anything of the lab existed.
    pub was_there: bool,
    /// Removed namespaces.
    pub namespaces: usize,
    /// Users' processes in them that were ended.
    pub processes: usize,
}

/// Removes a lab after waiting for other commands that change it. A missing lab counts as removed.
///
/// # Errors
///
/// [`EngineError`]; everything that can be removed is removed nevertheless.
pub fn down(folder: &Folder) -> Result<Removed, EngineError> {
    let lab = folder.lab().as_str();
    if !folder.exists() && is_roots(lab) {
        return Err(EngineError::OfRoot {
            name: lab.to_owned(),
        });
    }
    let is_left = || folder.exists() || !pins(folder).is_empty() || folder.gives_etc();
    // The previous holder of the lock may have removed all of it.
    let lock = match folder.lock_if_there()? {
        None if is_left() => Some(folder.lock()?),
        lock => lock,
    };
    let Some(lock) = lock else {
        // The removal of the last lab may have been interrupted before this.
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

/// Removes the rest of a failed build, and releases the lab.
///
/// # Errors
///
/// [`EngineError`].
pub fn undo(folder: &Folder, lock: Lock) -> Result<(), EngineError> {
    clear(folder, &lock)?;
    release(folder, lock)
}

/// Releases a lab. Removes its folder if it is empty, and whatever only labs needed.
///
/// # Errors
///
/// [`EngineError`].
pub fn release(folder: &Folder, lock: Lock) -> Result<(), EngineError> {
    folder.remove_if_empty(&lock)?;
    drop(lock);
    sweep()
}

/// Removes the directories that only labs need, if no lab is left.
///
/// # Errors
///
/// [`EngineError`].
pub fn sweep() -> Result<(), EngineError> {
    store::sweep(netns::remove_directory)
        .map_err(|source| EngineError::system("remove the directories of labs", source))
}

/// The names of a lab's existing namespaces.
fn pins(folder: &Folder) -> Vec<String> {
    if needs_user_namespace() {
        // Namespaces visible outside a user namespace are root's.
        return Vec::new();
    }
    netns::pinned(&format!("{}.", folder.lab()))
}

/// Ends and removes everything of a lab except its folder. The caller holds its lock.
///
/// # Errors
///
/// [`EngineError`].
pub fn clear(folder: &Folder, _lock: &Lock) -> Result<Removed, EngineError> {
    let ending = stop_supervisor(folder, !pins(folder).is_empty())?;
    // The supervisor closes thousands of files in a large lab; meanwhile the lab is removed.
    let removed = clear_nodes(folder);
    ending.wait(folder)?;
    let removed = removed?;
    folder.empty()?;
    Ok(removed)
}

/// Removes a lab's namespaces, their processes and their files in /etc, but not its folder or its supervisor.
///
/// # Errors
///
/// [`EngineError`].
pub fn clear_nodes(folder: &Folder) -> Result<Removed, EngineError> {
    let namespaces = pins(folder);
    let mut processes = inside(&namespaces);
    if !needs_user_namespace() {
        // A process may have left its namespace since. Without root, all processes in one were ended before.
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

/// Ends users' processes in a lab, so that no namespace outlives its name.
pub fn end_processes(namespaces: &[String]) {
    end(&inside(namespaces));
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
