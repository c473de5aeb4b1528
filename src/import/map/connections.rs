//! Connections of gateways.

use super::Import;
use super::circuits::circuit_of;
use super::sites::LocalGateway;
use crate::addresses::Prefix;
use crate::import::id::Id;
use crate::import::resource::Resource;
use crate::import::text::{Map, Value};

impl Import<'_> {
    /// The section `connections`.
    pub(super) fn connections(&mut self) {
        let mut section = Map::default();
        let mut joined: Vec<[String; 2]> = Vec::new();
        for connection in self.resources.of("connections") {
            let name = self.name(&connection.id);
            match self.connection(connection, &name, &mut joined) {
                Ok(Some(map)) => {
                    section.set_under(self.origin(&connection.id), &name, map);
                    self.notes.take("connections", &name);
                }
                // The other direction of one that is there.
                Ok(None) => self.notes.take("connections", &name),
                Err(why) => self.notes.leave("connections", &name, why),
            }
        }
        self.global_reach(&mut section);
        if !section.is_empty() {
            self.document.set("connections", section);
        }
        self.sites_last();
    }

    /// Moves the section `sites` to the end, where readers of lab files look for it.
    fn sites_last(&mut self) {
        if let Some(sites) = self.document.take("sites") {
            self.document.append(sites);
        }
    }

    /// A connection's entry; `None` for the other direction of one that is there already.
    fn connection(
        &mut self,
        connection: &Resource,
        name: &str,
        joined: &mut Vec<[String; 2]>,
    ) -> Result<Option<Map>, &'static str> {
        let view = connection.view();
        let gateway = view
            .reference("virtualNetworkGateway1")
            .ok_or("it names no gateway")?;
        if !self.is_placed(&gateway) {
            return Err("its gateway is not in the files");
        }
        if let Some(circuit) = circuit_of(connection) {
            return Ok(Some(self.express_route(connection, &gateway, &circuit)));
        }
        if let Some(other) = view.reference("virtualNetworkGateway2") {
            if !self.is_placed(&other) {
                return Err("the other gateway is not in the files");
            }
            if is_joined(joined, &gateway, &other) {
                return Ok(None);
            }
            let mut map = Map::default();
            map.set("connectionType", "Vnet2Vnet");
            map.set(
                "gateways",
                Value::texts([self.name(&gateway), self.name(&other)]),
            );
            set_bgp(connection, &mut map);
            return Ok(Some(map));
        }
        let Some(local) = view.reference("localNetworkGateway2") else {
            return Err("its type has no place in a lab");
        };
        let local = self
            .resources
            .get(&local)
            .ok_or("its local network gateway is not in the files")?;
        Ok(self.site_to_site(connection, (name, &gateway), local, joined))
    }

    fn express_route(&self, connection: &Resource, gateway: &Id, circuit: &Id) -> Map {
        let view = connection.view();
        let mut map = Map::default();
        map.set("gateway", self.name(gateway));
        map.set("circuit", self.name(circuit));
        map.set_some(
            "routingWeight",
            view.number("routingWeight").filter(|&weight| weight != 0),
        );
        if view.flag("expressRouteGatewayBypass") == Some(true) {
            map.set("expressRouteGatewayBypass", true);
        }
        map
    }

    /// A connection to a local network gateway. It stands for a device on-premises, a machine in a network or another
    /// VPN gateway, whichever has its address.
    fn site_to_site(
        &mut self,
        connection: &Resource,
        (name, gateway): (&str, &Id),
        resource: &Resource,
        joined: &mut Vec<[String; 2]>,
    ) -> Option<Map> {
        let local = LocalGateway::of(resource);
        if let Some(other) = self.gateway_at(&local) {
            if is_joined(joined, gateway, &other) {
                return None;
            }
            return Some(self.two_gateways(connection, [gateway, &other], &local));
        }
        let speaks = connection.view().flag("enableBgp") == Some(true) && local.bgp.is_some();
        let mut map = Map::default();
        map.set("gateway", self.name(gateway));
        let device = self.device_of(connection, name, resource, &local);
        if self.is_device_by_hand(name) {
            map.set("device", device);
        } else {
            map.choose("device", device);
        }
        if !speaks {
            map.set("enableBgp", false);
        }
        let networks = local.networks();
        if !networks.is_empty() {
            map.set("localNetworkAddressPrefixes", texts(&networks));
        }
        Some(map)
    }

    /// Two VPN gateways with a local network gateway for each other.
    fn two_gateways(&self, connection: &Resource, ends: [&Id; 2], local: &LocalGateway) -> Map {
        let mut map = Map::default();
        map.set("connectionType", "IPsec");
        map.set("gateways", Value::texts(ends.map(|end| self.name(end))));
        set_bgp(connection, &mut map);
        let mut prefixes = Map::default();
        if !local.networks().is_empty() {
            prefixes.set(&self.name(ends[0]), texts(&local.networks()));
        }
        let back = self.resources.of("connections").find(|one| {
            let from = one.view().reference("virtualNetworkGateway1");
            let to = one
                .view()
                .reference("localNetworkGateway2")
                .and_then(|id| self.resources.get(&id));
            let to = to.and_then(|to| self.gateway_at(&LocalGateway::of(to)));
            from.is_some_and(|id| id.key() == ends[1].key())
                && to.is_some_and(|id| id.key() == ends[0].key())
        });
        let back = back.and_then(|one| one.view().reference("localNetworkGateway2"));
        let back = back
            .and_then(|id| self.resources.get(&id))
            .map(LocalGateway::of);
        if let Some(back) = back.filter(|back| !back.networks().is_empty()) {
            prefixes.set(&self.name(ends[1]), texts(&back.networks()));
        }
        if !prefixes.is_empty() {
            map.set("localNetworkAddressPrefixes", prefixes);
        }
        map
    }

    /// Whether the hand-written part says which device a connection leads to.
    pub(super) fn is_device_by_hand(&self, connection: &str) -> bool {
        self.device_by_hand(connection).is_some()
    }

    /// The device of a connection in the hand-written part.
    pub(super) fn device_by_hand(&self, connection: &str) -> Option<String> {
        let Value::Map(connections) = self.by_hand?.get("connections")? else {
            return None;
        };
        let Value::Map(connection) = connections.get(connection)? else {
            return None;
        };
        match connection.get("device")? {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// The networks that a gateway's connections reach: its own, and those that use it over peerings.
    pub(super) fn behind(&self, gateway: &Id) -> Vec<Prefix> {
        let network = self
            .resources
            .get(gateway)
            .and_then(|one| self.network_of(one));
        let Some(network) = network else {
            return Vec::new();
        };
        let uses_it = |other: &&Resource| {
            other.view().list("virtualNetworkPeerings").any(|peering| {
                let remote = peering.reference("remoteVirtualNetwork");
                peering.flag("useRemoteGateways") == Some(true)
                    && remote.is_some_and(|remote| remote.key() == network.id.key())
            })
        };
        let users = self.resources.of("virtualNetworks").filter(uses_it);
        std::iter::once(network)
            .chain(users)
            .flat_map(Self::ranges)
            .collect()
    }
}

/// Whether two gateways are joined already. They are from now on.
fn is_joined(joined: &mut Vec<[String; 2]>, a: &Id, b: &Id) -> bool {
    let mut ends = [a.key().to_owned(), b.key().to_owned()];
    ends.sort();
    let is_there = joined.contains(&ends);
    if !is_there {
        joined.push(ends);
    }
    is_there
}

fn set_bgp(connection: &Resource, map: &mut Map) {
    if connection.view().flag("enableBgp") != Some(true) {
        map.set("enableBgp", false);
    }
}

fn texts(prefixes: &[Prefix]) -> Value {
    Value::texts(prefixes.iter().map(ToString::to_string))
}
