//! Virtual networks, machines, route tables and load balancers.

use serde_json::{Value as Json, json};

use super::{Writer, inside, is, text, texts};
use crate::import::text::{Map, Value};

/// The type of virtual machines.
const MACHINE: &str = "Microsoft.Compute/virtualMachines";

/// What Azure knows of a machine's interface.
const OF_INTERFACES: [&str; 3] = ["subnet", "privateIPAddress", "ipForwarding"];

impl Writer {
    /// Virtual networks with their subnets, peerings and machines.
    pub(super) fn networks(&mut self) {
        for (name, map) in self.section("virtualNetworks") {
            let location = self.location(&name);
            let subnets = inside(&map, "subnets").into_iter().flat_map(Map::entries);
            let subnets = subnets.map(|entry| self.subnet(&name, &entry.key, &entry.value));
            let subnets: Vec<Json> = subnets.collect();
            let peerings: Vec<Json> = match map.get("peerings") {
                Some(Value::List(items)) => {
                    items.iter().filter_map(|one| self.peering(one)).collect()
                }
                _ => Vec::new(),
            };
            let properties = json!({
                "addressSpace": { "addressPrefixes": texts(&map, "addressPrefixes") },
                "subnets": subnets,
                "virtualNetworkPeerings": peerings,
            });
            self.push("virtualNetworks", &name, &location, properties);
            let machines = inside(&map, "virtualMachines").cloned().unwrap_or_default();
            for (machine, values) in maps(&machines) {
                self.machine(&name, machine, values);
            }
            let rest = self.lab.at("virtualNetworks").at(&name);
            for key in ["location", "addressPrefixes", "subnets", "peerings"] {
                rest.take(key);
            }
        }
    }

    fn subnet(&self, network: &str, name: &str, value: &Value) -> Json {
        let (prefix, table) = match value {
            Value::Map(map) => (text(map, "addressPrefix"), text(map, "routeTable")),
            Value::Text(prefix) => (Some(prefix.as_str()), None),
            _ => (None, None),
        };
        let mut properties = json!({ "addressPrefix": prefix });
        if let Some(table) = table {
            properties["routeTable"] = self.reference("routeTables", table);
        }
        let id = self.id("virtualNetworks", &format!("{network}/subnets/{name}"));
        json!({ "id": id, "name": name, "properties": properties })
    }

    fn peering(&self, value: &Value) -> Option<Json> {
        let Value::Map(map) = value else {
            return None;
        };
        let remote = text(map, "remoteVirtualNetwork")?;
        let access = text(map, "allowVirtualNetworkAccess") != Some("false");
        let mut properties = json!({
            "remoteVirtualNetwork": self.reference("virtualNetworks", remote),
            "allowVirtualNetworkAccess": access,
            "peeringState": "Connected",
        });
        for flag in [
            "allowForwardedTraffic",
            "allowGatewayTransit",
            "useRemoteGateways",
        ] {
            properties[flag] = json!(is(map, flag));
        }
        if text(map, "peerCompleteVnets") == Some("false") {
            properties["peerCompleteVnets"] = json!(false);
            properties["localSubnetNames"] = json!(texts(map, "localSubnetNames"));
        }
        Some(json!({ "name": format!("to-{remote}"), "properties": properties }))
    }

    fn machine(&mut self, network: &str, name: &str, map: &Map) {
        let location = self.location(network);
        let public = inside(map, "tunnel").and_then(|tunnel| text(tunnel, "sourceAddress"));
        let public = public
            .map(|address| self.public_address(&format!("{name}-ip"), &location, Some(address)));
        let mut named = Vec::new();
        for (at, (interface, values)) in interfaces(name, map).into_iter().enumerate() {
            let public = public.clone().filter(|_| at == 0);
            let properties = json!({
                "enableIPForwarding": is(&values, "ipForwarding"),
                "virtualMachine": { "id": self.id(MACHINE, name) },
                "ipConfigurations": [self.configuration(network, &values, public)],
            });
            let id = self.id("networkInterfaces", &interface);
            self.push("networkInterfaces", &interface, &location, properties);
            named.push(json!({ "id": id, "properties": { "primary": at == 0 } }));
        }
        let properties = json!({ "networkProfile": { "networkInterfaces": named } });
        self.push(MACHINE, name, &location, properties);
        let machines = self
            .lab
            .at("virtualNetworks")
            .at(network)
            .at("virtualMachines");
        let rest = machines.at(name);
        rest.take("networkInterfaces");
        for key in OF_INTERFACES {
            rest.take(key);
        }
    }

    /// The IP configuration of an interface.
    fn configuration(&self, network: &str, values: &Map, public: Option<Json>) -> Json {
        let subnet = text(values, "subnet").unwrap_or_default();
        let subnet = format!("{network}/subnets/{subnet}");
        let mut configuration = json!({
            "privateIPAddress": text(values, "privateIPAddress"),
            "privateIPAllocationMethod": "Static",
            "primary": true,
            "subnet": self.reference("virtualNetworks", &subnet),
        });
        if let Some(public) = public {
            configuration["publicIPAddress"] = public;
        }
        json!({ "name": "ipconfig1", "properties": configuration })
    }

    /// Route tables.
    pub(super) fn route_tables(&mut self) {
        for (name, map) in self.section("routeTables") {
            let routes = inside(&map, "routes").into_iter().flat_map(maps);
            let routes: Vec<Json> = routes.map(|(name, route)| route_of(name, route)).collect();
            let properties = json!({
                "disableBgpRoutePropagation": is(&map, "disableBgpRoutePropagation"),
                "routes": routes,
            });
            self.push("routeTables", &name, "westeurope", properties);
        }
        self.lab.take("routeTables");
    }

    /// Load balancers, with a pool that names its backends.
    pub(super) fn load_balancers(&mut self) {
        for (name, map) in self.section("loadBalancers") {
            let network = text(&map, "virtualNetwork").unwrap_or_default().to_owned();
            let subnet = text(&map, "subnet").unwrap_or_default();
            let subnet = self.reference("virtualNetworks", &format!("{network}/subnets/{subnet}"));
            let child =
                |kind: &str, of: &str| self.id("loadBalancers", &format!("{name}/{kind}/{of}"));
            let frontend = child("frontendIPConfigurations", "frontend");
            let pool = child("backendAddressPools", "backends");
            let backends: Vec<Json> = texts(&map, "backends")
                .iter()
                .map(|backend| self.backend(backend))
                .collect();
            let properties = json!({
                "frontendIPConfigurations": [{ "id": frontend, "name": "frontend", "properties": {
                    "privateIPAddress": text(&map, "frontendIPAddress"), "subnet": subnet,
                }}],
                "backendAddressPools": [{ "id": pool, "name": "backends", "properties": {
                    "backendIPConfigurations": backends,
                }}],
                "loadBalancingRules": [{ "name": "all-ports", "properties": {
                    "protocol": "All", "frontendPort": 0, "backendPort": 0,
                    "frontendIPConfiguration": { "id": frontend }, "backendAddressPool": { "id": pool },
                }}],
            });
            let location = self.location(&network);
            self.push("loadBalancers", &name, &location, properties);
            let rest = self.lab.at("loadBalancers").at(&name);
            for key in ["virtualNetwork", "subnet", "frontendIPAddress", "backends"] {
                rest.take(key);
            }
        }
    }

    /// The IP configuration of a backend, which is a machine or one of its interfaces.
    fn backend(&self, backend: &str) -> Json {
        let interface = match backend.split_once('/') {
            Some((_, interface)) => interface.to_owned(),
            None => format!("{backend}-nic"),
        };
        self.reference(
            "networkInterfaces",
            &format!("{interface}/ipConfigurations/ipconfig1"),
        )
    }
}

/// The entries of a mapping that are mappings.
fn maps(map: &Map) -> impl Iterator<Item = (&str, &Map)> {
    map.entries().iter().filter_map(|entry| match &entry.value {
        Value::Map(values) => Some((entry.key.as_str(), values)),
        _ => None,
    })
}

/// The interfaces of a machine, by name. The name of a machine's only interface begins with the machine's.
fn interfaces(machine: &str, map: &Map) -> Vec<(String, Map)> {
    let several = inside(map, "networkInterfaces").into_iter().flat_map(maps);
    let several = several.map(|(name, values)| (name.to_owned(), values.clone()));
    let several: Vec<(String, Map)> = several.collect();
    if several.is_empty() {
        vec![(format!("{machine}-nic"), map.clone())]
    } else {
        several
    }
}

fn route_of(name: &str, route: &Map) -> Json {
    json!({ "name": name, "properties": {
        "addressPrefix": text(route, "addressPrefix"),
        "nextHopType": text(route, "nextHopType"),
        "nextHopIpAddress": text(route, "nextHopIpAddress"),
    }})
}
