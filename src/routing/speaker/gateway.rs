//! What the VPN gateway and the `ExpressRoute` gateway of a virtual network have in common.

use crate::addresses::{Address, Prefix};
use crate::routing::bgp::Learned;
use crate::routing::model::Route;
use crate::routing::rule::Rule;
use crate::routing::speaker::local::overrule;
use crate::routing::{Failures, Solver};
use crate::topology::{NodeId, SessionKind, Topology, VnetId};

/// The prefixes that a gateway originates: those of its network and of the networks that use it by peering
/// (vpn-gateway-peering-gateway-transit).
pub(super) fn networks(topology: &Topology, failures: &Failures, vnet: VnetId) -> Vec<Prefix> {
    let network = topology.vnet(vnet);
    let peerings = failures.peerings(topology, vnet);
    let transit = peerings
        .filter(|peering| peering.gives_transit)
        .flat_map(|peering| &peering.prefixes);
    network.prefixes.iter().chain(transit).copied().collect()
}

/// The ranges of an instance's point-to-site clients.
pub(in crate::routing) fn client_pools(
    topology: &Topology,
    vnet: VnetId,
    instance: NodeId,
) -> impl Iterator<Item = Prefix> {
    let pools = topology.vnet(vnet).client_pools.iter();
    let own = pools.filter(move |pool| pool.instance == instance);
    own.map(|pool| pool.prefix)
}

/// The routes that both kinds of gateway have: to the network and its peers, with the user-defined routes of the
/// `GatewaySubnet`, which apply to the gateway's packets; learned routes; and static prefixes. `None` if the gateway
/// has no interface.
pub(super) fn table(solver: &Solver<'_>, node: NodeId, vnet: VnetId) -> Option<Vec<Route>> {
    let interface = solver.topology.nic(node)?;
    let nic = solver.nic(interface)?;
    let mut routes = solver.system_routes(nic);
    solver.add_user_routes(nic, &mut routes);
    solver.set_source(interface, &mut routes);
    let mut configured = solver.static_prefixes(node);
    let mut learned = solver.learned(node);
    prefer_local(solver, vnet, &mut configured);
    overrule(&mut learned, &configured);
    // A gateway's own table comes first: it selects what enters a tunnel or a circuit.
    overrule(&mut routes, &configured);
    overrule(&mut routes, &learned);
    routes.extend(configured);
    routes.extend(learned);
    Some(routes)
}

/// Makes routes inactive that would send traffic for the gateway's networks elsewhere.
fn prefer_local(solver: &Solver<'_>, vnet: VnetId, routes: &mut [Route]) {
    let served = |route: &&mut Route| solver.index.is_served(vnet, route.prefix);
    for route in routes.iter_mut().filter(served) {
        route.deactivate(Rule::SystemRoute);
    }
}

/// The source address of a gateway's own packets on a learned route.
pub(super) fn source(solver: &Solver<'_>, learned: &Learned) -> Option<Address> {
    let session = solver.topology.session(learned.session);
    let own = &session.ends[learned.end];
    match session.kind {
        SessionKind::Coexistence => unadvertised_address(solver, own.node),
        _ => Some(own.source),
    }
}

/// The source address of an `ExpressRoute` gateway's own packets to destinations outside its network: that of a link to
/// an MSEE, to which no node has a route. Therefore the gateway never shows in a trace, on any return path.
fn unadvertised_address(solver: &Solver<'_>, gateway: NodeId) -> Option<Address> {
    let mut interfaces = solver.topology.interfaces_of(gateway);
    let (_, interface) = interfaces.find(|(_, interface)| interface.segment.is_none())?;
    interface.addresses.first().map(Prefix::addr)
}
