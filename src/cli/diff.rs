//! `lab diff`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::imports::{Imports, is_to_import};
use crate::cli::output::Format;
use crate::engine;
use crate::network::State;
use crate::report::diff::{Side, diff, rows, text};
use crate::yaml::Source;

/// Show the pairs of machines whose path differs between two labs. It uses their routes only, and needs neither a
/// running lab nor root. Exits with 1 if a pair differs.
#[derive(Debug, Args)]
pub(super) struct Diff {
    /// A lab: a name in the catalogue, a path to a lab file, or files that `lab import` reads: a folder or a JSON file.
    #[arg(value_name = "LAB_A")]
    first: String,
    /// Another lab, or the same lab with `--down`. Without it, `LAB_A` is a plan of Terraform, as `terraform show -json`
    /// prints it, and the state before it is compared with the one after it.
    #[arg(value_name = "LAB_B")]
    second: Option<String>,
    /// A link or a node of the second lab that is down; may be repeated.
    #[arg(long, value_name = "LINK")]
    down: Vec<String>,
    #[command(flatten)]
    imports: Imports,
    #[command(flatten)]
    format: Format,
}

impl Diff {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let (first, second) = match &self.second {
            Some(second) => (
                self.state(&self.first, &[])?,
                self.state(second, &self.down)?,
            ),
            None => (
                self.imported(&self.first, &[], true)?,
                self.imported(&self.first, &self.down, false)?,
            ),
        };
        let [before, after] = match &self.second {
            Some(second) => [self.first.clone(), second.clone()],
            None => ["before", "after"].map(|when| format!("{when} {}", self.first)),
        };
        let title = if self.down.is_empty() {
            after
        } else {
            format!("{after} without {}", self.down.join(" and "))
        };
        let a = Side {
            title: &before,
            state: &first,
        };
        let b = Side {
            title: &title,
            state: &second,
        };
        let diff = diff(a, b);
        self.format
            .print_with_rows(&diff, || rows(&diff), || text(&diff))?;
        Ok(if diff.is_same() {
            Exit::Done
        } else {
            Exit::Unmet
        })
    }

    /// The state of a lab file, or of a network that is imported.
    fn state(&self, lab: &str, down: &[String]) -> Result<State<'static>, CommandError> {
        if !is_to_import(lab) {
            return Ok(engine::state_of_file(lab, down)?);
        }
        self.imported(lab, down, false)
    }

    /// The state of a network that is imported, before or after a plan of Terraform.
    fn imported(
        &self,
        lab: &str,
        down: &[String],
        before: bool,
    ) -> Result<State<'static>, CommandError> {
        let files = [lab.to_owned()];
        let imported = self
            .imports
            .import_at(&files, "imported".to_owned(), before)?;
        let source = Source {
            file: lab.to_owned(),
            text: imported.text,
        };
        Ok(engine::state_of(engine::load_text(source)?.topology, down)?)
    }
}
