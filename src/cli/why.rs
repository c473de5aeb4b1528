//! `lab why`

use clap::Args;
use serde::Serialize;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::cli::which::Which;
use crate::engine;
use crate::report::why::{self, Cure, Healing, cures, cures_text, report, rows, text};
use crate::verify::cure::Lost;
use crate::verify::why::explain;

/// Explain why packets take their path, in both directions: the route that won at each node, what it beat and by which
/// rule, where packets are lost, what makes the path work, and why a router on the path is silent.
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
    /// What makes the path work; empty if it works, or if nothing that labs know does.
    cures: Vec<Cure>,
    /// Whether the lab file expects that the path does not work.
    #[serde(skip)]
    is_expected: bool,
}

impl Report<'_> {
    fn text(&self) -> String {
        let why = text(&self.why);
        match &self.why.to {
            Some(to) if !self.why.answered => {
                why + &cures_text(&self.cures, [&self.why.from, to], self.is_expected)
            }
            _ => why,
        }
    }
}

impl Why {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let (state, lab_file) = self.which.state_and_text()?;
        let from = engine::find(&state.topology, &self.from)?;
        let destination = engine::address(&state.topology, from, &self.to)?;
        let mut why = explain(&state, from, destination);
        // The named machine is the destination even if it is not connected to the sender.
        why.to = why
            .to
            .or_else(|| engine::find(&state.topology, &self.to).ok());
        let found = why.to.map_or_else(Vec::new, |to| {
            let lost = Lost {
                state: &state,
                from,
                to,
                why: &why,
            };
            engine::cures(lost, &lab_file, self.which.faults())
        });
        let healing = if self.which.is_file() {
            Healing::Option
        } else {
            Healing::Running(self.which.lab())
        };
        let mut expectations = state.topology.expectations.iter();
        let is_expected =
            expectations.any(|one| one.from == from && Some(one.to) == why.to && !one.is_reached());
        let why = report(&state.topology, from, &why);
        let is_answered = why.answered;
        let lab = state.topology.name.as_str();
        let report = Report {
            lab,
            why,
            cures: cures(&found, healing),
            is_expected,
        };
        let rows = || rows(&report.why);
        self.format
            .print_with_rows(&report, rows, || report.text())?;
        Ok(if is_answered { Exit::Done } else { Exit::Unmet })
    }
}
