//! Compares every namespace with the expected content.

use std::collections::BTreeSet;

use crate::control::{FaultStatus, SupervisorStatus};
use crate::engine::{EngineError, Health, Up, client};
use crate::kernel::{self, Belonging};
use crate::network::Disturbances;
use crate::plan;
use crate::routing::{self, Failures};
use crate::topology::{LinkId, NodeId, SessionId, Topology};

/// The result of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Check {
    /// The number of correct routes.
    pub agreeing: usize,
    /// The number of compared namespaces.
    pub namespaces: usize,
    /// The differences, in sentences.
    pub differences: Vec<String>,
}

/// Compares routes, addresses, permanent neighbors, static forwarding entries and rules of every namespace with the lab
/// file and the routes computed for the current state.
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
    let belonging = Belonging::of(&up.lab.plan);
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

/// The present failures and impairments of a running lab, from its supervisor.
pub(super) fn current(up: &Up) -> (Failures, Disturbances) {
    let topology = &up.lab.topology;
    let Some(supervisor) = client::ask(&up.folder) else {
        return Default::default();
    };
    let disturbances = disturbances(topology, &supervisor);
    (failures(topology, &supervisor.faults), disturbances)
}

/// The failures and impairments of a lab's links, as its supervisor reports them.
#[must_use]
pub fn disturbances(topology: &Topology, supervisor: &SupervisorStatus) -> Disturbances {
    let impaired = supervisor.impaired.iter();
    Disturbances {
        down: named(topology, &supervisor.faults.down),
        blackholed: named(topology, &supervisor.faults.blackholed),
        shut: shut(topology, &supervisor.faults),
        impaired: impaired
            .filter_map(|impaired| {
                Some((topology.link_named(&impaired.link)?, impaired.directions))
            })
            .collect(),
    }
}

fn named(topology: &Topology, names: &[String]) -> BTreeSet<LinkId> {
    let links = topology.links.iter().zip(0..);
    links
        .filter(|(link, _)| names.contains(&link.name))
        .map(|(_, index)| LinkId(index))
        .collect()
}

fn shut(topology: &Topology, faults: &FaultStatus) -> BTreeSet<SessionId> {
    let names = faults.shut.iter();
    names
        .flat_map(|name| topology.sessions_named(name))
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
        shut: shut(topology, faults),
        adjacencies: named(&faults.lost_adjacencies),
    }
}
