//! `lab fault` and `lab heal`

use clap::Args;
use serde::Serialize;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::control::{Changed, LinkAction};
use crate::engine::{self, Up};
use crate::report;

/// Take links or whole nodes down, or shut BGP sessions; the lab's routes follow.
#[derive(Debug, Args)]
pub(super) struct Fault {
    /// Links as in `lab status`, nodes for all of their links, or BGP sessions as `session:A/B`, by their two speakers.
    ///
    /// `session:NAME` means all sessions of a connection, a circuit or a speaker. A session is shut while its link stays
    /// up. `lab bgp-peers` lists the sessions of a speaker.
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// Make the links silently drop everything, so that only timers detect it.
    #[arg(long)]
    blackhole: bool,
    /// The lab; not needed if only one is up.
    #[arg(long)]
    lab: Option<String>,
    #[command(flatten)]
    format: Format,
}

/// Repair links and BGP sessions, whatever took them down.
#[derive(Debug, Args)]
pub(super) struct Heal {
    /// Links as in `lab status`, nodes for all of their links, or BGP sessions as in `lab fault`.
    #[arg(
        required_unless_present = "all",
        conflicts_with = "all",
        value_name = "NAME"
    )]
    names: Vec<String>,
    /// Repair every link and BGP session of the lab and whatever `lab status --check` finds, and end all impairments.
    #[arg(long)]
    all: bool,
    /// The lab; not needed if only one is up.
    #[arg(long)]
    lab: Option<String>,
    #[command(flatten)]
    format: Format,
}

/// The output of `lab fault --json` and `lab heal --json`.
#[derive(Debug, Serialize)]
struct Report<'a> {
    lab: &'a str,
    #[serde(flatten)]
    effect: report::fault::Effect<'a>,
}

impl Fault {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let up = engine::running_settled(self.lab.as_deref())?;
        let (action, state) = if self.blackhole {
            (LinkAction::Blackhole, "blackhole")
        } else {
            (LinkAction::Down, "down")
        };
        let changed = engine::act_on_parts(&up, &self.names, action)?;
        tell(&up, &changed, state, self.format)
    }
}

impl Heal {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let up = engine::running_settled(self.lab.as_deref())?;
        let changed = if self.all {
            engine::restore(&up)?
        } else {
            engine::act_on_parts(&up, &self.names, LinkAction::Healed)?
        };
        tell(&up, &changed, "up", self.format)
    }
}

fn tell(
    up: &Up,
    changed: &Changed,
    state: &'static str,
    format: Format,
) -> Result<Exit, CommandError> {
    let effect = report::fault::Effect {
        links: &changed.links,
        sessions: &changed.sessions,
        state,
        routes: changed.routes,
        nodes: changed.nodes,
        cleared: &changed.cleared,
        mended: changed.mended,
        later_ms: changed.later_ms,
        elapsed_ms: changed.elapsed_ms,
    };
    let lab = up.folder.lab().as_str();
    let report = Report { lab, effect };
    format.print_with_rows(&report, || effect.rows(lab), || format!("{effect}\n"))?;
    Ok(Exit::Done)
}
