//! `lab routes`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output;
use crate::cli::which::Which;
use crate::report::routes::{routes, text};

/// Show a node's routes: a virtual machine's effective routes in az's columns, and the table of a gateway,
/// router or host.
#[derive(Debug, Args)]
pub(super) struct Routes {
    /// The node.
    node: String,
    #[command(flatten)]
    which: Which,
    /// Print the routes as JSON, in az's shape.
    #[arg(long)]
    json: bool,
}

impl Routes {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let solved = self.which.solved()?;
        let node = solved.node(&self.node)?;
        let routes = routes(&solved.topology, &solved.tables, node);
        if self.json {
            output::json(&routes)?;
        } else {
            output::text(&text(&routes))?;
        }
        Ok(Exit::Done)
    }
}
