//! Mistakes in a lab file that Azure accepts but that lose packets.

use crate::addresses::Address;
use crate::network::State;
use crate::routing::{End, Origin, Route, walk};
use crate::topology::{HalfPeering, LoadBalancer, NodeId, Peering, Topology, UserNextHop, VnetId};

/// What is wrong with the next hop of a user-defined route, or with a peering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// No node has the next hop's address.
    Nobody,
    /// The route leads back to the node that uses it, or to the load balancer in front of that node. Azure returns the
    /// packets until their TTL expires.
    LeadsBack,
    /// The next hop's address belongs to `ExpressRoute`.
    ExpressRoute,
    /// The next hop's address belongs to a node outside virtual networks.
    Outside {
        /// The node.
        owner: NodeId,
    },
    /// The next hop's address is in a network that is not peered.
    NotPeered {
        /// The network.
        network: VnetId,
    },
    /// The next hop's address is in a subnet of a peered network that the peering does not include.
    Hidden {
        /// The peered network.
        network: VnetId,
    },
    /// Only one side of the peering on the path exists.
    Initiated {
        /// The network whose side exists.
        with: VnetId,
        /// The network whose side is missing.
        without: VnetId,
    },
    /// The two networks are each peered with another one, and peering is not transitive.
    NotTransitive {
        /// The network that has no route.
        near: VnetId,
        /// The network between them.
        hub: VnetId,
        /// The network with the wanted address.
        far: VnetId,
    },
    /// The network is peered with one that has a gateway, and does not use it.
    UnusedGateway {
        /// The network.
        network: VnetId,
        /// The network with the gateway.
        hub: VnetId,
    },
    /// The destination is in a site whose range is inside the range of a virtual network, so Azure looks for it in the
    /// network.
    Inside {
        /// The destination.
        owner: NodeId,
    },
    /// The network has no VPN gateway and uses no remote gateway.
    NoVpnGateway {
        /// The network.
        network: VnetId,
    },
}

/// Why a user-defined route of a node drops packets; `None` if it is a drop route, or if its next hop exists but does
/// not work.
pub(super) fn of_route(topology: &Topology, node: NodeId, route: &Route) -> Option<Mistake> {
    let Origin::User { next_hop, .. } = &route.origin else {
        return None;
    };
    let network = topology.network_of(node)?;
    match next_hop {
        UserNextHop::VirtualAppliance(address) => of_next_hop(topology, node, network, *address),
        UserNextHop::VirtualNetworkGateway => no_vpn_gateway(topology, network),
        UserNextHop::VnetLocal | UserNextHop::Internet | UserNextHop::None => None,
    }
}

/// The machine of a site whose address is inside the prefix of a system route without an owner for it. This is the
/// mistake only if packets of the site arrive at the node; otherwise the mistake is that nothing connects the two.
pub(super) fn of_system_route(
    state: &State<'_>,
    node: NodeId,
    route: &Route,
    address: Address,
) -> Option<Mistake> {
    let State {
        topology, tables, ..
    } = state;
    let is_system = matches!(route.origin, Origin::VnetLocal | Origin::VnetPeering { .. });
    let owner = topology.owner(node, address).filter(|_| is_system)?;
    let own = topology.node(node).address?;
    let arrives = || walk(topology, tables, owner, own).end == End::Delivered;
    (topology.network_of(owner).is_none() && arrives()).then_some(Mistake::Inside { owner })
}

fn of_next_hop(
    topology: &Topology,
    node: NodeId,
    own: VnetId,
    address: Address,
) -> Option<Mistake> {
    let balancers = topology.load_balancers.iter();
    let is_peered = |vnet| {
        let mut peerings = topology.vnet(own).peerings.iter();
        peerings.any(|peering| peering.remote == vnet)
    };
    let balancer = balancers
        .filter(|balancer| balancer.frontend == address)
        .min_by_key(|balancer| (balancer.vnet != own, !is_peered(balancer.vnet)));
    // An address in the network's own ranges never counts as that of a machine elsewhere. An MSEE has one address in
    // each network.
    let is_elsewhere = |owner: NodeId| {
        !topology.node(owner).role.is_msee() && topology.network_of(owner) != Some(own)
    };
    let owner = topology
        .owner(node, address)
        .filter(|owner| !(is_elsewhere(*owner) && topology.vnet(own).holds(address)));
    let network = match (balancer, owner) {
        (Some(balancer), _) if is_only_backend(topology, balancer, node) => {
            return Some(Mistake::LeadsBack);
        }
        (Some(balancer), _) => balancer.vnet,
        (None, None) => return Some(Mistake::Nobody),
        (None, Some(owner)) if owner == node => return Some(Mistake::LeadsBack),
        (None, Some(owner)) if topology.node(owner).role.is_express_route() => {
            return Some(Mistake::ExpressRoute);
        }
        (None, Some(owner)) => match topology.node(owner).role.vnet() {
            Some(vnet) => vnet,
            None => return Some(Mistake::Outside { owner }),
        },
    };
    if network == own {
        return None;
    }
    if let Some(mistake) = initiated(topology, own, network) {
        return Some(mistake);
    }
    let mut peerings = topology.vnet(own).peerings.iter();
    let Some(peering) = peerings.find(|peering| peering.remote == network) else {
        return Some(Mistake::NotPeered { network });
    };
    (!peering.shows(address)).then_some(Mistake::Hidden { network })
}

/// Whether a node is the only backend of a load balancer.
fn is_only_backend(topology: &Topology, balancer: &LoadBalancer, node: NodeId) -> bool {
    matches!(&*balancer.backends, [nic] if topology.interface(*nic).node == node)
}

fn no_vpn_gateway(topology: &Topology, network: VnetId) -> Option<Mistake> {
    let own = topology.vnet(network);
    let mut peerings = own.peerings.iter();
    let used = peerings.find(|peering| peering.uses_remote_gateways);
    let home = used.map_or(own, |peering| topology.vnet(peering.remote));
    let has_none = home.vpn_gateway.is_none();
    has_none.then_some(Mistake::NoVpnGateway { network })
}

/// The one-sided peering because of which a node lacks a route to an address: the peering between the networks of the
/// two. If only one of them is in a virtual network, or no peering connects the networks, it is a peering with a
/// network whose gateways would advertise the other. Without a one-sided peering, it is what a
/// complete one does not do: peering is not transitive, and it does not share gateways by itself.
pub(super) fn of_peering(topology: &Topology, node: NodeId, address: Address) -> Option<Mistake> {
    let near = topology.network_of(node);
    let networks = || (0..topology.virtual_networks.len()).map(VnetId);
    let holds = |id: &VnetId| topology.vnet(*id).holds(address);
    let owner = topology.owner(node, address);
    let far = owner
        .and_then(|owner| topology.network_of(owner))
        .or_else(|| networks().find(holds));
    if far == near || (far.is_none() && owner.is_none()) {
        return None;
    }
    if let Some((near, far)) = near.zip(far)
        && let Some(mistake) = initiated(topology, near, far)
    {
        return Some(mistake);
    }
    let has_gateway = |id: &VnetId| has_gateway(topology, *id);
    let ends = || {
        let ends = [far, near].into_iter().flatten();
        ends.filter(|end| !has_gateway(end))
    };
    let mut mistakes = networks()
        .filter(has_gateway)
        .flat_map(|hub| ends().filter_map(move |end| initiated_transit(topology, hub, end)));
    let transit = mistakes.next();
    transit.or_else(|| match near.zip(far) {
        Some((near, far)) => not_transitive(topology, near, far),
        None => near
            .or(far)
            .and_then(|network| unused_gateway(topology, network)),
    })
}

/// The network with which both of two networks are peered, if they are not peered with each other.
fn not_transitive(topology: &Topology, near: VnetId, far: VnetId) -> Option<Mistake> {
    if are_peered(topology, near, far) {
        return None;
    }
    let hubs = topology.vnet(near).peerings.iter();
    let mut hubs = hubs.map(|peering| peering.remote);
    let hub = hubs.find(|hub| are_peered(topology, *hub, far))?;
    Some(Mistake::NotTransitive { near, hub, far })
}

/// The network with a gateway with which a network without one is peered, if the network uses no remote gateway.
fn unused_gateway(topology: &Topology, network: VnetId) -> Option<Mistake> {
    let own = topology.vnet(network);
    let uses_one = |peering: &Peering| peering.uses_remote_gateways;
    if has_gateway(topology, network) || own.peerings.iter().any(uses_one) {
        return None;
    }
    let mut hubs = own.peerings.iter().map(|peering| peering.remote);
    let hub = hubs.find(|hub| has_gateway(topology, *hub))?;
    Some(Mistake::UnusedGateway { network, hub })
}

fn are_peered(topology: &Topology, one: VnetId, other: VnetId) -> bool {
    let mut peerings = topology.vnet(one).peerings.iter();
    peerings.any(|peering| peering.remote == other)
}

fn has_gateway(topology: &Topology, id: VnetId) -> bool {
    let network = topology.vnet(id);
    let gateway = network.vpn_gateway.or(network.express_route_gateway);
    gateway.is_some()
}

/// The peering of two networks, if it has only one side.
fn initiated(topology: &Topology, a: VnetId, b: VnetId) -> Option<Mistake> {
    [(a, b), (b, a)]
        .into_iter()
        .find(|(with, without)| half(topology, *with, *without).is_some())
        .map(|(with, without)| Mistake::Initiated { with, without })
}

/// The same, only if the existing side allows or uses gateway transit, so that the missing side would bring routes.
fn initiated_transit(topology: &Topology, hub: VnetId, spoke: VnetId) -> Option<Mistake> {
    let halves = [half(topology, hub, spoke), half(topology, spoke, hub)];
    let wants_transit = halves.into_iter().flatten().any(|half| half.transit);
    wants_transit
        .then(|| initiated(topology, hub, spoke))
        .flatten()
}

fn half(topology: &Topology, with: VnetId, without: VnetId) -> Option<HalfPeering> {
    let mut halves = topology.vnet(with).initiated.iter();
    halves.find(|half| half.remote == without).copied()
}
