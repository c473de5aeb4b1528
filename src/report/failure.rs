//! Why a command could do nothing, for programs and for reports.

use std::fmt;

use serde::Serialize;

use crate::findings::{Finding, Level};
use crate::yaml::{self, Source};

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Who has to change something.
    pub kind: FailureKind,
    /// The exit code.
    pub code: u8,
    /// The error, on one line.
    pub message: String,
    /// The reasons below it, outermost first.
    pub because: Vec<String>,
    /// The errors and warnings of the lab file, if these are the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub findings: Option<Findings>,
    /// All of it, for people.
    #[serde(skip)]
    pub text: String,
}

/// Who has to change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FailureKind {
    /// The input was wrong.
    Input,
    /// The system refused.
    System,
    /// A signal ended it.
    Interrupted,
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Input => "input",
            Self::System => "system",
            Self::Interrupted => "interrupted",
        })
    }
}

/// The errors and warnings of a lab file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// The file.
    pub file: String,
    /// The total; if there are very many, only the first are shown.
    pub count: usize,
    /// The first of them: errors, then warnings.
    pub findings: Vec<Row>,
}

/// An error or a warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its severity.
    pub level: Level,
    /// The rule's id, the same in every version.
    pub rule: &'static str,
    /// The line in the file.
    pub line: usize,
    /// The column in the line.
    pub column: usize,
    /// The problem, on one line.
    pub message: String,
    /// What to do about it; null if unknown.
    pub help: Option<String>,
    /// The line of another place that it is about, such as that of the first of two equal names; null if there is none.
    pub other_line: Option<usize>,
}

impl Findings {
    /// The findings of a lab file.
    #[must_use]
    pub fn of(source: &Source, findings: &[Finding]) -> Self {
        let shown = yaml::first_shown(source, findings).into_iter();
        Self {
            file: source.file.clone(),
            count: findings.len(),
            findings: shown.map(|finding| row(source, finding)).collect(),
        }
    }
}

fn row(source: &Source, finding: &Finding) -> Row {
    let (line, column) = yaml::position(&source.text, finding.place);
    let label = Some(finding.label.clone()).filter(|label| !label.is_empty());
    let other = finding.other();
    Row {
        level: finding.level,
        rule: finding.rule.id,
        line,
        column,
        message: finding.message.to_string(),
        help: finding
            .help
            .as_deref()
            .map(str::to_owned)
            .or(label.map(String::from)),
        other_line: other.map(|other| yaml::position(&source.text, other.place).0),
    }
}
