//! `lab iperf`

use std::time::Duration;

use clap::Args;
use serde::Serialize;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::engine::{self, IperfRun, Up};
use crate::report::iperf::{Bottleneck, Iperf as Report, Lossy};
use crate::units::Bandwidth;

/// Measure the throughput of a path with iperf3, and name its bottleneck.
#[derive(Debug, Args)]
pub(super) struct Iperf {
    /// The node that sends.
    from: String,
    /// The node that receives.
    to: String,
    /// The duration in seconds.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=3600))]
    time: u16,
    /// The number of parallel streams.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=128))]
    parallel: u8,
    /// Send from TO to FROM, over a connection that FROM opens.
    #[arg(long)]
    reverse: bool,
    /// Send UDP at this rate instead of TCP: `100mbit`.
    #[arg(long, value_name = "RATE", value_parser = Bandwidth::parse)]
    udp: Option<Bandwidth>,
    /// The lab; not needed if only one is up.
    #[arg(long)]
    lab: Option<String>,
    #[command(flatten)]
    format: Format,
}

/// The output of `lab iperf --json`.
#[derive(Debug, Serialize)]
struct Printed<'a> {
    lab: &'a str,
    #[serde(flatten)]
    report: &'a Report,
}

impl Iperf {
    /// The longest time that the command may take.
    pub(super) fn duration(&self) -> Duration {
        Duration::from_secs(self.time.into())
    }

    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        engine::enter_user_namespace(self.lab.as_deref())?;
        let up = engine::running(self.lab.as_deref())?;
        let topology = &up.lab.topology;
        let from = engine::find(topology, &self.from)?;
        let run = IperfRun {
            from,
            to: engine::find(topology, &self.to)?,
            address: engine::address(topology, from, &self.to)?,
            time: Duration::from_secs(self.time.into()),
            streams: self.parallel,
            reverse: self.reverse,
            udp: self.udp,
        };
        let report = self.report(&up, &run)?;
        let printed = Printed {
            lab: up.folder.lab().as_str(),
            report: &report,
        };
        self.format.print(&printed, || format!("{report}\n"))?;
        Ok(Exit::Done)
    }

    fn report(&self, up: &Up, run: &IperfRun) -> Result<Report, CommandError> {
        let measured = engine::throughput(up, run)?;
        let (from, to) = if self.reverse {
            (run.to, run.from)
        } else {
            (run.from, run.to)
        };
        let name = |node| up.lab.topology.node(node).name.to_string();
        let bounds = engine::bounds(up, from, to)?;
        let bottleneck = bounds.narrowest.map(|narrowest| Bottleneck {
            what: narrowest.name,
            bits_per_second: narrowest.rate.bits_per_second(),
        });
        let lossy = bounds.lossy.into_iter().map(|lossy| Lossy {
            link: lossy.link,
            percent: f64::from(lossy.share.millionths()) / 10_000.0,
        });
        Ok(Report {
            from: name(from),
            to: name(to),
            protocol: if self.udp.is_some() { "udp" } else { "tcp" },
            seconds: self.time.into(),
            streams: self.parallel,
            bits_per_second: measured.bits_per_second,
            retransmits: measured.retransmits,
            lost_percent: measured.lost_percent,
            bottleneck,
            lossy: lossy.collect(),
        })
    }
}
