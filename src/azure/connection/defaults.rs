//! Default values of a connection: its type, and the addresses of its MSEEs.

use crate::addresses::Prefix;
use crate::azure::facts::addresses::{circuit_addresses, first_free, is_usable};
use crate::azure::gateway::defaults::subnet_of;
use crate::azure::virtual_network::defaults::prefix_of;
use crate::yaml::draft::Draft;
use crate::yaml::edit::list_of_texts;
use crate::yaml::tree::{Kind, Node};

/// The keys that only one type of connection has.
const TYPES: [(&str, &str); 4] = [
    ("circuit", "ExpressRoute"),
    ("gateways", "Vnet2Vnet"),
    ("device", "IPsec"),
    ("circuits", "GlobalReach"),
];

/// The range of the addresses that network interfaces show for MSEEs, outside of customers' networks as in Azure.
const MSEES: Prefix = Prefix::v4([10, 63, 0, 0], 16);

/// The range of prefixes for links between the MSEEs of two circuits.
const GLOBAL_REACH: Prefix = Prefix::v4([172, 20, 0, 0], 16);

/// The position of an ExpressRoute gateway's own address in its subnet: after the MSEEs of four circuits.
const BEHIND_ENDPOINTS: usize = 12;

/// Chooses the values that the file omits.
pub(crate) fn choose(draft: &mut Draft<'_>) {
    for index in 0..draft.section("connections").len() {
        if let Some(connection) = draft.entry_mut("connections", index) {
            choose_type(connection);
        }
        choose_endpoints(draft, index);
        choose_msee_addresses(draft, index);
        choose_global_reach(draft, index);
    }
}

fn choose_type(connection: &mut Node) {
    if !connection.lacks("connectionType") {
        return;
    }
    let mut types = TYPES.into_iter();
    if let Some((_, kind)) = types.find(|(key, _)| connection.get(key).is_some()) {
        connection.put(0, "connectionType", Kind::Text(kind.to_owned()));
    }
}

/// The MSEEs get the first two free addresses of the `GatewaySubnet`.
fn choose_endpoints(draft: &mut Draft<'_>, index: usize) {
    let (_, connection) = &draft.section("connections")[index];
    let is_express_route = connection.text_of("connectionType") == Some("ExpressRoute");
    if !is_express_route || !connection.lacks("endpoints") {
        return;
    }
    let (place, gateway) = (connection.place, connection.text_of("gateway"));
    let Some(gateway) = gateway.map(str::to_owned) else {
        return;
    };
    let Some(subnet) = subnet_of(draft, &gateway).and_then(|(_, subnet)| prefix_of(subnet)) else {
        return;
    };
    keep_clear(draft, &gateway, subnet);
    let taken = draft.addresses();
    let endpoints = [0, 1].map(|_| {
        let free = first_free(subnet, |one| taken.contains(&one));
        taken.extend(free);
        free
    });
    if let [Some(first), Some(second)] = endpoints
        && let Some(connection) = draft.entry_mut("connections", index)
    {
        let endpoints = [first, second].map(|one| one.to_string());
        connection.put(3, "endpoints", list_of_texts(place, endpoints));
    }
}

/// The MSEEs get the two host addresses of a prefix that nothing else in the file uses.
fn choose_msee_addresses(draft: &mut Draft<'_>, index: usize) {
    let (_, connection) = &draft.section("connections")[index];
    let is_express_route = connection.text_of("connectionType") == Some("ExpressRoute");
    if !is_express_route || !connection.lacks("mseeAddresses") {
        return;
    }
    let place = connection.place;
    if let Some(prefix) = draft.free_prefix(MSEES, 30)
        && let Some(connection) = draft.entry_mut("connections", index)
    {
        let addresses = circuit_addresses(prefix).map(|one| one.to_string());
        connection.put(4, "mseeAddresses", list_of_texts(place, addresses));
    }
}

/// Gives a gateway an address after those of its MSEEs, so that it keeps the address when circuits are added.
fn keep_clear(draft: &mut Draft<'_>, gateway: &str, subnet: Prefix) {
    let mut gateways = draft.section("virtualNetworkGateways").iter();
    let Some(index) = gateways.position(|(key, _)| key.text == gateway) else {
        return;
    };
    let (_, gateway) = &draft.section("virtualNetworkGateways")[index];
    let has_addresses = gateway.get("privateIPAddresses").is_some();
    if has_addresses || !gateway.lacks("privateIPAddress") {
        return;
    }
    let taken = draft.addresses();
    let mut free = subnet.addresses().skip(BEHIND_ENDPOINTS);
    let free = free.find(|one| is_usable(subnet, *one) && !taken.contains(one));
    taken.extend(free);
    if let Some(address) = free
        && let Some(gateway) = draft.entry_mut("virtualNetworkGateways", index)
    {
        gateway.put(2, "privateIPAddress", Kind::Text(address.to_string()));
    }
}

fn choose_global_reach(draft: &mut Draft<'_>, index: usize) {
    let (_, connection) = &draft.section("connections")[index];
    let is_global_reach = connection.text_of("connectionType") == Some("GlobalReach");
    if !is_global_reach || !connection.lacks("addressPrefix") {
        return;
    }
    if let Some(prefix) = draft.free_prefix(GLOBAL_REACH, 29)
        && let Some(connection) = draft.entry_mut("connections", index)
    {
        connection.put(2, "addressPrefix", Kind::Text(prefix.to_string()));
    }
}
