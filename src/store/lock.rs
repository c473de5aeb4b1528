//! The lock of a lab, and its holder.
//!
//! Each holder of a lab's lock also holds the root directory's lock, shared with all others, so that the root directory
//! and what labs created outside it stay while a lab may need them. A lock ends with its holder, and the kernel reports
//! who that is: nothing is stored that could be out of date.
//!
//! A process that starts another may pass its lock on: both hold it then, and it ends with the last of them.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::fd::BorrowedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use crate::store::process::{holds, is_ending, is_stopped, words};
use crate::store::{Folder, StoreError, failed, make_root, root};

/// How long to wait for a lock by default.
pub const LOCK_PATIENCE: Duration = Duration::from_secs(30);

/// A shorter wait gives no message.
const UNTOLD: Duration = Duration::from_millis(200);

/// Time between the first two attempts; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(32);

/// How this process waits for locks held by others.
#[derive(Debug, Clone, Copy)]
pub struct Wait {
    /// The longest wait.
    pub limit: Duration,
    /// Receives the message about the wait.
    pub tell: fn(&str),
}

static WAIT: OnceLock<Wait> = OnceLock::new();

/// Sets how this process waits for locks. It applies to all locks; only the first call counts.
pub fn set_lock_wait(wait: Wait) {
    let _ = WAIT.set(wait);
}

/// The right to build, change and remove a lab, held until dropped.
#[derive(Debug)]
pub struct Lock {
    folder: File,
    /// Released last, so that no sweep runs before.
    _root: File,
}

/// A process that holds a lab's lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// Its command line.
    pub words: String,
    /// Whether it is stopped, and so releases nothing until it is resumed.
    pub is_stopped: bool,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pid,
            words,
            is_stopped,
        } = self;
        write!(f, "process {pid} (`{words}`)")?;
        if *is_stopped {
            write!(
                f,
                ", which is stopped: `kill -CONT {pid}` resumes it, `kill -KILL {pid}` ends it"
            )?;
        }
        Ok(())
    }
}

/// What to do about a lock held by another process, by the length of the wait.
pub(super) fn advice(waited: Duration) -> String {
    if waited.is_zero() {
        "try again when it is done".to_owned()
    } else {
        format!("that was not done within {waited:?}, so try again later")
    }
}

/// The holder of a lock, in words.
pub(super) fn named(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "another command".to_owned(), ToString::to_string)
}

impl Lock {
    /// The lock of a lab that the parent process passed on as an open file.
    ///
    /// # Errors
    ///
    /// Errors of the file system, or [`StoreError::Gone`] if it is not the lock of that lab's folder.
    pub fn passed_on(folder: &Folder, file: BorrowedFd<'_>) -> Result<Self, StoreError> {
        let own = file
            .try_clone_to_owned()
            .map_err(|source| failed("lock", &folder.path, source))?;
        let gone = || StoreError::Gone {
            path: folder.path.clone(),
        };
        folder.with_root(File::from(own))?.ok_or_else(gone)
    }

    /// A duplicate of the lock, for a process that is about to be started.
    ///
    /// # Errors
    ///
    /// Errors of the kernel, if no descriptor is left.
    pub fn pass_on(&self) -> io::Result<File> {
        self.folder.try_clone()
    }

    /// Releases the lock, for all processes that share it.
    pub fn end(self) {
        // If this fails, the lock ends when the last holder closes it.
        let _ = self.folder.unlock();
    }

    /// Whether this is the lock of an existing folder.
    #[must_use]
    pub fn is_of(&self, folder: &Folder) -> bool {
        is_at(&self.folder, &folder.path)
    }
}

impl Folder {
    /// Creates the folder if necessary, and takes its lock. Waits while another process holds it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`], or errors of the file system.
    pub fn lock(&self) -> Result<Lock, StoreError> {
        let mut waiting = Waiting::begin();
        loop {
            if !self.make()? {
                continue;
            }
            if let Some(lock) = self.lock_there(&mut waiting)? {
                return Ok(lock);
            }
        }
    }

    /// Takes the lock of an existing folder; `None` if it does not exist. Waits while another process holds it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`], or errors of the file system.
    pub fn lock_if_there(&self) -> Result<Option<Lock>, StoreError> {
        self.lock_there(&mut Waiting::begin())
    }

    /// Creates the folder if necessary, and takes its lock; `None` if another process holds it.
    ///
    /// # Errors
    ///
    /// Errors of the file system.
    pub fn try_lock(&self) -> Result<Option<Lock>, StoreError> {
        if !self.make()? {
            return Ok(None);
        }
        match self.lock_there(&mut Waiting::not()) {
            Err(StoreError::Locked { .. }) => Ok(None),
            lock => lock,
        }
    }

    /// Waits until no process holds the lock. Returns whether it had to wait.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`], or errors of the file system.
    pub fn settle(&self) -> Result<bool, StoreError> {
        let Some(folder) = opened(&self.path)? else {
            return Ok(false);
        };
        let mut waiting = Waiting::begin();
        self.wait_for(|| folder.try_lock_shared(), &mut waiting)?;
        Ok(waiting.has_waited)
    }

    /// Creates the folder, unless it exists. Returns false if the root directory was swept in between.
    fn make(&self) -> Result<bool, StoreError> {
        make_root()?;
        match fs::DirBuilder::new().mode(0o700).create(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(true),
            result => result
                .map(|()| true)
                .map_err(|source| failed("make", &self.path, source)),
        }
    }

    fn lock_there(&self, waiting: &mut Waiting) -> Result<Option<Lock>, StoreError> {
        let Some(folder) = opened(&self.path)? else {
            return Ok(None);
        };
        self.wait_for(|| folder.try_lock(), waiting)?;
        self.with_root(folder)
    }

    /// Completes a lock whose folder part is held; `None` if the previous holder removed the folder.
    fn with_root(&self, folder: File) -> Result<Option<Lock>, StoreError> {
        if !is_at(&folder, &self.path) {
            return Ok(None);
        }
        // A folder whose lock is held stays, and so does the root directory; a sweep holds the root's lock for a
        // moment.
        let path = root();
        let Some(root) = opened(&path)? else {
            return Ok(None);
        };
        share(&root).map_err(|source| failed("lock", &path, source))?;
        Ok(is_at(&root, &path).then_some(Lock {
            folder,
            _root: root,
        }))
    }

    fn wait_for(
        &self,
        attempt: impl Fn() -> Result<(), TryLockError>,
        waiting: &mut Waiting,
    ) -> Result<(), StoreError> {
        loop {
            match attempt() {
                Ok(()) => return Ok(()),
                Err(TryLockError::WouldBlock) => waiting.again(self)?,
                Err(TryLockError::Error(source)) => {
                    return Err(failed("lock", &self.path, source));
                }
            }
        }
    }

    /// The process that holds the lock; `None` if no visible process does. A process without a command line is about to
    /// end. If several share the lock, a stopped one is returned first: the others wait for it.
    #[must_use]
    pub fn holder(&self) -> Option<Holder> {
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let holders = numbers.filter(|pid| holds(*pid, &self.path));
        let holders = holders.filter_map(|pid| {
            let words = words(pid);
            (!words.is_empty() && !is_ending(pid)).then(|| Holder {
                pid,
                words,
                is_stopped: is_stopped(pid),
            })
        });
        let mut holders: Vec<Holder> = holders.collect();
        holders.sort_by_key(|holder| !holder.is_stopped);
        holders.into_iter().next()
    }
}

/// A wait for one lock. The kernel has no event for a released lock except a blocking wait, which cannot be cancelled.
/// So the lock is tried again and again.
struct Waiting {
    began: Instant,
    limit: Duration,
    pause: Duration,
    has_waited: bool,
    is_told: bool,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the kernel has no event for a lock that becomes free, but to wait in line for it"
)]
impl Waiting {
    /// A wait with this process's limit.
    fn begin() -> Self {
        let limit = WAIT.get().map_or(LOCK_PATIENCE, |wait| wait.limit);
        Self::up_to(limit)
    }

    fn not() -> Self {
        Self::up_to(Duration::ZERO)
    }

    fn up_to(limit: Duration) -> Self {
        Self {
            began: Instant::now(),
            limit,
            pause: FIRST_PAUSE,
            has_waited: false,
            is_told: false,
        }
    }

    /// Sleeps until the next attempt; fails after the limit.
    fn again(&mut self, folder: &Folder) -> Result<(), StoreError> {
        self.has_waited = true;
        let waited = self.began.elapsed();
        if waited >= self.limit {
            return Err(StoreError::Locked {
                lab: folder.lab.clone(),
                // A caller that does not wait does not need the holder: finding it searches all processes.
                holder: (!self.limit.is_zero()).then(|| folder.holder()).flatten(),
                waited: self.limit,
            });
        }
        if waited >= UNTOLD && !self.is_told {
            self.is_told = true;
            self.tell(folder);
        }
        thread::sleep(self.pause.min(self.limit.saturating_sub(waited)));
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }

    fn tell(&self, folder: &Folder) {
        let Some(wait) = WAIT.get() else { return };
        let holder = folder.holder();
        (wait.tell)(&format!(
            "waiting up to {:?}: lab {} is being changed by {}",
            self.limit,
            folder.lab,
            named(holder.as_ref())
        ));
    }
}

/// A folder, opened; `None` if it does not exist.
pub(super) fn opened(path: &Path) -> Result<Option<File>, StoreError> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(failed("open", path, source)),
    }
}

fn share(file: &File) -> io::Result<()> {
    loop {
        match file.lock_shared() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Whether a path still refers to an open file.
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    let identity = |data: fs::Metadata| (data.dev(), data.ino());
    match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(named)) => identity(held) == identity(named),
        _ => false,
    }
}
