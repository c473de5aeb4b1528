//! Which labs are up: one folder each under /run/netns-lab, or where a user has theirs, and its lock.
//!
//! A folder holds the lab file that the lab was built from, the files that its nodes see in /etc,
//! the supervisor's socket and log and, once the lab is up, what carries it. Everything else is
//! computed from the lab file again, so there is no second truth to fall behind.

use std::fs::{self, File};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::{io, os::unix::fs::symlink};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};

use crate::names::LabName;

mod place;

pub use place::{ROOT, make_root, root};

/// Where `ip netns exec` looks for the files that a namespace sees in /etc.
const ETC_NETNS: &str = "/etc/netns";

/// A marker's name: the directories outside the root that a lab had to make.
const MADE_RUN_NETNS: &str = ".made-run-netns";
const MADE_ETC_NETNS: &str = ".made-etc-netns";

/// The lab file and what it was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The file's name, as its user wrote it.
    pub file: String,
    /// The file's text.
    pub text: String,
    /// What carries the lab; none while it is being built.
    pub carriers: Option<Carriers>,
}

/// What carries a lab's tunnels and delays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carriers {
    /// The kernel's own `WireGuard`; the supervisor's where false.
    pub kernel_tunnels: bool,
    /// The kernel's netem; the supervisor's wires where false.
    pub kernel_delays: bool,
}

/// What could not be done with a lab's folder.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another command holds the lock.
    #[error("lab {lab} is being changed by another command; try again when it is done")]
    Locked {
        /// The lab.
        lab: LabName,
    },
    /// A file or folder could not be used.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The file system's reason.
        #[source]
        source: io::Error,
    },
    /// A directory for labs that somebody else may write to.
    #[error("{} is not yours alone: remove it, or have it removed, and try again", path.display())]
    NotOwn {
        /// The directory.
        path: PathBuf,
    },
    /// A record that this version did not write.
    #[error("{} is not a lab's record; `lab down` removes the lab", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

/// A lab's folder, whether it is there or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    lab: LabName,
    path: PathBuf,
}

/// The right to build, change and remove a lab, held until dropped.
#[derive(Debug)]
pub struct Lock {
    _file: Flock<File>,
}

impl Folder {
    /// A lab's folder.
    #[must_use]
    pub fn of(lab: &LabName) -> Self {
        Self {
            lab: lab.clone(),
            path: root().join(lab.as_str()),
        }
    }

    /// Every folder that is there, sorted by lab.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let root = root();
        let entries = fs::read_dir(&root).into_iter().flatten().flatten();
        let entries = entries.filter(|_| place::is_own(&root));
        let names = entries.filter_map(|entry| LabName::new(entry.file_name().to_str()?).ok());
        let mut names: Vec<LabName> = names.collect();
        names.sort();
        names.iter().map(Self::of).collect()
    }

    /// The lab.
    #[must_use]
    pub fn lab(&self) -> &LabName {
        &self.lab
    }

    /// Whether the folder is there.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.path.exists() && self.path.parent().is_some_and(place::is_own)
    }

    /// The files that its nodes see in /etc.
    #[must_use]
    pub fn etc(&self) -> PathBuf {
        self.path.join("etc")
    }

    /// The supervisor's socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.path.join("control.sock")
    }

    /// The supervisor's log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.path.join("supervisor.log")
    }

    /// Makes the folder, if need be, and takes its lock.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`], or the file system's.
    pub fn lock(&self) -> Result<Lock, StoreError> {
        loop {
            make_root()?;
            let make = fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&self.path);
            make.map_err(|source| failed("make", &self.path, source))?;
            let folder =
                File::open(&self.path).map_err(|source| failed("open", &self.path, source))?;
            let file =
                Flock::lock(folder, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| {
                    match errno {
                        Errno::EWOULDBLOCK => StoreError::Locked {
                            lab: self.lab.clone(),
                        },
                        errno => failed("lock", &self.path, errno.into()),
                    }
                })?;
            // The holder before us may have removed the folder while we waited for its lock.
            if same_file(&file, &self.path) {
                return Ok(Lock { _file: file });
            }
        }
    }

    /// Writes the record.
    ///
    /// # Errors
    ///
    /// The file system's.
    pub fn write(&self, record: &Record) -> Result<(), StoreError> {
        let path = self.record();
        let text = serde_json::to_vec(record).map_err(|source| StoreError::Record {
            path: path.clone(),
            source,
        })?;
        fs::write(&path, text).map_err(|source| failed("write", &path, source))
    }

    /// Reads the record; none where the lab was never begun.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn read(&self) -> Result<Option<Record>, StoreError> {
        let path = self.record();
        match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed("read", &path, source)),
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|source| StoreError::Record { path, source }),
        }
    }

    /// Gives namespaces the files that they see in /etc: one folder for all of a lab's.
    ///
    /// # Errors
    ///
    /// The file system's.
    pub fn give_etc(
        &self,
        namespaces: &[String],
        files: &[(&str, String)],
    ) -> Result<(), StoreError> {
        let etc = self.etc();
        fs::create_dir_all(&etc).map_err(|source| failed("make", &etc, source))?;
        for (name, text) in files {
            let path = etc.join(name);
            fs::write(&path, text).map_err(|source| failed("write", &path, source))?;
        }
        if self.is_in_session() {
            return Ok(());
        }
        if !Path::new(ETC_NETNS).exists() {
            mark(MADE_ETC_NETNS)?;
            fs::create_dir_all(ETC_NETNS)
                .map_err(|source| failed("make", Path::new(ETC_NETNS), source))?;
        }
        let mut links = namespaces
            .iter()
            .map(|namespace| Path::new(ETC_NETNS).join(namespace));
        let Some(first) = links.next() else {
            return Ok(());
        };
        symlink(&etc, &first).map_err(|source| failed("link", &first, source))?;
        // One link of many names: to find a free place on a disk for a thousand takes longer than all else in a lab.
        for link in links {
            fs::hard_link(&first, &link)
                .or_else(|_| symlink(&etc, &link))
                .map_err(|source| failed("link", &link, source))?;
        }
        Ok(())
    }

    /// Takes from a namespace what it sees in /etc, where that is the lab's.
    ///
    /// # Errors
    ///
    /// The file system's.
    pub fn take_etc(&self, namespace: &str) -> Result<(), StoreError> {
        let link = Path::new(ETC_NETNS).join(namespace);
        if self.etc_links().contains(&link) {
            fs::remove_file(&link).map_err(|source| failed("remove", &link, source))?;
        }
        Ok(())
    }

    /// Takes from all the lab's namespaces what they see in /etc.
    ///
    /// # Errors
    ///
    /// The file system's.
    pub fn take_all_etc(&self) -> Result<(), StoreError> {
        for link in self.etc_links() {
            fs::remove_file(&link).map_err(|source| failed("remove", &link, source))?;
        }
        Ok(())
    }

    /// Removes what the lab's namespaces saw in /etc, and all that the folder holds. What is not
    /// there is no failure.
    ///
    /// # Errors
    ///
    /// The file system's.
    pub fn empty(&self) -> Result<(), StoreError> {
        self.take_all_etc()?;
        for entry in fs::read_dir(&self.path).into_iter().flatten().flatten() {
            let path = entry.path();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let removed = if is_folder {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
            removed.map_err(|source| failed("remove", &path, source))?;
        }
        Ok(())
    }

    /// Removes the folder, which must be empty.
    ///
    /// # Errors
    ///
    /// The file system's.
    pub fn remove(&self) -> Result<(), StoreError> {
        fs::remove_dir(&self.path).map_err(|source| failed("remove", &self.path, source))
    }

    /// The lab's links in /etc/netns; what a user put there in their own name is left alone.
    fn etc_links(&self) -> Vec<PathBuf> {
        let prefix = format!("{}.", self.lab);
        let entries = (!self.is_in_session()).then(|| fs::read_dir(ETC_NETNS));
        let entries = entries.into_iter().flatten().flatten().flatten();
        let own = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix));
        let mut links: Vec<PathBuf> = own
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()))
            .map(|entry| entry.path())
            .collect();
        links.sort();
        links
    }

    /// Whether the lab is one without root, whose namespaces are seen by its own user alone. /etc/netns is root's, so
    /// that only lab's own commands show its names there.
    #[must_use]
    pub fn is_in_session(&self) -> bool {
        !self.path.starts_with(ROOT)
    }

    fn record(&self) -> PathBuf {
        self.path.join("lab.json")
    }
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> StoreError {
    StoreError::File {
        action,
        path: path.to_owned(),
        source,
    }
}

/// Notes that a lab had to make /run/netns, so that the last one removes it.
///
/// # Errors
///
/// The file system's.
pub fn mark_run_netns() -> Result<(), StoreError> {
    mark(MADE_RUN_NETNS)
}

fn mark(marker: &str) -> Result<(), StoreError> {
    let path = root().join(marker);
    fs::write(&path, "").map_err(|source| failed("write", &path, source))
}

/// After the last lab is gone: removes the directories outside the root that labs had to make, by
/// `remove_run_netns` for the one whose removal is the kernel's matter, and the root.
///
/// # Errors
///
/// The file system's.
pub fn sweep(remove_run_netns: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let root = root();
    if !Folder::all().is_empty() || !root.exists() {
        return Ok(());
    }
    if unmark(MADE_RUN_NETNS) {
        remove_run_netns()?;
    }
    if unmark(MADE_ETC_NETNS) {
        remove_if_empty(Path::new(ETC_NETNS))?;
    }
    remove_if_empty(&root)
}

fn unmark(marker: &str) -> bool {
    fs::remove_file(root().join(marker)).is_ok()
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

fn same_file(file: &File, path: &Path) -> bool {
    let identity = |data: fs::Metadata| (data.dev(), data.ino());
    match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(named)) => identity(held) == identity(named),
        _ => false,
    }
}
