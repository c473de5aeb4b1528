//! The `virtualNetworkGateways` section.

use crate::addresses::Address;
use crate::azure::facts::addresses::is_tunnel_bgp_address;
use crate::azure::gateway::model::{GatewayKind, VirtualNetworkGateway, VpnGatewayInstance};
use crate::azure::gateway::sizes::{auto_scale, express_route_size, generation, vpn_size};
use crate::findings::{Finding, Located, Place, Rule};
use crate::onpremises::asn::gateway_asn;
use crate::topology::GatewaySize;
use crate::units::Asn;
use crate::yaml::fields::{Decoder, Fields};
use crate::yaml::stand_in::no_stand_in;
use crate::yaml::tree::{Key, Node};
use crate::yaml::values::{
    address, boolean, choice, flag, located, name, node_name, prefixes, reference, two_addresses,
};

#[derive(Debug, Clone, Copy)]
enum GatewayType {
    Vpn,
    ExpressRoute,
}

no_stand_in!(GatewayType);

const GATEWAY_TYPES: [(&str, GatewayType); 2] = [
    ("Vpn", GatewayType::Vpn),
    ("ExpressRoute", GatewayType::ExpressRoute),
];

/// The keys of a gateway with one instance, and the corresponding keys with two.
const SINGULAR_AND_PLURAL: [(&str, &str); 3] = [
    ("privateIPAddress", "privateIPAddresses"),
    ("bgpPeeringAddress", "bgpPeeringAddresses"),
    ("publicIPAddress", "publicIPAddresses"),
];

/// An entry of `virtualNetworkGateways`.
pub(crate) fn gateway(d: &mut Decoder, key: &Key, node: &Node) -> Option<VirtualNetworkGateway> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a gateway", |fields| {
        let virtual_network = fields.required("virtualNetwork", reference);
        let (kind, size) = gateway_kind(fields, key.place)?;
        Some(VirtualNetworkGateway {
            name: name?,
            virtual_network: virtual_network?,
            kind,
            size,
        })
    })
}

fn gateway_kind(fields: &mut Fields<'_>, name: Place) -> Option<(GatewayKind, GatewaySize)> {
    let gateway_type = fields.required("gatewayType", |d, node| choice(d, node, &GATEWAY_TYPES));
    match gateway_type {
        Some(GatewayType::Vpn) => vpn(fields, name),
        Some(GatewayType::ExpressRoute) => Some(express_route(fields, name)),
        None => any_kind(fields),
    }
}

/// The type is missing or misspelt, so every key of every type is read.
fn any_kind<T>(fields: &mut Fields<'_>) -> Option<T> {
    fields.allow_incomplete();
    fields.optional("sku", |d, node| name(d, node, "a size").map(str::to_owned));
    fields.if_given("vpnGatewayGeneration", generation);
    fields.if_given("autoScaleConfiguration", auto_scale);
    fields.optional("asn", gateway_asn);
    fields.optional("activeActive", boolean);
    fields.optional("vpnClientAddressPool", prefixes);
    fields.optional("gatewayDefaultSite", reference);
    one_instance(fields);
    two_instances(fields);
    fields.optional("allowRemoteVnetTraffic", boolean);
    None
}

fn express_route(fields: &mut Fields<'_>, name: Place) -> (GatewayKind, GatewaySize) {
    fields.narrow("an ExpressRoute gateway");
    let (sku, size) = express_route_size(fields, name);
    let private_ip_addresses = express_route_addresses(fields);
    let allow_remote_vnet_traffic = fields.optional("allowRemoteVnetTraffic", flag);
    let kind = GatewayKind::ExpressRoute {
        sku,
        private_ip_addresses,
        allow_remote_vnet_traffic: allow_remote_vnet_traffic.unwrap_or_default(),
    };
    (kind, size)
}

/// The addresses of both instances, or that of the first one.
fn express_route_addresses(fields: &mut Fields<'_>) -> [Option<Located<Address>>; 2] {
    if fields.place_of("privateIPAddresses").is_none() {
        return [fields.optional("privateIPAddress", address), None];
    }
    let help = "write `privateIPAddresses` and a list of two, one for each instance".to_owned();
    fields.has_instead("privateIPAddresses", "privateIPAddress", help);
    let both = fields.optional("privateIPAddresses", two_addresses);
    [0, 1].map(|at| both.map(|both| both[at]))
}

fn vpn(fields: &mut Fields<'_>, name: Place) -> Option<(GatewayKind, GatewaySize)> {
    let (sku, size) = vpn_size(fields, name);
    let asn = fields.optional("asn", gateway_asn);
    let client_pools = fields.optional("vpnClientAddressPool", prefixes);
    let default_site = fields.optional("gatewayDefaultSite", reference);
    let active_active = fields.optional("activeActive", flag);
    let mut plural = SINGULAR_AND_PLURAL.iter().map(|(_, plural)| *plural);
    let may_be_misspelt =
        plural.any(|key| fields.place_of(key).is_some()) && fields.has_unknown_key();
    let misread =
        active_active.is_none() && (fields.place_of("activeActive").is_some() || may_be_misspelt);
    let instances = match active_active {
        _ if misread => any_number(fields),
        Some(true) => active_active_instances(fields),
        _ => single_instance(fields),
    };
    let kind = GatewayKind::Vpn {
        sku,
        asn: asn.unwrap_or(located(name, Asn::AZURE_GATEWAY)),
        client_pools: client_pools.unwrap_or_default(),
        default_site,
        instances: instances?,
    };
    Some((kind, size))
}

/// The number of instances is unknown.
fn any_number(fields: &mut Fields<'_>) -> Option<Vec<VpnGatewayInstance>> {
    fields.allow_incomplete();
    one_instance(fields);
    two_instances(fields);
    None
}

fn single_instance(fields: &mut Fields<'_>) -> Option<Vec<VpnGatewayInstance>> {
    fields.narrow("a VPN gateway with one instance");
    for (singular, plural) in SINGULAR_AND_PLURAL {
        let help = format!("write `{singular}` and one address, or add `activeActive: true`");
        fields.has_instead(singular, plural, help);
    }
    one_instance(fields).map(|instance| vec![instance])
}

fn active_active_instances(fields: &mut Fields<'_>) -> Option<Vec<VpnGatewayInstance>> {
    fields.narrow("an active-active VPN gateway");
    for (singular, plural) in SINGULAR_AND_PLURAL {
        let help = format!("write `{plural}` and a list of two, one for each instance");
        fields.has_instead(plural, singular, help);
    }
    two_instances(fields).map(Vec::from)
}

fn one_instance(fields: &mut Fields<'_>) -> Option<VpnGatewayInstance> {
    let private_ip_address = fields.optional("privateIPAddress", address);
    let bgp_peering_address = fields.optional("bgpPeeringAddress", bgp_peering_address);
    let public_ip_address = fields.required("publicIPAddress", address);
    Some(VpnGatewayInstance {
        private_ip_address,
        bgp_peering_address,
        public_ip_address: public_ip_address?,
    })
}

fn two_instances(fields: &mut Fields<'_>) -> Option<[VpnGatewayInstance; 2]> {
    let private_ip_addresses = fields.optional("privateIPAddresses", two_addresses);
    let bgp_peering_addresses = fields.optional("bgpPeeringAddresses", |d, node| {
        d.pair(node, "a list of two addresses", bgp_peering_address)
    });
    let public_ip_addresses = fields.required("publicIPAddresses", two_addresses)?;
    Some([0, 1].map(|at| VpnGatewayInstance {
        private_ip_address: private_ip_addresses.map(|addresses| addresses[at]),
        bgp_peering_address: bgp_peering_addresses.map(|addresses| addresses[at]),
        public_ip_address: public_ip_addresses[at],
    }))
}

/// A BGP address. Azure accepts only some of the link-local ones (vpn-gateway-bgp-overview).
fn bgp_peering_address(d: &mut Decoder, node: &Node) -> Option<Located<Address>> {
    let found = address(d, node)?;
    if !found.value.is_link_local() || is_tunnel_bgp_address(found.value) {
        return Some(found);
    }
    let message = format!(
        "{} is not a link-local address that Azure accepts for BGP",
        found.value
    );
    let help = "use one from 169.254.21.0 to 169.254.22.255 (vpn-gateway-bgp-overview)";
    d.report(Finding::new(Rule::WRONG_VALUE, found.place, message).with_help(help));
    None
}
