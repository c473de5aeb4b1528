//! What the gateways of a virtual network put on its interfaces.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::routing::Solver;
use crate::routing::bgp::{Choice, Learned, Own, is_inside_vnet_or_peer};
use crate::routing::model::{Action, NextHop, Origin, Route};
use crate::routing::rule::Rule;
use crate::topology::{
    BgpPeerHostRoutes, Gateway, GatewayId, GatewayKind, InterfaceId, NodeId, SessionId,
    SessionKind, VirtualNetwork, VnetId,
};
use crate::units::Asn;

/// A path through one instance of a VPN gateway.
struct Candidate {
    instance: NodeId,
    as_path: Vec<Asn>,
    /// The instance has it by a tunnel of its own.
    is_own: bool,
}

impl Solver<'_> {
    /// What the gateways that a network uses put on one of its interfaces, winners and losers. Nothing
    /// equal to or inside the address space of the network or its peers is put there, whatever its
    /// length: system routes win (virtual-networks-udr-overview).
    pub(super) fn offers(&self, vnet: VnetId, nic: InterfaceId) -> Vec<Route> {
        let home = self.gateways_of(vnet);
        let circuits = home
            .express_route_gateway
            .map(|id| self.circuit_offers(id, nic))
            .unwrap_or_default();
        let tunnels = home
            .vpn_gateway
            .map(|id| self.tunnel_offers(home, id, nic))
            .unwrap_or_default();
        let prefixes: BTreeSet<Ipv4Net> = circuits.keys().chain(tunnels.keys()).copied().collect();
        let is_shielded = |prefix: &Ipv4Net| is_inside_vnet_or_peer(self.topology, vnet, *prefix);
        prefixes
            .into_iter()
            .filter(|prefix| !is_shielded(prefix))
            .flat_map(|prefix| {
                let by_circuit = circuits.get(&prefix).cloned().unwrap_or_default();
                let by_tunnel = tunnels.get(&prefix).cloned().unwrap_or_default();
                circuits_first(by_circuit, by_tunnel)
            })
            .collect()
    }

    /// The network whose gateways a network uses: its own, or a peer's by `useRemoteGateways`.
    fn gateways_of(&self, vnet: VnetId) -> &VirtualNetwork {
        let own = self.topology.vnet(vnet);
        let mut peerings = self.failures.peerings(self.topology, vnet);
        let remote = peerings.find(|peering| peering.uses_remote_gateways);
        remote.map_or(own, |peering| self.topology.vnet(peering.remote))
    }

    /// The working instances of the VPN gateway that a network uses.
    pub(super) fn vpn_instances(&self, vnet: VnetId) -> Vec<NodeId> {
        let gateway = self.gateways_of(vnet).vpn_gateway;
        let instances = gateway.map_or(&[][..], |id| &self.topology.gateway(id).instances);
        let working = instances.iter().filter(|node| self.is_attached(**node));
        working.copied().collect()
    }

    /// What circuits brought: the best together, and what they beat. Traffic goes straight to the
    /// MSEEs, past the gateway.
    fn circuit_offers(&self, id: GatewayId, nic: InterfaceId) -> BTreeMap<Ipv4Net, Vec<Route>> {
        let gateway = self.topology.gateway(id);
        let endpoint = |learned: &Learned| match self.topology.session(learned.session).kind {
            SessionKind::GatewayConnection { endpoint, .. } => Some(endpoint),
            _ => None,
        };
        let route = |prefix, group: &[&Learned]| {
            let endpoints: BTreeSet<Ipv4Addr> = group
                .iter()
                .filter_map(|learned| endpoint(learned))
                .collect();
            let origin = Origin::VirtualNetworkGateway {
                gateway: gateway.name.clone(),
                is_express_route: true,
                as_path: group[0].as_path.to_vec(),
                weight: group[0].weight,
            };
            Route::new(prefix, through(nic, &endpoints), origin)
                .listing(endpoints.into_iter().collect())
        };
        let by_circuit = |learned: &&Learned| endpoint(learned).is_some();
        let offered = |prefix, choice: &Choice<'_>| {
            let best: Vec<&Learned> = choice.best.iter().filter(by_circuit).collect();
            let first = *best.first()?;
            let beaten = choice.beaten.iter().filter(by_circuit).map(|loser| {
                let rule = first.beats(loser).unwrap_or(Rule::AsPathLength);
                route(prefix, &[loser]).beaten_by(rule)
            });
            Some(iter::once(route(prefix, &best)).chain(beaten).collect())
        };
        // A circuits' gateway is one speaker, however many instances Azure runs of it.
        let speaker = gateway.instances.first();
        let choices = speaker
            .into_iter()
            .flat_map(|node| self.ribs.of(*node).choices());
        choices
            .filter_map(|(prefix, choice)| Some((prefix, offered(prefix, &choice)?)))
            .collect()
    }

    /// What tunnels brought, and what was set by hand to lie behind them: by the instances that have
    /// the shortest path of their own.
    fn tunnel_offers(
        &self,
        home: &VirtualNetwork,
        id: GatewayId,
        nic: InterfaceId,
    ) -> BTreeMap<Ipv4Net, Vec<Route>> {
        let gateway = self.topology.gateway(id);
        let shows_peers = match self.topology.semantics.bgp_peer_host_routes {
            BgpPeerHostRoutes::Always => true,
            BgpPeerHostRoutes::Never => false,
            BgpPeerHostRoutes::VpnOnly => home.express_route_gateway.is_none(),
        };
        let is_shown = |prefix| shows_peers || !self.is_peer_of(gateway, prefix);
        let instances = self.heard_instances(gateway).into_iter();
        let all = instances.flat_map(|instance| {
            let held = self.by_instance(instance).into_iter();
            held.map(move |(prefix, as_path, is_own)| {
                let candidate = Candidate {
                    instance,
                    as_path,
                    is_own,
                };
                (prefix, candidate)
            })
        });
        let mut candidates: BTreeMap<Ipv4Net, Vec<Candidate>> = BTreeMap::new();
        for (prefix, candidate) in all.filter(|(prefix, _)| is_shown(*prefix)) {
            candidates.entry(prefix).or_default().push(candidate);
        }
        candidates
            .into_iter()
            .map(|(prefix, found)| (prefix, self.tunnel_routes(gateway, nic, prefix, found)))
            .collect()
    }

    /// The instances whose routes come to the network's interfaces: one of them puts them there, its own
    /// and those of the twin that it hears.
    fn heard_instances(&self, gateway: &Gateway) -> Vec<NodeId> {
        let instances = gateway.instances.iter().copied();
        let working: Vec<NodeId> = instances.filter(|node| self.is_attached(*node)).collect();
        let hears = |elected: NodeId, other: NodeId| {
            let sessions = self.topology.sessions.iter().enumerate();
            let mut between = sessions.filter(|(_, session)| {
                let nodes = session.ends.each_ref().map(|end| end.node);
                session.kind == SessionKind::Instances
                    && nodes.contains(&elected)
                    && nodes.contains(&other)
            });
            between.any(|(index, _)| self.ribs.is_live(SessionId(index)))
        };
        let Some(elected) = working.first().copied() else {
            return Vec::new();
        };
        let candidates = working.into_iter();
        candidates
            .filter(|node| *node == elected || hears(elected, *node))
            .collect()
    }

    /// The prefixes that an instance has: by hand, by its own tunnels, or from its twin.
    fn by_instance(&self, instance: NodeId) -> Vec<(Ipv4Net, Vec<Asn>, bool)> {
        let is_by_hand = |own: &&Own| own.behind.is_some();
        let by_hand = self.ribs.own(instance).iter().filter(is_by_hand);
        let mut found: BTreeMap<Ipv4Net, (Vec<Asn>, bool)> = by_hand
            .map(|own| (own.prefix, (Vec::new(), true)))
            .collect();
        for (prefix, choice) in self.ribs.of(instance).choices() {
            let best = &choice.best[0];
            if !best.is_coexistence {
                found
                    .entry(prefix)
                    .or_insert_with(|| (best.as_path.to_vec(), !best.is_internal));
            }
        }
        let flat = found.into_iter();
        flat.map(|(prefix, (path, is_own))| (prefix, path, is_own))
            .collect()
    }

    /// Whether a prefix is the BGP address of a neighbour of any of a gateway's instances.
    fn is_peer_of(&self, gateway: &Gateway, prefix: Ipv4Net) -> bool {
        let mut own = gateway
            .instances
            .iter()
            .flat_map(|instance| self.ribs.own(*instance));
        own.any(|own| own.is_peer && own.prefix == prefix)
    }

    fn tunnel_routes(
        &self,
        gateway: &Gateway,
        nic: InterfaceId,
        prefix: Ipv4Net,
        candidates: Vec<Candidate>,
    ) -> Vec<Route> {
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
        let (best, beaten): (Vec<_>, Vec<_>) = candidates.into_iter().partition(is_listed);
        let route = |group: &[&Candidate]| {
            let hops: BTreeSet<Ipv4Addr> = group
                .iter()
                .filter_map(|one| self.topology.node(one.instance).address)
                .collect();
            let origin = Origin::VirtualNetworkGateway {
                gateway: gateway.name.clone(),
                is_express_route: false,
                as_path: group[0].as_path.clone(),
                weight: 0,
            };
            let listed = listed(gateway, &hops);
            Route::new(prefix, through(nic, &hops), origin).listing(listed)
        };
        let mut routes = vec![route(&best.iter().collect::<Vec<_>>())];
        // What an instance has from its twin alone is the twin's own route once more.
        let losers = beaten.iter().filter(|one| one.is_own);
        routes.extend(losers.map(|one| route(&[one]).beaten_by(Rule::AsPathLength)));
        routes
    }
}

fn through(nic: InterfaceId, addresses: &BTreeSet<Ipv4Addr>) -> Action {
    let hop = |via: &Ipv4Addr| NextHop {
        interface: nic,
        via: Some(*via),
    };
    Action::Forward(addresses.iter().map(hop).collect())
}

/// One instance is listed by its public address, two by their own.
fn listed(gateway: &Gateway, hops: &BTreeSet<Ipv4Addr>) -> Vec<Ipv4Addr> {
    match gateway.kind {
        GatewayKind::Vpn { public } if gateway.instances.len() == 1 => vec![public],
        _ => hops.iter().copied().collect(),
    }
}

/// Every route of a circuit wins over every route of a tunnel (expressroute-faqs).
fn circuits_first(circuits: Vec<Route>, tunnels: Vec<Route>) -> Vec<Route> {
    let has_circuit = circuits.iter().any(Route::is_in_force);
    let tunnels = tunnels.into_iter().map(|route| {
        if has_circuit && route.is_in_force() {
            route.beaten_by(Rule::ExpressRouteOverVpn)
        } else {
            route
        }
    });
    circuits.into_iter().chain(tunnels).collect()
}
