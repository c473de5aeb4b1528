//! Network namespaces. Only this module creates, pins and enters them.
//!
//! A thread that enters a namespace never leaves it: every call runs in a new thread that then ends, so there is
//! nothing to restore. A socket opened inside stays in its namespace, and any thread may use it.
//!
//! A namespace that must outlive its process is pinned: its file is bind-mounted under /run/netns, where `ip netns`
//! finds it.
#![expect(
    clippy::disallowed_methods,
    reason = "the one module that calls setns and unshare"
)]

mod inside;
mod unpin;

use std::fs::{self, File};
use std::num::NonZero;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{io, panic, thread};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, setns, unshare};

pub use inside::{NotEntered, enter_for_good, try_own_mounts};
pub use unpin::{unpin, unpin_each};

/// The directory of pinned namespaces, for `ip netns` and others.
pub const DIRECTORY: &str = "/run/netns";

/// The calling thread's namespace.
const OWN: &str = "/proc/thread-self/ns/net";

/// An unused argument of `mount`.
const NOTHING: Option<&str> = None;

/// How many threads create namespaces.
const MOST_THREADS: usize = 2;

/// A network namespace. It exists as long as this value, its pin or a socket opened in it.
#[derive(Debug)]
pub struct Netns {
    file: File,
}

/// The identity of the namespace, independent of its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    device: u64,
    inode: u64,
}

impl Netns {
    /// The namespace that is pinned under a name.
    ///
    /// # Errors
    ///
    /// Errors of the file, if no pin has that name.
    pub fn open(name: &str) -> io::Result<Self> {
        File::open(pin_path(name)).map(|file| Self { file })
    }

    /// The namespace's file.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Runs `work` inside the namespace and returns its value. Blocks the caller meanwhile.
    ///
    /// # Errors
    ///
    /// Errors of the kernel, if the thread cannot enter.
    pub fn within<T: Send>(&self, work: impl FnOnce() -> T + Send) -> io::Result<T> {
        on_fresh_thread(|| {
            setns(&self.file, CloneFlags::CLONE_NEWNET)?;
            Ok(work())
        })
    }

    /// Whether the pin with that name is this namespace.
    #[must_use]
    pub fn is_pinned_as(&self, name: &str) -> bool {
        matches!((self.identity(), pinned_as(name)), (Ok(own), Ok(pin)) if own == pin)
    }

    /// The identity of this namespace.
    ///
    /// # Errors
    ///
    /// Errors of the file.
    pub fn identity(&self) -> io::Result<Identity> {
        self.file.metadata().map(|data| identity(&data))
    }
}

/// Creates namespaces, pins each under its name and runs `prepare` inside it. The result is sorted by name.
///
/// Creating namespaces is the slowest part of building a lab. Two threads take half the time of one, and more gain
/// nothing: the kernel registers interfaces, including each namespace's loopback, one after the other. Each thread
/// stops at its first failure; then none of the pins created here is left.
///
/// # Errors
///
/// The value of `failed` for a namespace that could not be created or pinned, or that of `prepare`.
pub fn create_each<T, E>(
    names: &[String],
    prepare: impl Fn(usize) -> Result<T, E> + Sync,
    failed: impl Fn(usize, io::Error) -> E + Sync,
) -> Result<Vec<(Netns, T)>, E>
where
    T: Send,
    E: Send,
{
    for (index, name) in names.iter().enumerate() {
        if let Err(error) = reserve(&names[0], name) {
            unpin_all(&names[..index]);
            return Err(failed(index, error));
        }
    }
    let create = |index: usize, name: &str| {
        let namespace = create_pinned(name).map_err(|error| failed(index, error))?;
        Ok((namespace, prepare(index)?))
    };
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let share = names.len().div_ceil(processors.min(MOST_THREADS)).max(1);
    let made = thread::scope(|scope| {
        let walks: Vec<_> = names
            .chunks(share)
            .zip(0..)
            .map(|(chunk, walk)| {
                let create = &create;
                let numbered = (walk * share..).zip(chunk);
                scope.spawn(move || -> Result<Vec<_>, E> {
                    numbered.map(|(index, name)| create(index, name)).collect()
                })
            })
            .collect();
        let mut all = Vec::with_capacity(names.len());
        let made = walks.into_iter().map(|walk| {
            walk.join()
                .unwrap_or_else(|cause| panic::resume_unwind(cause))
        });
        made.collect::<Vec<_>>().into_iter().try_for_each(|made| {
            all.extend(made?);
            Ok(())
        })?;
        Ok(all)
    });
    if made.is_err() {
        unpin_all(names);
    }
    made
}

/// Removes pins after a failure. Errors are ignored: removing the lab removes the remaining pins.
fn unpin_all(names: &[String]) {
    for name in names {
        let _ = unpin(name);
    }
}

/// Runs `work` in a temporary namespace.
///
/// # Errors
///
/// Errors of the kernel, if it cannot create one.
pub fn in_scratch<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    on_fresh_thread(|| {
        unshare(CloneFlags::CLONE_NEWNET)?;
        Ok(work())
    })
}

/// Creates the file for a namespace's pin, which must not exist. If possible all are hard links to one file: if /run is
/// on a disk, allocating a new file takes longer than creating a namespace.
fn reserve(first: &str, name: &str) -> io::Result<()> {
    let path = pin_path(name);
    if name != first && fs::hard_link(pin_path(first), &path).is_ok() {
        return Ok(());
    }
    let file = File::options().write(true).create_new(true).open(&path);
    file.map(drop)
}

/// Creates a namespace, and pins it to the file reserved for it.
fn create_pinned(name: &str) -> io::Result<Netns> {
    unshare(CloneFlags::CLONE_NEWNET)?;
    let namespace = Netns {
        file: File::open(OWN)?,
    };
    mount(
        Some(OWN),
        &pin_path(name),
        NOTHING,
        MsFlags::MS_BIND,
        NOTHING,
    )?;
    Ok(namespace)
}

/// Creates the directory of pins, as a shared mount like `ip netns` does. Returns whether it is new.
///
/// # Errors
///
/// Errors of the file system or the kernel.
pub fn prepare_directory() -> io::Result<bool> {
    let is_new = !Path::new(DIRECTORY).exists();
    fs::create_dir_all(DIRECTORY)?;
    // Two processes that find no mount would both mount one, over the other's pins. `ip netns` takes this lock, too.
    let _alone =
        Flock::lock(File::open(DIRECTORY)?, FlockArg::LockExclusive).map_err(|(_, errno)| errno)?;
    let share = || {
        mount(
            NOTHING,
            DIRECTORY,
            NOTHING,
            MsFlags::MS_SHARED | MsFlags::MS_REC,
            NOTHING,
        )
    };
    match share() {
        // Only a mount can be shared, so the directory is bind-mounted on itself.
        Err(Errno::EINVAL) => {
            mount(
                Some(DIRECTORY),
                DIRECTORY,
                NOTHING,
                MsFlags::MS_BIND | MsFlags::MS_REC,
                NOTHING,
            )?;
            share()?;
        }
        result => result?,
    }
    Ok(is_new)
}

/// Removes the directory of pins, unless something is pinned there. It is no error if the directory does not exist.
///
/// # Errors
///
/// Errors of the file system or the kernel.
pub fn remove_directory() -> io::Result<()> {
    let is_used = match fs::read_dir(DIRECTORY) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?.next().is_some(),
    };
    if is_used {
        return Ok(());
    }
    // It may have been mounted more than once.
    loop {
        match umount2(DIRECTORY, MntFlags::MNT_DETACH) {
            Ok(()) => {}
            Err(Errno::EINVAL) => return fs::remove_dir(DIRECTORY),
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// The names of the pins that begin with `prefix`, sorted.
#[must_use]
pub fn pinned(prefix: &str) -> Vec<String> {
    let entries = fs::read_dir(DIRECTORY).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.starts_with(prefix)).collect();
    names.sort();
    names
}

/// The identity of the namespace pinned under a name.
///
/// # Errors
///
/// Errors of the file, if no pin has that name.
pub fn pinned_as(name: &str) -> io::Result<Identity> {
    fs::metadata(pin_path(name)).map(|data| identity(&data))
}

/// Whether the calling process is in another namespace than process 1, which has the host's.
#[must_use]
pub fn is_isolated() -> bool {
    let own = identity_of(OWN).ok();
    own.is_some() && own != identity_of("/proc/1/ns/net").ok()
}

/// The processes inside any of these namespaces, without the calling one.
#[must_use]
pub fn processes_in(namespaces: &[Identity]) -> Vec<i32> {
    let is_inside = |pid: &i32| {
        identity_of(&format!("/proc/{pid}/ns/net")).is_ok_and(|own| namespaces.contains(&own))
    };
    processes().filter(is_inside).collect()
}

/// Every process except this one.
pub fn processes() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    numbers.filter(|pid| pid.unsigned_abs() != std::process::id())
}

fn identity_of(path: &str) -> io::Result<Identity> {
    fs::metadata(path).map(|data| identity(&data))
}

fn identity(data: &fs::Metadata) -> Identity {
    Identity {
        device: data.dev(),
        inode: data.ino(),
    }
}

fn pin_path(name: &str) -> PathBuf {
    Path::new(DIRECTORY).join(name)
}

fn on_fresh_thread<T: Send>(work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, work)?;
        thread
            .join()
            .unwrap_or_else(|cause| panic::resume_unwind(cause))
    })
}
