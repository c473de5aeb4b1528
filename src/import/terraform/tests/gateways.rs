//! Gateways of virtual networks and their connections.

use serde_json::json;

use super::forms::{Line, after, line, network, plan, state};
use super::outline::{outline, read_well};

const GATEWAY: &str = "virtualNetworkGateways/vpn";

fn gateway() -> Line {
    let subnet = network("virtualNetworks/hub/subnets/GatewaySubnet");
    line(
        "azurerm_virtual_network_gateway.vpn",
        GATEWAY,
        json!({
            "name": "vpn",
            "location": "westeurope",
            "type": "Vpn",
            "vpn_type": "RouteBased",
            "sku": "VpnGw2AZ",
            "generation": "Generation2",
            "active_active": true,
            "bgp_enabled": true,
            "ip_configuration": [
                { "name": "first", "subnet_id": subnet,
                  "public_ip_address_id": after("azurerm_public_ip.one.id", "publicIPAddresses/pip1") },
                { "name": "second", "subnet_id": subnet,
                  "public_ip_address_id": after("azurerm_public_ip.two.id", "publicIPAddresses/pip2") },
            ],
            "bgp_settings": [{
                "asn": 65010,
                "peer_weight": 0,
                "peering_addresses": [
                    { "ip_configuration_name": "first", "apipa_addresses": ["169.254.21.2", "169.254.22.2"] },
                    { "ip_configuration_name": "second", "apipa_addresses": ["169.254.21.6"] },
                ],
            }],
        }),
    )
}

fn public(address: &'static str, name: &str, ip: &str) -> Line {
    let attributes = json!({
        "name": name, "sku": "Standard", "allocation_method": "Static", "ip_address": ip,
    });
    line(address, &format!("publicIPAddresses/{name}"), attributes)
}

fn lines() -> Vec<Line> {
    let gateway_id = || after("azurerm_virtual_network_gateway.vpn.id", GATEWAY);
    vec![
        gateway(),
        public("azurerm_public_ip.one", "pip1", "203.0.113.1"),
        public("azurerm_public_ip.two", "pip2", "203.0.113.2"),
        line(
            "azurerm_virtual_network_gateway_nat_rule.out",
            &format!("{GATEWAY}/natRules/out"),
            json!({
                "name": "out",
                "virtual_network_gateway_id": gateway_id(),
                "type": "Static",
                "mode": "EgressSnat",
                "internal_mapping": [{ "address_space": "10.0.0.0/24" }],
                "external_mapping": [{ "address_space": "100.64.0.0/24" }],
            }),
        ),
        line(
            "azurerm_local_network_gateway.branch",
            "localNetworkGateways/branch",
            json!({
                "name": "branch",
                "gateway_address": "198.51.100.1",
                "address_space": ["192.168.0.0/24"],
                "bgp_settings": [{ "asn": 65050, "bgp_peering_address": "169.254.21.1" }],
            }),
        ),
        line(
            "azurerm_virtual_network_gateway_connection.branch",
            "connections/branch",
            json!({
                "name": "branch",
                "type": "IPsec",
                "virtual_network_gateway_id": gateway_id(),
                "local_network_gateway_id":
                    after("azurerm_local_network_gateway.branch.id", "localNetworkGateways/branch"),
                "bgp_enabled": true,
                "shared_key": "secret",
                "routing_weight": 10,
                "egress_nat_rule_ids": {
                    "$": ["azurerm_virtual_network_gateway_nat_rule.out.id"],
                    "is": [network(&format!("{GATEWAY}/natRules/out"))],
                },
                "custom_bgp_addresses": [{ "primary": "169.254.21.2", "secondary": "169.254.21.6" }],
            }),
        ),
    ]
}

#[test]
fn gateways_have_their_addresses_and_connections_their_ends() {
    let read = read_well(&state(&lines()));
    assert_eq!(read_well(&plan(&lines())), read);
    insta::assert_snapshot!(outline(&read), @r#"
    Microsoft.Network/virtualNetworkGateways vpn = azurerm_virtual_network_gateway.vpn
      location: westeurope
      gatewayType: Vpn
      vpnType: RouteBased
      sku.name: VpnGw2AZ
      sku.tier: VpnGw2AZ
      vpnGatewayGeneration: Generation2
      activeActive: true
      enableBgp: true
      ipConfigurations[first].subnet -> virtualNetworks/hub/subnets/GatewaySubnet
      ipConfigurations[first].publicIPAddress -> publicIPAddresses/pip1
      ipConfigurations[second].subnet -> virtualNetworks/hub/subnets/GatewaySubnet
      ipConfigurations[second].publicIPAddress -> publicIPAddresses/pip2
      bgpSettings.asn: 65010
      bgpSettings.peerWeight: 0
      bgpSettings.bgpPeeringAddresses[0].ipconfigurationId: virtualNetworkGateways/vpn/ipConfigurations/first
      bgpSettings.bgpPeeringAddresses[0].customBgpIpAddresses: 169.254.21.2, 169.254.22.2
      bgpSettings.bgpPeeringAddresses[1].ipconfigurationId: virtualNetworkGateways/vpn/ipConfigurations/second
      bgpSettings.bgpPeeringAddresses[1].customBgpIpAddresses: 169.254.21.6
      natRules[out].type: Static
      natRules[out].mode: EgressSnat
      natRules[out].externalMappings[0].addressSpace: 100.64.0.0/24
      natRules[out].internalMappings[0].addressSpace: 10.0.0.0/24
    Microsoft.Network/publicIPAddresses pip1 = azurerm_public_ip.one
      sku.name: Standard
      ipAddress: 203.0.113.1
      publicIPAllocationMethod: Static
    Microsoft.Network/publicIPAddresses pip2 = azurerm_public_ip.two
      sku.name: Standard
      ipAddress: 203.0.113.2
      publicIPAllocationMethod: Static
    Microsoft.Network/localNetworkGateways branch = azurerm_local_network_gateway.branch
      gatewayIpAddress: 198.51.100.1
      localNetworkAddressSpace.addressPrefixes: 192.168.0.0/24
      bgpSettings.asn: 65050
      bgpSettings.bgpPeeringAddress: 169.254.21.1
    Microsoft.Network/connections branch = azurerm_virtual_network_gateway_connection.branch
      connectionType: IPsec
      virtualNetworkGateway1 -> virtualNetworkGateways/vpn
      localNetworkGateway2 -> localNetworkGateways/branch
      routingWeight: 10
      enableBgp: true
      egressNatRules[0] -> virtualNetworkGateways/vpn/natRules/out
      gatewayCustomBgpIpAddresses[0].ipConfigurationId: virtualNetworkGateways/vpn/ipConfigurations/first
      gatewayCustomBgpIpAddresses[0].customBgpIpAddress: 169.254.21.2
      gatewayCustomBgpIpAddresses[1].ipConfigurationId: virtualNetworkGateways/vpn/ipConfigurations/second
      gatewayCustomBgpIpAddresses[1].customBgpIpAddress: 169.254.21.6
    not taken: azurerm_resource_group.rg (azurerm_resource_group): it is a group and forwards no packets
    "#);
}

#[test]
fn keys_of_connections_are_not_read() {
    let text = format!("{:?}", read_well(&state(&lines())));
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn a_connection_to_a_circuit_has_it_as_its_peer() {
    let lines = [line(
        "azurerm_virtual_network_gateway_connection.er",
        "connections/er",
        json!({
            "name": "er",
            "type": "ExpressRoute",
            "virtual_network_gateway_id": network("virtualNetworkGateways/er"),
            "express_route_circuit_id": network("expressRouteCircuits/er1"),
            "express_route_gateway_bypass": true,
        }),
    )];
    insta::assert_snapshot!(outline(&read_well(&state(&lines))), @r#"
    Microsoft.Network/connections er = azurerm_virtual_network_gateway_connection.er
      connectionType: ExpressRoute
      virtualNetworkGateway1 -> virtualNetworkGateways/er
      peer -> expressRouteCircuits/er1
      expressRouteGatewayBypass: true
    not taken: azurerm_resource_group.rg (azurerm_resource_group): it is a group and forwards no packets
    "#);
}

#[test]
fn an_address_of_a_connection_belongs_to_the_configuration_that_has_it() {
    let mut document = state(&lines());
    let connection = document["resources"]
        .as_array_mut()
        .unwrap()
        .last_mut()
        .unwrap();
    let own = &mut connection["instances"][0]["attributes"]["custom_bgp_addresses"][0];
    *own = json!({ "primary": "169.254.21.6", "secondary": "169.254.22.2" });
    let read = read_well(&document);
    let connection = read.resources.last().unwrap();
    let entries = &connection["properties"]["gatewayCustomBgpIpAddresses"];
    let names = [0, 1].map(|place| entries[place]["ipConfigurationId"].as_str().unwrap());
    assert!(
        names[0].ends_with("/second") && names[1].ends_with("/first"),
        "{names:?}"
    );
}

#[test]
fn without_addresses_of_the_gateway_the_first_configuration_has_the_primary_one() {
    let mut document = state(&lines());
    let gateway = &mut document["resources"][1]["instances"][0]["attributes"];
    gateway["bgp_settings"] = json!([]);
    let read = read_well(&document);
    let connection = read.resources.last().unwrap();
    let entries = &connection["properties"]["gatewayCustomBgpIpAddresses"];
    let names = [0, 1].map(|place| entries[place]["ipConfigurationId"].as_str().unwrap());
    assert!(
        names[0].ends_with("/first") && names[1].ends_with("/second"),
        "{names:?}"
    );
}
