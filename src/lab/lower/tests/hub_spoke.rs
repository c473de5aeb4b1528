//! The lab of Microsoft's document: its nodes, links, addresses and sessions as text.

use std::collections::BTreeSet;

use crate::azure::connection::model::ConnectionKind;
use crate::lab::lower::tests::{built, interface, lines, links, nodes, sessions};
use crate::lab::parse;
use crate::topology::{
    Interface, InterfaceKind, InternetPath, LinkId, Mac, NodeId, Segment, Topology,
};

const TEXT: &str = include_str!("../../../../labs/hub-spoke.yaml");

fn hub_spoke() -> Topology {
    built(TEXT)
}

#[test]
fn every_machine_gateway_msee_and_router_is_a_node() {
    let topology = hub_spoke();
    insta::assert_snapshot!(nodes(&topology), @r"
    azure: Azure fabric - AS -
    hub-vm: virtual machine 10.10.30.4 AS -
    spoke-vm: virtual machine 10.11.30.4 AS -
    branch-vm: virtual machine 10.11.30.68 AS -
    remote-vm: virtual machine 10.17.30.4 AS -
    hub-vpngw: VPN gateway 10.10.30.142 AS 65515 lo 10.10.30.254
    internet: internet - AS -
    hub-ergw: ExpressRoute gateway 10.10.30.136 AS 65515
    branch-vpngw: VPN gateway 10.11.30.100 AS 65516 lo 10.11.30.126
    remote-ergw: ExpressRoute gateway 10.17.30.38 AS 65515
    loc1-ce1: router 10.2.30.125 AS 65021 advertises 10.2.30.0/25
    loc1-ce2: router 192.168.30.4 AS 65021 advertises 10.2.30.0/25
    loc1-lan: router 10.2.30.3 AS 65021 advertises 10.2.30.0/25
    loc1-vm: host 10.2.30.10 AS -
    loc2-ce1: router 192.168.31.0 AS 65022 advertises 10.1.31.0/25
    loc2-ce2: router 192.168.31.4 AS 65022 advertises 10.1.31.0/25
    loc2-lan: router 10.1.31.3 AS 65022 advertises 10.1.31.0/25
    loc2-vm: host 10.1.31.10 AS -
    er1-msee1: MSEE 192.168.30.18 AS 12076
    er1-msee2: MSEE 192.168.30.22 AS 12076
    er2-msee1: MSEE 192.168.31.18 AS 12076
    er2-msee2: MSEE 192.168.31.22 AS 12076
    ");
}

#[test]
fn an_open_address_is_the_first_that_azure_leaves_and_nobody_has() {
    let topology = hub_spoke();
    let address = |name| topology.node(topology.find(name).unwrap()).address;
    assert_eq!(address("hub-ergw"), Some([10, 10, 30, 136].into()));
    assert_eq!(address("remote-ergw"), Some([10, 17, 30, 38].into()));
}

#[test]
fn links_join_what_the_file_joins() {
    let topology = hub_spoke();
    insta::assert_snapshot!(links(&topology), @"
    hub-vm: eth0@hub-vm 10.10.30.4/25 -- hub-vm@azure
    spoke-vm: eth0@spoke-vm 10.11.30.4/26 -- spoke-vm@azure
    branch-vm: eth0@branch-vm 10.11.30.68/27 -- branch-vm@azure
    remote-vm: eth0@remote-vm 10.17.30.4/27 -- remote-vm@azure
    hub-spoke: hub-spoke@azure -- spoke-hub@azure
    hub-vpngw: eth0@hub-vpngw 10.10.30.142/25 -- hub-vpngw@azure
    internet-hub-vpngw: pub0@hub-vpngw 52.168.162.84/32 -- hub-vpngw@internet 169.254.212.144/32
    hub-ergw: eth0@hub-ergw 10.10.30.136/25 -- hub-ergw@azure
    branch-vpngw: eth0@branch-vpngw 10.11.30.100/27 -- branch-vpngw@azure
    internet-branch-vpngw: pub0@branch-vpngw 52.168.162.85/32 -- branch-vpngw@internet 169.254.243.220/32
    remote-ergw: eth0@remote-ergw 10.17.30.38/27 -- remote-ergw@azure
    internet-loc1-ce1: pub0@loc1-ce1 66.198.12.106/32 -- loc1-ce1@internet 169.254.206.186/32
    loc1-ce1-loc1-lan: loc1-lan@loc1-ce1 192.168.30.0/31 -- loc1-ce1@loc1-lan 192.168.30.1/31
    loc1-ce2-loc1-lan: loc1-lan@loc1-ce2 192.168.30.4/31 -- loc1-ce2@loc1-lan 192.168.30.5/31
    loc1-vm: eth0@loc1-vm 10.2.30.10/25 -- loc1-vm@loc1-lan
    loc2-ce1-loc2-lan: loc2-lan@loc2-ce1 192.168.31.0/31 -- loc2-ce1@loc2-lan 192.168.31.1/31
    loc2-ce2-loc2-lan: loc2-lan@loc2-ce2 192.168.31.4/31 -- loc2-ce2@loc2-lan 192.168.31.5/31
    loc2-vm: eth0@loc2-vm 10.1.31.10/25 -- loc2-vm@loc2-lan
    er1-primary: loc1-ce1@er1-msee1 192.168.30.18/32 -- er1-msee1@loc1-ce1 192.168.30.17/30
    er1-secondary: loc1-ce2@er1-msee2 192.168.30.22/32 -- er1-msee2@loc1-ce2 192.168.30.21/30 down
    er2-primary: loc2-ce1@er2-msee1 192.168.31.18/32 -- er2-msee1@loc2-ce1 192.168.31.17/30
    er2-secondary: loc2-ce2@er2-msee2 192.168.31.22/32 -- er2-msee2@loc2-ce2 192.168.31.21/30
    er1-hub-primary-out: hub@er1-msee1 10.10.30.132/32 -- er1-msee1@azure
    er1-hub-primary-in: hub-ergw@er1-msee1 169.254.217.208/32 -- er1-msee1@hub-ergw 169.254.201.7/32
    er1-hub-secondary-out: hub@er1-msee2 10.10.30.133/32 -- er1-msee2@azure
    er1-hub-secondary-in: hub-ergw@er1-msee2 169.254.226.224/32 -- er1-msee2@hub-ergw 169.254.210.23/32
    er1-remote-primary-out: remote@er1-msee1 10.17.30.36/32 -- er1-msee1-2@azure
    er1-remote-primary-in: remote-ergw@er1-msee1 169.254.214.55/32 -- er1-msee1@remote-ergw 169.254.231.0/32
    er1-remote-secondary-out: remote@er1-msee2 10.17.30.37/32 -- er1-msee2-2@azure
    er1-remote-secondary-in: remote-ergw@er1-msee2 169.254.201.157/32 -- er1-msee2@remote-ergw 169.254.218.102/32
    er2-hub-primary-out: hub@er2-msee1 10.10.30.134/32 -- er2-msee1@azure
    er2-hub-primary-in: hub-ergw@er2-msee1 169.254.249.103/32 -- er2-msee1@hub-ergw 169.254.203.50/32
    er2-hub-secondary-out: hub@er2-msee2 10.10.30.135/32 -- er2-msee2@azure
    er2-hub-secondary-in: hub-ergw@er2-msee2 169.254.231.81/32 -- er2-msee2@hub-ergw 169.254.248.26/32
    hub-branch: hub-branch@hub-vpngw 169.254.211.11/32 -- hub-branch@branch-vpngw 169.254.227.212/32 over 52.168.162.84 52.168.162.85 port 62571 inner ttl - -
    internet-hub-branch: hub-branch-a@internet -- hub-branch-b@internet
    hub-loc1: hub-loc1@hub-vpngw 169.254.197.62/32 -- hub-loc1@loc1-ce1 10.2.30.125/32 over 52.168.162.84 66.198.12.106 port 57030 inner ttl - 64
    internet-hub-loc1: hub-loc1-a@internet -- hub-loc1-b@internet
    ");
}

#[test]
fn sessions_join_speakers() {
    insta::assert_snapshot!(sessions(&hub_spoke()), @r"
    er1 PrivatePeering on er1-primary lost in 900ms
      loc1-ce1@er1-msee1 source 192.168.30.18 next hop 192.168.30.18
      er1-msee1@loc1-ce1 source 192.168.30.17 next hop 192.168.30.17 preference 200
    er1 PrivatePeering on er1-secondary lost in 900ms
      loc1-ce2@er1-msee2 source 192.168.30.22 next hop 192.168.30.22
      er1-msee2@loc1-ce2 source 192.168.30.21 next hop 192.168.30.21
    er2 PrivatePeering on er2-primary lost in 900ms
      loc2-ce1@er2-msee1 source 192.168.31.18 next hop 192.168.31.18
      er2-msee1@loc2-ce1 source 192.168.31.17 next hop 192.168.31.17
    er2 PrivatePeering on er2-secondary lost in 900ms
      loc2-ce2@er2-msee2 source 192.168.31.22 next hop 192.168.31.22
      er2-msee2@loc2-ce2 source 192.168.31.21 next hop 192.168.31.21
    er1-hub GatewayConnection at 10.10.30.132 on er1-hub-primary-in over er1-hub-primary-out lost in 60s
      hub-ergw@er1-msee1 source 10.10.30.132 next hop 169.254.217.208
      er1-msee1@hub-ergw source 169.254.201.7 next hop 169.254.201.7
    er1-hub the same with hub-ergw-in1
    er1-hub GatewayConnection at 10.10.30.133 on er1-hub-secondary-in over er1-hub-secondary-out lost in 60s
      hub-ergw@er1-msee2 source 10.10.30.133 next hop 169.254.226.224
      er1-msee2@hub-ergw source 169.254.210.23 next hop 169.254.210.23
    er1-hub the same with hub-ergw-in1
    er1-remote GatewayConnection at 10.17.30.36 on er1-remote-primary-in over er1-remote-primary-out lost in 60s
      remote-ergw@er1-msee1 source 10.17.30.36 next hop 169.254.214.55
      er1-msee1@remote-ergw source 169.254.231.0 next hop 169.254.231.0
    er1-remote the same with remote-ergw-in1
    er1-remote GatewayConnection at 10.17.30.37 on er1-remote-secondary-in over er1-remote-secondary-out lost in 60s
      remote-ergw@er1-msee2 source 10.17.30.37 next hop 169.254.201.157
      er1-msee2@remote-ergw source 169.254.218.102 next hop 169.254.218.102
    er1-remote the same with remote-ergw-in1
    er2-hub GatewayConnection at 10.10.30.134 on er2-hub-primary-in over er2-hub-primary-out lost in 60s
      hub-ergw@er2-msee1 source 10.10.30.134 next hop 169.254.249.103
      er2-msee1@hub-ergw source 169.254.203.50 next hop 169.254.203.50
    er2-hub the same with hub-ergw-in1
    er2-hub GatewayConnection at 10.10.30.135 on er2-hub-secondary-in over er2-hub-secondary-out lost in 60s
      hub-ergw@er2-msee2 source 10.10.30.135 next hop 169.254.231.81
      er2-msee2@hub-ergw source 169.254.248.26 next hop 169.254.248.26
    er2-hub the same with hub-ergw-in1
    hub-branch Tunnel on hub-branch over internet-hub-vpngw internet-branch-vpngw internet-hub-branch lost in 180s
      hub-branch@hub-vpngw source 169.254.211.11 peer 10.11.30.126
      hub-branch@branch-vpngw source 169.254.227.212 peer 10.10.30.254
    hub-loc1 Tunnel on hub-loc1 over internet-hub-vpngw internet-loc1-ce1 internet-hub-loc1 lost in 180s
      hub-loc1@hub-vpngw source 169.254.197.62 peer 10.2.30.125
      hub-loc1@loc1-ce1 source 10.2.30.125 peer 10.10.30.254
    hub Coexistence over hub-vpngw hub-ergw lost in 180s
      eth0@hub-vpngw source 10.10.30.142 next hop 10.10.30.142
      eth0@hub-ergw source 10.10.30.136 next hop 10.10.30.136
    hub the same with hub-ergw-in1
    ");
}

#[test]
fn a_segment_holds_those_of_its_network_and_isolated_ports_toward_its_peers() {
    let topology = hub_spoke();
    let segment = |segment: &Segment| {
        let members = segment
            .members
            .iter()
            .map(|one| interface(&topology, one.interface));
        let ports = segment.peerings.iter().map(|(port, peer)| {
            let isolated = topology
                .interface(*port)
                .port
                .is_some_and(|port| port.isolated);
            assert!(isolated && topology.segment(*peer).vnet.is_some());
            format!("peered by {}", interface(&topology, *port))
        });
        let bridge = interface(&topology, segment.bridge);
        let all: Vec<_> = [bridge].into_iter().chain(members).chain(ports).collect();
        all.join("\n  ")
    };
    insta::assert_snapshot!(lines(topology.segments.iter().map(segment)), @r"
    hub@azure
      eth0@hub-vm 10.10.30.4/25
      eth0@hub-vpngw 10.10.30.142/25
      eth0@hub-ergw 10.10.30.136/25
      hub@er1-msee1 10.10.30.132/32
      hub@er1-msee2 10.10.30.133/32
      hub@er2-msee1 10.10.30.134/32
      hub@er2-msee2 10.10.30.135/32
      peered by hub-spoke@azure
    spoke@azure
      eth0@spoke-vm 10.11.30.4/26
      peered by spoke-hub@azure
    branch@azure
      eth0@branch-vm 10.11.30.68/27
      eth0@branch-vpngw 10.11.30.100/27
    remote@azure
      eth0@remote-vm 10.17.30.4/27
      eth0@remote-ergw 10.17.30.38/27
      remote@er1-msee1 10.17.30.36/32
      remote@er1-msee2 10.17.30.37/32
    lan0@loc1-lan 10.2.30.3/25
      lan0@loc1-lan 10.2.30.3/25
      eth0@loc1-vm 10.2.30.10/25
    lan0@loc2-lan 10.1.31.3/25
      lan0@loc2-lan 10.1.31.3/25
      eth0@loc2-vm 10.1.31.10/25
    ");
}

#[test]
fn tunnels_that_take_time_cross_the_internet_by_a_link_of_their_own() {
    let topology = hub_spoke();
    let path = |path: &InternetPath| {
        let [a, b] = path.access.map(|access| interface(&topology, access));
        format!("{}: between {a} and {b}", topology.link(path.link).name)
    };
    insta::assert_snapshot!(lines(topology.internet_paths.iter().map(path)), @"
    internet-hub-branch: between hub-vpngw@internet 169.254.212.144/32 and branch-vpngw@internet 169.254.243.220/32
    internet-hub-loc1: between hub-vpngw@internet 169.254.212.144/32 and loc1-ce1@internet 169.254.206.186/32
    ");
}

/// The delay of a link is half of the round-trip time. `ExpressRoute` connections have one link per direction.
#[test]
fn a_link_takes_half_of_its_connections_round_trip() {
    let (spec, topology) = (parse(TEXT).unwrap(), hub_spoke());
    let delay = |name: &str| {
        topology
            .links
            .iter()
            .find(|link| link.name == name)
            .unwrap()
            .directions[0]
            .delay
    };
    for connection in &spec.resources.connections {
        let name = connection.name.value.as_str();
        let links = match &connection.kind {
            ConnectionKind::ExpressRoute { .. } => vec![
                format!("{name}-primary-out"),
                format!("{name}-secondary-in"),
            ],
            ConnectionKind::VnetToVnet { .. }
            | ConnectionKind::IpSec { .. }
            | ConnectionKind::IpSecGateways { .. } => {
                vec![format!("internet-{name}")]
            }
            ConnectionKind::GlobalReach { .. } => vec![format!("{name}-primary")],
        };
        assert!(
            links
                .iter()
                .all(|link| delay(link) * 2 == connection.round_trip_time),
            "{name}"
        );
    }
}

#[test]
fn interface_names_are_unique_in_their_node_and_fit_the_kernel() {
    let topology = hub_spoke();
    let names: BTreeSet<_> = topology
        .interfaces
        .iter()
        .map(|one| (one.node, one.name.as_str()))
        .collect();
    assert_eq!(names.len(), topology.interfaces.len());
    assert!(names.iter().all(|(_, name)| name.len() <= 15));
}

#[test]
fn only_azures_bridges_share_an_ethernet_address() {
    let topology = hub_spoke();
    let is_fabric =
        |one: &Interface| one.kind == InterfaceKind::Bridge && one.mac == Mac::AZURE_FABRIC;
    assert_eq!(
        topology
            .interfaces
            .iter()
            .filter(|one| is_fabric(one))
            .count(),
        topology.virtual_networks.len()
    );
    let others = || topology.interfaces.iter().filter(|one| !is_fabric(one));
    let macs: BTreeSet<_> = others().map(|one| one.mac).collect();
    assert_eq!(macs.len(), others().count());
}

#[test]
fn every_reference_between_the_parts_leads_back() {
    let topology = hub_spoke();
    for (index, node) in topology.nodes.iter().enumerate() {
        assert!(
            node.interfaces
                .iter()
                .all(|id| topology.interface(*id).node == NodeId(index))
        );
        assert_eq!(topology.find(node.name.as_str()), Some(NodeId(index)));
    }
    for (index, link) in topology.links.iter().enumerate() {
        let [a, b] = link.ends;
        assert_eq!(
            [topology.across(a), topology.across(b)],
            [Some(b), Some(a)],
            "{}",
            link.name
        );
        assert!(
            link.ends
                .iter()
                .all(|end| topology.interface(*end).link == Some(LinkId(index)))
        );
    }
}
