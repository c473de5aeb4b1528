//! What a name stands for that no node or link has: the nodes of a network or a site, the links of a circuit.

use std::collections::BTreeSet;

use crate::engine::EngineError;
use crate::findings;
use crate::topology::{Circuit, NodeId, SessionId, Topology};

/// How many names a suggestion has at most.
const MOST_NAMED: usize = 6;

fn circuit<'t>(topology: &'t Topology, name: &str) -> Option<&'t Circuit> {
    let mut circuits = topology.circuits.iter();
    circuits.find(|circuit| circuit.name.as_str() == name)
}

/// The nodes of the virtual network, site or circuit with that name, fit for a question: `a` or `b`. Machines come
/// before gateways and routers.
pub(super) fn nodes_of(topology: &Topology, name: &str) -> Option<String> {
    let inside: Vec<NodeId> = inside(topology, name);
    let is_end = |node: &NodeId| topology.node(*node).role.is_end();
    let machines: Vec<NodeId> = inside.iter().copied().filter(is_end).collect();
    let nodes = if machines.is_empty() {
        inside
    } else {
        machines
    };
    choice(nodes.iter().map(|node| topology.node(*node).name.as_str()))
}

/// The links of the circuit or connection with that name.
pub(super) fn links_of(topology: &Topology, name: &str) -> Option<String> {
    if let Some(circuit) = circuit(topology, name) {
        let links = circuit.links.iter();
        return choice(links.map(|link| topology.link(*link).name.as_str()));
    }
    let start = format!("{name}-");
    let links = topology.links.iter().map(|link| link.name.as_str());
    choice(links.filter(|link| link.starts_with(&start)))
}

/// The BGP sessions of a name.
///
/// # Errors
///
/// [`EngineError::NoSuchSession`].
pub fn find_sessions(topology: &Topology, name: &str) -> Result<BTreeSet<SessionId>, EngineError> {
    let sessions = topology.sessions_named(name);
    if !sessions.is_empty() {
        return Ok(sessions);
    }
    let names: Vec<String> = topology.session_names().collect();
    let near = findings::near(name, names.iter().map(String::as_str));
    Err(EngineError::NoSuchSession {
        lab: topology.name.to_string(),
        name: name.to_owned(),
        near: near.map(str::to_owned),
    })
}

/// What can fail of a circuit, a network, a site or a connection: its links or its nodes.
pub(super) fn parts_of(topology: &Topology, name: &str) -> Option<String> {
    if circuit(topology, name).is_some() {
        return links_of(topology, name);
    }
    let nodes = inside(topology, name);
    let nodes = choice(nodes.iter().map(|node| topology.node(*node).name.as_str()));
    nodes.or_else(|| links_of(topology, name))
}

/// The nodes of a network or a site, or the MSEEs of a circuit.
fn inside(topology: &Topology, name: &str) -> Vec<NodeId> {
    if let Some(circuit) = circuit(topology, name) {
        return circuit.msees.clone();
    }
    let is_inside = |node: &NodeId| {
        let role = &topology.node(*node).role;
        let network = role.vnet().map(|vnet| topology.vnet(vnet).name.as_str());
        let site = role.site().map(|site| topology.sites[site.0].name.as_str());
        network.or(site) == Some(name)
    };
    let nodes = (0..topology.nodes.len()).map(NodeId);
    nodes.filter(is_inside).collect()
}

/// Names to choose from, without the first and the last backtick; `None` without names.
fn choice<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.take(MOST_NAMED).collect();
    let (last, others) = names.split_last()?;
    if others.is_empty() {
        return Some((*last).to_owned());
    }
    Some(format!("{}` or `{last}", others.join("`, `")))
}

#[cfg(test)]
mod tests {
    use crate::engine::{find, find_links, load};

    #[test]
    fn a_circuit_a_network_and_a_site_name_their_parts() {
        let topology = load("hub-spoke").unwrap().topology;
        let links = |name| find_links(&topology, name).unwrap_err().to_string();
        let node = |name| find(&topology, name).unwrap_err().to_string();
        insta::assert_snapshot!(links("er1"), @r"lab hub-spoke has no link or node `er1`; did you mean `er1-primary` or `er1-secondary`?");
        insta::assert_snapshot!(links("hub"), @r"lab hub-spoke has no link or node `hub`; did you mean `hub-vm`, `hub-vpngw` or `hub-ergw`?");
        insta::assert_snapshot!(node("hub"), @r"lab hub-spoke has no node `hub`; did you mean `hub-vm`?");
        insta::assert_snapshot!(node("loc1"), @r"lab hub-spoke has no node `loc1`; did you mean `loc1-vm`?");
        insta::assert_snapshot!(node("er1"), @r"lab hub-spoke has no node `er1`; did you mean `er1-msee1` or `er1-msee2`?");
    }
}
