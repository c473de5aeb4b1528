//! A virtual machine, and so a network virtual appliance, which is one that forwards and may speak BGP.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::routing::bgp::{Learned, Refused};
use crate::routing::model::{Origin, Route};
use crate::routing::rule::Rule;
use crate::routing::speaker::local::overrule;
use crate::routing::speaker::{Context, Speaker, passed_on_by_customer};
use crate::routing::{Failures, Solver};
use crate::topology::{NodeId, SessionId, Topology, VnetId};
use crate::units::Asn;

/// A virtual machine.
#[derive(Debug)]
pub(super) struct VirtualMachine {
    pub(super) node: NodeId,
    pub(super) vnet: VnetId,
    /// Its subnet, by position in its network's.
    pub(super) subnet: usize,
    /// Its subnet's first address, which Azure answers for.
    pub(super) subnet_gateway: Ipv4Addr,
}

impl Speaker for VirtualMachine {
    fn vnet(&self) -> Option<VnetId> {
        Some(self.vnet)
    }
    /// The gateways that the machine's network uses.
    fn learns_from(&self, topology: &Topology) -> Vec<NodeId> {
        let own = topology.vnet(self.vnet);
        let used = own
            .peerings
            .iter()
            .find(|peering| peering.uses_remote_gateways);
        let home = used.map_or(own, |peering| topology.vnet(peering.remote));
        let gateways = [home.vpn_gateway, home.express_route_gateway];
        let gateways = gateways.into_iter().flatten();
        gateways
            .flat_map(|id| topology.gateway(id).instances.clone())
            .collect()
    }

    fn networks(&self, topology: &Topology, _failures: &Failures) -> Vec<Ipv4Net> {
        topology.node(self.node).advertise.clone()
    }

    fn passes_on<'a>(
        &self,
        context: Context<'_>,
        learned: &'a Learned,
        to: SessionId,
    ) -> Result<Cow<'a, [Asn]>, Refused> {
        passed_on_by_customer(context, self.node, learned, to)
    }

    fn table(&self, solver: &Solver<'_>) -> Vec<Route> {
        let subnet = solver.topology.vnet(self.vnet).subnets.get(self.subnet);
        let place = (self.vnet, subnet, self.subnet_gateway);
        let Some(nic) = solver.nic(self.node, place) else {
            return Vec::new();
        };
        let mut routes = solver.effective_routes(nic);
        solver.set_source(self.node, &mut routes);
        self.with_own_system(solver, routes)
    }
}

impl VirtualMachine {
    /// Adds the routes of the machine's own system, which come before those of its interface. The system of an
    /// appliance takes its network and the peered ones to be on its interface; all else that it sends into a tunnel
    /// never comes to the interface, whose routes for it then do nothing.
    fn with_own_system(&self, solver: &Solver<'_>, mut routes: Vec<Route>) -> Vec<Route> {
        let configured = solver.static_prefixes(self.node);
        let mut learned = solver.learned(self.node);
        overrule(&mut learned, &configured);
        let own: Vec<Route> = configured.into_iter().chain(learned).collect();
        let active: BTreeSet<Ipv4Net> = own
            .iter()
            .filter(|own| own.is_active())
            .map(|own| own.prefix)
            .collect();
        for route in routes.iter_mut().filter(|_| !active.is_empty()) {
            let is_on_network =
                matches!(route.origin, Origin::VnetLocal | Origin::VnetPeering { .. });
            let is_equal = active.contains(&route.prefix);
            let into_tunnel = || active.iter().any(|own| own.contains(&route.prefix));
            if route.is_active() && (is_equal || (!is_on_network && into_tunnel())) {
                route.deactivate(Rule::AdministrativeDistance);
            }
        }
        routes.extend(own);
        routes
    }
}
