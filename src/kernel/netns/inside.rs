//! The surroundings of a program inside a namespace: its mounts, its files in /etc and its host name.

use std::path::{Path, PathBuf};
use std::{fs, io};

use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, setns, unshare};
use rustix::system::sethostname;

use crate::kernel::netns::{NOTHING, Netns, on_fresh_thread};

/// Why a thread could not enter a namespace.
#[derive(Debug)]
pub enum NotEntered {
    /// `/` is no mount point, as in a chroot, so the thread cannot have mounts of its own.
    NoMountPoint,
    /// A step failed: the attempted operation, and the error of the kernel.
    Step(&'static str, io::Error),
}

/// Moves the calling thread into a namespace for good, with a matching /sys and the files of the folder `etc` mounted
/// over those of /etc, like `ip netns exec`, and with a host name of its own.
///
/// The caller's process must be about to execute another program: nothing here is undone.
///
/// # Errors
///
/// [`NotEntered`].
pub fn enter_for_good(name: &str, hostname: &str, etc: &Path) -> Result<(), NotEntered> {
    let namespace = Netns::open(name).map_err(|error| NotEntered::Step("open it", error))?;
    step("enter it", setns(&namespace.file, CloneFlags::CLONE_NEWNET))?;
    step("leave the host's name", unshare(CloneFlags::CLONE_NEWUTS))?;
    sethostname(hostname.as_bytes())
        .map_err(|errno| NotEntered::Step("set its host name", errno.into()))?;
    own_mounts()?;
    // A /sys that is not mounted, is busy, or cannot be remounted by a user does not stop a program.
    let _ = umount2("/sys", MntFlags::MNT_DETACH);
    let _ = mount(
        Some("sysfs"),
        "/sys",
        Some("sysfs"),
        MsFlags::empty(),
        NOTHING,
    );
    for file in files_in(etc) {
        let target = Path::new("/etc").join(file.file_name().unwrap_or_default());
        step(
            "put its files in /etc",
            mount(Some(&file), &target, NOTHING, MsFlags::MS_BIND, NOTHING),
        )?;
    }
    Ok(())
}

/// Tests whether a program inside a namespace can have mounts of its own.
///
/// # Errors
///
/// [`NotEntered`].
pub fn try_own_mounts() -> Result<(), NotEntered> {
    on_fresh_thread(|| Ok(own_mounts()))
        .map_err(|error| NotEntered::Step("start a thread", error))?
}

/// Gives the calling thread mounts of its own, which do not change those of others.
fn own_mounts() -> Result<(), NotEntered> {
    step("leave the host's mounts", unshare(CloneFlags::CLONE_NEWNS))?;
    let flags = MsFlags::MS_SLAVE | MsFlags::MS_REC;
    match mount(NOTHING, "/", NOTHING, flags, NOTHING) {
        // Only a mount has a propagation type.
        Err(Errno::EINVAL) => Err(NotEntered::NoMountPoint),
        result => step("keep its mounts to itself", result),
    }
}

fn step(action: &'static str, result: nix::Result<()>) -> Result<(), NotEntered> {
    result.map_err(|errno| NotEntered::Step(action, errno.into()))
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}
