//! What `lab status` prints.

use std::{fmt, net::Ipv4Addr};

use serde::Serialize;

use crate::report::table;

mod links;

use links::with_fault;
pub use links::{Capacity, Carrier, Direction, Fault, Link, LinkState};

/// A lab that is up: every part of it, and what is wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// The lab's name.
    pub lab: String,
    /// How it is as a whole.
    pub state: Condition,
    /// The process that stays with it.
    pub supervisor: Supervisor,
    /// What carries its packets.
    pub backends: Backends,
    /// Its nodes.
    pub nodes: Vec<Node>,
    /// Its links.
    pub links: Vec<Link>,
    /// Its tunnels.
    pub tunnels: Vec<Tunnel>,
    /// What its VPN gateways carry through all of their tunnels together.
    pub capacities: Vec<Capacity>,
    /// What is wrong, in sentences.
    pub problems: Vec<String>,
    /// The routes of every namespace against those that belong there; only where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
}

/// The routes of every namespace against those that belong there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Routes that agree.
    pub routes: usize,
    /// Namespaces that were compared.
    pub namespaces: usize,
    /// What differs, in sentences.
    pub differences: Vec<String>,
}

/// How a lab is as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    /// All of it is there.
    Up,
    /// Parts of it are not there, and somebody is at work on it.
    Changing,
    /// Parts of it are gone.
    Broken,
}

/// The process that stays with a lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Supervisor {
    /// Its process; null where there is none.
    pub pid: Option<u32>,
    /// Whether it answers.
    pub running: bool,
}

/// What carries a lab's packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Backends {
    /// What encrypts them.
    pub tunnels: Backend,
    /// What delays them.
    pub delays: Backend,
}

/// Who does a part of the work.
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
    /// What it is.
    pub role: String,
    /// The address its name stands for; null where it has none.
    pub address: Option<Ipv4Addr>,
    /// Whether its namespace is there.
    pub state: Presence,
}

/// Whether a node's namespace is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// It is.
    Up,
    /// It is gone.
    Missing,
}

/// A tunnel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tunnel {
    /// Its name.
    pub name: String,
    /// Its ends, each `node:interface`.
    pub ends: [String; 2],
    /// How it is; a tunnel that is gone is down.
    pub state: TunnelState,
    /// What `lab fault` did to it; null where nothing.
    pub fault: Option<Fault>,
    /// Milliseconds since its ends last agreed on keys; null before the first time.
    pub since_handshake_ms: Option<u64>,
    /// Bytes that came out of it.
    pub received_bytes: u64,
    /// Bytes that went into it.
    pub sent_bytes: u64,
}

/// How a tunnel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TunnelState {
    /// It carries packets.
    Up,
    /// It does not.
    Down,
}

/// Every part in a table of its own, problems last.
#[must_use]
pub fn text(status: &Status) -> String {
    let parts = [
        summary(status),
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
    format!(
        "lab {lab} is {state}; supervisor: {supervisor}; tunnels: {tunnels}; delays: {delays}\n"
    )
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
        "{} routes in {} namespaces compared with the expected ones, {} differences\n",
        check.routes,
        check.namespaces,
        check.differences.len()
    );
    lines.chain([sum]).collect()
}

/// A table; nothing for a lab without such parts.
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
