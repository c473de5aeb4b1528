//! Plans with modules, `count` and `for_each`.

use serde_json::{Value, json};

use super::outline::{outline, read_well};

/// A resource of a plan: its address and values. Everything that `unknown` names is known only after apply.
struct Planned {
    address: &'static str,
    index: Value,
    values: Value,
    unknown: &'static [&'static str],
}

fn planned(
    address: &'static str,
    index: impl Into<Value>,
    values: Value,
    unknown: &'static [&'static str],
) -> Planned {
    Planned {
        address,
        index: index.into(),
        values,
        unknown,
    }
}

/// The module of an address, and its type and name.
fn split(address: &str) -> (&str, &str, &str) {
    let start = address.find("azurerm_").unwrap();
    let (kind, name) = address[start..].split_once('.').unwrap();
    let name = name.split('[').next().unwrap();
    (address[..start].trim_end_matches('.'), kind, name)
}

fn plan(all: Vec<Planned>, configuration: &Value, variables: &Value) -> Value {
    let mut root = Vec::new();
    let mut modules: Vec<(String, Vec<Value>)> = Vec::new();
    let mut changes = Vec::new();
    for one in all {
        let (module, kind, name) = split(one.address);
        let mut values = one.values;
        values["resource_group_name"] = json!("rg");
        let resource = json!({
            "address": one.address, "mode": "managed", "type": kind, "name": name,
            "index": one.index, "values": values,
        });
        let unknown: Value = one.unknown.iter().map(|key| (*key, json!(true))).collect();
        changes.push(json!({
            "address": one.address, "module_address": module, "mode": "managed", "type": kind,
            "name": name, "change": { "actions": ["create"], "after_unknown": unknown },
        }));
        match modules.iter_mut().find(|(there, _)| there == module) {
            _ if module.is_empty() => root.push(resource),
            Some((_, list)) => list.push(resource),
            None => modules.push((module.to_owned(), vec![resource])),
        }
    }
    let modules: Value = modules
        .into_iter()
        .map(|(address, resources)| json!({ "address": address, "resources": resources }))
        .collect();
    json!({
        "format_version": "1.2",
        "variables": variables,
        "planned_values": { "root_module": { "resources": root, "child_modules": modules } },
        "resource_changes": changes,
        "configuration": { "root_module": configuration },
    })
}

fn block(kind: &str, name: &str, expressions: &Value) -> Value {
    json!({ "mode": "managed", "type": kind, "name": name, "expressions": expressions })
}

/// A module of a spoke, called once for each of two.
fn spoke_module() -> Value {
    json!({
        "outputs": {
            "vnet_id": { "expression": { "references":
                ["azurerm_virtual_network.this.id", "azurerm_virtual_network.this"] } },
            "subnet_ids": { "expression": { "references": ["azurerm_subnet.app"] } },
        },
        "resources": [
            block("azurerm_virtual_network", "this", &json!({})),
            block("azurerm_subnet", "app", &json!({
                "virtual_network_name": { "references":
                    ["azurerm_virtual_network.this.name", "azurerm_virtual_network.this"] },
            })),
            block("azurerm_virtual_network_peering", "hub", &json!({
                "remote_virtual_network_id": { "references": ["var.hub.id", "var.hub"] },
            })),
        ],
    })
}

fn configuration() -> Value {
    let mut peering = block(
        "azurerm_virtual_network_peering",
        "spoke",
        // module.spoke[each.key].vnet_id: Terraform does not list what follows an index that it computes.
        &json!({ "remote_virtual_network_id": { "references": ["module.spoke", "each.key"] } }),
    );
    peering["for_each_expression"] = json!({ "references": ["var.spokes"] });
    let mut interface = block(
        "azurerm_network_interface",
        "nic",
        &json!({ "ip_configuration": [{
            "name": { "constant_value": "first" },
            "subnet_id": { "references": ["module.spoke[\"b\"].subnet_ids", "module.spoke[\"b\"]",
                                          "module.spoke", "count.index"] },
        }] }),
    );
    interface["count_expression"] = json!({ "constant_value": 2 });
    let mut machine = block(
        "azurerm_linux_virtual_machine",
        "vm",
        &json!({ "network_interface_ids": { "references":
            ["azurerm_network_interface.nic", "each.value.nic", "each.value"] } }),
    );
    machine["for_each_expression"] = json!({ "references": ["var.machines"] });
    json!({
        "resources": [
            block("azurerm_virtual_network", "hub", &json!({})),
            peering,
            interface,
            machine,
        ],
        "module_calls": { "spoke": {
            "for_each_expression": { "references": ["var.spokes"] },
            // The hub as a whole is given to the module.
            "expressions": { "hub": { "references": ["azurerm_virtual_network.hub"] } },
            "module": spoke_module(),
        } },
    })
}

/// The values of a network, a subnet, a peering and an interface.
fn vnet(name: &str) -> Value {
    json!({ "name": name, "address_space": ["10.0.0.0/16"] })
}

fn subnet(vnet: &str, name: &str) -> Value {
    json!({ "name": name, "virtual_network_name": vnet, "address_prefixes": ["10.0.0.0/24"] })
}

fn peering(vnet: &str, name: &str) -> Value {
    json!({ "name": name, "virtual_network_name": vnet })
}

fn interface(name: &str) -> Value {
    json!({ "name": name, "ip_configuration": [{ "name": "first" }] })
}

const ID: &[&str] = &["id"];
const REMOTE: &[&str] = &["id", "remote_virtual_network_id"];
const INTERFACES: &[&str] = &["id", "network_interface_ids"];

/// The resources outside of modules.
fn outside() -> Vec<Planned> {
    const PEERINGS: [&str; 2] = [
        "azurerm_virtual_network_peering.spoke[\"a\"]",
        "azurerm_virtual_network_peering.spoke[\"b\"]",
    ];
    vec![
        planned("azurerm_virtual_network.hub", Value::Null, vnet("hub"), ID),
        planned(PEERINGS[0], "a", peering("hub", "to-a"), REMOTE),
        planned(PEERINGS[1], "b", peering("hub", "to-b"), REMOTE),
        planned(
            "azurerm_network_interface.nic[0]",
            0,
            interface("nic-0"),
            ID,
        ),
        planned(
            "azurerm_network_interface.nic[1]",
            1,
            interface("nic-1"),
            ID,
        ),
        planned(
            "azurerm_linux_virtual_machine.vm[\"web\"]",
            "web",
            json!({ "name": "web" }),
            INTERFACES,
        ),
    ]
}

/// A plan with a hub, and a spoke for each of two keys.
pub(super) fn document() -> Value {
    let mut all = outside();
    let addresses = [
        [
            "module.spoke[\"a\"].azurerm_virtual_network.this",
            "module.spoke[\"a\"].azurerm_subnet.app[0]",
            "module.spoke[\"a\"].azurerm_subnet.app[1]",
            "module.spoke[\"a\"].azurerm_virtual_network_peering.hub",
        ],
        [
            "module.spoke[\"b\"].azurerm_virtual_network.this",
            "module.spoke[\"b\"].azurerm_subnet.app[0]",
            "module.spoke[\"b\"].azurerm_subnet.app[1]",
            "module.spoke[\"b\"].azurerm_virtual_network_peering.hub",
        ],
    ];
    for ([network, first, second, to_hub], name) in addresses.into_iter().zip(["vnet-a", "vnet-b"])
    {
        all.push(planned(network, Value::Null, vnet(name), ID));
        all.push(planned(first, 0, subnet(name, "app-0"), ID));
        all.push(planned(second, 1, subnet(name, "app-1"), ID));
        all.push(planned(
            to_hub,
            Value::Null,
            peering(name, "to-hub"),
            REMOTE,
        ));
    }
    let variables = json!({ "machines": { "value": { "web": { "nic": 1 } } } });
    let mut plan = plan(all, &configuration(), &variables);
    for change in plan["resource_changes"].as_array_mut().unwrap() {
        if change["type"] == "azurerm_network_interface" {
            change["change"]["after_unknown"]["ip_configuration"] = json!([{ "subnet_id": true }]);
        }
    }
    plan
}

/// The plan with another expression for the far end of the hub's peerings, and for what they are repeated over.
fn with_remote(references: &Value, each: &Value) -> Value {
    let mut plan = document();
    let peering = &mut plan["configuration"]["root_module"]["resources"][1];
    peering["expressions"]["remote_virtual_network_id"]["references"] = references.clone();
    peering["for_each_expression"]["references"] = each.clone();
    plan
}

#[test]
fn references_lead_through_variables_outputs_and_keys() {
    let read = read_well(&document());
    assert_eq!(read.warnings, Vec::<String>::new());
    insta::assert_snapshot!(outline(&read), @r#"
    Microsoft.Network/virtualNetworks hub = azurerm_virtual_network.hub
      addressSpace.addressPrefixes: 10.0.0.0/16
      virtualNetworkPeerings[to-a].remoteVirtualNetwork -> virtualNetworks/vnet-a
      virtualNetworkPeerings[to-b].remoteVirtualNetwork -> virtualNetworks/vnet-b
    Microsoft.Network/networkInterfaces nic-0 = azurerm_network_interface.nic[0]
      ipConfigurations[first].subnet -> virtualNetworks/vnet-b/subnets/app-0
    Microsoft.Network/networkInterfaces nic-1 = azurerm_network_interface.nic[1]
      ipConfigurations[first].subnet -> virtualNetworks/vnet-b/subnets/app-1
      virtualMachine -> virtualMachines/web
    Microsoft.Compute/virtualMachines web = azurerm_linux_virtual_machine.vm["web"]
      networkProfile.networkInterfaces[0] -> networkInterfaces/nic-1
      networkProfile.networkInterfaces[0].primary: true
    Microsoft.Network/virtualNetworks vnet-a = module.spoke["a"].azurerm_virtual_network.this
      addressSpace.addressPrefixes: 10.0.0.0/16
      subnets[app-0].addressPrefixes: 10.0.0.0/24
      subnets[app-1].addressPrefixes: 10.0.0.0/24
      virtualNetworkPeerings[to-hub].remoteVirtualNetwork -> virtualNetworks/hub
    Microsoft.Network/virtualNetworks vnet-b = module.spoke["b"].azurerm_virtual_network.this
      addressSpace.addressPrefixes: 10.0.0.0/16
      subnets[app-0].addressPrefixes: 10.0.0.0/24
      subnets[app-1].addressPrefixes: 10.0.0.0/24
      virtualNetworkPeerings[to-hub].remoteVirtualNetwork -> virtualNetworks/hub
    "#);
}

#[test]
fn an_index_that_the_plan_does_not_tell_is_a_warning() {
    let mut plan = document();
    // A variable with a sensitive value: the plan does not have it.
    plan["variables"] = json!({});
    insta::assert_snapshot!(read_well(&plan).warnings.join("\n"), @r#"
    azurerm_linux_virtual_machine.vm["web"]: network_interface_ids is known only after apply, and the plan does not say what it is (it comes from each.value.nic); it is missing until the state after the apply is imported
    azurerm_linux_virtual_machine.vm["web"]: network_interface_ids is known only after apply, and the plan does not say what it is (it comes from each.value.nic); it is missing until the state after the apply is imported
    "#);
}

#[test]
fn a_local_value_is_a_warning() {
    let plan = with_remote(&json!(["local.spoke_ids"]), &json!(["local.spokes"]));
    insta::assert_snapshot!(read_well(&plan).warnings.join("\n"), @r#"
    azurerm_virtual_network_peering.spoke["a"]: remote_virtual_network_id is known only after apply, and the plan does not say what it is (it comes from local.spoke_ids); it is missing until the state after the apply is imported
    azurerm_virtual_network_peering.spoke["b"]: remote_virtual_network_id is known only after apply, and the plan does not say what it is (it comes from local.spoke_ids); it is missing until the state after the apply is imported
    "#);
}

#[test]
fn a_reference_that_may_be_several_is_a_warning() {
    let plan = with_remote(&json!(["module.spoke"]), &json!(["var.spokes"]));
    insta::assert_snapshot!(read_well(&plan).warnings.join("\n"), @r#"
    azurerm_virtual_network_peering.spoke["a"]: remote_virtual_network_id is known only after apply, and the plan does not say what it is (it may be any of vnet-a, vnet-b); it is missing until the state after the apply is imported
    azurerm_virtual_network_peering.spoke["b"]: remote_virtual_network_id is known only after apply, and the plan does not say what it is (it may be any of vnet-a, vnet-b); it is missing until the state after the apply is imported
    "#);
}

#[test]
fn a_value_of_for_each_is_the_resource_of_its_key() {
    // for_each = module.spoke, and then each.value.vnet_id.
    let references = json!(["each.value.vnet_id", "each.value"]);
    let read = read_well(&with_remote(&references, &json!(["module.spoke"])));
    assert_eq!(read.resources, read_well(&document()).resources);
}

#[test]
fn a_list_with_names_picks_by_key() {
    // for_each = { a = module.spoke["a"].vnet_id, b = module.spoke["b"].vnet_id }
    let over = json!([
        "module.spoke[\"a\"].vnet_id",
        "module.spoke[\"a\"]",
        "module.spoke",
        "module.spoke[\"b\"].vnet_id",
        "module.spoke[\"b\"]",
        "module.spoke",
    ]);
    let warnings = read_well(&with_remote(&json!(["each.value"]), &over)).warnings;
    insta::assert_snapshot!(warnings.join("\n"), @"");
}

#[test]
fn a_peering_of_a_network_with_itself_is_a_wrong_guess() {
    let plan = with_remote(
        &json!(["azurerm_virtual_network.hub.id"]),
        &json!(["var.spokes"]),
    );
    insta::assert_snapshot!(read_well(&plan).warnings.join("\n"), @r#"
    peering to-a: the plan does not say which virtual network it leads to, and it cannot be its own; it has no remote virtual network until the state after the apply is imported
    peering to-b: the plan does not say which virtual network it leads to, and it cannot be its own; it has no remote virtual network until the state after the apply is imported
    "#);
}
