//! One list of resources in the three forms that Terraform writes.

use serde_json::{Map, Value, json};

/// The group that ids of fixtures begin with.
pub(super) const GROUP: &str =
    "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/rg";

/// A resource: its address, its id and its attributes.
///
/// An attribute `{"$": [REFERENCES], "is": VALUE}` is an expression: a state has its value, a plan knows it only after
/// apply and has its references.
pub(super) struct Line {
    address: &'static str,
    id: String,
    attributes: Value,
}

/// A resource of a fixture. Its id stands below the group.
pub(super) fn line(address: &'static str, id: &str, attributes: Value) -> Line {
    Line {
        address,
        id: if id.starts_with('/') {
            id.to_owned()
        } else {
            network(id)
        },
        attributes,
    }
}

/// An id of Microsoft.Network in the group.
pub(super) fn network(rest: &str) -> String {
    format!("{GROUP}/providers/Microsoft.Network/{rest}")
}

/// An attribute that is known only after apply: a reference, and its value.
pub(super) fn after(reference: &str, rest: &str) -> Value {
    let whole = reference
        .rsplit_once('.')
        .map_or(reference, |(whole, _)| whole);
    json!({ "$": [reference, whole], "is": network(rest) })
}

/// The existing resource group, so that a plan knows the subscription.
fn group() -> Line {
    let attributes = json!({ "name": "rg", "location": "westeurope" });
    line("azurerm_resource_group.rg", GROUP, attributes)
}

fn parts(address: &str) -> (&str, &str) {
    address.split_once('.').unwrap()
}

/// The value of attributes after apply.
fn known(value: &Value) -> Value {
    match value {
        Value::Object(object) => match object.get("is") {
            Some(value) => value.clone(),
            None => object
                .iter()
                .map(|(key, value)| (key.clone(), known(value)))
                .collect(),
        },
        Value::Array(items) => items.iter().map(known).collect(),
        other => other.clone(),
    }
}

fn is_expression(value: &Value) -> bool {
    value.get("$").is_some()
}

/// The values that a plan knows.
fn planned(value: &Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .filter(|(_, value)| !is_expression(value))
            .map(|(key, value)| (key.clone(), planned(value)))
            .collect(),
        Value::Array(items) => items.iter().map(planned).collect(),
        other => other.clone(),
    }
}

/// What a plan does not know.
fn unknown(value: &Value) -> Value {
    match value {
        Value::Object(_) if is_expression(value) => Value::Bool(true),
        Value::Object(object) => object
            .iter()
            .map(|(key, value)| (key.clone(), unknown(value)))
            .filter(|(_, value)| *value != Value::Bool(false))
            .collect(),
        Value::Array(items) => items.iter().map(unknown).collect(),
        _ => Value::Bool(false),
    }
}

/// The expressions of a configuration.
fn expressions(value: &Value) -> Value {
    match value {
        Value::Object(object) if is_expression(value) => json!({ "references": object["$"] }),
        Value::Object(object) => object
            .iter()
            .map(|(key, value)| (key.clone(), expressions(value)))
            .collect(),
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().map(expressions).collect()
        }
        other => json!({ "constant_value": other }),
    }
}

fn with_id(attributes: &Value, id: &str) -> Value {
    let mut all = Map::new();
    all.insert("id".to_owned(), json!(id));
    all.insert("resource_group_name".to_owned(), json!("rg"));
    all.extend(attributes.as_object().unwrap().clone());
    Value::Object(all)
}

/// A state file.
pub(super) fn state(lines: &[Line]) -> Value {
    let group = group();
    let resources: Value = std::iter::once(&group)
        .chain(lines)
        .map(|line| {
            let (kind, name) = parts(line.address);
            json!({
                "mode": "managed",
                "type": kind,
                "name": name,
                "provider": "provider[\"registry.terraform.io/hashicorp/azurerm\"]",
                "instances": [{
                    "schema_version": 0,
                    "attributes": with_id(&known(&line.attributes), &line.id),
                    "sensitive_attributes": [],
                    "dependencies": [],
                }],
            })
        })
        .collect();
    json!({
        "version": 4,
        "terraform_version": "1.9.8",
        "serial": 7,
        "lineage": "5a9c5a3d-0f5e-7d5b-8f0e-6a9b2f5a2d8c",
        "outputs": {},
        "resources": resources,
    })
}

fn shown(line: &Line, values: &Value) -> Value {
    let (kind, name) = parts(line.address);
    json!({
        "address": line.address,
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_name": "registry.terraform.io/hashicorp/azurerm",
        "schema_version": 0,
        "values": values,
    })
}

/// What `terraform show -json` prints of a state.
pub(super) fn show(lines: &[Line]) -> Value {
    let group = group();
    let resources: Value = std::iter::once(&group)
        .chain(lines)
        .map(|line| shown(line, &with_id(&known(&line.attributes), &line.id)))
        .collect();
    json!({
        "format_version": "1.0",
        "terraform_version": "1.9.8",
        "values": { "root_module": { "resources": resources } },
    })
}

/// What `terraform show -json` prints of a plan that creates everything but the resource group.
pub(super) fn plan(lines: &[Line]) -> Value {
    let group = group();
    let existing = shown(&group, &with_id(&group.attributes, &group.id));
    let mut values = vec![existing.clone()];
    let mut changes = Vec::new();
    let mut resources = Vec::new();
    for line in lines {
        let (kind, name) = parts(line.address);
        let mut planned = with_id(&planned(&line.attributes), "");
        planned.as_object_mut().unwrap().shift_remove("id");
        let mut unknown = unknown(&line.attributes);
        unknown["id"] = json!(true);
        values.push(shown(line, &planned));
        changes.push(json!({
            "address": line.address,
            "mode": "managed",
            "type": kind,
            "name": name,
            "change": {
                "actions": ["create"],
                "before": null,
                "after": planned,
                "after_unknown": unknown,
            },
        }));
        resources.push(json!({
            "address": line.address,
            "mode": "managed",
            "type": kind,
            "name": name,
            "expressions": expressions(&line.attributes),
            "schema_version": 0,
        }));
    }
    json!({
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "planned_values": { "root_module": { "resources": values } },
        "resource_changes": changes,
        "prior_state": {
            "format_version": "1.0",
            "terraform_version": "1.9.8",
            "values": { "root_module": { "resources": [existing] } },
        },
        "configuration": { "root_module": { "resources": resources } },
    })
}
