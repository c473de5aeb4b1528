//! Connections and local network gateways.

use serde_json::json;

use super::{Writer, inside, is, number, text, texts};
use crate::import::text::Map;

/// What Azure knows of a connection.
const OF_CONNECTIONS: [&str; 8] = [
    "connectionType",
    "gateway",
    "circuit",
    "routingWeight",
    "expressRouteGatewayBypass",
    "gateways",
    "enableBgp",
    "localNetworkAddressPrefixes",
];

/// What a local network gateway states.
struct Local {
    address: Option<String>,
    bgp: Option<(u64, Option<String>)>,
    prefixes: Vec<String>,
}

impl Writer {
    /// Connections of gateways. One of an appliance is none of Azure's and stays in the rest.
    pub(super) fn connections(&mut self) {
        for (name, map) in self.section("connections") {
            let gateway = text(&map, "gateway");
            let gateways = texts(&map, "gateways");
            match (text(&map, "connectionType"), gateway, gateways.as_slice()) {
                (Some("ExpressRoute"), Some(gateway), _) => {
                    self.express_route(&name, gateway, &map);
                }
                (Some("IPsec"), Some(gateway), _) => self.by_device(&name, gateway, &map),
                (Some("IPsec"), None, [a, b]) => self.by_local_gateways(&name, [a, b], &map),
                (_, None, [a, b]) => self.by_gateways(&name, [a, b], &map),
                _ => continue,
            }
            let rest = self.lab.at("connections").at(&name);
            for key in OF_CONNECTIONS {
                rest.take(key);
            }
        }
    }

    fn express_route(&mut self, name: &str, gateway: &str, map: &Map) {
        let circuit = text(map, "circuit").unwrap_or_default();
        let mut properties = json!({
            "connectionType": "ExpressRoute",
            "virtualNetworkGateway1": self.reference("virtualNetworkGateways", gateway),
            "peer": self.reference("expressRouteCircuits", circuit),
            "routingWeight": number(map, "routingWeight").unwrap_or(0),
        });
        if is(map, "expressRouteGatewayBypass") {
            properties["expressRouteGatewayBypass"] = json!(true);
        }
        self.push("connections", name, "westeurope", properties);
    }

    /// Two gateways, a connection for each direction.
    fn by_gateways(&mut self, name: &str, ends: [&String; 2], map: &Map) {
        let speaks = text(map, "enableBgp") != Some("false");
        for (name, [a, b]) in directions(name, ends) {
            let properties = json!({
                "connectionType": "Vnet2Vnet",
                "virtualNetworkGateway1": self.reference("virtualNetworkGateways", a),
                "virtualNetworkGateway2": self.reference("virtualNetworkGateways", b),
                "enableBgp": speaks,
            });
            self.push("connections", &name, "westeurope", properties);
        }
    }

    fn by_device(&mut self, name: &str, gateway: &str, map: &Map) {
        let device = text(map, "device").unwrap_or_default();
        let values = self.device(device).unwrap_or_default();
        let of_connection = inside(&values, "tunnelInterfaces").and_then(|all| inside(all, name));
        let tunnel = of_connection.or_else(|| inside(&values, "tunnel"));
        let of_tunnel = |key: &str| tunnel.and_then(|tunnel| text(tunnel, key));
        let peer = of_tunnel("bgpPeeringAddress").or_else(|| of_tunnel("address"));
        let asn = self.asn_of(device);
        let local = Local {
            address: of_tunnel("sourceAddress").map(str::to_owned),
            bgp: asn.map(|asn| (asn, peer.map(str::to_owned))),
            prefixes: texts(map, "localNetworkAddressPrefixes"),
        };
        self.site_to_site(
            name,
            gateway,
            &local,
            text(map, "enableBgp") != Some("false"),
        );
    }

    /// Two gateways, each with a local network gateway for the other.
    fn by_local_gateways(&mut self, name: &str, ends: [&String; 2], map: &Map) {
        let gateways = self.section("virtualNetworkGateways");
        let speaks = text(map, "enableBgp") != Some("false");
        let prefixes = inside(map, "localNetworkAddressPrefixes");
        for (name, [a, b]) in directions(name, ends) {
            let Some((_, other)) = gateways.iter().find(|(one, _)| one == b) else {
                continue;
            };
            let first = |keys: [&str; 2]| keys.iter().flat_map(|key| texts(other, key)).next();
            let asn = number(other, "asn").unwrap_or(65515);
            let local = Local {
                address: first(["publicIPAddress", "publicIPAddresses"]),
                bgp: Some((asn, first(["bgpPeeringAddress", "privateIPAddress"]))),
                prefixes: prefixes.map(|all| texts(all, a)).unwrap_or_default(),
            };
            self.site_to_site(&name, a, &local, speaks);
        }
    }

    /// A connection and its local network gateway, whose name begins with the connection's.
    fn site_to_site(&mut self, name: &str, gateway: &str, local: &Local, speaks: bool) {
        let mut properties = json!({
            "gatewayIpAddress": local.address,
            "localNetworkAddressSpace": { "addressPrefixes": local.prefixes },
        });
        if let Some((asn, peer)) = local.bgp.as_ref().filter(|_| speaks) {
            properties["bgpSettings"] = json!({ "asn": asn, "bgpPeeringAddress": peer });
        }
        let of_device = format!("{name}-local");
        self.push("localNetworkGateways", &of_device, "westeurope", properties);
        let properties = json!({
            "connectionType": "IPsec",
            "virtualNetworkGateway1": self.reference("virtualNetworkGateways", gateway),
            "localNetworkGateway2": self.reference("localNetworkGateways", &of_device),
            "enableBgp": speaks,
        });
        self.push("connections", name, "westeurope", properties);
    }
}

/// The names and ends of both directions of a connection.
fn directions<'a>(name: &str, [a, b]: [&'a String; 2]) -> [(String, [&'a String; 2]); 2] {
    [(name.to_owned(), [a, b]), (format!("{name}-back"), [b, a])]
}
