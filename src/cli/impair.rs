//! `lab impair`

use std::time::Duration;

use clap::Args;
use serde::Serialize;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::control::Impaired;
use crate::engine::{self, ImpairOrder};
use crate::report::impairment::{Direction, directions, text};
use crate::units::{Bandwidth, ImpairmentChange, Share, parse_duration};

/// Make a running link delay, lose, duplicate, reorder or rate-limit packets. Values that are not given stay as in the
/// lab file; without any option, the present values are shown.
#[derive(Debug, Args)]
pub(super) struct Impair {
    /// A link as in `lab status`, or a tunnel for its path across the internet.
    link: String,
    /// Only packets that enter the link at this node; the default is both directions.
    #[arg(long, value_name = "NODE")]
    from: Option<String>,
    /// The one-way delay: `40ms`.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    delay: Option<Duration>,
    /// How far the delay of a single packet may vary: `5ms`. A packet with a shorter delay may overtake others.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    jitter: Option<Duration>,
    /// The share of packets lost: `1%`.
    #[arg(long, value_name = "SHARE", value_parser = Share::parse)]
    loss: Option<Share>,
    /// The share of packets that arrive twice: `0.1%`.
    #[arg(long, value_name = "SHARE", value_parser = Share::parse)]
    duplicate: Option<Share>,
    /// The share of packets sent without delay, so that they overtake others: `2%`.
    #[arg(long, value_name = "SHARE", value_parser = Share::parse)]
    reorder: Option<Share>,
    /// The rate in bit/s: `100mbit`.
    #[arg(long, value_name = "RATE", value_parser = Bandwidth::parse)]
    rate: Option<Bandwidth>,
    /// How many packets may be in transit or queued. Further packets are dropped.
    #[arg(long, value_name = "PACKETS", value_parser = clap::value_parser!(u32).range(1..))]
    queue: Option<u32>,
    /// Restore the lab file's values.
    #[arg(long, conflicts_with_all = ["delay", "jitter", "loss", "duplicate", "reorder", "rate", "queue"])]
    clear: bool,
    /// The lab; not needed if only one is up.
    #[arg(long)]
    lab: Option<String>,
    #[command(flatten)]
    format: Format,
}

/// The output of `lab impair --json`.
#[derive(Debug, Serialize)]
struct Report<'a> {
    lab: &'a str,
    link: &'a str,
    directions: [Direction; 2],
}

impl Impair {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let up = engine::running_settled(self.lab.as_deref())?;
        let order = ImpairOrder {
            link: &self.link,
            from: self.from.as_deref(),
            change: (!self.clear).then(|| self.change()),
        };
        let (
            ends,
            Impaired {
                link,
                directions: now,
            },
        ) = engine::impair(&up, &order)?;
        let report = Report {
            lab: up.folder.lab().as_str(),
            link: &link,
            directions: directions(&ends, &now),
        };
        let people = || text(&link, &report.directions);
        self.format.print(&report, people)?;
        Ok(Exit::Done)
    }

    fn change(&self) -> ImpairmentChange {
        ImpairmentChange {
            delay: self.delay,
            jitter: self.jitter,
            loss: self.loss,
            duplicate: self.duplicate,
            reorder: self.reorder,
            rate: self.rate,
            queue: self.queue,
        }
    }
}
