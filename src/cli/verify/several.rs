//! Verifies several labs. Each has its own process, since a process can enter only one user namespace.
#![expect(
    clippy::disallowed_methods,
    reason = "this program is started once for each lab"
)]

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::verify::Verify;
use crate::cli::verify::reports::Part;
use crate::engine::{Came, EngineError, Interrupts};

/// Verifies several labs one after the other, and writes one report. After a signal no further lab is started.
pub(super) fn run(verify: &Verify, asked: Option<Duration>) -> Result<Exit, CommandError> {
    let outlets = verify.reports.open()?;
    let interrupts = Interrupts::hold()?;
    let mut worst = Exit::Done;
    let mut parts = Vec::new();
    for name in &verify.names {
        let (exit, part) = one(verify, name, asked, &interrupts).map_err(failed)?;
        worst = worst.max(exit);
        parts.extend(part);
        if exit == Exit::Interrupted {
            break;
        }
    }
    outlets.write(&parts)?;
    Ok(worst)
}

/// Verifies a lab in another process. Its errors and progress go to standard error.
fn one(
    verify: &Verify,
    name: &str,
    asked: Option<Duration>,
    interrupts: &Interrupts,
) -> io::Result<(Exit, Vec<Part>)> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("verify")
        .args(verify.of_one(asked))
        .args(["--", name])
        .stdout(Stdio::piped())
        // With its own process group, the child gets a signal of the terminal only once: from this process.
        .process_group(0)
        .spawn()?;
    let said = match child.stdout.take() {
        Some(output) => hear(&child, output, interrupts),
        None => Ok(Vec::new()),
    };
    if said.is_err() {
        // The child then removes or heals its lab.
        let _ = kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGINT);
    }
    let ended = child.wait()?;
    let said = said?;
    let exit = Exit::of_code(ended.code());
    // A killed process has printed no result.
    Ok((exit, serde_json::from_slice(&said).unwrap_or_default()))
}

/// Reads the whole output of the child. Signals to this process are forwarded to the child.
fn hear(child: &Child, mut output: ChildStdout, interrupts: &Interrupts) -> io::Result<Vec<u8>> {
    let mut said = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        if interrupts.wait(output.as_fd(), None)? == Came::Signal {
            // The child may already have ended.
            let _ = kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGINT);
            continue;
        }
        match output.read(&mut buffer)? {
            0 => return Ok(said),
            length => said.extend_from_slice(&buffer[..length]),
        }
    }
}

fn failed(source: io::Error) -> CommandError {
    EngineError::system("start the proof of a lab", source).into()
}
