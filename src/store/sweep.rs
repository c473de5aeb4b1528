//! What labs create outside their own folders, and its removal.

use std::fs;
use std::fs::File;
use std::io;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use crate::store::etc::ETC_NETNS;
use crate::store::lock::is_at;
use crate::store::{Folder, StoreError, failed, root};

/// The names of markers for directories outside the root directory that a lab created.
const MADE_RUN_NETNS: &str = ".made-run-netns";
pub(super) const MADE_ETC_NETNS: &str = ".made-etc-netns";

/// Notes that a lab created /run/netns, so that the last lab removes it.
///
/// # Errors
///
/// Errors of the file system.
pub fn mark_run_netns() -> Result<(), StoreError> {
    mark(MADE_RUN_NETNS)
}

pub(super) fn mark(marker: &str) -> Result<(), StoreError> {
    let path = root().join(marker);
    fs::write(&path, "").map_err(|source| failed("write", &path, source))
}

/// After the last lab: removes the root directory, and the directories outside it that labs created. `remove_run_netns`
/// removes /run/netns, which is a mount.
///
/// Does nothing while a lab exists or the lock of one is held: its holder sweeps at the end. The next sweep completes
/// an interrupted one.
///
/// # Errors
///
/// Errors of the file system.
pub fn sweep(remove_run_netns: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let Some(_alone) = alone()? else {
        return Ok(());
    };
    if !Folder::all().is_empty() {
        return Ok(());
    }
    unmake(MADE_RUN_NETNS, remove_run_netns)?;
    unmake(MADE_ETC_NETNS, || remove_if_empty(Path::new(ETC_NETNS)))?;
    remove_if_empty(&root())
}

/// The lock of the root directory; `None` if other processes hold it, or if the directory does not exist.
fn alone() -> io::Result<Option<Flock<File>>> {
    let path = root();
    let root = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        root => root?,
    };
    match Flock::lock(root, FlockArg::LockExclusiveNonblock) {
        Ok(root) => Ok(is_at(&root, &path).then_some(root)),
        Err((_, Errno::EWOULDBLOCK)) => Ok(None),
        Err((_, errno)) => Err(errno.into()),
    }
}

/// Removes a directory that a lab created. The marker is removed last, so that an interrupted removal is repeated.
fn unmake(marker: &str, remove: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let marker = root().join(marker);
    if !marker.exists() {
        return Ok(());
    }
    remove()?;
    fs::remove_file(marker)
}

fn remove_if_empty(path: &Path) -> io::Result<()> {
    match fs::remove_dir(path) {
        Err(error)
            if !matches!(
                error.kind(),
                io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotFound
            ) =>
        {
            Err(error)
        }
        _ => Ok(()),
    }
}
