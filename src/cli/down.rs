//! `lab down`

use std::io::{self, Write};

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::cli::exit::{CommandError, Exit};
use crate::cli::here::named_or_here_to_remove;
use crate::cli::output::{self, Format};
use crate::engine::{self, EngineError};
use crate::findings::near;
use crate::names::LabName;
use crate::report::labs::none;
use crate::store::Folder;
use crate::units::{counted, milliseconds};

/// Remove a lab completely.
#[derive(Debug, Args)]
pub(super) struct Down {
    /// The lab: its name, or the path to its file. Without it, the lab of the file lab.yaml here.
    #[arg(conflicts_with = "all")]
    lab: Option<String>,
    /// Remove every lab.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    format: Format,
}

/// The output of `lab down --json`, one per lab.
#[derive(Debug, Serialize, Deserialize)]
struct Report {
    lab: String,
    was_up: bool,
    namespaces: usize,
    ended_processes: usize,
    elapsed_ms: f64,
}

impl Down {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let folders = if self.all {
            [Folder::all(), Folder::lost()].concat()
        } else {
            let lab = named_or_here_to_remove(self.lab.as_ref())?;
            vec![Folder::of(&name_of(&lab)?)]
        };
        let (reports, refusals) = match folders.as_slice() {
            // A process can enter only one user namespace.
            several @ [_, _, ..] if engine::needs_user_namespace() => one_by_one(several)?,
            folders => remove_all(folders),
        };
        if let [
            Report {
                lab, was_up: false, ..
            },
        ] = reports.as_slice()
        {
            warn_of_near(lab);
        }
        engine::sweep()?;
        self.format.print(&reports, || {
            if folders.is_empty() {
                return none(engine::roots_are_hidden()).to_owned() + "\n";
            }
            let sentences = reports.iter().map(|report| report.sentence() + "\n");
            sentences.collect()
        })?;
        let mut refusals = refusals.into_iter().map(CommandError::from);
        let Some(first) = refusals.next() else {
            return Ok(Exit::Done);
        };
        refusals.for_each(|refusal| {
            refusal.report();
        });
        Err(first)
    }
}

/// Removes each lab, even if the removal of others fails.
fn remove_all(folders: &[Folder]) -> (Vec<Report>, Vec<EngineError>) {
    let mut reports = Vec::new();
    let mut refusals = Vec::new();
    for folder in folders {
        match remove(folder) {
            Ok(report) => reports.push(report),
            Err(refusal) => refusals.push(refusal),
        }
    }
    (reports, refusals)
}

fn remove(folder: &Folder) -> Result<Report, EngineError> {
    let began = output::now();
    let strays = engine::end_strays(folder);
    engine::join_user_namespace(folder)?;
    let removed = engine::down(folder)?;
    Ok(Report {
        lab: folder.lab().to_string(),
        was_up: removed.was_there,
        namespaces: removed.namespaces,
        ended_processes: strays + removed.processes,
        elapsed_ms: milliseconds(began.elapsed()),
    })
}

/// Removes each lab in its own process.
#[expect(
    clippy::disallowed_methods,
    reason = "this program itself is started, once for each lab"
)]
fn one_by_one(folders: &[Folder]) -> Result<(Vec<Report>, Vec<EngineError>), CommandError> {
    let program = std::env::current_exe()?;
    let mut reports = Vec::new();
    let mut refusals = Vec::new();
    for folder in folders {
        let lab = folder.lab().as_str();
        let mut command = std::process::Command::new(&program);
        let output = command.args(["down", "--json", lab]).output()?;
        let told: Result<Vec<Report>, _> = serde_json::from_slice(&output.stdout);
        match told {
            Ok(told) => reports.extend(told),
            Err(_) => refusals.push(EngineError::Supervisor(reasons_in(&output.stderr))),
        }
    }
    Ok((reports, refusals))
}

/// The reasons in the error output of a command, outermost first.
fn reasons_in(complaint: &[u8]) -> Vec<String> {
    let complaint = String::from_utf8_lossy(complaint);
    let lines = complaint.lines().map(|line| {
        let reason = line.strip_prefix("error: ");
        reason.or(line.strip_prefix("  because: ")).unwrap_or(line)
    });
    lines.map(str::to_owned).collect()
}

impl Report {
    fn sentence(&self) -> String {
        let Self {
            lab,
            was_up,
            namespaces,
            ended_processes,
            elapsed_ms,
        } = self;
        if !was_up {
            return format!("lab {lab} is not up");
        }
        if *namespaces == 0 {
            return format!("what was left of lab {lab} is removed in {elapsed_ms:.0} ms");
        }
        let ended = match ended_processes {
            0 => String::new(),
            1 => ", 1 process in it ended".to_owned(),
            more => format!(", {more} processes in it ended"),
        };
        let namespaces = counted(*namespaces, "namespace");
        format!("lab {lab} is down ({namespaces} removed in {elapsed_ms:.0} ms{ended})")
    }
}

/// Warns of a lab that is up and whose name is similar to that of a lab that is not.
fn warn_of_near(lab: &str) {
    let up = engine::up_names();
    if let Some(near) = near(lab, up.iter().map(String::as_str)) {
        // If this write fails, the lab is still not up.
        let _ = writeln!(
            io::stderr(),
            "warning: lab {lab} is not up; did you mean `{near}`?"
        );
    }
}

/// The name of a lab, as given or, if a path was given, from the file.
fn name_of(lab: &str) -> Result<LabName, EngineError> {
    match LabName::new(lab) {
        Ok(name) => Ok(name),
        Err(_) => engine::load(lab).map(|lab| lab.topology.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_process_complains_of_is_told_once() {
        let complaint = b"error: cannot enter it\n  because: Operation not permitted\n";
        assert_eq!(
            reasons_in(complaint),
            ["cannot enter it", "Operation not permitted"]
        );
    }
}
