//! What `lab ls` prints.

use serde::Serialize;

use crate::report::status::Condition;
use crate::report::table;

/// A lab that is up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabSummary {
    /// Its name.
    pub lab: String,
    /// How it is.
    pub state: Condition,
    /// How many nodes it has.
    pub nodes: usize,
}

/// What is said where there is none. `roots_are_hidden`: whether root may have some that are not to be seen.
#[must_use]
pub const fn none(roots_are_hidden: bool) -> &'static str {
    if roots_are_hidden {
        "no lab of yours is up; only sudo shows root's"
    } else {
        "no lab is up"
    }
}

/// One line a lab.
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
