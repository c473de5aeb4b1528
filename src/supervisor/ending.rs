//! How a supervisor hears that it is to end, or that nobody wants its lab any more.
//!
//! A signal ends it as `lab down` does: the lab is removed. While a lab is built, so does the end of the command that wants
//! it: a lab must not appear after whoever had begun it was killed.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use tokio::io::unix::AsyncFd;
use tokio::time::sleep;

use crate::engine::{EngineError, Unfinished};
use crate::names::LabName;
use crate::store::{Folder, Lock, StoreError};
use crate::supervisor::interrupt::{Came, Interrupts};

/// Time between two attempts to take the lab's lock: whoever has it may be about to say that this process is to end.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Fails where building is in vain: a signal has come, or the command at the other end of standard output is gone.
///
/// # Errors
///
/// [`EngineError::Unfinished`], or the kernel's.
pub(super) fn check_wanted(lab: &LabName, interrupts: &Interrupts) -> Result<(), EngineError> {
    // Of the end of a pipe that is written to, the kernel tells nothing but that the other one is closed.
    let came = interrupts.wait(io::stdout().as_fd(), Some(Duration::ZERO));
    match came.map_err(|source| EngineError::system("look after the command", source))? {
        Came::Nothing => Ok(()),
        Came::Signal | Came::Word => Err(EngineError::Unfinished {
            lab: lab.to_string(),
            why: Unfinished::Interrupted,
            is_gone: true,
        }),
    }
}

/// The wait for a signal, and then for the lab's lock.
pub(super) struct Ending<'a> {
    signals: AsyncFd<BorrowedFd<'a>>,
    folder: &'a Folder,
    has_come: bool,
}

impl<'a> Ending<'a> {
    /// Begins to listen for signals.
    ///
    /// # Errors
    ///
    /// The kernel's.
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

    /// Returns when the lock is to be tried, first when a signal has come. A wait that is given up loses none.
    pub(super) async fn is_due(&mut self) {
        if self.has_come {
            sleep(LOOK_AGAIN).await;
        } else {
            let _ = self.signals.readable().await;
            self.has_come = true;
        }
    }

    /// The lab's lock; none where somebody else has it.
    pub(super) fn lock(&self) -> Result<Option<Lock>, StoreError> {
        self.folder.try_lock()
    }
}
