//! Creates the connections of a lab file, by kind.

use crate::addresses::Prefix;
use crate::azure::circuit::lower::{GatewayConnection, MseeAddresses};
use crate::azure::connection::ends::prefixes_known;
use crate::azure::connection::model::Connection;
use crate::azure::connection::model::{ConnectionKind, IpSecEnd};
use crate::azure::connection::tunnels::{Side, Transport, Tunnels};
use crate::azure::gateway::model::{GatewayKind, VirtualNetworkGateway, VpnSku};
use crate::azure::resources::Resources;
use crate::azure::source::Builder;
use crate::findings::Place;

impl Builder<'_> {
    pub(crate) fn connections(&mut self) {
        // A tunnel over private peering needs the circuit's connection.
        let connections = self.source.resources.connections.iter();
        let (private, others): (Vec<_>, Vec<_>) =
            connections.partition(|connection| connection.kind.is_private());
        for connection in others.into_iter().chain(private) {
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
            ConnectionKind::VnetToVnet { gateways, .. } => {
                let speaks_bgp = speaks_bgp(self.source.resources, &connection.kind);
                let gateways = gateways
                    .each_ref()
                    .map(|gateway| self.gateway_named(&gateway.value));
                let sides = self.vnet_to_vnet_sides(&connection.kind, gateways, speaks_bgp);
                self.connect(connection, None, &sides);
            }
            ConnectionKind::IpSecGateways { gateways, .. } => {
                let sides = gateways
                    .each_ref()
                    .map(|gateway| self.gateway_side(connection, &gateway.value));
                self.connect(connection, None, &sides);
            }
            ConnectionKind::IpSec {
                end,
                device,
                transport,
                ..
            } => {
                let near = match end {
                    IpSecEnd::Gateway(name) => self.gateway_side(connection, &name.value),
                    IpSecEnd::Appliance(machine) => Side::Device(&machine.value),
                };
                let transport = transport.as_ref().map(|circuit| Transport {
                    circuit: &circuit.value,
                    is_private: connection.kind.is_private(),
                });
                self.connect(connection, transport, &[near, Side::Device(&device.value)]);
            }
            ConnectionKind::GlobalReach {
                circuits: [a, b],
                address_prefix,
            } => {
                self.add_global_reach(connection, [&a.value, &b.value], address_prefix.value);
            }
        }
    }

    fn connect(
        &mut self,
        connection: &Connection,
        transport: Option<Transport<'_>>,
        sides: &[Side<'_>; 2],
    ) {
        let tunnels = Tunnels {
            connection,
            speaks_bgp: speaks_bgp(self.source.resources, &connection.kind),
            transport,
        };
        self.add_tunnels(&tunnels, sides);
    }

    /// The instances of a gateway, with the prefixes of its local network gateway. To its default site, it has a
    /// default route too (about-site-to-site-tunneling).
    fn gateway_side<'s>(&self, connection: &Connection, gateway: &str) -> Side<'s> {
        let kind = &connection.kind;
        let known = prefixes_known(kind, gateway).iter();
        let id = self.gateway_named(gateway);
        let default_site = self.default_site(id);
        let is_default = default_site.is_some_and(|site| site == connection.name.value.as_str());
        let networks: Vec<_> = known
            .map(|prefix| prefix.value)
            .chain(is_default.then_some(Prefix::ALL_IPV4))
            .collect();
        Side::Instances(self.gateway_ends(kind, id, &networks))
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
