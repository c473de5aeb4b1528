//! Kinds with little of their own, and rules that hold for all tables.

use std::collections::BTreeSet;

use serde_json::json;

use super::super::kinds;
use super::forms::{Line, after, line, network, plan, state};
use super::outline::{outline, read_well};

fn outbound() -> Vec<Line> {
    const SUBNET: &str = "virtualNetworks/hub/subnets/app";
    let gateway = || after("azurerm_nat_gateway.nat", "natGateways/nat");
    vec![
        line(
            "azurerm_virtual_network.hub",
            "virtualNetworks/hub",
            json!({ "name": "hub", "subnet": [{ "name": "app", "address_prefixes": ["10.0.0.0/24"] }] }),
        ),
        line(
            "azurerm_nat_gateway.nat",
            "natGateways/nat",
            json!({ "name": "nat", "sku_name": "Standard" }),
        ),
        line(
            "azurerm_nat_gateway_public_ip_association.nat",
            "x|y",
            json!({ "nat_gateway_id": gateway(), "public_ip_address_id": network("publicIPAddresses/out") }),
        ),
        line(
            "azurerm_subnet_nat_gateway_association.app",
            &network(SUBNET),
            json!({ "nat_gateway_id": gateway(), "subnet_id": network(SUBNET) }),
        ),
    ]
}

fn inside() -> Vec<Line> {
    let interface = || after("azurerm_network_interface.nic.id", "networkInterfaces/nic");
    vec![
        line(
            "azurerm_network_interface.nic",
            "networkInterfaces/nic",
            json!({ "name": "nic", "ip_configuration": [{ "name": "a" }, { "name": "b" }] }),
        ),
        line(
            "azurerm_network_interface_application_security_group_association.web",
            "x|y",
            json!({
                "network_interface_id": interface(),
                "application_security_group_id": network("applicationSecurityGroups/web"),
            }),
        ),
        line(
            "azurerm_network_interface_security_group_association.nsg",
            "x|y",
            json!({
                "network_interface_id": interface(),
                "network_security_group_id": network("networkSecurityGroups/nsg"),
            }),
        ),
        line(
            "azurerm_private_endpoint.db",
            "privateEndpoints/db",
            json!({
                "name": "db",
                "subnet_id": network("virtualNetworks/hub/subnets/app"),
                "private_service_connection": [{
                    "name": "db",
                    "private_connection_resource_id": "/subscriptions/s/db",
                    "subresource_names": ["sql"],
                }],
                "custom_dns_configs": [{ "fqdn": "db.example", "ip_addresses": ["10.0.0.7"] }],
            }),
        ),
    ]
}

fn firewall() -> Vec<Line> {
    vec![
        line(
            "azurerm_firewall.fw",
            "azureFirewalls/fw",
            json!({
                "name": "fw",
                "sku_name": "AZFW_VNet",
                "ip_configuration": [{
                    "name": "first",
                    "subnet_id": network("virtualNetworks/hub/subnets/AzureFirewallSubnet"),
                    "private_ip_address": "10.0.2.4",
                }],
            }),
        ),
        line(
            "azurerm_firewall_network_rule_collection.web",
            "azureFirewalls/fw/networkRuleCollections/web",
            json!({
                "name": "web",
                "azure_firewall_name": "fw",
                "priority": 100,
                "action": "Allow",
                "rule": [{
                    "name": "https",
                    "protocols": ["TCP"],
                    "source_addresses": ["10.0.0.0/8"],
                    "destination_addresses": ["*"],
                    "destination_ports": ["443"],
                }],
            }),
        ),
    ]
}

#[test]
fn associations_and_rules_are_in_what_they_belong_to() {
    let lines: Vec<Line> = [outbound(), inside(), firewall()]
        .into_iter()
        .flatten()
        .collect();
    let read = read_well(&state(&lines));
    assert_eq!(read_well(&plan(&lines)), read);
    insta::assert_snapshot!(outline(&read), @r#"
    Microsoft.Network/virtualNetworks hub = azurerm_virtual_network.hub
      subnets[app].addressPrefixes: 10.0.0.0/24
      subnets[app].natGateway -> natGateways/nat
    Microsoft.Network/natGateways nat = azurerm_nat_gateway.nat
      sku.name: Standard
      publicIpAddresses[0] -> publicIPAddresses/out
      subnets[0] -> virtualNetworks/hub/subnets/app
    Microsoft.Network/networkInterfaces nic = azurerm_network_interface.nic
      ipConfigurations[a].applicationSecurityGroups[0] -> applicationSecurityGroups/web
      ipConfigurations[b].applicationSecurityGroups[0] -> applicationSecurityGroups/web
      networkSecurityGroup -> networkSecurityGroups/nsg
    Microsoft.Network/privateEndpoints db = azurerm_private_endpoint.db
      subnet -> virtualNetworks/hub/subnets/app
      customDnsConfigs[0].fqdn: db.example
      customDnsConfigs[0].ipAddresses: 10.0.0.7
      privateLinkServiceConnections[db].privateLinkServiceId: /subscriptions/s/db
      privateLinkServiceConnections[db].groupIds: sql
    Microsoft.Network/azureFirewalls fw = azurerm_firewall.fw
      sku.name: AZFW_VNet
      ipConfigurations[first].privateIPAddress: 10.0.2.4
      ipConfigurations[first].subnet -> virtualNetworks/hub/subnets/AzureFirewallSubnet
      networkRuleCollections[web].priority: 100
      networkRuleCollections[web].action.type: Allow
      networkRuleCollections[web].rules[https].protocols: TCP
      networkRuleCollections[web].rules[https].sourceAddresses: 10.0.0.0/8
      networkRuleCollections[web].rules[https].destinationAddresses: *
      networkRuleCollections[web].rules[https].destinationPorts: 443
    not taken: azurerm_resource_group.rg (azurerm_resource_group): it is a group and forwards no packets
    "#);
}

#[test]
fn a_child_in_its_parent_has_no_type_and_no_address() {
    let mut lines = outbound();
    lines.push(line(
        "azurerm_subnet.app",
        "virtualNetworks/hub/subnets/app",
        json!({ "name": "app", "virtual_network_name": "hub", "location": "here" }),
    ));
    let read = read_well(&state(&lines));
    let subnet = read.resources[0]["properties"]["subnets"][0]
        .as_object()
        .unwrap();
    let keys: Vec<&String> = subnet.keys().collect();
    assert_eq!(keys, ["name", "id", "properties"]);
}

#[test]
fn tables_name_each_type_once_and_places_of_azure() {
    let mut seen = BTreeSet::new();
    for kind in kinds::all() {
        assert!(
            seen.insert(kind.terraform),
            "{} is there twice",
            kind.terraform
        );
        assert!(kind.arm.starts_with("Microsoft."), "{}", kind.arm);
        let is_child = kind.arm.matches('/').count() > 1;
        assert_eq!(
            is_child,
            !matches!(kind.parent, kinds::Parent::Group),
            "{}",
            kind.arm
        );
        for field in kind.fields {
            let first = field.to.split('.').next().unwrap();
            let is_flat = kind.terraform == "azurerm_virtual_hub_route_table_route";
            let is_known = [
                "properties",
                "sku",
                "zones",
                "ipConfiguration",
                kinds::CUSTOM_BGP,
            ]
            .contains(&first);
            assert!(is_known || is_flat, "{}: {}", kind.terraform, field.to);
        }
    }
}
