//! What a supervisor answers to a command, or reports after a build.

use std::error::Error;

use serde::{Deserialize, Serialize};

use crate::units::Impairment;

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer<T> {
    /// It succeeded, with this result.
    Done(T),
    /// It failed, with the reasons, outermost first.
    Refused(Vec<String>),
}

/// The effect of a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// The links.
    pub links: Vec<String>,
    /// The BGP sessions.
    #[serde(default)]
    pub sessions: Vec<String>,
    /// How many routes were added, removed or changed.
    pub routes: usize,
    /// In how many nodes.
    pub nodes: usize,
    /// The links whose impairments are those of the lab file again.
    #[serde(default)]
    pub cleared: Vec<String>,
    /// Repaired other differences between the lab file and the kernel.
    #[serde(default)]
    pub mended: usize,
    /// Milliseconds until the next session ends; `None` if none will.
    pub later_ms: Option<f64>,
    /// Milliseconds until the routes were installed.
    pub elapsed_ms: f64,
}

/// The effect of a lab file on a running lab.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Added nodes.
    pub nodes_added: usize,
    /// Removed nodes.
    pub nodes_removed: usize,
    /// Links and tunnels that were added or recreated.
    pub links_added: usize,
    /// Links and tunnels that were removed or recreated.
    pub links_removed: usize,
    /// Links that stayed, with other impairments.
    pub links_impaired: usize,
    /// Nodes whose firewall was loaded, replaced or removed.
    #[serde(default)]
    pub firewalls: usize,
    /// Routes that were added, removed or changed.
    pub routes: usize,
    /// Repaired differences between the lab file and the kernel, whoever made them.
    #[serde(default)]
    pub mended: usize,
    /// Whether the lab got other expectations or storyboards, and nothing else.
    #[serde(default)]
    pub expectations: bool,
}

/// The impairments of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impaired {
    /// The link.
    pub link: String,
    /// The impairments of packets that leave its first and its second end.
    pub directions: [Impairment; 2],
}

/// The supervisor's report after the build.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Started {
    /// The lab is up.
    Up(Report),
    /// The text has errors. Reading it again finds them.
    NoLab,
    /// The text is that of a lab with this other name.
    Named(String),
    /// It is another lab, or an incomplete one, which needs a new supervisor.
    NotHere,
    /// It could not be built.
    Failed {
        /// The reasons, outermost first.
        reasons: Vec<String>,
        /// Whether the input is wrong.
        is_bad_input: bool,
    },
}

/// A running lab.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The lab.
    pub lab: String,
    /// Whether it was up before.
    pub was_up: bool,
    /// The changes to it; `None` if it matched the file.
    pub applied: Option<Applied>,
    /// Its nodes.
    pub nodes: usize,
    /// Its links, without tunnels.
    pub links: usize,
    /// Its tunnels.
    pub tunnels: usize,
    /// Two of its machines, between which packets may be sent first.
    #[serde(default)]
    pub pair: Option<[String; 2]>,
    /// How long each phase took.
    pub laps: Vec<Lap>,
}

/// A phase of building a lab, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Text to a lab file's content.
    Parse,
    /// Content to nodes, links and sessions.
    Resolve,
    /// Every node's routes.
    Routes,
    /// Kernel operations.
    Plan,
    /// Namespaces with their settings and files, and interfaces that a process holds.
    Namespaces,
    /// Links and bridges.
    Links,
    /// Addresses, neighbours, filters and capacities.
    Addresses,
    /// Routes in the kernel, and the kernel's link-up events.
    KernelRoutes,
    /// Tunnels and wires that a process carries.
    Tunnels,
    /// The supervisor's start, its socket, and everything that is in no other phase.
    Supervisor,
}

/// The time of a phase.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Lap {
    /// The phase.
    pub phase: Phase,
    /// Milliseconds.
    pub elapsed_ms: f64,
}

/// An error with its sources, outermost first.
#[must_use]
pub fn reasons(error: &dyn Error) -> Vec<String> {
    let mut reasons = vec![error.to_string()];
    let mut source = error.source();
    while let Some(error) = source {
        reasons.push(error.to_string());
        source = error.source();
    }
    reasons.dedup();
    reasons
}
