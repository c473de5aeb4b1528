//! What plans know and do not know.

use serde_json::{Value, json};

use super::super::{read, read_before};
use super::forms::{after, line, plan, state};
use super::hub_spoke::lines;
use super::outline::{outline, read_well};

#[test]
fn a_plan_without_configuration_says_which_attribute_is_missing() {
    let mut document = plan(&lines());
    document
        .as_object_mut()
        .unwrap()
        .shift_remove("configuration");
    let error = read(&document).unwrap().unwrap_err();
    insta::assert_snapshot!(error, @"remote_virtual_network_id of azurerm_virtual_network_peering.hub is known only after apply, and the plan has no `configuration` that says what it is: give the output of `terraform show -json PLANFILE` whole");
}

#[test]
fn a_plan_without_configuration_and_without_unknown_ids_is_read() {
    let lines: Vec<_> = lines().into_iter().take(4).collect();
    let mut document = plan(&lines);
    document
        .as_object_mut()
        .unwrap()
        .shift_remove("configuration");
    assert_eq!(read_well(&document), read_well(&state(&lines)));
}

#[test]
fn a_plan_of_changes_alone_is_read() {
    let mut document = plan(&lines());
    document
        .as_object_mut()
        .unwrap()
        .shift_remove("planned_values");
    let read = read_well(&document);
    // The group did not change, so that the subscription is not known.
    let whole = read_well(&plan(&lines()));
    assert_eq!(read.resources.len(), whole.resources.len());
    let id = read.resources[0]["id"].as_str().unwrap();
    assert!(id.starts_with("/subscriptions/00000000-"), "{id}");
}

#[test]
fn what_a_plan_deletes_is_there_before_and_not_after() {
    let mut document = plan(&lines()[..2]);
    let old = json!({
        "address": "azurerm_virtual_network.old", "mode": "managed",
        "type": "azurerm_virtual_network", "name": "old",
        "values": { "id": super::forms::network("virtualNetworks/old"), "name": "old" },
    });
    let prior = &mut document["prior_state"]["values"]["root_module"]["resources"];
    prior.as_array_mut().unwrap().push(old);
    document["resource_changes"]
        .as_array_mut()
        .unwrap()
        .push(json!({
            "address": "azurerm_virtual_network.old", "mode": "managed",
            "type": "azurerm_virtual_network", "name": "old",
            "change": { "actions": ["delete"], "before": {}, "after": null, "after_unknown": {} },
        }));
    let names = |resources: &[Value]| -> Vec<Value> {
        resources.iter().map(|one| one["name"].clone()).collect()
    };
    assert_eq!(names(&read_well(&document).resources), ["hub", "spoke"]);
    let before = read_before(&document).unwrap().unwrap();
    assert_eq!(names(&before.resources), ["old"]);
}

#[test]
fn a_name_that_is_not_known_yet_is_made_up() {
    let lines = [
        line(
            "azurerm_virtual_network.hub",
            "virtualNetworks/x",
            json!({ "name": { "$": ["random_pet.p.id"], "is": "x" }, "address_space": ["10.0.0.0/16"] }),
        ),
        line(
            "azurerm_subnet.app",
            "virtualNetworks/x/subnets/app",
            json!({
                "name": "app",
                "virtual_network_name": after("azurerm_virtual_network.hub.name", "virtualNetworks/x"),
                "address_prefixes": ["10.0.0.0/24"],
            }),
        ),
    ];
    insta::assert_snapshot!(outline(&read_well(&plan(&lines))), @r#"
    Microsoft.Network/virtualNetworks hub = azurerm_virtual_network.hub
      addressSpace.addressPrefixes: 10.0.0.0/16
      subnets[app].addressPrefixes: 10.0.0.0/24
    not taken: azurerm_resource_group.rg (azurerm_resource_group): it is a group and forwards no packets
    warning: azurerm_virtual_network.hub: its name is known only after apply; it is hub here
    "#);
}

#[test]
fn an_id_in_a_dynamic_block_is_a_warning() {
    let mut document = plan(&lines());
    let resources = document["configuration"]["root_module"]["resources"]
        .as_array_mut()
        .unwrap();
    for one in resources {
        if one["type"] == "azurerm_network_interface" {
            one["expressions"]
                .as_object_mut()
                .unwrap()
                .shift_remove("ip_configuration");
        }
    }
    insta::assert_snapshot!(read_well(&document).warnings.join("\n"), @"azurerm_network_interface.app: ip_configuration[0].subnet_id is known only after apply, and the plan does not say what it is (it is in a dynamic block); it is missing until the state after the apply is imported");
}

#[test]
fn references_in_a_circle_end() {
    let lines = [line(
        "azurerm_subnet_route_table_association.a",
        "x",
        json!({
            "subnet_id": after("azurerm_subnet_route_table_association.a.subnet_id", "x"),
            "route_table_id": after("azurerm_subnet_route_table_association.a.id", "x"),
        }),
    )];
    let read = read_well(&plan(&lines));
    assert_eq!(read.not_taken.len(), 2);
}

#[test]
fn a_data_source_that_is_read_during_the_apply_has_an_id() {
    let gateway = "virtualNetworkGateways/vpn";
    let mut document = plan(&[line(
        "azurerm_virtual_network_gateway_nat_rule.out",
        &format!("{gateway}/natRules/out"),
        json!({
            "name": "out",
            "virtual_network_gateway_id":
                after("data.azurerm_virtual_network_gateway.vpn.id", gateway),
        }),
    )]);
    document["resource_changes"]
        .as_array_mut()
        .unwrap()
        .push(json!({
            "address": "data.azurerm_virtual_network_gateway.vpn", "mode": "data",
            "type": "azurerm_virtual_network_gateway", "name": "vpn",
            "change": {
                "actions": ["read"],
                "after": { "name": "vpn", "resource_group_name": "rg" },
                "after_unknown": { "id": true, "type": true },
            },
        }));
    let read = read_well(&document);
    let id = super::forms::network(&format!("{gateway}/natRules/out"));
    assert_eq!(read.resources[0]["id"], id);
    assert_eq!(read.not_taken.len(), 2);
}
