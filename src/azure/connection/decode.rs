//! The `connections` section: connections of gateways to circuits, to each other and to devices.

use crate::addresses::Prefix;
use crate::azure::connection::model::{Connection, ConnectionKind, IpSecEnd, TrafficSelector};
use crate::findings::{Located, Place};
use crate::yaml::fields::{Decoder, Fields};
use crate::yaml::numbers::whole;
use crate::yaml::stand_in::no_stand_in;
use crate::yaml::tree::{Key, Kind, Node};
use crate::yaml::values::{
    boolean, choice, duration, key_text, located, node_name, prefix, prefix_of_length, prefixes,
    reference, two_addresses,
};

#[derive(Debug, Clone, Copy)]
enum ConnectionType {
    ExpressRoute,
    VnetToVnet,
    IpSec,
    GlobalReach,
}

no_stand_in!(ConnectionType, IpSecEnd, TrafficSelector);

const CONNECTION_TYPES: [(&str, ConnectionType); 4] = [
    ("ExpressRoute", ConnectionType::ExpressRoute),
    ("Vnet2Vnet", ConnectionType::VnetToVnet),
    ("IPsec", ConnectionType::IpSec),
    ("GlobalReach", ConnectionType::GlobalReach),
];

/// Who begins a tunnel (vpn-gateway-vpn-faq). The words have no values, since both ends of a lab's tunnel are ready.
const CONNECTION_MODES: [(&str, ()); 3] = [
    ("Default", ()),
    ("InitiatorOnly", ()),
    ("ResponderOnly", ()),
];

/// An entry of `connections`.
pub(crate) fn connection(d: &mut Decoder, key: &Key, node: &Node) -> Option<Connection> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a connection", |fields| {
        let kind = connection_kind(fields, key.place);
        let round_trip_time = fields.optional("rtt", duration);
        let traffic_selectors = match kind {
            Some(ConnectionKind::ExpressRoute { .. } | ConnectionKind::GlobalReach { .. }) => None,
            _ => tunnel_keys(fields),
        };
        Some(Connection {
            name: name?,
            round_trip_time: round_trip_time.unwrap_or_default(),
            traffic_selectors: traffic_selectors.unwrap_or_default(),
            kind: kind?,
        })
    })
}

/// The keys of tunnels of every kind: the traffic selectors, and what makes no difference in a lab, where both ends of a
/// tunnel are always ready.
fn tunnel_keys(fields: &mut Fields<'_>) -> Option<Vec<TrafficSelector>> {
    fields.optional("usePolicyBasedTrafficSelectors", boolean);
    fields.optional("connectionMode", |d, node| {
        choice(d, node, &CONNECTION_MODES)
    });
    fields.if_given("trafficSelectorPolicies", |d, node| {
        d.filled_list(node, "a list of traffic selectors", traffic_selector)
    })
}

fn ranges(d: &mut Decoder, node: &Node) -> Option<Vec<Located<Prefix>>> {
    d.filled_list(node, "a list of prefixes", prefix)
}

fn traffic_selector(d: &mut Decoder, node: &Node) -> Option<TrafficSelector> {
    d.mapping(node, node.place, "a traffic selector", |fields| {
        let local = fields.required("localAddressRanges", ranges);
        let remote = fields.required("remoteAddressRanges", ranges);
        Some(TrafficSelector {
            local: local?,
            remote: remote?,
        })
    })
}

fn connection_kind(fields: &mut Fields<'_>, name: Place) -> Option<ConnectionKind> {
    let connection_type = fields.required("connectionType", |d, node| {
        choice(d, node, &CONNECTION_TYPES)
    });
    match connection_type {
        Some(ConnectionType::ExpressRoute) => express_route(fields, name),
        Some(ConnectionType::VnetToVnet) => vnet_to_vnet(fields),
        Some(ConnectionType::IpSec)
            if fields.place_of("gateways").is_some() && fields.place_of("device").is_none() =>
        {
            ipsec_gateways(fields)
        }
        Some(ConnectionType::IpSec) => ipsec(fields),
        Some(ConnectionType::GlobalReach) => global_reach(fields),
        None => any_kind(fields),
    }
}

/// The type is missing or misspelt, so every key of every type is read.
fn any_kind(fields: &mut Fields<'_>) -> Option<ConnectionKind> {
    fields.allow_incomplete();
    for key in ["gateway", "appliance", "circuit", "device", "transport"] {
        fields.optional(key, reference);
    }
    fields.optional("gateways", two_gateways);
    fields.optional("circuits", two_circuits);
    fields.optional("endpoints", two_addresses);
    fields.optional("mseeAddresses", two_addresses);
    fields.optional("routingWeight", routing_weight);
    fields.optional("expressRouteGatewayBypass", boolean);
    for key in ["enableBgp", "useLocalAzureIpAddress"] {
        fields.optional(key, boolean);
    }
    fields.optional("localNetworkAddressPrefixes", |_, _| None::<()>);
    fields.if_given("instances", instances);
    fields.optional("addressPrefix", global_reach_prefix);
    None
}

/// The weight of a circuit's connection, with Azure's limits (expressroute-optimize-routing).
fn routing_weight(d: &mut Decoder, node: &Node) -> Option<u32> {
    whole(d, node, "a routing weight", 0..=32_000)
}

fn express_route(fields: &mut Fields<'_>, name: Place) -> Option<ConnectionKind> {
    fields.narrow("an ExpressRoute connection");
    let gateway = fields.required("gateway", reference);
    let circuit = fields.required("circuit", reference);
    let endpoints = fields.required("endpoints", two_addresses);
    let msee_addresses = fields.optional("mseeAddresses", two_addresses);
    let weight = fields.optional("routingWeight", routing_weight);
    let gateway_bypass = fields.optional("expressRouteGatewayBypass", boolean);
    Some(ConnectionKind::ExpressRoute {
        gateway: gateway?,
        circuit: circuit?,
        endpoints: endpoints?,
        msee_addresses: msee_addresses.unwrap_or(endpoints?),
        routing_weight: weight.unwrap_or_default(),
        gateway_bypass: gateway_bypass.unwrap_or(located(name, false)),
    })
}

fn vnet_to_vnet(fields: &mut Fields<'_>) -> Option<ConnectionKind> {
    fields.narrow("a Vnet2Vnet connection");
    let gateways = fields.required("gateways", two_gateways);
    let enable_bgp = fields.optional("enableBgp", boolean);
    Some(ConnectionKind::VnetToVnet {
        gateways: gateways?,
        enable_bgp,
    })
}

fn two_gateways(d: &mut Decoder, node: &Node) -> Option<[Located<String>; 2]> {
    d.pair(node, "a list of two gateways", reference)
}

fn ipsec(fields: &mut Fields<'_>) -> Option<ConnectionKind> {
    fields.narrow("an IPsec connection");
    let end = fields.either(
        ("gateway", |d, node| {
            let found = reference(d, node);
            d.or_stand_in(found).map(IpSecEnd::Gateway)
        }),
        ("appliance", |d, node| {
            let found = reference(d, node);
            d.or_stand_in(found).map(IpSecEnd::Appliance)
        }),
    );
    let device = fields.required("device", reference);
    let enable_bgp = fields.optional("enableBgp", boolean);
    let local_network_address_prefixes = fields.optional("localNetworkAddressPrefixes", prefixes);
    let instances = fields.if_given("instances", instances);
    let transport = fields.optional("transport", reference);
    let use_local_azure_ip_address = fields.optional("useLocalAzureIpAddress", boolean);
    Some(ConnectionKind::IpSec {
        end: end?,
        device: device?,
        enable_bgp,
        local_network_address_prefixes: local_network_address_prefixes.unwrap_or_default(),
        instances: instances.unwrap_or_default(),
        transport,
        use_local_azure_ip_address,
    })
}

fn ipsec_gateways(fields: &mut Fields<'_>) -> Option<ConnectionKind> {
    fields.narrow("an IPsec connection of two gateways");
    let gateways = fields.required("gateways", two_gateways);
    let enable_bgp = fields.optional("enableBgp", boolean);
    let by_gateway = fields.if_given("localNetworkAddressPrefixes", |d, node| {
        let expected = "lists of prefixes by the names of the two gateways";
        d.named(node, expected, |d, key, node| {
            let gateway = key_text(d, key);
            Some((gateway, prefixes(d, node)?))
        })
    });
    let instances = fields.if_given("instances", instances);
    Some(ConnectionKind::IpSecGateways {
        gateways: gateways?,
        enable_bgp,
        local_network_address_prefixes: by_gateway.unwrap_or_default(),
        instances: instances.unwrap_or_default(),
    })
}

/// Instances of gateways, each by its number or its name.
fn instances(d: &mut Decoder, node: &Node) -> Option<Vec<Located<String>>> {
    d.filled_list(node, "a list of instances", |d, node| match &node.kind {
        Kind::Integer(number) => Some(located(node.place, number.to_string())),
        _ => reference(d, node),
    })
}

fn global_reach(fields: &mut Fields<'_>) -> Option<ConnectionKind> {
    fields.narrow("a GlobalReach connection");
    let circuits = fields.required("circuits", two_circuits);
    let address_prefix = fields.required("addressPrefix", global_reach_prefix);
    Some(ConnectionKind::GlobalReach {
        circuits: circuits?,
        address_prefix: address_prefix?,
    })
}

fn two_circuits(d: &mut Decoder, node: &Node) -> Option<[Located<String>; 2]> {
    d.pair(node, "a list of two circuits", reference)
}

fn global_reach_prefix(d: &mut Decoder, node: &Node) -> Option<Located<Prefix>> {
    prefix_of_length(
        d,
        node,
        29,
        "Global Reach needs for the links between its MSEEs",
    )
}
