//! Ctrl-C while a lab is up that a command has brought up for itself alone.

use std::io::{self, Write};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output;
use crate::engine::{EngineError, Unfinished};
use crate::store::Folder;
use crate::supervisor::{Interrupts, Removal};

/// Removes a lab and ends this process when a signal comes, until the lab is taken over.
pub(super) struct Guard {
    is_over: Arc<AtomicBool>,
}

impl Guard {
    /// Begins to guard a lab.
    pub(super) fn of(folder: &Folder) -> io::Result<Self> {
        let interrupts = Interrupts::hold()?;
        let is_over = Arc::new(AtomicBool::new(false));
        let (folder, over) = (folder.clone(), Arc::clone(&is_over));
        thread::Builder::new().spawn(move || {
            if interrupts.wait_for_signal().is_ok() && !over.swap(true, Ordering::AcqRel) {
                remove(&interrupts, &folder);
            }
        })?;
        Ok(Self { is_over })
    }

    /// Whether the lab is the caller's to remove. Where a signal has come, it is not, and this process ends.
    pub(super) fn end(&self) {
        if self.is_over.swap(true, Ordering::AcqRel) {
            loop {
                thread::park();
            }
        }
    }
}

#[expect(
    clippy::exit,
    reason = "the command's own thread is at work, and to be left there"
)]
fn remove(interrupts: &Interrupts, folder: &Folder) {
    let lab = folder.lab().to_string();
    let error = match interrupts.remove(folder) {
        Ok(Removal::Tried(Err(error))) => error,
        Err(source) => EngineError::system(format!("remove lab {lab}"), source),
        Ok(removal) => EngineError::Unfinished {
            lab,
            why: Unfinished::Interrupted,
            is_gone: !matches!(removal, Removal::Left),
        },
    };
    // What the work still tells does not follow the last word.
    let _last_word = io::stderr().lock();
    output::leave_progress();
    CommandError::from(error).report();
    let _ = io::stdout().flush();
    process::exit(Exit::Interrupted.code().into());
}
