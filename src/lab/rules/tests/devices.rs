//! Rules for the configuration of routers and appliances.

use crate::lab::rules::tests::wide::{accepted, refused};

#[test]
fn a_policy_is_for_something_that_exists() {
    insta::assert_snapshot!(refused(&[("localPreference: { er1: 200 }", "localPreference: { er1: 200, cor: 150 }")]), @r"
    error[no-such-name]: there is no neighbour `cor`
      --> lab.yaml:87:38
       |
    87 |         localPreference: { er1: 200, cor: 150 }
       |                                      ^^^ did you mean `core`?

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("asPathPrepend: { nva-west: 2 }", "asPathPrepend: { nva-wets: 2 }")]), @r"
    error[no-such-name]: there is no neighbour `nva-wets`
       --> lab.yaml:101:26
        |
    101 |         asPathPrepend: { nva-wets: 2 }
        |                          ^^^^^^^^ did you mean `nva-west`?

    1 finding in lab.yaml
    ");
}

#[test]
fn a_policy_is_for_a_neighbour_of_its_own_device() {
    insta::assert_snapshot!(refused(&[("localPreference: { er1: 200 }", "localPreference: { er2: 200 }")]), @r"
    error[not-a-neighbour]: `er2` is not a neighbour of `edge`
      --> lab.yaml:87:28
       |
    87 |         localPreference: { er2: 200 }
       |                            ^^^
       |
       = help: it speaks BGP over hub-east, er1, east-west, core

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("export: { east-west: [10.4.0.0/24] }", "import: { nva-west: [10.4.0.0/24] }")]), @r"
    error[not-a-neighbour]: `nva-west` is not a neighbour of `edge`
      --> lab.yaml:88:19
       |
    88 |         import: { nva-west: [10.4.0.0/24] }
       |                   ^^^^^^^^
       |
       = help: it speaks BGP over hub-east, er1, east-west, core

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("    ibgp: true\n", ""), ("localPreference: { er1: 200 }", "import: { core: [10.4.0.0/24] }")]), @r"
    error[not-a-neighbour]: `core` is not a neighbour of `edge`
      --> lab.yaml:86:19
       |
    86 |         import: { core: [10.4.0.0/24] }
       |                   ^^^^
       |
       = help: it speaks BGP over hub-east, er1, east-west

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("      nva2: { subnet", "      nva2: { import: { nva-west: [] }, subnet")]), @r"
    error[not-a-neighbour]: `nva-west` is not a neighbour of `nva2`
      --> lab.yaml:19:25
       |
    19 |       nva2: { import: { nva-west: [] }, subnet: nva, privateIPAddress: 10.0.0.69, ipForwarding: true }
       |                         ^^^^^^^^
       |
       = help: `nva2` has no BGP neighbours

    1 finding in lab.yaml
    ");
    accepted(&[(
        "export: { east-west: [10.4.0.0/24] }",
        "import: { hub-east: [] }",
    )]);
}

#[test]
fn a_policy_is_for_a_neighbour_that_speaks_bgp() {
    insta::assert_snapshot!(refused(&[("asPathPrepend: { nva-west: 2 }", "asPathPrepend: { branch-west: 2 }")]), @r"
    error[not-a-neighbour]: `gate` does not speak BGP over connection `branch-west`, so no policy applies there
       --> lab.yaml:101:26
        |
    101 |         asPathPrepend: { branch-west: 2 }
        |                          ^^^^^^^^^^^
        |
        = help: set `enableBgp: true` on the connection, or leave this out

    1 finding in lab.yaml
    ");
}

#[test]
fn a_policy_on_a_wan_link_needs_numbers_at_both_ends() {
    insta::assert_snapshot!(refused(&[("        asn: 65002\n", ""), ("        asPathPrepend: { nva-west: 2 }\n", ""), ("appliance: nva1, device: gate", "appliance: nva1, device: gate, enableBgp: false"), ("primary: { peerAddressPrefix: 172.16.0.8/30, customerEdge: gate }", "primary: { peerAddressPrefix: 172.16.0.8/30, customerEdge: core }"), ("secondary: { peerAddressPrefix: 172.16.0.12/30, customerEdge: gate }", "secondary: { peerAddressPrefix: 172.16.0.12/30, customerEdge: core }")]), @r"
    error[not-a-neighbour]: `edge` does not speak BGP over wan link `east-west`, so no policy applies there
      --> lab.yaml:88:19
       |
    88 |         export: { east-west: [10.4.0.0/24] }
       |                   ^^^^^^^^^
       |
       = help: give both routers an `asn`, or leave this out

    1 finding in lab.yaml
    ");
}

#[test]
fn a_policy_is_for_one_neighbour() {
    insta::assert_snapshot!(refused(&[("  east-west: {", "  er1: {"), ("export: { east-west: [10.4.0.0/24] }", "transit: true")]), @r"
    error[two-neighbours]: `er1` is a circuit and a wan link of `edge`, so the name is ambiguous
      --> lab.yaml:87:28
       |
    87 |         localPreference: { er1: 200 }
       |                            ^^^
       |
       = help: give one of them another name

    1 finding in lab.yaml
    ");
}

#[test]
fn a_static_route_leads_to_a_neighbour() {
    insta::assert_snapshot!(refused(&[("nextHopIpAddress: 172.16.1.0 }", "nextHopIpAddress: 172.16.1.1 }")]), @r"
    error[not-a-neighbour]: no neighbour of `core` on 172.16.1.0/31 has the address 172.16.1.1
      --> lab.yaml:91:67
       |
    91 |         routes: [{ addressPrefix: 192.0.2.0/24, nextHopIpAddress: 172.16.1.1 }]
       |                                                                   ^^^^^^^^^^
       |
       = help: its neighbours have 172.16.1.0

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("nextHopIpAddress: 172.16.1.0 }", "nextHopIpAddress: 172.16.2.1 }")]), @r"
    error[not-a-neighbour]: 172.16.2.1 is on no link of `core`
      --> lab.yaml:91:67
       |
    91 |         routes: [{ addressPrefix: 192.0.2.0/24, nextHopIpAddress: 172.16.2.1 }]
       |                                                                   ^^^^^^^^^^
       |
       = help: its neighbours have 10.4.0.10, 172.16.1.0

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("routes: [{ addressPrefix: 10.2.0.0/24, connection: branch-west }]", "routes: [{ addressPrefix: 10.2.0.0/24, nextHopIpAddress: 10.5.0.9 }]")]), @r"
    error[not-a-neighbour]: no neighbour of `gate` on 10.5.0.0/24 has the address 10.5.0.9
       --> lab.yaml:102:66
        |
    102 |         routes: [{ addressPrefix: 10.2.0.0/24, nextHopIpAddress: 10.5.0.9 }]
        |                                                                  ^^^^^^^^
        |
        = help: `gate` has no neighbour there

    1 finding in lab.yaml
    ");
    accepted(&[(
        "nextHopIpAddress: 172.16.1.0 }",
        "nextHopIpAddress: 10.4.0.10 }",
    )]);
    accepted(&[(
        "routes: [{ addressPrefix: 10.2.0.0/24, connection: branch-west }]",
        "routes: [{ addressPrefix: 10.2.0.0/24, nextHopIpAddress: 172.16.2.0 }]",
    )]);
    accepted(&[(
        "routes: [{ addressPrefix: 10.2.0.0/24, connection: branch-west }]",
        "routes: [{ addressPrefix: 10.2.0.0/24, nextHopIpAddress: 172.16.0.10 }]",
    )]);
}

#[test]
fn a_static_route_leads_into_a_tunnel_of_the_device() {
    insta::assert_snapshot!(refused(&[("connection: branch-west }]", "connection: branch-wets }]")]), @r"
    error[no-such-name]: there is no connection `branch-wets`
       --> lab.yaml:102:60
        |
    102 |         routes: [{ addressPrefix: 10.2.0.0/24, connection: branch-wets }]
        |                                                            ^^^^^^^^^^^ did you mean `branch-west`?

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("connection: branch-west }]", "connection: hub-east }]")]), @r"
    error[not-a-neighbour]: connection `hub-east` does not end at `gate`, so `gate` cannot use it
       --> lab.yaml:102:60
        |
    102 |         routes: [{ addressPrefix: 10.2.0.0/24, connection: hub-east }]
        |                                                            ^^^^^^^^
        |
        = help: its connections are branch-west, nva-west

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("nextHopIpAddress: 172.16.1.0 }", "connection: hub-east }")]), @r"
    error[not-a-neighbour]: connection `hub-east` does not end at `core`, so `core` cannot use it
      --> lab.yaml:91:61
       |
    91 |         routes: [{ addressPrefix: 192.0.2.0/24, connection: hub-east }]
       |                                                             ^^^^^^^^
       |
       = help: no connection ends at `core`

    1 finding in lab.yaml
    ");
    accepted(&[("connection: branch-west }]", "connection: nva-west }]")]);
}

#[test]
fn an_appliance_leaves_routing_to_its_subnets_table() {
    insta::assert_snapshot!(refused(&[("routes: [{ addressPrefix: 10.5.0.0/24, connection: nva-west }]", "routes: [{ addressPrefix: 10.5.0.0/24, nextHopIpAddress: 10.0.0.65 }]")]), @r"
    error[useless-route]: Azure routes what `nva1` sends by the table of its subnet, not by this route
      --> lab.yaml:18:66
       |
    18 |         routes: [{ addressPrefix: 10.5.0.0/24, nextHopIpAddress: 10.0.0.65 }]
       |                                                                  ^^^^^^^^^
       |
       = help: write the route in one of `routeTables`, or lead it into a tunnel with `connection` (virtual-networks-udr-overview)

    1 finding in lab.yaml
    ");
}

#[test]
fn inside_a_system_no_policy_chooses_a_way() {
    insta::assert_snapshot!(refused(&[("localPreference: { er1: 200 }", "localPreference: { er1: 200, core: 150 }")]), @r"
    error[useless-policy]: `edge` and `core` are in one autonomous system, where local preference and AS path prepending are not set
      --> lab.yaml:87:38
       |
    87 |         localPreference: { er1: 200, core: 150 }
       |                                      ^^^^
       |
       = help: set it where the route enters the autonomous system, or leave this out (RFC 4271, section 5.1.5)

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("localPreference: { er1: 200 }", "asPathPrepend: { core: 2 }")]), @r"
    error[useless-policy]: `edge` and `core` are in one autonomous system, where local preference and AS path prepending are not set
      --> lab.yaml:87:26
       |
    87 |         asPathPrepend: { core: 2 }
       |                          ^^^^
       |
       = help: set it where the route enters the autonomous system, or leave this out (RFC 4271, section 5.1.5)

    1 finding in lab.yaml
    ");
    // The device's policies still apply to what it accepts and advertises there.
    accepted(&[(
        "localPreference: { er1: 200 }",
        "import: { core: [10.4.0.0/24] }",
    )]);
}
