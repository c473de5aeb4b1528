//! On-premises sites, of which Azure knows an address, an ASN and prefixes.

use super::Import;
use crate::addresses::{Address, Prefix};
use crate::import::names::Kind;
use crate::import::resource::Resource;
use crate::import::text::{Map, Value};

/// The longest prefix that a LAN with a router and a host can have.
const LONGEST_LAN: u8 = 29;

/// What a local network gateway says of a device.
#[derive(Debug, Clone)]
pub(super) struct LocalGateway {
    /// The device's public address; `None` if it has a domain name instead.
    pub(super) address: Option<String>,
    /// Its ASN and the address of its BGP sessions, if it speaks BGP.
    pub(super) bgp: Option<(u64, Option<Address>)>,
    /// The prefixes behind it.
    pub(super) prefixes: Vec<Prefix>,
}

impl LocalGateway {
    /// What a resource says.
    pub(super) fn of(resource: &Resource) -> Self {
        let view = resource.view();
        let space = view.get("localNetworkAddressSpace");
        let bgp = view.get("bgpSettings");
        let asn = bgp
            .and_then(|bgp| bgp.number("asn"))
            .filter(|&asn| asn != 0);
        let peer = bgp.and_then(|bgp| bgp.text("bgpPeeringAddress"));
        Self {
            address: view.text("gatewayIpAddress").map(str::to_owned),
            bgp: asn.map(|asn| (asn, peer.and_then(|text| text.parse().ok()))),
            prefixes: super::prefixes(
                space
                    .map(|space| space.texts("addressPrefixes"))
                    .unwrap_or_default(),
            ),
        }
    }

    /// The prefixes behind the device, without the address of its BGP sessions.
    pub(super) fn networks(&self) -> Vec<Prefix> {
        let networks = self.prefixes.iter().copied();
        networks.filter(|prefix| !prefix.is_host()).collect()
    }
}

impl Import<'_> {
    /// Appends a site to the section `sites`.
    pub(super) fn site(&mut self, name: &str, comment: Option<String>, map: Map) {
        self.document.at("sites").set_under(comment, name, map);
    }

    /// Creates the site of a local network gateway: a device with a tunnel, and a host in the first prefix. The name of
    /// the device. `reached` are the networks that the device reaches through its connection without BGP.
    pub(super) fn device_site(
        &mut self,
        resource: &Resource,
        local: &LocalGateway,
        (connection, reached): (&str, &[Prefix]),
    ) -> String {
        let site = self.name(&resource.id);
        let device = self.names.free(Kind::Node, &format!("{site}-ce"));
        let host = self.names.free(Kind::Node, &format!("{site}-host"));
        let networks = local.networks();
        let lan = networks
            .iter()
            .find(|prefix| prefix.prefix_len() <= LONGEST_LAN)
            .map(lan_in);
        let mut map = Map::default();
        map.set_some("asn", local.bgp.map(|(asn, _)| asn));
        let mut router = Map::default();
        let peer = local.bgp.and_then(|(_, peer)| peer);
        let is_on_lan = |address: &Address| lan.is_some_and(|lan| lan.contains(address));
        if let Some(lan) = lan {
            let own = peer
                .filter(|peer| is_on_lan(peer))
                .unwrap_or_else(|| lan.first_host());
            router.choose("address", format!("{own}/{}", lan.prefix_len()));
        }
        router.set("tunnel", tunnel(local, peer));
        if local.bgp.is_none() {
            let static_routes = reached.iter().map(|prefix| {
                let mut route = Map::default();
                route.set("addressPrefix", prefix.to_string());
                route.set("connection", connection);
                Value::Map(route)
            });
            router.choose("routes", Value::List(static_routes.collect()));
        }
        let mut routers = Map::default();
        routers.choose(&device, router);
        map.set("routers", routers);
        map.choose("hosts", hosts(&host, lan, peer));
        if !networks.is_empty() && local.bgp.is_some() {
            map.set(
                "advertise",
                Value::texts(networks.iter().map(ToString::to_string)),
            );
        }
        self.site(&site, self.origin(&resource.id), map);
        let what = "sites of local network gateways: a router, a host and its LAN; --on-premises FILE states them";
        self.notes.choose(what, &site);
        device
    }
}

/// A device's end of its tunnels.
pub(super) fn tunnel(local: &LocalGateway, peer: Option<Address>) -> Map {
    let mut tunnel = Map::default();
    tunnel.set_some("sourceAddress", local.address.clone());
    if let Some(peer) = peer {
        let key = if peer.is_link_local() {
            "address"
        } else {
            "bgpPeeringAddress"
        };
        tunnel.set(key, peer.to_string());
    }
    tunnel
}

/// The LAN in a site's first prefix: at most 256 addresses.
fn lan_in(prefix: &Prefix) -> Prefix {
    prefix
        .subnets(prefix.prefix_len().max(24))
        .next()
        .unwrap_or(*prefix)
}

/// The host of a site, with an address that nothing else has.
fn hosts(name: &str, lan: Option<Prefix>, peer: Option<Address>) -> Value {
    let Some(lan) = lan else {
        return Value::texts([name]);
    };
    let wanted = if lan.prefix_len() <= 28 { 10 } else { 2 };
    let address = lan.network().saturating_add(wanted);
    let address = if peer == Some(address) {
        address.saturating_add(1)
    } else {
        address
    };
    let mut hosts = Map::default();
    hosts.set(name, format!("{address}/{}", lan.prefix_len()));
    Value::Map(hosts)
}
