//! Ends a lab's supervisor, and waits for its end.

use std::fs;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::control::Request;
use crate::engine::{EngineError, client};

use crate::kernel::netns;
use crate::store::{Folder, is_stopped};

/// How long a supervisor may take to end before it is killed, and again after that.
const PATIENCE: Duration = Duration::from_secs(5);

/// A process handle: it never means another process with the same number.
struct Supervisor {
    pid: i32,
    process: OwnedFd,
}

/// A supervisor that is ending.
#[derive(Default)]
pub(super) struct Ending {
    /// The process; `None` if there is none, or none visible from here.
    supervisor: Option<Supervisor>,
    /// The connection on which it reported that it no longer changes its lab. It closes this last.
    stream: Option<UnixStream>,
}

/// Tells the supervisor to end, and returns when it no longer changes its lab or, if it does not report this, when it
/// has ended. If it is unreachable but a part of its lab is left, its process is searched for.
///
/// # Errors
///
/// [`EngineError::SupervisorStays`], or errors of the kernel.
pub(super) fn stop_supervisor(
    folder: &Folder,
    has_namespaces: bool,
) -> Result<Ending, EngineError> {
    let ending = ask(folder)?;
    if ending.supervisor.is_some() && ending.stream.is_some() {
        return Ok(ending);
    }
    let is_searched = ending.supervisor.is_none() && (has_namespaces || folder.log().exists());
    ending.wait(folder)?;
    if is_searched {
        for supervisor in silent(folder)? {
            supervisor.end(folder)?;
        }
    }
    Ok(Ending::default())
}

/// Tells the supervisor behind the lab's socket to end, if there is one. If it does not answer, it is killed.
fn ask(folder: &Folder) -> Result<Ending, EngineError> {
    let Ok(mut stream) = UnixStream::connect(folder.socket()) else {
        return Ok(Ending::default());
    };
    let Ok(peer) = getsockopt(&stream, PeerCredentials) else {
        return Ok(Ending::default());
    };
    let supervisor = Supervisor::find(peer.pid())?;
    if let Some(supervisor) = &supervisor
        && is_stopped(supervisor.pid.unsigned_abs())
    {
        // A stopped supervisor would not read the request before it is resumed.
        supervisor.kill()?;
    }
    let answer = stream
        .set_read_timeout(Some(PATIENCE))
        .and_then(|()| client::say(&mut stream, &Request::Stop))
        .and_then(|()| stream.read(&mut [0]));
    if let (Err(_), Some(supervisor)) = (&answer, &supervisor) {
        supervisor.kill()?;
    }
    let stream = matches!(answer, Ok(1..)).then_some(stream);
    Ok(Ending { supervisor, stream })
}

impl Ending {
    /// Waits until it has ended. The interfaces that it held end with it.
    ///
    /// # Errors
    ///
    /// [`EngineError::SupervisorStays`], or errors of the kernel.
    pub(super) fn wait(self, folder: &Folder) -> Result<(), EngineError> {
        let closed = self
            .stream
            .map(|mut stream| stream.read_to_end(&mut Vec::new()));
        let Some(supervisor) = self.supervisor else {
            return Ok(());
        };
        if let Some(Err(_)) = closed {
            supervisor.kill()?;
        }
        supervisor.end(folder)
    }
}

/// Kills the processes that write the lab's log but are unreachable, because their socket is gone.
fn silent(folder: &Folder) -> Result<Vec<Supervisor>, EngineError> {
    let log = folder.log();
    let removed = PathBuf::from(format!("{} (deleted)", log.display()));
    let writes = |pid: &i32| {
        let errors = fs::read_link(format!("/proc/{pid}/fd/2"));
        errors.is_ok_and(|to| to == log || to == removed)
    };
    let mut supervisors = Vec::new();
    for pid in netns::processes() {
        let Some(supervisor) = Supervisor::find(pid)? else {
            continue;
        };
        // Checked through the handle, so that it cannot be another process with that number.
        if writes(&pid) {
            supervisor.kill()?;
            supervisors.push(supervisor);
        }
    }
    Ok(supervisors)
}

impl Supervisor {
    /// The process with that number; `None` if it has ended.
    fn find(pid: i32) -> Result<Option<Self>, EngineError> {
        let Some(number) = Pid::from_raw(pid) else {
            return Ok(None);
        };
        match pidfd_open(number, PidfdFlags::empty()) {
            Ok(process) => Ok(Some(Self { pid, process })),
            Err(Errno::SRCH) => Ok(None),
            Err(errno) => Err(failed(errno.into())),
        }
    }

    fn kill(&self) -> Result<(), EngineError> {
        match pidfd_send_signal(&self.process, Signal::KILL) {
            // It has already ended, as intended.
            Ok(()) | Err(Errno::SRCH) => Ok(()),
            Err(errno) => Err(failed(errno.into())),
        }
    }

    /// Waits for its end, and kills it if it does not end in time.
    fn end(&self, folder: &Folder) -> Result<(), EngineError> {
        if self.ends_in_time()? {
            return Ok(());
        }
        self.kill()?;
        if self.ends_in_time()? {
            return Ok(());
        }
        Err(EngineError::SupervisorStays {
            lab: folder.lab().to_string(),
            pid: self.pid,
        })
    }

    fn ends_in_time(&self) -> Result<bool, EngineError> {
        let patience = Timespec::try_from(PATIENCE).ok();
        let mut waiting = [PollFd::new(&self.process, PollFlags::IN)];
        loop {
            match poll(&mut waiting, patience.as_ref()) {
                Ok(ready) => return Ok(ready > 0),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(failed(errno.into())),
            }
        }
    }
}

fn failed(source: io::Error) -> EngineError {
    EngineError::system("end the lab's supervisor", source)
}
