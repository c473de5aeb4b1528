//! `lab verify`

mod last_word;
mod outlet;
mod progress;
mod reports;
mod several;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;

use crate::cli::backend::Backend;
use crate::cli::exit::{CommandError, Exit};
use crate::cli::interrupt::{Guard, Time, Ward};
use crate::cli::patience::{FOR_A_PROOF, bound_the_rest};
use crate::cli::strictness::{Strictness, warn};
use crate::cli::{output, up};
use crate::engine::{self, Gate, Interrupts, Lab, Scope, Up, Verified};
use crate::report::baseline::{self, Baseline};
use crate::report::json;
use crate::report::status::changed_file;
use crate::report::verification::{STEADY, Verification};
use crate::verify::Verdict;
use last_word::{LastWord, label};
use outlet::read;
use progress::Progress;
use reports::Reports;

/// Prove every expected path of the lab file; then run its storyboards.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The lab: a name in the catalogue, or a path to a lab file; `-` is standard input. If it is not up, it is brought
    /// up first and down afterwards. Not needed if only one lab is up. Several labs are proved one after the other.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// A running lab.
    #[arg(long, conflicts_with = "names")]
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
    /// reached. This covers all pairs of machines, including those without an expectation.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Succeed even if nothing was proved.
    #[arg(long)]
    allow_empty: bool,
    #[command(flatten)]
    reports: Reports,
}

/// The lab to verify.
struct Found {
    up: Up,
    /// Whether it was up before. Otherwise this command removes it.
    was_up: bool,
    /// Holds signals back since this command built it.
    held: Option<Interrupts>,
}

impl Found {
    const fn running(up: Up) -> Self {
        Self {
            up,
            was_up: true,
            held: None,
        }
    }
}

/// An earlier result, with the name of its file.
type Earlier = (String, json::Verification);

impl Verify {
    pub(super) fn run(
        &self,
        patience: Duration,
        asked: Option<Duration>,
    ) -> Result<Exit, CommandError> {
        match self.names.as_slice() {
            [] => self.run_one(None, patience, asked),
            [name] => self.run_one(Some(name), patience, asked),
            _ if self.baseline.is_some() => Err(CommandError::OneBaseline),
            _ => several::run(self, asked),
        }
    }

    /// The arguments of the process that verifies one of several labs.
    fn of_one(&self, asked: Option<Duration>) -> Vec<String> {
        let flags = [
            (self.reports.part_argument(), true),
            ("--steady", self.steady),
            ("--quiet", self.quiet),
            ("--strict", self.strictness.is_strict()),
            ("--traces", self.reports.traces),
            ("--allow-empty", self.allow_empty),
        ];
        let flags = flags.into_iter().filter(|(_, is_set)| *is_set);
        let flags = flags.map(|(flag, _)| flag.to_owned());
        let backend = self.backend.argument();
        let timeout = asked.map(|asked| format!("--timeout={}ms", asked.as_millis().max(1)));
        flags.chain(backend).chain(timeout).collect()
    }

    fn run_one(
        &self,
        name: Option<&str>,
        patience: Duration,
        asked: Option<Duration>,
    ) -> Result<Exit, CommandError> {
        let began = output::now();
        let before = self.baseline.as_deref().map(read).transpose()?;
        let last_word = LastWord::new(self.reports.open()?, label(name, self.lab.as_deref()));
        let result =
            self.prove_and_report(name, (began, patience, asked), before.as_ref(), &last_word);
        if let Err(error) = &result {
            last_word.tell(error)?;
        }
        result
    }

    fn prove_and_report(
        &self,
        name: Option<&str>,
        (began, patience, asked): (Instant, Duration, Option<Duration>),
        before: Option<&Earlier>,
        last_word: &LastWord,
    ) -> Result<Exit, CommandError> {
        let Found { up, was_up, held } = match name {
            Some(name) => self
                .find_or_bring_up(name, patience, before)
                .map_err(CommandError::of_a_build)?,
            None => Found::running(self.find(before)?),
        };
        hint(&up.lab);
        let asked = asked.unwrap_or(FOR_A_PROOF);
        let time = Time {
            asked,
            left: asked.saturating_sub(began.elapsed()),
        };
        let proved = self.proved((&up, was_up), time, held, last_word)?;
        bound_the_rest();
        let mut verification = verification(&up, proved, began.elapsed());
        if let Some((file, before)) = before {
            let now = json::Verification::from(&verification);
            let was_asked = |state: &str| !self.steady || state == STEADY;
            verification.baseline = Some(baseline::compare(file, before, &now, was_asked));
        }
        last_word.write(self.reports.part(&up, &verification)?)?;
        // The result is already printed, so the reason is only printed to standard error.
        if let Some(why) = self.nothing_proved(&up.lab, &verification) {
            why.tell();
            return Ok(why.exit());
        }
        let baseline = verification.baseline.as_ref();
        let is_same = baseline.is_none_or(Baseline::is_same);
        Ok(if verification.count(Verdict::Fail) == 0 && is_same {
            Exit::Done
        } else {
            Exit::Unmet
        })
    }

    /// The error if no path was verified or compared.
    fn nothing_proved(&self, lab: &Lab, verification: &Verification<'_>) -> Option<CommandError> {
        let skipped = verification.count(Verdict::Skip);
        let is_compared = verification
            .baseline
            .as_ref()
            .is_some_and(Baseline::has_paths);
        if self.allow_empty || is_compared || skipped < verification.results.len() {
            return None;
        }
        let steps = lab.topology.storyboards.iter().flat_map(|told| &told.steps);
        let is_told = steps.into_iter().any(|step| !step.expectations.is_empty());
        Some(if skipped > 0 {
            CommandError::AllSkipped { skipped }
        } else {
            CommandError::NothingExpected {
                lab: lab.topology.name.to_string(),
                file: lab.source.file.clone(),
                has_storyboards: self.steady && is_told,
                has_changed: engine::has_changed(&lab.source),
            }
        })
    }

    /// The result. A lab that was not up before is down again.
    fn proved<'a>(
        &self,
        (up, was_up): (&'a Up, bool),
        time: Time,
        held: Option<Interrupts>,
        last_word: &LastWord,
    ) -> Result<Verified<'a>, CommandError> {
        let ward = if was_up {
            Ward::Lent(Box::new(up.clone()))
        } else {
            Ward::Own(up.folder.clone())
        };
        let gate = Arc::new(Gate::default());
        let guard = Guard::of(ward, Arc::clone(&gate), time, held, last_word.of_a_guard())?;
        let scope = Scope {
            storyboards: !self.steady,
            // A later run may be compared with a result for programs, so this result contains all pairs.
            other_pairs: self.baseline.is_some() || self.reports.have_other_pairs(),
        };
        let mut progress = Progress::begin(self.quiet);
        let mut watch = |event: engine::Progress<'_>| progress.hear(event);
        let proved = engine::verify(up, scope, &gate, &mut watch);
        drop(progress);
        guard.end();
        if !was_up {
            engine::down(&up.folder)?;
        }
        Ok(proved?)
    }

    /// The running lab of a command without names.
    fn find(&self, before: Option<&Earlier>) -> Result<Up, CommandError> {
        engine::enter_user_namespace(self.lab.as_deref())?;
        let up = engine::running(self.lab.as_deref())?;
        self.strictness.admit(&up.lab.source, &up.lab.warnings)?;
        are_of_one_lab(before, &up.lab)?;
        Ok(up)
    }

    /// The lab with the file's expectations.
    fn find_or_bring_up(
        &self,
        name: &str,
        patience: Duration,
        before: Option<&Earlier>,
    ) -> Result<Found, CommandError> {
        let loaded = engine::load(name).map_err(CommandError::from);
        let lab = loaded.map_err(|error| self.strictness.levelled(error))?;
        self.strictness.admit(&lab.source, &lab.warnings)?;
        are_of_one_lab(before, &lab)?;
        let (report, held) =
            up::bring_up(lab.source.clone(), self.backend.choice(), false, patience)?;
        let was_up = report.was_up;
        if !was_up {
            warn(&lab.source, &lab.warnings);
        }
        let lab_name = lab.topology.name.as_str();
        engine::enter_user_namespace(Some(lab_name))?;
        let up = engine::running(Some(lab_name))?;
        let up = Up { lab, ..up };
        Ok(Found { up, was_up, held })
    }
}

/// The report of a verification, not yet compared with an earlier one.
fn verification<'a>(up: &'a Up, proved: Verified<'a>, elapsed: Duration) -> Verification<'a> {
    let Verified {
        in_force,
        results,
        probes,
        outages,
        others,
    } = proved;
    Verification {
        topology: &up.lab.topology,
        elapsed,
        in_force,
        results,
        probes,
        outages,
        others,
        baseline: None,
    }
}

/// Warns that the expectations of a running lab are not those of its file now.
fn hint(lab: &Lab) {
    if engine::has_changed(&lab.source) {
        let words = output::visible(&changed_file(&lab.source.file));
        // If this write fails, the proof is still valid.
        let _ = writeln!(io::stderr(), "warning: {words}");
    }
}

/// Checks that an earlier result is about this lab.
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
