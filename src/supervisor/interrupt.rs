//! Ctrl-C and its like: what was begun is removed again, unless one comes a second time.

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

/// By what a person, a terminal that closes and a machine that shuts down have a command end.
const SIGNALS: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

/// Holds such signals back from the calling thread, and from those that it starts, until dropped.
pub struct Interrupts {
    set: SigSet,
    signals: SignalFd,
}

/// What was waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// What the descriptor had to say.
    Word,
    /// A signal.
    Signal,
    /// Nothing, for as long as was waited.
    Nothing,
}

/// What became of a lab that was to be removed.
#[derive(Debug)]
pub enum Removal {
    /// It is gone, or it could not be removed.
    Tried(Result<(), EngineError>),
    /// A signal came first.
    Left,
}

impl Interrupts {
    /// Begins to hold signals back.
    ///
    /// # Errors
    ///
    /// The kernel's.
    pub fn hold() -> io::Result<Self> {
        let set: SigSet = SIGNALS.into_iter().collect();
        set.thread_block()?;
        let signals = SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC)?;
        Ok(Self { set, signals })
    }

    /// Holds such signals back, and no others: what the process that started this one held back, it does no more.
    ///
    /// # Errors
    ///
    /// The kernel's.
    pub(super) fn hold_alone() -> io::Result<Self> {
        let held = Self::hold()?;
        held.set.thread_set_mask()?;
        Ok(held)
    }

    /// Waits until a descriptor can be read or is closed, or until a signal comes, which goes before.
    ///
    /// # Errors
    ///
    /// The kernel's.
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
    /// The kernel's.
    pub fn wait_for_signal(&self) -> io::Result<()> {
        self.signals.read_signal()?;
        Ok(())
    }

    /// Removes a lab whose supervisor is gone or whose session the process is in, unless a signal comes first. The lock is
    /// waited for where the caller has none.
    ///
    /// # Errors
    ///
    /// The kernel's.
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
        // The end of the stream says that it is done.
        File::from(done).read_to_end(&mut Vec::new())?;
        let panicked = || EngineError::system("remove the lab", io::ErrorKind::Other.into());
        Ok(Removal::Tried(
            removing.join().unwrap_or_else(|_| Err(panicked())),
        ))
    }
}

/// Can be read when a signal has come.
impl AsFd for Interrupts {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.signals.as_fd()
    }
}

impl Drop for Interrupts {
    /// A signal that nobody has waited for takes effect now.
    fn drop(&mut self) {
        let _ = self.set.thread_unblock();
    }
}
