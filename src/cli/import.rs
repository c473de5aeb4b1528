//! `lab import` and `lab az-script`

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::imports::Imports;
use crate::cli::output::visible;
use crate::cli::strictness::warn;
use crate::cli::{outfile, output};
use crate::engine::{self, EngineError};
use crate::import::{self, Difference, Imported};
use crate::lab;
use crate::yaml::Source;

/// Write a lab file of an Azure network, out of what Azure's tools say of it.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// JSON files: lists and resources of `az ... -o json`, Resource Graph results, REST answers, ARM templates, states and plans of
    /// Terraform. All together are one network. A folder stands for its JSON files, `-` for standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    /// Write to this file instead of standard output; the lab gets its name.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The lab's name; without it, that of the output file, or `imported`.
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    imports: Imports,
    /// Write nothing: show what differs between this lab file and the network, and exit with 1 if anything does.
    #[arg(long, value_name = "LAB", conflicts_with_all = ["output", "name"])]
    check: Option<String>,
}

/// Print a shell script with the commands of az whose output `lab import` reads. They only read.
#[derive(Debug, Args)]
pub(super) struct AzScript {
    /// The subscription; without it, az's default one.
    #[arg(long)]
    subscription: Option<String>,
    /// Only this resource group; may be repeated. Without it, all of the subscription.
    #[arg(short = 'g', long, value_name = "GROUP")]
    resource_group: Vec<String>,
}

impl Import {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let imported = self.imports.import(&self.files, self.lab_name())?;
        if let Some(lab) = &self.check {
            return check(lab, &imported);
        }
        self.write(&imported)?;
        output::beside(&imported.notes.text());
        Ok(self.judge(imported.text))
    }

    fn lab_name(&self) -> String {
        let of_file = self
            .output
            .as_deref()
            .and_then(Path::file_stem)
            .map(|stem| stem.to_string_lossy().into_owned());
        self.name
            .clone()
            .or(of_file)
            .unwrap_or_else(|| "imported".to_owned())
    }

    fn write(&self, imported: &Imported) -> Result<(), CommandError> {
        match &self.output {
            Some(file) => outfile::write(file, &imported.text),
            None => Ok(output::text(&imported.text)?),
        }
    }

    /// Shows what the lab file's own rules say of the result. A network may have faults; the file is written all the
    /// same, to be mended.
    fn judge(&self, text: String) -> Exit {
        let file = self.output.as_ref().map_or_else(
            || "<imported>".to_owned(),
            |file| file.display().to_string(),
        );
        let source = Source { file, text };
        match engine::load_text(source) {
            Ok(lab) => {
                warn(&lab.source, &lab.warnings);
                Exit::Done
            }
            Err(EngineError::Findings(source, findings)) => {
                warn(&source, &findings);
                Exit::Unmet
            }
            Err(error) => {
                CommandError::from(error).tell();
                Exit::Unmet
            }
        }
    }
}

impl AzScript {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        output::text(&import::az_script(
            self.subscription.as_deref(),
            &self.resource_group,
        ))?;
        Ok(Exit::Done)
    }
}

/// Compares a lab file with the network.
fn check(name: &str, imported: &Imported) -> Result<Exit, CommandError> {
    let lab = engine::load(name)?;
    let filled = lab::filled(&lab.source.text).unwrap_or_default();
    let differences = imported.drift(&filled);
    let lines: String = differences.iter().map(line).collect();
    if lines.is_empty() {
        output::line(&format!("{} has what Azure has", visible(name)))?;
    }
    output::text(&lines)?;
    Ok(if differences.is_empty() {
        Exit::Done
    } else {
        Exit::Unmet
    })
}

fn line(difference: &Difference) -> String {
    let at = visible(&difference.at);
    match (&difference.lab, &difference.azure) {
        (Some(lab), Some(azure)) => format!(
            "{at}: {} in the lab file, {} in Azure\n",
            visible(lab),
            visible(azure)
        ),
        (Some(_), None) => format!("{at}: only in the lab file\n"),
        (None, Some(azure)) => format!("{at}: only in Azure ({})\n", visible(azure)),
        (None, None) => String::new(),
    }
}
