//! The lab of a command without a name: the file lab.yaml in the current folder.

use std::{fs, io};

use crate::cli::exit::CommandError;

/// The lab file that `lab init` writes, and that commands without the name of a lab use.
const FILE: &str = "lab.yaml";

/// What else the user of most commands may do without a lab file.
const INIT: &str = "or run `lab init` to write lab.yaml";

/// The lab that was named or, without a name, the lab file in the current folder.
pub(super) fn named_or_here(
    lab: Option<&String>,
    command: &'static str,
) -> Result<String, CommandError> {
    named_or(lab, command, INIT)
}

/// The same for `lab down`, which needs no lab file.
pub(super) fn named_or_here_to_remove(lab: Option<&String>) -> Result<String, CommandError> {
    named_or(lab, "down", "or run `lab down --all`")
}

fn named_or(
    lab: Option<&String>,
    command: &'static str,
    otherwise: &'static str,
) -> Result<String, CommandError> {
    if let Some(lab) = lab {
        return Ok(lab.clone());
    }
    match fs::metadata(FILE) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(CommandError::NoLabHere { command, otherwise })
        }
        // A file that cannot be read is an error of its own.
        _ => Ok(FILE.to_owned()),
    }
}
