//! The `sites` section: on-premises networks, and any other of routers, hosts and links.

use super::fields::Decoder;
use super::model::{Site, SiteHost, SiteLink, SiteRouter, TunnelEnd};
use super::tree::{Key, Node};
use super::values::{
    address, asn, duration, interface_address, key_text, local_preference, node_name, prefix,
    reference, ttl,
};
use crate::findings::Located;

/// An entry of `sites`.
pub(super) fn site(d: &mut Decoder, key: &Key, node: &Node) -> Option<Site> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a site", |fields| {
        let asn = fields.optional("asn", asn);
        let routers = fields.optional("routers", |d, node| {
            d.named(node, "routers by their names", router)
        });
        let hosts = fields.optional("hosts", |d, node| {
            d.named(node, "hosts by their names", host)
        });
        let links = fields.optional("links", |d, node| d.list(node, "a list of links", link));
        let advertise = fields.optional("advertise", |d, node| {
            d.list(node, "a list of prefixes", prefix)
        });
        Some(Site {
            name: name?,
            asn,
            routers: routers.unwrap_or_default(),
            hosts: hosts.unwrap_or_default(),
            links: links.unwrap_or_default(),
            advertise: advertise.unwrap_or_default(),
        })
    })
}

fn router(d: &mut Decoder, key: &Key, node: &Node) -> Option<SiteRouter> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a router", |fields| {
        let address = fields.optional("address", interface_address);
        let tunnel = fields.optional("tunnel", tunnel_end);
        let local_preference = fields.optional("localPreference", local_preferences);
        Some(SiteRouter {
            name: name?,
            address,
            tunnel,
            local_preference: local_preference.unwrap_or_default(),
        })
    })
}

fn tunnel_end(d: &mut Decoder, node: &Node) -> Option<TunnelEnd> {
    d.mapping(node, node.place, "a router's tunnel", |fields| {
        let source_address = fields.required("sourceAddress", address);
        let address = fields.required("address", address);
        let inner_ttl = fields.optional("innerTtl", ttl);
        Some(TunnelEnd {
            source_address: source_address?,
            address: address?,
            inner_ttl,
        })
    })
}

fn local_preferences(d: &mut Decoder, node: &Node) -> Option<Vec<(Located<String>, u32)>> {
    let expected = "local preferences by the names of connections or circuits";
    d.named(node, expected, |d, key, node| {
        let name = key_text(d, key);
        let preference = local_preference(d, node);
        Some((name?, preference?))
    })
}

fn host(d: &mut Decoder, key: &Key, node: &Node) -> Option<SiteHost> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a host", |fields| {
        let own_address = fields.required("address", interface_address);
        let gateway = fields.required("gateway", address);
        Some(SiteHost {
            name: name?,
            address: own_address?,
            gateway: gateway?,
        })
    })
}

fn link(d: &mut Decoder, node: &Node) -> Option<SiteLink> {
    d.mapping(node, node.place, "a link", |fields| {
        let a = fields.required("a", reference);
        let b = fields.required("b", reference);
        let addresses = fields.required("addresses", |d, node| {
            let expected = "a list of two addresses with their prefix lengths";
            d.pair(node, expected, interface_address)
        });
        let round_trip_time = fields.optional("rtt", duration);
        Some(SiteLink {
            place: node.place,
            ends: [a?, b?],
            addresses: addresses?,
            round_trip_time: round_trip_time.unwrap_or_default(),
        })
    })
}
