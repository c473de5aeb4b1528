//! The tables of the documented lab.

use super::Solved;

#[test]
fn a_machine_of_the_hub_knows_its_peers_and_what_both_gateways_learned() {
    insta::assert_snapshot!(Solved::hub_spoke().table("hub-vm"), @r"
    0.0.0.0/0 > fabric: Internet
    10.1.31.0/25 > eth0 via 10.10.30.134 | eth0 via 10.10.30.135: VirtualNetworkGateway hub-ergw path 12076-65022
    10.2.30.0/25 > eth0 via 10.10.30.132: VirtualNetworkGateway hub-ergw path 12076-65021
      before 10.2.30.0/25 > eth0 via 10.10.30.142: VirtualNetworkGateway hub-vpngw path 65021: ExpressRoute wins over VPN
    10.10.30.0/24 > eth0: VnetLocal
    10.11.30.0/26 > eth0: VNetPeering spoke
    10.11.30.64/26 > eth0 via 10.10.30.142: VirtualNetworkGateway hub-vpngw path 65516
    10.17.30.0/26 > eth0 via 10.10.30.132 | eth0 via 10.10.30.133: VirtualNetworkGateway hub-ergw path 12076-12076
    ");
}

#[test]
fn a_machine_of_the_spoke_has_the_hubs_gateways_as_its_own() {
    insta::assert_snapshot!(Solved::hub_spoke().table("spoke-vm"), @r"
    0.0.0.0/0 > fabric: Internet
    10.1.31.0/25 > eth0 via 10.10.30.134 | eth0 via 10.10.30.135: VirtualNetworkGateway hub-ergw path 12076-65022
    10.2.30.0/25 > eth0 via 10.10.30.132: VirtualNetworkGateway hub-ergw path 12076-65021
      before 10.2.30.0/25 > eth0 via 10.10.30.142: VirtualNetworkGateway hub-vpngw path 65021: ExpressRoute wins over VPN
    10.10.30.0/24 > eth0: VNetPeering hub
    10.11.30.0/26 > eth0: VnetLocal
    10.11.30.64/26 > eth0 via 10.10.30.142: VirtualNetworkGateway hub-vpngw path 65516
    10.17.30.0/26 > eth0 via 10.10.30.132 | eth0 via 10.10.30.133: VirtualNetworkGateway hub-ergw path 12076-12076
    ");
}

#[test]
fn a_machine_of_the_branch_knows_what_its_tunnel_brought() {
    insta::assert_snapshot!(Solved::hub_spoke().table("branch-vm"), @r"
    0.0.0.0/0 > fabric: Internet
    10.2.30.0/25 > eth0 via 10.11.30.100: VirtualNetworkGateway branch-vpngw path 65515-65021
    10.2.30.125/32 > eth0 via 10.11.30.100: VirtualNetworkGateway branch-vpngw path 65515
    10.10.30.0/24 > eth0 via 10.11.30.100: VirtualNetworkGateway branch-vpngw path 65515
    10.10.30.254/32 > eth0 via 10.11.30.100: VirtualNetworkGateway branch-vpngw
    10.11.30.0/26 > eth0 via 10.11.30.100: VirtualNetworkGateway branch-vpngw path 65515
    10.11.30.64/26 > eth0: VnetLocal
    ");
}

#[test]
fn a_vpn_gateway_knows_what_its_tunnels_brought_and_nothing_of_circuits() {
    insta::assert_snapshot!(Solved::hub_spoke().table("hub-vpngw"), @r"
    0.0.0.0/0 > drop: discard
    10.2.30.0/25 > hub-loc1: BGP loc1-ce1 path 65021 preference 100
    10.2.30.125/32 > hub-loc1: network hub-loc1
    10.10.30.0/24 > eth0: VnetLocal
    10.11.30.0/26 > eth0: VNetPeering spoke
    10.11.30.64/26 > hub-branch: BGP branch-vpngw path 65516 preference 100
    10.11.30.126/32 > hub-branch: network hub-branch
    52.168.162.85/32 > pub0 via 169.254.212.144: static
    66.198.12.106/32 > pub0 via 169.254.212.144: static
    ");
}

#[test]
fn an_express_route_gateway_knows_what_its_circuits_brought_and_nothing_of_tunnels() {
    insta::assert_snapshot!(Solved::hub_spoke().table("hub-ergw"), @r"
    0.0.0.0/0 > drop: discard
    10.1.31.0/25 > er2-msee1 via 169.254.249.103 | er2-msee2 via 169.254.231.81: BGP er2-msee1 path 12076-65022 preference 100
    10.2.30.0/25 > er1-msee1 via 169.254.217.208: BGP er1-msee1 path 12076-65021 preference 100
      before 10.2.30.0/25 > eth0 via 10.10.30.142: iBGP hub-vpngw path 65021 preference 100: ExpressRoute wins over VPN
    10.10.30.0/24 > eth0: VnetLocal
    10.11.30.0/26 > eth0: VNetPeering spoke
    10.11.30.64/26 > eth0 via 10.10.30.142: iBGP hub-vpngw path 65516 preference 100
    10.17.30.0/26 > er1-msee1 via 169.254.217.208 | er1-msee2 via 169.254.226.224: BGP er1-msee1 path 12076-12076 preference 100
    ");
}

#[test]
fn an_msee_joins_its_customer_and_the_networks_of_its_circuit() {
    insta::assert_snapshot!(Solved::hub_spoke().table("er1-msee1"), @r"
    0.0.0.0/0 > drop: discard
    10.2.30.0/25 > loc1-ce1 via 192.168.30.17: BGP loc1-ce1 path 65021 preference 100
    10.10.30.0/24 > hub-ergw via 169.254.201.7: BGP hub-ergw path 65515 preference 100
    10.11.30.0/26 > hub-ergw via 169.254.201.7: BGP hub-ergw path 65515 preference 100
    10.17.30.0/26 > remote-ergw via 169.254.231.0: BGP remote-ergw path 65515 preference 100
    192.168.30.16/30 > loc1-ce1: connected
    ");
}

#[test]
fn an_msee_whose_customer_is_silent_still_joins_networks() {
    insta::assert_snapshot!(Solved::hub_spoke().table("er1-msee2"), @r"
    0.0.0.0/0 > drop: discard
    10.10.30.0/24 > hub-ergw via 169.254.210.23: BGP hub-ergw path 65515 preference 100
    10.11.30.0/26 > hub-ergw via 169.254.210.23: BGP hub-ergw path 65515 preference 100
    10.17.30.0/26 > remote-ergw via 169.254.218.102: BGP remote-ergw path 65515 preference 100
    ");
}

#[test]
fn a_customer_edge_prefers_its_circuit_and_reaches_the_branch_by_its_tunnel() {
    insta::assert_snapshot!(Solved::hub_spoke().table("loc1-ce1"), @r"
    0.0.0.0/0 > drop: discard
    10.2.30.0/25 > loc1-lan via 192.168.30.1: IGP
    10.10.30.0/24 > er1-msee1 via 192.168.30.18: BGP er1-msee1 path 12076 preference 200
      before 10.10.30.0/24 > hub-loc1: BGP hub-vpngw path 65515 preference 100: higher local preference wins
    10.10.30.254/32 > hub-loc1: network hub-loc1
    10.11.30.0/26 > er1-msee1 via 192.168.30.18: BGP er1-msee1 path 12076 preference 200
      before 10.11.30.0/26 > hub-loc1: BGP hub-vpngw path 65515 preference 100: higher local preference wins
    10.11.30.64/26 > hub-loc1: BGP hub-vpngw path 65515-65516 preference 100
    10.11.30.126/32 > hub-loc1: BGP hub-vpngw path 65515 preference 100
    10.17.30.0/26 > er1-msee1 via 192.168.30.18: BGP er1-msee1 path 12076 preference 200
    52.168.162.84/32 > pub0 via 169.254.206.186: static
    192.168.30.0/31 > loc1-lan: connected
    192.168.30.4/31 > loc1-lan via 192.168.30.1: IGP
    192.168.30.16/30 > er1-msee1: connected
    ");
}

#[test]
fn a_lan_router_follows_the_one_edge_with_a_way_out() {
    insta::assert_snapshot!(Solved::hub_spoke().table("loc1-lan"), @r"
    0.0.0.0/0 > loc1-ce1 via 192.168.30.0: IGP default
    10.2.30.0/25 > lan0: connected
    10.2.30.125/32 > loc1-ce1 via 192.168.30.0: IGP
    192.168.30.0/31 > loc1-ce1: connected
    192.168.30.4/31 > loc1-ce2: connected
    192.168.30.16/30 > loc1-ce1 via 192.168.30.0: IGP
    ");
}

#[test]
fn a_lan_router_spreads_over_two_edges_with_a_way_out() {
    insta::assert_snapshot!(Solved::hub_spoke().table("loc2-lan"), @r"
    0.0.0.0/0 > loc2-ce1 via 192.168.31.0 | loc2-ce2 via 192.168.31.4: IGP default
    10.1.31.0/25 > lan0: connected
    192.168.31.0/31 > loc2-ce1: connected
    192.168.31.4/31 > loc2-ce2: connected
    192.168.31.16/30 > loc2-ce1 via 192.168.31.0: IGP
    192.168.31.20/30 > loc2-ce2 via 192.168.31.4: IGP
    ");
}

#[test]
fn a_host_knows_its_lan_and_its_gateway() {
    insta::assert_snapshot!(Solved::hub_spoke().table("loc1-vm"), @r"
    0.0.0.0/0 > eth0 via 10.2.30.3: static
    10.2.30.0/25 > eth0: connected
    ");
}

#[test]
fn no_table_has_two_routes_of_one_prefix_in_force() {
    let solved = Solved::hub_spoke();
    for node in &solved.topology.nodes {
        let table = solved.tables.of(solved.node(node.name.as_str()));
        let prefixes: Vec<_> = table.active().map(|route| route.prefix).collect();
        let twice = prefixes.windows(2).find(|pair| pair[0] == pair[1]);
        assert!(twice.is_none(), "{}: {twice:?}", node.name);
    }
}
