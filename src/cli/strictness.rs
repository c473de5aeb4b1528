//! How commands treat warnings about a lab file.

use std::io::{self, Write};

use clap::Args;

use crate::cli::exit::CommandError;
use crate::cli::terminal;
use crate::engine::EngineError;
use crate::findings::{Finding, strictly};
use crate::yaml;
use crate::yaml::Source;

/// Whether warnings are errors.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Strictness {
    /// Treat warnings about the lab file as errors; `strict: true` in the file does the same.
    #[arg(long)]
    strict: bool,
}

impl Strictness {
    /// Whether `--strict` was given.
    pub(super) const fn is_strict(self) -> bool {
        self.strict
    }

    /// Refuses a lab file with warnings if warnings are errors.
    pub(super) fn admit(self, source: &Source, warnings: &[Finding]) -> Result<(), EngineError> {
        if warnings.is_empty() || !self.strict {
            return Ok(());
        }
        Err(EngineError::Findings(
            source.clone(),
            strictly(warnings.to_vec()),
        ))
    }

    /// The error, with the warnings as errors if `--strict` was given.
    pub(super) fn levelled(self, error: CommandError) -> CommandError {
        match error {
            CommandError::Engine(EngineError::Findings(source, findings)) if self.strict => {
                EngineError::Findings(source, strictly(findings)).into()
            }
            error => error,
        }
    }
}

/// Prints the warnings of a lab file to standard error, if any.
pub(super) fn warn(source: &Source, warnings: &[Finding]) {
    if warnings.is_empty() {
        return;
    }
    let text = findings_for_people(source, warnings) + "\n";
    // If this write fails, the lab is still valid.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Findings as printed to standard error.
pub(super) fn findings_for_people(source: &Source, findings: &[Finding]) -> String {
    if terminal::colours_errors() {
        yaml::render_in_colour(source, findings)
    } else {
        yaml::render(source, findings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Place, Rule};

    fn source() -> Source {
        Source {
            file: "lab.yaml".to_owned(),
            text: "name: small\n".to_owned(),
        }
    }

    #[test]
    fn warnings_refuse_a_lab_only_where_it_is_read_strictly() {
        let warnings = [Finding::new(Rule::new("odd"), Place(0), "it is odd").as_warning()];
        let [lenient, strict] = [false, true].map(|strict| Strictness { strict });
        assert!(lenient.admit(&source(), &warnings).is_ok());
        assert!(strict.admit(&source(), &[]).is_ok());
        let Err(EngineError::Findings(_, errors)) = strict.admit(&source(), &warnings) else {
            panic!("a warning is an error")
        };
        assert!(errors.iter().all(Finding::is_error));
        assert_eq!(errors[0].message, warnings[0].message);
    }
}
