//! Finds the running lab that a command means, and nodes in it.

use crate::engine::{EngineError, Lab, lab};
use crate::findings;
use crate::kernel::netns;
use crate::names::LabName;
use crate::spec::Source;
use crate::store::{Carriers, Folder};
use crate::topology::{NodeId, Topology};

/// A lab that is up, or was.
#[derive(Debug, Clone)]
pub struct Up {
    /// Its folder.
    pub folder: Folder,
    /// What it was built from.
    pub lab: Lab,
    /// What carries it; none where it was never finished.
    pub carriers: Option<Carriers>,
}

/// The lab of that name or, without one, the only one that is up.
///
/// # Errors
///
/// [`EngineError`], where there is none, or more than one and no name.
pub fn running(name: Option<&str>) -> Result<Up, EngineError> {
    let folder = match name {
        Some(name) => LabName::new(name)
            .ok()
            .map(|lab| Folder::of(&lab))
            .filter(Folder::exists),
        None => match Folder::all().as_slice() {
            [] => return Err(EngineError::NoneUp),
            [only] => Some(only.clone()),
            several => {
                return Err(EngineError::WhichLab(
                    several
                        .iter()
                        .map(|folder| folder.lab().to_string())
                        .collect(),
                ));
            }
        },
    };
    let not_up = || EngineError::NotUp {
        name: name.unwrap_or_default().to_owned(),
    };
    let folder = folder.ok_or_else(not_up)?;
    let record = folder.read()?.ok_or_else(not_up)?;
    let lab = lab::load_text(Source {
        file: record.file,
        text: record.text,
    })?;
    Ok(Up {
        folder,
        lab,
        carriers: record.carriers,
    })
}

/// The node of that name.
///
/// # Errors
///
/// [`EngineError::NoSuchNode`].
pub fn find(topology: &Topology, name: &str) -> Result<NodeId, EngineError> {
    topology.find(name).ok_or_else(|| EngineError::NoSuchNode {
        lab: topology.name.to_string(),
        name: name.to_owned(),
        near: findings::near(name, topology.nodes.iter().map(|node| node.name.as_str()))
            .map(str::to_owned),
    })
}

impl Up {
    /// The namespace of a node, opened.
    ///
    /// # Errors
    ///
    /// [`EngineError::System`], where it is gone.
    pub fn namespace(&self, node: NodeId) -> Result<netns::Netns, EngineError> {
        let name = self.lab.plan.namespace(node);
        netns::Netns::open(&name)
            .map_err(|source| EngineError::system(format!("open namespace {name}"), source))
    }
}
