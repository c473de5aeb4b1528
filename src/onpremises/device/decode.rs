//! The common part of routers and network virtual appliances: BGP, tunnels, static routes.

use crate::findings::Located;
use crate::onpremises::asn::asn;
use crate::onpremises::device::filters::{Direction, filter};
use crate::onpremises::device::firewall::firewall;
use crate::onpremises::device::model::{Device, StaticNextHop, StaticRoute, TunnelEnd};
use crate::yaml::fields::{Decoder, Fields};
use crate::yaml::numbers::{local_preference, prepended, ttl, tunnel_mtu};
use crate::yaml::stand_in::no_stand_in;
use crate::yaml::tree::Node;
use crate::yaml::values::{self, address, flag, key_text, prefix, prefixes, reference};

no_stand_in!(StaticRoute, StaticNextHop);

/// The keys of a router or a virtual machine that make it a device.
pub(crate) fn device(fields: &mut Fields<'_>) -> Device {
    Device {
        asn: fields.optional("asn", asn),
        tunnel: fields.if_given("tunnel", tunnel_end),
        tunnel_interfaces: by_neighbour(
            fields,
            "tunnelInterfaces",
            "tunnels by the names of connections",
            tunnel_end,
        ),
        advertise: fields.optional("advertise", prefixes).unwrap_or_default(),
        transit: fields.optional("transit", flag).unwrap_or_default(),
        routes: fields.if_given("routes", routes).unwrap_or_default(),
        local_preference: by_neighbour(
            fields,
            "localPreference",
            "local preferences by the names of neighbours",
            local_preference,
        ),
        as_path_prepend: by_neighbour(
            fields,
            "asPathPrepend",
            "numbers by the names of neighbours",
            prepended,
        ),
        import: by_neighbour(
            fields,
            "import",
            "lists of prefixes by the names of neighbours",
            |d, node| filter(d, node, Direction::Import),
        ),
        export: by_neighbour(
            fields,
            "export",
            "lists of prefixes by the names of neighbours",
            |d, node| filter(d, node, Direction::Export),
        ),
        firewall: fields.if_given("firewall", firewall),
    }
}

/// A mapping from the names of neighbours.
fn by_neighbour<T>(
    fields: &mut Fields<'_>,
    key: &'static str,
    expected: &str,
    read: impl Fn(&mut Decoder, &Node) -> Option<T>,
) -> Vec<(Located<String>, T)> {
    let found = fields.if_given(key, |d, node| {
        d.named(node, expected, |d, key, node| {
            let name = key_text(d, key);
            let value = read(d, node);
            Some((name, value?))
        })
    });
    found.unwrap_or_default()
}

fn tunnel_end(d: &mut Decoder, node: &Node) -> Option<TunnelEnd> {
    d.mapping(node, node.place, "a device's tunnel", |fields| {
        let source_address = fields.required("sourceAddress", values::address);
        let address = fields.required("address", values::address);
        let bgp_peering_address = fields.optional("bgpPeeringAddress", values::address);
        let inner_ttl = fields.if_given("innerTtl", ttl);
        let mtu = fields.if_given("mtu", tunnel_mtu);
        Some(TunnelEnd {
            source_address: source_address?,
            address: address?,
            bgp_peering_address,
            inner_ttl,
            mtu,
        })
    })
}

fn routes(d: &mut Decoder, node: &Node) -> Option<Vec<StaticRoute>> {
    d.list(node, "a list of routes", static_route)
}

fn static_route(d: &mut Decoder, node: &Node) -> Option<StaticRoute> {
    d.mapping(node, node.place, "a device's route", |fields| {
        let address_prefix = fields.required("addressPrefix", prefix);
        let next_hop = fields.either(
            ("nextHopIpAddress", |d, node| {
                let found = address(d, node);
                d.or_stand_in(found).map(StaticNextHop::Address)
            }),
            ("connection", |d, node| {
                let found = reference(d, node);
                d.or_stand_in(found).map(StaticNextHop::Connection)
            }),
        );
        Some(StaticRoute {
            place: node.place,
            address_prefix: address_prefix?,
            next_hop: next_hop?,
        })
    })
}
