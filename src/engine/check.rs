//! Whether every namespace has the routes that belong there by now, and no others.

use std::collections::BTreeSet;

use crate::engine::control::{self, FaultStatus};
use crate::engine::{EngineError, Health, Up};
use crate::kernel::{self, LiveRoute};
use crate::plan::{self, NodeRoutes, RouteKey, Worded};
use crate::routing::{self, Failures};
use crate::topology::{LinkId, NodeId, SessionId, Topology};

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

/// Compares the live tables of every namespace with what the solver says for the current state.
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
    let mut check = Check::default();
    for (index, node) in topology.nodes.iter().enumerate() {
        let id = NodeId(index);
        match kernel::routes(&up.lab.plan.namespace(id), id) {
            Ok(live) => compare(&mut check, node.name.as_str(), &live, expected.of(id)),
            Err(error) => check
                .differences
                .push(format!("{}: its routes cannot be read: {error}", node.name)),
        }
    }
    Ok(check)
}

/// What is broken in a running lab by now, as its supervisor has it.
pub(super) fn current_failures(up: &Up) -> Failures {
    control::ask(&up.folder).map_or_else(Failures::default, |supervisor| {
        failures(&up.lab.topology, &supervisor.faults)
    })
}

fn failures(topology: &Topology, faults: &FaultStatus) -> Failures {
    let named = |names: &[String]| {
        let links = topology.links.iter().zip(0..);
        links
            .filter(|(link, _)| names.contains(&link.name))
            .map(|(_, index)| LinkId(index))
            .collect()
    };
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

fn compare(check: &mut Check, node: &str, live: &[LiveRoute], expected: &NodeRoutes) {
    check.namespaces += 1;
    let mut found: BTreeSet<RouteKey> = BTreeSet::new();
    for route in live {
        let belongs = expected.get(&route.key).is_some_and(|path| route.is(path));
        if belongs && found.insert(route.key) {
            check.agreeing += 1;
        } else {
            check.differences.push(format!(
                "{node} has a route that does not belong there: {route}"
            ));
        }
    }
    let missing = expected.iter().filter(|(key, _)| !found.contains(key));
    check
        .differences
        .extend(missing.map(|(key, path)| format!("{node} lacks the route {}", Worded(key, path))));
}
