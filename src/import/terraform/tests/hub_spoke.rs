//! A hub with a spoke, in the three forms.

use serde_json::{Value, json};

use super::super::{read, read_before};
use super::forms::{Line, after, line, network, plan, show, state};
use super::outline::{outline, read_well};

fn vnet(address: &'static str, name: &str, prefix: &str) -> Line {
    let attributes = json!({
        "name": name,
        "location": "westeurope",
        "address_space": [prefix],
        "tags": { "owner": "network" },
    });
    line(address, &format!("virtualNetworks/{name}"), attributes)
}

fn subnet(address: &'static str, (vnet, name): (&str, &str), prefix: &str) -> Line {
    let attributes = json!({
        "name": name,
        "virtual_network_name": vnet,
        "address_prefixes": [prefix],
        "service_endpoints": ["Microsoft.Storage"],
    });
    line(
        address,
        &format!("virtualNetworks/{vnet}/subnets/{name}"),
        attributes,
    )
}

fn peering(address: &'static str, (from, to): (&str, &str), is_hub: bool) -> Line {
    let attributes = json!({
        "name": format!("to-{to}"),
        "virtual_network_name": from,
        "remote_virtual_network_id":
            after(&format!("azurerm_virtual_network.{to}.id"), &format!("virtualNetworks/{to}")),
        "allow_virtual_network_access": true,
        "allow_forwarded_traffic": true,
        "allow_gateway_transit": is_hub,
        "use_remote_gateways": !is_hub,
    });
    let id = format!("virtualNetworks/{from}/virtualNetworkPeerings/to-{to}");
    line(address, &id, attributes)
}

fn routes() -> Vec<Line> {
    vec![
        line(
            "azurerm_route_table.spoke",
            "routeTables/rt",
            json!({
                "name": "rt",
                "location": "westeurope",
                "bgp_route_propagation_enabled": false,
                "route": [{
                    "name": "default",
                    "address_prefix": "0.0.0.0/0",
                    "next_hop_type": "VirtualAppliance",
                    "next_hop_in_ip_address": "10.0.1.4",
                }],
            }),
        ),
        line(
            "azurerm_route.direct",
            "routeTables/rt/routes/direct",
            json!({
                "name": "direct",
                "route_table_name": "rt",
                "address_prefix": "10.9.0.0/16",
                "next_hop_type": "None",
                "next_hop_in_ip_address": "",
            }),
        ),
    ]
}

fn associations() -> Vec<Line> {
    const APP: &str = "virtualNetworks/spoke/subnets/app";
    vec![
        line(
            "azurerm_subnet_route_table_association.app",
            &network(APP),
            json!({
                "subnet_id": after("azurerm_subnet.app.id", APP),
                "route_table_id": after("azurerm_route_table.spoke.id", "routeTables/rt"),
            }),
        ),
        line(
            "azurerm_subnet_network_security_group_association.app",
            &network(APP),
            json!({
                // The id of an association is the subnet's.
                "subnet_id": after("azurerm_subnet_route_table_association.app.id", APP),
                "network_security_group_id":
                    after("azurerm_network_security_group.app.id", "networkSecurityGroups/nsg"),
            }),
        ),
        line(
            "azurerm_network_security_group.app",
            "networkSecurityGroups/nsg",
            json!({
                "name": "nsg",
                "location": "westeurope",
                "security_rule": [{
                    "name": "in",
                    "priority": 100,
                    "direction": "Inbound",
                    "access": "Allow",
                    "protocol": "Tcp",
                    "source_address_prefix": "10.0.0.0/8",
                    "source_address_prefixes": [],
                    "destination_address_prefix": "*",
                    "source_port_range": "*",
                    "destination_port_range": "443",
                }],
            }),
        ),
    ]
}

fn machine() -> Vec<Line> {
    vec![
        line(
            "azurerm_network_interface.app",
            "networkInterfaces/nic",
            json!({
                "name": "nic",
                "location": "westeurope",
                "ip_forwarding_enabled": false,
                "ip_configuration": [{
                    "name": "first",
                    "private_ip_address": "10.1.0.4",
                    "private_ip_address_allocation": "Static",
                    "private_ip_address_version": "IPv4",
                    "primary": true,
                    "subnet_id": after("azurerm_subnet.app.id", "virtualNetworks/spoke/subnets/app"),
                    "public_ip_address_id": null,
                }],
            }),
        ),
        line(
            "azurerm_linux_virtual_machine.app",
            &network("virtualMachines/vm").replace("Microsoft.Network", "Microsoft.Compute"),
            json!({
                "name": "vm",
                "location": "westeurope",
                "size": "Standard_B1s",
                "network_interface_ids":
                    { "$": ["azurerm_network_interface.app.id", "azurerm_network_interface.app"],
                      "is": [network("networkInterfaces/nic")] },
            }),
        ),
    ]
}

pub(super) fn lines() -> Vec<Line> {
    let mut all = vec![
        vnet("azurerm_virtual_network.hub", "hub", "10.0.0.0/16"),
        vnet("azurerm_virtual_network.spoke", "spoke", "10.1.0.0/16"),
        subnet(
            "azurerm_subnet.gateway",
            ("hub", "GatewaySubnet"),
            "10.0.0.0/27",
        ),
        subnet("azurerm_subnet.app", ("spoke", "app"), "10.1.0.0/24"),
        peering(
            "azurerm_virtual_network_peering.hub",
            ("hub", "spoke"),
            true,
        ),
        peering(
            "azurerm_virtual_network_peering.spoke",
            ("spoke", "hub"),
            false,
        ),
    ];
    all.extend(routes());
    all.extend(associations());
    all.extend(machine());
    all
}

#[test]
fn the_three_forms_are_the_same_resources() {
    let file = read_well(&state(&lines()));
    assert_eq!(read_well(&show(&lines())), file);
    assert_eq!(read_well(&plan(&lines())), file);
}

#[test]
fn children_are_inside_of_their_parents() {
    let read = read_well(&plan(&lines()));
    insta::assert_snapshot!(outline(&read), @r#"
    Microsoft.Network/virtualNetworks hub = azurerm_virtual_network.hub
      location: westeurope
      addressSpace.addressPrefixes: 10.0.0.0/16
      subnets[GatewaySubnet].addressPrefixes: 10.0.0.0/27
      subnets[GatewaySubnet].serviceEndpoints[0].service: Microsoft.Storage
      virtualNetworkPeerings[to-spoke].remoteVirtualNetwork -> virtualNetworks/spoke
      virtualNetworkPeerings[to-spoke].allowVirtualNetworkAccess: true
      virtualNetworkPeerings[to-spoke].allowForwardedTraffic: true
      virtualNetworkPeerings[to-spoke].allowGatewayTransit: true
      virtualNetworkPeerings[to-spoke].useRemoteGateways: false
    Microsoft.Network/virtualNetworks spoke = azurerm_virtual_network.spoke
      location: westeurope
      addressSpace.addressPrefixes: 10.1.0.0/16
      subnets[app].addressPrefixes: 10.1.0.0/24
      subnets[app].serviceEndpoints[0].service: Microsoft.Storage
      subnets[app].routeTable -> routeTables/rt
      subnets[app].networkSecurityGroup -> networkSecurityGroups/nsg
      virtualNetworkPeerings[to-hub].remoteVirtualNetwork -> virtualNetworks/hub
      virtualNetworkPeerings[to-hub].allowVirtualNetworkAccess: true
      virtualNetworkPeerings[to-hub].allowForwardedTraffic: true
      virtualNetworkPeerings[to-hub].allowGatewayTransit: false
      virtualNetworkPeerings[to-hub].useRemoteGateways: true
    Microsoft.Network/routeTables rt = azurerm_route_table.spoke
      location: westeurope
      disableBgpRoutePropagation: true
      routes[default].addressPrefix: 0.0.0.0/0
      routes[default].nextHopType: VirtualAppliance
      routes[default].nextHopIpAddress: 10.0.1.4
      routes[direct].addressPrefix: 10.9.0.0/16
      routes[direct].nextHopType: None
    Microsoft.Network/networkSecurityGroups nsg = azurerm_network_security_group.app
      location: westeurope
      securityRules[in].priority: 100
      securityRules[in].direction: Inbound
      securityRules[in].access: Allow
      securityRules[in].protocol: Tcp
      securityRules[in].sourceAddressPrefix: 10.0.0.0/8
      securityRules[in].destinationAddressPrefix: *
      securityRules[in].sourcePortRange: *
      securityRules[in].destinationPortRange: 443
    Microsoft.Network/networkInterfaces nic = azurerm_network_interface.app
      location: westeurope
      enableIPForwarding: false
      ipConfigurations[first].privateIPAddress: 10.1.0.4
      ipConfigurations[first].privateIPAllocationMethod: Static
      ipConfigurations[first].privateIPAddressVersion: IPv4
      ipConfigurations[first].primary: true
      ipConfigurations[first].subnet -> virtualNetworks/spoke/subnets/app
      virtualMachine -> virtualMachines/vm
    Microsoft.Compute/virtualMachines vm = azurerm_linux_virtual_machine.app
      location: westeurope
      hardwareProfile.vmSize: Standard_B1s
      networkProfile.networkInterfaces[0] -> networkInterfaces/nic
      networkProfile.networkInterfaces[0].primary: true
    not taken: azurerm_resource_group.rg (azurerm_resource_group): it is a group and forwards no packets
    "#);
}

#[test]
fn a_subnet_that_the_network_lists_too_is_there_once() {
    let mut document = state(&lines());
    let hub = &mut document["resources"][1]["instances"][0]["attributes"];
    assert_eq!(hub["name"], "hub");
    hub["subnet"] = json!([{
        "id": network("virtualNetworks/HUB/subnets/gatewaysubnet"),
        "name": "gatewaysubnet",
        "address_prefixes": ["10.0.0.0/27"],
        "security_group": "",
    }]);
    let read = read_well(&document);
    let subnets = read.resources[0]["properties"]["subnets"]
        .as_array()
        .unwrap();
    assert_eq!(subnets.len(), 1);
    // The first spelling is kept, and what only the other one states is added.
    assert_eq!(subnets[0]["name"], "gatewaysubnet");
    let endpoints = &subnets[0]["properties"]["serviceEndpoints"];
    assert_eq!(endpoints[0]["service"], "Microsoft.Storage");
}

#[test]
fn before_and_after_a_plan_differ_by_what_it_creates() {
    let document = plan(&lines());
    let before = read_before(&document).unwrap().unwrap();
    assert_eq!(before.resources, Vec::<Value>::new());
    assert_eq!(before.not_taken.len(), 1);
    assert_eq!(read_before(&state(&lines())), None);
    assert_eq!(read(&json!({ "resources": [] })), None);
}
