//! Explains every expected path of the shipped labs, and further cases in small labs.

mod selectors;
mod silence;

use std::fs;

use insta::assert_snapshot;

use super::*;
use crate::lab::examples::SUBNETS;
use crate::topology::{Expectation, ExpectedHop};
use crate::verify::tests::Lab;

/// The state of a lab without failures.
fn state(lab: &Lab) -> State<'_> {
    State::whole(&lab.topology, lab.tables.clone())
}

fn explained(lab: &Lab, from: &str, to: &str) -> Why {
    let node = |name| lab.topology.find(name).unwrap();
    let by_name = || lab.topology.node(node(to)).address.unwrap();
    let address = to.parse().unwrap_or_else(|_| by_name());
    explain(&state(lab), node(from), address)
}

/// What a trace shows: one line per node.
fn seen(lab: &Lab, from: &str, to: &str) -> String {
    let why = explained(lab, from, to);
    let steps = why.there.steps.iter().zip(&why.seen);
    let lines = steps.map(|(step, seen)| {
        let name = &lab.topology.node(step.node).name;
        match seen {
            Seen::Answers { ttl, address } => format!("{ttl} {name} {address}\n"),
            Seen::Silent { ttl, loss, .. } => {
                let at = &lab.topology.node(loss.node).name;
                format!("{ttl} {name} * lost at {at}: {}\n", cause(&loss.cause))
            }
            other => format!("- {name} {other:?}\n"),
        }
    });
    lines.collect()
}

fn cause(cause: &Cause) -> String {
    match cause {
        Cause::NoRoute { destination, .. } => format!("no route to {destination}"),
        Cause::UnknownSource { source } => format!("no route back to {source}"),
        Cause::NobodyThere { route } => format!("nobody at {}", route.prefix),
        Cause::LinkDown { link } => format!("down: {}", link.0),
        Cause::Firewall { rule, .. } => format!("dropped by {rule}"),
        Cause::LosesAll { link, .. } => format!("loses all: {}", link.0),
        Cause::NotSelected { .. } => "not selected".to_owned(),
        Cause::KeptOut { flag, .. } => format!("kept out by {flag}"),
        Cause::NotARouter => "not a router".to_owned(),
        Cause::AnothersAddress { meant } => format!("same address as {}", meant.0),
        Cause::Unshown { source } => format!("not shown: {source}"),
        Cause::Loop => "loop".to_owned(),
    }
}

/// Where the forward path ends.
fn end(lab: &Lab, from: &str, to: &str) -> String {
    let why = explained(lab, from, to);
    let names = why.there.steps.iter();
    let names = names.map(|step| lab.topology.node(step.node).name.to_string());
    let way = names.collect::<Vec<_>>().join(" > ");
    match &why.there.loss {
        Some(loss) => format!("{way}: {}", cause(&loss.cause)),
        None => way,
    }
}

/// The difference between an expectation and its explanation.
fn difference(lab: &Lab, expectation: &Expectation) -> Option<String> {
    let name = |node| &lab.topology.node(node).name;
    let to = lab.topology.node(expectation.to).address.unwrap();
    let why = explain(&state(lab), expectation.from, to);
    let seen = why.seen.iter().filter_map(|seen| match seen {
        Seen::Answers { address, .. } => Some(Some(*address)),
        Seen::Silent { .. } => Some(None),
        _ => None,
    });
    let seen: Vec<Option<Address>> = seen.collect();
    let is_expected = |(seen, expected): (&Option<Address>, &ExpectedHop)| match seen {
        Some(address) => expected.addresses.contains(address),
        None => expected.addresses.is_empty(),
    };
    let hops = expectation.hops();
    let holds = if expectation.is_reached() {
        why.is_answered() && hops.len() == seen.len() && seen.iter().zip(hops).all(is_expected)
    } else {
        !why.is_answered()
    };
    let (from, to) = (name(expectation.from), name(expectation.to));
    (!holds).then(|| format!("{from} > {to}: {seen:?}"))
}

#[test]
fn every_expected_answer_and_silence_follows_from_the_routes() {
    let labs = concat!(env!("CARGO_MANIFEST_DIR"), "/labs");
    let mut expectations = 0;
    for file in fs::read_dir(labs).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let lab = Lab::from_text(&fs::read_to_string(&path).unwrap());
        for expectation in &lab.topology.expectations {
            let difference = difference(&lab, expectation);
            assert_eq!(difference, None, "{}", path.display());
            expectations += 1;
        }
    }
    assert!(expectations >= 30, "hub-spoke alone has 30");
}

#[test]
fn a_silent_routers_answer_is_followed_to_where_it_is_lost() {
    let lab = Lab::hub_spoke();
    assert_snapshot!(seen(&lab, "branch-vm", "loc1-vm"), @"
    - branch-vm Sender
    1 branch-vpngw 10.11.30.100
    2 hub-vpngw * lost at branch-vpngw: no route back to 169.254.211.11
    3 loc1-ce1 10.2.30.125
    4 loc1-lan * lost at hub-vpngw: no route back to 192.168.30.1
    5 loc1-vm 10.2.30.10
    ");
    assert_snapshot!(seen(&lab, "loc1-vm", "branch-vm"), @r"
    - loc1-vm Sender
    1 loc1-lan 10.2.30.3
    2 loc1-ce1 192.168.30.0
    - hub-vpngw Renewed
    - branch-vpngw Renewed
    3 branch-vm 10.11.30.68
    ");
}

#[test]
fn a_packet_from_where_no_route_leads_back_is_lost() {
    let text =
        crate::verify::tests::HUB_SPOKE.replace("advertise: [10.2.30.0/25]", "advertise: []");
    let lab = Lab::from_text(&text);
    assert_snapshot!(seen(&lab, "loc1-vm", "hub-vm"), @r"
    - loc1-vm Sender
    1 loc1-lan 10.2.30.3
    2 loc1-ce1 192.168.30.0
    - er1-msee1 Lost
    ");
    assert_snapshot!(end(&lab, "loc1-vm", "hub-vm"), @"loc1-vm > loc1-lan > loc1-ce1 > er1-msee1: no route back to 10.2.30.10");
}

#[test]
fn a_reply_that_is_lost_makes_the_destination_silent() {
    let lab = Lab::hub_spoke().without(&["loc2-ce1-loc2-lan"]);
    assert_snapshot!(seen(&lab, "loc2-vm", "hub-vm"), @"
    - loc2-vm Sender
    1 loc2-lan 10.1.31.3
    2 loc2-ce2 192.168.31.4
    3 er2-msee2 192.168.31.22
    4 hub-ergw * lost at er2-msee1: no route back to 169.254.203.50
    5 hub-vm * lost at loc2-ce1: no route to 10.1.31.10
    ");
}

#[test]
fn the_ways_differ_by_the_gateway() {
    let lab = Lab::hub_spoke();
    let names = |nodes: &Vec<NodeId>| {
        let names = nodes
            .iter()
            .map(|id| lab.topology.node(*id).name.to_string());
        names.collect::<Vec<_>>().join(" ")
    };
    let [there, back] = explained(&lab, "hub-vm", "loc1-vm").asymmetry();
    assert_eq!(
        (names(&there), names(&back)),
        (String::new(), "hub-ergw".to_owned())
    );
    let [there, back] = explained(&lab, "hub-vm", "branch-vm").asymmetry();
    assert!(there.is_empty() && back.is_empty());
}

/// Two networks that a tunnel connects.
const TUNNEL: &str = r"name: tunnel
virtualNetworks:
  one:
    location: region1
    addressPrefixes: [10.1.0.0/24]
    subnets: { default: { addressPrefix: 10.1.0.0/25 }, GatewaySubnet: { addressPrefix: 10.1.0.128/25 } }
    virtualMachines: { one-vm: { subnet: default, privateIPAddress: 10.1.0.4 } }
  two:
    location: region1
    addressPrefixes: [10.2.0.0/24]
    subnets: { default: { addressPrefix: 10.2.0.0/25 }, GatewaySubnet: { addressPrefix: 10.2.0.128/25 } }
    virtualMachines: { two-vm: { subnet: default, privateIPAddress: 10.2.0.4 } }
virtualNetworkGateways:
  one-gw: { virtualNetwork: one, gatewayType: Vpn, asn: 65010, publicIPAddress: 203.0.113.1 }
  two-gw: { virtualNetwork: two, gatewayType: Vpn, asn: 65020, publicIPAddress: 203.0.113.2 }
connections:
  one-two: { connectionType: Vnet2Vnet, gateways: [one-gw, two-gw] }
";

#[test]
fn a_vpn_gateway_of_today_is_no_hop() {
    let lab = Lab::from_text(TUNNEL);
    assert_snapshot!(seen(&lab, "one-vm", "two-vm"), @r"
    - one-vm Sender
    - one-gw Transparent
    - two-gw Transparent
    1 two-vm 10.2.0.4
    ");
    let legacy = format!("{TUNNEL}semantics: {{ vpnGatewayHops: legacy }}\n");
    assert_snapshot!(seen(&Lab::from_text(&legacy), "one-vm", "two-vm"), @"
    - one-vm Sender
    1 one-gw 10.1.0.132
    2 two-gw * lost at one-gw: no route back to 169.254.232.197
    3 two-vm 10.2.0.4
    ");
}

/// A network with a route table that sends packets to the subnet `b` through an appliance.
const STEERED: &str = r"name: steered
virtualNetworks:
  net:
    location: region1
    addressPrefixes: [10.1.0.0/24]
    subnets:
      a: { addressPrefix: 10.1.0.0/26, routeTable: steer }
      b: { addressPrefix: 10.1.0.64/26 }
      c: { addressPrefix: 10.1.0.128/26 }
    virtualMachines:
      a-vm: { subnet: a, privateIPAddress: 10.1.0.4 }
      b-vm: { subnet: b, privateIPAddress: 10.1.0.68 }
      nva-vm: { subnet: c, privateIPAddress: 10.1.0.132, ipForwarding: true }
routeTables:
  steer:
    routes:
      to-b: { addressPrefix: 10.1.0.64/26, nextHopType: VirtualAppliance, nextHopIpAddress: 10.1.0.132 }
";

#[test]
fn an_appliance_is_a_hop_there_and_none_back() {
    let lab = Lab::from_text(STEERED);
    assert_snapshot!(seen(&lab, "a-vm", "b-vm"), @r"
    - a-vm Sender
    1 nva-vm 10.1.0.132
    2 b-vm 10.1.0.68
    ");
    assert_snapshot!(end(&lab, "b-vm", "a-vm"), @"b-vm > a-vm");
}

#[test]
fn two_appliances_that_trust_each_other_make_a_loop() {
    let second = r"
      second-vm: { subnet: d, privateIPAddress: 10.1.0.196, ipForwarding: true }
";
    let text = STEERED
        .replace("addressPrefix: 10.1.0.128/26 }", "addressPrefix: 10.1.0.128/26, routeTable: on }\n      d: { addressPrefix: 10.1.0.192/26, routeTable: steer }")
        .replace("routeTables:", &format!("{}routeTables:\n  on: {{ routes: {{ to-b: {{ addressPrefix: 10.1.0.64/26, nextHopType: VirtualAppliance, nextHopIpAddress: 10.1.0.196 }} }} }}", &second[1..]));
    assert_snapshot!(end(&Lab::from_text(&text), "a-vm", "b-vm"), @"a-vm > nva-vm > second-vm > nva-vm: loop");
}

/// A router with a static route whose next hop is on its LAN.
fn site(neighbour: &str) -> Lab {
    Lab::from_text(&format!(
        r"name: site
sites:
  east:
    routers:
      r1: {{ address: 10.1.0.1/24, routes: [{{ addressPrefix: 10.2.0.0/24, nextHopIpAddress: {neighbour} }}] }}
      r2: {{ address: 10.2.0.1/24 }}
    hosts:
      pc1: {{ address: 10.1.0.10/24, gateway: 10.1.0.1 }}
      other: {{ address: 10.1.0.11/24, gateway: 10.1.0.1 }}
      pc2: {{ address: 10.2.0.10/24, gateway: 10.2.0.1 }}
    links: [{{ a: r1, b: r2, addresses: [172.31.1.0/31, 172.31.1.1/31] }}]
"
    ))
}

#[test]
fn a_host_that_is_no_router_takes_nothing_for_others() {
    assert_snapshot!(end(&site("172.31.1.1"), "pc1", "pc2"), @"pc1 > r1 > r2 > pc2");
    assert_snapshot!(end(&site("10.1.0.11"), "pc1", "pc2"), @"pc1 > r1 > other: not a router");
}

#[test]
fn an_address_that_nobody_has_is_a_dead_end() {
    assert_snapshot!(end(&site("172.31.1.1"), "pc2", "10.1.0.99"), @"pc2 > r2 > r1: nobody at 10.1.0.0/24");
}

/// Three networks in a row. The first reaches the last through an appliance in the second.
fn in_a_row(flags: &str) -> Lab {
    Lab::from_text(&format!(
        r"name: row
semantics: {{ strictPeeringFlags: true }}
virtualNetworks:
  one:
    location: region1
    addressPrefixes: [10.1.0.0/24]
    subnets: {{ default: {{ addressPrefix: 10.1.0.0/24, routeTable: steer }} }}
    virtualMachines: {{ one-vm: {{ subnet: default, privateIPAddress: 10.1.0.4 }} }}
    peerings: [{{ remoteVirtualNetwork: two, allowForwardedTraffic: true }}]
  two:
    location: region1
    addressPrefixes: [10.2.0.0/24]
    subnets: {{ default: {{ addressPrefix: 10.2.0.0/24 }} }}
    virtualMachines: {{ nva-vm: {{ subnet: default, privateIPAddress: 10.2.0.4, ipForwarding: true }} }}
    peerings: [{{ remoteVirtualNetwork: one }}, {{ remoteVirtualNetwork: three }}]
  three:
    location: region1
    addressPrefixes: [10.3.0.0/24]
    subnets: {{ default: {{ addressPrefix: 10.3.0.0/24, routeTable: steer }} }}
    virtualMachines: {{ three-vm: {{ subnet: default, privateIPAddress: 10.3.0.4 }} }}
    peerings: [{{ remoteVirtualNetwork: two{flags} }}]
routeTables:
  steer:
    routes:
      all: {{ addressPrefix: 10.0.0.0/8, nextHopType: VirtualAppliance, nextHopIpAddress: 10.2.0.4 }}
"
    ))
}

#[test]
fn strict_peerings_keep_out_what_their_flags_say() {
    let allowed = in_a_row(", allowForwardedTraffic: true");
    assert_snapshot!(end(&allowed, "one-vm", "three-vm"), @"one-vm > nva-vm > three-vm");
    assert_snapshot!(end(&in_a_row(""), "one-vm", "three-vm"), @"one-vm > nva-vm: kept out by allowForwardedTraffic");
    assert_snapshot!(end(&in_a_row(""), "nva-vm", "three-vm"), @"nva-vm > three-vm");
    let closed = in_a_row(", allowVirtualNetworkAccess: false");
    assert_snapshot!(end(&closed, "nva-vm", "three-vm"), @"nva-vm: kept out by allowVirtualNetworkAccess");
    assert_snapshot!(seen(&closed, "three-vm", "nva-vm"), @r"
    - three-vm Sender
    1 nva-vm * lost at nva-vm: kept out by allowVirtualNetworkAccess
    ");
}

#[test]
fn a_shorter_route_of_another_origin_is_told() {
    let lab = in_a_row("");
    let hidden = |from, to| {
        let first = explained(&lab, from, to).there.steps.swap_remove(0);
        let hidden = first.choice.unwrap().hidden;
        hidden.map(|route| format!("{} {}", route.prefix, route.origin))
    };
    assert_eq!(
        hidden("one-vm", "nva-vm").as_deref(),
        Some("10.0.0.0/8 User steer/all VirtualAppliance 10.2.0.4")
    );
    assert_eq!(hidden("nva-vm", "one-vm"), None);
}

#[test]
fn an_answer_to_a_hidden_address_comes_to_whoever_has_it_nearer() {
    let lab = Lab::from_text(SUBNETS);
    let answered = |from: &str, to: &str| explained(&lab, from, to).is_answered();
    assert!(answered("left-vm", "right-vm") && answered("left-vm", "left-db"));
    assert_snapshot!(seen(&lab, "left-db", "right-vm"), @r"
    - left-db Sender
    1 right-vm * lost at right-db: same address as 2
    ");
    // A name means the other network's machine; an address means the machine in the own network.
    let predicted = |from: &str, to: &str| {
        let [from, to] = [from, to].map(|name| lab.topology.find(name).unwrap());
        crate::verify::predict(&state(&lab), from, to)
            .hops
            .is_some()
    };
    assert!(predicted("left-vm", "left-db") && !predicted("left-vm", "right-db"));
}
