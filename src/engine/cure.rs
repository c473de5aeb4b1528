//! What makes a path of a lab work, tried with the lab's file and the failures in force.

use std::borrow::Cow;

use crate::engine::lab::resolved;
use crate::engine::noticed;
use crate::lab;
use crate::network::{Disturbances, State};
use crate::routing::Failures;
use crate::topology::Topology;
use crate::verify::cure::{self, Cure, Lost};
use crate::yaml::tree::Node;

/// The failures with which an edited lab file is tried.
#[derive(Debug, Clone, Copy)]
pub enum Faults<'a> {
    /// Links or nodes by their names, which are down for long.
    Down(&'a [String]),
    /// Those of the lost path's lab.
    Present,
}

/// What makes a lost path work; empty if nothing that labs know does.
#[must_use]
pub fn cures(lost: Lost<'_>, text: &str, faults: Faults<'_>) -> Vec<Cure> {
    let solve = |document: &Node| {
        let topology = resolved(lab::read_document(document.clone()))?;
        let (failures, disturbances) = applied(lost.state, &topology, faults)?;
        State::solve(Cow::Owned(topology), failures, disturbances).ok()
    };
    cure::cures(lost, text, &solve)
}

/// The failures in an edited lab.
fn applied(
    state: &State<'_>,
    topology: &Topology,
    faults: Faults<'_>,
) -> Option<(Failures, Disturbances)> {
    match faults {
        Faults::Down(names) => {
            let failures = noticed(topology, names).ok()?;
            Some((failures, Disturbances::default()))
        }
        Faults::Present => Some(state.moved_to(topology)),
    }
}
