//! Places, exact in every way of writing YAML.

use super::*;

#[test]
fn every_value_knows_where_it_stands() {
    let spec = good();
    let hub = &spec.virtual_networks[0];
    let edge = &spec.sites[0].routers[0];
    for (place, expected) in [
        (spec.name.place, "hub-spoke"),
        (hub.name.place, "hub:"),
        (hub.address_prefixes[0].place, "10.10.30.0/24]"),
        (hub.subnets[1].name.place, "GatewaySubnet:"),
        (hub.subnets[1].address_prefix.place, "10.10.30.128/25"),
        (hub.peerings[1].remote_virtual_network.place, "branch"),
        (spec.virtual_networks[1].location.place, "\"region 2\""),
        (
            spec.virtual_networks[1].address_prefixes[1].place,
            "10.11.31.0/24",
        ),
        (edge.local_preference[1].0.place, "hub-loc1: 50"),
        (edge.tunnel.as_ref().unwrap().address.place, "172.16.0.1"),
        (spec.sites[0].links[0].place, "{ a: loc1-ce1"),
        (spec.sites[0].links[0].ends[1].place, "loc1-lan"),
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
        (2, 26), // a, through the anchor
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
        (2, 26), // the alias, again at its anchor
        (7, 1),
        (7, 4),
        (7, 6),
        (7, 9),
        (7, 12),
        (7, 15), // behind letters of two bytes
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
