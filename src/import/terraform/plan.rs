//! Plans: what `terraform show -json` prints of one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::configuration::Configuration;
use super::fill::Filler;
use super::identity::Document;
use super::instance::Instance;
use super::state::{described, list, of_values};
use super::{Read, TerraformError, convert};

/// Whether a document is a plan.
pub(super) fn is_plan(document: &Value) -> bool {
    let has = |key: &str| document.get(key).is_some();
    has("format_version") && (has("planned_values") || has("resource_changes"))
}

/// Reads the state that a plan leads to.
///
/// # Errors
///
/// [`TerraformError::NoConfiguration`].
pub(super) fn read(plan: &Value) -> Result<Read, TerraformError> {
    let mut document = Document::new(instances(plan), Configuration::new(plan));
    let mut all_values = Vec::new();
    let mut warnings = Vec::new();
    for instance in &document.instances {
        let mut filler = Filler::new(&document, instance);
        all_values.push(filler.filled()?);
        warnings.extend(filler.warnings);
    }
    for (instance, values) in document.instances.iter_mut().zip(all_values) {
        if let Some(values) = values {
            instance.values = values;
        }
    }
    let mut all = document.warnings;
    all.extend(warnings);
    Ok(convert::convert(&document.instances, &document.ids, all))
}

/// The instances that a plan leaves, with what is known only after apply.
fn instances(plan: &Value) -> Vec<Instance> {
    let changes = list(plan, "resource_changes");
    let mut unknown: BTreeMap<&str, &Value> = BTreeMap::new();
    for change in changes {
        let address = change.get("address").and_then(Value::as_str);
        let after = change
            .get("change")
            .and_then(|one| one.get("after_unknown"));
        if let (Some(address), Some(after)) = (address, after) {
            unknown.insert(address, after);
        }
    }
    let mut found = plan
        .get("planned_values")
        .map(of_values)
        .unwrap_or_default();
    let there: BTreeSet<String> = found.iter().map(|one| one.address.clone()).collect();
    // Data sources that are read while the plan is applied, and everything in a plan without planned values.
    for change in changes {
        let inside = change.get("change");
        let is_deleted = |one: &&Value| list(one, "actions").iter().all(|one| one == "delete");
        if inside.is_none_or(|one| is_deleted(&one)) {
            continue;
        }
        let after = inside.and_then(|one| one.get("after"));
        found.extend(described(change, after).filter(|one| !there.contains(&one.address)));
    }
    for instance in &mut found {
        if let Some(after) = unknown.get(instance.address.as_str()) {
            instance.unknown = (*after).clone();
        }
    }
    found
}
