//! `lab why`

use clap::Args;
use serde::Serialize;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::cli::which::Which;
use crate::engine;
use crate::report::why::{self, report, text};
use crate::verify::why::explain;

/// Explain why packets take their path, in both directions: the route that won at each node, what it beat and by which
/// rule, where packets are lost, and why a router on the path is silent.
#[derive(Debug, Args)]
pub(super) struct Why {
    /// The node that sends.
    from: String,
    /// The destination, a node or an IPv4 address.
    to: String,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    format: Format,
}

/// The output of `lab why --json`.
#[derive(Debug, Serialize)]
struct Report<'a> {
    lab: &'a str,
    #[serde(flatten)]
    why: why::Why,
}

impl Why {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let state = self.which.state()?;
        let from = engine::find(&state.topology, &self.from)?;
        let destination = engine::address(&state.topology, from, &self.to)?;
        let mut why = explain(&state, from, destination);
        // The named machine is the destination even if it is not connected to the sender.
        why.to = why
            .to
            .or_else(|| engine::find(&state.topology, &self.to).ok());
        let why = report(&state.topology, from, &why);
        let is_answered = why.answered;
        let lab = state.topology.name.as_str();
        let report = Report { lab, why };
        self.format.print(&report, || text(&report.why))?;
        Ok(if is_answered { Exit::Done } else { Exit::Unmet })
    }
}
