//! `lab ls`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::{self, Format};
use crate::cli::status;
use crate::engine::{self, EngineError};
use crate::report::labs::{LabSummary, all, none, text, text_of_all};
use crate::report::status::Condition;
use crate::store::{Folder, StoreError};

/// List running labs.
#[derive(Debug, Args)]
pub(super) struct Ls {
    /// Also list the labs of the catalogue, each with a one-sentence description.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    format: Format,
}

impl Ls {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let labs: Vec<LabSummary> = Folder::all().iter().map(summary).collect();
        if self.all {
            let all = all(&labs, engine::catalogue());
            self.format
                .print(&all, || text_of_all(&all, output::width()))?;
            return Ok(Exit::Done);
        }
        self.format.print(&labs, || {
            if labs.is_empty() {
                none(engine::roots_are_hidden()).to_owned() + "\n"
            } else {
                text(&labs)
            }
        })?;
        Ok(Exit::Done)
    }
}

/// A lab whose record cannot be read is listed as broken, and the others are listed as usual.
fn summary(folder: &Folder) -> LabSummary {
    let lab = folder.lab().to_string();
    match engine::look(Some(&lab)) {
        Ok((up, health)) => LabSummary {
            lab,
            state: status::condition(&up, &health),
            nodes: up.lab.topology.nodes.len(),
        },
        Err(error) => LabSummary {
            lab,
            state: match error {
                EngineError::Store(StoreError::Locked { .. }) => Condition::Changing,
                _ => Condition::Broken,
            },
            nodes: 0,
        },
    }
}
