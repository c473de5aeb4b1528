//! The way that packets between the gateways of a network take inside it: their BGP sessions are routed like any
//! other traffic, so a user-defined route on the `GatewaySubnet` leads them through an appliance
//! (virtual-networks-udr-overview).

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::topology::model::{
    LoadBalancer, NodeId, Peering, Role, RouteTable, Topology, UserNextHop, VnetId,
};

/// Where a packet goes from a network interface.
enum Step {
    /// To its destination.
    Delivered,
    /// To a machine, which is the only one that it can take.
    Through(NodeId),
    /// To one of several machines behind a load balancer.
    AnyOf(NodeId),
    /// Nowhere.
    Lost,
}

impl Topology {
    /// The machines through which packets of a gateway's instance to an address of its network pass; none where the
    /// packets do not arrive: a machine on the way does not forward them, or has a route that leads them astray.
    /// Of several machines behind a load balancer none is named, as each can stand in for the others.
    #[must_use]
    pub fn relays(&self, from: NodeId, to: Ipv4Addr) -> Option<Vec<NodeId>> {
        let mut node = from;
        let mut passed = vec![from];
        let mut relays = Vec::new();
        loop {
            let next = match self.step_toward(node, to) {
                Step::Delivered => return Some(relays),
                Step::Lost => return None,
                Step::Through(next) => {
                    relays.push(next);
                    next
                }
                Step::AnyOf(next) => next,
            };
            if passed.contains(&next) || !self.node(next).role.forwards() {
                return None;
            }
            passed.push(next);
            node = next;
        }
    }

    fn step_toward(&self, node: NodeId, to: Ipv4Addr) -> Step {
        let Some(vnet) = self.network_of(node) else {
            return Step::Lost;
        };
        let network = self.vnet(vnet);
        let peered = network.peerings.iter().flat_map(|one| &one.prefixes);
        let system = network.prefixes.iter().chain(peered);
        let system = system.filter(|prefix| prefix.contains(&to));
        let system = system.map(Ipv4Net::prefix_len).max();
        let routes = self.table_of(node, vnet).map_or(&[][..], |it| &it.routes);
        let user = routes
            .iter()
            .filter(|route| route.prefix.contains(&to))
            .max_by_key(|route| route.prefix.prefix_len());
        let user = user.filter(|route| Some(route.prefix.prefix_len()) >= system);
        match user.map(|route| route.next_hop) {
            Some(UserNextHop::VirtualAppliance(address)) => self.appliance(node, vnet, address),
            None | Some(UserNextHop::VnetLocal) if system.is_some() => Step::Delivered,
            _ => Step::Lost,
        }
    }

    /// The machine that an address stands for, on a network or one peered with it.
    fn appliance(&self, from: NodeId, vnet: VnetId, address: Ipv4Addr) -> Step {
        let mut balancers = self.load_balancers.iter();
        let found = balancers
            .find(|balancer| balancer.frontend == address && self.is_seen_from(vnet, balancer));
        if let Some(balancer) = found {
            return match *balancer.backends {
                [] => Step::Lost,
                [only] => Step::Through(only),
                [first, ..] => Step::AnyOf(first),
            };
        }
        let Some(nic) = self.nic(from) else {
            return Step::Lost;
        };
        let segment = self.vnet(vnet).segment;
        let mut there = self.addresses_on(segment, nic);
        let found = there.find(|(_, own)| *own == address);
        found.map_or(Step::Lost, |(member, _)| {
            Step::Through(self.interface(member.interface).node)
        })
    }

    /// Whether a load balancer's frontend is on a network, or is shown by one peered with it.
    fn is_seen_from(&self, vnet: VnetId, balancer: &LoadBalancer) -> bool {
        let shows = |peering: &Peering| {
            let mut shown = peering.prefixes.iter();
            peering.remote == balancer.vnet && shown.any(|one| one.contains(&balancer.frontend))
        };
        balancer.vnet == vnet || self.vnet(vnet).peerings.iter().any(shows)
    }

    fn network_of(&self, node: NodeId) -> Option<VnetId> {
        match self.node(node).role {
            Role::VirtualMachine { vnet, .. }
            | Role::VpnGateway { vnet }
            | Role::ExpressRouteGateway { vnet } => Some(vnet),
            _ => None,
        }
    }

    /// The user-defined routes of a machine's or gateway's subnet.
    fn table_of(&self, node: NodeId, vnet: VnetId) -> Option<&RouteTable> {
        let address = self.node(node).address?;
        let mut subnets = self.vnet(vnet).subnets.iter();
        let subnet = subnets.find(|subnet| subnet.prefix.contains(&address))?;
        subnet.route_table.map(|id| self.route_table(id))
    }
}
