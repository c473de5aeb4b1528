//! `lab routes`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
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
    #[command(flatten)]
    format: Format,
}

impl Routes {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let solved = self.which.solved()?;
        let node = solved.node(&self.node)?;
        let routes = routes(&solved.topology, &solved.tables, node);
        self.format.print(&routes, || text(&routes))?;
        Ok(Exit::Done)
    }
}
