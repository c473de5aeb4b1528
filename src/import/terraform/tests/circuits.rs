//! Circuits, private peering and Global Reach.

use serde_json::json;

use super::forms::{Line, after, line, plan, state};
use super::outline::{outline, read_well};

fn circuit(address: &'static str, name: &str) -> Line {
    line(
        address,
        &format!("expressRouteCircuits/{name}"),
        json!({
            "name": name,
            "location": "westeurope",
            "sku": [{ "tier": "Premium", "family": "MeteredData" }],
            "service_provider_name": "Equinix",
            "peering_location": "Washington DC",
            "bandwidth_in_mbps": 50,
        }),
    )
}

fn peering(address: &'static str, circuit: &str, asn: u32) -> Line {
    let net = asn - 64991;
    line(
        address,
        &format!("expressRouteCircuits/{circuit}/peerings/AzurePrivatePeering"),
        json!({
            "peering_type": "AzurePrivatePeering",
            "express_route_circuit_name": circuit,
            "peer_asn": asn,
            "primary_peer_address_prefix": format!("192.168.{net}.16/30"),
            "secondary_peer_address_prefix": format!("192.168.{net}.20/30"),
            "vlan_id": 100,
        }),
    )
}

fn lines() -> Vec<Line> {
    let id = |name: &str| format!("expressRouteCircuits/{name}/peerings/AzurePrivatePeering");
    vec![
        circuit("azurerm_express_route_circuit.one", "er1"),
        circuit("azurerm_express_route_circuit.two", "er2"),
        peering("azurerm_express_route_circuit_peering.one", "er1", 65001),
        peering("azurerm_express_route_circuit_peering.two", "er2", 65002),
        line(
            "azurerm_express_route_circuit_connection.reach",
            &format!("{}/connections/reach", id("er1")),
            json!({
                "name": "reach",
                "peering_id": after("azurerm_express_route_circuit_peering.one.id", &id("er1")),
                "peer_peering_id": after("azurerm_express_route_circuit_peering.two.id", &id("er2")),
                "address_prefix_ipv4": "192.168.8.0/29",
            }),
        ),
    ]
}

#[test]
fn global_reach_is_inside_of_the_private_peering() {
    let read = read_well(&state(&lines()));
    assert_eq!(read_well(&plan(&lines())), read);
    insta::assert_snapshot!(outline(&read), @r#"
    Microsoft.Network/expressRouteCircuits er1 = azurerm_express_route_circuit.one
      location: westeurope
      sku.tier: Premium
      sku.family: MeteredData
      serviceProviderProperties.serviceProviderName: Equinix
      serviceProviderProperties.peeringLocation: Washington DC
      serviceProviderProperties.bandwidthInMbps: 50
      peerings[AzurePrivatePeering].peeringType: AzurePrivatePeering
      peerings[AzurePrivatePeering].peerASN: 65001
      peerings[AzurePrivatePeering].primaryPeerAddressPrefix: 192.168.10.16/30
      peerings[AzurePrivatePeering].secondaryPeerAddressPrefix: 192.168.10.20/30
      peerings[AzurePrivatePeering].vlanId: 100
      peerings[AzurePrivatePeering].connections[reach].addressPrefix: 192.168.8.0/29
      peerings[AzurePrivatePeering].connections[reach].expressRouteCircuitPeering -> expressRouteCircuits/er1/peerings/AzurePrivatePeering
      peerings[AzurePrivatePeering].connections[reach].peerExpressRouteCircuitPeering -> expressRouteCircuits/er2/peerings/AzurePrivatePeering
    Microsoft.Network/expressRouteCircuits er2 = azurerm_express_route_circuit.two
      location: westeurope
      sku.tier: Premium
      sku.family: MeteredData
      serviceProviderProperties.serviceProviderName: Equinix
      serviceProviderProperties.peeringLocation: Washington DC
      serviceProviderProperties.bandwidthInMbps: 50
      peerings[AzurePrivatePeering].peeringType: AzurePrivatePeering
      peerings[AzurePrivatePeering].peerASN: 65002
      peerings[AzurePrivatePeering].primaryPeerAddressPrefix: 192.168.11.16/30
      peerings[AzurePrivatePeering].secondaryPeerAddressPrefix: 192.168.11.20/30
      peerings[AzurePrivatePeering].vlanId: 100
    not taken: azurerm_resource_group.rg (azurerm_resource_group): it is a group and forwards no packets
    "#);
}

#[test]
fn a_peering_without_its_circuit_stays_on_its_own() {
    let lines: Vec<Line> = lines().into_iter().skip(2).take(1).collect();
    let read = read_well(&state(&lines));
    assert_eq!(
        read.resources[0]["type"],
        "Microsoft.Network/expressRouteCircuits/peerings"
    );
}
