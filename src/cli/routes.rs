//! `lab routes`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::cli::which::{Which, nodes};
use crate::report::routes::{routes_of, text};

/// Show a node's routes: the effective routes of a virtual machine in az's columns, or the table of a gateway, router
/// or host. Each instance of an active-active gateway has its own table.
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
        let state = self.which.state()?;
        let nodes = nodes(&state.topology, &self.node)?;
        let routes = routes_of(&state.topology, &state.tables, &nodes);
        self.format.print(&routes, || text(&routes))?;
        Ok(Exit::Done)
    }
}
