//! `lab export`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::exit::{CommandError, Exit};
use crate::cli::here::named_or_here;
use crate::cli::{outfile, output};
use crate::engine;
use crate::export::arm::arm;
use crate::lab;

/// Write a lab as other tools read it.
#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(subcommand)]
    form: Form,
}

#[derive(Debug, Subcommand)]
enum Form {
    /// Resources of Azure Resource Manager, as REST answers have them; `lab import` reads them.
    Arm(Arm),
}

#[derive(Debug, Args)]
struct Arm {
    /// The lab: a name in the catalogue, or a path to a lab file. Without it, the file lab.yaml here.
    lab: Option<String>,
    /// Write the resources to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write what Azure has no place for to this file, such as sites and expectations. `lab import --on-premises` reads
    /// it.
    #[arg(long, value_name = "FILE")]
    on_premises: Option<PathBuf>,
}

impl Export {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        match &self.form {
            Form::Arm(arm) => arm.run(),
        }
    }
}

impl Arm {
    fn run(&self) -> Result<Exit, CommandError> {
        let lab = engine::load(&named_or_here(self.lab.as_ref(), "export arm")?)?;
        let filled = lab::filled(&lab.source.text).unwrap_or_default();
        let Some(exported) = arm(&filled, &lab.topology.gateway_addresses()) else {
            return Ok(Exit::BadInput);
        };
        if let Some(file) = &self.on_premises {
            outfile::write(file, &exported.rest)?;
        }
        match &self.output {
            Some(file) => {
                let mut text = serde_json::to_string_pretty(&exported.resources)?;
                text.push('\n');
                outfile::write(file, &text)?;
            }
            None => output::json(&exported.resources)?,
        }
        Ok(Exit::Done)
    }
}
