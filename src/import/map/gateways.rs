//! VPN and ExpressRoute gateways.

use super::{Import, prefixes};
use crate::azure::facts::addresses::is_private;
use crate::import::id::Id;
use crate::import::resource::Resource;
use crate::import::text::{Map, Value};
use crate::import::view::View;

/// The keys of one and of several addresses in the GatewaySubnet, of BGP sessions, and public ones.
const PRIVATE: [&str; 2] = ["privateIPAddress", "privateIPAddresses"];
const PEERING: [&str; 2] = ["bgpPeeringAddress", "bgpPeeringAddresses"];
const PUBLIC: [&str; 2] = ["publicIPAddress", "publicIPAddresses"];

/// The sizes of gateways, as a lab file spells them.
const SIZES: [&str; 18] = [
    "Basic",
    "VpnGw1",
    "VpnGw2",
    "VpnGw3",
    "VpnGw4",
    "VpnGw5",
    "VpnGw1AZ",
    "VpnGw2AZ",
    "VpnGw3AZ",
    "VpnGw4AZ",
    "VpnGw5AZ",
    "Standard",
    "HighPerformance",
    "UltraPerformance",
    "ErGw1Az",
    "ErGw2Az",
    "ErGw3Az",
    "ErGwScale",
];

impl<'a> Import<'a> {
    /// The section `virtualNetworkGateways`.
    pub(super) fn gateways(&mut self) {
        let mut section = Map::default();
        for gateway in self.resources.of("virtualNetworkGateways") {
            let name = self.name(&gateway.id);
            match self.gateway(gateway, &name) {
                Ok(map) => {
                    section.set_under(self.origin(&gateway.id), &name, map);
                    self.notes.take("virtualNetworkGateways", &name);
                }
                Err(why) => self.notes.leave("virtualNetworkGateways", &name, why),
            }
        }
        if !section.is_empty() {
            self.document.set("virtualNetworkGateways", section);
        }
    }

    /// Whether a gateway is in the lab.
    pub(super) fn is_placed(&self, id: &Id) -> bool {
        self.resources
            .get(id)
            .is_some_and(|one| self.network_of(one).is_some() && kind_of(one).is_some())
    }

    /// The network of a gateway, if it is in the files.
    pub(super) fn network_of(&self, gateway: &Resource) -> Option<&'a Resource> {
        let subnet = gateway
            .view()
            .list("ipConfigurations")
            .find_map(|one| one.reference("subnet"))?;
        self.network_of_subnet(&subnet)
    }

    fn gateway(&mut self, gateway: &Resource, name: &str) -> Result<Map, &'static str> {
        let kind = kind_of(gateway).ok_or("its type is neither Vpn nor ExpressRoute")?;
        let network = self
            .network_of(gateway)
            .ok_or("its virtual network is not in the files")?;
        let view = gateway.view();
        let mut map = Map::default();
        map.set("virtualNetwork", self.name(&network.id));
        map.set("gatewayType", kind);
        self.size(gateway, name, &mut map);
        if kind == "Vpn" {
            self.vpn(gateway, name, &mut map);
        } else {
            if view.flag("allowRemoteVnetTraffic") == Some(true) {
                map.set("allowRemoteVnetTraffic", true);
            }
            let configurations = view.list("ipConfigurations");
            let addresses: Vec<&str> = configurations
                .filter_map(|one| one.text("privateIPAddress"))
                .collect();
            set_addresses(&mut map, PRIVATE, &addresses);
        }
        Ok(map)
    }

    fn size(&mut self, gateway: &Resource, name: &str, map: &mut Map) {
        let sku = gateway.view().get("sku");
        let size = sku.and_then(|sku| sku.as_text().or_else(|| sku.text("name")));
        let Some(size) = size else { return };
        let Some(known) = SIZES.iter().find(|one| one.eq_ignore_ascii_case(size)) else {
            return self.notes.choose(
                "the size of gateways whose size is unknown is the default",
                name,
            );
        };
        map.set("sku", *known);
        let bounds = gateway.view().at(&["autoScaleConfiguration", "bounds"]);
        if let Some((min, max)) =
            bounds.and_then(|one| Some((one.number("min")?, one.number("max")?)))
        {
            let mut inside = Map::default();
            inside.set("min", min);
            inside.set("max", max);
            let mut outside = Map::default();
            outside.set("bounds", inside);
            map.set("autoScaleConfiguration", outside);
        }
    }

    fn vpn(&mut self, gateway: &Resource, name: &str, map: &mut Map) {
        let view = gateway.view();
        let bgp = view.get("bgpSettings");
        let asn = bgp.and_then(|bgp| bgp.number("asn"));
        map.set_some("asn", asn.filter(|&asn| asn != 65515));
        let is_active_active = view
            .flag("activeActive")
            .or_else(|| view.flag("active_active"));
        if is_active_active == Some(true) {
            map.set("activeActive", true);
        }
        let count = if is_active_active == Some(true) { 2 } else { 1 };
        inner_addresses(gateway, count, map);
        let public = self.public_addresses_of(gateway);
        if public.len() >= count {
            set_addresses(map, PUBLIC, &public[..count]);
        } else {
            let what = "public addresses of gateways that have none yet";
            self.notes.choose(what, name);
        }
        let pool = view.at(&["vpnClientConfiguration", "vpnClientAddressPool"]);
        let pool = prefixes(
            pool.map(|pool| pool.texts("addressPrefixes"))
                .unwrap_or_default(),
        );
        if !pool.is_empty() {
            let pool = Value::texts(pool.iter().map(ToString::to_string));
            map.set("vpnClientAddressPool", pool);
        }
        let site = view.reference("gatewayDefaultSite");
        let connection = site.and_then(|site| self.connection_to(gateway, &site));
        map.set_some("gatewayDefaultSite", connection);
    }

    /// The name of the connection of a gateway to a local network gateway.
    fn connection_to(&self, gateway: &Resource, site: &Id) -> Option<String> {
        let connection = self.resources.of("connections").find(|one| {
            let to = one.view().reference("localNetworkGateway2");
            let from = one.view().reference("virtualNetworkGateway1");
            to.is_some_and(|to| to.key() == site.key())
                && from.is_some_and(|from| from.key() == gateway.id.key())
        });
        connection.map(|one| self.name(&one.id))
    }

    /// The public addresses of a gateway's instances that the files state.
    pub(super) fn public_addresses_of(&self, gateway: &Resource) -> Vec<&'a str> {
        let gateway = self.resources.get(&gateway.id);
        let Some(gateway) = gateway else {
            return Vec::new();
        };
        let of_bgp: Vec<&str> = peering_addresses(gateway)
            .flat_map(|one| one.texts("tunnelIpAddresses"))
            .filter(|text| is_public(text))
            .collect();
        let configurations = gateway.view().list("ipConfigurations");
        let named = configurations.filter_map(|one| one.reference("publicIPAddress"));
        let named: Vec<&str> = named.filter_map(|id| self.public_address(&id)).collect();
        if named.is_empty() { of_bgp } else { named }
    }
}

fn is_public(text: &str) -> bool {
    text.parse().is_ok_and(|address| !is_private(address))
}

fn kind_of(gateway: &Resource) -> Option<&'static str> {
    let kind = gateway.view().text("gatewayType")?;
    ["Vpn", "ExpressRoute"]
        .into_iter()
        .find(|one| one.eq_ignore_ascii_case(kind))
}

/// Sets the addresses of a VPN gateway's instances in the GatewaySubnet, and those of their BGP sessions if they differ.
fn inner_addresses(gateway: &Resource, count: usize, map: &mut Map) {
    let bgp = bgp_addresses(gateway);
    let configurations = gateway.view().list("ipConfigurations");
    let stated = configurations.filter_map(|one| one.text("privateIPAddress"));
    let stated: Vec<&str> = stated.collect();
    let private = if stated.len() >= count { &stated } else { &bgp };
    if private.len() >= count {
        set_addresses(map, PRIVATE, &private[..count]);
    }
    let custom = custom_addresses(gateway);
    let speaks_from = if custom.len() >= count { &custom } else { &bgp };
    let is_other = speaks_from.get(..count) != private.get(..count);
    if speaks_from.len() >= count && is_other {
        set_addresses(map, PEERING, &speaks_from[..count]);
    }
}

fn peering_addresses(gateway: &Resource) -> impl Iterator<Item = View<'_>> {
    let bgp = gateway.view().get("bgpSettings").into_iter();
    bgp.flat_map(|bgp| bgp.list("bgpPeeringAddresses"))
}

/// The addresses in the GatewaySubnet from which the instances speak BGP, unless they have APIPA addresses.
fn bgp_addresses(gateway: &Resource) -> Vec<&str> {
    let of_bgp: Vec<&str> = peering_addresses(gateway)
        .flat_map(|one| one.texts("defaultBgpIpAddresses"))
        .collect();
    if !of_bgp.is_empty() {
        return of_bgp;
    }
    let address = gateway
        .view()
        .at(&["bgpSettings"])
        .and_then(|bgp| bgp.text("bgpPeeringAddress"));
    // Both addresses of an active-active gateway stand in one text.
    let both = address.into_iter().flat_map(|text| text.split(','));
    both.map(str::trim)
        .filter(|text| !text.is_empty())
        .collect()
}

/// The APIPA addresses of the instances' BGP sessions, the first of each.
fn custom_addresses(gateway: &Resource) -> Vec<&str> {
    let all = peering_addresses(gateway);
    all.filter_map(|one| one.texts("customBgpIpAddresses").first().copied())
        .collect()
}

/// Sets one address by the singular key, several by the plural one.
fn set_addresses(map: &mut Map, [one, several]: [&str; 2], addresses: &[&str]) {
    match addresses {
        [] => {}
        [address] => map.set(one, *address),
        all => map.set(several, Value::texts(all.iter().copied())),
    }
}
