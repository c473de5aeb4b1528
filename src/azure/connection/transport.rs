//! Rules for tunnels that a circuit carries.

use std::collections::BTreeSet;

use crate::azure::connection::model::{Connection, ConnectionKind, IpSecEnd};
use crate::azure::references::{Wanted, find_circuit, find_gateway};
use crate::azure::resources::Resources;
use crate::findings::{Finding, Located, Rule};

const NO_MICROSOFT_PEERING: Rule = Rule::of_whole_files("no-microsoft-peering")
    .needing(&["microsoftPeerAddressPrefix", "customerEdge"]);
const NO_PRIVATE_PEERING: Rule = Rule::of_whole_files("no-private-peering").needing(&[
    "transport",
    "gateway",
    "circuit",
    "virtualNetwork",
    "customerEdge",
]);
const USELESS_RTT: Rule = Rule::new("useless-rtt");

/// A connection whose tunnels a circuit carries.
struct Transported<'a> {
    connection: &'a Connection,
    end: &'a IpSecEnd,
    device: &'a Located<String>,
    transport: &'a Located<String>,
}

fn transported(spec: &Resources) -> impl Iterator<Item = Transported<'_>> {
    let connections = spec.connections.iter();
    connections.filter_map(|connection| match &connection.kind {
        ConnectionKind::IpSec {
            end,
            device,
            transport: Some(transport),
            ..
        } => Some(Transported {
            connection,
            end,
            device,
            transport,
        }),
        ConnectionKind::IpSec { .. }
        | ConnectionKind::IpSecGateways { .. }
        | ConnectionKind::VnetToVnet { .. }
        | ConnectionKind::ExpressRoute { .. }
        | ConnectionKind::GlobalReach { .. } => None,
    })
}

/// A tunnel over a circuit needs a link of the circuit that ends at its device, with Microsoft peering
/// (expressroute-circuit-peerings) or, for private peering, with a connection to the gateway's network
/// (site-to-site-vpn-private-peering).
pub(crate) fn transports_reach_their_device(spec: &Resources) -> Vec<Finding> {
    let findings = transported(spec).filter_map(|tunnel| {
        let is_private = tunnel.connection.kind.is_private();
        let unreached = unreached(spec, tunnel.transport, tunnel.device, is_private);
        match unreached {
            None if is_private => without_private_path(spec, &tunnel),
            found => found,
        }
    });
    findings.collect()
}

fn unreached(
    spec: &Resources,
    transport: &Located<String>,
    device: &Located<String>,
    is_private: bool,
) -> Option<Finding> {
    let circuit = match find_circuit(spec, transport) {
        Ok(circuit) => circuit,
        Err(missing) => return Some(missing),
    };
    let mut links = circuit
        .links
        .iter()
        .filter(|link| link.ends_at(&device.value))
        .peekable();
    if links.peek().is_none() {
        let edges = circuit.links.iter();
        let edges = edges.filter_map(|link| link.customer_edge.as_ref());
        let edges: BTreeSet<&str> = edges.map(|edge| edge.value.as_str()).collect();
        let message = format!(
            "no link of circuit `{}` ends at `{}`",
            transport.value, device.value
        );
        let help = if edges.is_empty() {
            "nobody is connected to it: give its links a `customerEdge`".to_owned()
        } else {
            let edges: Vec<&str> = edges.into_iter().collect();
            format!("its links end at {}", edges.join(" and "))
        };
        let rule = if is_private {
            NO_PRIVATE_PEERING
        } else {
            NO_MICROSOFT_PEERING
        };
        return Some(Finding::new(rule, transport.place, message).with_help(help));
    }
    if is_private {
        return None;
    }
    let bare = links.find(|link| link.microsoft_peer_address_prefix.is_none())?;
    let message = format!(
        "the link of circuit `{}` over {} has no Microsoft peering for the tunnel",
        transport.value, bare.peer_address_prefix.value
    );
    Some(
        Finding::new(NO_MICROSOFT_PEERING, transport.place, message).with_help(
            "add `microsoftPeerAddressPrefix`, a /30, to each of the circuit's links that end there (expressroute-circuit-peerings)",
        ),
    )
}

/// Private peering leads to the gateway's private addresses only where the circuit is connected to its network.
fn without_private_path(spec: &Resources, tunnel: &Transported<'_>) -> Option<Finding> {
    let (circuit, place) = (&tunnel.transport.value, tunnel.transport.place);
    let name = match tunnel.end {
        IpSecEnd::Gateway(name) => name,
        IpSecEnd::Appliance(appliance) => {
            let message = format!(
                "`{}` is an appliance, and only a VPN gateway has a tunnel over private peering",
                appliance.value
            );
            let finding = Finding::new(NO_PRIVATE_PEERING, place, message);
            return Some(finding.with_help("leave `useLocalAzureIpAddress` out"));
        }
    };
    // Another rule reports a gateway that does not exist.
    let gateway = find_gateway(spec, name, Wanted::Vpn).ok()?;
    let network = &gateway.virtual_network.value;
    let mut connections = spec.connections.iter();
    let is_connected = connections.any(|connection| match &connection.kind {
        ConnectionKind::ExpressRoute {
            gateway,
            circuit: other,
            ..
        } => {
            let gateway = find_gateway(spec, gateway, Wanted::ExpressRoute).ok();
            let is_there = gateway.is_some_and(|found| found.virtual_network.value == *network);
            other.value == *circuit && is_there
        }
        ConnectionKind::IpSec { .. }
        | ConnectionKind::IpSecGateways { .. }
        | ConnectionKind::VnetToVnet { .. }
        | ConnectionKind::GlobalReach { .. } => false,
    });
    let message = format!(
        "circuit `{circuit}` is not connected to `{network}`, the network of `{}`",
        name.value
    );
    let help = format!(
        "add an ExpressRoute gateway of `{network}` and its connection with `{circuit}` (site-to-site-vpn-private-peering)"
    );
    (!is_connected).then(|| Finding::new(NO_PRIVATE_PEERING, place, message).with_help(help))
}

/// Private peering needs a circuit, and its path has the delays of the circuit and of the circuit's connection.
pub(crate) fn private_tunnels_have_a_circuit(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for connection in &spec.connections {
        let ConnectionKind::IpSec {
            transport,
            use_local_azure_ip_address: Some(said),
            ..
        } = &connection.kind
        else {
            continue;
        };
        if !said.value {
            continue;
        }
        if transport.is_none() {
            let message =
                "the tunnel uses the gateway's private address, but no circuit carries it";
            let finding = Finding::new(NO_PRIVATE_PEERING, said.place, message);
            findings.push(finding.with_help(
                "add `transport`, the circuit whose private peering carries the tunnel",
            ));
        }
        if !connection.round_trip_time.is_zero() {
            let message = "`rtt` has no effect on a tunnel over private peering";
            let finding = Finding::new(USELESS_RTT, connection.name.place, message);
            let help = "the `rtt` of the circuit and of its connection with the network apply; leave this one out";
            findings.push(finding.with_help(help).as_warning());
        }
    }
    findings
}
