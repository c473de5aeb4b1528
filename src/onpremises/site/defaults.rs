//! Default values of a site: its ASN, its LAN, and the addresses of its hosts and links.

use std::collections::BTreeSet;

use crate::addresses::{Address, Prefix};
use crate::findings::Place;
use crate::yaml::draft::Draft;
use crate::yaml::edit::list_of_texts;
use crate::yaml::tree::{Key, Kind, Node};

/// The range of LANs, a /24 for each. The first /24 is not used, since home routers have it.
const LANS: Prefix = Prefix::v4([192, 168, 0, 0], 16);
const LAN_LENGTH: u8 = 24;

/// The range of links between routers, a /31 for each (RFC 3021).
const LINKS: Prefix = Prefix::v4([172, 17, 0, 0], 16);
const LINK_LENGTH: u8 = 31;

/// The position of the first host in a LAN.
const FIRST_HOST: usize = 10;

/// The ASNs for sites: private ones (RFC 6996), up to those that Azure uses.
const ASNS: std::ops::Range<i128> = 65001..65515;

/// Expands short forms: names of routers and hosts, an address in place of their keys, and links as lists.
pub(crate) fn write_out(draft: &mut Draft<'_>) {
    for index in 0..draft.section("sites").len() {
        if let Some(site) = draft.entry_mut("sites", index) {
            write_out_site(site);
        }
    }
}

/// Expands the short forms of links between sites.
pub(crate) fn write_out_wan(draft: &mut Draft<'_>) {
    for index in 0..draft.section("wan").len() {
        if let Some(link) = draft.entry_mut("wan", index) {
            write_out_link(link);
        }
    }
}

/// Chooses the values that the file omits.
pub(crate) fn choose(draft: &mut Draft<'_>) {
    let speakers = speakers_with_azure(draft);
    let mut asns = BTreeSet::new();
    collect_asns(draft.root, &mut asns);
    for index in 0..draft.section("sites").len() {
        choose_asn(draft, index, &speakers, &mut asns);
        choose_lan(draft, index);
        choose_hosts(draft, index);
        choose_links(draft, index);
    }
}

/// Chooses the values of links between sites that the file omits.
pub(crate) fn choose_wan(draft: &mut Draft<'_>) {
    for index in 0..draft.section("wan").len() {
        if draft.section("wan")[index].1.lacks("addresses") {
            let addresses = link_addresses(draft);
            if let Some(link) = draft.entry_mut("wan", index) {
                put_addresses(link, addresses);
            }
        }
    }
}

fn write_out_site(site: &mut Node) {
    for (key, value) in site.entries_mut() {
        match key.text.as_str() {
            "routers" | "hosts" => {
                value.write_out_names();
                for (_, one) in value.entries_mut() {
                    one.write_out_as("address");
                }
            }
            "links" => {
                if let Kind::Sequence(items) = &mut value.kind {
                    items.iter_mut().for_each(write_out_link);
                }
            }
            _ => {}
        }
    }
}

/// Expands a link that is a list of its two routers.
fn write_out_link(link: &mut Node) {
    let [a, b] = link.items() else {
        return;
    };
    let (Some(a), Some(b)) = (a.text(), b.text()) else {
        return;
    };
    let (a, b) = (a.to_owned(), b.to_owned());
    link.kind = Kind::Mapping(Vec::new());
    link.put(0, "a", Kind::Text(a));
    link.put(1, "b", Kind::Text(b));
}

/// The routers that use BGP with Azure: those at circuits, and those at tunnels with BGP.
fn speakers_with_azure(draft: &Draft<'_>) -> BTreeSet<String> {
    let mut speakers = BTreeSet::new();
    for (_, circuit) in draft.section("expressRouteCircuits") {
        let links = ["primary", "secondary"].into_iter();
        let links = links.filter_map(|link| circuit.get(link));
        speakers.extend(links.filter_map(|link| Some(link.text_of("customerEdge")?.to_owned())));
    }
    for (_, connection) in draft.section("connections") {
        let gateway = connection.text_of("gateway");
        let gateway = gateway.and_then(|name| draft.entry("virtualNetworkGateways", name));
        let is_basic = gateway.is_some_and(|gateway| gateway.text_of("sku") == Some("Basic"));
        let enabled = match connection.get("enableBgp").map(|value| &value.kind) {
            Some(Kind::Boolean(value)) => *value,
            _ => !is_basic,
        };
        let device = connection.text_of("device").filter(|_| enabled);
        speakers.extend(device.map(str::to_owned));
    }
    speakers
}

/// A site whose routers use BGP with Azure gets the first private ASN that the file does not use elsewhere.
fn choose_asn(
    draft: &mut Draft<'_>,
    index: usize,
    speakers: &BTreeSet<String>,
    taken: &mut BTreeSet<i128>,
) {
    let (_, site) = &draft.section("sites")[index];
    let routers = site.get("routers").map_or(&[][..], Node::entries);
    let needs = |(key, router): &(Key, Node)| speakers.contains(&key.text) && router.lacks("asn");
    if !site.lacks("asn") || !routers.iter().any(needs) {
        return;
    }
    let mut asns = ASNS;
    let free = asns.find(|asn| !taken.contains(asn));
    taken.extend(free);
    if let Some(asn) = free
        && let Some(site) = draft.entry_mut("sites", index)
    {
        site.put(0, "asn", Kind::Integer(asn));
    }
}

fn collect_asns(node: &Node, taken: &mut BTreeSet<i128>) {
    for (key, value) in node.entries() {
        match value.kind {
            Kind::Integer(asn) if key.text == "asn" => taken.extend([asn]),
            _ => collect_asns(value, taken),
        }
    }
}

/// In a site with hosts, without a LAN and with routers without addresses, the first router gets a LAN, which the site
/// advertises. The LAN contains the first stated address of a host, or the first stated gateway.
fn choose_lan(draft: &mut Draft<'_>, index: usize) {
    let (_, site) = &draft.section("sites")[index];
    let routers = site.get("routers").map_or(&[][..], Node::entries);
    let hosts = site.get("hosts").map_or(&[][..], Node::entries);
    let has_lan = routers.iter().any(|(_, router)| !router.lacks("address"));
    if hosts.is_empty() || has_lan || routers.is_empty() {
        return;
    }
    let given: Vec<Prefix> = hosts
        .iter()
        .filter_map(|(_, host)| interface_of(host))
        .collect();
    let mut gateways = hosts
        .iter()
        .filter_map(|(_, host)| host.text_of("gateway")?.parse().ok());
    let gateway: Option<Address> = gateways.find(|one: &Address| one.is_ipv4());
    let around = given.first().copied();
    let around = around.or_else(|| Prefix::new(gateway?, LAN_LENGTH));
    let lan = match around {
        Some(one) => Some(one.trunc()),
        None => draft.free_prefix_after_first(LANS, LAN_LENGTH),
    };
    let Some(lan) = lan else {
        return;
    };
    let is_given = |one: &Address| given.iter().any(|host| host.addr() == *one);
    let free = || lan.addresses().skip(1).find(|one| !is_given(one));
    let address = gateway.filter(|one| lan.contains(one)).or_else(free);
    let Some(site) = draft.entry_mut("sites", index) else {
        return;
    };
    let routers = site.get_mut("routers").map(Node::entries_mut);
    if let Some((_, router)) = routers.and_then(<[_]>::first_mut)
        && let Some(address) = address
    {
        let text = format!("{address}/{}", lan.prefix_len());
        router.put(0, "address", Kind::Text(text));
    }
    if site.lacks("advertise") {
        let (place, at) = (site.place, site.entries().len());
        site.put(at, "advertise", list_of_texts(place, [lan.to_string()]));
    }
}

fn interface_of(node: &Node) -> Option<Prefix> {
    let found: Prefix = node.text_of("address")?.parse().ok()?;
    found.addr().is_ipv4().then_some(found)
}

/// Hosts without an address are on the LAN of the first router that has one. Their gateway is the router on their LAN.
fn choose_hosts(draft: &mut Draft<'_>, index: usize) {
    let Some(site) = draft.entry_mut("sites", index) else {
        return;
    };
    let routers = site.get("routers").map_or(&[][..], Node::entries);
    let lans: Vec<Prefix> = routers
        .iter()
        .filter_map(|(_, router)| interface_of(router))
        .collect();
    let Some(first) = lans.first().copied() else {
        return;
    };
    let hosts = site
        .get_mut("hosts")
        .map(Node::entries_mut)
        .unwrap_or_default();
    let given = hosts.iter().filter_map(|(_, host)| interface_of(host));
    let mut taken: BTreeSet<Address> = given
        .chain(lans.iter().copied())
        .map(|one| one.addr())
        .collect();
    let mut untried = first.trunc().addresses().skip(FIRST_HOST);
    for (_, host) in hosts {
        if host.lacks("address") {
            let is_free = |one: &Address| *one != first.last() && !taken.contains(one);
            let Some(address) = untried.find(is_free) else {
                continue;
            };
            taken.insert(address);
            let text = format!("{address}/{}", first.prefix_len());
            host.put(0, "address", Kind::Text(text));
        }
        let lan =
            interface_of(host).and_then(|own| lans.iter().find(|lan| lan.contains(&own.addr())));
        if let Some(lan) = lan.filter(|_| host.lacks("gateway")) {
            host.put(1, "gateway", Kind::Text(lan.addr().to_string()));
        }
    }
}

fn choose_links(draft: &mut Draft<'_>, index: usize) {
    let (_, site) = &draft.section("sites")[index];
    let count = site.get("links").map_or(0, |links| links.items().len());
    for at in 0..count {
        let (_, site) = &draft.section("sites")[index];
        let link = site.get("links").and_then(|links| links.items().get(at));
        if !link.is_some_and(|link| link.lacks("addresses")) {
            continue;
        }
        let addresses = link_addresses(draft);
        let site = draft.entry_mut("sites", index);
        let links = site.and_then(|site| site.get_mut("links"));
        if let Some(Kind::Sequence(links)) = links.map(|links| &mut links.kind) {
            put_addresses(&mut links[at], addresses);
        }
    }
}

fn link_addresses(draft: &mut Draft<'_>) -> Option<Prefix> {
    draft.free_prefix(LINKS, LINK_LENGTH)
}

fn put_addresses(link: &mut Node, prefix: Option<Prefix>) {
    let Some(prefix) = prefix else {
        return;
    };
    let place: Place = link.place;
    let ends = [prefix.network(), prefix.last()];
    let texts = ends.map(|end| format!("{end}/{}", prefix.prefix_len()));
    link.put(2, "addresses", list_of_texts(place, texts));
}
