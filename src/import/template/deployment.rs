//! Nested deployments: templates in templates, with their own parameters or with those around them.

use serde_json::{Map, Value, json};

use super::resources::{add_all, decided};
use super::scope::{Failure, Scope};
use super::{Evaluated, Settings, TemplateError, Unresolved, functions};

/// The type of a nested deployment.
pub(super) const KIND: &str = "Microsoft.Resources/deployments";

/// How deep deployments may be nested.
const DEEPEST: usize = 8;

/// Adds the resources of a nested deployment.
///
/// # Errors
///
/// [`TemplateError`], as for the template around it.
pub(super) fn add(
    scope: &mut Scope<'_>,
    item: &Value,
    name: &str,
    into: &mut Evaluated,
) -> Result<(), TemplateError> {
    let properties = &item["properties"];
    let Some(template) = properties.get("template") else {
        let warning =
            format!("the deployment {name} has its template in another file, which is not read");
        into.warnings.push(warning);
        return Ok(());
    };
    if scope.nesting >= DEEPEST {
        return Err(TemplateError::TooDeep);
    }
    let how = properties["expressionEvaluationOptions"]["scope"].as_str();
    let outputs = if how.is_some_and(|how| how.eq_ignore_ascii_case("inner")) {
        let settings = settings(scope, item, name, into)?;
        let mut inner = Scope::new(template, &settings);
        inner.nesting = scope.nesting + 1;
        add_all(&mut inner, template, None, into)?;
        let outputs = outputs(&mut inner, template)?;
        scope.known.append(&mut inner.known);
        outputs
    } else {
        scope.nesting += 1;
        let added = add_all(scope, template, None, into);
        scope.nesting -= 1;
        added?;
        outputs(scope, template)?
    };
    let id = format!("/{}/{name}", KIND.to_ascii_lowercase());
    scope
        .known
        .insert(id.to_ascii_lowercase(), json!({ "outputs": outputs }));
    Ok(())
}

/// Where a nested deployment with an inner scope is deployed, and the values of its parameters.
fn settings(
    scope: &mut Scope<'_>,
    item: &Value,
    name: &str,
    into: &mut Evaluated,
) -> Result<Settings, TemplateError> {
    let mut parameters = Map::new();
    let given = item["properties"]["parameters"].as_object();
    for (parameter, value) in given.into_iter().flatten() {
        let Some(value) = value.get("value") else {
            continue;
        };
        let mut unresolved = Vec::new();
        parameters.insert(parameter.clone(), scope.value(value, &mut unresolved)?);
        let unresolved = unresolved.into_iter().map(|text| Unresolved {
            resource: name.to_owned(),
            text,
        });
        into.unresolved.extend(unresolved);
    }
    let mut own = scope.settings.clone();
    own.parameters = parameters;
    for (key, place) in [
        ("subscriptionId", &mut own.subscription_id),
        ("resourceGroup", &mut own.resource_group),
    ] {
        if let Some(value) = item.get(key) {
            *place = functions::text(&decided(scope, value)?);
        }
    }
    Ok(own)
}

/// The outputs of a template. One that only Azure knows is left out.
fn outputs(scope: &mut Scope<'_>, template: &Value) -> Result<Value, TemplateError> {
    let mut outputs = Map::new();
    for (name, output) in template["outputs"].as_object().into_iter().flatten() {
        let value = output.get("value").unwrap_or(&Value::Null);
        let known = match value.as_str().map(|text| scope.text(text)) {
            Some(Ok(value)) => Some(value),
            Some(Err(Failure::Wrong(error))) => return Err(error),
            Some(Err(Failure::Runtime(_))) => None,
            None => {
                let mut unresolved = Vec::new();
                let value = scope.value(value, &mut unresolved)?;
                unresolved.is_empty().then_some(value)
            }
        };
        if let Some(value) = known {
            outputs.insert(name.clone(), json!({ "value": value }));
        }
    }
    Ok(Value::Object(outputs))
}
