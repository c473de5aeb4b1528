//! What connections join: each pair of ends only once, by the instances and tunnels that the file names.

use std::collections::{BTreeMap, BTreeSet};

use crate::addresses::Address;
use crate::azure::connection::ends::{chosen, find_device, instance_named};
use crate::azure::connection::lower::speaks_bgp;
use crate::azure::connection::model::{Connection, ConnectionKind, IpSecEnd};
use crate::azure::gateway::model::instance_names;
use crate::azure::gateway::rules::instances;
use crate::azure::references::{Wanted, find_gateway};
use crate::azure::resources::Resources;
use crate::findings::{Finding, Located, Place, Rule, no_such};

const JOINED_ALREADY: Rule = Rule::of_whole_files("joined-already").needing(&[
    "instances",
    "tunnelInterfaces",
    "sourceAddress",
]);
const SAME_PEER: Rule = Rule::new("same-peer");

/// Two ends must not have two connections. This includes a gateway and a circuit (expressroute-howto-linkvnet), two
/// circuits (expressroute-global-reach), and an instance of a gateway and the source address of a device
/// (vpn-gateway-vpn-faq).
pub(crate) fn are_made_once(spec: &Resources) -> Vec<Finding> {
    let mut seen: BTreeMap<BTreeSet<End<'_>>, (&str, Place)> = BTreeMap::new();
    let mut findings = Vec::new();
    for connection in &spec.connections {
        let [a, b] = ends(&connection.kind);
        if a == b {
            findings.push(Finding::new(
                Rule::SAME_END,
                connection.name.place,
                "a connection needs two different ends",
            ));
            continue;
        }
        let name = (connection.name.value.as_str(), connection.name.place);
        let joints = joints(spec, connection).into_iter();
        let taken = joints.filter_map(|joint| seen.insert(joint, name));
        let taken: Vec<_> = taken.filter(|(other, _)| *other != name.0).collect();
        if let Some((other, first)) = taken.first() {
            let message = format!("connection `{other}` already joins these two");
            let finding = Finding::new(JOINED_ALREADY, connection.name.place, message)
                .with_other(*first, "the other one");
            let help = "a second connection needs another `sourceAddress` in the device's `tunnelInterfaces`, or other `instances` of the gateway";
            findings.push(if has_device(&connection.kind) {
                finding.with_help(help)
            } else {
                finding
            });
        }
    }
    findings
}

fn has_device(kind: &ConnectionKind) -> bool {
    match kind {
        ConnectionKind::IpSec { .. } => true,
        ConnectionKind::IpSecGateways { .. }
        | ConnectionKind::VnetToVnet { .. }
        | ConnectionKind::ExpressRoute { .. }
        | ConnectionKind::GlobalReach { .. } => false,
    }
}

/// An end of a connection. A circuit is not a node and may have the same name as a node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum End<'a> {
    Node(&'a str),
    Circuit(&'a str),
    /// An instance of a gateway.
    Instance(&'a str, usize),
    /// A device with the source address of a tunnel.
    Source(&'a str, Option<Address>),
}

fn ends(kind: &ConnectionKind) -> [End<'_>; 2] {
    match kind {
        ConnectionKind::ExpressRoute {
            gateway, circuit, ..
        } => [End::Node(&gateway.value), End::Circuit(&circuit.value)],
        ConnectionKind::VnetToVnet { gateways, .. }
        | ConnectionKind::IpSecGateways { gateways, .. } => {
            gateways.each_ref().map(|gateway| End::Node(&gateway.value))
        }
        ConnectionKind::IpSec {
            end: IpSecEnd::Gateway(end) | IpSecEnd::Appliance(end),
            device,
            ..
        } => [End::Node(&end.value), End::Node(&device.value)],
        ConnectionKind::GlobalReach { circuits, .. } => circuits
            .each_ref()
            .map(|circuit| End::Circuit(&circuit.value)),
    }
}

/// The pairs of ends that a connection joins: one for each of its tunnels.
fn joints<'a>(spec: &'a Resources, connection: &'a Connection) -> Vec<BTreeSet<End<'a>>> {
    let kind = &connection.kind;
    match kind {
        ConnectionKind::ExpressRoute { .. } | ConnectionKind::GlobalReach { .. } => {
            vec![BTreeSet::from(ends(kind))]
        }
        ConnectionKind::VnetToVnet { gateways, .. }
        | ConnectionKind::IpSecGateways { gateways, .. } => {
            let [near, far] = gateways
                .each_ref()
                .map(|gateway| (gateway, instances_of(spec, kind, gateway).1));
            let pairs = near.1.iter().flat_map(|one| {
                let others = far.1.iter();
                others.map(|other| {
                    BTreeSet::from([
                        End::Instance(&near.0.value, *one),
                        End::Instance(&far.0.value, *other),
                    ])
                })
            });
            pairs.collect()
        }
        ConnectionKind::IpSec { end, device, .. } => {
            let name = connection.name.value.as_str();
            let source = |device, tunnel: &str| source(spec, device, [name, tunnel]);
            match end {
                IpSecEnd::Appliance(appliance) => {
                    vec![BTreeSet::from([
                        source(appliance, name),
                        source(device, name),
                    ])]
                }
                IpSecEnd::Gateway(gateway) => {
                    let (count, chosen) = instances_of(spec, kind, gateway);
                    let joint = |index: usize| {
                        let tunnel = match count {
                            1 => name.to_owned(),
                            _ => format!("{name}-in{index}"),
                        };
                        BTreeSet::from([
                            End::Instance(&gateway.value, index),
                            source(device, &tunnel),
                        ])
                    };
                    chosen.into_iter().map(joint).collect()
                }
            }
        }
    }
}

/// The number of instances of a gateway, and those of them that have tunnels of a connection.
fn instances_of(
    spec: &Resources,
    kind: &ConnectionKind,
    gateway: &Located<String>,
) -> (usize, Vec<usize>) {
    let found = find_gateway(spec, gateway, Wanted::Vpn);
    let count = found.map_or(1, |found| instances(found).len());
    (count, chosen(kind, &gateway.value, count))
}

fn source<'a>(
    spec: &Resources,
    device: &'a Located<String>,
    [connection, tunnel]: [&str; 2],
) -> End<'a> {
    let found = find_device(spec, device).ok();
    let end = found.and_then(|found| found.device().tunnel_end(connection, tunnel));
    End::Source(&device.value, end.map(|end| end.source_address.value))
}

/// The connections of one gateway that use BGP must have peers with different addresses (vpn-gateway-vpn-faq).
pub(crate) fn peers_of_a_gateway_differ(spec: &Resources) -> Vec<Finding> {
    // By gateway and peer: a connection, and the source address of its peer.
    let mut seen: BTreeMap<(&str, Address), (&Connection, Address)> = BTreeMap::new();
    let mut findings = Vec::new();
    for connection in &spec.connections {
        let Some([gateway, device]) = connection.kind.gateway_and_device() else {
            continue;
        };
        let Ok(found) = find_device(spec, device) else {
            continue;
        };
        if !speaks_bgp(spec, &connection.kind) {
            continue;
        }
        let name = connection.name.value.as_str();
        for end in found.device().tunnel_ends_of(name) {
            let (peer, source) = (end.bgp_address().value, end.source_address.value);
            let own = (connection, source);
            let Some((other, of_other)) = seen.insert((&gateway.value, peer), own) else {
                continue;
            };
            // Two connections with one source address are reported as such.
            if other.name == connection.name || of_other == source {
                continue;
            }
            let (other, place) = (&other.name.value, other.name.place);
            let message = format!(
                "connections `{other}` and `{name}` of `{}` have the same BGP peer {peer}",
                gateway.value
            );
            let help = format!(
                "give `{}` another `bgpPeeringAddress` for `{name}` in its `tunnelInterfaces` (vpn-gateway-vpn-faq)",
                device.value
            );
            let finding = Finding::new(SAME_PEER, connection.name.place, message);
            findings.push(finding.with_other(place, "the other one").with_help(help));
        }
    }
    findings
}

/// `instances` must name instances of the connection's gateways.
pub(crate) fn instances_exist(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for connection in &spec.connections {
        let gateways = connection.kind.vpn_gateways().iter();
        let known: Option<Vec<(&str, usize)>> = gateways
            .map(|gateway| {
                let found = find_gateway(spec, gateway, Wanted::Vpn).ok()?;
                Some((gateway.value.as_str(), instances(found).len()))
            })
            .collect();
        // Another rule reports a gateway that does not exist.
        let Some(known) = known else {
            continue;
        };
        let unknown = connection.kind.instances().iter().filter(|instance| {
            let is_ambiguous = known.len() > 1 && instance.value.parse::<usize>().is_ok();
            let mut gateways = known.iter();
            let is_one = gateways
                .any(|(gateway, count)| instance_named(&instance.value, gateway, *count).is_some());
            is_ambiguous || !is_one
        });
        findings.extend(unknown.map(|instance| {
            let names = known.iter();
            let names: Vec<String> = names
                .flat_map(|(gateway, count)| instance_names(gateway, *count))
                .collect();
            no_such("instance", instance, names.iter().map(String::as_str))
        }));
    }
    findings
}

/// `localNetworkAddressPrefixes` by gateway must name the two gateways of the connection.
pub(crate) fn prefixes_are_of_the_two_gateways(spec: &Resources) -> Vec<Finding> {
    let connections = spec.connections.iter();
    let stray = connections.flat_map(|connection| match &connection.kind {
        ConnectionKind::IpSecGateways {
            gateways,
            local_network_address_prefixes,
            ..
        } => {
            let own = gateways.each_ref().map(|gateway| gateway.value.as_str());
            let named = local_network_address_prefixes.iter();
            let stray = named.filter(|(name, _)| !own.contains(&name.value.as_str()));
            stray
                .map(|(name, _)| no_such("gateway of this connection", name, own))
                .collect()
        }
        ConnectionKind::IpSec { .. }
        | ConnectionKind::VnetToVnet { .. }
        | ConnectionKind::ExpressRoute { .. }
        | ConnectionKind::GlobalReach { .. } => Vec::new(),
    });
    stray.collect()
}
