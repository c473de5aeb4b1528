//! The effective routes of a network interface (virtual-networks-udr-overview).
//!
//! They apply to packets as they leave the interface, and nothing is looked up twice: a next hop is
//! found on the network or on one peered with it, or it is not found.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::routing::Solver;
use crate::routing::model::{Action, NextHop, Origin, Route};
use crate::routing::rule::Rule;
use crate::topology::{
    InterfaceId, LoadBalancer, NodeId, Role, RouteTable, Subnet, UserNextHop, UserRoute,
    VirtualNetwork, VnetId,
};

/// A network interface in Azure, and where it stands.
#[derive(Clone, Copy)]
struct Nic<'a> {
    interface: InterfaceId,
    vnet: VnetId,
    network: &'a VirtualNetwork,
    /// The subnet's first address, which the fabric answers for.
    fabric: Ipv4Addr,
    table: Option<&'a RouteTable>,
}

/// How the appliances of a route table are reached from one interface, each looked for once.
#[derive(Default)]
struct Appliances {
    ways: BTreeMap<Ipv4Addr, Action>,
    /// What the interface reaches.
    reachable: OnceCell<BTreeSet<Ipv4Addr>>,
}

impl Nic<'_> {
    fn direct(&self) -> Action {
        self.via(None)
    }

    fn via(&self, via: Option<Ipv4Addr>) -> Action {
        Action::Forward([self.hop(via)].into())
    }

    /// Where packets go that Azure drops: a lab has no Internet, so they include those for it.
    fn dropped(&self) -> Action {
        Action::Fabric(self.hop(Some(self.fabric)))
    }

    fn hop(&self, via: Option<Ipv4Addr>) -> NextHop {
        NextHop {
            interface: self.interface,
            via,
        }
    }
}

impl Solver<'_> {
    /// A virtual machine's routes.
    pub(super) fn machine(&self, node: NodeId, vnet: VnetId, subnet: usize) -> Vec<Route> {
        let subnet = self.topology.vnet(vnet).subnets.get(subnet);
        let Some(nic) = self.nic(node, vnet, subnet) else {
            return Vec::new();
        };
        let mut routes = self.system_routes(nic);
        routes.push(Route::new(
            Ipv4Net::default(),
            nic.dropped(),
            Origin::Internet,
        ));
        routes.extend(self.reserved(nic));
        if nic.table.is_none_or(|table| table.propagates) {
            let own = routes.len();
            self.add_propagated(nic.vnet, nic.interface, &mut routes);
            beat_system_routes(&mut routes, own);
        }
        self.add_user_routes(nic, &mut routes);
        drop_reserved_under_a_default(&mut routes);
        if let Some(address) = self.topology.node(node).address {
            for route in &mut routes {
                route.source = Some(address);
            }
        }
        self.overlay_device(node, routes)
    }

    /// A gateway's routes: its network and those peered with it by way of the `GatewaySubnet`'s own
    /// routes, which lead what it emits; what it learned or was told by hand; and nothing else.
    pub(super) fn gateway(&self, node: NodeId, vnet: VnetId) -> Vec<Route> {
        let subnets = &self.topology.vnet(vnet).subnets;
        let subnet = self.topology.node(node).address.and_then(|address| {
            subnets
                .iter()
                .find(|subnet| subnet.prefix.contains(&address))
        });
        let Some(nic) = self.nic(node, vnet, subnet) else {
            return Vec::new();
        };
        let mut routes = self.system_routes(nic);
        self.add_user_routes(nic, &mut routes);
        if let Some(address) = self.topology.node(node).address {
            for route in &mut routes {
                route.source = Some(address);
            }
        }
        self.add_learned(node, vnet, routes)
    }

    fn nic(&self, node: NodeId, vnet: VnetId, subnet: Option<&Subnet>) -> Option<Nic<'_>> {
        let subnet_gateway = match self.topology.node(node).role {
            Role::VirtualMachine { subnet_gateway, .. } => subnet_gateway,
            _ => subnet?.prefix.hosts().next()?,
        };
        let table = subnet.and_then(|subnet| subnet.route_table);
        Some(Nic {
            interface: self.topology.nic(node)?,
            vnet,
            network: self.topology.vnet(vnet),
            fabric: subnet_gateway,
            table: table.map(|id| self.topology.route_table(id)),
        })
    }

    /// One route per range of the network and of what it sees of each network peered with it.
    fn system_routes(&self, nic: Nic<'_>) -> Vec<Route> {
        let local = nic
            .network
            .prefixes
            .iter()
            .map(|prefix| Route::new(*prefix, nic.direct(), Origin::VnetLocal));
        let connected = self.failures.peerings(self.topology, nic.vnet);
        let peered = connected.flat_map(|peering| {
            let origin = || Origin::VnetPeering {
                remote: self.topology.vnet(peering.remote).name.clone(),
                is_global: peering.is_global,
            };
            peering
                .prefixes
                .iter()
                .map(move |prefix| Route::new(*prefix, nic.direct(), origin()))
        });
        local.chain(peered).collect()
    }

    /// The prefixes that Azure drops, but for those inside the network's own ranges or equal to one, and
    /// those equal to what it sees of a peer.
    fn reserved(&self, nic: Nic<'_>) -> Vec<Route> {
        let all = self.topology.semantics.reserved_prefixes.prefixes();
        let is_own = |prefix: &Ipv4Net| nic.network.prefixes.iter().any(|own| own.contains(prefix));
        let is_peered = |prefix: &Ipv4Net| {
            let mut peerings = self.failures.peerings(self.topology, nic.vnet);
            peerings.any(|peering| peering.prefixes.contains(prefix))
        };
        all.into_iter()
            .filter(|prefix| !is_own(prefix) && !is_peered(prefix))
            .map(|prefix| Route::new(prefix, nic.dropped(), Origin::Reserved))
            .collect()
    }

    fn add_user_routes(&self, nic: Nic<'_>, routes: &mut Vec<Route>) {
        let mut appliances = Appliances::default();
        for user in nic.table.iter().flat_map(|table| &table.routes) {
            let route = self.user_route(nic, user, &mut appliances);
            add_user_route(routes, route);
        }
    }

    fn user_route(&self, nic: Nic<'_>, user: &UserRoute, appliances: &mut Appliances) -> Route {
        let action = match user.next_hop {
            UserNextHop::VirtualAppliance(address) => {
                let Appliances { ways, reachable } = appliances;
                let way = ways.entry(address).or_insert_with(|| {
                    let reachable = reachable.get_or_init(|| self.reachable(nic));
                    self.toward_appliance(nic, address, reachable)
                });
                way.clone()
            }
            UserNextHop::VirtualNetworkGateway => self.toward_gateway(nic),
            UserNextHop::VnetLocal => nic.direct(),
            UserNextHop::Internet | UserNextHop::None => nic.dropped(),
        };
        let origin = Origin::User {
            table: nic
                .table
                .map_or_else(|| user.name.clone(), |table| table.name.clone()),
            name: user.name.clone(),
            next_hop: user.next_hop,
        };
        let listed = match user.next_hop {
            UserNextHop::VirtualAppliance(address) => vec![address],
            _ => Vec::new(),
        };
        Route::new(user.prefix, action, origin).listing(listed)
    }

    /// An appliance's address is looked for on the network and in what its peers show of theirs, never
    /// through a gateway; a load balancer's stands for the machines behind it that work. Where nothing is
    /// found, Azure drops the packets.
    fn toward_appliance(
        &self,
        nic: Nic<'_>,
        address: Ipv4Addr,
        reachable: &BTreeSet<Ipv4Addr>,
    ) -> Action {
        if !self.is_directly_reachable(nic, address) {
            return nic.dropped();
        }
        let balancers = self.topology.load_balancers.iter();
        let mut balancers = balancers.filter(|balancer| balancer.frontend == address);
        let balancer = balancers.find(|balancer| self.reaches(nic, balancer));
        let wanted = match balancer {
            Some(balancer) => self.backends(balancer),
            None => vec![address],
        };
        let found = wanted.iter().filter(|via| reachable.contains(via));
        let mut hops: Vec<NextHop> = found.map(|via| nic.hop(Some(*via))).collect();
        hops.sort_unstable();
        hops.dedup();
        if hops.is_empty() {
            nic.dropped()
        } else {
            Action::Forward(hops.into())
        }
    }

    /// The addresses of machines and VPN gateways on an interface's network and on those peered with it.
    /// What else stands there is never the next hop of a route.
    fn reachable(&self, nic: Nic<'_>) -> BTreeSet<Ipv4Addr> {
        let there = self
            .topology
            .addresses_on(nic.network.segment, nic.interface);
        there
            .filter(|(member, address)| self.may_be_next_hop(member.interface, *address))
            .map(|(_, address)| address)
            .collect()
    }

    fn may_be_next_hop(&self, interface: InterfaceId, address: Ipv4Addr) -> bool {
        let node = self.topology.node(self.topology.interface(interface).node);
        match node.role {
            Role::VirtualMachine { .. } => node.address == Some(address),
            Role::VpnGateway { .. } => true,
            _ => false,
        }
    }

    /// Whether an address is in a network's own ranges, or in those that it sees of a peer.
    fn is_directly_reachable(&self, nic: Nic<'_>, address: Ipv4Addr) -> bool {
        let holds = |prefixes: &[Ipv4Net]| prefixes.iter().any(|prefix| prefix.contains(&address));
        let mut peerings = self.failures.peerings(self.topology, nic.vnet);
        holds(&nic.network.prefixes) || peerings.any(|peering| holds(&peering.prefixes))
    }

    /// Whether a load balancer's frontend is on an interface's network, or is shown by one peered with it.
    fn reaches(&self, nic: Nic<'_>, balancer: &LoadBalancer) -> bool {
        let mut peerings = self.failures.peerings(self.topology, nic.vnet);
        nic.vnet == balancer.vnet
            || peerings.any(|peering| {
                let mut shown = peering.prefixes.iter();
                peering.remote == balancer.vnet
                    && shown.any(|prefix| prefix.contains(&balancer.frontend))
            })
    }

    /// The addresses of the machines behind a load balancer whose probes are answered.
    fn backends(&self, balancer: &LoadBalancer) -> Vec<Ipv4Addr> {
        let working = balancer
            .backends
            .iter()
            .filter(|node| self.is_attached(**node));
        working
            .filter_map(|node| self.topology.node(*node).address)
            .collect()
    }

    /// The network's VPN gateway, or that of the network whose gateways it uses.
    fn toward_gateway(&self, nic: Nic<'_>) -> Action {
        let instances = self.vpn_instances(nic.vnet);
        let hops: Vec<NextHop> = instances
            .iter()
            .filter_map(|node| self.topology.node(*node).address)
            .map(|address| nic.hop(Some(address)))
            .collect();
        if hops.is_empty() {
            nic.dropped()
        } else {
            Action::Forward(hops.into())
        }
    }

    /// Whether a machine's or gateway's interface on its network works.
    pub(super) fn is_attached(&self, node: NodeId) -> bool {
        let hop = |interface| NextHop {
            interface,
            via: None,
        };
        self.topology
            .nic(node)
            .is_some_and(|interface| self.is_usable(hop(interface)))
    }
}

/// A gateway's route wins over a system route of the same prefix, which stays in the table. A default route of a
/// gateway is more: Azure's own one and the prefixes that it drops leave the table. Of `routes`, those from `own` on
/// are the gateway's.
fn beat_system_routes(routes: &mut Vec<Route>, own: usize) {
    let (systems, offers) = routes.split_at_mut(own);
    let systems = systems
        .iter_mut()
        .filter(|route| matches!(route.origin, Origin::Internet | Origin::Reserved));
    for route in systems {
        let first = offers.partition_point(|offer| offer.prefix < route.prefix);
        let mut equal = offers[first..]
            .iter()
            .take_while(|offer| offer.prefix == route.prefix);
        if equal.any(Route::is_in_force) {
            route.lose(Rule::GatewayOverSystem);
        }
    }
    let is_default = |offer: &Route| offer.prefix.prefix_len() == 0 && offer.is_in_force();
    if offers.iter().any(is_default) {
        routes.retain(|route| !matches!(route.origin, Origin::Internet | Origin::Reserved));
    }
}

/// A user-defined route wins over all others of its prefix. They stay in the table, but for one that
/// only drops a reserved prefix, which vanishes.
fn add_user_route(routes: &mut Vec<Route>, user: Route) {
    routes.retain(|route| route.prefix != user.prefix || route.origin != Origin::Reserved);
    for route in routes.iter_mut() {
        if route.prefix == user.prefix && route.is_in_force() {
            route.lose(Rule::UserRoute);
        }
    }
    routes.push(user);
}

/// Where anything but Azure's own default route takes everything, nothing reserved is dropped any more.
fn drop_reserved_under_a_default(routes: &mut Vec<Route>) {
    let is_default = |route: &&Route| route.prefix.prefix_len() == 0 && route.is_in_force();
    let is_overridden = routes
        .iter()
        .find(is_default)
        .is_some_and(|route| route.origin != Origin::Internet);
    if is_overridden {
        routes.retain(|route| route.origin != Origin::Reserved);
    }
}
