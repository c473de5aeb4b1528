//! `lab schema`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output;
use crate::lab::keys::mappings;
use crate::report::schema::schema;

/// Print the JSON Schema of the lab file, which editors use to complete and check it.
#[derive(Debug, Args)]
pub(super) struct Schema;

impl Schema {
    pub(super) fn run() -> Result<Exit, CommandError> {
        output::json(&schema(&mappings()))?;
        Ok(Exit::Done)
    }
}
