//! The operations that build a lab, as text, and the properties of every plan.

mod change;
mod links;
mod nics;
mod order;
mod peerings;
mod state;
mod update;

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::lab::parse;
use crate::lab::resolve;
use crate::names::IfName;
use crate::routing::{Failures, solve};
use crate::topology::{InterfaceKind, LinkId, Mac, Role, Topology};

/// A pair of peered networks and a pair of hosts, which are not connected to each other.
const SMALL: &str = "\
name: small
virtualNetworks:
  a:
    location: region1
    addressPrefixes: [10.1.0.0/24]
    subnets: { default: { addressPrefix: 10.1.0.0/24 } }
    virtualMachines: { a-vm: { subnet: default, privateIPAddress: 10.1.0.4 } }
    peerings: [{ remoteVirtualNetwork: b }]
  b:
    location: region1
    addressPrefixes: [10.2.0.0/24]
    subnets: { default: { addressPrefix: 10.2.0.0/24 } }
    virtualMachines: { b-vm: { subnet: default, privateIPAddress: 10.2.0.4 } }
    peerings: [{ remoteVirtualNetwork: a }]
sites:
  site:
    routers: { east: { address: 10.3.0.1/24 }, west: { address: 10.4.0.1/24 } }
    hosts:
      east-pc: { address: 10.3.0.2/24, gateway: 10.3.0.1 }
      west-pc: { address: 10.4.0.2/24, gateway: 10.4.0.1 }
    links: [{ a: east, b: west, addresses: [10.5.0.0/31, 10.5.0.1/31], rtt: 3ms }]
";

const HUB_SPOKE: &str = include_str!("../../labs/hub-spoke.yaml");

fn planned(text: &str) -> (Topology, Plan) {
    let topology = resolve(&parse(text).unwrap()).unwrap();
    let tables = solve(&topology, &Failures::default()).unwrap();
    let plan = plan(&topology, &tables);
    (topology, plan)
}

/// Both labs, for the properties of every plan.
fn plans() -> [(Topology, Plan); 2] {
    [planned(SMALL), planned(HUB_SPOKE)]
}

#[test]
fn a_plan_reads_as_the_commands_that_it_stands_for() {
    insta::assert_snapshot!(planned(SMALL).1, @"
    netns add small.azure ipv4.ip_forward=0 ipv4.icmp_ratemask=0 ipv4.fib_multipath_hash_policy=1 ipv4.conf.all.send_redirects=0 ipv4.conf.all.rp_filter=2 ipv4.conf.default.rp_filter=2 ipv4.ip_default_ttl=64
    netns add small.a-vm ipv4.ip_forward=0 ipv4.icmp_ratemask=0 ipv4.fib_multipath_hash_policy=1 ipv4.conf.all.send_redirects=0 ipv4.conf.all.rp_filter=2 ipv4.conf.default.rp_filter=2 ipv4.ip_default_ttl=64
    netns add small.b-vm ipv4.ip_forward=0 ipv4.icmp_ratemask=0 ipv4.fib_multipath_hash_policy=1 ipv4.conf.all.send_redirects=0 ipv4.conf.all.rp_filter=2 ipv4.conf.default.rp_filter=2 ipv4.ip_default_ttl=64
    netns add small.east ipv4.ip_forward=1 ipv4.icmp_ratemask=0 ipv4.fib_multipath_hash_policy=1 ipv4.conf.all.send_redirects=0 ipv4.conf.all.rp_filter=0 ipv4.conf.default.rp_filter=0 ipv4.ip_default_ttl=255
    netns add small.west ipv4.ip_forward=1 ipv4.icmp_ratemask=0 ipv4.fib_multipath_hash_policy=1 ipv4.conf.all.send_redirects=0 ipv4.conf.all.rp_filter=0 ipv4.conf.default.rp_filter=0 ipv4.ip_default_ttl=255
    netns add small.east-pc ipv4.ip_forward=0 ipv4.icmp_ratemask=0 ipv4.fib_multipath_hash_policy=1 ipv4.conf.all.send_redirects=0 ipv4.conf.all.rp_filter=0 ipv4.conf.default.rp_filter=0 ipv4.ip_default_ttl=64
    netns add small.west-pc ipv4.ip_forward=0 ipv4.icmp_ratemask=0 ipv4.fib_multipath_hash_policy=1 ipv4.conf.all.send_redirects=0 ipv4.conf.all.rp_filter=0 ipv4.conf.default.rp_filter=0 ipv4.ip_default_ttl=64
    link add a@azure index 1000 address 12:34:56:78:9a:bc arp off up type bridge
    link add b@azure index 1003 address 12:34:56:78:9a:bc arp off up type bridge
    link add lan0@east index 1010 address 02:34:9c:69:f8:9c up type bridge
    link add lan0@west index 1011 address 02:f1:cb:0e:29:48 up type bridge
    link add eth0@a-vm index 1001 address 02:cd:bd:5c:44:ce arp off up type veth peer a-vm@azure index 1002 address 02:82:eb:ba:17:e2 arp off master a up
    link add eth0@b-vm index 1004 address 02:7d:47:10:de:a7 arp off up type veth peer b-vm@azure index 1005 address 02:f3:7c:fa:31:c8 arp off master b up
    link add a-b@azure index 1006 address 02:31:00:d0:1e:a8 arp off master a up type veth peer b-a@azure index 1007 address 02:4b:9a:18:1e:b7 arp off master b up
    link add west@east index 1008 address 02:0a:11:86:c9:26 up type veth peer east@west index 1009 address 02:b8:9d:95:e0:bf up delay 1.5ms
    link add eth0@east-pc index 1012 address 02:66:67:ae:3e:ef up type veth peer east-pc@east index 1013 address 02:20:a0:e7:62:af arp off master lan0 up
    link add eth0@west-pc index 1014 address 02:61:d3:69:f3:2e up type veth peer west-pc@west index 1015 address 02:65:8e:ad:02:ae arp off master lan0 up
    bridge link set a-vm@azure learning off flood off
    bridge fdb add 02:cd:bd:5c:44:ce dev a-vm@azure static
    bridge link set a-b@azure learning off flood off isolated on
    bridge fdb add 02:7d:47:10:de:a7 dev a-b@azure static
    bridge link set b-vm@azure learning off flood off
    bridge fdb add 02:7d:47:10:de:a7 dev b-vm@azure static
    bridge link set b-a@azure learning off flood off isolated on
    bridge fdb add 02:cd:bd:5c:44:ce dev b-a@azure static
    address add 10.1.0.4/24 dev eth0@a-vm noprefixroute
    address add 10.2.0.4/24 dev eth0@b-vm noprefixroute
    address add 10.5.0.0/31 dev west@east
    address add 10.3.0.1/24 dev lan0@east
    address add 10.5.0.1/31 dev east@west
    address add 10.4.0.1/24 dev lan0@west
    address add 10.3.0.2/24 dev eth0@east-pc
    address add 10.4.0.2/24 dev eth0@west-pc
    neighbour add 10.1.0.1 lladdr 12:34:56:78:9a:bc dev eth0@a-vm nud permanent
    neighbour add 10.2.0.4 lladdr 02:7d:47:10:de:a7 dev eth0@a-vm nud permanent
    neighbour add 10.1.0.4 lladdr 02:cd:bd:5c:44:ce dev eth0@b-vm nud permanent
    neighbour add 10.2.0.1 lladdr 12:34:56:78:9a:bc dev eth0@b-vm nud permanent
    neighbour add 10.5.0.1 lladdr 02:b8:9d:95:e0:bf dev west@east nud permanent
    neighbour add 10.3.0.2 lladdr 02:66:67:ae:3e:ef dev lan0@east nud permanent
    neighbour add 10.5.0.0 lladdr 02:0a:11:86:c9:26 dev east@west nud permanent
    neighbour add 10.4.0.2 lladdr 02:61:d3:69:f3:2e dev lan0@west nud permanent
    neighbour add 10.3.0.1 lladdr 02:34:9c:69:f8:9c dev eth0@east-pc nud permanent
    neighbour add 10.4.0.1 lladdr 02:f1:cb:0e:29:48 dev eth0@west-pc nud permanent
    route add default in a-vm via 10.1.0.1 dev eth0 onlink src 10.1.0.4 proto static
    route add 10.1.0.0/24 in a-vm dev eth0 src 10.1.0.4 proto static
    route add 10.2.0.0/24 in a-vm dev eth0 src 10.1.0.4 proto static
    route add default in b-vm via 10.2.0.1 dev eth0 onlink src 10.2.0.4 proto static
    route add 10.1.0.0/24 in b-vm dev eth0 src 10.2.0.4 proto static
    route add 10.2.0.0/24 in b-vm dev eth0 src 10.2.0.4 proto static
    route add blackhole default in east proto static
    route add 10.4.0.0/24 in east via 10.5.0.1 dev west proto ospf
    route add blackhole default in west proto static
    route add 10.3.0.0/24 in west via 10.5.0.0 dev east proto ospf
    route add default in east-pc via 10.3.0.1 dev eth0 proto static
    route add default in west-pc via 10.4.0.1 dev eth0 proto static
    ");
}

#[test]
fn the_documented_lab_takes_as_many_operations_as_it_has_parts() {
    let (_, plan) = planned(HUB_SPOKE);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for operation in plan.operations() {
        *counts.entry(kind(operation)).or_default() += 1;
    }
    let lines: Vec<_> = counts
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    58 addresses
    6 bridges
    2 capacities
    22 forwarding entries
    1 inner TTLs
    36 links
    22 namespaces
    123 neighbours
    8 nodes that ask of each source
    3 nodes that clamp segments
    16 ports
    122 routes
    4 rules
    1 silent interfaces
    2 tunnels
    ");
}

fn kind(operation: Operation<'_>) -> &'static str {
    match operation {
        Operation::Namespace(..) => "namespaces",
        Operation::Bridge(..) => "bridges",
        Operation::Link(_) => "links",
        Operation::Tunnel(_) => "tunnels",
        Operation::Entry(_, Entry::Port { .. }) => "ports",
        Operation::Entry(_, Entry::Address { .. }) => "addresses",
        Operation::Entry(_, Entry::Neighbour { .. }) => "neighbours",
        Operation::Entry(_, Entry::Forwarding { .. }) => "forwarding entries",
        Operation::Route(..) => "routes",
        Operation::Entry(_, Entry::Rule { .. }) => "rules",
        Operation::Entry(_, Entry::AskEachSource) => "nodes that ask of each source",
        Operation::Filter(_, Filter::SetInnerTtl { .. }) => "inner TTLs",
        Operation::Filter(_, Filter::Silence { .. }) => "silent interfaces",
        Operation::Filter(_, Filter::HideGateway { .. }) => "hidden gateways",
        Operation::Filter(_, Filter::DropForwarded { .. }) => "interfaces without forwarding",
        Operation::Filter(_, Filter::FilterPeering { .. }) => "filtered peerings",
        Operation::Firewall(..) => "firewalls",
        Operation::Limit(..) => "capacities",
        Operation::Filter(_, Filter::SelectTraffic { .. }) => "traffic selectors",
        Operation::Filter(_, Filter::ClampMss { .. }) => "nodes that clamp segments",
    }
}

#[test]
fn every_next_hop_is_a_known_neighbour() {
    for (topology, plan) in plans() {
        for node in &plan.nodes {
            let neighbours = node.entries.iter().filter_map(|entry| match entry {
                Entry::Neighbour {
                    interface, address, ..
                } => Some((interface, *address)),
                _ => None,
            });
            let neighbours: Vec<_> = neighbours.collect();
            let known: BTreeSet<_> = neighbours.iter().copied().collect();
            assert_eq!(known.len(), neighbours.len(), "twice in {}", node.name);
            for (key, path) in &node.routes {
                let mut hops = path.hops.iter();
                let is_known =
                    hops.all(|hop| (hop.via).is_none_or(|via| known.contains(&(&hop.name, via))));
                let words = plan.describe(Operation::Route(key, path));
                assert!(is_known, "{words} of {}", topology.name);
            }
        }
    }
}

#[test]
fn whom_a_virtual_networks_member_knows_its_bridge_knows_too() {
    for (topology, plan) in plans() {
        let entries = plan.numbered().flat_map(|(id, node)| {
            let entries = node.entries.iter();
            entries.map(move |entry| (id, entry))
        });
        let forwarded: BTreeSet<_> = entries
            .filter_map(|(node, entry)| match entry {
                Entry::Forwarding { port, mac } => {
                    let name = port.clone();
                    Some((Device { node, name }, *mac))
                }
                _ => None,
            })
            .collect();
        for segment in topology
            .segments
            .iter()
            .filter(|segment| segment.vnet.is_some())
        {
            let device = |id| Device::of(&topology, id);
            let own = segment.members.iter().map(|member| {
                (
                    device(member.port),
                    topology.interface(member.interface).mac,
                )
            });
            let peers = segment.peerings.iter().flat_map(|(port, peer)| {
                let members = topology.segment(*peer).members.iter();
                members.map(|member| (device(*port), topology.interface(member.interface).mac))
            });
            assert!(own.chain(peers).all(|entry| forwarded.contains(&entry)));
        }
    }
}

#[test]
fn no_two_interfaces_share_an_index() {
    for (topology, plan) in plans() {
        let bridges = plan.nodes.iter().flat_map(|node| &node.bridges);
        let ends = plan.links.iter().flat_map(|link| &link.ends);
        let interfaces = bridges.chain(ends.map(|end| &end.interface));
        let indices: Vec<u32> = interfaces.map(|interface| interface.index).collect();
        let unique: BTreeSet<_> = indices.iter().collect();
        let wires = topology
            .interfaces
            .iter()
            .filter(|one| one.kind != InterfaceKind::Tunnel);
        assert_eq!(
            (unique.len(), indices.len()),
            (indices.len(), wires.count())
        );
    }
}

#[test]
fn no_node_is_given_two_routes_of_one_prefix_in_one_table() {
    for (_, plan) in plans() {
        let mut seen = BTreeSet::new();
        for (key, path) in plan.nodes.iter().flat_map(|node| &node.routes) {
            assert!(
                seen.insert(*key),
                "{}",
                plan.describe(Operation::Route(key, path))
            );
        }
    }
}

#[test]
fn a_link_is_found_by_the_id_that_the_topology_gives_it() {
    for (topology, plan) in plans() {
        for (id, link) in (0..).map(LinkId).zip(&topology.links) {
            let ends = plan
                .link(id)
                .map(|link| link.ends.each_ref().map(LinkEnd::device));
            let tunnel = plan.tunnel(id).map(|tunnel| tunnel.ends.clone());
            let tunnel = tunnel.map(|ends| ends.map(|end| end.device));
            let device = |end| Device::of(&topology, end);
            assert_eq!(
                ends.xor(tunnel),
                Some(link.ends.map(device)),
                "{}",
                link.name
            );
        }
    }
}
