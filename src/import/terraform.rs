//! Reads states and plans of Terraform, as resources of Azure Resource Manager.
//!
//! Three forms are read: the state file, and what `terraform show -json` prints of a state and of a plan. `OpenTofu`
//! writes the same forms. Resources of the providers azurerm (3 and 4) and azapi become resources in the shape that Azure
//! Resource Manager prints; what azurerm has as resources of their own (subnets, routes, peerings, associations) becomes
//! a part of its parent. No file, clock or network is used.

mod address;
mod azapi;
mod configuration;
mod convert;
mod expected;
mod fill;
mod identity;
mod instance;
mod kinds;
mod merge;
mod plan;
mod references;
mod shape;
mod state;

#[cfg(test)]
mod tests;

use serde_json::Value;

/// What was read of a document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Read {
    /// Resources as Azure Resource Manager prints them: `id`, `name`, `type`, `location`, `sku`, `kind`, `properties`, and
    /// besides these their `address` in Terraform.
    pub resources: Vec<Value>,
    /// Resources that are not read.
    pub not_taken: Vec<NotTaken>,
    /// What the document leaves open.
    pub warnings: Vec<String>,
}

/// A resource that is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTaken {
    /// Its address.
    pub address: String,
    /// Its type in Terraform.
    pub kind: String,
    /// Why it is not read.
    pub why: String,
}

/// Why a document of Terraform could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TerraformError {
    /// The state file is of another version.
    #[error(
        "the state has version {found}, and only version 4 is read: write it anew with `terraform state pull` of Terraform 0.12 or newer"
    )]
    Version {
        /// The version.
        found: u64,
    },
    /// A plan without its configuration has ids that are not known yet.
    #[error(
        "{attribute} of {address} is known only after apply, and the plan has no `configuration` that says what it is: give the output of `terraform show -json PLANFILE` whole"
    )]
    NoConfiguration {
        /// The address of the resource.
        address: String,
        /// The attribute.
        attribute: String,
    },
}

/// Reads a document: the state of a state, and the state after apply of a plan. `None` if it is not Terraform's.
///
/// # Errors
///
/// [`TerraformError`].
#[must_use]
pub fn read(document: &Value) -> Option<Result<Read, TerraformError>> {
    if state::is_file(document) {
        return Some(state::of_file(document).map(of_state));
    }
    if plan::is_plan(document) {
        return Some(plan::read(document));
    }
    let values = shown_state(document)?;
    Some(Ok(of_state(state::of_values(values))))
}

/// Reads the state before a plan is applied. `None` if the document is not a plan.
///
/// # Errors
///
/// [`TerraformError`].
#[must_use]
pub fn read_before(document: &Value) -> Option<Result<Read, TerraformError>> {
    if !plan::is_plan(document) {
        return None;
    }
    let prior = document.get("prior_state").and_then(shown_state);
    let instances = prior.map(state::of_values).unwrap_or_default();
    Some(Ok(of_state(instances)))
}

/// The values of a state that `terraform show -json` printed. An empty state has none.
fn shown_state(document: &Value) -> Option<&Value> {
    const NOTHING: &Value = &Value::Null;
    document
        .get("format_version")
        .filter(|one| one.is_string())?;
    match document.get("values") {
        Some(values) => Some(values),
        None if is_only_versions(document) => Some(NOTHING),
        None => None,
    }
}

/// Whether an object has no keys besides versions.
fn is_only_versions(document: &Value) -> bool {
    let keys = document.as_object().into_iter().flat_map(|one| one.keys());
    keys.into_iter()
        .all(|key| key == "format_version" || key == "terraform_version")
}

fn of_state(instances: Vec<instance::Instance>) -> Read {
    let document = identity::Document::new(instances, None);
    convert::convert(&document.instances, &document.ids, document.warnings)
}
