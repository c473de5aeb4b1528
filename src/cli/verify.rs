//! `lab verify`

use std::time::Duration;

use clap::Args;

use crate::cli::backend::Backend;
use crate::cli::exit::{CommandError, Exit};
use crate::cli::interrupt::Guard;
use crate::cli::output::{self, Format};
use crate::cli::up;
use crate::engine::{self, EngineError, Lab, Told, Up};
use crate::report::json;
use crate::report::storyboard::StepOutages;
use crate::report::verification::{Checked, STEADY, Verification, text};
use crate::store::Folder;
use crate::topology::{LinkId, Step};
use crate::verify::{self, Judgement, Observation, ProbeCount, Verdict};

/// Prove every path that the lab file expects, all at once; then tell its storyboards.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The lab: a name of the catalogue, or a path to a lab file. It is brought up first, and down
    /// after, when it is not up. May be left out while only one lab is up.
    name: Option<String>,
    /// A lab that is up.
    #[arg(long, conflicts_with = "name")]
    lab: Option<String>,
    /// Leave the storyboards out: prove what the lab expects as it is, and break nothing.
    #[arg(long)]
    steady: bool,
    #[command(flatten)]
    backend: Backend,
    #[command(flatten)]
    format: Format,
}

/// What was proved.
struct Proved<'a> {
    results: Vec<Checked<'a>>,
    probes: ProbeCount,
    outages: Vec<StepOutages>,
}

impl Verify {
    pub(super) fn run(&self, patience: Duration) -> Result<Exit, CommandError> {
        let began = output::now();
        let (up, was_up) = self.find_or_bring_up(patience)?;
        let guard = (!was_up).then(|| Guard::of(&up.folder)).transpose()?;
        let proved = self.prove(&up);
        if let Some(guard) = guard {
            guard.end();
            engine::down(&up.folder)?;
        }
        let Proved {
            results,
            probes,
            outages,
        } = proved?;
        let verification = Verification {
            topology: &up.lab.topology,
            elapsed: began.elapsed(),
            results,
            probes,
            outages,
        };
        let report = json::Verification::from(&verification);
        self.format.print(&report, || text(&verification))?;
        Ok(if verification.count(Verdict::Fail) == 0 {
            Exit::Done
        } else {
            Exit::Unmet
        })
    }

    fn prove<'a>(&self, up: &'a Up) -> Result<Proved<'a>, EngineError> {
        let mut proved = steady(up)?;
        if !self.steady {
            storyboards(up, &mut proved)?;
        }
        Ok(proved)
    }

    /// The lab with the file's expectations, and whether it was up before.
    fn find_or_bring_up(&self, patience: Duration) -> Result<(Up, bool), CommandError> {
        let Some(name) = &self.name else {
            engine::enter_session(self.lab.as_deref())?;
            return Ok((engine::running(self.lab.as_deref())?, true));
        };
        let lab = load(name)?;
        let was_up =
            up::bring_up(lab.source.clone(), self.backend.choice(), false, patience)?.was_up;
        let lab_name = lab.topology.name.as_str();
        engine::enter_session(Some(lab_name))?;
        let up = engine::running(Some(lab_name))?;
        Ok((Up { lab, ..up }, was_up))
    }
}

/// A lab by the name of a catalogue entry, a file, or a lab that is up.
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

/// Every expectation, of the lab as it is.
fn steady(up: &Up) -> Result<Proved<'_>, EngineError> {
    let Lab { topology, .. } = &up.lab;
    let tables = engine::tables(up)?;
    let (observations, probes) = engine::observations(up, &tables, &topology.expectations)?;
    let expectations = topology.expectations.iter().zip(observations);
    let checked = expectations.map(|(expectation, observation)| Checked {
        state: STEADY.to_owned(),
        expectation,
        judgement: verify::judge(topology, &tables, expectation, &observation),
        observation,
    });
    Ok(Proved {
        results: checked.collect(),
        probes,
        outages: Vec::new(),
    })
}

/// Every step of every storyboard, and what it cost.
fn storyboards<'a>(up: &'a Up, proved: &mut Proved<'a>) -> Result<(), EngineError> {
    let broken = engine::broken(up);
    if !broken.is_empty() {
        proved.results.extend(untold(up, &broken));
        return Ok(());
    }
    for storyboard in &up.lab.topology.storyboards {
        for told in engine::tell(up, storyboard)? {
            proved.outages.push(cost(up, &told));
            proved.probes += told.probes;
            proved.results.extend(judged(up, told));
        }
    }
    Ok(())
}

/// The steps' expectations where the lab is broken to begin with.
fn untold<'a>(up: &'a Up, broken: &[String]) -> Vec<Checked<'a>> {
    let why = format!(
        "a storyboard begins with a whole lab, but {} failed already: `lab heal --all`",
        broken.join(" and ")
    );
    let storyboards = up.lab.topology.storyboards.iter();
    let steps = storyboards.flat_map(|storyboard| &storyboard.steps);
    steps
        .flat_map(|step| {
            step.expectations.iter().map(|expectation| Checked {
                state: step.name.to_string(),
                expectation,
                judgement: Judgement::skipped(why.clone()),
                observation: Observation::default(),
            })
        })
        .collect()
}

fn judged<'a>(up: &Up, told: Told<'a>) -> Vec<Checked<'a>> {
    let tables = told.tables;
    let seen = told.step.expectations.iter().zip(told.observations);
    seen.map(|(expectation, observation)| Checked {
        state: told.step.name.to_string(),
        expectation,
        judgement: verify::judge(&up.lab.topology, &tables, expectation, &observation),
        observation,
    })
    .collect()
}

fn cost(up: &Up, told: &Told<'_>) -> StepOutages {
    let names = |links: &[LinkId]| {
        let names = links.iter().map(|link| &up.lab.topology.link(*link).name);
        names.cloned().collect()
    };
    let Step {
        fault,
        blackhole,
        heal,
        ..
    } = told.step;
    StepOutages {
        storyboard: told.storyboard.name.to_string(),
        step: told.step.name.to_string(),
        fault: names(fault),
        blackhole: names(blackhole),
        heal: names(heal),
        paths: told.outages.clone(),
    }
}
