//! The effective routes of a network interface (virtual-networks-udr-overview).
//!
//! They apply to packets as they leave the interface, and nothing is looked up twice: a next hop is
//! found on the network or on one peered with it, or it is not found.

mod circuits;
mod endpoints;
mod propagated;
mod system;
mod user;

pub(super) use propagated::{MOST_NEXT_HOPS, Propagated, nothing_propagated};

use crate::addresses::{Address, Prefix};
use crate::routing::Solver;
use crate::routing::model::{Action, NextHop, Origin, Route};
use crate::topology::{InterfaceId, NodeId, RouteTable, VirtualNetwork, VnetId};

/// A network interface in Azure, and its place.
#[derive(Clone, Copy)]
pub(super) struct Nic<'a> {
    interface: InterfaceId,
    vnet: VnetId,
    network: &'a VirtualNetwork,
    /// The service endpoints of its subnet.
    services: &'a [(String, Prefix)],
    /// The subnet's first address, which the fabric answers for.
    fabric: Address,
    table: Option<&'a RouteTable>,
}

impl Nic<'_> {
    fn direct(&self) -> Action {
        self.via(None)
    }

    fn via(&self, via: Option<Address>) -> Action {
        Action::Forward([self.hop(via)].into())
    }

    /// Sends packets to Azure's fabric, which drops them. A lab has no Internet, so packets for it are dropped too.
    fn dropped(&self) -> Action {
        Action::Fabric(self.hop(Some(self.fabric)))
    }

    fn hop(&self, via: Option<Address>) -> NextHop {
        NextHop {
            interface: self.interface,
            via,
        }
    }
}

impl Solver<'_> {
    /// The effective routes of a virtual machine's interface.
    pub(super) fn effective_routes(&self, nic: Nic<'_>) -> Vec<Route> {
        let mut routes = self.system_routes(nic);
        routes.push(Route::new(
            Prefix::ALL_IPV4,
            nic.dropped(),
            Origin::Internet,
        ));
        routes.extend(self.reserved(nic));
        if nic.table.is_none_or(|table| table.propagates) {
            let own = routes.len();
            self.add_propagated(nic.vnet, nic.interface, &mut routes);
            system::beat_system_routes(&mut routes, own);
        }
        self.add_user_routes(nic, &mut routes);
        system::drop_reserved_under_a_default(&mut routes);
        routes
    }

    /// A network interface of a machine or gateway.
    pub(super) fn nic(&self, interface: InterfaceId) -> Option<Nic<'_>> {
        let known = self.topology.interface(interface).nic.as_ref()?;
        let network = self.topology.vnet(known.vnet);
        let subnet = network.subnets.get(known.subnet);
        let address = self.topology.address_of(interface);
        let mut endpoints = network.private_endpoints.iter();
        let is_free = endpoints
            .any(|endpoint| Some(endpoint.address) == address && !endpoint.obeys_route_tables);
        // Without the policy, a private endpoint answers past the route table of its subnet.
        let table = subnet.and_then(|subnet| subnet.route_table);
        let table = table.filter(|_| !is_free);
        Some(Nic {
            interface,
            vnet: known.vnet,
            network,
            services: subnet.map_or(&[], |subnet| &subnet.service_endpoints),
            fabric: known.subnet_gateway,
            table: table.map(|id| self.topology.route_table(id)),
        })
    }

    /// Has a node's own packets carry the address of a network interface on some routes.
    pub(super) fn set_source(&self, nic: InterfaceId, routes: &mut [Route]) {
        if let Some(address) = self.topology.address_of(nic) {
            for route in routes {
                route.source = Some(address);
            }
        }
    }

    /// Whether a machine's or gateway's primary interface on its network works.
    pub(super) fn is_attached(&self, node: NodeId) -> bool {
        let nic = self.topology.nic(node);
        nic.is_some_and(|nic| self.works(nic))
    }

    /// Whether an interface works.
    pub(super) fn works(&self, interface: InterfaceId) -> bool {
        self.is_usable(NextHop {
            interface,
            via: None,
        })
    }
}
