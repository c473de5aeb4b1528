//! The `sites` section: on-premises or other networks of routers, hosts and links. The `wan` section: links between
//! sites.

use std::time::Duration;

use crate::addresses::Prefix;
use crate::findings::Located;
use crate::onpremises::asn::asn;
use crate::onpremises::device::decode::device;
use crate::onpremises::device::firewall::firewall;
use crate::onpremises::site::model::{Site, SiteHost, SiteLink, SiteRouter, WanLink};
use crate::yaml::fields::{Decoder, Fields};
use crate::yaml::stand_in::no_stand_in;
use crate::yaml::tree::{Key, Node};
use crate::yaml::values::{
    address, duration, flag, interface_address, link_addresses, node_name, prefixes, reference,
};

no_stand_in!(SiteLink);

/// An entry of `sites`.
pub(crate) fn site(d: &mut Decoder, key: &Key, node: &Node) -> Option<Site> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a site", |fields| {
        let asn = fields.optional("asn", asn);
        let has_igp = fields.optional("igp", flag);
        let ibgp = fields.optional("ibgp", flag);
        let routers = fields.named("routers", "routers", router);
        let hosts = fields.named("hosts", "hosts", host);
        let links = fields.if_given("links", |d, node| d.list(node, "a list of links", link));
        let advertise = fields.optional("advertise", prefixes);
        Some(Site {
            name: name?,
            asn,
            routers,
            hosts,
            links: links.unwrap_or_default(),
            advertise: advertise.unwrap_or_default(),
            igp: has_igp.unwrap_or(true),
            ibgp: ibgp.unwrap_or_default(),
        })
    })
}

fn router(d: &mut Decoder, key: &Key, node: &Node) -> Option<SiteRouter> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a router", |fields| {
        let address = fields.optional("address", interface_address);
        let device = device(fields);
        Some(SiteRouter {
            name: name?,
            address,
            device,
        })
    })
}

fn host(d: &mut Decoder, key: &Key, node: &Node) -> Option<SiteHost> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a host", |fields| {
        let own_address = fields.required("address", interface_address);
        let gateway = fields.required("gateway", address);
        let firewall = fields.if_given("firewall", firewall);
        Some(SiteHost {
            name: name?,
            address: own_address?,
            gateway: gateway?,
            firewall,
        })
    })
}

/// A link between two routers of the same site or of two sites.
struct Wire {
    ends: [Located<String>; 2],
    addresses: [Located<Prefix>; 2],
    round_trip_time: Duration,
}

fn wire(fields: &mut Fields<'_>) -> Option<Wire> {
    let a = fields.required("a", reference);
    let b = fields.required("b", reference);
    let addresses = fields.required("addresses", link_addresses);
    let round_trip_time = fields.optional("rtt", duration);
    Some(Wire {
        ends: [a?, b?],
        addresses: addresses?,
        round_trip_time: round_trip_time.unwrap_or_default(),
    })
}

fn link(d: &mut Decoder, node: &Node) -> Option<SiteLink> {
    let wire = d.mapping(node, node.place, "a link", wire)?;
    Some(SiteLink {
        place: node.place,
        ends: wire.ends,
        addresses: wire.addresses,
        round_trip_time: wire.round_trip_time,
    })
}

/// An entry of `wan`.
pub(crate) fn wan_link(d: &mut Decoder, key: &Key, node: &Node) -> Option<WanLink> {
    let name = node_name(d, key);
    let wire = d.mapping(node, key.place, "a link between sites", wire)?;
    Some(WanLink {
        name: name?,
        ends: wire.ends,
        addresses: wire.addresses,
        round_trip_time: wire.round_trip_time,
    })
}
