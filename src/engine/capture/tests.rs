//! The interfaces of a capture, and its filter.

use std::fmt::Write;

use crate::engine::capture::{points, words};
use crate::engine::{address, find, load};
use crate::routing::{self, Failures};
use crate::topology::Topology;

fn topology(lab: &str) -> Topology {
    load(lab).unwrap().topology
}

/// The interfaces between two nodes, one node per line, and the filter.
fn along(lab: &str, from: &str, to: &str, own: &str) -> String {
    let topology = topology(lab);
    let tables = routing::solve(&topology, &Failures::default()).unwrap();
    let from = find(&topology, from).unwrap();
    let to = address(&topology, from, to).unwrap();
    let (points, tunnels) = points::along(&topology, &tables, from, to);
    let mut text = String::new();
    let mut before = None;
    for point in points {
        if before != Some(point.node) {
            let _ = write!(text, "\n{}:", topology.node(point.node).name);
        }
        before = Some(point.node);
        let _ = write!(text, " {}", point.name);
    }
    let filter = words::between(&topology, from, to, own, &tunnels);
    format!("{}\n{filter}", text.trim_start())
}

#[test]
fn a_path_has_the_ports_of_bridges_and_what_carries_its_tunnels() {
    insta::assert_snapshot!(along("hub-spoke", "loc1-vm", "branch-vm", ""), @r"
    loc1-vm: eth0
    loc1-lan: loc1-vm lan0 loc1-ce1
    loc1-ce1: loc1-lan hub-loc1 pub0
    internet: loc1-ce1 hub-vpngw
    hub-vpngw: pub0
    internet: hub-loc1-b hub-loc1-a
    hub-vpngw: hub-loc1 hub-branch
    internet: branch-vpngw
    branch-vpngw: pub0
    internet: hub-branch-a hub-branch-b
    branch-vpngw: hub-branch eth0
    azure: branch-vpngw branch-vm
    branch-vm: eth0
    (host 10.2.30.10 and host 10.11.30.68) or ((icmp[0] = 3 or icmp[0] = 11 or icmp[0] = 12) and ((icmp[20:4] = 0xa021e0a and icmp[24:4] = 0xa0b1e44) or (icmp[20:4] = 0xa0b1e44 and icmp[24:4] = 0xa021e0a))) or (udp port 62571 and host 52.168.162.84 and host 52.168.162.85) or (udp port 57030 and host 52.168.162.84 and host 66.198.12.106)
    ");
}

#[test]
fn a_path_has_every_equal_way_and_the_way_back() {
    insta::assert_snapshot!(along("hub-nva", "spoke1-vm", "spoke2-vm", "tcp port 80 or icmp"), @r"
    spoke1-vm: eth0
    azure: spoke1-vm spoke1-hub hub-spoke1 nva1
    nva1: eth0
    azure: nva2
    nva2: eth0
    azure: hub-spoke2 spoke2-hub spoke2-vm
    spoke2-vm: eth0
    ((host 10.21.0.4 and host 10.22.0.4) or ((icmp[0] = 3 or icmp[0] = 11 or icmp[0] = 12) and ((icmp[20:4] = 0xa150004 and icmp[24:4] = 0xa160004) or (icmp[20:4] = 0xa160004 and icmp[24:4] = 0xa150004)))) and (tcp port 80 or icmp)
    ");
}

#[test]
fn what_is_lost_is_seen_until_it_is() {
    insta::assert_snapshot!(along("hub-spoke", "branch-vm", "loc2-vm", ""), @r"
    branch-vm: eth0
    azure: branch-vm
    loc2-vm: eth0
    loc2-lan: loc2-vm lan0 loc2-ce1
    loc2-ce1: loc2-lan
    loc2-lan: loc2-ce2
    loc2-ce2: loc2-lan
    (host 10.11.30.68 and host 10.1.31.10) or ((icmp[0] = 3 or icmp[0] = 11 or icmp[0] = 12) and ((icmp[20:4] = 0xa0b1e44 and icmp[24:4] = 0xa011f0a) or (icmp[20:4] = 0xa011f0a and icmp[24:4] = 0xa0b1e44)))
    ");
}

#[test]
fn an_interface_says_what_it_is_and_what_lies_beyond() {
    let topology = topology("hub-spoke");
    let of = |node: &str| {
        let node = find(&topology, node).unwrap();
        let points = points::of_node(&topology, node, None).unwrap().into_iter();
        points.map(|point| format!("{} {}", point.name, point.description))
    };
    let all: Vec<String> = of("hub-vpngw").chain(of("loc1-lan")).collect();
    insta::assert_snapshot!(all.join("\n"), @r"
    eth0 VPN gateway: link hub-vpngw to azure:hub-vpngw
    pub0 VPN gateway: link internet-hub-vpngw to internet:hub-vpngw
    hub-branch VPN gateway: tunnel hub-branch to branch-vpngw:hub-branch
    hub-loc1 VPN gateway: tunnel hub-loc1 to loc1-ce1:hub-loc1
    loc1-ce1 router: link loc1-ce1-loc1-lan to loc1-ce1:loc1-lan
    loc1-ce2 router: link loc1-ce2-loc1-lan to loc1-ce2:loc1-lan
    lan0 router: bridge
    loc1-vm router: link loc1-vm to loc1-vm:eth0
    ");
    let node = find(&topology, "hub-vm").unwrap();
    let refused = points::of_node(&topology, node, Some("eth1")).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "hub-vm has no interface `eth1`; it has eth0"
    );
}

#[test]
fn names_of_the_lab_are_hosts_of_a_filter_and_nothing_else_is() {
    let topology = topology("hub-spoke");
    let said = |filter| words::addressed(&topology, filter);
    assert_eq!(said("icmp and host hub-vm"), "icmp and host 10.10.30.4");
    assert_eq!(
        said("(src loc1-vm) or !(dst host loc1-vm)"),
        "(src 10.2.30.10) or !(dst host 10.2.30.10)"
    );
    assert_eq!(said("tcp port hub-vm"), "tcp port hub-vm");
    assert_eq!(said("host www"), "host www");
}
