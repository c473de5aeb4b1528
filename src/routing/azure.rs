//! The routes of what Azure runs: network interfaces, gateways, MSEEs and the public underlay.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::routing::bgp::{self, Choice, Learned, Ribs};
use crate::routing::model::{Action, Beaten, NextHop, Origin, Route};
use crate::topology::{
    InterfaceId, LinkKind, NodeId, Role, SessionKind, Topology, VirtualNetwork, VnetId,
};

/// The rule by which a circuit's routes win (expressroute-faqs: `ExpressRoute` is preferred over
/// VPN for equal prefixes, whatever the path length).
const EXPRESS_ROUTE_OVER_VPN: &str = "ExpressRoute before VPN";

/// The effective routes of a virtual machine's network interface.
pub(super) fn virtual_machine(
    topology: &Topology,
    ribs: &Ribs,
    node: NodeId,
    vnet: VnetId,
) -> Vec<Route> {
    let Some(nic) = nic(topology, node) else {
        return Vec::new();
    };
    let mut routes = system_routes(topology, vnet, nic);
    routes.extend(gateway_routes(topology, ribs, vnet, nic));
    let subnet_gateway = match topology.node(node).role {
        Role::VirtualMachine { subnet_gateway, .. } => Some(subnet_gateway),
        _ => None,
    };
    // The fabric answers for the subnet's gateway and drops what reaches it: a lab has no Internet.
    // It is dropped there and not here, so that a sender sees no error, as in Azure.
    if routes
        .iter()
        .all(|route| route.prefix != Ipv4Net::default())
    {
        let to_fabric = Action::Forward(vec![NextHop {
            interface: nic,
            via: subnet_gateway,
        }]);
        routes.push(Route::new(Ipv4Net::default(), to_fabric, Origin::Internet));
    }
    match topology.node(node).address {
        Some(address) => routes
            .into_iter()
            .map(|route| route.from(address))
            .collect(),
        None => routes,
    }
}

/// The interface of a machine or gateway on its network.
fn nic(topology: &Topology, node: NodeId) -> Option<InterfaceId> {
    topology
        .interfaces_of(node)
        .find(|(_, interface)| interface.segment.is_some())
        .map(|(id, _)| id)
}

/// One route per range of the network and of each network peered with it.
fn system_routes(topology: &Topology, vnet: VnetId, nic: InterfaceId) -> Vec<Route> {
    let direct = || {
        Action::Forward(vec![NextHop {
            interface: nic,
            via: None,
        }])
    };
    let own = topology.vnet(vnet);
    let local = own
        .prefixes
        .iter()
        .map(|prefix| Route::new(*prefix, direct(), Origin::VnetLocal));
    let peered = own.peerings.iter().flat_map(|peering| {
        let remote = topology.vnet(peering.remote);
        let origin = || Origin::VnetPeering(remote.name.clone());
        remote
            .prefixes
            .iter()
            .map(move |prefix| Route::new(*prefix, direct(), origin()))
    });
    local.chain(peered).collect()
}

/// What the gateways that a network uses put on its interfaces.
fn gateway_routes(topology: &Topology, ribs: &Ribs, vnet: VnetId, nic: InterfaceId) -> Vec<Route> {
    let home = gateways_of(topology, vnet);
    let learned = |gateway: Option<NodeId>| {
        gateway
            .map(|gateway| offers(topology, ribs, gateway, nic))
            .unwrap_or_default()
    };
    let circuit = learned(home.express_route_gateway);
    let vpn = learned(home.vpn_gateway);
    let prefixes: BTreeSet<Ipv4Net> = circuit.keys().chain(vpn.keys()).copied().collect();
    prefixes
        .into_iter()
        .filter(|prefix| !bgp::is_inside_vnet_or_peer(topology, vnet, *prefix))
        .filter_map(|prefix| prefer(circuit.get(&prefix), vpn.get(&prefix)))
        .collect()
}

/// The network whose gateways a network uses: its own, or a peer's by `useRemoteGateways`.
fn gateways_of(topology: &Topology, vnet: VnetId) -> &VirtualNetwork {
    let own = topology.vnet(vnet);
    let remote = own
        .peerings
        .iter()
        .find(|peering| peering.uses_remote_gateways);
    remote.map_or(own, |peering| topology.vnet(peering.remote))
}

fn prefer(circuit: Option<&Route>, vpn: Option<&Route>) -> Option<Route> {
    let mut winner = circuit.or(vpn)?.clone();
    if let (Some(_), Some(loser)) = (circuit, vpn) {
        winner.beaten.push(Beaten {
            origin: loser.origin.clone(),
            rule: EXPRESS_ROUTE_OVER_VPN,
        });
    }
    Some(winner)
}

/// What one gateway learned, as routes of an interface. Traffic to a circuit goes straight to the
/// MSEEs, past the gateway; traffic to a tunnel goes to the gateway.
fn offers(
    topology: &Topology,
    ribs: &Ribs,
    gateway: NodeId,
    nic: InterfaceId,
) -> BTreeMap<Ipv4Net, Route> {
    let via = |learned: &Learned| match topology.sessions[learned.session].kind {
        SessionKind::GatewayConnection { endpoint } => Some(endpoint),
        SessionKind::Tunnel | SessionKind::PrivatePeering => topology.node(gateway).address,
    };
    let hop = |learned: &Learned| NextHop {
        interface: nic,
        via: via(learned),
    };
    let origin = |learned: &Learned| Origin::VirtualNetworkGateway {
        gateway: topology.node(gateway).name.clone(),
        as_path: learned.as_path.clone(),
    };
    ribs.choices(gateway)
        .map(|(prefix, choice)| (prefix, chosen(prefix, &choice, hop, origin)))
        .collect()
}

/// A choice as a route: the best together, each next hop once, and what they beat.
fn chosen(
    prefix: Ipv4Net,
    choice: &Choice<'_>,
    hop: impl Fn(&Learned) -> NextHop,
    origin: impl Fn(&Learned) -> Origin,
) -> Route {
    let hops: BTreeSet<NextHop> = choice.best.iter().map(hop).collect();
    let forward = Action::Forward(hops.into_iter().collect());
    let mut route = Route::new(prefix, forward, origin(&choice.best[0]));
    let beaten = choice.beaten.iter().map(|loser| Beaten {
        origin: origin(loser),
        rule: rule(choice, loser),
    });
    route.beaten = beaten.collect();
    route
}

/// The rule of BGP's decision that a loser fell by.
fn rule(choice: &Choice<'_>, loser: &Learned) -> &'static str {
    if choice.best[0].local_preference > loser.local_preference {
        "higher local preference"
    } else {
        "shorter AS path"
    }
}

/// A gateway's own routes: its network and those peered with it, what it learned, and nothing else.
pub(super) fn gateway(topology: &Topology, ribs: &Ribs, node: NodeId, vnet: VnetId) -> Vec<Route> {
    let Some(nic) = nic(topology, node) else {
        return Vec::new();
    };
    let mut routes = system_routes(topology, vnet, nic);
    if let Some(address) = topology.node(node).address {
        routes = routes
            .into_iter()
            .map(|route| route.from(address))
            .collect();
    }
    routes.extend(learned(topology, ribs, node));
    with_last_resort(routes)
}

/// An MSEE's routes: what its customers and gateways told it.
pub(super) fn msee(topology: &Topology, ribs: &Ribs, node: NodeId) -> Vec<Route> {
    with_last_resort(learned(topology, ribs, node))
}

/// A customer's default route, where there is one, takes the place of the last resort.
fn with_last_resort(mut routes: Vec<Route>) -> Vec<Route> {
    if routes
        .iter()
        .all(|route| route.prefix != Ipv4Net::default())
    {
        routes.push(last_resort());
    }
    routes
}

/// Where a router's knowledge ends, packets are dropped and nobody is told.
pub(super) fn last_resort() -> Route {
    Route::new(Ipv4Net::default(), Action::Drop, Origin::LastResort)
}

/// What a router learned by BGP, as routes.
pub(super) fn learned(topology: &Topology, ribs: &Ribs, node: NodeId) -> Vec<Route> {
    ribs.choices(node)
        .map(|(prefix, choice)| learned_route(topology, prefix, &choice))
        .collect()
}

fn learned_route(topology: &Topology, prefix: Ipv4Net, choice: &Choice<'_>) -> Route {
    let hop = |learned: &Learned| {
        let ends = &topology.sessions[learned.session].ends;
        NextHop {
            interface: ends[learned.end].interface,
            via: ends[1 - learned.end].next_hop,
        }
    };
    let origin = |learned: &Learned| Origin::Bgp {
        neighbour: topology
            .node(topology.sessions[learned.session].ends[1 - learned.end].node)
            .name
            .clone(),
        as_path: learned.as_path.clone(),
        local_preference: learned.local_preference,
    };
    let best = &choice.best[0];
    let own = &topology.sessions[best.session].ends[best.end];
    chosen(prefix, choice, hop, origin).from(own.source)
}

/// The routes that carry tunnels: at each tunnel's end the way to the other's public address and,
/// on a customer's device, to the other's BGP address through the tunnel.
pub(super) fn underlay(topology: &Topology, node: NodeId) -> Vec<Route> {
    let mut routes = BTreeMap::new();
    for link in &topology.links {
        let LinkKind::Tunnel { public, .. } = &link.kind else {
            continue;
        };
        for (end, interface) in link.ends.iter().enumerate() {
            if topology.interface(*interface).node != node {
                continue;
            }
            routes.extend(
                to_public(topology, node, public[1 - end]).map(|route| (route.prefix, route)),
            );
            let far = topology.interface(link.ends[1 - end]).node;
            for address in to_bgp_peer(topology, node, far) {
                let hop = NextHop {
                    interface: *interface,
                    via: None,
                };
                let route = Route::new(
                    Ipv4Net::from(address),
                    Action::Forward(vec![hop]),
                    Origin::Static,
                );
                routes.insert(route.prefix, route);
            }
        }
    }
    routes.into_values().collect()
}

/// The way to a public address: the interface whose far end is in the internet.
fn to_public(topology: &Topology, node: NodeId, address: Ipv4Addr) -> Option<Route> {
    topology.interfaces_of(node).find_map(|(id, interface)| {
        let far = topology.interface(topology.across(id)?);
        let is_internet = topology.node(far.node).role == Role::Internet;
        let via = far.addresses.first()?.addr();
        let hop = NextHop {
            interface: id,
            via: Some(via),
        };
        let route = Route::new(
            Ipv4Net::from(address),
            Action::Forward(vec![hop]),
            Origin::Static,
        );
        is_internet.then(|| route.from(interface.addresses.first().map_or(via, Ipv4Net::addr)))
    })
}

/// The addresses of a gateway's BGP speaker that a customer's device reaches by a static host route.
fn to_bgp_peer(topology: &Topology, node: NodeId, far: NodeId) -> Vec<Ipv4Addr> {
    match topology.node(node).role {
        Role::Router { .. } => topology.node(far).loopback.clone(),
        _ => Vec::new(),
    }
}

/// The internet's routes: every public address, by the interface toward it.
pub(super) fn internet(topology: &Topology, node: NodeId) -> Vec<Route> {
    let access = topology.interfaces_of(node).filter_map(|(id, _)| {
        let far = topology.interface(topology.across(id)?);
        let public = far.addresses.first().filter(|_| far.node != node)?;
        let hop = NextHop {
            interface: id,
            via: Some(public.addr()),
        };
        Some(Route::new(
            *public,
            Action::Forward(vec![hop]),
            Origin::Static,
        ))
    });
    access.chain([last_resort()]).collect()
}
