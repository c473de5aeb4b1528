//! `lab bgp-peers`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::cli::which::{Which, speakers};
use crate::report::bgp_peers::{peers, text};

/// Show the BGP peers of a gateway or router, as az's `vnet-gateway list-bgp-peer-status` does.
///
/// The last column is the session's name for `lab fault`. A lab computes BGP and sends no messages: the columns about time and
/// messages are empty.
#[derive(Debug, Args)]
pub(super) struct BgpPeers {
    /// The gateway, one of its instances, or any other BGP speaker.
    node: String,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    format: Format,
}

impl BgpPeers {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let state = self.which.state()?;
        let speakers = speakers(&state.topology, &self.node)?;
        let peers = peers(&state.topology, &state.tables, &speakers);
        if peers.value.is_empty() {
            return Err(CommandError::NotASpeaker {
                name: self.node.clone(),
            });
        }
        self.format.print_as_az(&peers, || text(&peers))?;
        Ok(Exit::Done)
    }
}
