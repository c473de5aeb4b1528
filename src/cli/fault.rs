//! `lab fault` and `lab heal`

use clap::Args;
use serde::Serialize;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::engine::control::Changed;
use crate::engine::{self, Fate, Up};
use crate::report;

/// Take links down, or whole nodes; the lab's routes follow.
#[derive(Debug, Args)]
pub(super) struct Fault {
    /// Links as `lab status` lists them, or nodes, each for all of its links.
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// Have the links lose everything without a sign, so that only timers notice.
    #[arg(long)]
    blackhole: bool,
    /// The lab; may be left out while only one is up.
    #[arg(long)]
    lab: Option<String>,
    #[command(flatten)]
    format: Format,
}

/// Mend links, whoever broke them.
#[derive(Debug, Args)]
pub(super) struct Heal {
    /// Links as `lab status` lists them, or nodes, each for all of its links.
    #[arg(
        required_unless_present = "all",
        conflicts_with = "all",
        value_name = "NAME"
    )]
    names: Vec<String>,
    /// Mend every link of the lab, and whatever `lab status --check` finds.
    #[arg(long)]
    all: bool,
    /// The lab; may be left out while only one is up.
    #[arg(long)]
    lab: Option<String>,
    #[command(flatten)]
    format: Format,
}

/// What `lab fault --json` and `lab heal --json` print.
#[derive(Debug, Serialize)]
struct Report<'a> {
    lab: &'a str,
    #[serde(flatten)]
    fate: report::fault::Fate<'a>,
}

impl Fault {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let up = engine::running_settled(self.lab.as_deref())?;
        let (fate, state) = if self.blackhole {
            (Fate::Blackhole, "blackhole")
        } else {
            (Fate::Down, "down")
        };
        let changed = engine::set_fate(&up, &self.names, fate)?;
        tell(&up, &changed, state, self.format)
    }
}

impl Heal {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let up = engine::running_settled(self.lab.as_deref())?;
        let changed = if self.all {
            engine::heal_all(&up)?
        } else {
            engine::set_fate(&up, &self.names, Fate::Healed)?
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
    let fate = report::fault::Fate {
        links: &changed.links,
        state,
        routes: changed.routes,
        nodes: changed.nodes,
        mended: changed.mended,
        later_ms: changed.later_ms,
        elapsed_ms: changed.elapsed_ms,
    };
    let lab = up.folder.lab().as_str();
    let report = Report { lab, fate };
    format.print(&report, || format!("{fate}\n"))?;
    Ok(Exit::Done)
}
