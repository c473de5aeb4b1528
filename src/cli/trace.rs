//! `lab trace`

use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::cli::way;
use crate::engine::{self, TraceRun, Up};
use crate::report::json::Hop;
use crate::report::tracert::{self, Target};
use crate::topology::NodeId;
use crate::units::{Ttl, parse_duration};
use crate::verify::Observation;

/// Trace the path from inside a node, in tracert's layout.
#[derive(Debug, Args)]
pub(super) struct Trace {
    /// The node that probes.
    from: String,
    /// The node or IPv4 address that is probed.
    to: String,
    /// The lab; not needed if only one is up.
    #[arg(long)]
    lab: Option<String>,
    /// The most hops, 1 to 255; the default is 30, as in tracert.
    #[arg(short, long, default_value = "30", value_name = "HOPS", value_parser = hops)]
    max_hops: Ttl,
    /// How long to wait for a hop, such as 500ms.
    #[arg(long, default_value = "1s", value_parser = parse_duration)]
    wait: Duration,
    /// The layout for people.
    #[arg(long, value_enum, default_value = "tracert")]
    view: View,
    #[command(flatten)]
    format: Format,
}

/// The layout of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum View {
    /// In the layout of tracert.
    Tracert,
    /// In columns, with the kind and next hop of each hop; silent hops are taken from the routes.
    Grid,
}

/// The output of `lab trace --json`.
#[derive(Debug, Serialize)]
struct Report {
    lab: String,
    from: String,
    to: String,
    hops: Vec<Hop>,
    reached: bool,
}

impl Trace {
    /// The longest time that the command may take.
    pub(super) fn duration(&self) -> Duration {
        // Three unanswered probes per hop.
        self.wait.saturating_mul(3 * u32::from(self.max_hops.get()))
    }

    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        engine::enter_user_namespace(self.lab.as_deref())?;
        let up = engine::running(self.lab.as_deref())?;
        let from = engine::find(&up.lab.topology, &self.from)?;
        let destination = up.address(from, &self.to)?;
        let run = TraceRun {
            from,
            destination,
            most_hops: self.max_hops,
            patience: self.wait,
        };
        let observation = engine::trace(&up, run)?;
        let grid = match self.view {
            View::Grid => Some(way::seen(&up, run, &observation)?),
            View::Tracert => None,
        };
        let hint = if observation.reached() {
            String::new()
        } else {
            let lab = self.lab.as_deref();
            format!("\n{}", tracert::explained_by(&self.from, &self.to, lab))
        };
        self.format
            .print(&self.report(&up, from, &observation), || {
                if let Some(path) = grid {
                    return path.text(&up.lab.topology) + &hint;
                }
                let target = Target {
                    address: destination,
                    most_hops: self.max_hops.get(),
                };
                let names = tracert::names_of(&up.lab.topology);
                let names = names.seen_from(from);
                tracert::trace(target, &observation, &names) + &hint
            })?;
        Ok(if observation.reached() {
            Exit::Done
        } else {
            Exit::Unmet
        })
    }

    fn report(&self, up: &Up, from: NodeId, observation: &Observation) -> Report {
        let names = tracert::names_of(&up.lab.topology);
        let names = names.seen_from(from);
        let hops = observation.hops.iter();
        Report {
            lab: up.folder.lab().to_string(),
            from: self.from.clone(),
            to: self.to.clone(),
            hops: hops.map(|hop| Hop::of(hop, &names)).collect(),
            reached: observation.reached(),
        }
    }
}

fn hops(text: &str) -> Result<Ttl, String> {
    let hops = text.parse().ok().and_then(Ttl::new);
    hops.ok_or_else(|| "a number of hops is 1 to 255".to_owned())
}
