//! Routes to private endpoints and service endpoints.

use crate::addresses::Prefix;
use crate::routing::Solver;
use crate::routing::model::{Origin, Route};
use crate::routing::nic::Nic;
use crate::routing::rule::Rule;
use crate::topology::{PrivateEndpoint, VirtualNetwork};

impl Solver<'_> {
    /// The private endpoints that an interface has a route to: those of its own network and of the networks that it is
    /// directly peered with, each with its network.
    fn endpoints(&self, nic: Nic<'_>) -> impl Iterator<Item = (&VirtualNetwork, &PrivateEndpoint)> {
        let own = self.topology.vnet(nic.vnet);
        let of_own = own.private_endpoints.iter().map(move |one| (own, one));
        let peerings = self.failures.peerings(self.topology, nic.vnet);
        let of_peers = peerings.flat_map(|peering| {
            let remote = self.topology.vnet(peering.remote);
            let all = remote.private_endpoints.iter();
            let shown = all.filter(|one| peering.shows(one.address));
            shown.map(move |one| (remote, one))
        });
        let address = self.topology.address_of(nic.interface);
        of_own
            .chain(of_peers)
            .filter(move |(_, one)| Some(one.address) != address)
    }

    /// A route to each private endpoint, and one to each prefix of the service endpoints of the interface's subnet.
    pub(super) fn endpoint_routes(&self, nic: Nic<'_>) -> Vec<Route> {
        let private = self.endpoints(nic).map(|(_, endpoint)| {
            let prefix = Prefix::from(endpoint.address);
            Route::new(prefix, nic.direct(), Origin::InterfaceEndpoint)
        });
        // A lab has no nodes outside its networks, so packets to a service end in the fabric.
        let services = nic.services.iter().map(|(service, prefix)| {
            let service = service.clone();
            Route::new(*prefix, nic.dropped(), Origin::ServiceEndpoint { service })
        });
        private.chain(services).collect()
    }

    /// If an endpoint's subnet has the policy for route tables, a user-defined route of the interface replaces the
    /// endpoint's route if it contains the address and is at least as long as a range of the endpoint's network that
    /// contains the address. The next longest route then applies (disable-private-endpoint-network-policy).
    pub(super) fn apply_endpoint_policies(&self, nic: Nic<'_>, routes: &mut [Route]) {
        let users = || nic.table.iter().flat_map(|table| &table.routes);
        if users().next().is_none() {
            return;
        }
        for (network, endpoint) in self
            .endpoints(nic)
            .filter(|(_, one)| one.obeys_route_tables)
        {
            let mut ranges = network.prefixes.iter();
            let range = ranges.find(|range| range.contains(&endpoint.address));
            let shortest = range.map_or(0, Prefix::prefix_len);
            let covers = |prefix: Prefix| {
                prefix.contains(&endpoint.address) && prefix.prefix_len() >= shortest
            };
            if !users().any(|user| covers(user.prefix)) {
                continue;
            }
            let own = routes.iter_mut().filter(|route| {
                route.origin == Origin::InterfaceEndpoint
                    && route.prefix.contains(&endpoint.address)
            });
            own.for_each(|route| route.deactivate(Rule::UserRoute));
        }
    }
}
