//! `lab matrix`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::{self, Format};
use crate::cli::which::Which;
use crate::engine::{self, MatrixPath};
use crate::report::matrix::{By, Matrix as Report, Path, text};
use crate::topology::{NodeId, Topology};
use crate::units::milliseconds;
use crate::verify::Verdict;

/// Show how every machine reaches every other, as a grid: with real packets on a running lab, or from the routes only.
/// Exits with 1 if a path differs from the lab file.
#[derive(Debug, Args)]
pub(super) struct Matrix {
    /// The running lab; not needed if only one is up.
    #[arg(conflicts_with_all = ["lab", "file"])]
    name: Option<String>,
    #[command(flatten)]
    which: Which,
    /// Show round-trip times instead of hops.
    #[arg(long)]
    rtt: bool,
    #[command(flatten)]
    format: Format,
}

impl Matrix {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let matrix = if self.which.is_file() {
            let state = self.which.state()?;
            report(&state.topology, &engine::matrix_by_routes(&state))
        } else {
            let name = self.name.as_deref().or(self.which.lab());
            engine::enter_user_namespace(name)?;
            let up = engine::running(name)?;
            let matrix = engine::matrix_by_probes(&up, usize::MAX)?;
            report(&up.lab.topology, &matrix)
        };
        let people = || text(&matrix, self.rtt, output::width());
        self.format.print(&matrix, people)?;
        Ok(if matrix.is_as_expected() {
            Exit::Done
        } else {
            Exit::Unmet
        })
    }
}

fn report(topology: &Topology, matrix: &engine::Matrix) -> Report {
    let name = |node: NodeId| topology.node(node).name.to_string();
    let path = |path: &MatrixPath| Path {
        from: name(path.from),
        to: name(path.to),
        reached: path.is_reached,
        hops: path.hops,
        rtt_ms: path.round_trip_time.map(milliseconds),
        as_expected: path.verdict.map(|verdict| verdict == Verdict::Pass),
        certain: path.is_certain,
    };
    Report {
        lab: topology.name.to_string(),
        by: if matrix.probes.is_some() {
            By::Probes
        } else {
            By::Routes
        },
        machines: matrix.machines.iter().copied().map(name).collect(),
        paths: matrix.paths.iter().map(path).collect(),
    }
}
