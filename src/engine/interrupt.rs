//! Ctrl-C and similar signals: the first one removes an unfinished lab, and a second one stops this.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;
use std::{io, thread};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::pipe2;

use crate::engine::{self, EngineError};
use crate::store::{Folder, Lock};

/// The signals by which a user, a closing terminal or a shutdown ends a command.
const SIGNALS: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

/// Blocks these signals for the calling thread and the threads it starts, until dropped.
pub struct Interrupts {
    set: SigSet,
    signals: SignalFd,
}

/// The result of a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// The descriptor is ready.
    Word,
    /// A signal came.
    Signal,
    /// Timed out.
    Nothing,
}

/// The result of removing a lab.
#[derive(Debug)]
pub enum Removal {
    /// It is removed, or could not be.
    Tried(Result<(), EngineError>),
    /// A signal came first.
    Left,
}

impl Interrupts {
    /// Starts to block the signals.
    ///
    /// # Errors
    ///
    /// Errors of the kernel.
    pub fn hold() -> io::Result<Self> {
        let set: SigSet = SIGNALS.into_iter().collect();
        set.thread_block()?;
        let signals = SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC)?;
        Ok(Self { set, signals })
    }

    /// Blocks these signals only; unblocks those that the parent process had blocked.
    ///
    /// # Errors
    ///
    /// Errors of the kernel.
    pub fn hold_alone() -> io::Result<Self> {
        let held = Self::hold()?;
        held.set.thread_set_mask()?;
        Ok(held)
    }

    /// Waits until a descriptor is readable or closed, or until a signal comes; signals take precedence.
    ///
    /// # Errors
    ///
    /// Errors of the kernel.
    pub fn wait(&self, word: BorrowedFd<'_>, patience: Option<Duration>) -> io::Result<Came> {
        let patience = patience.map_or(PollTimeout::NONE, |patience| {
            PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX)
        });
        let mut waited = [
            PollFd::new(self.signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(word, PollFlags::POLLIN),
        ];
        let count = loop {
            match poll(&mut waited, patience) {
                Err(Errno::EINTR) => {}
                result => break result?,
            }
        };
        if count == 0 {
            return Ok(Came::Nothing);
        }
        if waited[0].any() == Some(true) {
            self.signals.read_signal()?;
            return Ok(Came::Signal);
        }
        Ok(Came::Word)
    }

    /// Waits for a signal.
    ///
    /// # Errors
    ///
    /// Errors of the kernel.
    pub fn wait_for_signal(&self) -> io::Result<()> {
        self.signals.read_signal()?;
        Ok(())
    }

    /// Removes a lab that has no supervisor, or whose user namespace contains this process, unless a signal comes
    /// first. Waits for the lock if the caller does not hold it.
    ///
    /// # Errors
    ///
    /// Errors of the kernel.
    pub fn remove(&self, folder: &Folder, lock: Option<Lock>) -> io::Result<Removal> {
        let (done, undone) = pipe2(OFlag::O_CLOEXEC)?;
        let folder = folder.clone();
        let removing = thread::Builder::new().spawn(move || {
            let _ = engine::end_strays(&folder);
            let removed = match lock {
                Some(lock) => engine::undo(&folder, lock),
                None => engine::down(&folder).map(drop),
            };
            drop(undone);
            removed
        })?;
        if self.wait(done.as_fd(), None)? == Came::Signal {
            return Ok(Removal::Left);
        }
        // The end of the stream means that the removal has ended.
        File::from(done).read_to_end(&mut Vec::new())?;
        let panicked = || EngineError::system("remove the lab", io::ErrorKind::Other.into());
        Ok(Removal::Tried(
            removing.join().unwrap_or_else(|_| Err(panicked())),
        ))
    }
}

/// Readable when a signal has come.
impl AsFd for Interrupts {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.signals.as_fd()
    }
}

impl Drop for Interrupts {
    /// A pending signal takes effect now.
    fn drop(&mut self) {
        let _ = self.set.thread_unblock();
    }
}
