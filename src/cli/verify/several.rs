//! Several labs in one proof: each in a process of its own, which a lab of a user's own namespace needs.
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

/// Proves several labs one after the other, and writes one report. After a signal no further lab is begun.
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

/// Has another process prove a lab. Its errors and its progress go to standard error.
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
        // A signal from a terminal reaches it once: this process passes it on.
        .process_group(0)
        .spawn()?;
    let said = match child.stdout.take() {
        Some(output) => hear(&child, output, interrupts),
        None => Ok(Vec::new()),
    };
    if said.is_err() {
        // It then removes its lab, or heals it.
        let _ = kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGINT);
    }
    let ended = child.wait()?;
    let said = said?;
    let exit = Exit::of_code(ended.code());
    // A process that was killed says nothing.
    Ok((exit, serde_json::from_slice(&said).unwrap_or_default()))
}

/// All that it prints; signals of this process are passed on.
fn hear(child: &Child, mut output: ChildStdout, interrupts: &Interrupts) -> io::Result<Vec<u8>> {
    let mut said = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        if interrupts.wait(output.as_fd(), None)? == Came::Signal {
            // It may have ended meanwhile.
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
