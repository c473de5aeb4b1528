//! `lab status`

use clap::Args;

use crate::cli::exit::{CommandError, Exit, needs_root};
use crate::cli::output;
use crate::engine::control::TunnelStatus;
use crate::engine::{self, Health, Up};
use crate::kernel;
use crate::report::status::{
    Backend, Backends, Check, Condition, Fault, Link, LinkState, Node, Presence, Status as Report,
    Supervisor, Tunnel, TunnelState, text,
};
use crate::topology::{self, InterfaceId, LinkKind, NodeId};
use crate::units::milliseconds;

/// Show a lab's nodes, links and tunnels and how they are.
#[derive(Debug, Args)]
pub(super) struct Status {
    /// The lab; may be left out while only one is up.
    name: Option<String>,
    /// The same.
    #[arg(long, conflicts_with = "name")]
    lab: Option<String>,
    /// Compare the routes of every namespace with those that belong there now.
    #[arg(long)]
    check: bool,
    /// Print the status as JSON.
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        needs_root("status")?;
        let up = engine::running(self.name.as_deref().or(self.lab.as_deref()))?;
        let health = engine::health(&up);
        let mut report = report(&up, &health);
        if self.check {
            let check = engine::check(&up, &health)?;
            report.check = Some(Check {
                routes: check.agreeing,
                namespaces: check.namespaces,
                differences: check.differences,
            });
        }
        let differs = report
            .check
            .as_ref()
            .is_some_and(|check| !check.differences.is_empty());
        if self.json {
            output::json(&report)?;
        } else {
            output::text(&text(&report))?;
        }
        let is_well = if self.check {
            !differs
        } else {
            report.problems.is_empty()
        };
        Ok(if is_well { Exit::Done } else { Exit::Unmet })
    }
}

fn report(up: &Up, health: &Health) -> Report {
    let topology = &up.lab.topology;
    let is_tunnel = |link: &&topology::Link| matches!(link.kind, LinkKind::Tunnel { .. });
    let (tunnels, links): (Vec<_>, Vec<_>) = topology.links.iter().partition(is_tunnel);
    let nodes = topology.nodes.iter().enumerate();
    Report {
        lab: up.folder.lab().to_string(),
        state: if health.is_broken(up) {
            Condition::Broken
        } else {
            Condition::Up
        },
        supervisor: Supervisor {
            pid: health.supervisor.as_ref().map(|supervisor| supervisor.pid),
            running: health.supervisor.is_some(),
        },
        backends: backends(up),
        nodes: nodes
            .map(|(index, node)| self::node(health, NodeId(index), node))
            .collect(),
        links: links
            .into_iter()
            .map(|link| self::link(up, health, link))
            .collect(),
        tunnels: tunnels
            .into_iter()
            .map(|link| tunnel(up, health, link))
            .collect(),
        problems: health.problems(up),
        check: None,
    }
}

fn backends(up: &Up) -> Backends {
    let backend = |by_kernel: bool| {
        if by_kernel {
            Backend::Kernel
        } else {
            Backend::Userspace
        }
    };
    Backends {
        tunnels: backend(up.carriers.is_some_and(|carriers| carriers.kernel_tunnels)),
        delays: backend(up.carriers.is_some_and(|carriers| carriers.kernel_delays)),
    }
}

fn node(health: &Health, id: NodeId, node: &topology::Node) -> Node {
    Node {
        name: node.name.to_string(),
        role: node.role.title().to_owned(),
        address: node.address,
        state: if health.has_node(id) {
            Presence::Up
        } else {
            Presence::Missing
        },
    }
}

fn ends(up: &Up, link: &topology::Link) -> [String; 2] {
    let end = |id: InterfaceId| {
        let interface = up.lab.topology.interface(id);
        format!(
            "{}:{}",
            up.lab.topology.node(interface.node).name,
            interface.name
        )
    };
    link.ends.map(end)
}

fn link(up: &Up, health: &Health, link: &topology::Link) -> Link {
    let state = match health.link(up, link) {
        Some(kernel::LinkState::Up) => LinkState::Up,
        Some(kernel::LinkState::NoCarrier | kernel::LinkState::Down) => LinkState::Down,
        None => LinkState::Missing,
    };
    Link {
        name: link.name.clone(),
        ends: ends(up, link),
        delay_ms: milliseconds(link.delay),
        state,
        fault: fault(health, link),
    }
}

fn fault(health: &Health, link: &topology::Link) -> Option<Fault> {
    let faults = &health.supervisor.as_ref()?.faults;
    if faults.blackholed.contains(&link.name) {
        Some(Fault::Blackhole)
    } else {
        faults.commanded.contains(&link.name).then_some(Fault::Down)
    }
}

fn tunnel(up: &Up, health: &Health, link: &topology::Link) -> Tunnel {
    let held = health
        .supervisor
        .iter()
        .flat_map(|supervisor| &supervisor.tunnels);
    let status: Option<&TunnelStatus> = held.into_iter().find(|tunnel| tunnel.name == link.name);
    let is_up = health.link(up, link) == Some(kernel::LinkState::Up);
    Tunnel {
        name: link.name.clone(),
        ends: ends(up, link),
        state: if is_up {
            TunnelState::Up
        } else {
            TunnelState::Down
        },
        fault: fault(health, link),
        since_handshake_ms: status.and_then(|status| status.since_handshake_ms),
        received_bytes: status.map_or(0, |status| status.received_bytes),
        sent_bytes: status.map_or(0, |status| status.sent_bytes),
    }
}
