//! `lab init`

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output;
use crate::engine::Template;
use crate::names::LabName;
use crate::report::schema::schema;
use crate::spec::keys::mappings;

/// The schema's file, which templates and shipped labs name.
const SCHEMA: &str = "lab.schema.json";

/// Write a commented lab to begin with, and the schema by which editors complete it.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// The lab file to write; the lab is called like the file.
    #[arg(default_value = "lab.yaml")]
    file: PathBuf,
    /// What to begin with: `vpn`, `expressroute`, `plain`, or a lab of the catalogue.
    #[arg(short, long, default_value = "vpn")]
    template: String,
}

impl Init {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let template = Template::named(&self.template)?;
        let name = self.lab_name()?;
        self.write(&template.text_of(&name))?;
        let beside = self.file.parent().unwrap_or(Path::new(""));
        let mut text = serde_json::to_string_pretty(&schema(&mappings()))?;
        text.push('\n');
        // Whatever program wrote one there before: this one's labs are described by this one's schema.
        let path = beside.join(SCHEMA);
        fs::write(&path, text).map_err(|source| unwritten(&path, source))?;
        let file = self.file.display();
        output::text(&format!(
            "wrote {file} and, for editors, {}\n\
             lab up {file} builds it, lab verify {file} proves what it expects\n",
            path.display()
        ))?;
        Ok(Exit::Done)
    }

    fn lab_name(&self) -> Result<LabName, CommandError> {
        let stem = self.file.file_stem().unwrap_or_default().to_string_lossy();
        LabName::new(&stem).map_err(|source| CommandError::NoLabsName {
            file: self.file.display().to_string(),
            source,
        })
    }

    /// Writes the lab, over nothing that is there.
    fn write(&self, text: &str) -> Result<(), CommandError> {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&self.file);
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => CommandError::AlreadyThere {
                file: self.file.display().to_string(),
            },
            _ => unwritten(&self.file, source),
        })
    }
}

fn unwritten(path: &Path, source: std::io::Error) -> CommandError {
    CommandError::File {
        action: "write",
        file: path.display().to_string(),
        source,
    }
}
