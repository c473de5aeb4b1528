//! `lab init`

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Args;
use nix::fcntl::OFlag;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::{self, visible};
use crate::engine::Template;
use crate::lab::hub_spokes::{HubSpokes, MOST_SPOKES};
use crate::lab::keys::mappings;
use crate::names::LabName;
use crate::report::schema::schema;

/// The schema file to which templates and shipped labs refer.
const SCHEMA: &str = "lab.schema.json";

/// Write a first lab file with comments, and the schema that editors use to complete it.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// The lab file to write; the lab gets the file's name.
    #[arg(default_value = "lab.yaml")]
    file: PathBuf,
    /// The template: `vpn`, `expressroute`, `plain`, `hub-spokes`, or a lab of the catalogue.
    #[arg(short, long, default_value = "vpn")]
    template: String,
    /// With `hub-spokes`: the number of spokes.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=i64::from(MOST_SPOKES)))]
    spokes: Option<u8>,
    /// With `hub-spokes`: a network virtual appliance in the hub forwards between the spokes.
    #[arg(long)]
    nva: bool,
    /// With `hub-spokes`: the hub is joined to an office by a site-to-site VPN.
    #[arg(long)]
    vpn: bool,
}

impl Init {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let template = if self.spokes.is_some() || self.nva || self.vpn {
            let standard = HubSpokes::default();
            let hub = HubSpokes {
                spokes: self.spokes.unwrap_or(standard.spokes),
                nva: self.nva,
                vpn: self.vpn,
            };
            Template::of_hub(&self.template, hub)?
        } else {
            Template::named(&self.template)?
        };
        let name = self.lab_name()?;
        create(&self.file, &template.text_of(&name)).map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => CommandError::AlreadyThere {
                file: self.file.display().to_string(),
            },
            _ => unwritten(&self.file, source),
        })?;
        let beside = self.file.parent().unwrap_or(Path::new(""));
        let mut text = serde_json::to_string_pretty(&schema(&mappings()))?;
        text.push('\n');
        let path = beside.join(SCHEMA);
        let is_new = match create(&path, &text) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
            written => written
                .map(|()| true)
                .map_err(|source| unwritten(&path, source))?,
        };
        let [file, schema] = [&self.file, &path].map(|path| visible(&path.to_string_lossy()));
        let of_schema = if is_new {
            format!(" and, for editors, {schema}")
        } else if is_same(&path, &text) {
            format!("; for editors, {schema} already exists")
        } else {
            format!(
                "; {schema} exists with other content and is unchanged: remove it and run `lab schema >{schema}` to write the one for editors"
            )
        };
        output::text(&format!(
            "wrote {file}{of_schema}\n\
             lab up {file} builds it, lab verify {file} verifies the paths that it expects\n",
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
}

/// Writes a new file. It never overwrites a file or follows a symbolic link. If writing fails, it removes the file.
fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let written = file.write_all(text.as_bytes());
    if written.is_err() {
        // The caller gets the error of the write.
        let _ = fs::remove_file(path);
    }
    written
}

/// Whether a path is a plain file, not a symbolic link, with this text.
fn is_same(path: &Path, text: &str) -> bool {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits())
        .open(path);
    let bytes = |file: File| {
        let is_plain = file.metadata().is_ok_and(|about| about.is_file());
        let mut bytes = Vec::new();
        let mut file = file.take(text.len() as u64 + 1);
        (is_plain && file.read_to_end(&mut bytes).is_ok()).then_some(bytes)
    };
    file.ok()
        .and_then(bytes)
        .is_some_and(|bytes| bytes == text.as_bytes())
}

fn unwritten(path: &Path, source: std::io::Error) -> CommandError {
    CommandError::File {
        action: "write",
        file: path.display().to_string(),
        source,
    }
}
