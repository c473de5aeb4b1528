//! Routes that the gateways of a virtual network propagate to its interfaces.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::addresses::{Address, Prefix};
use crate::routing::Solver;
use crate::routing::bgp::Originated;
use crate::routing::model::{Action, NextHop, Origin, Route};
use crate::routing::rule::Rule;
use crate::routing::speaker::{gateway, session};
use crate::topology::{
    BgpPeerHostRoutes, Gateway, GatewayId, GatewayKind, InterfaceId, NodeId, Topology,
    VirtualNetwork, VnetId,
};
use crate::units::Asn;

/// The maximum number of next hops of one prefix at a network interface or a VPN gateway (vpn-gateway-vpn-faq).
pub(in crate::routing) const MOST_NEXT_HOPS: usize = 8;

/// The routes that the gateways of each network propagate to interfaces, computed on first use.
pub(in crate::routing) type Propagated = [OnceCell<PropagatedRoutes>];

/// No network computed.
pub(in crate::routing) fn nothing_propagated(
    topology: &Topology,
) -> Vec<OnceCell<PropagatedRoutes>> {
    let networks = topology.virtual_networks.iter();
    networks.map(|_| OnceCell::new()).collect()
}

/// The routes that the gateways of one network propagate, not yet resolved for an interface.
#[derive(Default)]
pub(in crate::routing) struct PropagatedRoutes {
    /// The sets of next-hop addresses, each set once.
    ways: Vec<Arc<[Address]>>,
    /// By prefix, in order: routes without next hops, each with the index of its set.
    routes: Vec<(usize, Route)>,
}

impl PropagatedRoutes {
    fn of(all: BTreeMap<Prefix, Vec<GatewayRoute>>) -> Self {
        let mut numbers = BTreeMap::new();
        let mut propagated = Self::default();
        for GatewayRoute { route, hops } in all.into_values().flatten() {
            let way = *numbers.entry(hops).or_insert_with_key(|hops| {
                propagated.ways.push(Arc::clone(hops));
                propagated.ways.len() - 1
            });
            propagated.routes.push((way, route));
        }
        propagated
    }
}

/// A route of a gateway, without next hops, and the addresses of its next hops.
#[derive(Clone)]
pub(super) struct GatewayRoute {
    pub(super) route: Route,
    pub(super) hops: Arc<[Address]>,
}

/// A path through one instance of a VPN gateway.
struct Candidate {
    instance: NodeId,
    as_path: Arc<[Asn]>,
    /// The instance learned it through its own tunnel.
    is_own: bool,
    /// How many tunnels of the instance are equally good for it.
    paths: usize,
}

impl Solver<'_> {
    /// Adds the routes that the gateways of a network propagate to one of its interfaces, active and inactive, by
    /// prefix. A prefix that is equal to or inside the address space of the network or its peers is not propagated,
    /// even if it is longer: system routes win (virtual-networks-udr-overview).
    pub(in crate::routing) fn add_propagated(
        &self,
        vnet: VnetId,
        nic: InterfaceId,
        routes: &mut Vec<Route>,
    ) {
        let home = self.home(vnet);
        let propagated =
            self.propagated[home.0].get_or_init(|| self.all_propagated(self.topology.vnet(home)));
        let ways = propagated.ways.iter().map(|way| through(nic, way));
        let ways: Vec<Action> = ways.collect();
        let own = propagated.routes.iter();
        let own = own.filter(|(_, route)| !self.index.is_inside_vnet_or_peer(vnet, route.prefix));
        routes.reserve(propagated.routes.len());
        routes.extend(own.map(|(way, route)| Route {
            action: ways[*way].clone(),
            ..route.clone()
        }));
    }

    fn all_propagated(&self, home: &VirtualNetwork) -> PropagatedRoutes {
        let circuits = home
            .express_route_gateway
            .map(|id| self.circuit_routes(id))
            .unwrap_or_default();
        let mut all = home
            .vpn_gateway
            .map(|id| self.tunnel_routes(home, id))
            .unwrap_or_default();
        for (prefix, by_circuit) in circuits {
            let by_tunnel = all.remove(&prefix).unwrap_or_default();
            all.insert(prefix, circuits_first(by_circuit, by_tunnel));
        }
        PropagatedRoutes::of(all)
    }

    /// The network whose gateways a network uses: its own, or a peer's by `useRemoteGateways`.
    fn home(&self, vnet: VnetId) -> VnetId {
        let mut peerings = self.failures.peerings(self.topology, vnet);
        let remote = peerings.find(|peering| peering.uses_remote_gateways);
        remote.map_or(vnet, |peering| peering.remote)
    }

    /// The working instances of the VPN gateway that a network uses.
    pub(in crate::routing) fn vpn_instances(&self, vnet: VnetId) -> Vec<NodeId> {
        let gateway = self.topology.vnet(self.home(vnet)).vpn_gateway;
        let instances = gateway.map_or(&[][..], |id| &self.topology.gateway(id).instances);
        let working = instances.iter().filter(|node| self.is_attached(**node));
        working.copied().collect()
    }

    /// Routes from tunnels, and the static prefixes behind them, through the instances with the shortest path of their
    /// own.
    fn tunnel_routes(
        &self,
        home: &VirtualNetwork,
        id: GatewayId,
    ) -> BTreeMap<Prefix, Vec<GatewayRoute>> {
        let gateway = self.topology.gateway(id);
        let shows_peers = match self.topology.semantics.bgp_peer_host_routes {
            BgpPeerHostRoutes::Always => true,
            BgpPeerHostRoutes::Never => false,
            BgpPeerHostRoutes::VpnOnly => home.express_route_gateway.is_none(),
        };
        let peers = self.peers_of(gateway);
        let is_shown = |prefix| shows_peers || !peers.contains(&prefix);
        let instances = self.propagating_instances(gateway).into_iter();
        let all = instances.flat_map(|instance| self.by_instance(gateway.vnet, instance));
        let mut candidates: BTreeMap<Prefix, Vec<Candidate>> = BTreeMap::new();
        for (prefix, candidate) in all.filter(|(prefix, _)| is_shown(*prefix)) {
            candidates.entry(prefix).or_default().push(candidate);
        }
        candidates
            .into_iter()
            .map(|(prefix, found)| (prefix, self.tunnel_routes_of(gateway, prefix, found)))
            .collect()
    }

    /// The instances whose routes reach the network's interfaces. If the two instances have a session, one of them
    /// propagates its own routes and those of the other instance.
    fn propagating_instances(&self, gateway: &Gateway) -> Vec<NodeId> {
        let instances = gateway.instances.iter().copied();
        let working: Vec<NodeId> = instances.filter(|node| self.is_attached(*node)).collect();
        let has_session = |elected: NodeId, other: NodeId| {
            let mut sessions = self.index.sessions[elected.0].iter();
            sessions.any(|(id, end)| {
                let session = self.topology.session(*id);
                session::is_between_instances(session)
                    && session.ends[1 - end].node == other
                    && self.ribs.is_live(*id)
            })
        };
        let Some(elected) = working.first().copied() else {
            return Vec::new();
        };
        let candidates = working.into_iter();
        candidates
            .filter(|node| *node == elected || has_session(elected, *node))
            .collect()
    }

    /// The prefixes of an instance: static ones, its point-to-site clients', those from its own tunnels, and those from
    /// the other instance.
    fn by_instance(&self, vnet: VnetId, instance: NodeId) -> BTreeMap<Prefix, Candidate> {
        let is_static = |own: &&Originated| own.behind.is_some();
        let configured = self
            .ribs
            .originated(instance.into())
            .iter()
            .filter(is_static);
        let fixed = || Candidate {
            instance,
            as_path: Arc::default(),
            is_own: true,
            paths: 1,
        };
        let mut found: BTreeMap<Prefix, Candidate> = configured
            .map(|own| own.prefix)
            .chain(gateway::client_pools(self.topology, vnet, instance))
            .map(|prefix| (prefix, fixed()))
            .collect();
        for (prefix, choice) in self.ribs.of(instance.into()).choices() {
            let best = &choice.best[0];
            if best.yields_by.is_none() {
                found.entry(prefix).or_insert_with(|| Candidate {
                    instance,
                    as_path: Arc::clone(&best.as_path),
                    is_own: !best.is_internal,
                    paths: choice.best.len(),
                });
            }
        }
        found
    }

    /// The BGP addresses of the neighbours of a gateway's instances.
    fn peers_of(&self, gateway: &Gateway) -> BTreeSet<Prefix> {
        let own = gateway
            .instances
            .iter()
            .flat_map(|instance| self.ribs.originated((*instance).into()));
        own.filter(|own| own.is_peer)
            .map(|own| own.prefix)
            .collect()
    }

    fn tunnel_routes_of(
        &self,
        gateway: &Gateway,
        prefix: Prefix,
        candidates: Vec<Candidate>,
    ) -> Vec<GatewayRoute> {
        let lists_idle = self.topology.semantics.list_idle_instances;
        let shortest = |is_own: bool| {
            let eligible = candidates.iter().filter(|one| one.is_own == is_own);
            eligible.map(|one| one.as_path.len()).min()
        };
        let Some(length) = shortest(true).or_else(|| shortest(false)) else {
            return Vec::new();
        };
        let has_own = candidates.iter().any(|one| one.is_own);
        let is_listed =
            |one: &Candidate| one.as_path.len() == length && (one.is_own || !has_own || lists_idle);
        let (best, others): (Vec<_>, Vec<_>) = candidates.into_iter().partition(is_listed);
        let gateway_route = |group: &[&Candidate]| {
            let hops: BTreeSet<Address> = group
                .iter()
                .filter_map(|one| self.topology.node(one.instance).address)
                .collect();
            let hops: Arc<[Address]> = hops.into_iter().collect();
            let origin = Origin::VirtualNetworkGateway {
                gateway: gateway.name.clone(),
                is_express_route: false,
                as_path: Arc::clone(&group[0].as_path),
                weight: 0,
            };
            let listed = listed(gateway, &hops, group);
            GatewayRoute {
                route: Route::new(prefix, Action::Drop, origin).listing(listed),
                hops,
            }
        };
        let mut routes = vec![gateway_route(&best.iter().collect::<Vec<_>>())];
        // A route that an instance has from the other instance only is the other one's own route, so it is not listed
        // twice.
        let losers = others.iter().filter(|one| one.is_own);
        routes.extend(losers.map(|one| gateway_route(&[one]).inactive_by(Rule::AsPathLength)));
        routes
    }
}

impl GatewayRoute {
    pub(super) fn inactive_by(self, rule: Rule) -> Self {
        Self {
            route: self.route.inactive_by(rule),
            ..self
        }
    }
}

fn through(nic: InterfaceId, addresses: &[Address]) -> Action {
    let hop = |via: &Address| NextHop {
        interface: nic,
        via: Some(*via),
    };
    Action::Forward(addresses.iter().map(hop).collect())
}

/// A single instance is listed by its public address, once for each of its equally good tunnels, and two instances by
/// their private addresses.
fn listed(gateway: &Gateway, hops: &Arc<[Address]>, group: &[&Candidate]) -> Arc<[Address]> {
    match gateway.kind {
        GatewayKind::Vpn { public } if gateway.instances.len() == 1 => {
            let paths = group.iter().map(|one| one.paths).sum::<usize>();
            vec![public; paths.clamp(1, MOST_NEXT_HOPS)].into()
        }
        _ => Arc::clone(hops),
    }
}

/// Every route of a circuit wins over every route of a tunnel (expressroute-faqs).
fn circuits_first(circuits: Vec<GatewayRoute>, tunnels: Vec<GatewayRoute>) -> Vec<GatewayRoute> {
    let has_circuit = circuits.iter().any(|one| one.route.is_active());
    let tunnels = tunnels.into_iter().map(|tunnel| {
        if has_circuit && tunnel.route.is_active() {
            tunnel.inactive_by(Rule::ExpressRouteOverVpn)
        } else {
            tunnel
        }
    });
    circuits.into_iter().chain(tunnels).collect()
}
