//! `lab ls`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output;
use crate::engine::{self, EngineError};
use crate::report::labs::{LabSummary, none, text};
use crate::report::status::Condition;
use crate::store::Folder;

/// List the labs that are up.
#[derive(Debug, Args)]
pub(super) struct Ls {
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

impl Ls {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let labs: Vec<LabSummary> = Folder::all()
            .iter()
            .map(summary)
            .collect::<Result<_, _>>()?;
        if self.json {
            output::json(&labs)?;
        } else if labs.is_empty() {
            output::line(none(engine::roots_are_hidden()))?;
        } else {
            output::text(&text(&labs))?;
        }
        Ok(Exit::Done)
    }
}

fn summary(folder: &Folder) -> Result<LabSummary, EngineError> {
    let lab = folder.lab().to_string();
    match engine::running(Some(&lab)) {
        Ok(up) => {
            let state = if engine::is_broken(&up) {
                Condition::Broken
            } else {
                Condition::Up
            };
            Ok(LabSummary {
                lab,
                state,
                nodes: up.lab.topology.nodes.len(),
            })
        }
        // A folder without a record is what a failed attempt left.
        Err(EngineError::NotUp { .. }) => Ok(LabSummary {
            lab,
            state: Condition::Broken,
            nodes: 0,
        }),
        Err(error) => Err(error),
    }
}
