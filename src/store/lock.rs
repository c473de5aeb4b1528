//! The right to change a lab, and who has it.
//!
//! Each holder of a lab's lock holds the root's too, shared with all others, so that the root and what labs made outside
//! it stay as long as anybody may need them. A lock ends with its holder, however that ends, and the kernel tells who that
//! is: nothing is written down that could be stale.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use crate::store::{Folder, StoreError, failed, make_root, root};

/// How long a lock may be held by nobody that can be seen: a process that was killed lets go of it a little later.
const PATIENCE: Duration = Duration::from_secs(1);

/// Time between two attempts.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// The right to build, change and remove a lab, held until dropped.
#[derive(Debug)]
pub struct Lock {
    _folder: Flock<File>,
    /// Let go of last: until then nobody sweeps.
    _root: Flock<File>,
}

/// A process that holds a lab's lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// Its command line.
    pub words: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} (`{}`)", self.pid, self.words)
    }
}

/// Who holds a lock, in words.
pub(super) fn named(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "another command".to_owned(), ToString::to_string)
}

impl Folder {
    /// Makes the folder, if need be, and takes its lock.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`], or the file system's.
    pub fn lock(&self) -> Result<Lock, StoreError> {
        loop {
            make_root()?;
            match fs::DirBuilder::new().mode(0o700).create(&self.path) {
                // The root was swept between its making and the folder's.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                result => result.map_err(|source| failed("make", &self.path, source))?,
            }
            if let Some(lock) = self.lock_if_there()? {
                return Ok(lock);
            }
        }
    }

    /// Takes the lock of a folder that is there; none where it is not.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`], or the file system's.
    pub fn lock_if_there(&self) -> Result<Option<Lock>, StoreError> {
        let Some(folder) = opened(&self.path)? else {
            return Ok(None);
        };
        let folder = self.alone(folder)?;
        // The holder before us may have removed the folder while we waited for its lock.
        if !is_at(&folder, &self.path) {
            return Ok(None);
        }
        // A folder whose lock is held stays, and the root with it; whoever sweeps has the root's for a moment.
        let root = root();
        let Some(file) = opened(&root)? else {
            return Ok(None);
        };
        let shared = shared(file).map_err(|errno| failed("lock", &root, errno.into()))?;
        Ok(is_at(&shared, &root).then_some(Lock {
            _folder: folder,
            _root: shared,
        }))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the kernel has no event for a lock that becomes free, but to wait in line for it"
    )]
    fn alone(&self, mut folder: File) -> Result<Flock<File>, StoreError> {
        let began = Instant::now();
        loop {
            match Flock::lock(folder, FlockArg::LockExclusiveNonblock) {
                Ok(locked) => return Ok(locked),
                Err((file, Errno::EWOULDBLOCK)) => folder = file,
                Err((_, errno)) => return Err(failed("lock", &self.path, errno.into())),
            }
            let holder = self.holder();
            if holder.is_some() || began.elapsed() > PATIENCE {
                return Err(StoreError::Locked {
                    lab: self.lab.clone(),
                    holder,
                });
            }
            thread::sleep(LOOK_AGAIN);
        }
    }

    /// The process that holds the lock; none where none that can be seen does. One that has no command line any more is
    /// about to end.
    #[must_use]
    pub fn holder(&self) -> Option<Holder> {
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let mut numbers =
            processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let pid = numbers.find(|pid| holds(*pid, &self.path))?;
        let words = words(pid);
        (!words.is_empty()).then_some(Holder { pid, words })
    }
}

/// Whether a process holds the lock of a folder, by the kernel's word on its open files.
fn holds(pid: u32, folder: &Path) -> bool {
    let process = PathBuf::from(format!("/proc/{pid}"));
    let files = fs::read_dir(process.join("fd"))
        .into_iter()
        .flatten()
        .flatten();
    let mut here = files.filter(|file| fs::read_link(file.path()).is_ok_and(|to| to == folder));
    here.any(|file| {
        let told = fs::read_to_string(process.join("fdinfo").join(file.file_name()));
        told.is_ok_and(|text| {
            let mut lines = text.lines();
            lines.any(|line| line.contains("FLOCK") && line.contains("WRITE"))
        })
    })
}

/// A process's command line, its program without the path to it.
fn words(pid: u32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let line = String::from_utf8_lossy(&line);
    let line = line.trim_end_matches('\0');
    let (program, rest) = line.split_once('\0').unwrap_or((line, ""));
    let program = program.rsplit('/').next().unwrap_or(program);
    format!("{program} {}", rest.replace('\0', " "))
        .trim_end()
        .to_owned()
}

/// A folder, opened; none where it is not there.
pub(super) fn opened(path: &Path) -> Result<Option<File>, StoreError> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(failed("open", path, source)),
    }
}

fn shared(mut file: File) -> nix::Result<Flock<File>> {
    loop {
        match Flock::lock(file, FlockArg::LockShared) {
            Ok(locked) => return Ok(locked),
            Err((again, Errno::EINTR)) => file = again,
            Err((_, errno)) => return Err(errno),
        }
    }
}

/// Whether a path still leads to a file.
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    let identity = |data: fs::Metadata| (data.dev(), data.ino());
    match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(named)) => identity(held) == identity(named),
        _ => false,
    }
}
