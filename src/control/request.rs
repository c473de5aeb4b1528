//! Requests of a command to a supervisor.

use serde::{Deserialize, Serialize};

use crate::units::ImpairmentChange;
use crate::yaml;

/// A request to a supervisor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Request {
    /// To end. The supervisor sends a byte when it no longer changes its lab, and closes the connection when it has
    /// ended.
    Stop,
    /// To change the lab to a lab file. The answer is the result.
    Up(Order),
    /// To return its status, a [`SupervisorStatus`](super::SupervisorStatus).
    Status,
    /// To take links down, or to shut BGP sessions. The answer, an [`Answer`](super::Answer) of [`Changed`](super::Changed), comes when the new
    /// routes are installed.
    Fault(Vec<String>),
    /// To blackhole links. The answer is the same.
    Blackhole(Vec<String>),
    /// To heal links of any failure, or to open BGP sessions. The answer is the same.
    Heal(Vec<String>),
    /// To heal every link and to open every BGP session. The answer is the same.
    HealAll,
    /// The same, and to restore the lab file's impairments of every link. The answer is the same.
    Restore,
    /// To change a link's impairments. The answer, an [`Answer`](super::Answer) of [`Impaired`](super::Impaired), comes
    /// when they are in place.
    Impair(Impair),
    /// To report every change: a [`Moment`](super::Moment) at once and one for each change, until the supervisor ends.
    Watch,
}

/// The largest request in bytes. The longest contains the text of a lab file, in which every allowed character takes at
/// most twice its bytes in JSON.
pub const LONGEST_REQUEST: usize = 2 * yaml::LARGEST_TEXT + (1 << 16);

impl Request {
    /// The request in a line; `None` if it is not valid.
    #[must_use]
    pub fn of_line(line: &[u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }
}

/// A lab file, and the backend for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The file's name, as the user wrote it.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The user's choice of a backend.
    pub choice: Choice,
    /// Whether a running lab of that name may be changed to this file.
    pub may_change: bool,
}

/// A change of a link's impairments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impair {
    /// The link.
    pub link: String,
    /// Whether packets leaving its first and its second end are affected.
    pub directions: [bool; 2],
    /// Change on top of the lab file; `None` restores the file's values.
    pub change: Option<ImpairmentChange>,
}

/// The user's choice of a backend.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// The kernel does what it can.
    #[default]
    Probed,
    /// The kernel does everything, or the lab is not built.
    Kernel,
    /// A process does everything that it can.
    Userspace,
}

/// The action on links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkAction {
    /// Their interfaces are taken down.
    Down,
    /// They silently drop everything; their ends stay up.
    Blackhole,
    /// They carry packets again.
    Healed,
}
