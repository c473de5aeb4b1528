//! `lab up`

use std::time::Duration;

use clap::Args;
use serde::Serialize;

use crate::cli::backend::Backend;
use crate::cli::exit::{CommandError, Exit, needs_root};
use crate::cli::output;
use crate::engine::{self, Choice, EngineError, Lab};
use crate::store::Folder;
use crate::supervisor::{self, Started};
use crate::topology::LinkKind;
use crate::units::milliseconds;

/// Build a lab.
#[derive(Debug, Args)]
pub(super) struct Up {
    /// The lab: a name of the catalogue, or a path to a lab file.
    lab: String,
    #[command(flatten)]
    backend: Backend,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// What `lab up --json` prints.
#[derive(Debug, Serialize)]
struct Report<'a> {
    lab: &'a str,
    state: &'static str,
    was_up: bool,
    nodes: usize,
    links: usize,
    tunnels: usize,
    elapsed_ms: f64,
}

impl Up {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let began = output::now();
        let lab = engine::load(&self.lab)?;
        needs_root("up")?;
        let was_up = bring_up(&lab, self.backend.choice())?;
        self.tell(&lab, was_up, began.elapsed())?;
        Ok(Exit::Done)
    }

    fn tell(&self, lab: &Lab, was_up: bool, elapsed: Duration) -> std::io::Result<()> {
        let is_tunnel = |kind: &LinkKind| matches!(kind, LinkKind::Tunnel { .. });
        let tunnels = lab
            .topology
            .links
            .iter()
            .filter(|link| is_tunnel(&link.kind))
            .count();
        let report = Report {
            lab: lab.topology.name.as_str(),
            state: "up",
            was_up,
            nodes: lab.topology.nodes.len(),
            links: lab.topology.links.len() - tunnels,
            tunnels,
            elapsed_ms: milliseconds(elapsed),
        };
        if self.json {
            return output::json(&report);
        }
        if was_up {
            return output::line(&format!("lab {} is up already", report.lab));
        }
        output::line(&format!(
            "lab {} is up: {} nodes, {} links and {tunnels} tunnels in {:.0} ms",
            report.lab, report.nodes, report.links, report.elapsed_ms
        ))
    }
}

/// Brings a lab up, unless it is. Says whether it was; a lab that is up but broken is built anew.
pub(super) fn bring_up(lab: &Lab, choice: Choice) -> Result<bool, CommandError> {
    if is_whole(lab, choice)? {
        return Ok(true);
    }
    match supervisor::start(&lab.source, choice)? {
        Started::Up => Ok(false),
        Started::Failed(reasons) => Err(CommandError::Supervisor(reasons)),
    }
}

/// Whether the lab is up, carried as it was asked for, and nothing of it is broken.
fn is_whole(lab: &Lab, choice: Choice) -> Result<bool, EngineError> {
    let folder = Folder::of(&lab.topology.name);
    if !folder.exists() {
        return Ok(false);
    }
    let up = match engine::running(Some(lab.topology.name.as_str())) {
        Ok(up) => up,
        // A folder without a record, or with one that cannot be read, is what a failed attempt left.
        Err(EngineError::NotUp { .. } | EngineError::Store(_) | EngineError::Findings(..)) => {
            return Ok(false);
        }
        Err(error) => return Err(error),
    };
    if up.lab.plan != lab.plan {
        return Err(EngineError::OtherLab {
            lab: lab.topology.name.to_string(),
            file: lab.source.file.clone(),
        });
    }
    if up.carriers.is_some_and(|carriers| !choice.allows(carriers)) {
        return Err(EngineError::OtherBackend {
            lab: lab.topology.name.to_string(),
        });
    }
    let health = engine::health(&up);
    Ok(!health.is_broken(&up))
}
