//! Rules for virtual network gateways and their subnet.

pub(crate) mod basic;
pub(crate) mod clients;
pub(crate) mod sizes;

use std::collections::BTreeMap;
use std::iter;

use crate::addresses::{Address, Prefix};
use crate::azure::addresses::unusable;
use crate::azure::facts::addresses::{is_tunnel_bgp_address, usable_addresses};
use crate::azure::gateway::model::{GatewayKind, VirtualNetworkGateway, VpnGatewayInstance};
use crate::azure::gateway::subnet::addresses_in_file;
use crate::azure::references::find_vnet;
use crate::azure::resources::Resources;
use crate::azure::virtual_network::model::VirtualNetwork;
use crate::findings::{Finding, Located, Rule};
use crate::names::NodeName;
use crate::topology::GATEWAY_SUBNET;

const NO_GATEWAY_SUBNET: Rule =
    Rule::of_whole_files("gateway-subnet").needing(&["addressPrefixes", "addressPrefix"]);
const ONE_GATEWAY: Rule = Rule::new("one-gateway");
const NO_ROOM: Rule = Rule::new("no-room");

/// The subnet of a network's gateways.
pub(crate) fn gateway_subnet(vnet: &VirtualNetwork) -> Option<Prefix> {
    located_gateway_subnet(vnet).map(|prefix| prefix.value)
}

/// The same, with its place.
pub(crate) fn located_gateway_subnet(vnet: &VirtualNetwork) -> Option<Located<Prefix>> {
    let mut subnets = vnet.subnets.iter();
    let subnet = subnets.find(|subnet| subnet.name.value == GATEWAY_SUBNET)?;
    Some(subnet.address_prefix)
}

/// A network's VPN gateway.
pub(crate) fn vpn_gateway_of<'a>(
    spec: &'a Resources,
    vnet: &str,
) -> Option<&'a VirtualNetworkGateway> {
    gateways_of(spec, vnet).find(|gateway| matches!(gateway.kind, GatewayKind::Vpn { .. }))
}

/// A network's `ExpressRoute` gateway.
pub(crate) fn express_route_gateway_of<'a>(
    spec: &'a Resources,
    vnet: &str,
) -> Option<&'a VirtualNetworkGateway> {
    gateways_of(spec, vnet).find(|gateway| matches!(gateway.kind, GatewayKind::ExpressRoute { .. }))
}

fn gateways_of<'a>(
    spec: &'a Resources,
    vnet: &str,
) -> impl Iterator<Item = &'a VirtualNetworkGateway> {
    let gateways = spec.virtual_network_gateways.iter();
    gateways.filter(move |gateway| gateway.virtual_network.value == vnet)
}

/// The instances of a VPN gateway; none for an `ExpressRoute` gateway.
pub(crate) fn instances(gateway: &VirtualNetworkGateway) -> &[VpnGatewayInstance] {
    match &gateway.kind {
        GatewayKind::Vpn { instances, .. } => instances,
        GatewayKind::ExpressRoute { .. } => &[],
    }
}

/// The address that the file states for each instance of a gateway; `None` if it does not. Without room for it, an
/// `ExpressRoute` gateway has no second instance.
fn private_addresses(gateway: &VirtualNetworkGateway) -> Vec<Option<Located<Address>>> {
    match &gateway.kind {
        GatewayKind::Vpn { instances, .. } => instances
            .iter()
            .map(|instance| instance.private_ip_address)
            .collect(),
        GatewayKind::ExpressRoute {
            private_ip_addresses: [first, second],
            ..
        } => iter::once(*first).chain(second.map(Some)).collect(),
    }
}

/// A gateway's network must exist and have a `GatewaySubnet` that contains the gateway's addresses.
pub(crate) fn stand_in_a_gateway_subnet(spec: &Resources) -> Vec<Finding> {
    spec.virtual_network_gateways
        .iter()
        .flat_map(|gateway| stands(spec, gateway))
        .collect()
}

fn stands(spec: &Resources, gateway: &VirtualNetworkGateway) -> Vec<Finding> {
    let vnet = match find_vnet(spec, &gateway.virtual_network) {
        Ok(vnet) => vnet,
        Err(missing) => return vec![missing],
    };
    let Some(subnet) = located_gateway_subnet(vnet) else {
        let message = format!(
            "virtual network `{}` has no `{GATEWAY_SUBNET}` for this gateway",
            vnet.name.value
        );
        let help = format!(
            "add `{GATEWAY_SUBNET}: {{ addressPrefix: ... }}` to its subnets, a /27 or larger"
        );
        return vec![
            Finding::new(NO_GATEWAY_SUBNET, gateway.virtual_network.place, message).with_help(help),
        ];
    };
    let own = private_addresses(gateway).into_iter().flatten();
    let unfit = own.filter_map(|address| unusable(subnet, &address));
    let bgp = instances(gateway)
        .iter()
        .filter_map(|instance| unusable_for_bgp(subnet, &instance.bgp_peering_address?));
    unfit.chain(bgp).collect()
}

fn unusable_for_bgp(subnet: Located<Prefix>, address: &Located<Address>) -> Option<Finding> {
    if is_tunnel_bgp_address(address.value) {
        return None;
    }
    let finding = unusable(subnet, address)?;
    if finding.help.is_some() {
        return Some(finding);
    }
    Some(finding.with_help(format!(
        "a gateway speaks BGP from an address of the {GATEWAY_SUBNET}, or from one of 169.254.21.0 to 169.254.22.255 (vpn-gateway-bgp-overview)"
    )))
}

/// A network may have at most one VPN gateway and one `ExpressRoute` gateway (vpn-gateway-about-vpn-gateway-settings).
pub(crate) fn are_one_of_a_kind(spec: &Resources) -> Vec<Finding> {
    let mut seen: BTreeMap<(&str, &str), &Located<NodeName>> = BTreeMap::new();
    let mut findings = Vec::new();
    for gateway in &spec.virtual_network_gateways {
        let kind = match gateway.kind {
            GatewayKind::Vpn { .. } => "VPN",
            GatewayKind::ExpressRoute { .. } => "ExpressRoute",
        };
        let vnet = gateway.virtual_network.value.as_str();
        if let Some(other) = seen.insert((vnet, kind), &gateway.name) {
            let message = format!(
                "virtual network `{vnet}` already has the {kind} gateway `{}`",
                other.value
            );
            findings.push(
                Finding::new(ONE_GATEWAY, gateway.name.place, message)
                    .with_other(other.place, "the other one"),
            );
        }
    }
    findings
}

/// There must be an address for every gateway whose address the file omits, and two for an active-active gateway.
pub(crate) fn have_room(spec: &Resources) -> Vec<Finding> {
    let named = addresses_in_file(spec);
    let mut wanted: BTreeMap<(&str, Prefix), usize> = BTreeMap::new();
    let mut findings = Vec::new();
    for gateway in &spec.virtual_network_gateways {
        let own = private_addresses(gateway);
        let open = own.iter().filter(|address| address.is_none()).count();
        let subnet = find_vnet(spec, &gateway.virtual_network)
            .ok()
            .and_then(located_gateway_subnet);
        let subnet = subnet.filter(Located::is_read).map(|range| range.value);
        let Some(subnet) = subnet.filter(|_| open > 0) else {
            continue;
        };
        let vnet = gateway.virtual_network.value.as_str();
        let room = usable_addresses(subnet).saturating_sub(
            named
                .iter()
                .filter(|(network, address)| *network == vnet && subnet.contains(address))
                .count(),
        );
        let count = wanted.entry((vnet, subnet)).or_default();
        *count += open;
        if *count > room {
            let message = format!(
                "{subnet} has no address left for gateway `{}`",
                gateway.name.value
            );
            findings.push(
                Finding::new(NO_ROOM, gateway.name.place, message)
                    .with_help("make the GatewaySubnet a /27 or larger"),
            );
        }
    }
    findings
}
