//! Machines with several network interfaces: each has the routes of its own subnet, and the operating system selects
//! one.

use super::Solved;
use crate::routing::{End, Sender, walk};

const TWO_NIC_NVA: &str = include_str!("../../../labs/two-nic-nva.yaml");

/// The active routes of each interface, then those of the operating system, without the prefixes that Azure drops.
fn tables(lab: &Solved, node: &str) -> String {
    let table = lab.tables.of(lab.node(node));
    let of_nics = table.nics.iter().flat_map(|nic| {
        let name = format!("{}:", lab.topology.name_of(nic.interface));
        let active = nic.routes.iter().filter(|route| route.is_active());
        let routes = active.map(|route| format!("  {}", lab.route(route)));
        std::iter::once(name).chain(routes)
    });
    let system = ["system:".to_owned(), lab.table(node)];
    of_nics.chain(system).collect::<Vec<_>>().join("\n")
}

fn shown(text: &str) -> String {
    let lines = text.lines();
    let lines = lines.filter(|line| !line.ends_with(": None"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn each_interface_has_the_routes_of_its_subnet_and_the_system_selects_one() {
    let lab = Solved::of(TWO_NIC_NVA);
    insta::assert_snapshot!(shown(&tables(&lab, "nva")), @r"
    nva:
      0.0.0.0/0 > fabric: Internet
      10.50.0.0/24 > eth0: VnetLocal
      10.51.1.0/24 > eth0: VNetPeering spoke1
      10.51.2.0/24 > eth0: VNetPeering spoke2
      10.60.0.0/24 > eth0 via 10.50.0.4: VirtualNetworkGateway hub-vpngw path 65060
      10.60.0.254/32 > eth0 via 10.50.0.4: VirtualNetworkGateway hub-vpngw
    nva/inside:
      0.0.0.0/0 > fabric: Internet
      10.50.0.0/24 > eth1: VnetLocal
      10.51.1.0/24 > eth1: VNetPeering spoke1
      10.51.2.0/24 > eth1: VNetPeering spoke2
      10.60.0.0/24 > eth1 via 10.50.0.4: VirtualNetworkGateway hub-vpngw path 65060
      10.60.0.254/32 > eth1 via 10.50.0.4: VirtualNetworkGateway hub-vpngw
    system:
    0.0.0.0/0 > fabric: Internet
    10.50.0.0/24 > eth0: VnetLocal
    10.50.0.32/27 > eth0: VnetLocal
    10.50.0.64/27 > eth1: VnetLocal
    10.51.1.0/24 > eth1: VNetPeering spoke1
    10.51.2.0/24 > eth1: VNetPeering spoke2
    10.60.0.0/24 > eth0 via 10.50.0.4: VirtualNetworkGateway hub-vpngw path 65060
    10.60.0.254/32 > eth0 via 10.50.0.4: VirtualNetworkGateway hub-vpngw
    ");
}

#[test]
fn a_machine_with_one_interface_has_no_table_but_its_own() {
    let lab = Solved::of(TWO_NIC_NVA);
    assert!(lab.tables.of(lab.node("spoke1-vm")).nics.is_empty());
}

#[test]
fn an_answer_leaves_by_the_interface_that_was_asked() {
    let lab = Solved::of(TWO_NIC_NVA);
    let nva = lab.node("nva");
    let to = "10.51.1.4".parse().unwrap();
    let leaves_by = |sender: Sender| {
        let walk = walk(&lab.topology, &lab.tables, sender, to);
        assert_eq!(walk.end, End::Delivered);
        lab.topology.interface(walk.crossed[0]).name.to_string()
    };
    let asked = |address: &str| leaves_by(Sender::answering(nva, address.parse().unwrap()));
    assert_eq!(asked("10.50.0.36"), "eth0");
    assert_eq!(asked("10.50.0.68"), "eth1");
    assert_eq!(leaves_by(nva.into()), "eth1", "the system's choice");
}

#[test]
fn an_interface_without_forwarding_keeps_what_is_not_the_machines_own() {
    let deaf = |name: &str| {
        let line = TWO_NIC_NVA
            .lines()
            .find(|line| {
                line.trim_start().starts_with(&format!("{name}:")) && line.contains("ipForwarding")
            })
            .unwrap();
        Solved::of(&TWO_NIC_NVA.replace(line, &line.replace(", ipForwarding: true", "")))
    };
    let kept = "spoke1-vm nva: Dropped";
    assert_eq!(deaf("inside").path("spoke1-vm", "branch-vm"), kept);
    assert_eq!(deaf("outside").path("spoke1-vm", "branch-vm"), kept);
    let passed = "spoke1-vm nva spoke2-vm: Delivered";
    assert_eq!(deaf("outside").path("spoke1-vm", "spoke2-vm"), passed);
}

#[test]
fn an_interface_stands_behind_a_load_balancer() {
    let by_balancer = TWO_NIC_NVA.replace(
        "nextHopIpAddress: 10.50.0.68",
        "nextHopIpAddress: 10.50.0.90",
    );
    let text = format!(
        "{by_balancer}
loadBalancers:
  nvas: {{ virtualNetwork: hub, subnet: inside, frontendIPAddress: 10.50.0.90, backends: [nva/inside] }}
"
    );
    let lab = Solved::of(&text);
    assert_eq!(
        lab.known("spoke1-vm", "10.0.0.0/8"),
        "10.0.0.0/8 > eth0 via 10.50.0.68: User to-inside/all VirtualAppliance 10.50.0.90"
    );
    assert_eq!(
        lab.path("spoke1-vm", "branch-vm"),
        "spoke1-vm nva hub-vpngw branch-ce branch-vm: Delivered"
    );
    let lost = Solved::without(&text, &["nva-inside"]);
    assert_eq!(
        lost.known("spoke1-vm", "10.0.0.0/8"),
        "10.0.0.0/8 > fabric: User to-inside/all VirtualAppliance 10.50.0.90"
    );
}

#[test]
fn the_system_loses_the_routes_of_an_interface_that_is_down() {
    let lab = Solved::without(TWO_NIC_NVA, &["nva-inside"]);
    insta::assert_snapshot!(shown(&tables(&lab, "nva")), @r"
    nva:
      0.0.0.0/0 > fabric: Internet
      10.50.0.0/24 > eth0: VnetLocal
      10.51.1.0/24 > eth0: VNetPeering spoke1
      10.51.2.0/24 > eth0: VNetPeering spoke2
      10.60.0.0/24 > eth0 via 10.50.0.4: VirtualNetworkGateway hub-vpngw path 65060
      10.60.0.254/32 > eth0 via 10.50.0.4: VirtualNetworkGateway hub-vpngw
    nva/inside:
    system:
    0.0.0.0/0 > fabric: Internet
    10.50.0.0/24 > eth0: VnetLocal
    10.50.0.32/27 > eth0: VnetLocal
    10.51.1.0/24 > eth0: VNetPeering spoke1
    10.51.2.0/24 > eth0: VNetPeering spoke2
    10.60.0.0/24 > eth0 via 10.50.0.4: VirtualNetworkGateway hub-vpngw path 65060
    10.60.0.254/32 > eth0 via 10.50.0.4: VirtualNetworkGateway hub-vpngw
    ");
}
