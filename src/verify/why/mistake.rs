//! Mistakes of a lab file that Azure accepts, by which it then loses packets.

use std::net::Ipv4Addr;

use crate::routing::{Origin, Route};
use crate::topology::{NodeId, Role, Topology, UserNextHop, VnetId};

/// What is wrong with the next hop of a user-defined route, or with a peering that is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// Nobody has the address that the route leads to.
    Nobody,
    /// The route leads back to the node that sends by it, or to the load balancer in front of it. Azure
    /// hands it the packets again until their TTL ends.
    LeadsBack,
    /// The address that the route leads to belongs to `ExpressRoute`.
    ExpressRoute,
    /// The address that the route leads to belongs to a node outside virtual networks.
    Outside {
        /// The node.
        owner: NodeId,
    },
    /// The address that the route leads to is in a network that is not peered.
    NotPeered {
        /// The network.
        network: VnetId,
    },
    /// The address that the route leads to is in a subnet that the peered network does not show.
    Hidden {
        /// The peered network.
        network: VnetId,
    },
    /// The peering that packets would cross has one half only.
    Initiated {
        /// The network that has its half.
        with: VnetId,
        /// The network that has none.
        without: VnetId,
    },
    /// The destination is in a site whose range is inside that of a virtual network, where Azure looks for it.
    Inside {
        /// The destination.
        owner: NodeId,
    },
    /// The network has no VPN gateway and uses none.
    NoVpnGateway {
        /// The network.
        network: VnetId,
    },
}

/// Why a user-defined route of a node drops packets; none where it is meant to, or where what it leads to is
/// there and does not work.
pub(super) fn of_route(topology: &Topology, node: NodeId, route: &Route) -> Option<Mistake> {
    let Origin::User { next_hop, .. } = &route.origin else {
        return None;
    };
    let network = network_of(topology, node)?;
    match next_hop {
        UserNextHop::VirtualAppliance(address) => of_next_hop(topology, node, network, *address),
        UserNextHop::VirtualNetworkGateway => no_vpn_gateway(topology, network),
        UserNextHop::VnetLocal | UserNextHop::Internet | UserNextHop::None => None,
    }
}

/// The machine outside virtual networks that an address belongs to, which a system route leads to nobody at.
pub(super) fn of_system_route(
    topology: &Topology,
    node: NodeId,
    route: &Route,
    address: Ipv4Addr,
) -> Option<Mistake> {
    let is_system = matches!(route.origin, Origin::VnetLocal | Origin::VnetPeering { .. });
    let owner = topology.owner(node, address).filter(|_| is_system)?;
    let is_outside = network_of(topology, owner).is_none();
    is_outside.then_some(Mistake::Inside { owner })
}

fn of_next_hop(
    topology: &Topology,
    node: NodeId,
    own: VnetId,
    address: Ipv4Addr,
) -> Option<Mistake> {
    let balancers = topology.load_balancers.iter();
    let is_peered = |vnet| {
        let mut peerings = topology.vnet(own).peerings.iter();
        peerings.any(|peering| peering.remote == vnet)
    };
    let balancer = balancers
        .filter(|balancer| balancer.frontend == address)
        .min_by_key(|balancer| (balancer.vnet != own, !is_peered(balancer.vnet)));
    let network = match (balancer, topology.owner(node, address)) {
        (Some(balancer), _) if balancer.backends == [node] => return Some(Mistake::LeadsBack),
        (Some(balancer), _) => balancer.vnet,
        (None, None) => return Some(Mistake::Nobody),
        (None, Some(owner)) if owner == node => return Some(Mistake::LeadsBack),
        (None, Some(owner)) => match topology.node(owner).role {
            Role::VirtualMachine { vnet, .. } | Role::VpnGateway { vnet } => vnet,
            Role::ExpressRouteGateway { .. } | Role::Msee => return Some(Mistake::ExpressRoute),
            _ => return Some(Mistake::Outside { owner }),
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
    let mut shown = peering.prefixes.iter();
    let is_shown = shown.any(|prefix| prefix.contains(&address));
    (!is_shown).then_some(Mistake::Hidden { network })
}

fn no_vpn_gateway(topology: &Topology, network: VnetId) -> Option<Mistake> {
    let own = topology.vnet(network);
    let mut peerings = own.peerings.iter();
    let used = peerings.find(|peering| peering.uses_remote_gateways);
    let home = used.map_or(own, |peering| topology.vnet(peering.remote));
    let has_none = home.vpn_gateway.is_none();
    has_none.then_some(Mistake::NoVpnGateway { network })
}

/// The peering with one half by which a node has no route to an address: one between the networks of the
/// two or, where only one of them is in a virtual network, or they are in networks that no peering joins,
/// one with a network whose gateways would have told of the other.
pub(super) fn of_peering(topology: &Topology, node: NodeId, address: Ipv4Addr) -> Option<Mistake> {
    let near = network_of(topology, node);
    let networks = || (0..topology.virtual_networks.len()).map(VnetId);
    let holds = |id: &VnetId| {
        let mut prefixes = topology.vnet(*id).prefixes.iter();
        prefixes.any(|prefix| prefix.contains(&address))
    };
    let owner = topology.owner(node, address);
    let far = owner
        .and_then(|owner| network_of(topology, owner))
        .or_else(|| networks().find(holds));
    if far == near || (far.is_none() && owner.is_none()) {
        return None;
    }
    if let Some((near, far)) = near.zip(far)
        && let Some(mistake) = initiated(topology, near, far)
    {
        return Some(mistake);
    }
    let has_gateway = |id: &VnetId| {
        let network = topology.vnet(*id);
        network
            .vpn_gateway
            .or(network.express_route_gateway)
            .is_some()
    };
    let ends = || [far, near].into_iter().flatten();
    let mut mistakes = networks()
        .filter(has_gateway)
        .flat_map(|hub| ends().filter_map(move |end| initiated(topology, hub, end)));
    mistakes.next()
}

/// The peering of two networks, where one of them alone has its half.
fn initiated(topology: &Topology, a: VnetId, b: VnetId) -> Option<Mistake> {
    let is_alone = |with: VnetId, without| topology.vnet(with).initiated.contains(&without);
    [(a, b), (b, a)]
        .into_iter()
        .find(|(with, without)| is_alone(*with, *without))
        .map(|(with, without)| Mistake::Initiated { with, without })
}

fn network_of(topology: &Topology, node: NodeId) -> Option<VnetId> {
    match topology.node(node).role {
        Role::VirtualMachine { vnet, .. }
        | Role::VpnGateway { vnet }
        | Role::ExpressRouteGateway { vnet } => Some(vnet),
        _ => None,
    }
}
