//! `lab verify`

use clap::Args;

use crate::cli::exit::{CommandError, Exit, needs_root};
use crate::cli::{output, up};
use crate::engine::{self, EngineError, Lab, Up};
use crate::report::json;
use crate::report::verification::{Checked, STEADY, Verification, text};
use crate::store::Folder;
use crate::verify::{self, Verdict};

/// Prove every path that the lab file expects, all at once.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The lab: a name of the catalogue, or a path to a lab file. It is brought up first, and down
    /// after, when it is not up. May be left out while only one lab is up.
    name: Option<String>,
    /// A lab that is up.
    #[arg(long, conflicts_with = "name")]
    lab: Option<String>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let began = output::now();
        let (up, was_up) = self.find_or_bring_up()?;
        let proved = prove(&up);
        if !was_up {
            engine::down(&up.folder)?;
        }
        let results = proved?;
        let verification = Verification {
            topology: &up.lab.topology,
            elapsed: began.elapsed(),
            results,
        };
        if self.json {
            output::json(&json::Verification::from(&verification))?;
        } else {
            output::text(&text(&verification))?;
        }
        Ok(if verification.count(Verdict::Fail) == 0 {
            Exit::Done
        } else {
            Exit::Unmet
        })
    }

    /// The lab with the file's expectations, and whether it was up before.
    fn find_or_bring_up(&self) -> Result<(Up, bool), CommandError> {
        let Some(name) = &self.name else {
            needs_root("verify")?;
            return Ok((engine::running(self.lab.as_deref())?, true));
        };
        let lab = load(name)?;
        needs_root("verify")?;
        let was_up = up::bring_up(&lab)?;
        let up = engine::running(Some(lab.topology.name.as_str()))?;
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

fn prove(up: &Up) -> Result<Vec<Checked<'_>>, EngineError> {
    let Lab {
        topology, tables, ..
    } = &up.lab;
    let observations = engine::observations(up)?;
    let expectations = topology.expectations.iter().zip(observations);
    let checked = expectations.map(|(expectation, observation)| Checked {
        state: STEADY.to_owned(),
        expectation,
        judgement: verify::judge(topology, tables, expectation, &observation),
        observation,
    });
    Ok(checked.collect())
}
