//! Only WireGuard packets pass between the public addresses.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use crate::capture::{Capture, Header, ICMP, Packet, UDP};
use crate::lab::{Lab, Turn};
use crate::traceroute::ping;

const HUB: Ipv4Addr = Ipv4Addr::new(52, 168, 162, 84);
const BRANCH: Ipv4Addr = Ipv4Addr::new(52, 168, 162, 85);
const LOCATION_1: Ipv4Addr = Ipv4Addr::new(66, 198, 12, 106);

const BRANCH_VM: Ipv4Addr = Ipv4Addr::new(10, 11, 30, 68);

/// A payload that no other program sends, as bytes and as an option of ping.
const PATTERN: [u8; 16] = *b"\xc0\xff\xeelab\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a";
const PATTERN_HEX: &str = "c0ffee6c61620102030405060708090a";

/// How many pings each machine sends.
const PINGS: usize = 10;

/// `WireGuard`'s message types: two of the handshake, the cookie, and data.
const MESSAGE_TYPES: std::ops::RangeInclusive<u8> = 1..=4;
const DATA: u8 = 4;

#[test]
fn the_underlay_carries_only_wireguard() {
    let turn = Turn::begin();
    let lab = turn.lab_up("underlay", &[]);
    let ports = tunnel_ports(&lab);
    let mut plain = Capture::start(Some(&lab.namespace("branch-vm")), "icmp");
    let mut underlay = Capture::start(Some(&lab.namespace("internet")), "");
    ping_branch_from(&lab, "hub-vm");
    ping_branch_from(&lab, "loc1-vm");

    let mut echoes = 0;
    let plain = plain.until(|_| {
        echoes += 1;
        echoes == PINGS
    });
    assert!(
        plain.iter().all(|packet| packet.contains(&PATTERN)),
        "the pattern shows in the plain"
    );

    let packets = underlay.until(every_direction_is_busy());
    for packet in &packets {
        is_wireguard(packet, &ports);
    }
}

fn ping_branch_from(lab: &Lab, machine: &str) {
    let count = PINGS.to_string();
    ping(
        lab,
        machine,
        BRANCH_VM,
        &["-c", &count, "-i", "0.01", "-W", "1", "-p", PATTERN_HEX],
    )
    .exits(0);
}

/// The ports on which the three tunnel ends listen, from the kernel's list of sockets.
fn tunnel_ports(lab: &Lab) -> BTreeSet<u16> {
    let ends = ["hub-vpngw", "branch-vpngw", "loc1-ce1"];
    let listed = ends.map(|node| lab.inside(node, &["ss", "-lunH"]).exits(0).said);
    let port = |line: &str| {
        line.split_whitespace()
            .nth(3)?
            .rsplit(':')
            .next()?
            .parse()
            .ok()
    };
    let ports: BTreeSet<u16> = listed
        .iter()
        .flat_map(|said| said.lines().filter_map(port))
        .collect();
    assert_eq!(ports.len(), 2, "a port a tunnel: {ports:?}");
    ports
}

/// True once each tunnel has carried as many data messages in each direction as there were pings.
fn every_direction_is_busy() -> impl FnMut(&Packet) -> bool {
    let directions = [
        (HUB, BRANCH),
        (BRANCH, HUB),
        (HUB, LOCATION_1),
        (LOCATION_1, HUB),
    ];
    let mut missing = BTreeMap::from(directions.map(|direction| (direction, PINGS)));
    move |packet| {
        let (Some(header), Some((_, content))) = (packet.header(), packet.udp()) else {
            return false;
        };
        if content.first() == Some(&DATA)
            && let Some(count) = missing.get_mut(&(header.from, header.to))
        {
            *count = count.saturating_sub(1);
        }
        missing.values().all(|count| *count == 0)
    }
}

fn is_wireguard(packet: &Packet, ports: &BTreeSet<u16>) {
    let header = packet.header();
    let Header { protocol, from, to } = header.unwrap_or_else(|| panic!("not IPv4: {packet:?}"));
    assert_ne!(protocol, ICMP, "{packet:?}");
    assert_eq!(protocol, UDP, "{packet:?}");
    let is_tunnel_end = |address| [HUB, BRANCH, LOCATION_1].contains(&address);
    assert!(is_tunnel_end(from) && is_tunnel_end(to), "{from} to {to}");
    let ([source, destination], content) = packet.udp().expect("a whole UDP packet");
    assert!(
        ports.contains(&source) && ports.contains(&destination),
        "{source} to {destination}"
    );
    let message = content.first().expect("a message");
    assert!(MESSAGE_TYPES.contains(message), "message type {message}");
    assert!(!packet.contains(&PATTERN), "the payload shows: {packet:?}");
}
