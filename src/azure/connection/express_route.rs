//! Rules for connections of ExpressRoute: between a gateway and a circuit, and between circuits.

use crate::azure::addresses::unusable;
use crate::azure::connection::model::ConnectionKind;
use crate::azure::gateway::rules::located_gateway_subnet;
use crate::azure::references::{Wanted, find_circuit, find_gateway, find_vnet};
use crate::azure::resources::Resources;
use crate::findings::Finding;

/// A circuit's connection must name an `ExpressRoute` gateway and a circuit, and its endpoints must be in the gateway's
/// subnet.
pub(crate) fn circuit_connections_resolve(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for connection in &spec.connections {
        let ConnectionKind::ExpressRoute {
            gateway,
            circuit,
            endpoints,
            ..
        } = &connection.kind
        else {
            continue;
        };
        findings.extend(find_circuit(spec, circuit).err());
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
