//! `lab schema`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output;
use crate::report::schema::schema;
use crate::spec::keys::mappings;

/// Print the JSON Schema of the lab file, which editors use to complete and check it.
#[derive(Debug, Args)]
pub(super) struct Schema;

impl Schema {
    pub(super) fn run() -> Result<Exit, CommandError> {
        output::json(&schema(&mappings()))?;
        Ok(Exit::Done)
    }
}
