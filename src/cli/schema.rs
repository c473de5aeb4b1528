//! `lab schema`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output;
use crate::findings::near;
use crate::lab::keys::mappings;
use crate::report::results::{names, result_schema};
use crate::report::schema::schema;

/// Print the JSON Schema of the lab file, which editors use to complete and check it, or of the result of a command.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// The command with this result, or `error` for what every command prints if it fails; the lab file by default.
    #[arg(value_name = "RESULT", value_parser = known)]
    result: Option<String>,
}

impl Schema {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let result = self.result.as_deref();
        let schema = result.map_or_else(|| Some(schema(&mappings())), result_schema);
        output::json(&schema)?;
        Ok(Exit::Done)
    }
}

fn known(name: &str) -> Result<String, String> {
    let names = names();
    if names.iter().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    let meant = near(name, names.iter().map(String::as_str));
    Err(match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the results are {}", names.join(", ")),
    })
}
