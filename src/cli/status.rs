//! `lab status`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::control::{Carried, TunnelStatus};
use crate::engine::{self, CapacityUse, Counters, Health, Up};
use crate::kernel;
use crate::report::impairment;
use crate::report::status::{
    Backend, Backends, Capacity, Check, Condition, Direction, Fault, Link, LinkState, Node,
    Presence, Status as Report, Supervisor, Tunnel, TunnelState, text,
};
use crate::topology::{self, InterfaceId, LinkId, LinkKind, NodeId, Topology};
use crate::units::milliseconds;
use crate::verify::InForce;

/// Show the state of a lab's nodes, links and tunnels.
#[derive(Debug, Args)]
pub(super) struct Status {
    /// The lab; not needed if only one is up.
    name: Option<String>,
    /// The same.
    #[arg(long, conflicts_with = "name")]
    lab: Option<String>,
    /// Compare the kernel tables of every namespace with the expected ones.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    format: Format,
}

impl Status {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let name = self.name.as_deref().or(self.lab.as_deref());
        engine::enter_user_namespace(name)?;
        let (up, health) = engine::look(name)?;
        let mut report = report(&up, &health, &engine::counters(&up));
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
        self.format.print(&report, || text(&report))?;
        let is_well = if self.check {
            !differs
        } else {
            report.problems.is_empty()
        };
        Ok(if is_well { Exit::Done } else { Exit::Unmet })
    }
}

fn report(up: &Up, health: &Health, counters: &Counters) -> Report {
    let topology = &up.lab.topology;
    let is_tunnel = |id: &LinkId| matches!(topology.link(*id).kind, LinkKind::Tunnel { .. });
    let ids = (0..topology.links.len()).map(LinkId);
    let (tunnels, links): (Vec<_>, Vec<_>) = ids.partition(is_tunnel);
    let nodes = topology.nodes.iter().enumerate();
    Report {
        lab: up.folder.lab().to_string(),
        state: condition(up, health),
        file: up.lab.source.file.clone(),
        file_changed: engine::has_changed(&up.lab.source),
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
            .map(|id| self::link(up, health, counters, id))
            .collect(),
        tunnels: tunnels
            .into_iter()
            .map(|id| tunnel(up, health, topology.link(id)))
            .collect(),
        capacities: counters
            .capacities(up)
            .iter()
            .filter_map(|used| capacity(topology, used))
            .collect(),
        in_force: health
            .supervisor
            .as_ref()
            .map(|supervisor| InForce::of(topology, &engine::disturbances(topology, supervisor)))
            .unwrap_or_default(),
        problems: health.problems(up),
        check: None,
    }
}

/// The state of a whole lab.
pub(super) fn condition(up: &Up, health: &Health) -> Condition {
    if !health.is_broken(up) {
        Condition::Up
    } else if health.holder.is_some() {
        Condition::Changing
    } else {
        Condition::Broken
    }
}

fn backends(up: &Up) -> Backends {
    Backends {
        tunnels: Backend::from_kernel(up.carriers.is_some_and(|carriers| carriers.kernel_tunnels)),
        delays: Backend::from_kernel(up.carriers.is_some_and(|carriers| carriers.kernel_delays)),
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

fn link(up: &Up, health: &Health, counters: &Counters, id: LinkId) -> Link {
    let topology = &up.lab.topology;
    let link = topology.link(id);
    let state = match health.link(up, link) {
        Some(kernel::LinkState::Up) => LinkState::Up,
        Some(kernel::LinkState::NoCarrier | kernel::LinkState::Down) => LinkState::Down,
        None => LinkState::Missing,
    };
    let used = counters.of(up, health, link);
    let nodes = engine::travellers(topology, id);
    let shown = impairment::directions(&nodes, &used.directions);
    let delay = used
        .directions
        .iter()
        .map(|direction| direction.delay)
        .max();
    let [there, back] = shown;
    Link {
        name: link.name.clone(),
        ends: ends(up, link),
        delay_ms: milliseconds(delay.unwrap_or_default()),
        state,
        fault: fault(health, link),
        carrier: used.carrier,
        impaired: used.is_impaired,
        directions: [
            direction(there, used.carried[0]),
            direction(back, used.carried[1]),
        ],
    }
}

fn direction(impairment: impairment::Direction, carried: Carried) -> Direction {
    Direction {
        impairment,
        packets: carried.frames,
        bytes: carried.bytes,
        dropped: carried.dropped,
    }
}

fn capacity(topology: &Topology, used: &CapacityUse<'_>) -> Option<Capacity> {
    let mut gateways = topology.gateways.iter();
    let size = gateways
        .find(|gateway| gateway.name.as_str() == used.gateway)?
        .size;
    Some(Capacity {
        gateway: used.gateway.to_owned(),
        sku: size.name.to_owned(),
        rate_bits_per_second: size.throughput.bits_per_second(),
        packets: used.carried.map(|way| way.frames),
        dropped: used.carried.map(|way| way.dropped),
    })
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
