//! States: the file that Terraform keeps, and what `terraform show -json` prints of one.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::TerraformError;
use super::address::{Key, modules};
use super::instance::Instance;

/// The version of state files that Terraform writes since 0.12.
const VERSION: u64 = 4;

/// Whether a document is a state file.
pub(super) fn is_file(document: &Value) -> bool {
    let has = |key: &str| document.get(key).is_some();
    document.get("version").is_some_and(Value::is_u64)
        && (has("resources") || has("modules"))
        && (has("terraform_version") || has("lineage") || has("serial"))
}

/// The instances of a state file.
///
/// # Errors
///
/// [`TerraformError::Version`].
pub(super) fn of_file(document: &Value) -> Result<Vec<Instance>, TerraformError> {
    let version = document.get("version").and_then(Value::as_u64);
    if version != Some(VERSION) {
        return Err(TerraformError::Version {
            found: version.unwrap_or_default(),
        });
    }
    let mut found = Vec::new();
    for resource in list(document, "resources") {
        for instance in list(resource, "instances") {
            // An object that a replacement left behind and that Terraform still has to delete.
            if instance.get("deposed").is_none() {
                found.extend(file_instance(resource, instance));
            }
        }
    }
    Ok(found)
}

fn file_instance(resource: &Value, instance: &Value) -> Option<Instance> {
    let text = |key: &str| resource.get(key).and_then(Value::as_str);
    let (kind, name) = (text("type")?, text("name")?);
    let module = text("module").unwrap_or_default();
    let is_data = text("mode") == Some("data");
    let key = instance.get("index_key").and_then(Key::of);
    let mut address = String::new();
    if !module.is_empty() {
        address.push_str(module);
        address.push('.');
    }
    if is_data {
        address.push_str("data.");
    }
    let key_text = key.as_ref().map(Key::in_brackets).unwrap_or_default();
    _ = write!(address, "{kind}.{name}{key_text}");
    Some(Instance {
        address,
        modules: modules(module),
        is_data,
        kind: kind.to_owned(),
        name: name.to_owned(),
        key,
        values: object(instance.get("attributes")),
        unknown: Value::Null,
    })
}

/// The instances of `values`, `planned_values` or `prior_state.values`.
pub(super) fn of_values(values: &Value) -> Vec<Instance> {
    let mut found = Vec::new();
    let mut waiting: Vec<&Value> = values.get("root_module").into_iter().collect();
    while let Some(module) = waiting.pop() {
        let path = module.get("address").and_then(Value::as_str);
        let path = modules(path.unwrap_or_default());
        for resource in list(module, "resources") {
            let Some(mut one) = described(resource, resource.get("values")) else {
                continue;
            };
            one.modules.clone_from(&path);
            found.push(one);
        }
        // The first of them comes next.
        waiting.extend(list(module, "child_modules").iter().rev());
    }
    found
}

/// An instance of an object with `address`, `mode`, `type`, `name` and `index`.
pub(super) fn described(resource: &Value, values: Option<&Value>) -> Option<Instance> {
    let text = |key: &str| resource.get(key).and_then(Value::as_str);
    Some(Instance {
        address: text("address")?.to_owned(),
        modules: modules(text("module_address").unwrap_or_default()),
        is_data: text("mode") == Some("data"),
        kind: text("type")?.to_owned(),
        name: text("name")?.to_owned(),
        key: resource.get("index").and_then(Key::of),
        values: object(values),
        unknown: Value::Null,
    })
}

/// A list of an object; empty if there is none.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn object(value: Option<&Value>) -> Map<String, Value> {
    value
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}
