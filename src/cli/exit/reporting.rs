//! The output of errors, and their exit codes.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::{self, visible};
use crate::cli::strictness::findings_for_people;
use crate::cli::terminal;
use crate::control::reasons;
use crate::engine::{EngineError, Unfinished};
use crate::report::failure::{Failure, FailureKind, Findings};
use crate::yaml;

/// The first word of an error message, bold and red.
const ERROR: &str = "\u{1b}[1;31merror\u{1b}[0m:";

impl CommandError {
    /// The error of a command that builds a lab: findings then end with the fact that nothing was built.
    pub(in crate::cli) fn of_a_build(self) -> Self {
        match self {
            Self::Engine(EngineError::Findings(source, findings)) => {
                Self::NotBuilt(source, findings)
            }
            error => error,
        }
    }

    /// Prints the error to standard error and, if results are JSON, also as JSON to standard output.
    pub(in crate::cli) fn report(&self) -> ExitCode {
        if let Self::Output(error) = self
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            return Exit::Done.into();
        }
        self.tell();
        // If this write fails, the exit code still reports the result.
        let _ = output::error(|| self.failure());
        self.exit().into()
    }

    /// Prints the error to standard error: what failed, where and what to do on one line, then the reasons.
    pub(in crate::cli) fn tell(&self) {
        // If this write fails, the exit code still reports the result.
        let _ = io::stderr().write_all(self.for_people().as_bytes());
    }

    /// The error as printed to standard error.
    fn for_people(&self) -> String {
        match self {
            Self::Engine(EngineError::Findings(source, findings)) => {
                findings_for_people(source, findings)
            }
            Self::NotBuilt(source, findings) => unbuilt(&findings_for_people(source, findings)),
            _ if terminal::colours_errors() => self.text().replacen("error:", ERROR, 1),
            _ => self.text(),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Engine(EngineError::Findings(source, findings)) => yaml::render(source, findings),
            Self::NotBuilt(source, findings) => unbuilt(&yaml::render(source, findings)),
            error => lines(&error.reasons()),
        }
    }

    fn reasons(&self) -> Vec<String> {
        match self {
            Self::Unbuilt { reasons, .. } | Self::Engine(EngineError::Supervisor(reasons)) => {
                reasons.clone()
            }
            error => reasons(error),
        }
    }

    /// The error for other programs and for reports.
    pub(in crate::cli) fn failure(&self) -> Failure {
        let mut reasons = self.reasons().into_iter().map(|reason| visible(&reason));
        let exit = self.exit();
        Failure {
            kind: match exit {
                Exit::BadInput => FailureKind::Input,
                Exit::Interrupted => FailureKind::Interrupted,
                Exit::Done | Exit::Unmet | Exit::Refused => FailureKind::System,
            },
            code: exit.code(),
            message: reasons.next().unwrap_or_default(),
            because: reasons.collect(),
            findings: match self {
                Self::Engine(EngineError::Findings(source, findings))
                | Self::NotBuilt(source, findings) => Some(Findings::of(source, findings)),
                _ => None,
            },
            text: self.text(),
        }
    }

    pub(in crate::cli) fn exit(&self) -> Exit {
        match self {
            Self::Engine(error) if error.is_bad_input() => Exit::BadInput,
            Self::Unbuilt {
                is_bad_input: true, ..
            }
            | Self::NotASpeaker { .. }
            | Self::NoSuchPeer { .. }
            | Self::Terminal
            | Self::NotAMachine { .. }
            | Self::NoSuchKey { .. }
            | Self::NotModelled { .. }
            | Self::NoFormat { .. }
            | Self::NoLabsName { .. }
            | Self::AlreadyThere { .. }
            | Self::File { .. }
            | Self::NoBaseline { .. }
            | Self::OtherLab { .. }
            | Self::OfTheCatalogue { .. }
            | Self::ChangedSince { .. }
            | Self::HasFailures { .. }
            | Self::Uneditable { .. }
            | Self::OneBaseline
            | Self::NoLabHere { .. }
            | Self::NotBuilt(..)
            | Self::Import(_)
            | Self::NoRecording
            | Self::Recorded { .. }
            | Self::NoPair { .. }
            | Self::NoDestination { .. }
            | Self::OneOutput => Exit::BadInput,
            Self::NothingExpected { .. } | Self::AllSkipped { .. } => Exit::Unmet,
            Self::Engine(EngineError::Unfinished {
                why: Unfinished::Interrupted,
                ..
            })
            | Self::Stopped {
                why: Unfinished::Interrupted,
                ..
            } => Exit::Interrupted,
            _ => Exit::Refused,
        }
    }
}

fn lines(reasons: &[String]) -> String {
    let mut text = String::new();
    for (depth, reason) in reasons.iter().enumerate() {
        text.push_str(if depth == 0 { "error: " } else { "  because: " });
        // Text from a user or a file must stay on one line and must not control the terminal.
        text.push_str(&visible(reason));
        text.push('\n');
    }
    text
}

/// Findings of a file that was to be built.
fn unbuilt(findings: &str) -> String {
    format!("{}; nothing was built\n", findings.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::load_text;
    use crate::yaml::Source;

    #[test]
    fn only_a_build_says_that_nothing_was_built() {
        let refused = || {
            let source = Source {
                file: "lab.yaml".to_owned(),
                text: "name: a\nsites: {}\nvirtualNetwork: {}\n".to_owned(),
            };
            CommandError::from(load_text(source).unwrap_err())
        };
        let (checked, built) = (refused(), refused().of_a_build());
        assert!(checked.text().ends_with("\n1 finding in lab.yaml\n"));
        assert!(
            built
                .text()
                .ends_with("\n1 finding in lab.yaml; nothing was built\n")
        );
        assert_eq!(checked.exit(), built.exit());
        assert_eq!(checked.failure().findings, built.failure().findings);
    }
}
