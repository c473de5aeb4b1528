//! Templates of Azure Resource Manager.

mod deployment;
mod expression;
mod functions;
mod resources;
mod scope;

use serde_json::{Map, Value};

pub use resources::evaluate;

/// What a template does not state.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Values of parameters. Names are compared without case.
    pub parameters: Map<String, Value>,
    /// The subscription.
    pub subscription_id: String,
    /// The resource group.
    pub resource_group: String,
    /// The group's location.
    pub location: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            parameters: Map::new(),
            subscription_id: "00000000-0000-0000-0000-000000000000".to_owned(),
            resource_group: "imported".to_owned(),
            location: "westeurope".to_owned(),
        }
    }
}

/// The values in a file of parameters: `{"parameters": {"x": {"value": ..}}}`. `None` for another document.
#[must_use]
pub fn parameters(document: &Value) -> Option<Map<String, Value>> {
    let all = document.get("parameters")?.as_object()?;
    let given = all
        .iter()
        .filter_map(|(name, one)| Some((name.clone(), one.get("value")?.clone())));
    let given: Map<String, Value> = given.collect();
    (!given.is_empty()).then_some(given)
}

/// The resources of a template.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluated {
    /// Its resources, in its order.
    pub resources: Vec<Value>,
    /// What a condition or `existing` leaves out: type and name.
    pub skipped: Vec<String>,
    /// The expressions whose value only Azure knows.
    pub unresolved: Vec<Unresolved>,
    /// What the template leaves open.
    pub warnings: Vec<String>,
}

/// A value that only Azure knows. It is null in the resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    /// The name of the resource.
    pub resource: String,
    /// The expression.
    pub text: String,
}

/// Why a template could not be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// An expression is wrong.
    #[error("the expression `{text}` is wrong: {reason}; correct it in the template")]
    Expression {
        /// The expression.
        text: String,
        /// What is wrong in it.
        reason: String,
    },
    /// A parameter has no value.
    #[error("the parameter `{name}` has no value; give one with `--set {name}=VALUE`")]
    Missing {
        /// Its name.
        name: String,
    },
    /// A variable or parameter refers to itself.
    #[error("{of} refers to itself; correct the template")]
    Cycle {
        /// The variable or parameter.
        of: String,
    },
    /// What decides on resources is not known.
    #[error(
        "only Azure knows `{text}`, which decides on resources; replace it by a parameter, and give that with `--set NAME=VALUE`"
    )]
    Undecided {
        /// The expression.
        text: String,
    },
    /// The template has too many resources.
    #[error("the template has more than {most} resources; split it")]
    TooMany {
        /// How many are evaluated.
        most: usize,
    },
    /// The template has too many values.
    #[error("the template has more than {most} values; split it")]
    TooLarge {
        /// How many are evaluated.
        most: usize,
    },
    /// Values are nested too deep.
    #[error(
        "values of the template are nested too deep to be evaluated; split them into variables"
    )]
    TooDeep,
}

#[cfg(test)]
mod tests;
