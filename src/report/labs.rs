//! What `lab ls` prints.

use serde::Serialize;

use crate::report::status::Condition;
use crate::report::table;

/// A lab that is up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabSummary {
    /// Its name.
    pub lab: String,
    /// Its state.
    pub state: Condition,
    /// How many nodes it has.
    pub nodes: usize,
}

/// The message if there is no lab. `roots_are_hidden`: labs of root may exist, but are not visible.
#[must_use]
pub const fn none(roots_are_hidden: bool) -> &'static str {
    if roots_are_hidden {
        "no lab of yours is up; only sudo shows root's"
    } else {
        "no lab is up"
    }
}

/// One line per lab.
#[must_use]
pub fn text(labs: &[LabSummary]) -> String {
    let row = |lab: &LabSummary| {
        vec![
            lab.lab.clone(),
            lab.state.to_string(),
            lab.nodes.to_string(),
        ]
    };
    table(
        &["LAB", "STATE", "NODES"],
        &labs.iter().map(row).collect::<Vec<_>>(),
    )
}
