//! `lab up`

use std::fmt::Write;
use std::time::Duration;

use clap::Args;
use nix::unistd::geteuid;
use serde::Serialize;

use crate::cli::backend::Backend;
use crate::cli::exit::{CommandError, Exit, needs_root};
use crate::cli::output;
use crate::engine::control::Applied;
use crate::engine::{self, Choice, EngineError, Lap, Phase};
use crate::spec::Source;
use crate::supervisor::{self, Report, Started};
use crate::units::milliseconds;

/// Build a lab.
#[derive(Debug, Args)]
pub(super) struct Up {
    /// The lab: a name of the catalogue, or a path to a lab file.
    lab: String,
    #[command(flatten)]
    backend: Backend,
    /// Tell how long each phase took.
    #[arg(long)]
    timings: bool,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// What `lab up --json` prints.
#[derive(Debug, Serialize)]
struct Told<'a> {
    lab: &'a str,
    state: &'static str,
    was_up: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    applied: Option<&'a Applied>,
    nodes: usize,
    links: usize,
    tunnels: usize,
    elapsed_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    timings: Option<Vec<Lap>>,
}

impl Up {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let began = output::now();
        let source = engine::source(&self.lab)?;
        if !geteuid().is_root() {
            // What is wrong with a file is told to everybody.
            engine::load_text(source)?;
            needs_root("up")?;
            return Ok(Exit::Refused);
        }
        let report = bring_up(&source, self.backend.choice())?;
        self.tell(&report, began.elapsed())?;
        Ok(Exit::Done)
    }

    fn tell(&self, report: &Report, elapsed: Duration) -> std::io::Result<()> {
        let laps = phases(&report.laps, elapsed);
        let told = Told {
            lab: &report.lab,
            state: "up",
            was_up: report.was_up,
            applied: report.applied.as_ref(),
            nodes: report.nodes,
            links: report.links,
            tunnels: report.tunnels,
            elapsed_ms: milliseconds(elapsed),
            timings: self.timings.then(|| laps.clone()),
        };
        if self.json {
            return output::json(&told);
        }
        output::text(&sentence(&told))?;
        if self.timings {
            output::text(&table(&laps))?;
        }
        Ok(())
    }
}

fn sentence(told: &Told<'_>) -> String {
    let Told {
        lab,
        nodes,
        links,
        tunnels,
        elapsed_ms,
        ..
    } = told;
    if let Some(applied) = told.applied {
        return format!(
            "lab {lab} is changed: {} in {elapsed_ms:.0} ms\n",
            changes(applied)
        );
    }
    if told.was_up {
        return format!("lab {lab} is up already\n");
    }
    format!(
        "lab {lab} is up: {nodes} nodes, {links} links and {tunnels} tunnels in {elapsed_ms:.0} ms\n"
    )
}

/// What a changed file changed.
fn changes(applied: &Applied) -> String {
    let counted = [
        (applied.nodes_added, "node", "added"),
        (applied.nodes_removed, "node", "removed"),
        (applied.links_added, "link", "added"),
        (applied.links_removed, "link", "removed"),
        (applied.links_impaired, "link", "impaired otherwise"),
        (applied.routes, "route", "changed"),
    ];
    let counted = counted.iter().filter(|(count, ..)| *count > 0);
    let parts: Vec<String> = counted
        .map(|(count, what, how)| {
            let ending = if *count == 1 { "" } else { "s" };
            format!("{count} {what}{ending} {how}")
        })
        .collect();
    if parts.is_empty() {
        return "no node, link or route".to_owned();
    }
    parts.join(", ")
}

/// One lap for each phase. What this process waited for and no phase accounts for is the supervisor's.
fn phases(laps: &[Lap], elapsed: Duration) -> Vec<Lap> {
    let accounted: f64 = laps.iter().map(|lap| lap.elapsed_ms).sum();
    let rest = Lap {
        phase: Phase::Supervisor,
        elapsed_ms: milliseconds(elapsed) - accounted,
    };
    let all: Vec<&Lap> = laps.iter().chain([&rest]).collect();
    let sum = |phase: Phase| Lap {
        phase,
        elapsed_ms: all
            .iter()
            .filter(|lap| lap.phase == phase)
            .map(|lap| lap.elapsed_ms)
            .sum(),
    };
    let known = WORDS.iter().map(|(phase, ..)| *phase);
    known
        .filter(|phase| all.iter().any(|lap| lap.phase == *phase))
        .map(sum)
        .collect()
}

/// What phases are called, and what they do.
const WORDS: &[(Phase, &str, &str)] = &[
    (Phase::Parse, "parse", "the lab file's text"),
    (Phase::Resolve, "resolve", "to nodes, links and sessions"),
    (Phase::Routes, "routes", "of every node, computed"),
    (Phase::Plan, "plan", "kernel operations"),
    (
        Phase::Namespaces,
        "namespaces",
        "with settings, and interfaces that a process holds",
    ),
    (Phase::Links, "links", "and bridges"),
    (
        Phase::Addresses,
        "addresses",
        "neighbours, filters and capacities",
    ),
    (
        Phase::KernelRoutes,
        "routes",
        "in the kernel, and links seen to be up",
    ),
    (Phase::Tunnels, "tunnels", "and wires"),
    (
        Phase::Supervisor,
        "supervisor",
        "its process, its socket and the rest",
    ),
];

fn table(laps: &[Lap]) -> String {
    let mut text = String::new();
    for lap in laps {
        let words = WORDS.iter().find(|(phase, ..)| *phase == lap.phase);
        let (name, does) = words.map_or(("", ""), |(_, name, does)| (*name, *does));
        // Writing to a String does not fail.
        let _ = writeln!(text, "  {name:<10} {:>9.1} ms  {does}", lap.elapsed_ms);
    }
    text
}

/// Brings a lab up, unless it is. A lab that is up but broken is built anew.
pub(super) fn bring_up(source: &Source, choice: Choice) -> Result<Report, CommandError> {
    match supervisor::start(source, choice)? {
        Started::Up(report) => Ok(report),
        Started::NotHere => Err(impossible(source).into()),
        Started::NoLab => {
            let found = engine::load_text(source.clone());
            Err(found.err().unwrap_or_else(|| impossible(source)).into())
        }
        Started::Failed {
            reasons,
            is_bad_input,
        } => Err(CommandError::Unbuilt {
            reasons,
            is_bad_input,
        }),
    }
}

fn impossible(source: &Source) -> EngineError {
    EngineError::Impossible(format!(
        "{} was found to be no lab, and then to be one",
        source.file
    ))
}
