//! An instance of a VPN gateway.

use std::borrow::Cow;

use crate::addresses::{Address, Prefix};
use crate::routing::absence::Reason;
use crate::routing::bgp::{Learned, Originated, Refused};
use crate::routing::index::Index;
use crate::routing::model::Route;
use crate::routing::nic::MOST_NEXT_HOPS;
use crate::routing::speaker::local::with_discard;
use crate::routing::speaker::{Context, Speaker, gateway};
use crate::routing::{Failures, Solver};
use crate::topology::{NodeId, Session, SessionId, SessionKind, Topology, VnetId};
use crate::units::Asn;

/// An instance of a VPN gateway.
#[derive(Debug)]
pub(super) struct VpnGateway {
    pub(super) node: NodeId,
    pub(super) vnet: VnetId,
}

impl Speaker for VpnGateway {
    fn vnet(&self) -> Option<VnetId> {
        Some(self.vnet)
    }
    /// With the ranges of its point-to-site clients (vpn-gateway-vpn-faq).
    fn networks(&self, topology: &Topology, failures: &Failures) -> Vec<Prefix> {
        let networks = gateway::networks(topology, failures, self.vnet);
        let own = gateway::client_pools(topology, self.vnet, self.node);
        networks.into_iter().chain(own).collect()
    }

    /// The instances of a VPN gateway and the `ExpressRoute` gateway of the same network all have their network's
    /// ranges, so a VPN gateway advertises those to neighbors outside the network only; the `ExpressRoute` gateway
    /// advertises them to the VPN gateway as well. Static prefixes behind a gateway's tunnel are advertised to its
    /// other connections and to the other gateways of the network, never back to a connection that they are behind. The
    /// address of a BGP peer is not advertised to an `ExpressRoute` gateway.
    fn advertises(&self, topology: &Topology, originated: &Originated, to: &Session) -> bool {
        let Some(behind) = originated.behind else {
            return !matches!(to.kind, SessionKind::Instances | SessionKind::Coexistence);
        };
        let mut ends = to.ends.iter().filter(|end| end.node == self.node);
        // The peer's address in its own local network gateway counts as the peer's address only.
        let lies_there = ends.any(|end| {
            let peer = end.peer_address.map(Prefix::from);
            end.networks.contains(&originated.prefix) && peer != Some(originated.prefix)
        });
        let is_other = topology.session(behind).name != to.name && !lies_there;
        let is_hidden = originated.is_peer && to.kind == SessionKind::Coexistence;
        is_other && !is_hidden
    }

    /// A VPN gateway never advertises a default route over a tunnel (vpn-gateway-vpn-faq).
    fn may_advertise(&self, to: &Session, prefix: Prefix) -> Result<(), Refused> {
        if to.kind == SessionKind::Tunnel && prefix.prefix_len() == 0 {
            return Err(Reason::DefaultRoute);
        }
        Ok(())
    }

    /// Routes from circuits are not advertised to tunnels. Routes from a tunnel are advertised to the other tunnels, to
    /// the other instance and to the `ExpressRoute` gateway (vpn-gateway-bgp-overview), but not to a neighbor whose ASN
    /// is already in the path: a site with two connections hears none of its own prefixes.
    fn passes_on<'a>(
        &self,
        context: Context<'_>,
        learned: &'a Learned,
        to: SessionId,
    ) -> Result<Cow<'a, [Asn]>, Refused> {
        let topology = context.topology;
        let ends = topology.session(to).ends.iter();
        let mut others = ends.filter(|end| end.node != self.node);
        let listener = others.find_map(|end| topology.node(end.node).asn);
        let is_own = topology.node(self.node).asn == listener;
        if !is_own && listener.is_some_and(|asn| learned.as_path.contains(&asn)) {
            return Err(Reason::Loop);
        }
        match context.topology.session(learned.session).kind {
            SessionKind::Coexistence => Err(Reason::GatewayKeepsFromTunnel),
            _ => Ok(Cow::Borrowed(&*learned.as_path)),
        }
    }

    /// The prefixes of the networks that use a gateway are local to it. The range of a network that is only peered with
    /// its own is not local (vpn-gateway-vpn-faq).
    fn is_local(&self, index: &Index, prefix: Prefix, _originates: &dyn Fn() -> bool) -> bool {
        index.is_served(self.vnet, prefix)
    }

    fn table(&self, solver: &Solver<'_>) -> Vec<Route> {
        let routes = gateway::table(solver, self.node, self.vnet);
        routes.map_or_else(Vec::new, with_discard)
    }

    fn most_next_hops(&self) -> usize {
        MOST_NEXT_HOPS
    }

    fn source(&self, solver: &Solver<'_>, learned: &Learned) -> Option<Address> {
        gateway::source(solver, learned)
    }
}
