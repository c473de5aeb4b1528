//! `lab validate`

use clap::Args;
use serde::Serialize;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::{Format, visible};
use crate::cli::strictness::{Strictness, warn};
use crate::engine::{self, EngineError, Lab};
use crate::findings::{Finding, Level};
use crate::yaml;
use crate::yaml::Source;

/// Check a lab file and show all of its errors.
#[derive(Debug, Args)]
pub(super) struct Validate {
    /// The lab file, or a name in the catalogue.
    file: String,
    #[command(flatten)]
    strictness: Strictness,
    #[command(flatten)]
    format: Format,
}

/// The output of `lab validate --json`.
#[derive(Debug, Serialize)]
struct Report {
    file: String,
    /// The total; if there are very many, only the first are shown.
    count: usize,
    findings: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    level: Level,
    rule: &'static str,
    line: usize,
    column: usize,
    message: String,
    help: Option<String>,
}

impl Validate {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        match self.load() {
            Ok(lab) => {
                if self.format.is_for_people() {
                    warn(&lab.source, &lab.warnings);
                }
                let report = report(&lab.source, &lab.warnings);
                self.format.print(&report, || sentence(&lab))?;
                Ok(Exit::Done)
            }
            Err(CommandError::Engine(EngineError::Findings(source, findings)))
                if !self.format.is_for_people() =>
            {
                self.format
                    .print(&report(&source, &findings), String::new)?;
                Ok(Exit::BadInput)
            }
            Err(error) => Err(error),
        }
    }

    fn load(&self) -> Result<Lab, CommandError> {
        let loaded = engine::load(&self.file).map_err(CommandError::from);
        let lab = loaded.map_err(|error| self.strictness.levelled(error))?;
        self.strictness.admit(&lab.source, &lab.warnings)?;
        Ok(lab)
    }
}

fn sentence(lab: &Lab) -> String {
    let (nodes, links) = (lab.topology.nodes.len(), lab.topology.links.len());
    let paths = lab.topology.expectations.len();
    let file = visible(&lab.source.file);
    let warnings = match lab.warnings.len() {
        0 => String::new(),
        1 => ", 1 warning".to_owned(),
        several => format!(", {several} warnings"),
    };
    format!("{file} is a lab: {nodes} nodes, {links} links, {paths} expected paths{warnings}\n")
}

fn report(source: &Source, findings: &[Finding]) -> Report {
    let shown = yaml::first_shown(source, findings).into_iter();
    Report {
        file: source.file.clone(),
        count: findings.len(),
        findings: shown.map(|finding| row(source, finding)).collect(),
    }
}

fn row(source: &Source, finding: &Finding) -> Row {
    let (line, column) = yaml::position(&source.text, finding.place);
    let label = Some(finding.label.clone()).filter(|label| !label.is_empty());
    Row {
        level: finding.level,
        rule: finding.rule.id,
        line,
        column,
        message: finding.message.clone(),
        help: finding.help.as_deref().map(str::to_owned).or(label),
    }
}
