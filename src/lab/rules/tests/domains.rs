//! Rules for addresses and ranges in unconnected parts of a lab, and in networks whose peerings include only some
//! subnets.

use crate::lab::examples::SUBNETS;
use crate::lab::parse;
use crate::lab::rules::check;
use crate::lab::rules::tests::{findings_in, replaced, warnings_in};

/// Two networks with the same range and a site inside this range, all of them unconnected.
const APART: &str = "\
name: apart
virtualNetworks:
  red:
    location: region1
    addressPrefixes: [10.40.0.0/16]
    subnets:
      default: { addressPrefix: 10.40.0.0/24, routeTable: red-out }
      nva: { addressPrefix: 10.40.1.0/24 }
      GatewaySubnet: { addressPrefix: 10.40.255.0/27 }
    virtualMachines:
      red-vm: { subnet: default, privateIPAddress: 10.40.0.4 }
      red-nva: { subnet: nva, privateIPAddress: 10.40.1.4, ipForwarding: true }
    # Peerings of red.
  blue:
    location: region1
    addressPrefixes: [10.40.0.0/16]
    subnets:
      default: { addressPrefix: 10.40.0.0/24 }
      nva: { addressPrefix: 10.40.1.0/24 }
      GatewaySubnet: { addressPrefix: 10.40.255.0/27 }
    virtualMachines:
      blue-vm: { subnet: default, privateIPAddress: 10.40.0.4 }
      blue-db: { subnet: nva, privateIPAddress: 10.40.1.4 }
    # Peerings of blue.
routeTables:
  red-out: { routes: { all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.40.1.4 } } }
virtualNetworkGateways:
  red-gw: { virtualNetwork: red, gatewayType: Vpn, publicIPAddress: 203.0.113.1 }
  blue-gw: { virtualNetwork: blue, gatewayType: Vpn, publicIPAddress: 203.0.113.2 }
sites:
  shop:
    asn: 65010
    routers: { till: { address: 10.40.0.1/24, tunnel: { sourceAddress: 198.51.100.1, address: 10.40.0.2 } } }
    hosts: { pc: { address: 10.40.0.4/24, gateway: 10.40.0.1 } }
  # Further sites.
# More.
";

#[track_caller]
fn accepted(text: &str, changes: &[(&str, &str)]) {
    let text = replaced(text, changes);
    let spec = parse(&text).unwrap_or_else(|findings| panic!("{findings:#?}"));
    assert_eq!(check(&spec), []);
}

/// Only the messages, one finding per line.
fn refused(text: &str, changes: &[(&str, &str)]) -> String {
    messages(&findings_in(&replaced(text, changes)))
}

fn messages(text: &str) -> String {
    let is_message = |line: &&str| {
        let starts = ["error", "warning"];
        starts.iter().any(|start| line.starts_with(start)) || line.contains("= help")
    };
    let messages = text.lines().filter(is_message);
    let messages = messages.map(|line| line.trim_start_matches([' ', '|']));
    messages.collect::<Vec<_>>().join("\n")
}

#[test]
fn parts_that_nothing_joins_may_have_the_same_addresses() {
    accepted(APART, &[]);
    // So may gateways whose addresses the file omits, and the tunnels of these gateways.
    let peer = "publicIPAddress: 203.0.113.1, bgpPeeringAddress: 169.254.21.2";
    let other = "publicIPAddress: 203.0.113.2, bgpPeeringAddress: 169.254.21.2";
    accepted(
        APART,
        &[
            ("publicIPAddress: 203.0.113.1", peer),
            ("publicIPAddress: 203.0.113.2", other),
        ],
    );
}

#[test]
fn a_peering_joins_two_networks() {
    let halves = [
        (
            "    # Peerings of red.\n",
            "    peerings: [{ remoteVirtualNetwork: blue }]\n",
        ),
        (
            "    # Peerings of blue.\n",
            "    peerings: [{ remoteVirtualNetwork: red }]\n",
        ),
    ];
    insta::assert_snapshot!(refused(APART, &halves), @r"
    error[overlap]: 10.40.0.0/16 overlaps 10.40.0.0/16 of virtual network red
    = help: `blue` and `red` are peered, and the address spaces of peered networks may not overlap (virtual-network-peering-overview)
    error[address-taken]: 10.40.0.4 already belongs to red-vm
    error[address-taken]: 10.40.1.4 already belongs to red-nva
    ");
    // Azure refuses even a single side.
    insta::assert_snapshot!(refused(APART, &halves[..1]), @r"
    error[overlap]: 10.40.0.0/16 overlaps 10.40.0.0/16 of virtual network blue
    = help: the address spaces of peered networks may not overlap (virtual-network-peering-overview)
    ");
}

#[test]
fn connections_join_what_is_at_their_ends() {
    let between =
        "connections:\n  red-blue: { connectionType: Vnet2Vnet, gateways: [red-gw, blue-gw] }\n";
    insta::assert_snapshot!(refused(APART, &[("# More.\n", between)]), @r"
    error[overlap]: 10.40.0.0/16 overlaps 10.40.0.0/16 of virtual network red
    = help: connection `red-blue` joins them, and would lead to the same addresses in both networks
    error[address-taken]: 10.40.0.4 already belongs to red-vm
    error[address-taken]: 10.40.1.4 already belongs to red-nva
    error[same-asn]: both ends of this tunnel have the AS number 65515, so neither accepts the other's routes
    = help: give one of them another private `asn`
    ");
    let red =
        "connections:\n  red-shop: { connectionType: IPsec, gateway: red-gw, device: till }\n";
    insta::assert_snapshot!(refused(APART, &[("# More.\n", red)]), @r"
    error[overlap]: 10.40.0.2/32 overlaps 10.40.0.0/16 of virtual network red
    error[address-taken]: 10.40.0.4 already belongs to red-vm
    warning[ignored-prefix]: 10.40.0.1/24 overlaps 10.40.0.0/16 of virtual network red: gateways ignore it, and Azure sends nothing there
    = help: give the site a range outside the networks that it is connected to (vpn-gateway-vpn-faq)
    ");
}

/// Two circuits with the same links, each with its own network and site.
const CIRCUITS: &str = "\
name: circuits
virtualNetworks:
  red:
    location: region1
    addressPrefixes: [10.40.0.0/16]
    subnets: { GatewaySubnet: { addressPrefix: 10.40.255.0/27 } }
  blue:
    location: region1
    addressPrefixes: [10.41.0.0/16]
    subnets: { GatewaySubnet: { addressPrefix: 10.41.255.0/27 } }
virtualNetworkGateways:
  red-gw: { virtualNetwork: red, gatewayType: ExpressRoute }
  blue-gw: { virtualNetwork: blue, gatewayType: ExpressRoute }
expressRouteCircuits:
  one:
    bandwidthInMbps: 50
    primary: { peerAddressPrefix: 172.31.0.0/30, customerEdge: ce1, microsoftPeerAddressPrefix: 198.51.100.0/30 }
    secondary: { peerAddressPrefix: 172.31.0.4/30, customerEdge: ce1 }
  two:
    bandwidthInMbps: 50
    primary: { peerAddressPrefix: 172.31.0.0/30, customerEdge: ce2, microsoftPeerAddressPrefix: 198.51.100.4/30 }
    secondary: { peerAddressPrefix: 172.31.0.4/30, customerEdge: ce2 }
connections:
  one-red: { connectionType: ExpressRoute, gateway: red-gw, circuit: one, endpoints: [10.40.255.4, 10.40.255.5] }
  two-blue: { connectionType: ExpressRoute, gateway: blue-gw, circuit: two, endpoints: [10.41.255.4, 10.41.255.5] }
  # Another.
sites:
  east: { asn: 65010, routers: { ce1: { address: 10.50.0.1/24 } } }
  west: { asn: 65011, routers: { ce2: { address: 10.50.0.1/24 } } }
# More.
";

#[test]
fn circuits_that_nothing_joins_may_have_the_same_links() {
    accepted(CIRCUITS, &[]);
    let one_internet = [(
        "microsoftPeerAddressPrefix: 198.51.100.4/30",
        "microsoftPeerAddressPrefix: 198.51.100.0/30",
    )];
    insta::assert_snapshot!(refused(CIRCUITS, &one_internet), @r"
    error[address-taken]: 198.51.100.1 already belongs to ce1
    error[address-taken]: 198.51.100.2 already belongs to an MSEE of one
    ");
}

#[test]
fn global_reach_a_common_circuit_and_links_between_sites_join() {
    let reach = "  reach: { connectionType: GlobalReach, circuits: [one, two], addressPrefix: 172.31.1.0/29 }\n";
    insta::assert_snapshot!(refused(CIRCUITS, &[("  # Another.\n", reach)]), @r"
    error[address-taken]: 172.31.0.1 already belongs to ce1
    error[address-taken]: 172.31.0.2 already belongs to an MSEE of one
    error[address-taken]: 172.31.0.5 already belongs to ce1
    error[address-taken]: 172.31.0.6 already belongs to an MSEE of one
    error[address-taken]: 10.50.0.1 already belongs to ce1
    ");
    let wan = "wan: { dark: { a: ce1, b: ce2, addresses: [172.31.2.0/31, 172.31.2.1/31] } }\n";
    insta::assert_snapshot!(refused(CIRCUITS, &[("# More.\n", wan)]), @r"
    error[address-taken]: 172.31.0.1 already belongs to ce1
    error[address-taken]: 172.31.0.2 already belongs to an MSEE of one
    error[address-taken]: 172.31.0.5 already belongs to ce1
    error[address-taken]: 172.31.0.6 already belongs to an MSEE of one
    error[address-taken]: 10.50.0.1 already belongs to ce1
    ");
    let common = "  one-blue: { connectionType: ExpressRoute, gateway: blue-gw, circuit: one, endpoints: [10.41.255.6, 10.41.255.7] }\n";
    insta::assert_snapshot!(refused(CIRCUITS, &[("  # Another.\n", common)]), @r"
    error[address-taken]: 172.31.0.1 already belongs to ce1
    error[address-taken]: 172.31.0.2 already belongs to an MSEE of one
    error[address-taken]: 172.31.0.5 already belongs to ce1
    error[address-taken]: 172.31.0.6 already belongs to an MSEE of one
    error[address-taken]: 10.50.0.1 already belongs to ce1
    ");
}

#[test]
fn a_public_address_is_one_in_the_whole_lab() {
    insta::assert_snapshot!(refused(APART, &[("publicIPAddress: 203.0.113.2", "publicIPAddress: 203.0.113.1")]), @"error[address-taken]: 203.0.113.1 already belongs to red-gw");
    insta::assert_snapshot!(refused(APART, &[("sourceAddress: 198.51.100.1", "sourceAddress: 203.0.113.2")]), @"error[address-taken]: 203.0.113.2 already belongs to blue-gw");
}

#[test]
fn a_next_hop_is_looked_for_in_the_network_itself() {
    // In `blue`, a machine that does not forward has the same address.
    accepted(APART, &[]);
    let blue = [(
        "      default: { addressPrefix: 10.40.0.0/24 }\n",
        "      default: { addressPrefix: 10.40.0.0/24, routeTable: red-out }\n",
    )];
    insta::assert_snapshot!(messages(&warnings_in(&replaced(APART, &blue))), @r"
    warning[ip-forwarding]: `blue-db` is the next hop of a route, but its network interface drops packets for other addresses
    = help: add `ipForwarding: true` to `blue-db` (virtual-networks-udr-overview)
    ");
}

#[test]
fn a_machine_of_another_domain_is_not_probed_by_an_address_that_means_another() {
    let expect = |to: &str| {
        let expect = format!("expect: [{{ from: red-vm, to: {to}, unreachable: timeout }}]\n");
        refused(APART, &[("# More.\n", &expect)])
    };
    insta::assert_snapshot!(expect("blue-vm"), @r"
    error[anothers-address]: `blue-vm` cannot be probed from `red-vm`, where 10.40.0.4 is the address of red-vm
    = help: a path needs two machines that are connected
    ");
    insta::assert_snapshot!(expect("pc"), @r"
    error[anothers-address]: `pc` cannot be probed from `red-vm`, where 10.40.0.4 is the address of red-vm
    = help: a path needs two machines that are connected
    ");
    let known = "expect: [{ from: blue-vm, to: blue-db, hops: [10.40.1.4] }]\n";
    accepted(APART, &[("# More.\n", known)]);
}

/// A hub with a gateway and a site, and two spokes. One spoke uses the gateway.
const SPOKES: &str = "\
name: spokes
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.60.0.0/24]
    subnets: { GatewaySubnet: { addressPrefix: 10.60.0.0/27 } }
    peerings: [{ remoteVirtualNetwork: user, allowGatewayTransit: true }, { remoteVirtualNetwork: mere }]
  user:
    location: region1
    addressPrefixes: [10.61.0.0/16]
    peerings: [{ remoteVirtualNetwork: hub, useRemoteGateways: true }]
  mere:
    location: region1
    addressPrefixes: [10.62.0.0/16]
    subnets: { default: { addressPrefix: 10.62.0.0/24 } }
    virtualMachines: { mere-vm: { subnet: default, privateIPAddress: 10.62.0.4 } }
    peerings: [{ remoteVirtualNetwork: hub }]
virtualNetworkGateways:
  gw: { virtualNetwork: hub, gatewayType: Vpn, publicIPAddress: 203.0.113.1 }
connections:
  gw-shop: { connectionType: IPsec, gateway: gw, device: till }
sites:
  shop:
    asn: 65010
    routers: { till: { address: 10.70.0.1/24, tunnel: { sourceAddress: 198.51.100.1, address: 10.70.1.1 } } }
    advertise: [10.70.0.0/24]
";

#[test]
fn a_site_may_have_a_range_of_a_network_that_is_merely_peered() {
    let advertise = |prefix: &str| format!("advertise: [10.70.0.0/24, {prefix}]");
    let merely = advertise("10.62.9.0/24");
    accepted(SPOKES, &[("advertise: [10.70.0.0/24]", &merely)]);
    for prefix in ["10.60.0.0/25", "10.61.9.0/24"] {
        let used = advertise(prefix);
        let text = replaced(SPOKES, &[("advertise: [10.70.0.0/24]", &used)]);
        let warned = warnings_in(&text);
        let begin = format!("warning[ignored-prefix]: {prefix} overlaps");
        assert!(warned.starts_with(&begin), "{warned}");
    }
    // An address in the range still has only one owner.
    let taken = [("address: 10.70.1.1", "address: 10.62.0.4")];
    insta::assert_snapshot!(refused(SPOKES, &taken), @"error[address-taken]: 10.62.0.4 already belongs to mere-vm");
}

#[test]
fn ranges_that_no_peering_shows_may_overlap() {
    accepted(SUBNETS, &[]);
    // The right side of the peering must not include a range that the left network also has.
    let shown = [(
        "localSubnetNames: [front] }] # Right's half.",
        "localSubnetNames: [front, back] }]",
    )];
    insta::assert_snapshot!(refused(SUBNETS, &shown), @r"
    error[overlap]: 172.28.0.0/16 overlaps 172.28.0.0/16 of virtual network left
    = help: `right` and `left` are peered, and the address spaces of peered networks may not overlap (virtual-network-peering-overview)
    ");
    let whole = [(
        ", peerCompleteVnets: false, localSubnetNames: [front] }] # Right's half.",
        " }]",
    )];
    insta::assert_snapshot!(refused(SUBNETS, &whole), @r"
    error[overlap]: 172.28.0.0/16 overlaps 172.28.0.0/16 of virtual network left
    = help: `right` and `left` are peered, and the address spaces of peered networks may not overlap (virtual-network-peering-overview)
    ");
}

#[test]
fn a_gateway_makes_all_ranges_of_its_network_known() {
    // The left network's gateway advertises all of its range; the right network's range is not exposed.
    let gateway = "    subnets: { GatewaySubnet: { addressPrefix: 10.80.9.0/27 }, front: { addressPrefix: 10.80.1.0/24 },";
    let with_gateway = [(
        "    subnets: { front: { addressPrefix: 10.80.1.0/24 },",
        gateway,
    )];
    let text = replaced(SUBNETS, &with_gateway);
    let text = format!(
        "{text}virtualNetworkGateways: {{ gw: {{ virtualNetwork: left, gatewayType: Vpn, publicIPAddress: 203.0.113.1 }} }}\n"
    );
    accepted(&text, &[]);
}

#[test]
fn a_half_of_a_peering_joins_no_third_network_with_the_range_of_a_peer() {
    let third = [(
        "    peerings: [{ remoteVirtualNetwork: user, allowGatewayTransit: true }, { remoteVirtualNetwork: mere }]\n",
        "    peerings: [{ remoteVirtualNetwork: user, allowGatewayTransit: true }, { remoteVirtualNetwork: mere }, { remoteVirtualNetwork: twin }]\n  twin:\n    location: region1\n    addressPrefixes: [10.62.0.0/16]\n",
    )];
    insta::assert_snapshot!(refused(SPOKES, &third), @r"
    error[overlap]: 10.62.0.0/16 overlaps 10.62.0.0/16 of virtual network twin
    = help: `hub` is peered with `mere` too, and networks peered with one network may not overlap (virtual-network-peering-overview)
    ");
}

#[test]
fn an_address_of_the_networks_own_range_is_nobody_elses() {
    // A machine in `red` has the address, none in `blue` does.
    let text = replaced(
        APART,
        &[(
            "      blue-db: { subnet: nva, privateIPAddress: 10.40.1.4 }\n",
            "",
        )],
    );
    let default = "      default: { addressPrefix: 10.40.0.0/24 }\n";
    let text = text.replace(
        default,
        "      default: { addressPrefix: 10.40.0.0/24, routeTable: red-out }\n",
    );
    insta::assert_snapshot!(messages(&warnings_in(&text)), @r"
    warning[no-next-hop]: no resource in `blue` has the address 10.40.1.4: the route's packets are dropped
    = help: a next hop in the network's own ranges is a machine, a load balancer or a VPN gateway of the network (virtual-networks-udr-overview)
    ");
}
