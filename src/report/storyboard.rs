//! The pings that were lost during a storyboard.

use std::fmt::Write as _;

use crate::topology::Topology;
use crate::units::{counted, milliseconds};
use crate::verify::{Outage, PathOutage};

/// The outages of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepOutages {
    /// The storyboard's name.
    pub storyboard: String,
    /// The step's name.
    pub step: String,
    /// The links that were taken down.
    pub fault: Vec<String>,
    /// The links that were set to drop all packets silently.
    pub blackhole: Vec<String>,
    /// The links that were repaired.
    pub heal: Vec<String>,
    /// One entry for each path that the step expects to work.
    pub paths: Vec<PathOutage>,
}

/// Each path with lost pings, and the number of paths without any.
#[must_use]
pub fn text(topology: &Topology, step: &StepOutages) -> String {
    let mut text = format!("{}: {}", step.storyboard, step.step);
    for (verb, links) in [
        ("fault", &step.fault),
        ("blackhole", &step.blackhole),
        ("heal", &step.heal),
    ] {
        if !links.is_empty() {
            let _ = write!(text, "  {verb} {}", links.join(" "));
        }
    }
    text.push('\n');
    let (lossy, whole): (Vec<&PathOutage>, Vec<&PathOutage>) =
        step.paths.iter().partition(|path| path.outage.lost > 0);
    for path in lossy {
        let [from, to] = [path.from, path.to].map(|node| &topology.node(node).name);
        let Outage {
            sent,
            lost,
            duration,
        } = path.outage;
        let _ = writeln!(
            text,
            "  {from} -> {to}  {lost} of {sent} pings lost, outage {:.0} ms",
            milliseconds(duration)
        );
    }
    match whole.len() {
        0 => {}
        count => {
            let _ = writeln!(text, "  {} lost no ping", counted(count, "path"));
        }
    }
    text
}
