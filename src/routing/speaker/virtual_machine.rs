//! A virtual machine. A network virtual appliance is a virtual machine that forwards and may speak BGP.
//!
//! A machine with one network interface has the effective routes of that interface. With several interfaces, each has
//! its own effective routes, for packets from the interface's address. All other packets use the table of the machine:
//! its operating system selects an interface by destination, and then that interface's effective routes apply.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::addresses::Prefix;
use crate::routing::bgp::{Learned, Refused};
use crate::routing::model::{NicTable, Origin, Route};
use crate::routing::rule::Rule;
use crate::routing::speaker::local::overrule;
use crate::routing::speaker::{Context, Speaker, passed_on_by_customer};
use crate::routing::{Failures, Solver};
use crate::topology::{InterfaceId, NodeId, SessionId, Topology, VnetId};
use crate::units::Asn;

/// A virtual machine.
#[derive(Debug)]
pub(super) struct VirtualMachine {
    pub(super) node: NodeId,
    pub(super) vnet: VnetId,
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

    fn networks(&self, topology: &Topology, _failures: &Failures) -> Vec<Prefix> {
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

    fn uses_med(&self) -> bool {
        true
    }

    fn table(&self, solver: &Solver<'_>) -> Vec<Route> {
        let routes = match &*self.interfaces(solver) {
            [only] => effective(solver, *only),
            _ => self.by_os(solver),
        };
        self.with_own_system(solver, routes)
    }

    fn nic_tables(&self, solver: &Solver<'_>) -> Vec<NicTable> {
        let interfaces = self.interfaces(solver);
        let several = if interfaces.len() > 1 {
            interfaces
        } else {
            Vec::new()
        };
        let tables = several.into_iter().map(|interface| NicTable {
            interface,
            routes: effective(solver, interface),
        });
        tables.collect()
    }
}

/// The effective routes of an interface, with its address as the source of the machine's own packets.
fn effective(solver: &Solver<'_>, interface: InterfaceId) -> Vec<Route> {
    let Some(nic) = solver.nic(interface) else {
        return Vec::new();
    };
    let mut routes = solver.effective_routes(nic);
    solver.set_source(interface, &mut routes);
    routes
}

impl VirtualMachine {
    fn interfaces(&self, solver: &Solver<'_>) -> Vec<InterfaceId> {
        let nics = solver.topology.nics(self.node);
        nics.map(|(id, _)| id).collect()
    }

    /// The operating system's routes, each resolved by the effective routes of its interface: those inside its prefix,
    /// except where a longer route of the operating system applies, and the longest one that contains the prefix.
    fn by_os(&self, solver: &Solver<'_>) -> Vec<Route> {
        let os = solver
            .topology
            .os_routes(self.node, |nic| solver.works(nic));
        let tables: BTreeMap<InterfaceId, Vec<Route>> = os
            .iter()
            .map(|(_, nic)| (*nic, effective(solver, *nic)))
            .collect();
        let mut routes = Vec::new();
        for (prefix, nic) in &os {
            let own = &tables[nic];
            let longer = |other: &Prefix| other.prefix_len() > prefix.prefix_len();
            let is_anothers = |route: &Route| {
                let mut others = os.iter().map(|(other, _)| other);
                others.any(|other| longer(other) && other.contains(&route.prefix))
            };
            let inside = own
                .iter()
                .filter(|route| prefix.contains(&route.prefix) && !is_anothers(route));
            routes.extend(inside.cloned());
            let active = || own.iter().filter(|route| route.is_active());
            if !active().any(|route| route.prefix == *prefix) {
                let holding = active().filter(|route| route.prefix.contains(prefix));
                let longest = holding.max_by_key(|route| route.prefix.prefix_len());
                routes.extend(longest.map(|route| Route {
                    prefix: *prefix,
                    ..route.clone()
                }));
            }
        }
        routes
    }

    /// Adds the routes of the machine's operating system, which precede those of its interface. An appliance's system
    /// treats its network and the peered ones as reachable by its interface. Packets that it sends into a tunnel never
    /// reach the interface, so the interface's routes have no effect on them.
    fn with_own_system(&self, solver: &Solver<'_>, mut routes: Vec<Route>) -> Vec<Route> {
        let configured = solver.static_prefixes(self.node);
        let mut learned = solver.learned(self.node);
        overrule(&mut learned, &configured);
        let own: Vec<Route> = configured.into_iter().chain(learned).collect();
        let active: BTreeSet<Prefix> = own
            .iter()
            .filter(|own| own.is_active())
            .map(|own| own.prefix)
            .collect();
        for route in routes.iter_mut().filter(|_| !active.is_empty()) {
            let is_on_network = matches!(
                route.origin,
                Origin::VnetLocal | Origin::VnetPeering { .. } | Origin::InterfaceEndpoint
            );
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
