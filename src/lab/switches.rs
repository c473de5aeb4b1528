//! The lab's switches: `semantics`, where Azure's documents allow several behaviors, and `convergence`.

use crate::topology::{
    BgpPeerHostRoutes, CustomerEdgeHops, GatewayHops, ReservedPrefixes, Semantics,
};
use crate::yaml::fields::Decoder;
use crate::yaml::tree::{Kind, Node};
use crate::yaml::values::{choice, flag, prefixes};

const GATEWAY_HOPS: [(&str, GatewayHops); 2] = [
    ("transparent", GatewayHops::Transparent),
    ("legacy", GatewayHops::Legacy),
];

const CUSTOMER_EDGE_HOPS: [(&str, CustomerEdgeHops); 2] = [
    ("silent", CustomerEdgeHops::Silent),
    ("answering", CustomerEdgeHops::Answering),
];

const BGP_PEER_HOST_ROUTES: [(&str, BgpPeerHostRoutes); 3] = [
    ("vpnOnly", BgpPeerHostRoutes::VpnOnly),
    ("always", BgpPeerHostRoutes::Always),
    ("never", BgpPeerHostRoutes::Never),
];

const RESERVED_PREFIXES: [(&str, &ReservedPrefixes); 5] = [
    ("recommended", &ReservedPrefixes::Recommended),
    ("documented", &ReservedPrefixes::Documented),
    ("2020", &ReservedPrefixes::Seen2020),
    ("2021", &ReservedPrefixes::Seen2021),
    ("2023", &ReservedPrefixes::Seen2023),
];

/// The value of `semantics`.
pub(crate) fn semantics(d: &mut Decoder, node: &Node) -> Option<Semantics> {
    d.mapping(node, node.place, "a lab's semantics", |fields| {
        let hops = fields.if_given("vpnGatewayHops", |d, node| choice(d, node, &GATEWAY_HOPS));
        let strict_peering_flags = fields.if_given("strictPeeringFlags", flag);
        let in_vpn_gateway = fields.if_given("expressRouteRoutesInVpnGateway", flag);
        let host_routes = fields.if_given("bgpPeerHostRoutes", |d, node| {
            choice(d, node, &BGP_PEER_HOST_ROUTES)
        });
        let reserved_prefixes = fields.if_given("reservedPrefixes", reserved_prefixes);
        let list_idle_instances = fields.if_given("listIdleInstances", flag);
        let customer_edge_hops = fields.if_given("customerEdgeHops", |d, node| {
            choice(d, node, &CUSTOMER_EDGE_HOPS)
        });
        Some(Semantics {
            vpn_gateway_hops: hops.unwrap_or_default(),
            strict_peering_flags: strict_peering_flags.unwrap_or_default(),
            express_route_routes_in_vpn_gateway: in_vpn_gateway.unwrap_or_default(),
            bgp_peer_host_routes: host_routes.unwrap_or_default(),
            reserved_prefixes: reserved_prefixes.unwrap_or_default(),
            list_idle_instances: list_idle_instances.unwrap_or_default(),
            customer_edge_hops: customer_edge_hops.unwrap_or_default(),
        })
    })
}

/// One of several words, or a list of prefixes. A year is a number in YAML, but one of the words here.
fn reserved_prefixes(d: &mut Decoder, node: &Node) -> Option<ReservedPrefixes> {
    if let Kind::Sequence(_) = node.kind {
        let mut listed: Vec<_> = prefixes(d, node)?.iter().map(|one| one.value).collect();
        listed.sort_unstable();
        listed.dedup();
        return Some(ReservedPrefixes::Listed(listed));
    }
    let Kind::Integer(year) = node.kind else {
        return choice(d, node, &RESERVED_PREFIXES).cloned();
    };
    let word = Node {
        place: node.place,
        kind: Kind::Text(year.to_string()),
    };
    choice(d, &word, &RESERVED_PREFIXES).cloned()
}

/// The value of `convergence`, a single word.
pub(crate) fn immediate(d: &mut Decoder, node: &Node) -> Option<()> {
    choice(d, node, &[("immediate", ())])
}
