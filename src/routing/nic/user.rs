//! User-defined routes, and the resolution of their next hops.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::addresses::Address;
use crate::routing::Solver;
use crate::routing::model::{Action, NextHop, Origin, Route};
use crate::routing::nic::Nic;
use crate::routing::rule::Rule;
use crate::topology::{LoadBalancer, Peering, UserNextHop, UserRoute};

/// The next hops toward a route table's appliances from one interface, each resolved once.
#[derive(Default)]
struct Appliances {
    ways: BTreeMap<Address, Action>,
    /// The addresses that the interface reaches.
    reachable: OnceCell<BTreeSet<Address>>,
}

impl Solver<'_> {
    pub(in crate::routing) fn add_user_routes(&self, nic: Nic<'_>, routes: &mut Vec<Route>) {
        let mut appliances = Appliances::default();
        for user in nic.table.iter().flat_map(|table| &table.routes) {
            let route = self.user_route(nic, user, &mut appliances);
            add_user_route(routes, route);
        }
        self.apply_endpoint_policies(nic, routes);
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

    /// An appliance's address is resolved on the network and in the prefixes that its peers share, never through a
    /// gateway. The address of a load balancer resolves to the working machines behind it. If the address does not
    /// resolve, Azure drops the packets.
    fn toward_appliance(
        &self,
        nic: Nic<'_>,
        address: Address,
        reachable: &BTreeSet<Address>,
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

    /// The addresses of machines and VPN gateways on an interface's network and on those peered with it. No other
    /// address there can be a route's next hop.
    fn reachable(&self, nic: Nic<'_>) -> BTreeSet<Address> {
        let there = self
            .topology
            .addresses_on(nic.network.segment, nic.interface);
        there
            .filter(|(member, address)| {
                let node = self.topology.interface(member.interface).node;
                self.topology.may_be_next_hop(node, *address)
            })
            .map(|(_, address)| address)
            .collect()
    }

    /// Whether an address is in a network's own ranges, or in a peer's ranges that it has routes to.
    fn is_directly_reachable(&self, nic: Nic<'_>, address: Address) -> bool {
        let mut peerings = self.failures.peerings(self.topology, nic.vnet);
        nic.network.holds(address) || peerings.any(|peering| peering.shows(address))
    }

    /// Whether a load balancer's frontend is on an interface's network, or shared by a network peered with it.
    fn reaches(&self, nic: Nic<'_>, balancer: &LoadBalancer) -> bool {
        let mut peerings = self.failures.peerings(self.topology, nic.vnet);
        let shows =
            |peering: &Peering| peering.remote == balancer.vnet && peering.shows(balancer.frontend);
        nic.vnet == balancer.vnet || peerings.any(shows)
    }

    /// The addresses of the machines behind a load balancer that answer its probes.
    fn backends(&self, balancer: &LoadBalancer) -> Vec<Address> {
        let working = balancer.backends.iter().filter(|nic| self.works(**nic));
        working
            .filter_map(|nic| self.topology.address_of(*nic))
            .collect()
    }

    /// The VPN gateway of the network, or of the network whose gateways it uses.
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
}

/// A user-defined route wins over all others of its prefix, which become inactive. A route that only drops a reserved
/// prefix is removed.
fn add_user_route(routes: &mut Vec<Route>, user: Route) {
    routes.retain(|route| route.prefix != user.prefix || route.origin != Origin::Reserved);
    for route in routes.iter_mut() {
        if route.prefix == user.prefix && route.is_active() {
            route.deactivate(Rule::UserRoute);
        }
    }
    routes.push(user);
}
