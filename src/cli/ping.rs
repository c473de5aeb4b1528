//! `lab ping`

use std::time::Duration;

use clap::Args;
use serde::Serialize;

use crate::addresses::Address;
use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::{self, Format};
use crate::engine::{self, PingAnswer, PingRun, Up};
use crate::report::ping::{self, Answer, AnswerKind, Target};
use crate::report::tracert::explained_by;
use crate::units::{milliseconds, parse_duration};

/// Send ICMP echo requests from inside a node.
#[derive(Debug, Args)]
pub(super) struct Ping {
    /// The node that pings.
    from: String,
    /// The node or IPv4 address that is pinged.
    to: String,
    /// How many requests, 1 to 255.
    #[arg(short, long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..))]
    count: u8,
    /// The time between two requests, such as 200ms.
    #[arg(short, long, default_value = "1s", value_parser = parse_duration)]
    interval: Duration,
    /// How long to wait for the last answer, such as 500ms.
    #[arg(long, default_value = "1s", value_parser = parse_duration)]
    wait: Duration,
    /// The lab; not needed if only one is up.
    #[arg(long)]
    lab: Option<String>,
    #[command(flatten)]
    format: Format,
}

/// The output of `lab ping --json`.
#[derive(Debug, Serialize)]
struct Report<'a> {
    lab: &'a str,
    from: &'a str,
    to: &'a str,
    address: Address,
    sent: usize,
    received: usize,
    rtt_ms: Vec<Option<f64>>,
}

impl Ping {
    /// The longest time that the command may take.
    pub(super) fn duration(&self) -> Duration {
        let sending = self.interval.saturating_mul(self.count.into());
        sending.saturating_add(self.wait)
    }

    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        engine::enter_user_namespace(self.lab.as_deref())?;
        let up = engine::running(self.lab.as_deref())?;
        let from = engine::find(&up.lab.topology, &self.from)?;
        let destination = up.address(from, &self.to)?;
        let run = PingRun {
            from,
            destination,
            count: self.count,
            interval: self.interval,
            patience: self.wait,
        };
        let target = Target {
            name: &self.to,
            address: destination,
            message_bytes: engine::PING_BYTES,
        };
        let is_for_people = self.format.is_for_people();
        let mut written = if is_for_people {
            output::text(&ping::heading(target))
        } else {
            Ok(())
        };
        let times = engine::ping(&up, run, &mut |answer| {
            if is_for_people && written.is_ok() {
                written = output::text(&ping::line(target, shown(answer)));
            }
        })?;
        written?;
        let report = self.report(&up, destination, &times);
        let is_answered = times.iter().any(Option::is_some);
        let people = || {
            let statistics = ping::statistics(target, &times);
            if is_answered {
                return statistics;
            }
            statistics + &explained_by(&self.from, &self.to, self.lab.as_deref())
        };
        self.format.print(&report, people)?;
        Ok(if is_answered { Exit::Done } else { Exit::Unmet })
    }

    fn report<'a>(
        &'a self,
        up: &'a Up,
        address: Address,
        times: &[Option<Duration>],
    ) -> Report<'a> {
        Report {
            lab: up.folder.lab().as_str(),
            from: &self.from,
            to: &self.to,
            address,
            sent: times.len(),
            received: times.iter().flatten().count(),
            rtt_ms: times.iter().map(|time| time.map(milliseconds)).collect(),
        }
    }
}

fn shown(answer: PingAnswer) -> Answer {
    let kind = match answer.echo {
        Some((ttl, round_trip_time)) => AnswerKind::Echo {
            ttl,
            round_trip_time,
        },
        None if answer.is_time_exceeded => AnswerKind::TimeExceeded,
        None => AnswerKind::Unreachable,
    };
    Answer {
        from: answer.from,
        sequence: answer.sequence,
        kind,
    }
}
