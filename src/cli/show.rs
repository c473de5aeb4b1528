//! `lab show`

use std::path::PathBuf;

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::here::named_or_here;
use crate::cli::strictness::{Strictness, warn};
use crate::cli::{outfile, output};
use crate::engine;
use crate::lab;

/// Print a lab file with all defaults and short forms written out.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The lab: a name in the catalogue, or a path to a lab file. Without it, the file lab.yaml here.
    lab: Option<String>,
    /// Write to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    strictness: Strictness,
}

impl Show {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let loaded =
            engine::load(&named_or_here(self.lab.as_ref(), "show")?).map_err(CommandError::from);
        let lab = loaded.map_err(|error| self.strictness.levelled(error))?;
        self.strictness.admit(&lab.source, &lab.warnings)?;
        warn(&lab.source, &lab.warnings);
        let text = lab::filled(&lab.source.text).unwrap_or_default();
        match &self.output {
            Some(file) => outfile::write(file, &text)?,
            None => output::text(&text)?,
        }
        Ok(Exit::Done)
    }
}
