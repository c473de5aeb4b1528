//! `lab test-connectivity`

use std::time::Duration;

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::engine::{self, PingRun};
use crate::report::network_watcher::{connectivity, connectivity_text};
use crate::report::why::report;
use crate::verify::why::explain;

/// The time between two probes.
const GAP: Duration = Duration::from_millis(10);

/// How long to wait for the last answer: longer than any path on Earth takes.
const WAIT: Duration = Duration::from_secs(1);

/// Send probes and show their results and the problems on the path, as `az network watcher test-connectivity` does.
#[derive(Debug, Args)]
pub(super) struct TestConnectivity {
    /// The node that probes.
    #[arg(long, alias = "source-resource", value_name = "NODE")]
    source: String,
    /// The node or IPv4 address that is probed.
    #[arg(
        long,
        alias = "dest-address",
        alias = "dest-resource",
        value_name = "IP"
    )]
    dest: String,
    /// How many probes, 1 to 255.
    #[arg(short, long, default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..))]
    count: u8,
    /// The lab; not needed if only one is up.
    #[arg(long)]
    lab: Option<String>,
    #[command(flatten)]
    format: Format,
}

impl TestConnectivity {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        engine::enter_user_namespace(self.lab.as_deref())?;
        let up = engine::running(self.lab.as_deref())?;
        let topology = &up.lab.topology;
        let from = engine::find(topology, &self.source)?;
        let destination = up.address(from, &self.dest)?;
        let why = explain(&engine::state(&up)?, from, destination);
        let why = report(topology, from, &why);
        let run = PingRun {
            from,
            destination,
            count: self.count,
            interval: GAP,
            patience: WAIT,
        };
        let times = engine::ping(&up, run, &mut |_| {})?;
        let connectivity = connectivity(topology, &why, &times);
        let people = || connectivity_text(&connectivity);
        self.format.print_as_az(&connectivity, people)?;
        Ok(if times.iter().any(Option::is_some) {
            Exit::Done
        } else {
            Exit::Unmet
        })
    }
}
