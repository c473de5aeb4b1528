//! Starts a supervisor, and waits until its lab is up.
#![expect(
    clippy::disallowed_methods,
    reason = "the one process that a lab needs is started here"
)]

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::engine::control::{self, Applied, LONGEST_REQUEST, Order, Request};
use crate::engine::{EngineError, Lap};
use crate::spec;
use crate::store::Folder;

/// The hidden command that makes this program a supervisor.
pub const COMMAND: &str = "supervise";

/// What the supervisor says when it has built the lab, or could not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Started {
    /// The lab is up.
    Up(Report),
    /// The text is no lab: whoever reads it again finds what is wrong with it.
    NoLab,
    /// It is not this supervisor's lab, or one of which something is gone, which takes a new supervisor.
    NotHere,
    /// It could not be built.
    Failed {
        /// What failed, and why, outermost first.
        reasons: Vec<String>,
        /// Whether what was asked for is wrong.
        is_bad_input: bool,
    },
}

/// A lab that is up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The lab.
    pub lab: String,
    /// Whether it was up before.
    pub was_up: bool,
    /// What was changed of it then; none where it was as the file has it.
    pub applied: Option<Applied>,
    /// Its nodes.
    pub nodes: usize,
    /// Its links, tunnels left out.
    pub links: usize,
    /// Its tunnels.
    pub tunnels: usize,
    /// How long each phase took.
    pub laps: Vec<Lap>,
}

/// Has a lab be as a file says: by the supervisor that stays with it or, where there is none, by a new one.
///
/// # Errors
///
/// [`EngineError::System`], where no supervisor could be started or it died, and [`EngineError::Store`] where another
/// command changes the lab. What a supervisor could not build it says in [`Started::Failed`].
pub fn start(order: &Order) -> Result<Started, EngineError> {
    if is_too_long(order) {
        return Ok(Started::NoLab);
    }
    let standing = spec::plain_name(&order.text).map(|name| Folder::of(&name));
    let changed = standing.map_or(Ok(Started::NotHere), |folder| change(&folder, order))?;
    match changed {
        Started::NotHere => build(order),
        started => Ok(started),
    }
}

/// Whether no supervisor hears an order to its end, which is that of no lab: most of it is no text.
fn is_too_long(order: &Order) -> bool {
    let may_be = order.text.len() > LONGEST_REQUEST / 8;
    may_be && serde_json::to_vec(order).is_ok_and(|line| line.len() > LONGEST_REQUEST)
}

/// Asks the supervisor that stays with the lab already, if there is one.
pub(super) fn change(folder: &Folder, order: &Order) -> Result<Started, EngineError> {
    if !folder.socket().exists() {
        return Ok(Started::NotHere);
    }
    let _lock = folder.lock()?;
    match control::converse(folder, &Request::Up(order.clone())) {
        Ok(started) => Ok(started),
        // A supervisor that died has left its socket.
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(Started::NotHere),
        Err(source) => Err(EngineError::NoSupervisor {
            lab: folder.lab().to_string(),
            source,
        }),
    }
}

/// Has a new supervisor build the lab.
fn build(order: &Order) -> Result<Started, EngineError> {
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
    let order = serde_json::to_vec(order)
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
    let stays = matches!(&started, Started::Up(report) if !report.was_up);
    if !stays {
        // It has removed what it built, if anything; that it has ended is its last word on that.
        child
            .wait()
            .map_err(|error| failed("wait for the supervisor's end", error))?;
    }
    Ok(started)
}
