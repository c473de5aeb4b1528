//! `lab plan`

use clap::Args;
use serde::Serialize;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output;
use crate::engine;

/// Show what `lab up` would do to the kernel.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// The lab: a name of the catalogue, or a path to a lab file.
    lab: String,
    /// Print the operations as JSON.
    #[arg(long)]
    json: bool,
}

/// What `lab plan --json` prints.
#[derive(Debug, Serialize)]
struct Report<'a> {
    lab: &'a str,
    operations: Vec<String>,
}

impl Plan {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let plan = engine::load(&self.lab)?.plan;
        if self.json {
            let operations = plan
                .operations
                .iter()
                .map(|operation| plan.describe(operation))
                .collect();
            output::json(&Report {
                lab: plan.lab.as_str(),
                operations,
            })?;
        } else {
            output::text(&plan.to_string())?;
        }
        Ok(Exit::Done)
    }
}
