//! Paths that user-defined routes lead astray.

use insta::assert_snapshot;

use super::lab;

/// A network whose machines reach each other through an appliance, with `ROUTE` to the other subnet.
const ROUTED: &str = "name: routed
virtualNetworks:
  hub:
    subnets: [work, other, nva]
    virtualMachines:
      work-vm: { subnet: work }
      other-vm: { subnet: other }
      nva: { subnet: nva, ipForwarding: true }
      plain: { subnet: nva }
routeTables:
  out:
    routes:
      there: { addressPrefix: 10.0.1.0/24, ROUTE }
";

fn routed(route: &str) -> String {
    let text = ROUTED.replace("ROUTE", route);
    text.replace(
        "subnets: [work, other, nva]",
        "subnets: { work: { routeTable: out }, other: ~, nva: ~ }",
    )
}

#[test]
fn a_route_that_drops_is_removed() {
    let text = routed("nextHopType: None");
    assert_snapshot!(lab(&text).cures("work-vm", "other-vm"), @r"
    remove the user-defined route out/there (1 hops)
    Replace routeTables.out.routes (line 12 to 13)
        routes: {}
    ");
}

#[test]
fn a_machine_that_does_not_forward_is_told_to() {
    let text = routed("nextHopIpAddress: plain");
    assert_snapshot!(lab(&text).cures("work-vm", "other-vm"), @r"
    set `ipForwarding` on plain (2 hops)
    Replace virtualNetworks.hub.virtualMachines.plain (line 9 to 9)
          plain: { subnet: nva, ipForwarding: true }
    ");
    let listed = "name: listed\nvirtualNetworks:\n  hub: { virtualMachines: [nva] }\n  a: { virtualMachines: [a-vm], subnets: { default: { routeTable: t } }, peerings: [hub] }\n  b: { virtualMachines: [b-vm], subnets: { default: { routeTable: t } }, peerings: [hub] }\nrouteTables: { t: { routes: { all: { addressPrefix: 10.0.0.0/8, nextHopIpAddress: nva } } } }\n";
    assert_snapshot!(lab(listed).cures("a-vm", "b-vm"), @r"
    set `ipForwarding` on nva (2 hops)
    Replace virtualNetworks.hub (line 3 to 3)
      hub:
        virtualMachines:
          nva: { ipForwarding: true }
    ");
}

#[test]
fn a_route_to_a_next_hop_that_does_not_exist_is_removed_or_changed() {
    let dropping = lab(&routed("nextHopType: None")).cures("work-vm", "other-vm");
    let text = routed("nextHopType: VirtualNetworkGateway");
    assert_eq!(lab(&text).cures("work-vm", "other-vm"), dropping);
    let spokes = "name: spokes\nvirtualNetworks:\n  hub: { virtualMachines: { nva: { ipForwarding: true } } }\n  a: { virtualMachines: [a-vm], subnets: { default: { routeTable: t } }, peerings: [hub] }\n  b: { virtualMachines: [b-vm], subnets: { default: { routeTable: u } }, peerings: [hub] }\nrouteTables:\n  t: { routes: { b: { addressPrefix: 10.2.0.0/16, nextHopIpAddress: 10.0.0.99 } } }\n  u: { routes: { a: { addressPrefix: 10.1.0.0/16, nextHopIpAddress: nva } } }\n";
    assert_snapshot!(lab(spokes).cures("a-vm", "b-vm"), @r"
    send the packets of the route t/b to nva (2 hops)
    Replace routeTables.t (line 7 to 7)
      t:
        routes:
          b: { addressPrefix: 10.2.0.0/16, nextHopIpAddress: nva }
    ");
}

#[test]
fn a_route_table_takes_the_routes_of_gateways() {
    let text = "name: site\nvirtualNetworks:\n  hub: { subnets: { default: { routeTable: t } }, virtualMachines: [hub-vm] }\nrouteTables:\n  t:\n    disableBgpRoutePropagation: true\nvirtualNetworkGateways: { hub-vpngw: hub }\nconnections: { hub-office: { gateway: hub-vpngw, device: office-ce } }\nsites: { office: { routers: [office-ce], hosts: [office-pc] } }\n";
    assert_snapshot!(lab(text).cures("office-pc", "hub-vm"), @r"
    let the route table t take the routes of gateways (2 hops)
    Replace routeTables.t.disableBgpRoutePropagation (line 6 to 6)
        disableBgpRoutePropagation: false
    ");
}

const ONE_WAY: &str = "name: one-way
virtualNetworks:
  hub: { virtualMachines: { nva: { ipForwarding: true } } }
  a: { virtualMachines: [a-vm], subnets: { default: { routeTable: t } } }
  b: { virtualMachines: [b-vm] }
peerings:
  - { virtualNetwork: [a, b], remoteVirtualNetwork: hub, allowForwardedTraffic: true }
routeTables:
  t: { routes: { all: { addressPrefix: 10.0.0.0/8, nextHopIpAddress: nva } } }
";

#[test]
fn a_missing_route_back_is_added() {
    assert_snapshot!(lab(ONE_WAY).cures("a-vm", "b-vm"), @r"
    send what b sends to a through nva in hub (2 hops)
    Add routeTables (line 9)
      b-to-a:
        routes:
          a: { addressPrefix: 10.1.0.0/16, nextHopIpAddress: nva }
    Replace virtualNetworks.b (line 5 to 5)
      b:
        virtualMachines: [b-vm]
        subnets:
          default: { routeTable: b-to-a }
    ");
}

#[test]
fn two_mistakes_are_corrected_together() {
    let text = ONE_WAY.replace("ipForwarding: true", "ipForwarding: false");
    assert_snapshot!(lab(&text).cures("a-vm", "b-vm"), @r"
    set `ipForwarding` on nva, and send what b sends to a through nva in hub (2 hops)
    Add routeTables (line 9)
      b-to-a:
        routes:
          a: { addressPrefix: 10.1.0.0/16, nextHopIpAddress: nva }
    Replace virtualNetworks.b (line 5 to 5)
      b:
        virtualMachines: [b-vm]
        subnets:
          default: { routeTable: b-to-a }
    Replace virtualNetworks.hub (line 3 to 3)
      hub:
        virtualMachines:
          nva: { ipForwarding: true }
    ");
}

#[test]
fn an_appliance_does_not_send_packets_back_to_itself() {
    let text = ONE_WAY
        .replace(
            "ipForwarding: true } }",
            "ipForwarding: true } }, subnets: { default: { routeTable: t } }",
        )
        .replace(
            "b: { virtualMachines: [b-vm] }",
            "b: { virtualMachines: [b-vm], subnets: { default: { routeTable: t } } }",
        )
        .replace(
            "all: { addressPrefix: 10.0.0.0/8, nextHopIpAddress: nva }",
            "a: { addressPrefix: 10.1.0.0/16, nextHopIpAddress: nva }, b: { addressPrefix: 10.2.0.0/16, nextHopIpAddress: nva }",
        );
    assert_snapshot!(lab(&text).cures("a-vm", "b-vm"), @r"
    take the route table t off the subnet default of hub (2 hops)
    Replace virtualNetworks.hub (line 3 to 3)
      hub:
        virtualMachines:
          nva: { ipForwarding: true }
        subnets: { default: {} }
    ");
}

#[test]
fn a_next_hop_in_a_network_that_is_not_peered_is_reached() {
    let text = ONE_WAY.replace("[a, b], remote", "[b], remote").replace(
        "b: { virtualMachines: [b-vm] }",
        "b: { virtualMachines: [b-vm], subnets: { default: { routeTable: t } } }",
    );
    assert_snapshot!(lab(&text).cures("a-vm", "b-vm"), @r"
    peer a with hub, which has the next hop of the route (2 hops)
    Add peerings (line 7)
      - { virtualNetwork: a, remoteVirtualNetwork: hub, allowForwardedTraffic: true }
    ");
}

#[test]
fn forwarded_packets_are_let_in() {
    let text = ONE_WAY
        .replace(", allowForwardedTraffic: true", "")
        .replace(
            "b: { virtualMachines: [b-vm] }",
            "b: { virtualMachines: [b-vm], subnets: { default: { routeTable: t } } }",
        );
    let text = format!("semantics: {{ strictPeeringFlags: true }}\n{text}");
    assert_snapshot!(lab(&text).cures("a-vm", "b-vm"), @r"
    set `allowForwardedTraffic` on the peering of b with hub (2 hops)
    Replace peerings[0] (line 8 to 8)
      - { virtualNetwork: [a, b], remoteVirtualNetwork: hub, allowForwardedTraffic: true }
    ");
}
