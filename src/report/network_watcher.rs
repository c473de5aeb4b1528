//! What `lab next-hop` and `lab test-connectivity` print: the answers of Azure's Network Watcher, in the JSON of
//! `az network watcher show-next-hop` and `az network watcher test-connectivity`.

use std::time::Duration;

use serde::Serialize;

use crate::addresses::{Address, Prefix};
use crate::report::az_table;
use crate::report::routes::{EffectiveRoute, Routes, Source, State, of_nic};
use crate::report::why;
use crate::routing::{Action, Tables};
use crate::topology::{InterfaceId, NodeId, Topology};
use crate::units::milliseconds;

/// The route table ID of a route that is in no route table (network-watcher-next-hop-overview).
const SYSTEM_ROUTE: &str = "System Route";

/// The subscription of all labs. Each lab is a resource group.
const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";

/// The next hop of a virtual machine's interface for an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NextHop {
    /// The first next hop; null if Azure shows none.
    pub next_hop_ip_address: Option<Address>,
    /// The type of the next hop, as in network-watcher-next-hop-overview.
    pub next_hop_type: &'static str,
    /// The route table of the route; `System Route` if it is in none.
    pub route_table_id: String,
}

/// Whether a machine reaches an address, and the path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connectivity {
    /// The hops, the sender first.
    pub hops: Vec<Hop>,
    /// `Reachable` or `Unreachable`.
    pub connection_status: &'static str,
    /// The mean round-trip time in whole milliseconds, as in az; null without an answer.
    pub avg_latency_in_ms: Option<u64>,
    /// The shortest round-trip time.
    pub min_latency_in_ms: Option<u64>,
    /// The longest round-trip time.
    pub max_latency_in_ms: Option<u64>,
    /// How many probes were sent.
    pub probes_sent: usize,
    /// The number of them without an answer.
    pub probes_failed: usize,
}

/// A node on the path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hop {
    /// `Source`, `VirtualAppliance`, `VirtualNetworkGateway` or `VnetLocal` in Azure's networks, `Internet` for every
    /// node outside them.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The node.
    pub id: String,
    /// The address that answers a trace; of a silent node, its own address.
    pub address: Option<Address>,
    /// Its Azure resource; null on premises.
    pub resource_id: Option<String>,
    /// The ID of the next node; empty at the last one.
    pub next_hop_ids: Vec<String>,
    /// Why packets are lost here.
    pub issues: Vec<Issue>,
}

/// Why packets are lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// `Outbound`: packets that leave the node are affected.
    pub origin: &'static str,
    /// `Error`.
    pub severity: &'static str,
    /// `UserDefinedRoute` if a user-defined route drops them, otherwise `Platform`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The reason, as in `lab why`.
    pub context: Vec<Context>,
}

/// A detail of an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Context {
    /// The key: `Reason`.
    pub key: &'static str,
    /// The value.
    pub value: String,
}

/// The network interface through which a virtual machine sends to an address now; its primary one for packets that its
/// operating system sends into a tunnel or drops.
fn nic_toward(
    topology: &Topology,
    tables: &Tables,
    node: NodeId,
    destination: Address,
) -> Option<InterfaceId> {
    let is_machine = topology.node(node).role.is_machine();
    let mut nics = topology.nics(node).map(|(nic, _)| nic);
    let primary = nics.next().filter(|_| is_machine)?;
    let route = tables.of(node).lookup(destination);
    let hop = match route.map(|route| &route.action) {
        Some(Action::Forward(hops)) => hops.first(),
        Some(Action::Fabric(hop)) => Some(hop),
        Some(Action::Drop) | None => None,
    };
    let used = nics.find(|nic| hop.is_some_and(|hop| hop.interface == *nic));
    Some(used.unwrap_or(primary))
}

/// The next hop of a virtual machine for an address; `None` if the node is not a virtual machine.
#[must_use]
pub fn next_hop(
    topology: &Topology,
    tables: &Tables,
    node: NodeId,
    destination: Address,
) -> Option<NextHop> {
    let nic = nic_toward(topology, tables, node, destination)?;
    let Routes::Effective(effective) = of_nic(topology, tables, nic) else {
        return None;
    };
    let prefix_of = |route: &EffectiveRoute| -> Option<Prefix> {
        let prefix: Prefix = route.address_prefix.first()?.parse().ok()?;
        prefix.contains(&destination).then_some(prefix)
    };
    let active = effective.value.iter();
    let active = active.filter(|route| route.state == State::Active);
    let longest = active
        .filter_map(|route| Some((prefix_of(route)?, route)))
        .max_by_key(|(prefix, _)| prefix.prefix_len());
    Some(match longest {
        Some((_, route)) => NextHop {
            next_hop_ip_address: route.next_hop_ip_address.first().copied(),
            next_hop_type: match route.next_hop_type {
                "VNetPeering" | "VNetGlobalPeering" => "VirtualNetworkPeering",
                other => other,
            },
            route_table_id: match route.source {
                Source::User => route_table_id(topology, nic),
                Source::Default | Source::VirtualNetworkGateway => SYSTEM_ROUTE.to_owned(),
            },
        },
        None => NextHop {
            next_hop_ip_address: None,
            next_hop_type: "None",
            route_table_id: SYSTEM_ROUTE.to_owned(),
        },
    })
}

/// A next hop in az's columns.
#[must_use]
pub fn next_hop_text(hop: &NextHop) -> String {
    let address = hop.next_hop_ip_address.map(|address| address.to_string());
    let row = vec![
        address.unwrap_or_default(),
        hop.next_hop_type.to_owned(),
        hop.route_table_id.clone(),
    ];
    az_table(&["NextHopIpAddress", "NextHopType", "RouteTableId"], &[row])
}

/// The result of probes from a node, on the path that its routes predict.
#[must_use]
pub fn connectivity(
    topology: &Topology,
    why: &why::Why,
    round_trip_times: &[Option<Duration>],
) -> Connectivity {
    let times: Vec<f64> = round_trip_times
        .iter()
        .flatten()
        .map(|time| milliseconds(*time))
        .collect();
    let of = |pick: fn(f64, f64) -> f64| times.iter().copied().reduce(pick).map(whole);
    let hops = &why.there.hops;
    let next = hops.iter().skip(1).map(|hop| Some(hop.node.clone()));
    let next = next.chain([None]);
    Connectivity {
        hops: hops
            .iter()
            .zip(next)
            .enumerate()
            .map(|(position, (hop, next))| self::hop(topology, why, position == 0, hop, next))
            .collect(),
        connection_status: if times.is_empty() {
            "Unreachable"
        } else {
            "Reachable"
        },
        #[expect(clippy::cast_precision_loss, reason = "there are a few probes")]
        avg_latency_in_ms: of(|a, b| a + b)
            .map(|_| whole(times.iter().sum::<f64>() / times.len() as f64)),
        min_latency_in_ms: of(f64::min),
        max_latency_in_ms: of(f64::max),
        probes_sent: round_trip_times.len(),
        probes_failed: round_trip_times.len() - times.len(),
    }
}

/// Whole milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a round-trip time is above nothing and below hours"
)]
fn whole(milliseconds: f64) -> u64 {
    milliseconds.round() as u64
}

fn hop(
    topology: &Topology,
    why: &why::Why,
    is_source: bool,
    hop: &why::Hop,
    next: Option<String>,
) -> Hop {
    let node = topology.find(&hop.node);
    let role = node.map(|node| &topology.node(node).role);
    let kind = match role {
        _ if is_source => "Source",
        Some(role) if role.is_appliance() => "VirtualAppliance",
        Some(role) if role.is_machine() => "VnetLocal",
        Some(role) if role.is_gateway() => "VirtualNetworkGateway",
        _ => "Internet",
    };
    let own = node.and_then(|node| topology.node(node).address);
    let loss = why.there.loss.iter().filter(|loss| loss.node == hop.node);
    Hop {
        kind,
        id: hop.node.clone(),
        address: hop.address.or(own),
        resource_id: node.and_then(|node| resource_id(topology, node)),
        next_hop_ids: next.into_iter().collect(),
        issues: loss.map(|loss| issue(hop, loss)).collect(),
    }
}

fn issue(hop: &why::Hop, loss: &why::Loss) -> Issue {
    let is_users = hop
        .route
        .as_ref()
        .is_some_and(|route| route.origin.starts_with("User"));
    Issue {
        origin: "Outbound",
        severity: "Error",
        kind: if is_users {
            "UserDefinedRoute"
        } else {
            "Platform"
        },
        context: vec![Context {
            key: "Reason",
            value: loss.reason.clone(),
        }],
    }
}

/// The result of probes in readable form.
#[must_use]
pub fn connectivity_text(connectivity: &Connectivity) -> String {
    let rows = connectivity.hops.iter().map(|hop| {
        let address = hop.address.map(|address| address.to_string());
        let issues = hop.issues.iter().flat_map(|issue| &issue.context);
        let issues: Vec<&str> = issues.map(|context| context.value.as_str()).collect();
        vec![
            hop.kind.to_owned(),
            hop.id.clone(),
            address.unwrap_or_default(),
            issues.join("; "),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let table = az_table(&["Type", "Node", "Address", "Issue"], &rows);
    let Connectivity {
        connection_status,
        probes_sent,
        probes_failed,
        ..
    } = connectivity;
    let latency = match (
        connectivity.min_latency_in_ms,
        connectivity.avg_latency_in_ms,
        connectivity.max_latency_in_ms,
    ) {
        (Some(min), Some(avg), Some(max)) => format!(", {min}/{avg}/{max} ms min/avg/max"),
        _ => String::new(),
    };
    format!(
        "{table}\n{connection_status}: {probes_failed} of {probes_sent} probes failed{latency}\n"
    )
}

/// The route table of a network interface's subnet.
fn route_table_id(topology: &Topology, nic: InterfaceId) -> String {
    let nic = topology.interface(nic).nic.as_ref();
    let subnet = nic.and_then(|nic| topology.vnet(nic.vnet).subnets.get(nic.subnet));
    let table = subnet.and_then(|subnet| subnet.route_table);
    table.map_or(SYSTEM_ROUTE.to_owned(), |table| {
        let name = topology.route_table(table).name.as_str();
        resource(topology, "Microsoft.Network/routeTables", name)
    })
}

/// The Azure Resource Manager ID of a node, or of the resource that it belongs to.
fn resource_id(topology: &Topology, node: NodeId) -> Option<String> {
    let own = topology.node(node);
    let (provider, name) = match &own.role {
        role if role.is_machine() => ("Microsoft.Compute/virtualMachines", own.name.as_str()),
        role if role.is_gateway() => {
            let mut gateways = topology.gateways.iter();
            let gateway = gateways.find(|gateway| gateway.instances.contains(&node))?;
            (
                "Microsoft.Network/virtualNetworkGateways",
                gateway.name.as_str(),
            )
        }
        role if role.is_msee() => {
            let is_end = |end| topology.interface(end).node == node;
            let mut circuits = topology.circuits.iter();
            let circuit = circuits.find(|circuit| {
                let mut ends = circuit
                    .links
                    .iter()
                    .flat_map(|link| topology.link(*link).ends);
                ends.any(is_end)
            })?;
            (
                "Microsoft.Network/expressRouteCircuits",
                circuit.name.as_str(),
            )
        }
        _ => return None,
    };
    Some(resource(topology, provider, name))
}

fn resource(topology: &Topology, provider: &str, name: &str) -> String {
    let group = &topology.name;
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/{provider}/{name}")
}

#[cfg(test)]
mod tests;
