//! Time limits of commands: no command waits forever.

use std::io::{self, Write};
use std::process;
use std::thread;
use std::time::Duration;

use nix::sys::signal::SigSet;
use nix::unistd::alarm;

use crate::cli::{Command, Exit};
use crate::engine;
use crate::store::{LOCK_PATIENCE, Wait};

/// For commands that query the kernel and a supervisor. They take milliseconds, or seconds in the largest labs.
const FOR_A_WORD: Duration = Duration::from_mins(2);

/// For commands that verify paths or compute all of them. A storyboard may wait minutes for timers.
pub(super) const FOR_A_PROOF: Duration = Duration::from_hours(1);

/// For commands that remove a lab.
const FOR_REMOVAL: Duration = Duration::from_mins(10);

/// How long before its own time limit a command stops waiting for a lock, so that it can report the owner of the lock.
const FOR_LAST_WORD: Duration = Duration::from_millis(200);

/// How a command waits for a lock that another process holds.
pub(super) fn for_locks(asked: Option<Duration>) -> Wait {
    let limit = asked.map_or(LOCK_PATIENCE, |asked| {
        asked.saturating_sub(FOR_LAST_WORD.min(asked / 10))
    });
    Wait { limit, tell }
}

fn tell(words: &str) {
    // Names from the command line must stay on one line and must not control the terminal.
    let line = words.replace(char::is_control, "\u{b7}") + "\n";
    let _ = io::stderr().write_all(line.as_bytes());
}

impl Command {
    /// The default time limit of the command; `None` if the user decides, or if the command has its own limit.
    fn patience(&self) -> Option<Duration> {
        match self {
            // The first four have their own limits, so that they leave nothing behind and write no partial file.
            Self::Up(_)
            | Self::Verify(_)
            | Self::Supervise { .. }
            | Self::Capture(_)
            | Self::Exec(_)
            | Self::Shell(_)
            | Self::Ui(_) => None,
            Self::Ping(command) => Some(FOR_A_WORD.saturating_add(command.duration())),
            Self::Iperf(command) => Some(FOR_A_WORD.saturating_add(command.duration())),
            Self::Trace(command) => Some(FOR_A_WORD.saturating_add(command.duration())),
            Self::Matrix(_) | Self::Diff(_) | Self::Expect(_) => Some(FOR_A_PROOF),
            Self::Down(_) => Some(FOR_REMOVAL),
            _ => Some(FOR_A_WORD),
        }
    }

    /// Ends this process with a message if the command exceeds its limit: `asked`, or the default.
    pub(super) fn bound(&self, asked: Option<Duration>) {
        let Some(usual) = self.patience() else {
            return;
        };
        let patience = asked.unwrap_or(usual);
        if engine::needs_user_namespace() {
            // A process with two threads cannot enter a user namespace, so SIGALRM ends it and the shell prints the
            // message. The time is rounded up, since the command itself ends its waits for locks.
            let seconds = patience
                .saturating_add(Duration::from_millis(999))
                .as_secs();
            alarm::set(u32::try_from(seconds).unwrap_or(u32::MAX).max(1));
            return;
        }
        start_clock(patience);
    }
}

/// Ends this process with a message if its remaining work takes longer than writing a message should.
pub(super) fn bound_the_rest() {
    start_clock(FOR_A_WORD);
}

fn start_clock(patience: Duration) {
    // If no thread can be started, the process can do nothing else either.
    let _ = thread::Builder::new().spawn(move || give_up_after(patience));
}

#[expect(
    clippy::exit,
    reason = "the command's own thread waits for something that does not come"
)]
#[expect(clippy::disallowed_methods, reason = "a bound on time is waited for")]
fn give_up_after(patience: Duration) {
    // Only the main thread handles signals.
    let _ = SigSet::all().thread_block();
    thread::sleep(patience);
    let words = format!(
        "error: not done within {patience:?}; `lab status` shows the state of the lab, `lab down` removes it\n"
    );
    let _ = io::stderr().write_all(words.as_bytes());
    process::exit(Exit::Refused.code().into());
}
