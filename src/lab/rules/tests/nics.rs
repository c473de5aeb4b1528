//! Rules for machines with several network interfaces.

use crate::lab::rules::tests::wide::{accepted, refused, warned};

/// The first appliance of the wide lab, unchanged.
const ONE: &str = "        subnet: nva
        privateIPAddress: 10.0.0.68
        ipForwarding: true
";

/// The same appliance with two interfaces. The second does not forward.
const TWO: &str = "        networkInterfaces:
          outside: { subnet: nva, privateIPAddress: 10.0.0.68, ipForwarding: true }
          inside: { subnet: default, privateIPAddress: 10.0.0.5 }
";

/// The appliance with two interfaces, and with more routes.
fn with_route(route: &str) -> [(&'static str, String); 2] {
    let routes = "routes: [{ addressPrefix: 10.5.0.0/24, connection: nva-west }";
    [
        (ONE, TWO.to_owned()),
        (routes, format!("{routes}, {route}")),
    ]
}

fn edits<'a>(changes: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    let changes = changes.iter();
    changes.map(|(from, to)| (*from, to.as_str())).collect()
}

#[test]
fn an_interface_stands_in_a_subnet_at_an_address_of_its_own() {
    accepted(&[(ONE, TWO)]);
    let twice = TWO.replace("10.0.0.5 }", "10.0.0.4 }");
    let nowhere = TWO.replace("subnet: default", "subnet: inside");
    let outside = TWO.replace("10.0.0.5 }", "10.0.0.90 }");
    let wrong = [twice, nowhere, outside].map(|two| refused(&[(ONE, &two)]));
    insta::assert_snapshot!(wrong.join("\n"), @r"
    error[address-taken]: 10.0.0.4 already belongs to hub-vm
      --> lab.yaml:15:56
       |
    15 |           inside: { subnet: default, privateIPAddress: 10.0.0.4 }
       |                                                        ^^^^^^^^
       |
      ::: lab.yaml:11:52
       |
    11 |       hub-vm: { subnet: default, privateIPAddress: 10.0.0.4 }
       |                                                    -------- the other one

    1 finding in lab.yaml

    error[no-such-name]: there is no subnet `inside`
      --> lab.yaml:15:29
       |
    15 |           inside: { subnet: inside, privateIPAddress: 10.0.0.5 }
       |                             ^^^^^^
       |
       = help: there is default, nva, GatewaySubnet

    1 finding in lab.yaml

    error[outside]: 10.0.0.90 is not a usable address of 10.0.0.0/26
      --> lab.yaml:15:56
       |
    15 |           inside: { subnet: default, privateIPAddress: 10.0.0.90 }
       |                                                        ^^^^^^^^^ outside 10.0.0.0/26

    1 finding in lab.yaml
    ");
}

#[test]
fn a_next_hop_or_backend_is_an_interface_that_forwards() {
    let by_name = ("backends: [nva1, nva2]", "backends: [nva1/inside, nva2]");
    insta::assert_snapshot!(warned(&[(ONE, TWO), by_name]), @r"
    warning[ip-forwarding]: `nva1` is behind a load balancer that routes lead to, but its network interface `inside` drops packets for other addresses
      --> lab.yaml:52:87
       |
    52 |   nvas: { virtualNetwork: hub, subnet: nva, frontendIPAddress: 10.0.0.100, backends: [nva1/inside, nva2] }
       |                                                                                       ^^^^^^^^^^^
       |
       = help: add `ipForwarding: true` to `nva1/inside` (virtual-networks-udr-overview)
    ");
    let unknown = ("backends: [nva1, nva2]", "backends: [nva1/insde, nva2]");
    insta::assert_snapshot!(refused(&[(ONE, TWO), unknown]), @r"
    error[no-such-name]: `nva1` has no network interface `insde`
      --> lab.yaml:52:87
       |
    52 |   nvas: { virtualNetwork: hub, subnet: nva, frontendIPAddress: 10.0.0.100, backends: [nva1/insde, nva2] }
       |                                                                                       ^^^^^^^^^^ did you mean `inside`?

    1 finding in lab.yaml
    ");
    let twice = ("backends: [nva1, nva2]", "backends: [nva1, nva1/outside]");
    insta::assert_snapshot!(refused(&[(ONE, TWO), twice]), @r"
    error[backend-twice]: `nva1/outside` is already a backend
      --> lab.yaml:52:93
       |
    52 |   nvas: { virtualNetwork: hub, subnet: nva, frontendIPAddress: 10.0.0.100, backends: [nva1, nva1/outside] }
       |                                                                                             ^^^^^^^^^^^^

    1 finding in lab.yaml
    ");
    let hop = (
        "branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.68 }",
        "branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.5 }",
    );
    insta::assert_snapshot!(warned(&[(ONE, TWO), hop]), @r"
    warning[ip-forwarding]: `nva1` is the next hop of a route, but its network interface `inside` drops packets for other addresses
      --> lab.yaml:43:94
       |
    43 |       branch: { addressPrefix: 10.2.0.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.0.5 }
       |                                                                                              ^^^^^^^^
       |
       = help: add `ipForwarding: true` to `nva1/inside` (virtual-networks-udr-overview)
    ");
}

#[test]
fn a_route_of_the_system_leads_to_an_interface() {
    accepted(&edits(&with_route(
        "{ addressPrefix: 10.1.0.0/24, nextHopIpAddress: 10.0.0.1 }",
    )));
    insta::assert_snapshot!(refused(&edits(&with_route(
        "{ addressPrefix: 10.1.0.0/24, nextHopIpAddress: 10.1.0.1 }"
    ))), @r"
    error[not-a-neighbour]: 10.1.0.1 is in no subnet of the network interfaces of `nva1`
      --> lab.yaml:18:120
       |
    18 |         routes: [{ addressPrefix: 10.5.0.0/24, connection: nva-west }, { addressPrefix: 10.1.0.0/24, nextHopIpAddress: 10.1.0.1 }]
       |                                                                                                                        ^^^^^^^^
       |
       = help: write the subnet's first address: 10.0.0.65 for `outside`, 10.0.0.1 for `inside`

    1 finding in lab.yaml
    ");
}

#[test]
fn a_machine_has_eight_interfaces_at_most() {
    let nine = (80..89).map(|last| {
        let address = format!("10.0.0.{last}");
        format!("n{last}: {{ subnet: nva, privateIPAddress: {address}, ipForwarding: true }}")
    });
    let nine = nine.collect::<Vec<_>>().join("\n          ");
    let nine = format!("        networkInterfaces:\n          {nine}\n");
    let hop = (
        "nextHopIpAddress: 10.0.0.68 }",
        "nextHopIpAddress: 10.0.0.80 }",
    );
    insta::assert_snapshot!(refused(&[(ONE, &nine), hop]), @r"
    error[too-many-interfaces]: `nva1` has 9 network interfaces; no size of virtual machine has more than 8
      --> lab.yaml:22:11
       |
    22 |           n88: { subnet: nva, privateIPAddress: 10.0.0.88, ipForwarding: true }
       |           ^^^

    1 finding in lab.yaml
    ");
}
