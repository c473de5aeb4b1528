//! Starts a supervisor, and waits until its lab is up.
#![expect(
    clippy::disallowed_methods,
    reason = "the one process that a lab needs is started here"
)]

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::engine::{Choice, EngineError};
use crate::spec::Source;

/// The hidden command that makes this program a supervisor.
pub const COMMAND: &str = "supervise";

/// The lab file and what is to carry it, handed to the supervisor on its standard input.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) file: String,
    pub(super) text: String,
    pub(super) choice: Choice,
}

/// What the supervisor says when it has built the lab, or could not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Started {
    /// The lab is up.
    Up,
    /// It could not be built: what failed, and why, outermost first.
    Failed(Vec<String>),
}

/// Has a supervisor build a lab.
///
/// # Errors
///
/// [`EngineError::System`], where the supervisor could not be started or died. What it could not
/// build it says in [`Started::Failed`].
pub fn start(source: &Source, choice: Choice) -> Result<Started, EngineError> {
    let failed = |action: &str, error| EngineError::system(action, error);
    let program = std::env::current_exe().map_err(|error| failed("find this program", error))?;
    let mut child = Command::new(program)
        .arg(COMMAND)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed("start the lab's supervisor", error))?;
    let order = Order {
        file: source.file.clone(),
        text: source.text.clone(),
        choice,
    };
    let order = serde_json::to_vec(&order)
        .map_err(|error| failed("write to the supervisor", error.into()))?;
    if let Some(mut input) = child.stdin.take() {
        input
            .write_all(&order)
            .map_err(|error| failed("write to the supervisor", error))?;
    }
    let mut answer = String::new();
    if let Some(output) = child.stdout.take() {
        BufReader::new(output)
            .read_line(&mut answer)
            .map_err(|error| failed("hear from the supervisor", error))?;
    }
    let started = serde_json::from_str(&answer)
        .map_err(|error| failed("hear from the supervisor, which has died", error.into()))?;
    if let Started::Failed(_) = started {
        // It has removed what it built; that it has ended is its last word on that.
        child
            .wait()
            .map_err(|error| failed("wait for the supervisor's end", error))?;
    }
    Ok(started)
}
