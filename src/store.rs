//! The labs that are up: one folder each under /run/netns-lab, or in a user's own directory, and its lock.
//!
//! A folder holds the lab file that the lab was built from, its nodes' /etc files, the supervisor's socket and log and,
//! once the lab is up, its backends. Everything else is computed from the lab file again, so that no copy can be out of
//! date.

mod etc;
mod lock;
mod place;
mod process;
mod staged;
mod sweep;
pub mod views;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::names::LabName;

pub use etc::EtcView;
pub use lock::{Holder, LOCK_PATIENCE, Lock, Wait, set_lock_wait};
use place::make_root;
pub use place::{ROOT, root};
pub use process::is_stopped;
pub use staged::Staged;
pub use sweep::{mark_run_netns, sweep};

/// The version of a record. Other versions of the program write other numbers.
const FORMAT: u32 = 1;

/// The lab file and its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The file's name, as its user wrote it.
    pub file: String,
    /// The file's text.
    pub text: String,
    /// What carries the lab; `None` while it is being built.
    pub carriers: Option<Carriers>,
}

/// The format of a record in its file.
#[derive(Debug, Serialize, Deserialize)]
struct Written<R> {
    format: u32,
    #[serde(flatten)]
    record: R,
}

/// The part of a record that every version except the first writes.
#[derive(Debug, Deserialize)]
struct Format {
    #[serde(default)]
    format: u32,
}

/// What carries a lab's tunnels and delays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carriers {
    /// True for the kernel's `WireGuard`, false for the supervisor's.
    pub kernel_tunnels: bool,
    /// True for the kernel's netem, false for the supervisor's wires.
    pub kernel_delays: bool,
}

/// A failed operation on a lab's folder.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the lock.
    #[error("lab {lab} is being changed by {}; {}", lock::named(holder.as_ref()), lock::advice(*waited))]
    Locked {
        /// The lab.
        lab: LabName,
        /// The holder; `None` if no visible process is.
        holder: Option<Holder>,
        /// How long the command waited for it.
        waited: Duration,
    },
    /// The folder was removed although its lock is held.
    #[error("{} was removed by somebody else; try again", path.display())]
    Gone {
        /// The folder.
        path: PathBuf,
    },
    /// A file or folder could not be used.
    #[error("cannot {action} {}", path.display())]
    File {
        /// The attempted operation.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the file system.
        #[source]
        source: io::Error,
    },
    /// Other users may write to the directory of labs.
    #[error("{} is not yours alone: remove it, or have it removed, and try again", path.display())]
    NotOwn {
        /// The directory.
        path: PathBuf,
    },
    /// The record is missing while the lab is up.
    #[error(
        "the record of lab {lab} is gone; `lab up` with the lab's file writes it again, `lab down {lab}` removes the lab"
    )]
    Lost {
        /// The lab.
        lab: LabName,
    },
    /// The record is invalid.
    #[error(
        "{} is not a lab's record; `lab up` with the lab's file writes it again, `lab down {lab}` removes the lab",
        path.display()
    )]
    Record {
        /// The lab.
        lab: LabName,
        /// The file.
        path: PathBuf,
        /// The error in it.
        #[source]
        source: serde_json::Error,
    },
    /// Another version wrote the record.
    #[error("lab {lab} was built by another version of this program; `lab down {lab}` removes it")]
    OtherVersion {
        /// The lab.
        lab: LabName,
    },
}

/// A lab's folder, existing or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    lab: LabName,
    path: PathBuf,
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

    /// Every existing folder, sorted by lab.
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

    /// Whether the folder exists.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.path.exists() && self.path.parent().is_some_and(place::is_own)
    }

    /// Whether the lab runs without root: only its own user sees its namespaces. /etc/netns belongs to root, so only
    /// `lab` commands see the lab's names.
    #[must_use]
    pub fn is_in_user_namespace(&self) -> bool {
        !self.path.starts_with(ROOT)
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

    /// Writes the record, whole or not at all.
    ///
    /// # Errors
    ///
    /// Errors of the file system.
    pub fn write(&self, record: &Record) -> Result<(), StoreError> {
        self.stage(record, &[])?.commit()
    }

    /// The format of a record in its file.
    fn written(&self, record: &Record) -> Result<Vec<u8>, StoreError> {
        let format = FORMAT;
        serde_json::to_vec(&Written { format, record }).map_err(|source| self.no_record(source))
    }

    /// Reads the record; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn read(&self) -> Result<Option<Record>, StoreError> {
        let path = self.record();
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes.map_err(|source| failed("read", &path, source))?,
        };
        let Format { format } =
            serde_json::from_slice(&bytes).map_err(|source| self.no_record(source))?;
        if format != FORMAT {
            return Err(self.other_version());
        }
        let written: Written<Record> =
            serde_json::from_slice(&bytes).map_err(|source| self.no_record(source))?;
        Ok(Some(written.record))
    }

    /// The error for a record that this version cannot read.
    #[must_use]
    pub fn other_version(&self) -> StoreError {
        StoreError::OtherVersion {
            lab: self.lab.clone(),
        }
    }

    fn no_record(&self, source: serde_json::Error) -> StoreError {
        StoreError::Record {
            lab: self.lab.clone(),
            path: self.record(),
            source,
        }
    }

    /// Removes the /etc files of the lab's namespaces, and everything in the folder. Missing files are no error.
    ///
    /// # Errors
    ///
    /// Errors of the file system.
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

    /// Removes the folder of this lock, if it is empty. A folder that was already removed, or replaced by another, is
    /// left alone.
    ///
    /// # Errors
    ///
    /// Errors of the file system.
    pub fn remove_if_empty(&self, lock: &Lock) -> Result<(), StoreError> {
        if !lock.is_of(self) {
            return Ok(());
        }
        match fs::remove_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
            result => result.map_err(|source| failed("remove", &self.path, source)),
        }
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
