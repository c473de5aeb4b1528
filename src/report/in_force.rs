//! What is in force on a running lab on top of its file, for `lab verify` and `lab status`.

use serde::{Deserialize, Serialize};

use crate::report::wrap::wrapped;
use crate::verify;

/// A failure or an impairment of a link on top of the lab file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    /// The link, or the BGP session.
    pub link: String,
    /// What kind of disturbance it is.
    pub kind: Kind,
    /// The impairments in words; empty for a failure.
    pub impairment: String,
    /// The command that ends it.
    pub command: String,
}

/// The kinds of disturbance of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It is down.
    Down,
    /// It silently drops all packets.
    Blackhole,
    /// The BGP session is shut.
    Shut,
    /// Its impairments differ from the lab file.
    Impaired,
}

impl From<&verify::InForce> for InForce {
    fn from(one: &verify::InForce) -> Self {
        Self {
            link: one.link.clone(),
            kind: match one.kind {
                verify::DisturbanceKind::Down => Kind::Down,
                verify::DisturbanceKind::Blackhole => Kind::Blackhole,
                verify::DisturbanceKind::Shut => Kind::Shut,
                verify::DisturbanceKind::Impaired => Kind::Impaired,
            },
            impairment: one.impairment.clone(),
            command: one.command.clone(),
        }
    }
}

/// The same for programs.
#[must_use]
pub fn rows(all: &[verify::InForce]) -> Vec<InForce> {
    all.iter().map(InForce::from).collect()
}

/// What is in force, one sentence per line, with the command that ends each; empty for a lab that is as in its file.
#[must_use]
pub fn text(all: &[verify::InForce]) -> String {
    let lines: String = all.iter().map(|one| wrapped(&one.to_string(), 2)).collect();
    let end = match all.len() {
        0 => return String::new(),
        1 => "",
        _ => "  `lab heal --all` clears all of these\n",
    };
    format!("active failures and impairments that are not in the lab file:\n{lines}{end}")
}
