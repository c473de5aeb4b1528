//! Microsoft peering: a circuit's links that carry tunnels to Azure's public addresses.

use std::time::Duration;

use crate::addresses::{Address, Prefix};
use crate::azure::circuit::model::CircuitLink;
use crate::azure::circuit::underlay::{MicrosoftPeering, Underlay};
use crate::azure::facts::addresses::circuit_addresses;
use crate::azure::source::Builder;
use crate::topology::allocate;
use crate::topology::internet::Crossing;
use crate::topology::{InterfaceId, LinkId, NodeId, UnderlayRoute};

/// A tunnel over a circuit's Microsoft or private peering.
pub(crate) struct Transported<'a> {
    /// The circuit.
    pub(crate) circuit: &'a str,
    /// The tunnel's link.
    pub(crate) tunnel: &'a str,
    /// The round-trip time between the MSEE and the gateway, over Microsoft peering.
    pub(crate) round_trip_time: Duration,
    /// The gateway's instance or the appliance, then the device.
    pub(crate) nodes: [NodeId; 2],
    /// Their addresses: the sources of encrypted packets.
    pub(crate) public: [Address; 2],
}

impl Builder<'_> {
    /// Adds a second pair of addresses to a circuit's link between an MSEE and a customer edge, and connects the MSEE
    /// to the internet.
    pub(crate) fn add_microsoft_peering(
        &mut self,
        circuit: &str,
        link: &CircuitLink,
        interfaces: [InterfaceId; 2],
    ) {
        let Some(prefix) = link.microsoft_peer_address_prefix else {
            return;
        };
        let [customer_address, msee_address] = circuit_addresses(prefix.value);
        for (interface, address) in interfaces.into_iter().zip([msee_address, customer_address]) {
            let addresses = &mut self.interface_mut(interface).addresses;
            addresses.push(allocate::host_prefix(address));
        }
        let msee = self.topology.interface(interfaces[0]).node;
        let name = self.topology.node(msee).name.as_str();
        let own = self.allocations.link_local(&format!("microsoft/{name}"));
        let access = self.add_internet_access(msee, own);
        self.source.microsoft_peerings.push(MicrosoftPeering {
            circuit: circuit.to_owned(),
            is_enabled: link.enabled,
            wire: interfaces.map(|interface| self.underlay(interface)),
            access: access.map(|interface| self.underlay(interface)),
        });
    }

    /// An interface with its most recently added address.
    fn underlay(&self, id: InterfaceId) -> Underlay {
        let interface = self.topology.interface(id);
        let address = interface.addresses.last();
        Underlay {
            node: interface.node,
            interface: id,
            address: address
                .map(Prefix::addr)
                .expect("both ends of both links have addresses"),
        }
    }

    /// Carries a tunnel over the first enabled link of a circuit to its device. Returns all links on this path.
    pub(crate) fn cross_circuit(&mut self, tunnel: &Transported<'_>) -> Vec<LinkId> {
        let [gateway, device] = tunnel.nodes;
        let peering = self
            .source
            .microsoft_peerings
            .iter()
            .filter(|peering| peering.circuit == tunnel.circuit && peering.wire[1].node == device)
            .min_by_key(|peering| !peering.is_enabled)
            .expect("the rules require Microsoft peering between the circuit and the device");
        let ([msee, customer_edge], [way_out, internet]) = (peering.wire, peering.access);
        let [gateway_public, device_public] = tunnel.public;
        let routes = [
            route(customer_edge, gateway_public, msee, device_public),
            route(msee, device_public, customer_edge, msee.address),
            route(way_out, gateway_public, internet, msee.address),
            route(internet, device_public, way_out, internet.address),
        ];
        for route in routes {
            if !self.topology.underlay.contains(&route) {
                self.topology.underlay.push(route);
            }
        }
        let mut links = vec![self.link_of(msee.interface)];
        links.extend(self.cross_internet(&Crossing {
            tunnel: tunnel.tunnel,
            round_trip_time: tunnel.round_trip_time,
            is_apart: false,
            access: [
                self.internet_access(gateway, gateway_public),
                internet.interface,
            ],
            public: tunnel.public,
        }));
        links
    }
}

fn route(from: Underlay, to: Address, neighbour: Underlay, source: Address) -> UnderlayRoute {
    UnderlayRoute {
        node: from.node,
        to,
        interface: from.interface,
        via: neighbour.address,
        source,
    }
}
