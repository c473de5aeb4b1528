//! Virtual network gateways: their instances, addresses and the sessions between them.

use crate::lab::lower::tests::{built, lines, links, nodes, sessions, shown};
use crate::topology::{GatewayKind, Topology};

/// A network with a GatewaySubnet and the given gateways in it.
fn with_gateways(gateways: &str) -> Topology {
    built(&format!(
        "name: lab
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.0.0.0/24]
    subnets:
      GatewaySubnet: {{ addressPrefix: 10.0.0.0/27 }}
virtualNetworkGateways:
{gateways}"
    ))
}

#[test]
fn an_active_active_gateway_is_two_nodes() {
    let topology = with_gateways(
        "  vpn: { virtualNetwork: hub, gatewayType: Vpn, activeActive: true, publicIPAddresses: [203.0.113.1, 203.0.113.2] }",
    );
    insta::assert_snapshot!(nodes(&topology), @r"
    azure: Azure fabric - AS -
    vpn-in0: VPN gateway 10.0.0.4 AS 65515
    internet: internet - AS -
    vpn-in1: VPN gateway 10.0.0.5 AS 65515
    ");
    insta::assert_snapshot!(links(&topology), @"
    vpn-in0: eth0@vpn-in0 10.0.0.4/27 -- vpn-in0@azure
    internet-vpn-in0: pub0@vpn-in0 203.0.113.1/32 -- vpn-in0@internet 169.254.211.38/32
    vpn-in1: eth0@vpn-in1 10.0.0.5/27 -- vpn-in1@azure
    internet-vpn-in1: pub0@vpn-in1 203.0.113.2/32 -- vpn-in1@internet 169.254.235.118/32
    ");
    insta::assert_snapshot!(sessions(&topology), @r"
    vpn Instances over vpn-in0 vpn-in1 lost in 180s
      eth0@vpn-in0 source 10.0.0.4 next hop 10.0.0.4
      eth0@vpn-in1 source 10.0.0.5 next hop 10.0.0.5
    ");
}

#[test]
fn a_gateway_knows_its_instances_and_each_instance_its_gateway() {
    let topology = with_gateways(
        "  er: { virtualNetwork: hub, gatewayType: ExpressRoute, allowRemoteVnetTraffic: true }
  vpn: { virtualNetwork: hub, gatewayType: Vpn, activeActive: true, publicIPAddresses: [203.0.113.1, 203.0.113.2] }",
    );
    let hub = &topology.virtual_networks[0];
    let [vpn, circuits] = [hub.vpn_gateway, hub.express_route_gateway].map(Option::unwrap);
    assert_eq!(
        topology.gateway(vpn).kind,
        GatewayKind::Vpn {
            public: [203, 0, 113, 1].into()
        }
    );
    assert_eq!(
        topology.gateway(circuits).kind,
        GatewayKind::ExpressRoute {
            allows_remote_vnets: true
        }
    );
    let gateway = |node: &str| {
        let node = topology.find(node).unwrap();
        shown(
            topology
                .gateway_of(node)
                .map(|id| &topology.gateway(id).name),
        )
    };
    assert_eq!(
        ["vpn-in0", "vpn-in1", "er", "azure"].map(gateway),
        ["vpn", "vpn", "er", "-"]
    );
    for id in [vpn, circuits] {
        let gateway = topology.gateway(id);
        assert_eq!(gateway.vnet, topology.gateway(vpn).vnet);
        for node in &gateway.instances {
            assert_eq!(topology.gateway_of(*node), Some(id));
            let nic = topology.interface(topology.nic(*node).unwrap());
            assert_eq!(nic.name.as_str(), "eth0");
        }
    }
}

#[test]
fn gateways_of_one_network_speak_with_each_other() {
    let topology = with_gateways(
        "  vpn: { virtualNetwork: hub, gatewayType: Vpn, activeActive: true, publicIPAddresses: [203.0.113.1, 203.0.113.2] }
  er: { virtualNetwork: hub, gatewayType: ExpressRoute }",
    );
    insta::assert_snapshot!(sessions(&topology), @r"
    vpn Instances over vpn-in0 vpn-in1 lost in 180s
      eth0@vpn-in0 source 10.0.0.4 next hop 10.0.0.4
      eth0@vpn-in1 source 10.0.0.5 next hop 10.0.0.5
    hub Coexistence over vpn-in0 er lost in 180s
      eth0@vpn-in0 source 10.0.0.4 next hop 10.0.0.4
      eth0@er source 10.0.0.6 next hop 10.0.0.6
    hub the same with er-in1
    hub Coexistence over vpn-in1 er lost in 180s
      eth0@vpn-in1 source 10.0.0.5 next hop 10.0.0.5
      eth0@er source 10.0.0.6 next hop 10.0.0.6
    hub the same with er-in1
    ");
}

#[test]
fn a_single_instance_speaks_from_the_last_usable_address_unless_it_is_told_otherwise() {
    let bgp = |given: &str| {
        let topology = with_gateways(&format!(
            "  vpn: {{ virtualNetwork: hub, gatewayType: Vpn, publicIPAddress: 203.0.113.1{given} }}",
        ));
        let node = topology.node(topology.find("vpn").unwrap());
        format!("{} lo {:?}", shown(node.address), node.loopback)
    };
    insta::assert_snapshot!(bgp(""), @"10.0.0.4 lo [10.0.0.30]");
    insta::assert_snapshot!(bgp(", bgpPeeringAddress: 10.0.0.20"), @"10.0.0.4 lo [10.0.0.20]");
    insta::assert_snapshot!(bgp(", privateIPAddress: 10.0.0.30"), @"10.0.0.30 lo []");
    insta::assert_snapshot!(bgp(", bgpPeeringAddress: 169.254.21.1"), @"10.0.0.4 lo []");
}

/// A gateway later in the file gets its address before BGP addresses are chosen.
#[test]
fn the_last_usable_address_may_be_anothers() {
    let topology = with_gateways(
        "  vpn: { virtualNetwork: hub, gatewayType: Vpn, publicIPAddress: 203.0.113.1 }
  er: { virtualNetwork: hub, gatewayType: ExpressRoute, privateIPAddress: 10.0.0.30 }",
    );
    assert!(
        topology
            .node(topology.find("vpn").unwrap())
            .loopback
            .is_empty()
    );
}

/// On its network, a node also answers for its loopback address; on the internet, only for its public address.
#[test]
fn an_instance_answers_for_its_bgp_address_on_its_network() {
    let topology = with_gateways(
        "  vpn: { virtualNetwork: hub, gatewayType: Vpn, publicIPAddress: 203.0.113.1 }",
    );
    let vpn = topology.find("vpn").unwrap();
    let interfaces = topology.interfaces_of(vpn);
    let answered = interfaces.map(|(id, interface)| {
        let addresses: Vec<_> = topology.addresses_at(id).collect();
        format!("{} {addresses:?}", interface.name)
    });
    insta::assert_snapshot!(lines(answered), @r"
    eth0 [10.0.0.4, 10.0.0.30]
    pub0 [203.0.113.1]
    ");
}
