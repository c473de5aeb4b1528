//! An `ExpressRoute` gateway.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::addresses::{Address, Prefix};
use crate::routing::absence::Reason;
use crate::routing::bgp::{Learned, Refused};
use crate::routing::index::Index;
use crate::routing::model::Route;
use crate::routing::speaker::local::with_discard;
use crate::routing::speaker::{Context, Speaker, gateway};
use crate::routing::{Failures, Solver};
use crate::topology::{NodeId, SessionId, SessionKind, Topology, VnetId};
use crate::units::Asn;

/// An `ExpressRoute` gateway. Its instances are separate speakers of BGP with one table for packets.
#[derive(Debug)]
pub(super) struct ExpressRouteGateway {
    pub(super) node: NodeId,
    pub(super) vnet: VnetId,
}

impl Speaker for ExpressRouteGateway {
    fn vnet(&self) -> Option<VnetId> {
        Some(self.vnet)
    }

    /// With the ranges of the VPN gateway's point-to-site clients, which are advertised as the network's are
    /// (vpn-gateway-vpn-faq).
    fn networks(&self, topology: &Topology, failures: &Failures) -> Vec<Prefix> {
        let networks = gateway::networks(topology, failures, self.vnet);
        let pools = topology.vnet(self.vnet).client_pools.iter();
        networks
            .into_iter()
            .chain(pools.map(|pool| pool.prefix))
            .collect()
    }

    /// An `ExpressRoute` gateway joins neither two circuits nor a circuit and a tunnel (expressroute-faqs).
    fn passes_on<'a>(
        &self,
        context: Context<'_>,
        learned: &'a Learned,
        to: SessionId,
    ) -> Result<Cow<'a, [Asn]>, Refused> {
        let topology = context.topology;
        if topology.session(to).kind != SessionKind::Coexistence {
            return Err(Reason::GatewayKeepsFromCircuit);
        }
        if topology.semantics.express_route_routes_in_vpn_gateway {
            Ok(Cow::Borrowed(&*learned.as_path))
        } else {
            Err(Reason::GatewayKeepsFromTunnel)
        }
    }

    /// What a gateway serves is local to it; the range of a network that its own is merely peered with is not
    /// (vpn-gateway-vpn-faq).
    fn is_local(&self, index: &Index, prefix: Prefix, _originates: &dyn Fn() -> bool) -> bool {
        index.is_served(self.vnet, prefix)
    }

    fn table(&self, solver: &Solver<'_>) -> Vec<Route> {
        let Some(mut routes) = gateway::table(solver, self.node, self.vnet) else {
            return Vec::new();
        };
        solver.add_circuit_links(self.node, &mut routes, |session, other| {
            match session.kind {
                SessionKind::GatewayConnection { .. } => solver.links_behind(other),
                _ => BTreeSet::new(),
            }
        });
        with_discard(routes)
    }

    fn source(&self, solver: &Solver<'_>, learned: &Learned) -> Option<Address> {
        gateway::source(solver, learned)
    }
}
