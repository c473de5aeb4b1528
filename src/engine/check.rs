//! Whether every namespace has what belongs there by now, and nothing else.

use std::collections::BTreeSet;

use crate::engine::comparison::Belonging;
use crate::engine::control::{self, FaultStatus};
use crate::engine::{EngineError, Health, Up};
use crate::kernel;
use crate::plan;
use crate::routing::{self, Failures};
use crate::topology::{LinkId, NodeId, SessionId, Topology};
use crate::verify::Disturbances;

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Check {
    /// Routes that are as they should be.
    pub agreeing: usize,
    /// Namespaces that were compared.
    pub namespaces: usize,
    /// What differs, in sentences.
    pub differences: Vec<String>,
}

/// Compares routes, addresses, permanent neighbors, static forwarding entries and rules of every namespace with what the
/// lab file says and the solver computes for the current state.
///
/// # Errors
///
/// [`EngineError::NotConverged`].
pub fn check(up: &Up, health: &Health) -> Result<Check, EngineError> {
    let topology = &up.lab.topology;
    let failures = match &health.supervisor {
        Some(supervisor) => failures(topology, &supervisor.faults),
        None => Failures::default(),
    };
    let tables = routing::solve(topology, &failures)?;
    let expected = plan::routes(topology, &tables, &failures);
    let belonging = Belonging::of(&up.lab.plan, |_| true);
    let mut check = Check::default();
    for (index, node) in topology.nodes.iter().enumerate() {
        let id = NodeId(index);
        match kernel::standing(&up.lab.plan.namespace(id), id) {
            Ok(standing) => {
                let difference = belonging.compare(id, expected.of(id), &standing);
                check.namespaces += 1;
                check.agreeing += difference.agreeing;
                check
                    .differences
                    .extend(belonging.sentences(id, &difference));
            }
            Err(error) => check.differences.push(format!(
                "{}: its kernel tables cannot be read: {error}",
                node.name
            )),
        }
    }
    Ok(check)
}

/// What is broken in a running lab by now, and what was done to its links, as its supervisor has it.
pub(super) fn current(up: &Up) -> (Failures, Disturbances) {
    let topology = &up.lab.topology;
    let Some(supervisor) = control::ask(&up.folder) else {
        return Default::default();
    };
    let impaired = supervisor.impaired.into_iter();
    let disturbances = Disturbances {
        down: named(topology, &supervisor.faults.down),
        blackholed: named(topology, &supervisor.faults.blackholed),
        impaired: impaired
            .filter_map(|impaired| {
                Some((topology.link_named(&impaired.link)?, impaired.directions))
            })
            .collect(),
    };
    (failures(topology, &supervisor.faults), disturbances)
}

fn named(topology: &Topology, names: &[String]) -> BTreeSet<LinkId> {
    let links = topology.links.iter().zip(0..);
    links
        .filter(|(link, _)| names.contains(&link.name))
        .map(|(_, index)| LinkId(index))
        .collect()
}

fn failures(topology: &Topology, faults: &FaultStatus) -> Failures {
    let named = |names: &[String]| named(topology, names);
    Failures {
        links: named(&faults.down),
        sessions: faults
            .ended_sessions
            .iter()
            .copied()
            .map(SessionId)
            .collect(),
        adjacencies: named(&faults.lost_adjacencies),
    }
}
