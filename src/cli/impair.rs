//! `lab impair`

use std::time::Duration;

use clap::Args;
use serde::Serialize;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::engine::control::Impaired;
use crate::engine::{self, ImpairOrder};
use crate::report::impairment::{Direction, directions, text};
use crate::units::{Bandwidth, ImpairmentChange, Share, parse_duration};

/// Have a link delay, lose, repeat or reorder packets, or carry no more than so much, while it runs. What is not said
/// stays as the lab file has it; without any option, the link is shown as it is now.
#[derive(Debug, Args)]
pub(super) struct Impair {
    /// A link as `lab status` lists it, or a tunnel, for its way across the internet.
    link: String,
    /// Only what enters the link at this node; both directions without it.
    #[arg(long, value_name = "NODE")]
    from: Option<String>,
    /// How long a packet takes, one way: `40ms`.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    delay: Option<Duration>,
    /// How much longer or shorter a single packet may take: `5ms`. One that takes shorter may overtake others.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    jitter: Option<Duration>,
    /// Packets lost: `1%`.
    #[arg(long, value_name = "SHARE", value_parser = Share::parse)]
    loss: Option<Share>,
    /// Packets that arrive twice: `0.1%`.
    #[arg(long, value_name = "SHARE", value_parser = Share::parse)]
    duplicate: Option<Share>,
    /// Packets that take no time, and so overtake others: `2%`.
    #[arg(long, value_name = "SHARE", value_parser = Share::parse)]
    reorder: Option<Share>,
    /// Bits a second: `100mbit`.
    #[arg(long, value_name = "RATE", value_parser = Bandwidth::parse)]
    rate: Option<Bandwidth>,
    /// Packets that may be under way or wait; a further one is lost.
    #[arg(long, value_name = "PACKETS", value_parser = clap::value_parser!(u32).range(1..))]
    queue: Option<u32>,
    /// Have the link as the lab file has it.
    #[arg(long, conflicts_with_all = ["delay", "jitter", "loss", "duplicate", "reorder", "rate", "queue"])]
    clear: bool,
    /// The lab; may be left out while only one is up.
    #[arg(long)]
    lab: Option<String>,
    #[command(flatten)]
    format: Format,
}

/// What `lab impair --json` prints.
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
