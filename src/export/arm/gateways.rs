//! Gateways and circuits.

use serde_json::{Value as Json, json};

use super::{Writer, inside, is, number, set, text, texts};
use crate::import::text::{Map, Value};

/// What Azure knows of a gateway.
const OF_GATEWAYS: [&str; 15] = [
    "virtualNetwork",
    "gatewayType",
    "sku",
    "autoScaleConfiguration",
    "vpnGatewayGeneration",
    "asn",
    "activeActive",
    "privateIPAddress",
    "privateIPAddresses",
    "bgpPeeringAddress",
    "bgpPeeringAddresses",
    "publicIPAddress",
    "publicIPAddresses",
    "allowRemoteVnetTraffic",
    "vpnClientAddressPool",
];

impl Writer {
    /// VPN and ExpressRoute gateways with their public addresses.
    pub(super) fn gateways(&mut self) {
        for (name, map) in self.section("virtualNetworkGateways") {
            let network = text(&map, "virtualNetwork").unwrap_or_default();
            let location = self.location(network);
            let is_vpn = text(&map, "gatewayType") == Some("Vpn");
            let public = both(&map, ["publicIPAddress", "publicIPAddresses"]);
            let known = self.instances.get(&name);
            let private: Vec<String> = known
                .into_iter()
                .flatten()
                .map(ToString::to_string)
                .collect();
            let instances = if is(&map, "activeActive") { 2 } else { 1 };
            let instances = if is_vpn {
                instances
            } else {
                private.len().max(1)
            };
            let subnet = self.reference(
                "virtualNetworks",
                &format!("{network}/subnets/GatewaySubnet"),
            );
            let mut configurations = Vec::new();
            for at in 0..instances {
                let address = public.get(at).map(String::as_str);
                let address =
                    self.public_address(&format!("{name}-ip{}", at + 1), &location, address);
                let mut properties = json!({ "subnet": subnet, "publicIPAddress": address });
                set(&mut properties, "privateIPAddress", private.get(at));
                configurations
                    .push(json!({ "name": format!("instance{at}"), "properties": properties }));
            }
            let mut properties = common(&map, &configurations);
            if is_vpn {
                vpn(&map, &private, &public, &mut properties);
            }
            self.push("virtualNetworkGateways", &name, &location, properties);
            let rest = self.lab.at("virtualNetworkGateways").at(&name);
            for key in OF_GATEWAYS {
                rest.take(key);
            }
        }
    }

    /// Circuits with their peerings, and the connections between them.
    pub(super) fn circuits(&mut self) {
        let mut reaches = self.section("connections");
        reaches.retain(|(_, map)| text(map, "connectionType") == Some("GlobalReach"));
        for (name, map) in self.section("expressRouteCircuits") {
            let links = ["primary", "secondary"].map(|link| inside(&map, link));
            let of_links = |key: &str| links.map(|link| link.and_then(|link| text(link, key)));
            let mut peerings = Vec::new();
            let private = of_links("peerAddressPrefix");
            if private.iter().any(Option::is_some) {
                let edge = of_links("customerEdge").into_iter().flatten().next();
                let reaches = reaches.iter().filter_map(|one| self.reach(&name, one));
                let mut peering = peering("AzurePrivatePeering", private);
                peering["properties"]["connections"] = json!(reaches.collect::<Vec<_>>());
                let asn = edge.and_then(|edge| self.asn_of(edge));
                set(&mut peering["properties"], "peerASN", asn);
                peerings.push(peering);
            }
            let microsoft = of_links("microsoftPeerAddressPrefix");
            if microsoft.iter().any(Option::is_some) {
                peerings.push(peering("MicrosoftPeering", microsoft));
            }
            let properties = json!({
                "serviceProviderProperties": { "bandwidthInMbps": number(&map, "bandwidthInMbps") },
                "peerings": peerings,
            });
            self.push("expressRouteCircuits", &name, "westeurope", properties);
            self.take_circuit(&name);
        }
        for (name, _) in reaches {
            self.lab.at("connections").take(&name);
        }
    }

    /// Takes out of the lab what Azure knows of a circuit.
    fn take_circuit(&mut self, name: &str) {
        let rest = self.lab.at("expressRouteCircuits").at(name);
        rest.take("bandwidthInMbps");
        for link in ["primary", "secondary"] {
            if matches!(rest.get(link), Some(Value::Map(_))) {
                let link = rest.at(link);
                link.take("peerAddressPrefix");
                link.take("microsoftPeerAddressPrefix");
            }
        }
    }

    /// The connection of a circuit to another one, stated at the first of the two.
    fn reach(&self, circuit: &str, (name, map): &(String, Map)) -> Option<Json> {
        let ends = texts(map, "circuits");
        let [first, other] = ends.as_slice() else {
            return None;
        };
        let peer = format!("{other}/peerings/AzurePrivatePeering");
        let peer = self.reference("expressRouteCircuits", &peer);
        (first == circuit).then(|| {
            json!({ "name": name, "properties": {
                "addressPrefix": text(map, "addressPrefix"),
                "peerExpressRouteCircuitPeering": peer,
            }})
        })
    }

    /// The ASN of a site's router or of a machine.
    pub(super) fn asn_of(&self, device: &str) -> Option<u64> {
        let own = self
            .device(device)
            .and_then(|values| number(&values, "asn"));
        own.or_else(|| {
            let sites = self.section("sites");
            let of_device = |site: &&(String, Map)| {
                inside(&site.1, "routers").is_some_and(|routers| routers.get(device).is_some())
            };
            sites
                .iter()
                .find(of_device)
                .and_then(|(_, site)| number(site, "asn"))
        })
    }

    /// The values of a site's router or of a machine.
    pub(super) fn device(&self, name: &str) -> Option<Map> {
        let places = [("sites", "routers"), ("virtualNetworks", "virtualMachines")];
        places.iter().find_map(|(section, part)| {
            let all = self.section(section);
            all.iter()
                .find_map(|(_, map)| inside(inside(map, part)?, name).cloned())
        })
    }
}

/// The values of a key for one and of a key for several.
fn both(map: &Map, [one, several]: [&str; 2]) -> Vec<String> {
    [texts(map, one), texts(map, several)].concat()
}

/// What gateways of both types have.
fn common(map: &Map, configurations: &[Json]) -> Json {
    let mut properties = json!({
        "gatewayType": text(map, "gatewayType"),
        "ipConfigurations": configurations,
    });
    if let Some(sku) = text(map, "sku") {
        properties["sku"] = json!({ "name": sku, "tier": sku });
    }
    let scale = inside(map, "autoScaleConfiguration");
    if let Some(bounds) = scale.and_then(|one| inside(one, "bounds")) {
        let bounds = json!({ "min": number(bounds, "min"), "max": number(bounds, "max") });
        properties["autoScaleConfiguration"] = json!({ "bounds": bounds });
    }
    if is(map, "allowRemoteVnetTraffic") {
        properties["allowRemoteVnetTraffic"] = json!(true);
    }
    properties
}

/// What a VPN gateway has beside its size.
fn vpn(map: &Map, private: &[String], public: &[String], properties: &mut Json) {
    properties["vpnType"] = json!("RouteBased");
    properties["enableBgp"] = json!(true);
    properties["activeActive"] = json!(is(map, "activeActive"));
    let speaks_from = both(map, ["bgpPeeringAddress", "bgpPeeringAddresses"]);
    let is_custom = speaks_from.iter().any(|one| one.starts_with("169.254."));
    let instances = private.len().max(speaks_from.len()).max(public.len());
    let addresses = (0..instances).map(|at| {
        let stated = speaks_from.get(at).filter(|_| !is_custom);
        let own = stated.or_else(|| private.get(at));
        let custom = speaks_from.get(at).filter(|_| is_custom);
        json!({
            "defaultBgpIpAddresses": own.into_iter().collect::<Vec<_>>(),
            "customBgpIpAddresses": custom.into_iter().collect::<Vec<_>>(),
            "tunnelIpAddresses": public.get(at).into_iter().collect::<Vec<_>>(),
        })
    });
    properties["bgpSettings"] = json!({
        "asn": number(map, "asn").unwrap_or(65515),
        "bgpPeeringAddresses": addresses.collect::<Vec<_>>(),
    });
    if let Some(generation) = text(map, "vpnGatewayGeneration") {
        properties["vpnGatewayGeneration"] = json!(generation);
    }
    let pool = texts(map, "vpnClientAddressPool");
    if !pool.is_empty() {
        let pool = json!({ "addressPrefixes": pool });
        properties["vpnClientConfiguration"] = json!({ "vpnClientAddressPool": pool });
    }
}

/// A peering of a circuit with the prefixes of its links.
fn peering(kind: &str, [primary, secondary]: [Option<&str>; 2]) -> Json {
    let mut properties = json!({
        "peeringType": kind, "azureASN": 12076, "vlanId": 100, "state": "Enabled",
    });
    set(&mut properties, "primaryPeerAddressPrefix", primary);
    set(&mut properties, "secondaryPeerAddressPrefix", secondary);
    json!({ "name": kind, "properties": properties })
}
