//! Places are exact in all styles of YAML.

use super::*;
use crate::lab::tests::every_key::EVERY_KEY;

#[test]
fn every_value_knows_where_it_stands() {
    let spec = good();
    let hub = &spec.resources.virtual_networks[0];
    let edge = &spec.resources.sites[0].routers[0];
    for (place, expected) in [
        (spec.name.place, "hub-spoke"),
        (hub.name.place, "hub:"),
        (hub.address_prefixes[0].place, "10.10.30.0/24]"),
        (hub.subnets[1].name.place, "GatewaySubnet:"),
        (hub.subnets[1].address_prefix.place, "10.10.30.128/25"),
        (hub.peerings[1].remote_virtual_network.place, "branch"),
        (
            spec.resources.virtual_networks[1].location.place,
            "\"region 2\"",
        ),
        (
            spec.resources.virtual_networks[1].address_prefixes[1].place,
            "10.11.31.0/24",
        ),
        (edge.device.local_preference[1].0.place, "hub-loc1: 50"),
        (
            edge.device.tunnel.as_ref().unwrap().address.place,
            "172.16.0.1",
        ),
        (spec.resources.sites[0].links[0].place, "{ a: loc1-ce1"),
        (spec.resources.sites[0].links[0].ends[1].place, "loc1-lan"),
        (spec.expectations[1].place, "{ from: loc1-vm"),
    ] {
        assert_stands(GOOD, place, expected);
    }
    let ExpectedOutcome::Hops(hops) = &spec.expectations[0].outcome else {
        panic!("hops")
    };
    for (hop, expected) in hops
        .iter()
        .zip(["10.10.30.142", "\"*\"", "[10.2.30.1", "10.2.30.10]"])
    {
        assert_stands(GOOD, hop.place, expected);
    }
}

#[test]
fn a_value_that_is_found_wrong_later_knows_where_it_stands() {
    let spec = parse(EVERY_KEY).unwrap();
    let hub = &spec.resources.virtual_networks[0];
    let nva = &hub.virtual_machines[0];
    let GatewayKind::Vpn { instances, .. } = &spec.resources.virtual_network_gateways[0].kind
    else {
        panic!("a VPN gateway")
    };
    let GatewayKind::ExpressRoute { sku, .. } = &spec.resources.virtual_network_gateways[4].kind
    else {
        panic!("an ExpressRoute gateway")
    };
    let routes = &spec.resources.route_tables[0].routes;
    let subnets = hub.peerings[0].local_subnet_names.as_ref().unwrap();
    let default_flag = hub.peerings[1].allow_virtual_network_access;
    let microsoft = spec.resources.express_route_circuits[0].links[0].microsoft_peer_address_prefix;
    let edge = &spec.resources.sites[0].routers[0].device;
    let step = &spec.storyboards[0].steps[1];
    for (place, expected) in [
        (
            hub.subnets[0].route_table.as_ref().unwrap().place,
            "to-spokes",
        ),
        (nva.primary().ip_forwarding.place, "true"),
        (hub.virtual_machines[1].primary().ip_forwarding.place, "vm:"),
        (nva.device.routes[1].place, "{ addressPrefix: 10.8.0.0/16"),
        (subnets[1].place, "lan]"),
        (default_flag.place, "{ remoteVirtualNetwork: branch"),
        (routes[0].next_hop.place, "10.1.1.100 }"),
        (routes[4].next_hop.place, "None }"),
        (instances[1].public_ip_address.place, "52.0.0.5]"),
        (
            instances[1].bgp_peering_address.unwrap().place,
            "169.254.21.2]",
        ),
        (sku.place, "er-of-few-words:"),
        (microsoft.unwrap().place, "203.0.113.64/30"),
        (edge.as_path_prepend[1].0.place, "far: 10"),
        (step.name.place, "primary-down"),
        (step.fault[0].place, "er1-primary"),
        (step.blackhole[1].place, "near]"),
    ] {
        assert_stands(EVERY_KEY, place, expected);
    }
    let ConnectionKind::ExpressRoute { gateway_bypass, .. } = &spec.resources.connections[1].kind
    else {
        panic!("an ExpressRoute connection")
    };
    assert_stands(EVERY_KEY, gateway_bypass.place, "er2-hub:");
    let ConnectionKind::IpSec { transport, .. } = &spec.resources.connections[3].kind else {
        panic!("an IPsec connection")
    };
    assert_stands(EVERY_KEY, transport.as_ref().unwrap().place, "er1 }");
}

#[test]
fn places_are_exact_in_every_way_of_writing() {
    let text = "\
# a comment, ünïcödé
'a': &one [x, \"y z\", {k: v}]
\"b\":
  - - p
    - q: r   # more
  - *one
ü: { ö: ä, é: [] }
? c
: |
  block
d: !!str 5
";
    let expected = [
        (2, 1), // the mapping
        (2, 1),
        (2, 6),
        (2, 12),
        (2, 15),
        (2, 22),
        (2, 23),
        (2, 26), // a, after its anchor
        (3, 1),
        (4, 3),
        (4, 5),
        (4, 7),
        (5, 7),
        (5, 7),
        (5, 10), // b, its lists, q: r
        (2, 6),
        (2, 12),
        (2, 15),
        (2, 22),
        (2, 23),
        (2, 26), // the alias, at its anchor again
        (7, 1),
        (7, 4),
        (7, 6),
        (7, 9),
        (7, 12),
        (7, 15), // after two-byte characters
        (8, 3),
        (9, 3),
        (11, 1),
        (11, 4),
    ];
    for (number, expected) in expected.into_iter().enumerate() {
        assert_eq!(position(text, Place(number)), expected, "node {number}");
    }
    assert_eq!(position(text, Place(expected.len())), (12, 1), "the end");
}

#[test]
fn line_ends_of_other_systems_do_not_shift_places() {
    for text in ["name: a\r\nsites: 5\r\n", "\u{feff}name: a\nsites: 5\n"] {
        assert_eq!(
            findings(text),
            ["2:8 wrong-type: expected sites by their names, found a number"]
        );
    }
    let text = "\u{feff}nam: a\n";
    assert_eq!(
        findings(text)[0],
        "1:1 unknown-key: `nam` is not a key of a lab file"
    );
}
