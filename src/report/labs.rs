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

/// One line a lab.
#[must_use]
pub fn text(labs: &[LabSummary]) -> String {
    if labs.is_empty() {
        return "no lab is up\n".to_owned();
    }
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
