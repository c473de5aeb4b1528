//! What a lab file may leave out of a gateway: its type and its public addresses.

use crate::addresses::Prefix;
use crate::yaml::draft::Draft;
use crate::yaml::edit::list_of_texts;
use crate::yaml::tree::{Kind, Node};

/// Public addresses of Azure.
const PUBLIC: &str = "20.0.0.0/16";

/// Chooses what the file leaves out.
pub(crate) fn choose(draft: &mut Draft<'_>) {
    draft.write_out_names("virtualNetworkGateways");
    for index in 0..draft.section("virtualNetworkGateways").len() {
        if let Some(gateway) = draft.entry_mut("virtualNetworkGateways", index) {
            gateway.write_out_as("virtualNetwork");
        }
        choose_type(draft, index);
        choose_public_addresses(draft, index);
    }
}

/// A gateway that a connection joins to a circuit is for ExpressRoute. Any other one is a VPN gateway, which is also
/// what az makes by default (az network vnet-gateway create).
fn choose_type(draft: &mut Draft<'_>, index: usize) {
    let (key, gateway) = &draft.section("virtualNetworkGateways")[index];
    if !gateway.lacks("gatewayType") {
        return;
    }
    let mut connections = draft.section("connections").iter();
    let has_circuit = connections.any(|(_, connection)| {
        connection.get("circuit").is_some() && connection.text_of("gateway") == Some(&key.text)
    });
    let kind = if has_circuit { "ExpressRoute" } else { "Vpn" };
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
    let pool: Prefix = PUBLIC.parse().expect("it is a prefix");
    let instances = if is_active_active { 2 } else { 1 };
    let free = (0..instances).map(|_| draft.free_address(pool).map(|one| one.to_string()));
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
