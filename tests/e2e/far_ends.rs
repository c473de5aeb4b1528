//! The far ends of tunnels: several source addresses of one device, seen by witnesses on the internet.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use crate::capture::{Capture, ICMP, Packet};
use crate::lab::Turn;
use crate::pings::pings;
use crate::program::lab as lab_program;
use crate::traceroute::ping;

/// One device with two tunnels to one gateway, each with its own source address, delay and prefix.
const TWO_SOURCES: &str = "\
name: two-sources
convergence: immediate
virtualNetworks:
  hub:
    addressPrefixes: [10.91.0.0/24]
    virtualMachines: { hub-vm: 10.91.0.4 }
virtualNetworkGateways:
  hub-gw: { virtualNetwork: hub, privateIPAddress: 10.91.0.228, publicIPAddress: 198.51.100.1 }
connections:
  near: { gateway: hub-gw, device: edge, enableBgp: false, localNetworkAddressPrefixes: [10.92.1.0/24], rtt: 10ms }
  far: { gateway: hub-gw, device: edge, enableBgp: false, localNetworkAddressPrefixes: [10.92.2.0/24], rtt: 40ms }
sites:
  site:
    routers:
      edge:
        tunnelInterfaces:
          near: { sourceAddress: 203.0.113.1, address: 10.92.9.1 }
          far: { sourceAddress: 203.0.113.2, address: 10.92.9.2, mtu: 1300 }
        routes: [{ addressPrefix: 10.91.0.4/31, connection: near }, { addressPrefix: 10.91.0.0/24, connection: far }]
      one: 10.92.1.1/24
      two: 10.92.2.1/24
    hosts: { near-pc: 10.92.1.10/24, far-pc: 10.92.2.10/24 }
    links:
      - { a: edge, b: one, addresses: [10.92.8.0/31, 10.92.8.1/31] }
      - { a: edge, b: two, addresses: [10.92.8.2/31, 10.92.8.3/31] }
";

const GATEWAY: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);
const GATEWAY_INSIDE: Ipv4Addr = Ipv4Addr::new(10, 91, 0, 228);
const HUB_VM: Ipv4Addr = Ipv4Addr::new(10, 91, 0, 4);
const NEAR: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);
const FAR: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 2);
const NEAR_PC: Ipv4Addr = Ipv4Addr::new(10, 92, 1, 10);
const FAR_PC: Ipv4Addr = Ipv4Addr::new(10, 92, 2, 10);

/// What captures see: both ends of encrypted packets, and their port.
type Outer = (Ipv4Addr, Ipv4Addr, u16);

#[test]
fn each_tunnel_of_a_device_has_its_own_source_address() {
    let turn = Turn::begin();
    let lab = turn.named_lab("two-sources", TWO_SOURCES);
    lab_program(&["up", &lab.file]).exits(0);
    let mut internet = Capture::start(Some(&lab.namespace("internet")), "udp");
    // The answers come back by the near tunnel: by the longer prefix.
    let near = pings(&lab, "hub-vm", NEAR_PC, 3, &[]).shortest();
    let far = pings(&lab, "hub-vm", FAR_PC, 3, &[]).shortest();
    assert!((10.0..20.0).contains(&near), "both ways near: {near} ms");
    assert!(
        (25.0..35.0).contains(&far),
        "there far, back near: {far} ms"
    );
    let mut seen: BTreeSet<Outer> = BTreeSet::new();
    internet.until(|packet| {
        if let (Some(header), Some(([_, port], _))) = (packet.header(), packet.udp()) {
            seen.insert((header.from, header.to, port));
        }
        let goes = |from, to| seen.iter().any(|(a, b, _)| (*a, *b) == (from, to));
        goes(GATEWAY, NEAR) && goes(NEAR, GATEWAY) && goes(GATEWAY, FAR) && goes(FAR, GATEWAY)
    });
    let port = |source| {
        let mut own = seen.iter().filter(|(a, b, _)| *a == source || *b == source);
        let (.., first) = own.next().expect("the tunnel's packets were seen");
        assert!(own.all(|(.., port)| port == first), "one port: {seen:?}");
        *first
    };
    assert_ne!(port(NEAR), port(FAR));
    // Each tunnel has its own MTU: the far one leads to the gateway itself.
    let largest = ["-c", "1", "-W", "2", "-M", "do", "-s", "1372"];
    ping(&lab, "near-pc", HUB_VM, &largest).exits(0);
    let refused = ping(&lab, "near-pc", GATEWAY_INSIDE, &largest);
    assert!(refused.said.contains("(mtu = 1300)"), "{refused:#?}");
    // The namespaces have the rules and routes of the plan, and no others.
    lab.run(&["status", "--check"]).exits(0);
    lab.down().exits(0);
}

#[test]
fn the_loss_of_a_source_address_ends_its_tunnel_only() {
    let turn = Turn::begin();
    let lab = turn.named_lab("two-sources", TWO_SOURCES);
    lab_program(&["up", &lab.file]).exits(0);
    lab.run(&["fault", "internet-edge-2"]).exits(0);
    ping(&lab, "hub-vm", NEAR_PC, &["-c", "1", "-W", "2"]).exits(0);
    ping(&lab, "hub-vm", FAR_PC, &["-c", "1", "-W", "1"]).exits(1);
    lab.run(&["heal", "internet-edge-2"]).exits(0);
    let far = pings(&lab, "hub-vm", FAR_PC, 3, &[]).shortest();
    assert!(
        (25.0..35.0).contains(&far),
        "there far, back near: {far} ms"
    );
    lab.down().exits(0);
}

const OVER_PRIVATE_PEERING: &str = include_str!("../../labs/ipsec-over-expressroute.yaml");

#[test]
fn private_peering_carries_a_tunnels_encrypted_packets() {
    let turn = Turn::begin();
    let lab = turn.named_lab("ipsec-over-expressroute", OVER_PRIVATE_PEERING);
    lab_program(&["up", &lab.file]).exits(0);
    // One edge is left, so that its MSEE sees the packets.
    lab.run(&["fault", "er1-secondary"]).exits(0);
    let mut circuit = Capture::start(Some(&lab.namespace("er1-msee1")), "ip");
    let mut internet = Capture::start(Some(&lab.namespace("internet")), "ip");
    let secret = Ipv4Addr::new(10, 80, 8, 10);
    ping(
        &lab,
        "core-vm",
        secret,
        &["-c", "3", "-i", "0.2", "-W", "2"],
    )
    .exits(0);
    let edge = Ipv4Addr::new(10, 80, 255, 1);
    let instances = [142, 143].map(|byte| Ipv4Addr::new(10, 70, 0, byte));
    let (mut there, mut back) = (0, 0);
    let seen = circuit.until(|packet| {
        if let (Some(header), Some(_)) = (packet.header(), packet.udp()) {
            there += usize::from(instances.contains(&header.from) && header.to == edge);
            back += usize::from(header.from == edge && instances.contains(&header.to));
        }
        there >= 3 && back >= 3
    });
    let is_plain = |packet: &&Packet| {
        packet
            .header()
            .is_some_and(|header| header.protocol == ICMP)
    };
    let plain = seen.iter().find(is_plain);
    assert!(plain.is_none(), "in the clear: {plain:?}");
    // The internet carries nothing of it. A ping of its own ends the capture.
    lab.inside("internet", &["ping", "-c", "1", "-W", "1", "198.51.100.70"]);
    let seen = internet.until(|packet| {
        packet
            .header()
            .is_some_and(|header| header.protocol == ICMP)
    });
    assert!(seen.iter().all(|packet| packet.udp().is_none()), "{seen:?}");
    lab.down().exits(0);
}

/// Two sites with static connections to one gateway. The selectors of one contain the hub only, at first.
const SELECTORS: &str = "\
name: selectors
virtualNetworks:
  hub: { addressPrefixes: [10.94.0.0/16], subnets: { default: 10.94.0.0/24, GatewaySubnet: 10.94.255.0/27 }, virtualMachines: [vm] }
virtualNetworkGateways: { gw: { virtualNetwork: hub } }
connections:
  east:
    gateway: gw
    device: east-ce
    enableBgp: false
    localNetworkAddressPrefixes: [10.95.0.0/24]
    trafficSelectorPolicies: [{ localAddressRanges: [10.94.0.0/16], remoteAddressRanges: [10.95.0.0/24] }]
  west: { gateway: gw, device: west-ce, enableBgp: false, localNetworkAddressPrefixes: [10.96.0.0/24] }
sites:
  east:
    routers:
      east-ce: { address: 10.95.0.1/24, routes: [{ addressPrefix: 10.0.0.0/8, connection: east }] }
    hosts: { east-pc: 10.95.0.10/24 }
  west:
    routers:
      west-ce: { address: 10.96.0.1/24, routes: [{ addressPrefix: 10.0.0.0/8, connection: west }] }
    hosts: { west-pc: 10.96.0.10/24 }
expect:
  - { from: [vm, east-pc], to: [vm, east-pc], reachable: true }
  - { from: [vm, west-pc], to: [vm, west-pc], reachable: true }
  - { from: east-pc, to: west-pc, unreachable: true }
  - { from: west-pc, to: east-pc, unreachable: true }
";

#[test]
fn traffic_selectors_decide_which_packets_cross_a_tunnel() {
    let turn = Turn::begin();
    let lab = turn.named_lab("selectors", SELECTORS);
    lab_program(&["up", &lab.file]).exits(0);
    lab_program(&["verify", &lab.file]).exits(0);
    // The gateway drops what comes out of the tunnel too, so that the other site hears nothing.
    let heard = || {
        let words = ["exec", "west-pc", "--", "cat", "/proc/net/snmp"];
        echo_requests(&lab_program(&words).exits(0).said).expect("the kernel counts echo requests")
    };
    let before = heard();
    let words = ["ping", "east-pc", "west-pc", "-c", "1", "--wait", "200ms"];
    lab_program(&words).exits(1);
    assert_eq!(heard(), before);
    // With the other site among them, the sites reach each other through the gateway.
    let text = std::fs::read_to_string(&lab.file).expect("the lab file is text");
    let wider = text.replace(
        "[10.94.0.0/16], remote",
        "[10.94.0.0/16, 10.96.0.0/24], remote",
    );
    let wider = wider.replace("unreachable: true", "reachable: true");
    std::fs::write(&lab.file, wider).expect("the lab file can be written");
    lab_program(&["up", &lab.file]).exits(0);
    lab_program(&["verify", &lab.file]).exits(0);
}

/// How many echo requests a system received, by the kernel's counters.
fn echo_requests(counters: &str) -> Option<u64> {
    let mut lines = counters
        .lines()
        .filter_map(|line| line.strip_prefix("Icmp: "));
    let place = lines
        .next()?
        .split(' ')
        .position(|name| name == "InEchos")?;
    lines.next()?.split(' ').nth(place)?.parse().ok()
}
