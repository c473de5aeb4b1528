//! Virtual networks, their subnets and peerings.

use std::collections::BTreeSet;

use super::{Import, prefixes};
use crate::import::id::Id;
use crate::import::resource::Resource;
use crate::import::text::{Map, Value};
use crate::import::view::View;

impl Import<'_> {
    /// The section `virtualNetworks`, without machines and peerings.
    pub(super) fn networks(&mut self) {
        let mut section = Map::default();
        for network in self.resources.of("virtualNetworks") {
            let name = self.name(&network.id);
            let map = self.network(network, &name);
            section.set_under(self.origin(&network.id), &name, map);
            self.notes.take("virtualNetworks", &name);
        }
        self.document.set("virtualNetworks", section);
    }

    /// The peerings of each network in the section `virtualNetworks`.
    pub(super) fn peerings(&mut self) {
        let with_gateway: BTreeSet<String> = self
            .resources
            .of("virtualNetworkGateways")
            .filter(|gateway| self.is_placed(&gateway.id))
            .filter_map(|gateway| Some(self.network_of(gateway)?.id.key().to_owned()))
            .collect();
        for network in self.resources.of("virtualNetworks") {
            let name = self.name(&network.id);
            let peerings = network.view().list("virtualNetworkPeerings");
            let peerings: Vec<Value> = peerings
                .filter_map(|one| self.peering(one, &name, &with_gateway))
                .collect();
            if !peerings.is_empty() {
                let map = self.document.at("virtualNetworks").at(&name);
                map.set("peerings", Value::List(peerings));
            }
        }
    }

    fn network(&mut self, network: &Resource, name: &str) -> Map {
        let view = network.view();
        let mut map = Map::default();
        map.set_some("location", view.text("location"));
        let ranges = Self::ranges(network);
        let space = view.get("addressSpace");
        let all = space.map_or(0, |space| space.texts("addressPrefixes").len());
        if all > ranges.len() {
            self.notes.leave("IPv6 ranges", name, "labs have IPv4 only");
        }
        if !ranges.is_empty() {
            map.set(
                "addressPrefixes",
                Value::texts(ranges.iter().map(ToString::to_string)),
            );
        }
        let mut subnets = Map::default();
        for subnet in view.list("subnets") {
            self.subnet((network, name), subnet, &mut subnets);
        }
        if !subnets.is_empty() {
            map.set("subnets", subnets);
        }
        map
    }

    fn subnet(
        &mut self,
        (resource, network): (&Resource, &str),
        subnet: View<'_>,
        subnets: &mut Map,
    ) {
        let Some(name) = subnet.text("name") else {
            return;
        };
        let mut texts = subnet.texts("addressPrefixes");
        texts.extend(subnet.text("addressPrefix"));
        let Some(prefix) = prefixes(texts).first().copied() else {
            let why = "it has no IPv4 prefix in the files";
            self.notes
                .leave("subnets", &format!("{network}/{name}"), why);
            return;
        };
        let table = subnet.reference("routeTable");
        let table = table.filter(|id| self.is_there(id, "subnets' route tables", network, name));
        let policies = self.endpoint_policies(resource, subnet);
        if subnet.list("serviceEndpoints").next().is_some() {
            let why = "the prefixes of the services are not in the files";
            self.notes
                .leave("serviceEndpoints", &format!("{network}/{name}"), why);
        }
        if table.is_none() && policies.is_none() {
            return subnets.set(name, prefix.to_string());
        }
        let mut map = Map::default();
        map.set("addressPrefix", prefix.to_string());
        map.set_some("routeTable", table.map(|table| self.name(&table)));
        map.set_some("privateEndpointNetworkPolicies", policies);
        subnets.set(name, map);
    }

    /// Whether a resource that another one names is in the files; it is noted if not.
    fn is_there(&mut self, id: &Id, what: &str, network: &str, name: &str) -> bool {
        let is_there = self.resources.get(id).is_some();
        if !is_there {
            let of = format!("{network}/{name} to {}", id.name());
            self.notes
                .leave(what, &of, "the other resource is not in the files");
        }
        is_there
    }

    /// One half of a peering. `with_gateway` are the ids of the networks that have a gateway.
    fn peering(
        &mut self,
        peering: View<'_>,
        network: &str,
        with_gateway: &BTreeSet<String>,
    ) -> Option<Value> {
        let name = peering.text("name").unwrap_or_default();
        let remote = peering.reference("remoteVirtualNetwork")?;
        if !self.is_there(&remote, "peerings", network, name) {
            return None;
        }
        let mut map = Map::default();
        map.set("remoteVirtualNetwork", self.name(&remote));
        for flag in [
            "allowGatewayTransit",
            "useRemoteGateways",
            "allowForwardedTraffic",
        ] {
            if peering.flag(flag) != Some(true) {
                continue;
            }
            if flag == "useRemoteGateways" && !with_gateway.contains(remote.key()) {
                let why = "no gateway of the other network is in the files";
                self.notes.leave(flag, &format!("{network}/{name}"), why);
                continue;
            }
            map.set(flag, true);
        }
        if peering.flag("allowVirtualNetworkAccess") == Some(false) {
            map.set("allowVirtualNetworkAccess", false);
        }
        if peering.flag("peerCompleteVnets") == Some(false) {
            map.set("peerCompleteVnets", false);
            map.set(
                "localSubnetNames",
                Value::texts(peering.texts("localSubnetNames")),
            );
        }
        Some(Value::Map(map))
    }
}
