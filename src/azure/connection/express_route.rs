//! Rules for connections of ExpressRoute: between a gateway and a circuit, and between circuits.

use crate::addresses::{Address, Prefix};
use crate::azure::addresses::unusable;
use crate::azure::connection::model::ConnectionKind;
use crate::azure::gateway::rules::located_gateway_subnet;
use crate::azure::references::{Wanted, find_circuit, find_gateway, find_vnet};
use crate::azure::resources::Resources;
use crate::findings::{Finding, Located, Rule};

const MSEE_ADDRESS: Rule = Rule::new("msee-address");

/// Prefixes without hosts: this network, loopback, multicast and reserved (RFC 6890).
const NO_HOSTS: [Prefix; 3] = [
    Prefix::v4([0, 0, 0, 0], 8),
    Prefix::v4([127, 0, 0, 0], 8),
    Prefix::v4([224, 0, 0, 0], 3),
];

/// A circuit's connection must name an `ExpressRoute` gateway and a circuit, and its endpoints must be in the gateway's
/// subnet.
pub(crate) fn circuit_connections_resolve(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for connection in &spec.connections {
        let ConnectionKind::ExpressRoute {
            gateway,
            circuit,
            endpoints,
            msee_addresses,
            ..
        } = &connection.kind
        else {
            continue;
        };
        findings.extend(find_circuit(spec, circuit).err());
        findings.extend(unusable_msee_address(msee_addresses));
        match find_gateway(spec, gateway, Wanted::ExpressRoute) {
            Err(finding) => findings.push(finding),
            Ok(gateway) => {
                let subnet = find_vnet(spec, &gateway.virtual_network)
                    .ok()
                    .and_then(located_gateway_subnet);
                let misplaced = endpoints
                    .iter()
                    .filter_map(|endpoint| unusable(subnet?, endpoint));
                findings.extend(misplaced);
            }
        }
    }
    findings
}

/// Effective routes show two different addresses for the MSEEs, which a host could have.
fn unusable_msee_address([first, second]: &[Located<Address>; 2]) -> Option<Finding> {
    let is_no_hosts = |one: &&Located<Address>| {
        let mut all = NO_HOSTS.iter();
        all.any(|prefix| prefix.contains(&one.value))
    };
    let (one, message) = match [first, second].into_iter().find(is_no_hosts) {
        Some(one) => (one, format!("{} is not an address of a host", one.value)),
        None if first.value == second.value => (
            second,
            format!("{} is the address of both MSEEs", second.value),
        ),
        None => return None,
    };
    let finding = Finding::new(MSEE_ADDRESS, one.place, message);
    Some(finding.with_help("leave `mseeAddresses` out, or give the two addresses that Azure shows"))
}

/// A Global Reach connection must name existing circuits (expressroute-global-reach).
pub(crate) fn global_reach_joins_circuits(spec: &Resources) -> Vec<Finding> {
    let circuits = spec
        .connections
        .iter()
        .filter_map(|connection| match &connection.kind {
            ConnectionKind::GlobalReach { circuits, .. } => Some(circuits),
            _ => None,
        });
    circuits
        .flatten()
        .filter_map(|circuit| find_circuit(spec, circuit).err())
        .collect()
}
