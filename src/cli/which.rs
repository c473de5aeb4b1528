//! The lab that a question about routes is for.

use std::net::Ipv4Addr;

use clap::Args;

use crate::cli::exit::CommandError;
use crate::engine::{self, InForce};
use crate::routing::{self, Failures, Tables};
use crate::topology::{NodeId, Topology};
use crate::verify::Disturbances;
use crate::verify::why::Network;

/// The lab, and its failures.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// The running lab, in its present state; not needed if only one is up.
    #[arg(long, conflicts_with = "file")]
    lab: Option<String>,
    /// A lab that need not be up: a name in the catalogue, or a path to a lab file. It needs no root.
    #[arg(long)]
    file: Option<String>,
    /// A link or a node of that lab that is down; may be repeated.
    #[arg(long, value_name = "LINK", requires = "file")]
    down: Vec<String>,
}

/// A lab with its routes and failures.
#[derive(Debug)]
pub(super) struct Solved {
    pub(super) topology: Topology,
    pub(super) tables: Tables,
    pub(super) failures: Failures,
    pub(super) disturbances: Disturbances,
}

impl Which {
    /// The lab's routes: those of the running lab, or those computed from the file.
    pub(super) fn solved(&self) -> Result<Solved, CommandError> {
        if let Some(file) = &self.file {
            return Solved::of_file(file, &self.down);
        }
        let up = engine::running(self.lab.as_deref())?;
        let InForce {
            tables,
            failures,
            disturbances,
        } = engine::in_force(&up)?;
        Ok(Solved {
            topology: up.lab.topology,
            tables,
            failures,
            disturbances,
        })
    }

    /// The name of the running lab, if given.
    pub(super) fn lab(&self) -> Option<&str> {
        self.lab.as_deref()
    }

    /// Whether the lab need not be up.
    pub(super) const fn is_file(&self) -> bool {
        self.file.is_some()
    }
}

impl Solved {
    /// A lab that need not be up, with failed links or nodes.
    pub(super) fn of_file(file: &str, down: &[String]) -> Result<Self, CommandError> {
        let topology = engine::load(file)?.topology;
        let down = engine::links_named(&topology, down)?;
        let failures = Failures::noticed(&topology, down.into_iter().collect());
        let tables = routing::solve(&topology, &failures).map_err(engine::EngineError::from)?;
        Ok(Self {
            topology,
            tables,
            failures,
            disturbances: Disturbances::default(),
        })
    }

    /// The input of questions about its routes.
    pub(super) const fn network(&self) -> Network<'_> {
        Network {
            topology: &self.topology,
            tables: &self.tables,
            failures: &self.failures,
            disturbances: &self.disturbances,
        }
    }

    /// The node with that name.
    pub(super) fn node(&self, name: &str) -> Result<NodeId, CommandError> {
        Ok(engine::find(&self.topology, name)?)
    }

    /// The address of a destination given by name or number, as a node sees it.
    pub(super) fn address(
        &self,
        from: NodeId,
        destination: &str,
    ) -> Result<Ipv4Addr, CommandError> {
        Ok(engine::address(&self.topology, from, destination)?)
    }

    /// The instances of the gateway with that name, or the one node with that name.
    pub(super) fn nodes(&self, name: &str) -> Result<Vec<NodeId>, CommandError> {
        let mut gateways = self.topology.gateways.iter();
        Ok(
            match gateways.find(|gateway| gateway.name.as_str() == name) {
                Some(gateway) => gateway.instances.clone(),
                None => vec![self.node(name)?],
            },
        )
    }

    /// The same, if they have BGP neighbours.
    pub(super) fn speakers(&self, name: &str) -> Result<Vec<NodeId>, CommandError> {
        let speakers = self.nodes(name)?;
        let mut ends = self
            .topology
            .sessions
            .iter()
            .flat_map(|session| &session.ends);
        if ends.any(|end| speakers.contains(&end.node)) {
            Ok(speakers)
        } else {
            Err(CommandError::NotASpeaker {
                name: name.to_owned(),
            })
        }
    }
}
