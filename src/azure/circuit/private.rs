//! Tunnels over a circuit's private peering, between a customer edge and the private addresses of a VPN gateway
//! (vpn-gateway/site-to-site-vpn-private-peering).

use crate::addresses::Address;
use crate::azure::circuit::microsoft::Transported;
use crate::azure::source::Builder;
use crate::topology::{InterfaceId, LinkId, NodeId, SessionKind, UnderlayRoute, VnetId};

/// The path between an MSEE and the gateways of a network.
#[derive(Clone, Copy)]
struct Inside {
    /// The MSEE's interface on the network's bridge, for packets from the network.
    leg: InterfaceId,
    /// The MSEE's address there.
    endpoint: Address,
    /// The link for packets to the network: the MSEE's end, and that of the `ExpressRoute` gateway.
    link: [InterfaceId; 2],
}

impl Builder<'_> {
    /// Carries a tunnel over the private peering of the first enabled link of a circuit to its device: to the gateway
    /// by the `ExpressRoute` gateway of its network, and back from the network to the MSEE. Returns all links on these
    /// paths.
    pub(crate) fn cross_private_peering(&mut self, tunnel: &Transported<'_>) -> Vec<LinkId> {
        let [gateway, device] = tunnel.nodes;
        let [private, source] = tunnel.public;
        let [msee, edge] = self.wire_to(tunnel.circuit, device);
        let vnet = self.topology.network_of(gateway);
        let inside = self.inside(self.topology.interface(msee).node, vnet);
        let nics = [gateway, self.topology.interface(inside.link[1]).node].map(|node| {
            self.topology
                .nic(node)
                .expect("a gateway is in its network")
        });
        let routes = [
            self.outer_route(edge, private, self.first_address(msee), source),
            self.outer_route(
                msee,
                source,
                self.first_address(edge),
                self.first_address(msee),
            ),
            self.outer_route(nics[0], source, inside.endpoint, private),
            // The gateway drops packets from addresses that it has no route to.
            self.outer_route(
                inside.link[1],
                source,
                self.first_address(inside.link[0]),
                self.first_address(inside.link[1]),
            ),
        ];
        for route in routes {
            if !self.topology.underlay.contains(&route) {
                self.topology.underlay.push(route);
            }
        }
        let passed = [msee, inside.link[0], inside.leg, nics[0], nics[1]];
        passed.map(|interface| self.link_of(interface)).to_vec()
    }

    /// The first enabled link of a circuit that ends at a device: the MSEE's end and the device's.
    fn wire_to(&self, circuit: &str, device: NodeId) -> [InterfaceId; 2] {
        let mut circuits = self.topology.circuits.iter();
        let circuit = circuits.find(|found| found.name.as_str() == circuit);
        let links = circuit.into_iter().flat_map(|circuit| &circuit.links);
        let wires = links.map(|link| self.topology.link(*link).ends);
        let node = |interface: InterfaceId| self.topology.interface(interface).node;
        wires
            .filter(|[_, edge]| node(*edge) == device)
            .min_by_key(|[_, edge]| !self.topology.interface(*edge).up)
            .expect("the rules require a link of the circuit that ends at the device")
    }

    /// The path between an MSEE and a network.
    fn inside(&self, msee: NodeId, vnet: Option<VnetId>) -> Inside {
        let mut sessions = self.topology.sessions.iter();
        let inside = sessions.find_map(|session| {
            let SessionKind::GatewayConnection { endpoint, leg, .. } = session.kind else {
                return None;
            };
            let [at_msee, at_gateway] = &session.ends;
            let fits = at_msee.node == msee && self.topology.network_of(at_gateway.node) == vnet;
            fits.then_some(Inside {
                leg,
                endpoint,
                link: [at_msee.interface, at_gateway.interface],
            })
        });
        inside.expect("the rules require a connection of the circuit with the gateway's network")
    }

    fn first_address(&self, interface: InterfaceId) -> Address {
        let addresses = &self.topology.interface(interface).addresses;
        addresses
            .first()
            .expect("both ends of a circuit's links have addresses")
            .addr()
    }

    fn outer_route(
        &self,
        interface: InterfaceId,
        to: Address,
        via: Address,
        source: Address,
    ) -> UnderlayRoute {
        UnderlayRoute {
            node: self.topology.interface(interface).node,
            to,
            interface,
            via,
            source,
        }
    }
}
