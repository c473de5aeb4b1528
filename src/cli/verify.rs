//! `lab verify`

mod outlet;
mod progress;
mod reports;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::cli::backend::Backend;
use crate::cli::exit::{CommandError, Exit};
use crate::cli::interrupt::{Guard, Time, Ward};
use crate::cli::patience::{FOR_A_PROOF, bound_the_rest};
use crate::cli::strictness::{Strictness, warn};
use crate::cli::{output, up};
use crate::engine::{self, EngineError, Gate, Lab, Up, Verified};
use crate::report::baseline::{self, Baseline};
use crate::report::json;
use crate::report::verification::{STEADY, Verification};
use crate::store::Folder;
use crate::verify::Verdict;
use outlet::read;
use progress::Progress;
use reports::Reports;

/// Prove every expected path of the lab file; then run its storyboards.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The lab: a name in the catalogue, or a path to a lab file. If it is not up, it is brought up first and down
    /// afterwards. Not needed if only one lab is up.
    name: Option<String>,
    /// A running lab.
    #[arg(long, conflicts_with = "name")]
    lab: Option<String>,
    /// Skip the storyboards: prove the lab as it is, and fail no links.
    #[arg(long)]
    steady: bool,
    #[command(flatten)]
    backend: Backend,
    #[command(flatten)]
    strictness: Strictness,
    /// Print no progress.
    #[arg(long)]
    quiet: bool,
    /// Compare with the `--json` output of an earlier run: a path fails if its hops differ or if it is no longer
    /// reached.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    reports: Reports,
}

/// An earlier result, with the name of its file.
type Earlier = (String, json::Verification);

impl Verify {
    pub(super) fn run(
        &self,
        patience: Duration,
        asked: Option<Duration>,
    ) -> Result<Exit, CommandError> {
        let began = output::now();
        let before = self.baseline.as_deref().map(read).transpose()?;
        let outlets = self.reports.open()?;
        let (up, was_up) = self.find_or_bring_up(patience, before.as_ref())?;
        let asked = asked.unwrap_or(FOR_A_PROOF);
        let time = Time {
            asked,
            left: asked.saturating_sub(began.elapsed()),
        };
        let proved = self.proved(&up, was_up, time)?;
        bound_the_rest();
        let Verified {
            in_force,
            results,
            probes,
            outages,
        } = proved;
        let mut verification = Verification {
            topology: &up.lab.topology,
            elapsed: began.elapsed(),
            in_force,
            results,
            probes,
            outages,
            baseline: None,
        };
        if let Some((file, before)) = &before {
            let now = json::Verification::from(&verification);
            let was_asked = |state: &str| !self.steady || state == STEADY;
            verification.baseline = Some(baseline::compare(file, before, &now, was_asked));
        }
        outlets.write(&up, &verification)?;
        let baseline = verification.baseline.as_ref();
        let is_same = baseline.is_none_or(Baseline::is_same);
        Ok(if verification.count(Verdict::Fail) == 0 && is_same {
            Exit::Done
        } else {
            Exit::Unmet
        })
    }

    /// The result. A lab that was not up before is down again.
    fn proved<'a>(
        &self,
        up: &'a Up,
        was_up: bool,
        time: Time,
    ) -> Result<Verified<'a>, CommandError> {
        let ward = if was_up {
            Ward::Lent(Box::new(up.clone()))
        } else {
            Ward::Own(up.folder.clone())
        };
        let gate = Arc::new(Gate::default());
        let guard = Guard::of(ward, Arc::clone(&gate), time)?;
        let mut progress = Progress::begin(self.quiet);
        let mut watch = |event: engine::Progress<'_>| progress.hear(event);
        let proved = engine::verify(up, self.steady, &gate, &mut watch);
        drop(progress);
        guard.end();
        if !was_up {
            engine::down(&up.folder)?;
        }
        Ok(proved?)
    }

    /// The lab with the file's expectations, and whether it was up before.
    fn find_or_bring_up(
        &self,
        patience: Duration,
        before: Option<&Earlier>,
    ) -> Result<(Up, bool), CommandError> {
        let Some(name) = &self.name else {
            engine::enter_user_namespace(self.lab.as_deref())?;
            let up = engine::running(self.lab.as_deref())?;
            self.strictness.admit(&up.lab.source, &up.lab.warnings)?;
            are_of_one_lab(before, &up.lab)?;
            return Ok((up, true));
        };
        let loaded = load(name).map_err(CommandError::from);
        let lab = loaded.map_err(|error| self.strictness.levelled(error))?;
        self.strictness.admit(&lab.source, &lab.warnings)?;
        are_of_one_lab(before, &lab)?;
        let was_up =
            up::bring_up(lab.source.clone(), self.backend.choice(), false, patience)?.was_up;
        if !was_up {
            warn(&lab.source, &lab.warnings);
        }
        let lab_name = lab.topology.name.as_str();
        engine::enter_user_namespace(Some(lab_name))?;
        let up = engine::running(Some(lab_name))?;
        Ok((Up { lab, ..up }, was_up))
    }
}

/// Whether an earlier result is about this lab.
fn are_of_one_lab(before: Option<&Earlier>, lab: &Lab) -> Result<(), CommandError> {
    let lab = lab.topology.name.as_str();
    match before {
        Some((file, before)) if before.lab != lab => Err(CommandError::OtherLab {
            file: file.clone(),
            of: before.lab.clone(),
            lab: lab.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// A lab by its name in the catalogue, its file, or its name while it is up.
fn load(name: &str) -> Result<Lab, EngineError> {
    let loaded = engine::load(name);
    if let Err(EngineError::NoSuchLab { .. }) = &loaded
        && let Some(folder) = Folder::all()
            .iter()
            .find(|folder| folder.lab().as_str() == name)
    {
        return engine::running(Some(folder.lab().as_str())).map(|up| up.lab);
    }
    loaded
}
