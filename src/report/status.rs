//! What `lab status` prints.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::addresses::Address;
use crate::report::in_force;
use crate::report::table;
use crate::units::counted;
use crate::verify::InForce;

mod links;

use links::with_fault;
pub use links::{Capacity, Carrier, Direction, Fault, Link, LinkState};

/// A lab that is up: every part of it, and what is wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// The lab's name.
    pub lab: String,
    /// The state of the lab.
    pub state: Condition,
    /// The file that the lab was built from: a path, or a name in the catalogue.
    pub file: String,
    /// Whether the file has changed since the last `lab up`.
    pub file_changed: bool,
    /// The lab's supervisor.
    pub supervisor: Supervisor,
    /// What carries its packets.
    pub backends: Backends,
    /// Its nodes.
    pub nodes: Vec<Node>,
    /// Its links.
    pub links: Vec<Link>,
    /// Its tunnels.
    pub tunnels: Vec<Tunnel>,
    /// The capacities of its VPN gateways, which their tunnels share.
    pub capacities: Vec<Capacity>,
    /// What is in force on top of the lab file.
    #[serde(serialize_with = "for_programs")]
    pub in_force: Vec<InForce>,
    /// What is wrong, in sentences.
    pub problems: Vec<String>,
    /// The comparison of every namespace's routes with the expected ones; null unless it was requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
}

/// The comparison of every namespace's routes with the expected ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Routes that agree.
    pub routes: usize,
    /// Namespaces that were compared.
    pub namespaces: usize,
    /// What differs, in sentences.
    pub differences: Vec<String>,
}

/// The state of a lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    /// Complete.
    Up,
    /// Incomplete, because a command is changing the lab.
    Changing,
    /// Incomplete.
    Broken,
}

/// The supervisor of a lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Supervisor {
    /// Its process ID; null if there is no supervisor.
    pub pid: Option<u32>,
    /// Whether it answers.
    pub running: bool,
}

/// What carries a lab's packets: the kernel or the supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Backends {
    /// The backend of tunnels.
    pub tunnels: Backend,
    /// The backend of delays.
    pub delays: Backend,
}

/// The part of the program or system that does a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// The lab's supervisor.
    Userspace,
    /// The kernel.
    Kernel,
}

impl Backend {
    /// The kernel, or else the supervisor.
    #[must_use]
    pub const fn from_kernel(by_kernel: bool) -> Self {
        if by_kernel {
            Self::Kernel
        } else {
            Self::Userspace
        }
    }
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: String,
    /// The address that its name resolves to; null if it has none.
    pub address: Option<Address>,
    /// Whether its namespace exists.
    pub state: Presence,
}

/// Whether a node's namespace exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// It exists.
    Up,
    /// It is missing.
    Missing,
}

/// A tunnel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tunnel {
    /// Its name.
    pub name: String,
    /// Its ends, each `node:interface`.
    pub ends: [String; 2],
    /// Its state; a missing tunnel is down.
    pub state: TunnelState,
    /// The effect of `lab fault` on it; null if there is none.
    pub fault: Option<Fault>,
    /// Milliseconds since the last handshake; null before the first one.
    pub since_handshake_ms: Option<u64>,
    /// Bytes received through it.
    pub received_bytes: u64,
    /// Bytes sent through it.
    pub sent_bytes: u64,
}

/// The state of a tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TunnelState {
    /// It carries packets.
    Up,
    /// It carries no packets.
    Down,
}

/// One table for each kind of part, then the problems.
#[must_use]
pub fn text(status: &Status) -> String {
    let parts = [
        summary(status),
        in_force::text(&status.in_force),
        nodes(status),
        links(status),
        tunnels(status),
        section(
            &links::CAPACITY_HEADERS,
            &status.capacities,
            links::capacity_row,
        ),
        problems(status),
        check(status),
    ];
    let shown: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    shown.join("\n")
}

fn for_programs<S: Serializer>(all: &[InForce], serializer: S) -> Result<S::Ok, S::Error> {
    in_force::rows(all).serialize(serializer)
}

fn summary(status: &Status) -> String {
    let Status {
        lab,
        state,
        supervisor,
        backends,
        ..
    } = status;
    let supervisor = match supervisor {
        Supervisor {
            pid: Some(pid),
            running: true,
        } => format!("process {pid}"),
        Supervisor {
            pid: Some(pid),
            running: false,
        } => format!("process {pid}, not running"),
        Supervisor {
            pid: None,
            running: true,
        } => "running".to_owned(),
        Supervisor {
            pid: None,
            running: false,
        } => "not running".to_owned(),
    };
    let Backends { tunnels, delays } = backends;
    let changed = status
        .file_changed
        .then(|| changed_file(&status.file) + "\n");
    format!(
        "lab {lab} is {state}; supervisor: {supervisor}; tunnels: {tunnels}; delays: {delays}\n{}",
        changed.unwrap_or_default()
    )
}

/// What to do about a file that has changed since a lab was built from it.
#[must_use]
pub fn changed_file(file: &str) -> String {
    format!("{file} has changed since the last `lab up`; `lab up {file}` applies the changes")
}

fn nodes(status: &Status) -> String {
    let row = |node: &Node| {
        let address = node
            .address
            .map_or("-".to_owned(), |address| address.to_string());
        vec![
            node.name.clone(),
            node.role.clone(),
            address,
            node.state.to_string(),
        ]
    };
    section(&["NODE", "ROLE", "ADDRESS", "STATE"], &status.nodes, row)
}

fn links(status: &Status) -> String {
    section(&links::HEADERS, &status.links, links::row)
}

fn tunnels(status: &Status) -> String {
    let row = |tunnel: &Tunnel| {
        let [a, b] = tunnel.ends.clone();
        let handshake = tunnel.since_handshake_ms.map_or("never".to_owned(), ago);
        let [received, sent] = [tunnel.received_bytes, tunnel.sent_bytes].map(|n| n.to_string());
        vec![
            tunnel.name.clone(),
            a,
            b,
            with_fault(tunnel.state, tunnel.fault),
            handshake,
            received,
            sent,
        ]
    };
    let headers = [
        "TUNNEL",
        "FROM",
        "TO",
        "STATE",
        "HANDSHAKE",
        "BYTES IN",
        "BYTES OUT",
    ];
    section(&headers, &status.tunnels, row)
}

fn problems(status: &Status) -> String {
    let lines = status
        .problems
        .iter()
        .map(|problem| ["problem: ", problem, "\n"].concat());
    lines.collect()
}

fn check(status: &Status) -> String {
    let Some(check) = &status.check else {
        return String::new();
    };
    let differences = check.differences.iter();
    let lines = differences.map(|difference| ["difference: ", difference, "\n"].concat());
    let sum = format!(
        "{} in {} compared with the expected ones, {}\n",
        counted(check.routes, "route"),
        counted(check.namespaces, "namespace"),
        counted(check.differences.len(), "difference")
    );
    lines.chain([sum]).collect()
}

/// A table; empty if the lab has no such parts.
fn section<T>(headers: &[&str], parts: &[T], row: impl Fn(&T) -> Vec<String>) -> String {
    if parts.is_empty() {
        return String::new();
    }
    table(headers, &parts.iter().map(row).collect::<Vec<_>>())
}

/// A time in the past, in whole seconds.
fn ago(milliseconds: u64) -> String {
    format!("{} s ago", milliseconds / 1000)
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Up => "up",
            Self::Changing => "changing",
            Self::Broken => "broken",
        })
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Userspace => "userspace",
            Self::Kernel => "kernel",
        })
    }
}

impl fmt::Display for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Up => "up",
            Self::Missing => "missing",
        })
    }
}

impl fmt::Display for TunnelState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Up => "up",
            Self::Down => "down",
        })
    }
}

#[cfg(test)]
mod tests;
