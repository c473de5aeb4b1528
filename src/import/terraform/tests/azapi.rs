//! Resources of the provider azapi.

use serde_json::json;

use super::forms::{GROUP, Line, after, line, network, plan, state};
use super::outline::{outline, read_well};

fn lines() -> Vec<Line> {
    vec![
        line(
            "azapi_resource.vnet",
            "virtualNetworks/hub",
            json!({
                "type": "Microsoft.Network/virtualNetworks@2024-05-01",
                "name": "hub",
                "parent_id": GROUP,
                "location": "westeurope",
                "body": { "properties": { "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] } } },
            }),
        ),
        line(
            "azapi_resource.subnet",
            "virtualNetworks/hub/subnets/app",
            json!({
                "type": "Microsoft.Network/virtualNetworks/subnets@2024-05-01",
                "name": "app",
                "parent_id": after("azapi_resource.vnet.id", "virtualNetworks/hub"),
                "body": { "properties": {
                    "addressPrefix": "10.0.0.0/24",
                    "routeTable": { "id": network("routeTables/rt") },
                } },
            }),
        ),
        line(
            "azapi_update_resource.subnet",
            "virtualNetworks/hub/subnets/app",
            json!({
                "type": "Microsoft.Network/virtualNetworks/subnets@2024-05-01",
                "resource_id": after("azapi_resource.subnet.id", "virtualNetworks/hub/subnets/app"),
                "body": { "properties": { "defaultOutboundAccess": false } },
            }),
        ),
        line(
            "azapi_resource.storage",
            &network("storageAccounts/s").replace("Microsoft.Network", "Microsoft.Storage"),
            json!({ "type": "Microsoft.Storage/storageAccounts@2023-01-01", "name": "s", "body": {} }),
        ),
    ]
}

#[test]
fn bodies_are_the_json_of_azure() {
    let read = read_well(&state(&lines()));
    assert_eq!(read_well(&plan(&lines())).resources, read.resources);
    insta::assert_snapshot!(outline(&read), @r#"
    Microsoft.Network/virtualNetworks hub = azapi_resource.vnet
      location: westeurope
      addressSpace.addressPrefixes: 10.0.0.0/16
      subnets[app].addressPrefix: 10.0.0.0/24
      subnets[app].routeTable -> routeTables/rt
      subnets[app].defaultOutboundAccess: false
    not taken: azurerm_resource_group.rg (azurerm_resource_group): it is a group and forwards no packets
    not taken: azapi_resource.storage (azapi_resource): its type is not a resource of networking
    "#);
}

#[test]
fn a_body_that_is_text_is_parsed() {
    let lines = [line(
        "azapi_resource.rt",
        "routeTables/rt",
        json!({
            "type": "Microsoft.Network/routeTables@2023-04-01",
            "name": "rt",
            "body": "{\"properties\":{\"disableBgpRoutePropagation\":true}}",
            "output": "{\"properties\":{\"provisioningState\":\"Succeeded\"}}",
        }),
    )];
    insta::assert_snapshot!(outline(&read_well(&state(&lines))), @r#"
    Microsoft.Network/routeTables rt = azapi_resource.rt
      disableBgpRoutePropagation: true
      provisioningState: Succeeded
    not taken: azurerm_resource_group.rg (azurerm_resource_group): it is a group and forwards no packets
    "#);
}

#[test]
fn an_id_in_a_body_is_found_by_the_name_before_it() {
    let mut document = plan(&lines());
    let change = &mut document["resource_changes"][1]["change"];
    change["after_unknown"]["body"] = json!({ "properties": { "routeTable": { "id": true } } });
    let root = &mut document["planned_values"]["root_module"];
    let body = &mut root["resources"][2]["values"]["body"];
    *body = json!({ "properties": { "addressPrefix": "10.0.0.0/24", "routeTable": {} } });
    let resources = &mut document["configuration"]["root_module"]["resources"];
    resources[1]["expressions"]["body"] = json!({ "references": [
        "azurerm_route_table.rt.id", "azurerm_route_table.rt", "azapi_resource.vnet.id", "azapi_resource.vnet",
    ] });
    let table = json!({
        "address": "azurerm_route_table.rt", "mode": "managed", "type": "azurerm_route_table",
        "name": "rt", "values": { "name": "rt", "resource_group_name": "rg" },
    });
    let list = &mut document["planned_values"]["root_module"]["resources"];
    list.as_array_mut().unwrap().push(table);
    let read = read_well(&document);
    let subnet = &read.resources[0]["properties"]["subnets"][0]["properties"];
    assert_eq!(subnet["routeTable"]["id"], network("routeTables/rt"));
}
