//! What labs make outside their own folders, and when it goes.

use std::fs;
use std::fs::File;
use std::io;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use crate::store::etc::ETC_NETNS;
use crate::store::lock::is_at;
use crate::store::{Folder, StoreError, failed, root};

/// A marker's name: the directories outside the root that a lab had to make.
const MADE_RUN_NETNS: &str = ".made-run-netns";
pub(super) const MADE_ETC_NETNS: &str = ".made-etc-netns";

/// Notes that a lab had to make /run/netns, so that the last one removes it.
///
/// # Errors
///
/// The file system's.
pub fn mark_run_netns() -> Result<(), StoreError> {
    mark(MADE_RUN_NETNS)
}

pub(super) fn mark(marker: &str) -> Result<(), StoreError> {
    let path = root().join(marker);
    fs::write(&path, "").map_err(|source| failed("write", &path, source))
}

/// After the last lab is gone: removes the directories outside the root that labs had to make, by
/// `remove_run_netns` for the one whose removal is the kernel's matter, and the root.
///
/// Does nothing while there is a lab or somebody holds the lock of one: who lets go of the last one sweeps. What was
/// interrupted is done by the next.
///
/// # Errors
///
/// The file system's.
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

/// The root's lock; none where others hold it, or where there is no root.
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

/// Removes a directory that a lab made. The marker goes last, so that nothing is forgotten half-way.
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
