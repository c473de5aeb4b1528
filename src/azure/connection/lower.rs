//! Creates the connections of a lab file, by kind.

use crate::addresses::Prefix;
use crate::azure::circuit::lower::{GatewayConnection, MseeAddresses};
use crate::azure::connection::model::Connection;
use crate::azure::connection::model::{ConnectionKind, IpSecEnd};
use crate::azure::connection::tunnels::{TunnelEnd, Tunnels};
use crate::azure::gateway::model::{GatewayKind, VirtualNetworkGateway, VpnSku};
use crate::azure::resources::Resources;
use crate::azure::source::Builder;
use crate::findings::{Located, Place};

impl Builder<'_> {
    pub(crate) fn connections(&mut self) {
        for connection in &self.source.resources.connections {
            self.add_connection(connection);
        }
    }

    fn add_connection(&mut self, connection: &Connection) {
        match &connection.kind {
            ConnectionKind::ExpressRoute {
                gateway,
                circuit,
                endpoints,
                msee_addresses,
                routing_weight,
                gateway_bypass,
            } => {
                let joined = GatewayConnection {
                    connection,
                    gateway: self.gateway_named(&gateway.value),
                    routing_weight: *routing_weight,
                    bypasses_gateway: gateway_bypass.value,
                };
                let addresses = [0, 1].map(|leg| MseeAddresses {
                    endpoint: endpoints[leg].value,
                    shown: msee_addresses[leg].value,
                });
                self.add_gateway_connection(&joined, &circuit.value, addresses);
            }
            ConnectionKind::VnetToVnet {
                gateways: [a, b], ..
            } => {
                let gateways = [a, b].map(|gateway| self.gateway_named(&gateway.value));
                let speaks_bgp = speaks_bgp(self.source.resources, &connection.kind);
                let sides = self.vnet_to_vnet_sides(gateways, speaks_bgp);
                let tunnels = Tunnels {
                    connection,
                    speaks_bgp,
                    transport: None,
                };
                self.add_tunnels(&tunnels, &sides);
            }
            ConnectionKind::IpSec {
                end,
                device,
                local_network_address_prefixes,
                transport,
                ..
            } => {
                let name = connection.name.value.as_str();
                let sides = [
                    self.azure_ends(name, end, local_network_address_prefixes),
                    vec![self.device_end(name, &device.value)],
                ];
                let tunnels = Tunnels {
                    connection,
                    speaks_bgp: speaks_bgp(self.source.resources, &connection.kind),
                    transport: transport.as_ref().map(|circuit| circuit.value.as_str()),
                };
                self.add_tunnels(&tunnels, &sides);
            }
            ConnectionKind::GlobalReach {
                circuits: [a, b],
                address_prefix,
            } => {
                self.add_global_reach(connection, [&a.value, &b.value], address_prefix.value);
            }
        }
    }

    fn azure_ends(
        &self,
        connection: &str,
        end: &IpSecEnd,
        behind_device: &[Located<Prefix>],
    ) -> Vec<TunnelEnd> {
        match end {
            IpSecEnd::Gateway(gateway) => {
                let networks: Vec<_> = behind_device.iter().map(|prefix| prefix.value).collect();
                self.gateway_ends(self.gateway_named(&gateway.value), &networks)
            }
            IpSecEnd::Appliance(machine) => vec![self.device_end(connection, &machine.value)],
        }
    }
}

/// Whether a connection uses BGP: as the file states or, by default, unless one of its gateways does not support BGP.
pub(crate) fn speaks_bgp(spec: &Resources, kind: &ConnectionKind) -> bool {
    let gateways = kind.vpn_gateways().iter();
    let mut gateways = gateways.map(|gateway| gateway.value.as_str());
    kind.enable_bgp().map_or_else(
        || gateways.all(|gateway| has_bgp(spec, gateway)),
        |said| said.value,
    )
}

/// Whether a gateway supports BGP (about-gateway-skus).
pub(crate) fn has_bgp(spec: &Resources, gateway: &str) -> bool {
    let mut gateways = spec.virtual_network_gateways.iter();
    let found = gateways.find(|found| found.name.value.as_str() == gateway);
    found.and_then(basic_size).is_none()
}

/// The place where the file sets the size `Basic` for a VPN gateway; `None` if it has another size.
pub(crate) fn basic_size(gateway: &VirtualNetworkGateway) -> Option<Place> {
    match gateway.kind {
        GatewayKind::Vpn { sku, .. } => (sku.value == VpnSku::Basic).then_some(sku.place),
        GatewayKind::ExpressRoute { .. } => None,
    }
}
