//! The `GatewaySubnet`: all addresses that the lab file states in it.

use std::collections::BTreeSet;

use crate::addresses::Address;
use crate::azure::connection::model::ConnectionKind;
use crate::azure::gateway::model::GatewayKind;
use crate::azure::references::networks_of_gateways;
use crate::azure::resources::Resources;

/// Every address that the file states in a `GatewaySubnet`, with its network.
pub(crate) fn addresses_in_file(spec: &Resources) -> BTreeSet<(&str, Address)> {
    let mut all = BTreeSet::new();
    let networks = networks_of_gateways(spec);
    for gateway in &spec.virtual_network_gateways {
        let vnet = gateway.virtual_network.value.as_str();
        let own: Vec<_> = match &gateway.kind {
            GatewayKind::Vpn { instances, .. } => instances
                .iter()
                .flat_map(|instance| [instance.private_ip_address, instance.bgp_peering_address])
                .flatten()
                .collect(),
            GatewayKind::ExpressRoute {
                private_ip_addresses,
                ..
            } => private_ip_addresses.iter().copied().flatten().collect(),
        };
        all.extend(own.iter().map(|address| (vnet, address.value)));
    }
    for connection in &spec.connections {
        let ConnectionKind::ExpressRoute {
            gateway, endpoints, ..
        } = &connection.kind
        else {
            continue;
        };
        if let Some(vnet) = networks.get(gateway.value.as_str()) {
            all.extend(endpoints.map(|endpoint| (*vnet, endpoint.value)));
        }
    }
    for vnet in &spec.virtual_networks {
        let machines = vnet.virtual_machines.iter();
        let interfaces = machines.flat_map(|machine| &machine.network_interfaces);
        let name = vnet.name.value.as_str();
        all.extend(interfaces.map(|interface| (name, interface.private_ip_address.value)));
    }
    let balancers = spec.load_balancers.iter();
    all.extend(balancers.map(|balancer| {
        let vnet = balancer.virtual_network.value.as_str();
        (vnet, balancer.frontend_ip_address.value)
    }));
    all
}
