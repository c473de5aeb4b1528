//! Selects the lab for a command about routes.

use clap::Args;

use crate::cli::exit::CommandError;
use crate::engine::{self, Faults};
use crate::network::State;
use crate::topology::{NodeId, SpeakerId, Topology};

/// The lab, and its failures.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// The running lab, in its present state; not needed if only one is up.
    #[arg(long, conflicts_with = "file")]
    lab: Option<String>,
    /// A lab that need not be up: a name in the catalogue, or a path to a lab file. It needs no root.
    #[arg(long)]
    file: Option<String>,
    /// A link or a node of that lab that is down, or a BGP session as in `lab fault`; may be repeated.
    #[arg(long, value_name = "LINK", requires = "file")]
    down: Vec<String>,
}

impl Which {
    /// The state of the lab: that of the running lab, or the one computed from the file.
    pub(super) fn state(&self) -> Result<State<'static>, CommandError> {
        if let Some(file) = &self.file {
            return Ok(engine::state_of_file(file, &self.down)?);
        }
        let up = engine::running(self.lab.as_deref())?;
        Ok(engine::state(&up)?.into_owned())
    }

    /// The lab's state, and the text of its file.
    pub(super) fn state_and_text(&self) -> Result<(State<'static>, String), CommandError> {
        if let Some(file) = &self.file {
            let lab = engine::load(file)?;
            return Ok((engine::state_of(lab.topology, &self.down)?, lab.source.text));
        }
        let up = engine::running(self.lab.as_deref())?;
        let state = engine::state(&up)?.into_owned();
        Ok((state, up.lab.source.text))
    }

    /// The failures with which an edited lab file is tried.
    pub(super) fn faults(&self) -> Faults<'_> {
        if self.is_file() {
            Faults::Down(&self.down)
        } else {
            Faults::Present
        }
    }

    /// The name of the running lab, if given.
    pub(super) fn lab(&self) -> Option<&str> {
        self.lab.as_deref()
    }

    /// The file or catalogue name of a lab that need not be up, if given.
    pub(super) fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Whether the lab is given as a file.
    pub(super) const fn is_file(&self) -> bool {
        self.file.is_some()
    }
}

/// The instances of the gateway with that name; otherwise the one node with that name.
pub(super) fn nodes(topology: &Topology, name: &str) -> Result<Vec<NodeId>, CommandError> {
    let mut gateways = topology.gateways.iter();
    Ok(
        match gateways.find(|gateway| gateway.name.as_str() == name) {
            Some(gateway) => gateway.instances.clone(),
            None => vec![engine::find(topology, name)?],
        },
    )
}

/// The speakers of BGP with that name: one, or all instances of a gateway.
pub(super) fn speakers(topology: &Topology, name: &str) -> Result<Vec<SpeakerId>, CommandError> {
    let named = topology.speakers_named(name);
    let speakers: Vec<SpeakerId> = if named.is_empty() {
        nodes(topology, name)?
            .into_iter()
            .map(SpeakerId::from)
            .collect()
    } else {
        named.into_iter().collect()
    };
    let sessions = topology.sessions.iter();
    let mut ends = sessions.flat_map(|session| &session.ends);
    if ends.any(|end| speakers.contains(&end.speaker())) {
        Ok(speakers)
    } else {
        Err(CommandError::NotASpeaker {
            name: name.to_owned(),
        })
    }
}
