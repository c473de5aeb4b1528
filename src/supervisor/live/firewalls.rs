//! Firewalls of a lab file are tried out before anything is built or changed.

use crate::engine::Lab;
use crate::kernel::{Complaint, Trial, try_firewall};
use crate::lab;
use crate::supervisor::error::SupervisorError;
use crate::topology::{NodeId, Topology};

/// The most complaints of one firewall in a message. nft repeats itself after the first.
const MOST_COMPLAINTS: usize = 3;

/// Loads the firewalls of nodes in temporary namespaces.
///
/// # Errors
///
/// [`SupervisorError::Firewall`] with the line of the lab file, and errors of the system.
pub(super) fn try_out(
    lab: &Lab,
    nodes: impl Iterator<Item = NodeId>,
) -> Result<(), SupervisorError> {
    let topology = &lab.topology;
    for node in nodes {
        let Some(firewall) = &topology.node(node).firewall else {
            continue;
        };
        let names = topology.interfaces_of(node);
        let names: Vec<_> = names.map(|(_, interface)| interface.name.clone()).collect();
        let trial = try_firewall(firewall, &names);
        let trial = trial
            .map_err(|source| SupervisorError::system("try a firewall out with nft", source))?;
        if let Some(wrong) = wrong(lab, node, trial) {
            let node = topology.node(node).name.to_string();
            return Err(SupervisorError::Firewall { node, wrong });
        }
    }
    Ok(())
}

fn wrong(lab: &Lab, node: NodeId, trial: Trial) -> Option<String> {
    match trial {
        Trial::Passed => None,
        Trial::Refused(complaints) => {
            let shown = complaints.iter().take(MOST_COMPLAINTS);
            let shown = shown.map(|complaint| located(lab, node, complaint));
            let shown: Vec<String> = shown.collect();
            Some(format!("is refused by nft: {}", shown.join("; ")))
        }
        Trial::TouchesTheLab => Some(
            "changes the tables that the lab itself loads (`ip lab`, `bridge lab` and `netdev blackhole-*`); \
             leave these out"
                .to_owned(),
        ),
        Trial::Hides(tables) => {
            let tables: Vec<String> = tables.iter().map(ToString::to_string).collect();
            Some(format!(
                "creates the tables {} by other commands than `table`, so that a change of the file could not remove \
                 them; write each as `table FAMILY NAME {{ ... }}`",
                tables.join(" and ")
            ))
        }
    }
}

/// What nft says, with the line of the lab file.
fn located(lab: &Lab, node: NodeId, complaint: &Complaint) -> String {
    let Complaint { line, said } = complaint;
    let line = line.and_then(|line| line_in_file(lab, &lab.topology, node, line));
    match line {
        Some(line) => format!("{}:{line}: {said}", lab.source.file),
        None => said.clone(),
    }
}

fn line_in_file(lab: &Lab, topology: &Topology, node: NodeId, line: usize) -> Option<usize> {
    let name = topology.node(node).name.as_str();
    lab::line_of_firewall(&lab.source.text, name, line)
}
