//! `lab routes`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::cli::which::Which;
use crate::report::routes::{routes_of, text};

/// Show a node's routes: a virtual machine's effective routes in az's columns, and the table of a gateway,
/// router or host. An active-active gateway has a table for each of its instances.
#[derive(Debug, Args)]
pub(super) struct Routes {
    /// The node, or a gateway.
    node: String,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    format: Format,
}

impl Routes {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let solved = self.which.solved()?;
        let nodes = solved.nodes(&self.node)?;
        let routes = routes_of(&solved.topology, &solved.tables, &nodes);
        self.format.print(&routes, || text(&routes))?;
        Ok(Exit::Done)
    }
}
