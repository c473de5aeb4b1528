//! What is not read.

use serde_json::json;

use super::super::{TerraformError, read};
use super::forms::{line, network, state};
use super::outline::{outline, read_well};

#[test]
fn what_is_not_read_is_listed_with_the_reason() {
    let lines = [
        line(
            "azurerm_bastion_host.b",
            "bastionHosts/b",
            json!({ "name": "b" }),
        ),
        line("azurerm_key_vault.k", "x/k", json!({ "name": "k" })),
        line("random_pet.p", "p", json!({})),
        line("azurerm_virtual_unheard.v", "x/v", json!({})),
        line(
            "azurerm_subnet_route_table_association.a",
            "a",
            json!({
                "subnet_id": network("virtualNetworks/elsewhere/subnets/a"),
                "route_table_id": network("routeTables/rt"),
            }),
        ),
    ];
    let mut document = state(&lines);
    let resources = document["resources"].as_array_mut().unwrap();
    resources.push(json!({
        "mode": "data", "type": "azurerm_virtual_network", "name": "hub",
        "instances": [{ "attributes": { "id": network("virtualNetworks/hub") } }],
    }));
    // An object that waits for its deletion.
    resources.push(json!({
        "mode": "managed", "type": "azurerm_virtual_network", "name": "old",
        "instances": [{ "deposed": "00000001", "attributes": { "id": network("virtualNetworks/old") } }],
    }));
    insta::assert_snapshot!(outline(&read_well(&document)), @r#"
    not taken: azurerm_resource_group.rg (azurerm_resource_group): it is a group and forwards no packets
    not taken: azurerm_bastion_host.b (azurerm_bastion_host): Azure Bastion is not modelled
    not taken: azurerm_key_vault.k (azurerm_key_vault): it is not a resource of networking
    not taken: random_pet.p (random_pet): it is not a resource of Azure's networking
    not taken: azurerm_virtual_unheard.v (azurerm_virtual_unheard): this type of networking is not read
    not taken: data.azurerm_virtual_network.hub (azurerm_virtual_network): a data source is managed elsewhere: give that state, or what az lists of it, as a file too
    not taken: azurerm_subnet_route_table_association.a (azurerm_subnet_route_table_association): the resource that it belongs to is not in this file: give that state as a file too
    "#);
}

#[test]
fn states_of_older_versions_are_refused() {
    let document = json!({ "version": 3, "serial": 1, "modules": [] });
    let error = read(&document).unwrap().unwrap_err();
    assert_eq!(error, TerraformError::Version { found: 3 });
    insta::assert_snapshot!(error, @"the state has version 3, and only version 4 is read: write it anew with `terraform state pull` of Terraform 0.12 or newer");
}

#[test]
fn other_documents_are_not_terraforms() {
    for document in [
        json!(null),
        json!([]),
        json!({ "id": "/subscriptions/x", "name": "n", "values": [] }),
        json!({ "$schema": "https://schema.management.azure.com", "resources": [] }),
        json!({ "format_version": "1.0", "provider_schemas": {} }),
    ] {
        assert_eq!(read(&document), None, "{document}");
    }
    let empty = json!({ "format_version": "1.0" });
    assert_eq!(read(&empty).unwrap().unwrap().resources.len(), 0);
}
