//! Resources of the provider azapi: their `body` is the JSON of Azure Resource Manager.

use serde_json::{Map, Value};

use super::instance::Instance;
use super::shape::is_empty;

/// The type of resources that azapi creates.
pub(super) const RESOURCE: &str = "azapi_resource";

/// The type of changes that azapi makes to resources of others.
pub(super) const UPDATE: &str = "azapi_update_resource";

/// The type of Azure Resource Manager, without the version of the API.
pub(super) fn arm_type(instance: &Instance) -> Option<&str> {
    let text = instance.text("type")?;
    text.split('@').next().filter(|kind| kind.contains('/'))
}

/// Whether resources of a type are read.
pub(super) fn is_read(arm: &str) -> bool {
    let arm = arm.to_ascii_lowercase();
    arm.starts_with("microsoft.network/") || arm == "microsoft.compute/virtualmachines"
}

/// The body: an object, or a text with JSON in older versions.
pub(super) fn body(instance: &Instance) -> Map<String, Value> {
    let mut body = json(instance.values.get("body"));
    // What Azure answered, if the configuration exports it.
    for (key, value) in json(instance.values.get("output")) {
        match body.get_mut(&key) {
            Some(Value::Object(there)) => add(there, value),
            Some(_) => {}
            None => _ = body.insert(key, value),
        }
    }
    for key in ["id", "name", "type", "tags"] {
        body.shift_remove(key);
    }
    body
}

fn add(into: &mut Map<String, Value>, value: Value) {
    if let Value::Object(value) = value {
        for (key, value) in value {
            into.entry(key).or_insert(value);
        }
    }
}

fn json(value: Option<&Value>) -> Map<String, Value> {
    let parsed = match value {
        Some(Value::String(text)) => serde_json::from_str(text).ok(),
        Some(Value::Object(object)) => Some(object.clone()),
        _ => None,
    };
    parsed.unwrap_or_default()
}

/// Whether the whole body is known only after apply.
pub(super) fn is_unknown(instance: &Instance) -> bool {
    instance.is_unknown("body") && instance.values.get("body").is_none_or(is_empty)
}
