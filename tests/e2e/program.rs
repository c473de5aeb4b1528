//! Runs programs.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests start programs, and wait for what they do"
)]

use std::ffi::OsStr;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::results;

/// How long a condition may take to become true: far longer than needed on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// Time between two checks of a condition.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// The program under test.
pub(crate) const LAB: &str = env!("CARGO_BIN_EXE_lab");

/// The exit and output of a program.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) said: String,
    pub(crate) complained: String,
    pub(crate) code: Option<i32>,
    signal: Option<i32>,
    words: String,
    arguments: Vec<String>,
}

/// A program that runs beside the test and is ended with it.
#[derive(Debug)]
pub(crate) struct Beside {
    child: Child,
}

/// A program that is ready to start.
pub(crate) fn command(program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs a program to its end.
pub(crate) fn run(program: impl AsRef<OsStr>, arguments: &[&str]) -> Ran {
    finish(&mut command(program, arguments))
}

/// Runs the program under test.
pub(crate) fn lab(arguments: &[&str]) -> Ran {
    run(LAB, arguments)
}

/// Runs a prepared program to its end.
pub(crate) fn finish(command: &mut Command) -> Ran {
    let words = format!("{command:?}");
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{words}: {error}"));
    let arguments = std::iter::once(command.get_program()).chain(command.get_args());
    let arguments = arguments.map(|one| one.to_string_lossy().into_owned());
    Ran::new(words, arguments.collect(), &output)
}

impl Ran {
    fn new(words: String, arguments: Vec<String>, output: &Output) -> Self {
        Self {
            said: String::from_utf8_lossy(&output.stdout).into_owned(),
            complained: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code(),
            signal: output.status.signal(),
            words,
            arguments,
        }
    }

    /// Asserts that exit code, and returns itself.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "the exit code of {}: {self:#?}",
            self.words
        );
        self
    }

    /// Asserts that this signal ended it, and returns itself.
    #[track_caller]
    pub(crate) fn dies_by(self, signal: Signal) -> Self {
        assert_eq!(
            self.signal,
            Some(signal as i32),
            "the signal that ended {}: {self:#?}",
            self.words
        );
        self
    }

    /// Its output, as JSON. That of the program under test has the shape of the published schema.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        let value = serde_json::from_str(&self.said)
            .unwrap_or_else(|error| panic!("{error} from {}: {self:#?}", self.words));
        if let Some(complaint) = results::complaint(&self.arguments, &value) {
            panic!("{complaint} from {}: {self:#?}", self.words);
        }
        value
    }
}

impl Beside {
    /// Starts a program.
    pub(crate) fn start(command: &mut Command) -> Self {
        let child = command.spawn();
        Self {
            child: child.unwrap_or_else(|error| panic!("{command:?}: {error}")),
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn streams(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits for its end, and returns the signal that ended it.
    pub(crate) fn signal_at_end(mut self) -> Option<i32> {
        self.child
            .wait()
            .expect("a child can be waited for")
            .signal()
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            // SIGTERM, which `timeout` and `ip netns exec` pass on; it may have ended in between.
            let _ = kill(pid(self.child.id()), Signal::SIGTERM);
            let _ = self.child.wait();
        }
    }
}

/// A process by its number.
pub(crate) fn pid(number: u32) -> Pid {
    Pid::from_raw(i32::try_from(number).expect("a process number"))
}

/// Waits until a condition is true.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(
            began.elapsed() < PATIENCE,
            "not within {PATIENCE:?}: {what}"
        );
        thread::sleep(LOOK_AGAIN);
    }
}

/// Whether a process runs; a zombie does not.
pub(crate) fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit(") ")
        .next()
        .and_then(|rest| rest.chars().next());
    !matches!(state, None | Some('Z' | 'X'))
}
