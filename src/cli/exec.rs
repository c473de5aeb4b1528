//! `lab exec` and `lab shell`

use clap::Args;

use crate::cli::exit::{CommandError, Exit as ExitCode};
use crate::engine;

/// Run a program inside a node; its exit code is passed on.
#[derive(Debug, Args)]
pub(super) struct Exec {
    /// The node.
    node: String,
    /// The lab; not needed if only one is up.
    #[arg(long)]
    lab: Option<String>,
    /// The program and its arguments, after `--`.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

/// Open a shell inside a node.
#[derive(Debug, Args)]
pub(super) struct Shell {
    /// The node.
    node: String,
    /// The lab; not needed if only one is up.
    #[arg(long)]
    lab: Option<String>,
}

impl Exec {
    pub(super) fn run(&self) -> Result<ExitCode, CommandError> {
        become_program(self.lab.as_deref(), &self.node, &self.command)
    }
}

impl Shell {
    pub(super) fn run(&self) -> Result<ExitCode, CommandError> {
        become_program(self.lab.as_deref(), &self.node, &[])
    }
}

fn become_program(
    lab: Option<&str>,
    node: &str,
    words: &[String],
) -> Result<ExitCode, CommandError> {
    engine::enter_user_namespace(lab)?;
    let up = engine::running(lab)?;
    let node = engine::find(&up.lab.topology, node)?;
    Err(engine::exec(&engine::enter(&up, node), words).into())
}
