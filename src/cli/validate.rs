//! `lab validate`

use clap::Args;
use serde::Serialize;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::{Format, visible};
use crate::engine::{self, EngineError};
use crate::findings::Finding;
use crate::spec::{self, Source};

/// Check a lab file and show everything that is wrong with it.
#[derive(Debug, Args)]
pub(super) struct Validate {
    /// The lab file, or a name of the catalogue.
    file: String,
    #[command(flatten)]
    format: Format,
}

/// What `lab validate --json` prints.
#[derive(Debug, Serialize)]
struct Report {
    file: String,
    /// How many there are; of a great many, the first are told.
    count: usize,
    findings: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    rule: &'static str,
    line: usize,
    column: usize,
    message: String,
    help: Option<String>,
}

impl Validate {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        match engine::load(&self.file) {
            Ok(lab) => {
                let report = Report {
                    file: lab.source.file,
                    count: 0,
                    findings: Vec::new(),
                };
                self.format.print(&report, || {
                    let (nodes, links) = (lab.topology.nodes.len(), lab.topology.links.len());
                    let paths = lab.topology.expectations.len();
                    let file = visible(&report.file);
                    format!(
                        "{file} is a lab: {nodes} nodes, {links} links, {paths} expected paths\n"
                    )
                })?;
                Ok(Exit::Done)
            }
            Err(EngineError::Findings(source, mut findings)) if !self.format.is_for_people() => {
                findings.sort_by_key(|finding| finding.place);
                let rows = findings
                    .iter()
                    .take(spec::most_shown(&source))
                    .map(|finding| row(&source, finding))
                    .collect();
                let report = Report {
                    file: source.file.clone(),
                    count: findings.len(),
                    findings: rows,
                };
                self.format.print(&report, String::new)?;
                Ok(Exit::BadInput)
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn row(source: &Source, finding: &Finding) -> Row {
    let (line, column) = spec::position(&source.text, finding.place);
    let label = Some(finding.label.clone()).filter(|label| !label.is_empty());
    Row {
        rule: finding.rule,
        line,
        column,
        message: finding.message.clone(),
        help: finding.help.clone().or(label),
    }
}
