//! The requested reports of a proof, and their destinations.

use std::path::PathBuf;

use clap::Args;

use crate::cli::exit::CommandError;
use crate::cli::output::{self, Format, printable};
use crate::cli::verify::outlet::Outlet;
use crate::engine::{self, Up};
use crate::report::json;
use crate::report::junit::junit;
use crate::report::markdown::markdown;
use crate::report::verification::{Verification, text, traces};

/// The requested reports.
#[derive(Debug, Args)]
pub(super) struct Reports {
    /// Print every trace in tracert's layout, instead of one line per path.
    #[arg(long, conflicts_with_all = ["json", "output"])]
    traces: bool,
    /// Write the result as `JUnit` XML for CI systems; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the result as Markdown; `-` is standard output. The file `$GITHUB_STEP_SUMMARY` is appended to.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
}

/// The destinations.
pub(super) struct Outlets {
    junit: Option<Outlet>,
    markdown: Option<Outlet>,
    print: Print,
}

/// The content of standard output.
enum Print {
    Text,
    Traces,
    Programs(Format),
    /// A report that has no file.
    Nothing,
}

impl Reports {
    /// Whether the result is printed for programs.
    pub(super) fn are_for_programs(&self) -> bool {
        !self.format.is_for_people()
    }

    /// Opens every file, so that an unusable file is reported before the proof.
    pub(super) fn open(&self) -> Result<Outlets, CommandError> {
        let open = |path: &Option<PathBuf>| path.as_deref().map(Outlet::open).transpose();
        let [junit, markdown] = [open(&self.junit)?, open(&self.markdown)?];
        let reports = [&junit, &markdown].into_iter().flatten();
        let without_file = reports.filter(|outlet| outlet.is_standard_output()).count();
        let print = match (without_file, !self.format.is_for_people(), self.traces) {
            (0, true, _) => Print::Programs(self.format),
            (0, false, true) => Print::Traces,
            (0, false, false) => Print::Text,
            (1, false, false) => Print::Nothing,
            _ => return Err(CommandError::OneOutput),
        };
        Ok(Outlets {
            junit,
            markdown,
            print,
        })
    }
}

impl Outlets {
    /// Writes them all.
    pub(super) fn write(
        self,
        up: &Up,
        verification: &Verification<'_>,
    ) -> Result<(), CommandError> {
        if let Some(outlet) = self.junit {
            outlet.write(&junit(verification, &properties(up))?)?;
        }
        if let Some(outlet) = self.markdown {
            outlet.write(&markdown(verification))?;
        }
        match self.print {
            Print::Text => output::text(&printable(&text(verification)))?,
            Print::Traces => output::text(&printable(&traces(verification)))?,
            Print::Programs(format) => {
                format.print(&json::Verification::from(verification), String::new)?;
            }
            Print::Nothing => {}
        }
        Ok(())
    }
}

/// The environment that the lab ran in.
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
