//! The commands' side of a supervisor's socket: sends requests, and reads the answers.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use serde::de::DeserializeOwned;

use crate::control::{Answer, Request, SupervisorStatus};
use crate::engine::{EngineError, Up};
use crate::store::{Folder, is_stopped};

/// How long a supervisor may take to answer; it waits for a link to come up.
const PATIENCE: Duration = Duration::from_secs(10);

/// Writes a request to a connection.
pub(super) fn say(stream: &mut UnixStream, request: &Request) -> io::Result<()> {
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)
}

/// How long a supervisor may take to change its lab: one second per thousand new nodes.
pub const CHANGE_PATIENCE: Duration = Duration::from_mins(2);

/// Sends a request to a supervisor and reads its answer; each may take this long.
///
/// # Errors
///
/// Errors of the socket, if no process listens or no answer arrives in time.
pub fn converse<T: DeserializeOwned>(
    folder: &Folder,
    request: &Request,
    patience: Duration,
) -> io::Result<T> {
    let stream = UnixStream::connect(folder.socket())?;
    let process = peer(&stream);
    check_not_stopped(process)?;
    match answer(stream, request, patience) {
        Ok(line) => Ok(serde_json::from_str(&line)?),
        // It may have been stopped only after the check.
        Err(error) => Err(check_not_stopped(process).err().unwrap_or(error)),
    }
}

fn answer(mut stream: UnixStream, request: &Request, patience: Duration) -> io::Result<String> {
    stream.set_write_timeout(Some(patience))?;
    stream.set_read_timeout(Some(patience))?;
    say(&mut stream, request)?;
    let mut line = String::new();
    if BufReader::new(stream).read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line)
}

/// Fails if a process is stopped: it would not answer, and the user may not know why.
fn check_not_stopped(process: Option<i32>) -> io::Result<()> {
    match process {
        Some(process) if is_stopped(process.unsigned_abs()) => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("process {process} is stopped; `kill -CONT {process}` resumes it"),
        )),
        _ => Ok(()),
    }
}

/// Fails if a lab's supervisor is stopped: every command would wait for it.
pub(super) fn check_responsive(folder: &Folder) -> Result<(), EngineError> {
    check_not_stopped(supervisor(folder)).map_err(|source| EngineError::NoSupervisor {
        lab: folder.lab().to_string(),
        source,
    })
}

/// Requests every change from a lab's supervisor: one [`Moment`](crate::control::Moment) per line, the first at once,
/// until it ends.
///
/// # Errors
///
/// Errors of the socket, if no process listens.
pub fn watch(folder: &Folder) -> io::Result<UnixStream> {
    let mut stream = UnixStream::connect(folder.socket())?;
    stream.set_write_timeout(Some(PATIENCE))?;
    say(&mut stream, &Request::Watch)?;
    Ok(stream)
}

/// Sends a request to a lab's supervisor, and returns the result.
pub(super) fn command<T: DeserializeOwned>(up: &Up, request: &Request) -> Result<T, EngineError> {
    let answer = converse(&up.folder, request, PATIENCE);
    match answer.map_err(|source| EngineError::NoSupervisor {
        lab: up.folder.lab().to_string(),
        source,
    })? {
        Answer::Done(done) => Ok(done),
        Answer::Refused(reasons) => Err(EngineError::Supervisor(reasons)),
    }
}

/// The process of a lab's supervisor, if there is one.
pub(super) fn supervisor(folder: &Folder) -> Option<i32> {
    peer(&UnixStream::connect(folder.socket()).ok()?)
}

/// The process at the other end.
fn peer(stream: &UnixStream) -> Option<i32> {
    let peer = getsockopt(stream, PeerCredentials).ok()?;
    Some(peer.pid())
}

/// The status from the supervisor itself; `None` if it does not answer.
pub(super) fn ask(folder: &Folder) -> Option<SupervisorStatus> {
    converse(folder, &Request::Status, PATIENCE).ok()
}
