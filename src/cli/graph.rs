//! `lab graph`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output;
use crate::engine;
use crate::report::picture;

/// Draw a lab: regions, virtual networks, gateways, circuits, tunnels and sites.
#[derive(Debug, Args)]
pub(super) struct Graph {
    /// The lab: a name of the catalogue, or a path to a lab file.
    lab: String,
}

impl Graph {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let topology = engine::load(&self.lab)?.topology;
        let drawn = picture::picture(&topology);
        output::text(&picture::svg(&drawn))?;
        Ok(Exit::Done)
    }
}
