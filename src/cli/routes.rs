//! `lab routes`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::cli::which::{Which, nodes};
use crate::engine;
use crate::report::routes::{of_nic, routes_of, text};

/// Show a node's routes: the effective routes of a virtual machine in az's columns, or the table of a gateway, router
/// or host. Each instance of an active-active gateway has its own table.
#[derive(Debug, Args)]
pub(super) struct Routes {
    /// The node, a gateway, or MACHINE/INTERFACE for one network interface of a virtual machine.
    node: String,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    format: Format,
}

impl Routes {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let state = self.which.state()?;
        let (topology, tables) = (&*state.topology, &state.tables);
        let routes = match engine::find_nic(topology, &self.node)? {
            Some(nic) => of_nic(topology, tables, nic),
            None => routes_of(topology, tables, &nodes(topology, &self.node)?),
        };
        self.format.print_as_az(&routes, || text(&routes))?;
        Ok(Exit::Done)
    }
}
