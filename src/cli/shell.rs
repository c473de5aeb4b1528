//! `lab completions` and `lab man`

use std::fs;
use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::{complete, help, output};

/// Print a shell's completions for this program's commands and options, and for the names of labs, nodes, links and keys.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

/// Write the manual pages: lab.1, and one for each command.
#[derive(Debug, Args)]
pub(super) struct Man {
    /// The directory to write to; it is created if missing.
    folder: PathBuf,
}

impl Completions {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        output::text(&complete::script(&self.shell.to_string())?)?;
        Ok(Exit::Done)
    }
}

impl Man {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let pages = fs::create_dir_all(&self.folder)
            .and_then(|()| clap_mangen::generate_to(help::command(), &self.folder));
        pages.map_err(|source| CommandError::File {
            action: "write the manual pages to",
            file: self.folder.display().to_string(),
            source,
        })?;
        output::line(&format!(
            "wrote the manual pages to {}",
            self.folder.display()
        ))?;
        Ok(Exit::Done)
    }
}
