//! Finds the running lab of a command, and nodes in it.

use std::borrow::Cow;
use std::time::Duration;

use crate::addresses::{Address, is_ipv6_address};
use crate::engine::parts::{nodes_of, parts_of};
use crate::engine::user_namespace::{is_roots, roots_are_hidden};
use crate::engine::{EngineError, Lab, check, client, lab, noticed};
use crate::findings;
use crate::kernel::netns;
use crate::names::LabName;
use crate::network::{Disturbances, State};
use crate::store::{Carriers, Folder, StoreError};
use crate::topology::{InterfaceId, LinkId, NodeId, Topology};
use crate::yaml::Source;

/// A lab that is or was up.
#[derive(Debug, Clone)]
pub struct Up {
    /// Its folder.
    pub folder: Folder,
    /// Its record.
    pub lab: Lab,
    /// Its backends; `None` if it was never finished.
    pub carriers: Option<Carriers>,
}

/// The lab with that name or, without a name, the only one that is up. Waits for one that is being built.
///
/// # Errors
///
/// [`EngineError`], if there is none, if there are several and no name, or if its supervisor is stopped.
pub fn running(name: Option<&str>) -> Result<Up, EngineError> {
    loop {
        let up = as_it_is(name);
        let is_finished = up.as_ref().is_ok_and(|up| up.carriers.is_some());
        if !is_finished && folder(name)?.settle()? {
            continue;
        }
        let up = up?;
        client::check_responsive(&up.folder)?;
        return Ok(up);
    }
}

/// The lab with that name or, without a name, the only one that is up. Waits for commands that change it.
///
/// # Errors
///
/// [`EngineError`], as for [`running`].
pub fn running_settled(name: Option<&str>) -> Result<Up, EngineError> {
    folder(name)?.settle()?;
    running(name)
}

/// The lab with that name or, without a name, the only one that is up, even while it is being changed.
pub(super) fn as_it_is(name: Option<&str>) -> Result<Up, EngineError> {
    let folder = folder(name)?;
    let Some(record) = folder.read()? else {
        let why = begun(&folder).or_else(|| lost(&folder));
        return Err(why.unwrap_or_else(|| not_up(folder.lab().as_str())));
    };
    let source = Source {
        file: record.file,
        text: record.text,
    };
    // It was valid when the record was written.
    let lab = lab::load_recorded(source).map_err(|_| folder.other_version())?;
    Ok(Up {
        folder,
        lab,
        carriers: record.carriers,
    })
}

/// The folder of that lab.
pub(super) fn folder(name: Option<&str>) -> Result<Folder, EngineError> {
    if let Some(name) = name {
        let named = LabName::new(name).ok().map(|lab| Folder::of(&lab));
        return named.filter(Folder::exists).ok_or_else(|| not_up(name));
    }
    match Folder::all().as_slice() {
        [] if roots_are_hidden() => Err(EngineError::NoneOfYours),
        [] => Err(EngineError::NoneUp),
        [only] => Ok(only.clone()),
        several => {
            let names = several.iter().map(|folder| folder.lab().to_string());
            Err(EngineError::WhichLab(names.collect()))
        }
    }
}

/// The topology of a lab that is up, or of a lab file, without waiting for anybody; `None` if there is none.
#[must_use]
pub fn glance(name: &str) -> Option<Topology> {
    let recorded = || {
        let folder = folder(Some(name)).ok()?;
        folder.read().ok()?.map(|record| record.text)
    };
    let text = recorded().or_else(|| lab::source(name).ok().map(|source| source.text))?;
    lab::topology_of(&text)
}

/// The names of all labs that are up.
#[must_use]
pub fn up_names() -> Vec<String> {
    let folders = Folder::all();
    folders
        .iter()
        .map(|folder| folder.lab().to_string())
        .collect()
}

/// The file that the running lab with that name was built from; `None` if no lab with that name is up. Waits for one
/// that is being built.
///
/// # Errors
///
/// [`EngineError`], if its supervisor is stopped.
pub(super) fn recorded(name: &str) -> Result<Option<Source>, EngineError> {
    if !up_names().iter().any(|up| up == name) {
        return Ok(None);
    }
    running(Some(name)).map(|up| Some(up.lab.source))
}

fn not_up(name: &str) -> EngineError {
    let name = name.to_owned();
    if is_roots(&name) {
        EngineError::OfRoot { name }
    } else {
        let up = up_names();
        let near = findings::near(&name, up.iter().map(String::as_str)).map(str::to_owned);
        EngineError::NotUp { name, near }
    }
}

/// Why a lab's folder has no record: another process is about to write it, or to remove the folder.
fn begun(folder: &Folder) -> Option<EngineError> {
    let holder = Some(folder.holder()?);
    let lab = folder.lab().clone();
    let waited = Duration::ZERO;
    Some(
        StoreError::Locked {
            lab,
            holder,
            waited,
        }
        .into(),
    )
}

/// Why a lab with a supervisor has no record: it was removed.
fn lost(folder: &Folder) -> Option<EngineError> {
    client::supervisor(folder)?;
    let lab = folder.lab().clone();
    Some(StoreError::Lost { lab }.into())
}

/// The node with that name.
///
/// # Errors
///
/// [`EngineError::NoSuchNode`].
pub fn find(topology: &Topology, name: &str) -> Result<NodeId, EngineError> {
    topology.find(name).ok_or_else(|| EngineError::NoSuchNode {
        lab: topology.name.to_string(),
        name: name.to_owned(),
        near: instances(topology, name)
            .or_else(|| nodes_of(topology, name))
            .or_else(|| {
                let near = findings::near(name, nodes_and_gateways(topology))?;
                instances(topology, near).or_else(|| Some(near.to_owned()))
            }),
    })
}

/// The network interface with a name of the form MACHINE/INTERFACE; none for another name.
///
/// # Errors
///
/// [`EngineError::NoSuchNode`] and [`EngineError::NoSuchInterface`].
pub fn find_nic(topology: &Topology, name: &str) -> Result<Option<InterfaceId>, EngineError> {
    let Some((machine, wanted)) = name.split_once('/') else {
        return Ok(None);
    };
    let node = find(topology, machine)?;
    let nic = topology.nic_named(node, wanted);
    nic.map(Some).ok_or_else(|| EngineError::NoSuchInterface {
        node: machine.to_owned(),
        name: wanted.to_owned(),
        there: topology
            .nics(node)
            .map(|(_, nic)| nic.name.to_string())
            .collect(),
    })
}

fn nodes_and_gateways(topology: &Topology) -> impl Iterator<Item = &str> {
    let nodes = topology.nodes.iter().map(|node| node.name.as_str());
    let gateways = topology.gateways.iter();
    nodes.chain(gateways.map(|gateway| gateway.name.as_str()))
}

/// The instances of the active-active gateway with that name, which is not itself a node.
fn instances(topology: &Topology, name: &str) -> Option<String> {
    let mut gateways = topology.gateways.iter();
    let gateway = gateways.find(|gateway| gateway.name.as_str() == name)?;
    let names = gateway.instances.iter();
    let names = names.map(|node| topology.node(*node).name.to_string());
    Some(names.collect::<Vec<_>>().join("` or `"))
}

/// The links of a name: one link, or all links of a node or gateway.
///
/// # Errors
///
/// [`EngineError::NoSuchPart`].
pub fn find_links(topology: &Topology, name: &str) -> Result<Vec<LinkId>, EngineError> {
    let links = topology.links_named(name);
    if !links.is_empty() {
        return Ok(links);
    }
    let names = topology.links.iter().map(|link| link.name.as_str());
    let others = nodes_and_gateways(topology);
    let near = || findings::near(name, names.chain(others)).map(str::to_owned);
    Err(EngineError::NoSuchPart {
        lab: topology.name.to_string(),
        name: name.to_owned(),
        near: parts_of(topology, name).or_else(near),
    })
}

/// The address of a destination given by name or number, as a node sees it.
///
/// # Errors
///
/// [`EngineError::NoSuchNode`], [`EngineError::NoSuchInterface`], [`EngineError::NoAddress`],
/// [`EngineError::AnothersAddress`], or [`EngineError::Ipv6`].
pub fn address(
    topology: &Topology,
    from: NodeId,
    destination: &str,
) -> Result<Address, EngineError> {
    let given: Option<Address> = destination.parse().ok();
    if let Some(address) = given.filter(|address| address.is_ipv4()) {
        return Ok(address);
    }
    if is_ipv6_address(destination) {
        return Err(EngineError::Ipv6 {
            address: destination.to_owned(),
        });
    }
    let (address, other) = if let Some(nic) = find_nic(topology, destination)? {
        let address = topology.address_of(nic);
        let owner = address.and_then(|address| topology.owner(from, address));
        let other = owner.filter(|owner| *owner != topology.interface(nic).node);
        (address, other)
    } else {
        let node = find(topology, destination)?;
        (topology.node(node).address, topology.taken_for(from, node))
    };
    let address = address.ok_or_else(|| EngineError::NoAddress {
        name: destination.to_owned(),
    })?;
    match other {
        Some(other) => Err(EngineError::AnothersAddress {
            name: destination.to_owned(),
            address,
            from: topology.node(from).name.to_string(),
            other: topology.node(other).name.to_string(),
        }),
        None => Ok(address),
    }
}

/// The present state of a running lab: its failures, and the routes that follow from them, at one moment.
///
/// # Errors
///
/// [`EngineError`], if BGP does not converge.
pub fn state(up: &Up) -> Result<State<'_>, EngineError> {
    let (failures, disturbances) = check::current(up);
    let topology = Cow::Borrowed(&up.lab.topology);
    Ok(State::solve(topology, failures, disturbances)?)
}

/// The state of a lab that need not be up, with failed links or nodes.
///
/// # Errors
///
/// [`EngineError`], with all findings together if the file has errors.
pub fn state_of_file(file: &str, down: &[String]) -> Result<State<'static>, EngineError> {
    state_of(lab::load(file)?.topology, down)
}

/// The state of a loaded lab with failed links or nodes.
///
/// # Errors
///
/// [`EngineError`], if nothing has one of the names, or if BGP does not converge.
pub fn state_of(topology: Topology, down: &[String]) -> Result<State<'static>, EngineError> {
    let failures = noticed(&topology, down)?;
    let topology = Cow::Owned(topology);
    Ok(State::solve(topology, failures, Disturbances::default())?)
}

impl Up {
    /// Whether the lab's record is unchanged since this was read.
    #[must_use]
    pub fn is_recorded(&self) -> bool {
        let record = self.folder.read().ok().flatten();
        record.is_some_and(|record| {
            record.carriers == self.carriers
                && record.file == self.lab.source.file
                && record.text == self.lab.source.text
        })
    }

    /// The namespace of a node, opened.
    ///
    /// # Errors
    ///
    /// [`EngineError::System`], if it is missing.
    pub fn namespace(&self, node: NodeId) -> Result<netns::Netns, EngineError> {
        let name = self.lab.plan.namespace(node);
        netns::Netns::open(&name)
            .map_err(|source| EngineError::system(format!("open namespace {name}"), source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::load;

    #[test]
    fn a_gateway_of_two_instances_is_no_node_and_its_instances_are_named() {
        let topology = load("er-vpn-coexistence").unwrap().topology;
        let hint = "did you mean `hub-vpngw-in0` or `hub-vpngw-in1`?";
        for name in ["hub-vpngw", "hub-vpngv"] {
            let refused = find(&topology, name).unwrap_err().to_string();
            assert!(refused.ends_with(hint), "{refused}");
        }
        assert!(find(&topology, "hub-vpngw-in1").is_ok());
    }
}
