//! Links and tunnels of a plan, and the limits of what they carry.

use std::time::Duration;

use super::order::made;
use super::*;
use crate::units::{Bandwidth, Impairment, Share};

const OVER_CIRCUIT: &str = include_str!("../../../labs/s2s-over-expressroute.yaml");

/// The lines of the plan that contain one of the texts.
fn lines_with(plan: &Plan, texts: &[&str]) -> String {
    let shown = plan.to_string();
    let lines = shown.lines();
    let found: Vec<_> = lines
        .filter(|line| texts.iter().any(|text| line.contains(text)))
        .collect();
    found.join("\n")
}

#[test]
fn a_link_needs_no_more_than_what_it_does_asks_for() {
    let rated = Impairment {
        rate: Bandwidth::from_megabits_per_second(50),
        ..Impairment::default()
    };
    let lossy = Impairment {
        loss: Share::ALL,
        ..rated
    };
    let queued = Impairment {
        queue: Some(10),
        ..rated
    };
    let slow = Impairment::delay(Duration::from_micros(1));
    let none = Impairment::default();
    for (directions, carriage) in [
        ([none, none], Carriage::Direct),
        ([rated, rated], Carriage::Shaped),
        ([none, rated], Carriage::Shaped),
        ([rated, none], Carriage::Shaped),
        ([rated, slow], Carriage::Impaired),
        ([slow, none], Carriage::Impaired),
        ([none, lossy], Carriage::Impaired),
        ([queued, rated], Carriage::Impaired),
    ] {
        assert_eq!(Carriage::of(&directions), carriage, "{directions:?}");
    }
}

#[test]
fn links_and_tunnels_show_what_they_carry() {
    let impaired = format!(
        "{OVER_CIRCUIT}impairments:\n  - {{ link: er1-secondary, from: ce2, loss: 1%, rate: 100mbit }}\n  - {{ link: ce1-open-lan, from: open-lan, queue: 5 }}\n"
    );
    let plan = planned(&impaired).1;
    let links = [
        "link add ce1@er1-msee1 ",
        "link add ce2@er1-msee2 ",
        "link add eth0@core-ergw ",
        "link add open-lan@ce1 ",
        "link add eth0@open-vm ",
    ];
    insta::assert_snapshot!(lines_with(&plan, &links), @"
    link add eth0@open-vm index 1001 address 02:34:88:b9:54:d3 arp off up type veth peer open-vm@azure index 1002 address 02:b3:15:66:56:fa arp off master core up
    link add eth0@core-ergw index 1013 address 02:bb:ce:e2:82:e9 arp off up type veth peer core-ergw@azure index 1014 address 02:fc:eb:a9:63:a2 arp off master core up from eth0@core-ergw rate 1gbit
    link add open-lan@ce1 index 1015 address 02:2c:1a:b7:d7:87 up type veth peer ce1@open-lan index 1016 address 02:52:06:0a:ce:ab up from ce1@open-lan queue 5
    link add ce1@er1-msee1 index 1029 address 02:02:d9:56:45:bc arp off up type veth peer er1-msee1@ce1 index 1030 address 02:68:b8:56:d1:fb up delay 1ms rate 1gbit
    link add ce2@er1-msee2 index 1033 address 02:2c:13:88:5c:5c arp off up type veth peer er1-msee2@ce2 index 1034 address 02:d1:97:65:ca:a1 up from ce2@er1-msee2 delay 1ms rate 1gbit from er1-msee2@ce2 delay 1ms loss 1% rate 100mbit
    ");
    insta::assert_snapshot!(lines_with(&plan, &["tunnel add", "maxseg", "tc limit"]), @"
    tunnel add vpn1-in0 vpn1-in0@core-vpngw-in0 mtu 1500 local 52.175.253.112:65374 peer vpn1-in0@ce1 mtu 1400 local 203.0.113.101:65374
    tunnel add vpn1-in1 vpn1-in1@core-vpngw-in1 mtu 1500 local 52.175.250.191:59237 peer vpn1-in1@ce1 mtu 1400 local 203.0.113.101:59237
    tunnel add vpn2-in0 vpn2-in0@core-vpngw-in0 mtu 1500 local 52.175.253.112:52327 peer vpn2-in0@ce2 mtu 1400 local 203.0.113.102:52327
    tunnel add vpn2-in1 vpn2-in1@core-vpngw-in1 mtu 1500 local 52.175.250.191:58464 peer vpn2-in1@ce2 mtu 1400 local 203.0.113.102:58464
    nft between any and vpn1-in0 vpn2-in0 in core-vpngw-in0 tcp option maxseg size set at most 1350
    nft between any and vpn1-in1 vpn2-in1 in core-vpngw-in1 tcp option maxseg size set at most 1350
    nft between any and vpn1-in0 vpn1-in1 in ce1 tcp option maxseg size set at most 1350
    nft between any and vpn2-in0 vpn2-in1 in ce2 tcp option maxseg size set at most 1350
    tc limit core-vpngw in internet on core-vpngw-in0 core-vpngw-in1 rate 688071428bit ingress by ifb in-core-vpngw egress by ifb out-core-vpngw
    ");
}

/// The devices of a capacity have names that are unique in their namespace.
#[test]
fn a_capacity_finds_names_for_its_devices() {
    let long = HUB_SPOKE
        .replace("hub-vpngw", "a-gateway-with-a-long-name")
        .replace("branch-vpngw", "a-gateway-with-a-long-name-too");
    let alike = HUB_SPOKE.replace("hub-vpngw", "in-branch-vpngw");
    for text in [long, alike] {
        let plan = planned(&text).1;
        let mut devices = BTreeSet::new();
        for device in plan.operations().into_iter().flat_map(made) {
            assert!(devices.insert(device.clone()), "{device:?}");
        }
    }
}

/// Customers' devices report that a packet is too large for a tunnel; Azure's gateways never do.
#[test]
fn a_tunnel_is_narrower_at_a_customers_end() {
    let plan = planned(HUB_SPOKE).1;
    let tunnels = plan.tunnels.iter();
    let tunnels = tunnels.map(|tunnel| {
        (
            tunnel.name.as_str(),
            tunnel.ends.each_ref().map(|end| end.mtu),
        )
    });
    assert_eq!(
        tunnels.collect::<Vec<_>>(),
        [("hub-branch", [1500, 1500]), ("hub-loc1", [1500, 1400])]
    );
}

/// Two tunnels of one device to one gateway, each with its own source address and MTU.
const TWO_SOURCES: &str = "\
name: two-sources
virtualNetworks: { hub: { addressPrefixes: [10.91.0.0/24], virtualMachines: [hub-vm] } }
virtualNetworkGateways: { hub-gw: { virtualNetwork: hub, publicIPAddress: 198.51.100.1 } }
connections:
  near: { gateway: hub-gw, device: edge }
  far: { gateway: hub-gw, device: edge }
sites:
  site:
    asn: 65001
    advertise: [10.92.0.0/24]
    routers:
      edge:
        address: 10.92.0.1/24
        tunnelInterfaces:
          near: { sourceAddress: 203.0.113.1, address: 10.92.9.1 }
          far: { sourceAddress: 203.0.113.2, address: 10.92.9.2, mtu: 1300 }
";

#[test]
fn a_second_source_address_has_a_rule_and_a_table_for_its_encrypted_packets() {
    let plan = planned(TWO_SOURCES).1;
    insta::assert_snapshot!(lines_with(&plan, &["rule add", "198.51.100.1", "maxseg"]), @r"
    tunnel add near near@hub-gw mtu 1500 local 198.51.100.1:62255 peer near@edge mtu 1400 local 203.0.113.1:62255
    tunnel add far far@hub-gw mtu 1500 local 198.51.100.1:61534 peer far@edge mtu 1300 local 203.0.113.2:61534
    address add 198.51.100.1/32 dev pub0@hub-gw noprefixroute
    neighbour add 198.51.100.1 lladdr 02:5d:8c:2c:23:42 dev hub-gw@internet nud permanent
    rule add to 198.51.100.1 ipproto udp dport 61534 lookup 300 in edge
    route add 203.0.113.1/32 in hub-gw via 169.254.226.129 dev pub0 onlink src 198.51.100.1 proto static
    route add 203.0.113.2/32 in hub-gw via 169.254.226.129 dev pub0 onlink src 198.51.100.1 proto static
    route add 198.51.100.1/32 in internet via 198.51.100.1 dev hub-gw onlink proto static
    route add 198.51.100.1/32 in edge via 169.254.235.23 dev pub0 onlink src 203.0.113.1 proto static
    route add 198.51.100.1/32 in edge via 169.254.229.204 dev pub1 onlink src 203.0.113.2 table 300 proto static
    rule add lookup main in hub-gw
    nft between any and far near in hub-gw tcp option maxseg size set at most 1350
    nft between any and far in edge tcp option maxseg size set at most 1260
    nft between any and near in edge tcp option maxseg size set at most 1350
    ");
}
