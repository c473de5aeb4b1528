//! `lab next-hop`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::cli::which::Which;
use crate::engine;
use crate::report::network_watcher::{next_hop, next_hop_text};

/// Show where a virtual machine's interface sends packets for an address, as `az network watcher show-next-hop` does.
#[derive(Debug, Args)]
pub(super) struct NextHop {
    /// The virtual machine.
    #[arg(long, alias = "vm", alias = "source-ip", value_name = "NODE")]
    source: String,
    /// The node or IPv4 address that packets are for.
    #[arg(long, alias = "dest-ip", value_name = "IP")]
    dest: String,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    format: Format,
}

impl NextHop {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let state = self.which.state()?;
        let node = engine::find(&state.topology, &self.source)?;
        let destination = engine::address(&state.topology, node, &self.dest)?;
        let hop = next_hop(&state.topology, &state.tables, node, destination);
        let hop = hop.ok_or_else(|| CommandError::NotAMachine {
            name: self.source.clone(),
            role: state.topology.node(node).role.title(),
        })?;
        self.format.print_as_az(&hop, || next_hop_text(&hop))?;
        Ok(Exit::Done)
    }
}
