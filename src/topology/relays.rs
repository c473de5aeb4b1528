//! The path of packets between the gateways of a network. Their BGP sessions are routed like any other traffic, so a
//! user-defined route on the `GatewaySubnet` sends them through an appliance (virtual-networks-udr-overview).

use crate::addresses::Address;
use crate::topology::model::{
    InterfaceId, LoadBalancer, NodeId, Peering, RouteTable, Topology, UserNextHop, VnetId,
};

/// The next hop of a packet from a network interface.
enum Step {
    /// To its destination.
    Delivered,
    /// To one fixed machine.
    Through(NodeId),
    /// To one of several machines behind a load balancer.
    AnyOf(NodeId),
    /// Dropped.
    Lost,
}

impl Topology {
    /// The machines on the path from a gateway's instance to an address of its network. `None` if the packets do not
    /// arrive: a machine on the path does not forward them or has another route, or a peering drops them. Machines
    /// behind a load balancer are left out: a connection uses one that works and forwards.
    #[must_use]
    pub fn relays(
        &self,
        from: NodeId,
        to: Address,
        works: impl Fn(NodeId) -> bool,
    ) -> Option<Vec<NodeId>> {
        let mut node = from;
        let mut passed = vec![from];
        let mut relays = Vec::new();
        loop {
            let next = match self.step_toward(node, to, &works) {
                Step::Delivered => return Some(relays),
                Step::Lost => return None,
                Step::Through(next) => {
                    relays.push(next);
                    next
                }
                Step::AnyOf(next) => next,
            };
            let forwards = self.node(next).role.forwards();
            if passed.contains(&next) || !forwards || self.is_kept_out(node, next, node != from) {
                return None;
            }
            passed.push(next);
            node = next;
        }
    }

    /// Whether a peering drops packets from one node to another in the peered network, with strict peering flags.
    fn is_kept_out(&self, from: NodeId, to: NodeId, is_forwarded: bool) -> bool {
        let networks = self.network_of(from).zip(self.network_of(to));
        networks.is_some_and(|(from, to)| self.keeps_out(from, to, is_forwarded))
    }

    fn keeps_out(&self, from: VnetId, to: VnetId, is_forwarded: bool) -> bool {
        let mut peerings = self.vnet(to).peerings.iter();
        let peering = peerings.find(|peering| peering.remote == from);
        let refuses =
            |peering: &Peering| !peering.gives_access || (is_forwarded && !peering.takes_forwarded);
        self.semantics.strict_peering_flags && peering.is_some_and(refuses)
    }

    fn step_toward(&self, node: NodeId, to: Address, works: &impl Fn(NodeId) -> bool) -> Step {
        let Some(vnet) = self.network_of(node) else {
            return Step::Lost;
        };
        let network = self.vnet(vnet);
        let peered = network.peerings.iter();
        let peered = peered.flat_map(|one| one.prefixes.iter().map(|prefix| (one.remote, prefix)));
        let own = network.prefixes.iter().map(|prefix| (vnet, prefix));
        let system = own.chain(peered).filter(|(_, one)| one.contains(&to));
        let system = system.max_by_key(|(_, prefix)| prefix.prefix_len());
        let length = system.map(|(_, prefix)| prefix.prefix_len());
        let routes = self.table_toward(node, to).map_or(&[][..], |it| &it.routes);
        let user = routes
            .iter()
            .filter(|route| route.prefix.contains(&to))
            .max_by_key(|route| route.prefix.prefix_len());
        let user = user.filter(|route| Some(route.prefix.prefix_len()) >= length);
        let is_appliance = self.node(node).role.is_machine();
        match (user.map(|route| route.next_hop), system) {
            (Some(UserNextHop::VirtualAppliance(address)), _) => {
                self.appliance(node, vnet, address, works)
            }
            (None | Some(UserNextHop::VnetLocal), Some((remote, _)))
                if !self.keeps_out(vnet, remote, is_appliance) =>
            {
                Step::Delivered
            }
            _ => Step::Lost,
        }
    }

    /// The machine with an address, on a network or one peered with it.
    fn appliance(
        &self,
        from: NodeId,
        vnet: VnetId,
        address: Address,
        works: &impl Fn(NodeId) -> bool,
    ) -> Step {
        let mut balancers = self.load_balancers.iter();
        let found = balancers
            .find(|balancer| balancer.frontend == address && self.is_seen_from(vnet, balancer));
        if let Some(balancer) = found {
            let node = |nic: &InterfaceId| self.interface(*nic).node;
            let mut backends = balancer.backends.iter();
            let forwarding =
                backends.find(|nic| self.interface(**nic).forwards() && works(node(nic)));
            return match (&*balancer.backends, forwarding) {
                ([only], _) => Step::Through(node(only)),
                (_, Some(one)) => Step::AnyOf(node(one)),
                (_, None) => Step::Lost,
            };
        }
        let Some(nic) = self.nic(from) else {
            return Step::Lost;
        };
        let segment = self.vnet(vnet).segment;
        let there = self.addresses_on(segment, nic);
        let mut there = there.filter(|(_, own)| *own == address);
        let found = there.find_map(|(member, _)| {
            let node = self.interface(member.interface).node;
            self.may_be_next_hop(node, address).then_some(node)
        });
        found.map_or(Step::Lost, Step::Through)
    }

    /// Whether a load balancer's frontend is on a network, or on a peered one that shows it.
    fn is_seen_from(&self, vnet: VnetId, balancer: &LoadBalancer) -> bool {
        let shows =
            |peering: &Peering| peering.remote == balancer.vnet && peering.shows(balancer.frontend);
        balancer.vnet == vnet || self.vnet(vnet).peerings.iter().any(shows)
    }

    /// The user-defined routes of the subnet from which a machine or gateway sends to an address.
    fn table_toward(&self, node: NodeId, to: Address) -> Option<&RouteTable> {
        let nic = self.interface(self.nic_toward(node, to)?).nic.as_ref()?;
        let subnet = self.vnet(nic.vnet).subnets.get(nic.subnet)?;
        subnet.route_table.map(|id| self.route_table(id))
    }
}
