//! `lab up`

use std::fmt::Write;
use std::io::{self, IsTerminal};
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use crate::cli::backend::Backend;
use crate::cli::exit::{CommandError, Exit};
use crate::cli::here::named_or_here;
use crate::cli::output::{self, Format};
use crate::cli::strictness::{Strictness, warn};
use crate::control::{Applied, Choice, Lap, Order, Phase, Report, Started};
use crate::engine::{self, EngineError, Interrupts};
use crate::store::Folder;
use crate::units::{counted, milliseconds};
use crate::yaml::Source;

/// Build a lab.
#[derive(Debug, Args)]
pub(super) struct Up {
    /// The lab: a name in the catalogue, or a path to a lab file; `-` is standard input. Without it, the file lab.yaml
    /// here.
    lab: Option<String>,
    #[command(flatten)]
    backend: Backend,
    /// Apply the file even if the running lab of that name was built from another file and most of its nodes would change.
    #[arg(long)]
    replace: bool,
    /// Print how long each phase took.
    #[arg(long)]
    timings: bool,
    #[command(flatten)]
    strictness: Strictness,
    #[command(flatten)]
    format: Format,
}

/// The output of `lab up --json`.
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
    pub(super) fn run(&self, patience: Duration) -> Result<Exit, CommandError> {
        self.build(patience).map_err(CommandError::of_a_build)
    }

    fn build(&self, patience: Duration) -> Result<Exit, CommandError> {
        let began = output::now();
        let source = engine::source(&named_or_here(self.lab.as_ref(), "up")?)?;
        let warnings = engine::warnings(&source);
        self.strictness.admit(&source, &warnings)?;
        if !self.replace {
            engine::check_replacement(&source)?;
        }
        let outcome = bring_up(source.clone(), self.backend.choice(), true, patience);
        // Findings already include the warnings.
        if !matches!(
            outcome,
            Err(CommandError::Engine(EngineError::Findings(..)))
        ) {
            warn(&source, &warnings);
        }
        let (report, _) = outcome.map_err(|error| self.strictness.levelled(error))?;
        self.tell(&report, began.elapsed())?;
        if !report.was_up && self.format.is_for_people() && io::stdout().is_terminal() {
            let is_only = Folder::all().len() == 1;
            output::text(&next_commands(&report, is_only))?;
        }
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
        self.format.print(&told, || {
            let timings = self.timings.then(|| table(&laps));
            sentence(&told) + &timings.unwrap_or_default()
        })
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
        let only_mended = Applied {
            mended: applied.mended,
            ..Applied::default()
        };
        if applied.mended > 0 && *applied == only_mended {
            let differences = counted(applied.mended, "difference");
            return format!(
                "lab {lab} is repaired: {differences} from its file in {elapsed_ms:.0} ms\n"
            );
        }
        return format!(
            "lab {lab} is changed: {} in {elapsed_ms:.0} ms\n",
            changes(applied)
        );
    }
    if told.was_up {
        return format!("lab {lab} is up already\n");
    }
    let [nodes, links, tunnels] = [(*nodes, "node"), (*links, "link"), (*tunnels, "tunnel")]
        .map(|(number, word)| counted(number, word));
    format!("lab {lab} is up: {nodes}, {links} and {tunnels} in {elapsed_ms:.0} ms\n")
}

/// Commands that the user may try next on a new lab. They contain the lab's name only if other labs are up.
fn next_commands(report: &Report, is_only: bool) -> String {
    let lab = if is_only {
        String::new()
    } else {
        format!(" --lab {}", report.lab)
    };
    let trace = report.pair.iter();
    let trace = trace.map(|[from, to]| format!("lab trace {from} {to}{lab}"));
    let commands = [format!("lab status{lab}")].into_iter().chain(trace);
    let commands: Vec<String> = commands.chain([format!("lab verify{lab}")]).collect();
    format!("next: {}\n", commands.join("\n      "))
}

/// What a changed file has changed in the running lab.
fn changes(applied: &Applied) -> String {
    let all = [
        (applied.nodes_added, "node", "added"),
        (applied.nodes_removed, "node", "removed"),
        (applied.links_added, "link", "added"),
        (applied.links_removed, "link", "removed"),
        (applied.links_impaired, "link", "with other impairments"),
        (applied.firewalls, "firewall", "changed"),
        (applied.routes, "route", "changed"),
        (applied.mended, "difference", "repaired"),
    ];
    let some = all.iter().filter(|(count, ..)| *count > 0);
    let mut parts: Vec<String> = some
        .map(|(count, what, how)| format!("{} {how}", counted(*count, what)))
        .collect();
    if applied.expectations {
        parts.push("expectations updated".to_owned());
    }
    if parts.is_empty() {
        return "no node, link or route of the kernel".to_owned();
    }
    parts.join(", ")
}

/// One lap per phase. The time outside all phases is the supervisor's.
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

/// The names of the phases, and their descriptions.
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
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "  {name:<10} {:>9.1} ms  {does}", lap.elapsed_ms);
    }
    text
}

/// Brings a lab up if it is not up. A broken lab is created again. If the lab was created from another file, it is
/// changed to match this file, if possible. After a build, signals are held back until the second result is dropped.
pub(super) fn bring_up(
    source: Source,
    choice: Choice,
    may_change: bool,
    patience: Duration,
) -> Result<(Report, Option<Interrupts>), CommandError> {
    let order = Order {
        file: engine::lasting_name(&source),
        text: source.text.clone(),
        choice,
        may_change,
    };
    let start = engine::start(&order, patience)?;
    match start.started {
        Started::Up(report) => Ok((report, start.interrupts)),
        Started::NotHere | Started::Named(_) => Err(impossible(&source.file).into()),
        Started::NoLab => {
            let impossible = impossible(&source.file);
            Err(engine::load_text(source).err().unwrap_or(impossible).into())
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

fn impossible(file: &str) -> EngineError {
    let changed = io::Error::other("it was found to be no lab, and then to be one");
    EngineError::system(format!("build {file}"), changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lap(phase: Phase, elapsed_ms: f64) -> Lap {
        Lap { phase, elapsed_ms }
    }

    #[test]
    fn every_millisecond_is_some_phases() {
        let laps = [
            lap(Phase::Parse, 3.5),
            lap(Phase::Supervisor, 1.0),
            lap(Phase::Namespaces, 80.25),
            lap(Phase::KernelRoutes, 10.0),
            lap(Phase::Supervisor, 0.5),
        ];
        let phases = phases(&laps, Duration::from_millis(100));
        let sum: f64 = phases.iter().map(|lap| lap.elapsed_ms).sum();
        assert!((sum - 100.0).abs() < 1e-9, "{sum}");
        insta::assert_snapshot!(table(&phases), @r"
          parse            3.5 ms  the lab file's text
          namespaces      80.2 ms  with settings, and interfaces that a process holds
          routes          10.0 ms  in the kernel, and links seen to be up
          supervisor       6.2 ms  its process, its socket and the rest
        ");
    }

    #[test]
    fn the_next_commands_name_the_lab_only_beside_others() {
        let mut report = Report {
            lab: "hub-spoke".to_owned(),
            was_up: false,
            applied: None,
            nodes: 22,
            links: 36,
            tunnels: 2,
            pair: Some(["loc1-vm", "hub-vm"].map(str::to_owned)),
            laps: Vec::new(),
        };
        insta::assert_snapshot!(next_commands(&report, true), @r"
        next: lab status
              lab trace loc1-vm hub-vm
              lab verify
        ");
        report.pair = None;
        insta::assert_snapshot!(next_commands(&report, false), @r"
        next: lab status --lab hub-spoke
              lab verify --lab hub-spoke
        ");
    }

    #[test]
    fn a_change_tells_what_it_changed() {
        let nothing = Applied::default();
        let one = Applied {
            nodes_added: 1,
            links_added: 1,
            routes: 2,
            ..nothing
        };
        let other = Applied {
            nodes_removed: 2,
            links_removed: 3,
            links_impaired: 1,
            firewalls: 1,
            ..nothing
        };
        let expectations = Applied {
            expectations: true,
            ..nothing
        };
        insta::assert_snapshot!([nothing, one, other, expectations].map(|it| changes(&it)).join("\n"), @r"
        no node, link or route of the kernel
        1 node added, 1 link added, 2 routes changed
        2 nodes removed, 3 links removed, 1 link with other impairments, 1 firewall changed
        expectations updated
        ");
    }
}
