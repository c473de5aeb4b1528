//! Default values of a gateway: its type and its public addresses.

use std::collections::BTreeSet;

use crate::addresses::Prefix;
use crate::yaml::draft::Draft;
use crate::yaml::edit::list_of_texts;
use crate::yaml::tree::{Kind, Node};

/// The range of Azure's public addresses.
const PUBLIC: Prefix = Prefix::v4([20, 0, 0, 0], 16);

/// Expands short forms: a network's name in place of a gateway's keys.
pub(crate) fn write_out(draft: &mut Draft<'_>) {
    draft.write_out_names("virtualNetworkGateways");
    for index in 0..draft.section("virtualNetworkGateways").len() {
        if let Some(gateway) = draft.entry_mut("virtualNetworkGateways", index) {
            gateway.write_out_as("virtualNetwork");
        }
    }
}

/// Chooses the values that the file omits.
pub(crate) fn choose(draft: &mut Draft<'_>) {
    let connections = draft.section("connections").iter();
    let with_circuit = connections.filter(|(_, connection)| connection.get("circuit").is_some());
    let with_circuit = with_circuit.filter_map(|(_, connection)| connection.text_of("gateway"));
    let with_circuit: BTreeSet<String> = with_circuit.map(str::to_owned).collect();
    for index in 0..draft.section("virtualNetworkGateways").len() {
        choose_type(draft, index, &with_circuit);
        choose_public_addresses(draft, index);
    }
}

/// A gateway with a connection to a circuit is an ExpressRoute gateway. Any other gateway is a VPN gateway, which is
/// also the default of `az network vnet-gateway create`.
fn choose_type(draft: &mut Draft<'_>, index: usize, with_circuit: &BTreeSet<String>) {
    let (key, gateway) = &draft.section("virtualNetworkGateways")[index];
    if !gateway.lacks("gatewayType") {
        return;
    }
    let kind = if with_circuit.contains(&key.text) {
        "ExpressRoute"
    } else {
        "Vpn"
    };
    if let Some(gateway) = draft.entry_mut("virtualNetworkGateways", index) {
        gateway.put(1, "gatewayType", Kind::Text(kind.to_owned()));
    }
}

fn choose_public_addresses(draft: &mut Draft<'_>, index: usize) {
    let (_, gateway) = &draft.section("virtualNetworkGateways")[index];
    let is_public = |key: &str| gateway.get(key).is_some();
    let is_given = is_public("publicIPAddress") || is_public("publicIPAddresses");
    if is_given || gateway.text_of("gatewayType") != Some("Vpn") {
        return;
    }
    let is_active_active = match gateway.get("activeActive").map(|value| &value.kind) {
        None => false,
        Some(Kind::Boolean(value)) => *value,
        Some(_) => return,
    };
    let (place, at) = (gateway.place, gateway.entries().len());
    let instances = if is_active_active { 2 } else { 1 };
    let free = (0..instances).map(|_| draft.free_address(PUBLIC).map(|one| one.to_string()));
    let Some(mut addresses) = free.collect::<Option<Vec<String>>>() else {
        return;
    };
    let Some(gateway) = draft.entry_mut("virtualNetworkGateways", index) else {
        return;
    };
    if is_active_active {
        gateway.put(at, "publicIPAddresses", list_of_texts(place, addresses));
    } else if let Some(address) = addresses.pop() {
        gateway.put(at, "publicIPAddress", Kind::Text(address));
    }
}

/// The subnet of a gateway in the document.
pub(crate) fn subnet_of<'d>(draft: &'d Draft<'_>, gateway: &str) -> Option<(&'d str, &'d Node)> {
    let gateway = draft.entry("virtualNetworkGateways", gateway)?;
    let network = gateway.text_of("virtualNetwork")?;
    let subnets = draft.entry("virtualNetworks", network)?.get("subnets")?;
    Some((network, subnets.get(crate::topology::GATEWAY_SUBNET)?))
}
