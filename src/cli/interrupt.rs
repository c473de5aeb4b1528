//! Handles Ctrl-C and the timeout of a command that brings a lab up or fails links of it.

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::unistd::pipe2;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output;
use crate::engine::{self, Came, EngineError, Gate, Interrupts, Removal, Unfinished, Up};
use crate::store::Folder;

/// A lab that a command uses, and what to do with it if the command is interrupted.
pub(super) enum Ward {
    /// The command brought it up and must remove it.
    Own(Folder),
    /// It was up before and must stay up. The command must heal the links that it failed.
    Lent(Box<Up>),
}

/// The time limit of a command.
#[derive(Clone, Copy)]
pub(super) struct Time {
    /// The requested time, as printed.
    pub(super) asked: Duration,
    /// The time left.
    pub(super) left: Duration,
}

/// Until the command ends: on a signal or timeout, cleans up the lab and ends this process.
pub(super) struct Guard {
    is_over: Arc<AtomicBool>,
}

impl Guard {
    /// Starts to guard a lab, whose changes all pass through a gate. If this process is interrupted, `last_word` gets
    /// the reason. Signals may be held back already.
    pub(super) fn of(
        ward: Ward,
        gate: Arc<Gate>,
        time: Time,
        held: Option<Interrupts>,
        last_word: Box<dyn FnOnce(&CommandError) + Send>,
    ) -> io::Result<Self> {
        let interrupts = held.map_or_else(Interrupts::hold, Ok)?;
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        thread::Builder::new().spawn(move || {
            let Ok(why) = wait(&interrupts, time) else {
                return;
            };
            let is_over = over.swap(true, Ordering::AcqRel);
            match ward {
                Ward::Own(folder) if !is_over => {
                    end(&remove(&interrupts, &folder, why), why, last_word);
                }
                Ward::Lent(up) if !is_over => end(&heal(&up, &gate, why), why, last_word),
                // Only the output of the result was missing.
                Ward::Lent(_) if why == Unfinished::Interrupted => leave(why),
                _ => {}
            }
        })?;
        Ok(Self { is_over })
    }

    /// Stops the guard, so that the caller may remove the lab. After a signal, it does not return: the process ends.
    pub(super) fn end(&self) {
        if self.is_over.swap(true, Ordering::AcqRel) {
            loop {
                thread::park();
            }
        }
    }
}

/// Waits for a signal or the timeout.
fn wait(interrupts: &Interrupts, time: Time) -> io::Result<Unfinished> {
    // This pipe never has data, since its write end stays open.
    let (silence, _open) = pipe2(OFlag::O_CLOEXEC)?;
    Ok(match interrupts.wait(silence.as_fd(), Some(time.left))? {
        Came::Signal => Unfinished::Interrupted,
        Came::Word | Came::Nothing => Unfinished::TookTooLong(time.asked),
    })
}

fn remove(interrupts: &Interrupts, folder: &Folder, why: Unfinished) -> CommandError {
    let lab = folder.lab().to_string();
    let error = match interrupts.remove(folder, None) {
        Ok(Removal::Tried(Err(error))) => error,
        Err(source) => EngineError::system(format!("remove lab {lab}"), source),
        Ok(removal) => EngineError::Unfinished {
            lab,
            why,
            is_gone: !matches!(removal, Removal::Left),
        },
    };
    error.into()
}

fn heal(up: &Up, gate: &Gate, why: Unfinished) -> CommandError {
    let healed = gate.close().then(|| engine::heal_all(up));
    match healed {
        Some(Err(error)) => error.into(),
        healed => CommandError::Stopped {
            lab: up.folder.lab().to_string(),
            why,
            is_healed: healed.is_some(),
        },
    }
}

fn end(error: &CommandError, why: Unfinished, last_word: impl FnOnce(&CommandError)) {
    last_word(error);
    // No further output of the command may follow the last message.
    let _last_word = io::stderr().lock();
    output::leave_progress();
    error.report();
    let _ = io::stdout().flush();
    leave(why);
}

#[expect(
    clippy::exit,
    reason = "the command's own thread is at work, and to be left there"
)]
fn leave(why: Unfinished) {
    let exit = match why {
        Unfinished::Interrupted => Exit::Interrupted,
        Unfinished::TookTooLong(_) | Unfinished::Died => Exit::Refused,
    };
    process::exit(exit.code().into());
}
