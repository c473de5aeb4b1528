//! `lab validate`

use clap::Args;
use serde::Serialize;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::here::named_or_here;
use crate::cli::output::{Format, visible};
use crate::cli::strictness::{Strictness, warn};
use crate::engine::{self, EngineError, Lab};
use crate::report::failure::{Failure, Findings};
use crate::topology::LinkKind;
use crate::units::counted;

/// Check lab files and show all of their errors.
#[derive(Debug, Args)]
pub(super) struct Validate {
    /// The lab files, or names in the catalogue; `-` is standard input. Without any, the file lab.yaml here.
    #[arg(value_name = "FILE")]
    files: Vec<String>,
    #[command(flatten)]
    strictness: Strictness,
    #[command(flatten)]
    format: Format,
}

/// The result for one of several files.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Checked {
    /// It was read.
    Read(Findings),
    /// It could not be read.
    Unread { file: String, error: Failure },
}

impl Validate {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        if let [] | [_] = self.files.as_slice() {
            let file = &named_or_here(self.files.first(), "validate")?;
            let (report, exit, lab) = self.check(file)?;
            self.format
                .print(&report, || lab.as_ref().map(sentence).unwrap_or_default())?;
            return Ok(exit);
        }
        let mut worst = Exit::Done;
        let mut reports = Vec::new();
        let mut sentences = String::new();
        for file in &self.files {
            match self.check(file) {
                Ok((report, exit, lab)) => {
                    sentences += &lab.as_ref().map(sentence).unwrap_or_default();
                    worst = worst.max(exit);
                    reports.push(Checked::Read(report));
                }
                Err(error) => {
                    error.tell();
                    worst = worst.max(error.exit());
                    reports.push(Checked::Unread {
                        file: file.clone(),
                        error: error.failure(),
                    });
                }
            }
        }
        self.format.print(&reports, || sentences)?;
        Ok(worst)
    }

    /// The findings of a file. In output for people, the findings of a file with errors are an `Err`.
    fn check(&self, file: &str) -> Result<(Findings, Exit, Option<Lab>), CommandError> {
        match self.load(file) {
            Ok(lab) => {
                if self.format.is_for_people() {
                    warn(&lab.source, &lab.warnings);
                }
                let report = Findings::of(&lab.source, &lab.warnings);
                Ok((report, Exit::Done, Some(lab)))
            }
            Err(CommandError::Engine(EngineError::Findings(source, findings)))
                if !self.format.is_for_people() =>
            {
                Ok((Findings::of(&source, &findings), Exit::BadInput, None))
            }
            Err(error) => Err(error),
        }
    }

    fn load(&self, file: &str) -> Result<Lab, CommandError> {
        let loaded = engine::load(file).map_err(CommandError::from);
        let lab = loaded.map_err(|error| self.strictness.levelled(error))?;
        self.strictness.admit(&lab.source, &lab.warnings)?;
        Ok(lab)
    }
}

fn sentence(lab: &Lab) -> String {
    let nodes = counted(lab.topology.nodes.len(), "node");
    let all = lab.topology.links.iter();
    let (wires, tunnels): (Vec<_>, Vec<_>) = all.partition(|link| link.kind == LinkKind::Wire);
    let links = counted(wires.len(), "link");
    let tunnels = match tunnels.len() {
        0 => String::new(),
        several => format!(", {}", counted(several, "tunnel")),
    };
    let paths = counted(lab.topology.expectations.len(), "expected path");
    let file = visible(&lab.source.file);
    let warnings = match lab.warnings.len() {
        0 => String::new(),
        several => format!(", {}", counted(several, "warning")),
    };
    format!("{file} is a lab: {nodes}, {links}{tunnels}, {paths}{warnings}\n")
}
