//! `lab learned-routes`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::cli::which::{Which, speakers};
use crate::report::learned::{learned, text};

/// Show what a gateway learned, as az's `vnet-gateway list-learned-routes` does; an MSEE's routes as
/// `express-route list-route-tables` does.
#[derive(Debug, Args)]
pub(super) struct LearnedRoutes {
    /// The gateway, one of its instances, an MSEE, or any other BGP speaker.
    gateway: String,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    format: Format,
}

impl LearnedRoutes {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let state = self.which.state()?;
        let speakers = speakers(&state.topology, &self.gateway)?;
        let learned = learned(&state.topology, &state.tables, &speakers);
        self.format.print_as_az(&learned, || text(&learned))?;
        Ok(Exit::Done)
    }
}
