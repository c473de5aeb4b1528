//! Files of Azure's tools, as several commands take them.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value};

use crate::cli::exit::CommandError;
use crate::engine;
use crate::import::{self, Imported, Input, LARGEST_FILE, Options};

/// The endings of files that an import reads from a folder.
const ENDINGS: [&str; 2] = ["json", "tfstate"];

/// What the files do not say.
#[derive(Debug, Clone, Args)]
pub(super) struct Imports {
    /// Add a virtual machine to every subnet that has none, to trace paths from.
    #[arg(long)]
    pub(super) probe_vms: bool,
    /// A file with the parameters of templates; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub(super) parameters: Vec<String>,
    /// A parameter of templates; may be repeated. VALUE is JSON, or else a text.
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
    pub(super) set: Vec<(String, Value)>,
    /// A part of a lab file, written by hand: sites and what belongs to them. It replaces what import would choose.
    #[arg(long, value_name = "FILE")]
    pub(super) on_premises: Option<String>,
}

impl Imports {
    /// Imports files and the files of folders as a lab with a name.
    pub(super) fn import(&self, files: &[String], name: String) -> Result<Imported, CommandError> {
        self.import_at(files, name, false)
    }

    /// Imports the state after plans of Terraform, or the one before them.
    pub(super) fn import_at(
        &self,
        files: &[String],
        name: String,
        before: bool,
    ) -> Result<Imported, CommandError> {
        let mut inputs = Vec::new();
        for file in files {
            for file in of_argument(file)? {
                inputs.push(input(&file)?);
            }
        }
        let options = Options {
            name,
            before,
            parameters: self.parameters()?,
            probe_machines: self.probe_vms,
            on_premises: self.on_premises.as_deref().map(input).transpose()?,
        };
        Ok(import::import(&inputs, &options)?)
    }
}

impl Imports {
    /// The values of the parameters of templates. Single ones win over those of files.
    fn parameters(&self) -> Result<Map<String, Value>, CommandError> {
        let mut all = Map::new();
        for file in &self.parameters {
            all.extend(import::parameters(&input(file)?)?);
        }
        all.extend(self.set.iter().cloned());
        Ok(all)
    }
}

/// A parameter and its value, out of an argument.
fn parameter(argument: &str) -> Result<(String, Value), String> {
    let (name, value) = argument.split_once('=').ok_or("write NAME=VALUE")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((name.to_owned(), value))
}

/// Whether an argument is to be imported, not read as a lab file: a folder, or a file of Azure's tools.
pub(super) fn is_to_import(argument: &str) -> bool {
    let path = Path::new(argument);
    let ending = path.extension().and_then(|ending| ending.to_str());
    path.is_dir() || ending.is_some_and(|ending| ENDINGS.contains(&ending)) && is_no_lab(argument)
}

/// Whether a JSON file is no lab file. A lab file may be JSON too: it has a `name` and no `type`.
fn is_no_lab(file: &str) -> bool {
    engine::read_output(file, LARGEST_FILE).is_ok_and(|text| {
        let document: Option<serde_json::Value> = serde_json::from_str(&text).ok();
        let object = document.as_ref().and_then(serde_json::Value::as_object);
        object.is_none_or(|object| !object.contains_key("name") || object.contains_key("type"))
    })
}

/// The files that an argument stands for: itself, or those in it.
fn of_argument(argument: &str) -> Result<Vec<String>, CommandError> {
    let path = Path::new(argument);
    if !path.is_dir() {
        return Ok(vec![argument.to_owned()]);
    }
    let files = files_of(path)?.into_iter();
    Ok(files
        .map(|file| file.to_string_lossy().into_owned())
        .collect())
}

/// The files of a folder, by name.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let failed = |source| CommandError::File {
        action: "read",
        file: folder.display().to_string(),
        source,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        if ending.is_some_and(|ending| ENDINGS.contains(&ending)) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Reads a file; `-` is standard input.
fn input(file: &str) -> Result<Input, CommandError> {
    let (path, name) = match file {
        "-" => ("/dev/stdin", "<stdin>"),
        file => (file, file),
    };
    Ok(Input {
        name: name.to_owned(),
        text: engine::read_output(path, LARGEST_FILE)?,
    })
}
