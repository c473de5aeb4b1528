//! What `lab ls` prints.

use serde::Serialize;

use crate::report::status::Condition;
use crate::report::table::{table, table_within};

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

/// A lab that is up, or one of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedLab {
    /// Its name.
    pub lab: String,
    /// Its state; null if it is not up.
    pub state: Option<Condition>,
    /// How many nodes it has; null if it is not up.
    pub nodes: Option<usize>,
    /// A sentence about it; null for a lab that is not of the catalogue.
    pub about: Option<String>,
}

/// The labs that are up, then those of the catalogue that are not, with a sentence each.
#[must_use]
pub fn all(
    up: &[LabSummary],
    catalogue: impl Iterator<Item = (&'static str, String)>,
) -> Vec<ListedLab> {
    let catalogue: Vec<(&str, String)> = catalogue.collect();
    let about = |lab: &str| {
        let mut known = catalogue.iter();
        let found = known.find(|(name, _)| *name == lab)?;
        Some(found.1.clone())
    };
    let running = up.iter().map(|one| ListedLab {
        lab: one.lab.clone(),
        state: Some(one.state),
        nodes: Some(one.nodes),
        about: about(&one.lab),
    });
    let is_down = |name: &str| !up.iter().any(|one| one.lab == name);
    let others = catalogue.iter().filter(|(name, _)| is_down(name));
    let others = others.map(|(name, about)| ListedLab {
        lab: (*name).to_owned(),
        state: None,
        nodes: None,
        about: Some(about.clone()),
    });
    running.chain(others).collect()
}

/// One row per lab, within a width if possible.
#[must_use]
pub fn text_of_all(labs: &[ListedLab], width: usize) -> String {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let row = |lab: &ListedLab| {
        vec![
            lab.lab.clone(),
            or_dash(lab.state.map(|state| state.to_string())),
            or_dash(lab.nodes.map(|nodes| nodes.to_string())),
            or_dash(lab.about.clone()),
        ]
    };
    let rows: Vec<Vec<String>> = labs.iter().map(row).collect();
    table_within(&["LAB", "STATE", "NODES", "ABOUT"], &rows, width)
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
