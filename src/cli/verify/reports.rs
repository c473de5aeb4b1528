//! The requested reports of verifications, and their destinations.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cli::exit::CommandError;
use crate::cli::output::{self, Format, versioned};
use crate::cli::verify::outlet::Outlet;
use crate::engine::{self, Up};
use crate::report::json;
use crate::report::junit::{Suite, broken, document, suites};
use crate::report::markdown::{markdown, unproved};
use crate::report::verification::{Verification, text, traces};

/// The requested reports.
#[derive(Debug, Args)]
pub(super) struct Reports {
    /// Print every trace in tracert's layout, instead of one line per path.
    #[arg(long, conflicts_with_all = ["json", "output"])]
    pub(super) traces: bool,
    /// Write the result as `JUnit` XML for CI systems; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the result as Markdown; `-` is standard output. The file `$GITHUB_STEP_SUMMARY` is appended to.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Print the result for the process that verifies several labs.
    #[arg(long, hide = true, value_name = "PAIRS")]
    part: Option<Pairs>,
    #[command(flatten)]
    format: Format,
}

/// The pairs in a result for the process that verifies several labs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Pairs {
    /// Those of which the lab file expects something.
    Expected,
    /// All.
    All,
}

/// The destinations.
pub(super) struct Outlets {
    junit: Option<Outlet>,
    markdown: Option<Outlet>,
    print: Print,
}

/// What is printed to standard output.
enum Print {
    Text,
    Programs(Format),
    /// Nothing; the report goes to a file.
    Nothing,
    /// The result in every format, for the process that verifies several labs.
    Part,
}

/// The result of one lab in every format.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Part {
    lab: String,
    text: String,
    suites: Vec<Suite>,
    markdown: String,
    json: Value,
    elapsed: Duration,
    is_failure: bool,
}

impl Reports {
    /// Whether the result has the pairs of which the lab file expects nothing: one for programs may later be what
    /// another run is compared with.
    pub(super) fn have_other_pairs(&self) -> bool {
        self.part == Some(Pairs::All) || !self.format.is_for_people()
    }

    /// The argument of the process that verifies one of several labs.
    pub(super) fn part_argument(&self) -> &'static str {
        if self.have_other_pairs() {
            "--part=all"
        } else {
            "--part=expected"
        }
    }

    /// Opens every file, so that an unusable file is reported before the verification.
    pub(super) fn open(&self) -> Result<Outlets, CommandError> {
        let open = |path: &Option<PathBuf>| path.as_deref().map(Outlet::open).transpose();
        let [junit, markdown] = [open(&self.junit)?, open(&self.markdown)?];
        let reports = [&junit, &markdown].into_iter().flatten();
        let without_file = reports.filter(|outlet| outlet.is_standard_output()).count();
        let is_for_people = self.format.is_for_people() && !self.traces;
        let print = match without_file {
            _ if self.part.is_some() => Print::Part,
            0 if self.format.is_for_people() => Print::Text,
            0 => Print::Programs(self.format),
            1 if is_for_people => Print::Nothing,
            _ => return Err(CommandError::OneOutput),
        };
        Ok(Outlets {
            junit,
            markdown,
            print,
        })
    }

    /// The result of a verification.
    pub(super) fn part(
        &self,
        up: &Up,
        verification: &Verification<'_>,
    ) -> Result<Part, CommandError> {
        Ok(Part {
            lab: up.lab.topology.name.to_string(),
            text: if self.traces {
                traces(verification)
            } else {
                text(verification)
            },
            suites: suites(verification, &properties(up)),
            markdown: markdown(verification),
            json: serde_json::to_value(json::Verification::from(verification))?,
            elapsed: verification.elapsed,
            is_failure: false,
        })
    }
}

impl Part {
    /// The result of a lab that could not be verified.
    pub(super) fn unproved(lab: &str, error: &CommandError) -> Self {
        let failure = error.failure();
        Self {
            lab: lab.to_owned(),
            text: String::new(),
            suites: vec![broken(lab, &failure)],
            markdown: unproved(lab, &failure),
            json: json!({ "lab": lab, "error": failure }),
            elapsed: Duration::ZERO,
            is_failure: true,
        }
    }
}

impl Outlets {
    /// Writes the results of all labs to all destinations. A lab that could not be verified has an error in the files.
    /// Its error on standard output is printed elsewhere.
    pub(super) fn write(self, parts: &[Part]) -> Result<(), CommandError> {
        if let Some(outlet) = self.junit {
            outlet.write(&junit(parts)?)?;
        }
        if let Some(outlet) = self.markdown {
            let all = parts.iter().map(|part| part.markdown.as_str());
            outlet.write(&all.collect::<Vec<_>>().join("\n"))?;
        }
        match self.print {
            Print::Text => {
                let proved = parts.iter().filter(|part| !part.is_failure);
                let all: Vec<&str> = proved.map(|part| part.text.as_str()).collect();
                output::people(&all.join("\n"))?;
            }
            Print::Programs(format) => programs(format, parts)?,
            Print::Part => output::line(&serde_json::to_string(parts)?)?,
            Print::Nothing => {}
        }
        Ok(())
    }
}

/// One `JUnit` document with the test suites of every lab.
fn junit(parts: &[Part]) -> Result<String, CommandError> {
    let elapsed = parts.iter().map(|part| part.elapsed).sum();
    if let [part] = parts {
        let name = format!("lab {}", part.lab);
        return Ok(document(&name, &part.suites, elapsed)?);
    }
    let labs: Vec<&str> = parts.iter().map(|part| part.lab.as_str()).collect();
    let suites = parts.iter().flat_map(|part| {
        part.suites.iter().map(|suite| Suite {
            name: format!("{}: {}", part.lab, suite.name),
            ..suite.clone()
        })
    });
    let suites: Vec<Suite> = suites.collect();
    Ok(document(
        &format!("labs {}", labs.join(", ")),
        &suites,
        elapsed,
    )?)
}

/// The result of one lab as an object, the results of several labs as a list.
fn programs(format: Format, parts: &[Part]) -> Result<(), CommandError> {
    match parts {
        [part] if part.is_failure => {}
        [part] => format.print(&part.json, String::new)?,
        several => {
            let all: Vec<Value> = several
                .iter()
                .map(|part| versioned(part.json.clone()))
                .collect();
            format.print(&all, String::new)?;
        }
    }
    Ok(())
}

/// The environment in which the lab ran.
fn properties(up: &Up) -> Vec<(&'static str, String)> {
    let carrier = |is_kernel: bool| if is_kernel { "kernel" } else { "userspace" };
    let carriers = up.carriers.iter().flat_map(|carriers| {
        [
            ("tunnels", carrier(carriers.kernel_tunnels).to_owned()),
            ("delays", carrier(carriers.kernel_delays).to_owned()),
        ]
    });
    let lab = ("lab", up.lab.topology.name.to_string());
    let kernel = ("kernel", engine::kernel_release());
    [lab, kernel].into_iter().chain(carriers).collect()
}
