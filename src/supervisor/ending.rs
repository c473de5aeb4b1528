//! How a supervisor learns that it must end, or that the command that started it has ended.
//!
//! On a signal it removes the lab and ends, as `lab down` does. While it builds a lab, it does the same if the waiting
//! command ends: a lab must not appear after its command was killed.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use tokio::io::unix::AsyncFd;
use tokio::time::sleep;

use crate::engine::{Came, EngineError, Interrupts, Unfinished};
use crate::names::LabName;
use crate::store::{Folder, Lock, StoreError};
use crate::supervisor::error::SupervisorError;

/// Time between two attempts to take the lab's lock: its holder may be about to ask this process to end.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Fails if the build is pointless: a signal came, or the command at the other end of standard output has ended.
///
/// # Errors
///
/// [`EngineError::Unfinished`], or errors of the kernel.
pub(super) fn check_wanted(lab: &LabName, interrupts: &Interrupts) -> Result<(), SupervisorError> {
    // For the write end of a pipe, the kernel reports only that the other end is closed.
    let came = interrupts.wait(io::stdout().as_fd(), Some(Duration::ZERO));
    match came.map_err(|source| SupervisorError::system("look after the command", source))? {
        Came::Nothing => Ok(()),
        Came::Signal | Came::Word => Err(EngineError::Unfinished {
            lab: lab.to_string(),
            why: Unfinished::Interrupted,
            is_gone: true,
        }
        .into()),
    }
}

/// The wait for a signal, and then for the lab's lock.
pub(super) struct Ending<'a> {
    signals: AsyncFd<BorrowedFd<'a>>,
    folder: &'a Folder,
    has_come: bool,
}

impl<'a> Ending<'a> {
    /// Starts to listen for signals.
    ///
    /// # Errors
    ///
    /// Errors of the kernel.
    #[expect(
        deprecated,
        reason = "what takes its place is unsafe, and a borrowed descriptor never changes"
    )]
    pub(super) fn of(interrupts: &'a Interrupts, folder: &'a Folder) -> io::Result<Self> {
        Ok(Self {
            signals: AsyncFd::new(interrupts.as_fd())?,
            folder,
            has_come: false,
        })
    }

    /// Returns when it is time to try the lock, first after a signal. Cancelling this wait loses no signal.
    pub(super) async fn is_due(&mut self) {
        if self.has_come {
            sleep(LOOK_AGAIN).await;
        } else {
            let _ = self.signals.readable().await;
            self.has_come = true;
        }
    }

    /// The lab's lock; `None` if another process holds it.
    pub(super) fn lock(&self) -> Result<Option<Lock>, StoreError> {
        self.folder.try_lock()
    }
}
