//! Rules for ExpressRoute circuits and the limits of their sizes.

use crate::lab::rules::tests::wide::{accepted, refused, warned};

#[test]
fn a_customer_edge_needs_a_number_of_its_own_or_its_sites() {
    accepted(&[
        ("        asn: 65002\n", ""),
        ("        asPathPrepend: { nva-west: 2 }\n", ""),
        (
            "appliance: nva1, device: gate",
            "appliance: nva1, device: gate, enableBgp: false",
        ),
    ]);
}

#[test]
fn a_gateway_takes_a_circuit_once() {
    insta::assert_snapshot!(refused(&[("circuits: [er1, er2], addressPrefix: 172.16.0.16/29 }", "circuits: [er1, er2], addressPrefix: 172.16.0.16/29 }\n  again: { connectionType: ExpressRoute, gateway: far-ergw, circuit: er2, endpoints: [10.3.0.140, 10.3.0.141] }")]), @r"
    error[joined-already]: connection `er2-far` already joins these two
      --> lab.yaml:76:3
       |
    76 |   again: { connectionType: ExpressRoute, gateway: far-ergw, circuit: er2, endpoints: [10.3.0.140, 10.3.0.141] }
       |   ^^^^^
       |
      ::: lab.yaml:74:3
       |
    74 |   er2-far: { connectionType: ExpressRoute, gateway: far-ergw, circuit: er2, endpoints: [10.3.0.132, 10.3.0.133] }
       |   ------- the other one

    1 finding in lab.yaml
    ");
    accepted(&[(
        "circuits: [er1, er2], addressPrefix: 172.16.0.16/29 }",
        "circuits: [er1, er2], addressPrefix: 172.16.0.16/29 }\n  er1-far: { connectionType: ExpressRoute, gateway: far-ergw, circuit: er1, endpoints: [10.3.0.140, 10.3.0.141] }",
    )]);
}

#[test]
fn fast_path_needs_a_gateway_of_the_largest_size() {
    insta::assert_snapshot!(refused(&[(", sku: ErGw3Az", ", sku: ErGw2Az")]), @r"
    error[fast-path]: `hub-ergw` is a gateway of size ErGw2Az, which does not support FastPath
      --> lab.yaml:73:141
       |
    73 | ...dpoints: [10.0.0.132, 10.0.0.133], expressRouteGatewayBypass: true }
       |                                                                  ^^^^
       |
       = help: give `hub-ergw` `sku: ErGw3Az` or `UltraPerformance`, or ErGwScale with a `min` of 10 scale units or more (about-fastpath)

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[(", sku: ErGw3Az", "")]), @r"
    error[fast-path]: `hub-ergw` is a gateway of size ErGw1Az, which does not support FastPath
      --> lab.yaml:73:141
       |
    73 | ...dpoints: [10.0.0.132, 10.0.0.133], expressRouteGatewayBypass: true }
       |                                                                  ^^^^
       |
       = help: give `hub-ergw` `sku: ErGw3Az` or `UltraPerformance`, or ErGwScale with a `min` of 10 scale units or more (about-fastpath)

    1 finding in lab.yaml
    ");
    accepted(&[(", sku: ErGw3Az", ", sku: UltraPerformance")]);
    accepted(&[
        (", sku: ErGw3Az", ", sku: ErGw1Az"),
        (", expressRouteGatewayBypass: true", ""),
    ]);
}

#[test]
fn fast_path_needs_ten_scale_units() {
    let scaled = |min: u8| {
        format!(", sku: ErGwScale, autoScaleConfiguration: {{ bounds: {{ min: {min}, max: 12 }} }}")
    };
    insta::assert_snapshot!(refused(&[(", sku: ErGw3Az", &scaled(9))]), @r"
    error[fast-path]: `hub-ergw` is a gateway of size ErGwScale with fewer than 10 scale units, which does not support FastPath
      --> lab.yaml:73:141
       |
    73 | ...dpoints: [10.0.0.132, 10.0.0.133], expressRouteGatewayBypass: true }
       |                                                                  ^^^^
       |
       = help: give `hub-ergw` `sku: ErGw3Az` or `UltraPerformance`, or ErGwScale with a `min` of 10 scale units or more (about-fastpath)

    1 finding in lab.yaml
    ");
    accepted(&[(", sku: ErGw3Az", &scaled(10))]);
}

#[test]
fn global_reach_joins_two_circuits_that_exist() {
    insta::assert_snapshot!(refused(&[("circuits: [er1, er2]", "circuits: [er1, er3]")]), @r"
    error[no-such-name]: there is no circuit `er3`
      --> lab.yaml:75:57
       |
    75 |   reach: { connectionType: GlobalReach, circuits: [er1, er3], addressPrefix: 172.16.0.16/29 }
       |                                                         ^^^ did you mean `er1`?

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("circuits: [er1, er2]", "circuits: [er1, er1]")]), @r"
    error[same-end]: a connection needs two different ends
      --> lab.yaml:75:3
       |
    75 |   reach: { connectionType: GlobalReach, circuits: [er1, er1], addressPrefix: 172.16.0.16/29 }
       |   ^^^^^

    1 finding in lab.yaml
    ");
}

#[test]
fn global_reach_joins_two_circuits_once() {
    insta::assert_snapshot!(refused(&[("circuits: [er1, er2], addressPrefix: 172.16.0.16/29 }", "circuits: [er1, er2], addressPrefix: 172.16.0.16/29 }\n  again: { connectionType: GlobalReach, circuits: [er2, er1], addressPrefix: 172.16.0.24/29 }")]), @r"
    error[joined-already]: connection `reach` already joins these two
      --> lab.yaml:76:3
       |
    76 |   again: { connectionType: GlobalReach, circuits: [er2, er1], addressPrefix: 172.16.0.24/29 }
       |   ^^^^^
       |
      ::: lab.yaml:75:3
       |
    75 |   reach: { connectionType: GlobalReach, circuits: [er1, er2], addressPrefix: 172.16.0.16/29 }
       |   ----- the other one

    1 finding in lab.yaml
    ");
}

#[test]
fn a_circuit_may_be_called_like_a_gateway() {
    accepted(&[
        ("  er2:\n", "  far-ergw:\n"),
        ("circuit: er2", "circuit: far-ergw"),
        ("circuits: [er1, er2]", "circuits: [er1, far-ergw]"),
    ]);
}

/// Networks 10.N.0.0/24 with one `ExpressRoute` gateway each, and these gateways.
fn networks(count: usize) -> [String; 2] {
    let network = |number| {
        format!(
            "  net{number}: {{ location: region1, addressPrefixes: [10.{number}.0.0/24], subnets: {{ GatewaySubnet: {{ addressPrefix: 10.{number}.0.0/24 }} }} }}\n"
        )
    };
    let gateway = |number| {
        format!(
            "  net{number}-ergw: {{ virtualNetwork: net{number}, gatewayType: ExpressRoute }}\n"
        )
    };
    let numbers = || 100..100 + count;
    [
        numbers().map(network).collect(),
        numbers().map(gateway).collect(),
    ]
}

#[test]
fn a_circuit_takes_ten_networks() {
    let lab = |count| {
        let [networks, gateways] = networks(count);
        let connection = |number| {
            format!(
                "  er2-net{number}: {{ connectionType: ExpressRoute, gateway: net{number}-ergw, circuit: er2, endpoints: [10.{number}.0.4, 10.{number}.0.5] }}\n"
            )
        };
        let connections: String = (100..100 + count).map(connection).collect();
        [
            format!("{networks}routeTables:\n"),
            format!("{gateways}expressRouteCircuits:\n"),
            format!("{connections}sites:\n"),
        ]
    };
    let changed = |[networks, gateways, connections]: &[String; 3], look: fn(&[(&str, &str)])| {
        look(&[
            ("routeTables:\n", networks),
            ("expressRouteCircuits:\n", gateways),
            ("sites:\n", connections),
        ]);
    };
    changed(&lab(9), accepted);
    changed(&lab(10), |changes| {
        insta::assert_snapshot!(refused(changes), @r"
        error[too-many-networks]: circuit `er2` already has 10 virtual networks, the maximum
           --> lab.yaml:109:3
            |
        109 |   er2-net109: { connectionType: ExpressRoute, gateway: net109-ergw, circuit: er2, endpoints: [10.109.0.4, 10.109.0.5] }
            |   ^^^^^^^^^^
            |
            = help: use another circuit, or peer the network with one that has a connection (expressroute-faqs)

        1 finding in lab.yaml
        ");
    });
}

#[test]
fn a_gateway_takes_as_many_circuits_as_its_size_allows() {
    let circuit = |number: usize| {
        format!(
            "  more{number}: {{ bandwidthInMbps: 50, primary: {{ peerAddressPrefix: 172.17.{number}.0/30, customerEdge: gate }}, secondary: {{ peerAddressPrefix: 172.17.{number}.4/30, customerEdge: gate }} }}\n"
        )
    };
    let connection = |number: usize| {
        let first = 150 + 2 * number;
        format!(
            "  more{number}-far: {{ connectionType: ExpressRoute, gateway: far-ergw, circuit: more{number}, endpoints: [10.3.0.{first}, 10.3.0.{}] }}\n",
            first + 1
        )
    };
    let circuits: String = (1..=4).map(circuit).collect();
    let connections: String = (1..=4).map(connection).collect();
    let changes = [
        ("connections:\n", format!("{circuits}connections:\n")),
        ("sites:\n", format!("{connections}sites:\n")),
        (
            "gatewayType: ExpressRoute }",
            "gatewayType: ExpressRoute, sku: HighPerformance }".to_owned(),
        ),
    ];
    let changes: Vec<_> = changes
        .iter()
        .map(|(old, new)| (*old, new.as_str()))
        .collect();
    insta::assert_snapshot!(refused(&changes[..2]), @r"
    error[too-many-circuits]: `far-ergw` is a gateway of size ErGw1Az, which accepts at most 4 circuits
      --> lab.yaml:87:3
       |
    87 |   more4-far: { connectionType: ExpressRoute, gateway: far-ergw, circuit: more4, endpoints: [10.3.0.158, 10.3.0.159] }
       |   ^^^^^^^^^
       |
       = help: a gateway accepts 4, 8 or 16 circuits, depending on its `sku` and scale units (expressroute-about-virtual-network-gateways)

    1 finding in lab.yaml
    ");
    accepted(&changes);
    let sized = |size| [changes[0], changes[1], (changes[2].0, size)];
    let one_unit = refused(&sized("gatewayType: ExpressRoute, sku: ErGwScale }"));
    assert!(
        one_unit.contains("size ErGwScale with 1 scale unit, which accepts at most 4 circuits")
    );
    accepted(&sized(
        "gatewayType: ExpressRoute, sku: ErGwScale, autoScaleConfiguration: { bounds: { min: 2, max: 2 } } }",
    ));
}

#[test]
fn a_circuit_takes_four_thousand_prefixes_of_a_site() {
    let advertised = |count: usize| {
        let prefix = |index: usize| format!("192.{}.{}.0/24", index / 256, index % 256);
        let prefixes: Vec<_> = (0..count).map(prefix).collect();
        format!("advertise: [10.4.0.0/24,\n{}]", prefixes.join(",\n"))
    };
    insta::assert_snapshot!(refused(&[("advertise: [10.4.0.0/24]", &advertised(4000))]), @r"
    error[too-many-prefixes]: `edge` advertises 4001 prefixes; a circuit accepts at most 4000
      --> lab.yaml:66:64
       |
    66 |     primary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: edge, microsoftPeerAddressPrefix: 198.51.100.128/30 }
       |                                                                ^^^^
       |
       = help: summarize adjacent prefixes into shorter ones (expressroute-faqs)

    error[too-many-prefixes]: `edge` advertises 4001 prefixes; a circuit accepts at most 4000
      --> lab.yaml:67:66
       |
    67 |     secondary: { peerAddressPrefix: 172.16.0.4/30, customerEdge: edge, microsoftPeerAddressPrefix: 198.51.100.132/30 }
       |                                                                  ^^^^
       |
       = help: summarize adjacent prefixes into shorter ones (expressroute-faqs)

    2 findings in lab.yaml
    ");
    accepted(&[("advertise: [10.4.0.0/24]", &advertised(3999))]);
}

#[test]
fn a_circuit_takes_a_thousand_ranges_of_a_network_and_those_that_use_its_gateway() {
    let ranges = |count: usize| {
        let range = |index: usize| format!("192.{}.{}.0/24", index / 256, index % 256);
        let ranges: Vec<_> = (0..count).map(range).collect();
        format!("addressPrefixes: [10.1.0.0/24,\n{}]", ranges.join(",\n"))
    };
    insta::assert_snapshot!(refused(&[("addressPrefixes: [10.1.0.0/24]", &ranges(999))]), @r"
    error[too-many-prefixes]: `hub-ergw` advertises 1001 ranges of `hub` and its peers; a circuit accepts at most 1000
        --> lab.yaml:1072:53
         |
    1072 |   er1-hub: { connectionType: ExpressRoute, gateway: hub-ergw, circuit: er1, endpoints: [10.0.0.132, 10.0.0.133], expressRouteGatew...
         |                                                     ^^^^^^^^
         |
         = help: summarize adjacent prefixes into shorter ones (expressroute-faqs)

    1 finding in lab.yaml
    ");
    accepted(&[("addressPrefixes: [10.1.0.0/24]", &ranges(998))]);
}

#[test]
fn effective_routes_show_two_addresses_of_hosts_for_msees() {
    let er2 = "endpoints: [10.3.0.132, 10.3.0.133]";
    let with = |addresses: &str| refused(&[(er2, &format!("{er2}, mseeAddresses: [{addresses}]"))]);
    insta::assert_snapshot!(with("10.63.9.1, 10.63.9.1"), @r"
    error[msee-address]: 10.63.9.1 is the address of both MSEEs
      --> lab.yaml:74:141
       |
    74 | ...oints: [10.3.0.132, 10.3.0.133], mseeAddresses: [10.63.9.1, 10.63.9.1] }
       |                                                                ^^^^^^^^^
       |
       = help: leave `mseeAddresses` out, or give the two addresses that Azure shows

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(with("224.0.0.1, 10.63.9.1"), @r"
    error[msee-address]: 224.0.0.1 is not an address of a host
      --> lab.yaml:74:130
       |
    74 | ...: er2, endpoints: [10.3.0.132, 10.3.0.133], mseeAddresses: [224.0.0.1, 10.63.9.1] }
       |                                                                ^^^^^^^^^
       |
       = help: leave `mseeAddresses` out, or give the two addresses that Azure shows

    1 finding in lab.yaml
    ");
}

#[test]
fn a_circuit_with_one_connected_link_has_a_warning() {
    insta::assert_snapshot!(warned(&[("primary: { peerAddressPrefix: 172.16.0.8/30, customerEdge: gate }", "primary: { peerAddressPrefix: 172.16.0.8/30 }")]), @r"
    warning[one-link]: nobody is connected to the primary link of circuit `er2`
      --> lab.yaml:70:35
       |
    70 |     primary: { peerAddressPrefix: 172.16.0.8/30 }
       |                                   ^^^^^^^^^^^^^
       |
       = help: add `customerEdge`, such as `gate`, to it
    ");
}
