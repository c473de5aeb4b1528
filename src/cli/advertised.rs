//! `lab advertised-routes`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::cli::which::{Which, speakers};
use crate::network::State;
use crate::report::learned::{Peering, advertised, peerings, text};
use crate::topology::SpeakerId;

/// Show what a gateway advertises to a neighbour, as az's `vnet-gateway list-advertised-routes` does.
#[derive(Debug, Args)]
pub(super) struct AdvertisedRoutes {
    /// The gateway, one of its instances, or any other BGP speaker.
    gateway: String,
    /// The neighbour: a gateway or another node, a connection between the two, or a BGP address.
    peer: String,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    format: Format,
}

impl AdvertisedRoutes {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let state = self.which.state()?;
        let speakers = speakers(&state.topology, &self.gateway)?;
        let peerings = self.peerings(&state, &speakers)?;
        let advertised = advertised(&state.topology, &state.tables, &peerings);
        self.format.print_as_az(&advertised, || text(&advertised))?;
        Ok(Exit::Done)
    }

    fn peerings(
        &self,
        state: &State<'_>,
        speakers: &[SpeakerId],
    ) -> Result<Vec<Peering>, CommandError> {
        let (meant, others): (Vec<Peering>, Vec<Peering>) = peerings(&state.topology, speakers)
            .into_iter()
            .partition(|peering| peering.is_called(&self.peer));
        if meant.is_empty() {
            let mut peers: Vec<String> = others.into_iter().map(|other| other.neighbour).collect();
            peers.sort_unstable();
            peers.dedup();
            if peers.is_empty() {
                peers.push("none that speaks BGP".to_owned());
            }
            return Err(CommandError::NoSuchPeer {
                name: self.gateway.clone(),
                peer: self.peer.clone(),
                peers: peers.join(", "),
            });
        }
        Ok(meant)
    }
}
