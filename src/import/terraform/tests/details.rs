//! Single rules of following references, and of putting children into parents.

use serde_json::{Value, json};

use super::super::address::{Key, Piece, modules, pieces};
use super::forms::{Line, after, line, network, plan, state};
use super::hub_spoke::lines;
use super::outline::read_well;

/// A plan of an association of a subnet. The subnet is one of several: of a block with keys, of blocks with names, and in
/// a module with keys.
fn association(expression: &Value, over: &Value, module: &Value) -> Value {
    let subnet = |address: &str, name: &str, index: &Value| {
        json!({
            "address": address, "mode": "managed", "type": "azurerm_subnet",
            "name": address.split(['.', '[']).nth(1), "index": index,
            "values": { "name": name, "virtual_network_name": "hub", "resource_group_name": "rg" },
        })
    };
    let (kind, name) = ("azurerm_subnet_route_table_association", "x");
    let at = |path: &str| format!("{path}{kind}.{name}[\"b\"]");
    let is_in_module = !module.is_null();
    let address = at(if is_in_module { "module.m." } else { "" });
    let this = json!({
        "address": address, "mode": "managed", "type": kind, "name": name, "index": "b",
        "values": { "route_table_id": network("routeTables/rt") },
    });
    let described = json!({
        "mode": "managed", "type": kind, "name": name,
        "for_each_expression": { "references": over },
        "expressions": { "subnet_id": { "references": expression } },
    });
    let mut root = vec![
        subnet("azurerm_subnet.s[\"a\"]", "sa", &json!("a")),
        subnet("azurerm_subnet.s[\"b\"]", "sb", &json!("b")),
        subnet("azurerm_subnet.a", "na", &Value::Null),
        subnet("azurerm_subnet.b", "nb", &Value::Null),
        json!({
            "address": "azurerm_virtual_network.hub", "mode": "managed",
            "type": "azurerm_virtual_network", "name": "hub",
            "values": { "name": "hub", "id": network("virtualNetworks/hub"), "resource_group_name": "rg" },
        }),
    ];
    let (children, configuration) = if is_in_module {
        let call = json!({ "expressions": module, "module": { "resources": [described] } });
        (
            json!([{ "address": "module.m", "resources": [this] }]),
            json!({ "module_calls": { "m": call } }),
        )
    } else {
        root.push(this);
        (json!([]), json!({ "resources": [described] }))
    };
    json!({
        "format_version": "1.2",
        "variables": { "all": { "value": { "b": { "keys": ["b"] } } } },
        "planned_values": { "root_module": { "resources": root, "child_modules": children } },
        "resource_changes": [{
            "address": address, "type": kind, "name": name,
            "change": { "actions": ["create"], "after_unknown": { "subnet_id": true } },
        }],
        "configuration": { "root_module": configuration },
    })
}

/// The names of the subnets that have a route table.
fn with_table(plan: &Value) -> Vec<Value> {
    let read = read_well(plan);
    let subnets = read.resources[0]["properties"]["subnets"]
        .as_array()
        .unwrap();
    let with = subnets
        .iter()
        .filter(|one| !one["properties"]["routeTable"].is_null());
    with.map(|one| one["name"].clone()).collect()
}

#[test]
fn a_key_picks_an_instance_or_a_name() {
    let subnet =
        |expression: Value, over: Value| with_table(&association(&expression, &over, &Value::Null));
    assert_eq!(
        subnet(json!(["azurerm_subnet.s", "each.key"]), json!([])),
        ["sb"]
    );
    let named = json!([
        "azurerm_subnet.a.id",
        "azurerm_subnet.a",
        "azurerm_subnet.b.id",
        "azurerm_subnet.b"
    ]);
    assert_eq!(subnet(json!(["each.value"]), named), ["nb"]);
    // A key in a list that a variable of the plan states.
    let index = json!([
        "azurerm_subnet.s",
        "each.value.keys[0]",
        "each.value.keys",
        "each.value"
    ]);
    assert_eq!(subnet(index, json!(["var.all"])), ["sb"]);
    assert_eq!(subnet(json!(["azurerm_subnet.s"]), json!([])), [""; 0]);
}

#[test]
fn a_key_of_a_variable_picks_an_instance() {
    let module = json!({ "subnets": { "references": ["azurerm_subnet.s"] } });
    let expression = json!(["var.subnets[\"a\"]", "var.subnets"]);
    assert_eq!(
        with_table(&association(&expression, &json!([]), &module)),
        ["sa"]
    );
}

#[test]
fn keys_may_have_dots_brackets_and_quotation_marks() {
    let piece = |name: &str, key: Option<Key>| Piece {
        name: name.to_owned(),
        key,
    };
    let text = |text: &str| Some(Key::Text(text.to_owned()));
    assert_eq!(
        modules(r#"module.a["x].y"].module.b[2].module.c["q\"\\"]"#),
        [
            piece("a", text("x].y")),
            piece("b", Some(Key::Number(2))),
            piece("c", text("q\"\\")),
        ]
    );
    assert_eq!(
        pieces("azurerm_subnet.s[0].id"),
        [
            piece("azurerm_subnet", None),
            piece("s", Some(Key::Number(0))),
            piece("id", None),
        ]
    );
    assert_eq!(text("q\"\\").unwrap().in_brackets(), r#"["q\"\\"]"#);
}

#[test]
fn children_come_in_the_order_of_their_names() {
    let sorted = |lines: &[Line]| {
        let mut resources = read_well(&state(lines)).resources;
        resources.sort_by_key(|one| one["id"].to_string());
        resources
    };
    let mut all = lines();
    all.push(line(
        "azurerm_subnet.other",
        "virtualNetworks/hub/subnets/AAA",
        json!({ "name": "AAA" }),
    ));
    let forward = sorted(&all);
    all.reverse();
    assert_eq!(sorted(&all), forward);
}

#[test]
fn a_new_child_goes_into_a_parent_of_any_subscription() {
    let id =
        "/subscriptions/other/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub";
    let mut document = plan(&[line(
        "azurerm_subnet.new",
        "virtualNetworks/hub/subnets/new",
        json!({ "name": "new", "virtual_network_name": "hub" }),
    )]);
    let root = &mut document["planned_values"]["root_module"]["resources"];
    root.as_array_mut().unwrap().push(json!({
        "address": "azurerm_virtual_network.hub", "mode": "managed",
        "type": "azurerm_virtual_network", "name": "hub", "values": { "id": id, "name": "hub" },
    }));
    let resources = read_well(&document).resources;
    assert_eq!(resources.len(), 1);
    assert_eq!(
        resources[0]["properties"]["subnets"][0]["id"],
        format!("{id}/subnets/new")
    );
}

#[test]
fn a_new_resource_is_in_the_subscription_of_its_group() {
    let mut document = plan(&[line(
        "azurerm_virtual_network.new",
        "virtualNetworks/new",
        json!({ "name": "new" }),
    )]);
    let root = &mut document["planned_values"]["root_module"]["resources"];
    // Azure returns parts of ids in other cases.
    root[0]["values"]["id"] = json!(super::forms::GROUP.to_lowercase());
    root.as_array_mut().unwrap().push(json!({
        "address": "azurerm_resource_group.other", "mode": "managed",
        "type": "azurerm_resource_group", "name": "other",
        "values": { "id": "/subscriptions/other/resourceGroups/other", "name": "other" },
    }));
    let id = read_well(&document).resources[0]["id"].clone();
    let id = id.as_str().unwrap().to_lowercase();
    assert_eq!(id, network("virtualNetworks/new").to_lowercase());
}

#[test]
fn blocks_of_a_set_are_found_by_name() {
    let group = |name: &str| {
        after(
            &format!("azurerm_network_security_group.{name}.id"),
            &format!("networkSecurityGroups/{name}"),
        )
    };
    let mut document = plan(&[
        line(
            "azurerm_network_security_group.a",
            "networkSecurityGroups/a",
            json!({ "name": "a" }),
        ),
        line(
            "azurerm_network_security_group.b",
            "networkSecurityGroups/b",
            json!({ "name": "b" }),
        ),
        line(
            "azurerm_virtual_network.hub",
            "virtualNetworks/hub",
            json!({ "name": "hub", "subnet": [
                { "name": "a", "security_group": group("a") },
                { "name": "b", "security_group": group("b") },
            ] }),
        ),
    ]);
    let resources = &mut document["configuration"]["root_module"]["resources"];
    resources[2]["expressions"]["subnet"]
        .as_array_mut()
        .unwrap()
        .reverse();
    let read = read_well(&document);
    let subnets = read.resources[2]["properties"]["subnets"]
        .as_array()
        .unwrap();
    for subnet in subnets {
        let id = subnet["properties"]["networkSecurityGroup"]["id"]
            .as_str()
            .unwrap();
        assert_eq!(id.rsplit('/').next(), subnet["name"].as_str());
    }
}

#[test]
fn a_peering_with_itself_is_found_in_any_case() {
    let lines = [line(
        "azurerm_virtual_network_peering.p",
        "virtualNetworks/hub/virtualNetworkPeerings/p",
        json!({ "name": "p", "remote_virtual_network_id": network("virtualNetworks/HUB") }),
    )];
    let read = read_well(&state(&lines));
    assert_eq!(read.warnings.len(), 1);
    assert_eq!(read.resources[0]["properties"], json!({}));
}
