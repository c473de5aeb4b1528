//! `lab plan`

use clap::Args;
use serde::Serialize;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::here::named_or_here;
use crate::cli::output::Format;
use crate::cli::strictness::{Strictness, warn};
use crate::engine;
use crate::report::Rows;

/// Show what `lab up` does to the kernel to build a lab.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// The lab: a name in the catalogue, or a path to a lab file. Without it, the file lab.yaml here.
    lab: Option<String>,
    #[command(flatten)]
    strictness: Strictness,
    #[command(flatten)]
    format: Format,
}

/// The output of `lab plan --json`.
#[derive(Debug, Serialize)]
struct Report<'a> {
    lab: &'a str,
    operations: Vec<String>,
}

/// One row per operation, in order.
fn rows(operations: &[String]) -> Rows {
    let numbered = (1..).zip(operations);
    let rows =
        numbered.map(|(number, operation): (usize, _)| vec![number.to_string(), operation.clone()]);
    Rows {
        columns: &["number", "operation"],
        rows: rows.collect(),
    }
}

impl Plan {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let loaded =
            engine::load(&named_or_here(self.lab.as_ref(), "plan")?).map_err(CommandError::from);
        let lab = loaded.map_err(|error| self.strictness.levelled(error))?;
        self.strictness.admit(&lab.source, &lab.warnings)?;
        warn(&lab.source, &lab.warnings);
        let plan = lab.plan;
        let operations = plan.operations().into_iter();
        let report = Report {
            lab: plan.lab.as_str(),
            operations: operations
                .map(|operation| plan.describe(operation))
                .collect(),
        };
        let rows = || rows(&report.operations);
        self.format
            .print_with_rows(&report, rows, || plan.to_string())?;
        Ok(Exit::Done)
    }
}
