//! The resources of a template, with their copy loops, conditions and children.

use serde_json::{Map, Value, json};

use super::scope::{Failure, Scope};
use super::{Evaluated, Settings, TemplateError, Unresolved, deployment, functions};

/// How many resources a template may become.
const MOST: usize = 10_000;

/// Evaluates a template: its resources, children with their full ids after their parents.
///
/// # Errors
///
/// [`TemplateError`], for what decides which resources exist and is not known.
pub fn evaluate(template: &Value, settings: &Settings) -> Result<Evaluated, TemplateError> {
    let mut scope = Scope::new(template, settings);
    let mut evaluated = Evaluated::default();
    add_all(&mut scope, template, None, &mut evaluated)?;
    Ok(evaluated)
}

/// Adds the resources of a template or of a parent, given by type and name.
pub(super) fn add_all(
    scope: &mut Scope<'_>,
    of: &Value,
    parent: Option<(&str, &str)>,
    into: &mut Evaluated,
) -> Result<(), TemplateError> {
    let items: Vec<&Value> = match of.get("resources") {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Object(items)) => items.values().collect(),
        _ => Vec::new(),
    };
    for item in items {
        let Some(copy) = item.get("copy") else {
            add(scope, item, parent, into)?;
            continue;
        };
        let name = copy.get("name").and_then(Value::as_str).unwrap_or_default();
        let count = decided(scope, copy.get("count").unwrap_or(&Value::Null))?;
        let most = i64::try_from(MOST).unwrap_or(i64::MAX);
        if count.as_i64().is_some_and(|count| count > most) {
            return Err(TemplateError::TooMany { most: MOST });
        }
        for index in 0..count.as_i64().unwrap_or(0) {
            scope.copies.push((name.to_owned(), index));
            let added = add(scope, item, parent, into);
            scope.copies.pop();
            added?;
        }
    }
    Ok(())
}

fn add(
    scope: &mut Scope<'_>,
    item: &Value,
    parent: Option<(&str, &str)>,
    into: &mut Evaluated,
) -> Result<(), TemplateError> {
    if into.resources.len() >= MOST {
        return Err(TemplateError::TooMany { most: MOST });
    }
    let mut kind = functions::text(item.get("type").unwrap_or(&Value::Null));
    let mut name = functions::text(&decided(scope, item.get("name").unwrap_or(&Value::Null))?);
    if let Some((of_kind, of_name)) = parent {
        kind = format!("{of_kind}/{kind}");
        name = format!("{of_name}/{name}");
    }
    let condition = item
        .get("condition")
        .map_or(Ok(json!(true)), |one| decided(scope, one))?;
    if kind.eq_ignore_ascii_case(deployment::KIND) && functions::truth(&condition) {
        return deployment::add(scope, item, &name, into);
    }
    let is_existing = item.get("existing").is_some_and(functions::truth);
    if !functions::truth(&condition) || is_existing {
        into.skipped.push(format!("{kind} {name}"));
        return Ok(());
    }
    let mut names = vec![json!(kind)];
    names.extend(name.split('/').map(|one| json!(one)));
    let id = functions::call("resourceid", &names, scope.settings);
    let mut resource = Map::new();
    resource.insert("id".to_owned(), id.unwrap_or_default());
    resource.insert("name".to_owned(), json!(name));
    resource.insert("type".to_owned(), json!(kind));
    for key in ["location", "sku", "kind", "properties"] {
        if let Some(value) = item.get(key) {
            let mut unresolved = Vec::new();
            resource.insert(key.to_owned(), scope.value(value, &mut unresolved)?);
            let unresolved = unresolved.into_iter().map(|text| Unresolved {
                resource: name.clone(),
                text,
            });
            into.unresolved.extend(unresolved);
        }
    }
    let key = functions::text(&resource["id"]).to_ascii_lowercase();
    scope
        .known
        .insert(key, resource.get("properties").cloned().unwrap_or_default());
    into.resources.push(Value::Object(resource));
    add_all(scope, item, Some((&kind, &name)), into)
}

/// A value that decides which resources exist.
pub(super) fn decided(scope: &mut Scope<'_>, value: &Value) -> Result<Value, TemplateError> {
    let Some(text) = value.as_str() else {
        return Ok(value.clone());
    };
    scope.text(text).map_err(|failure| match failure {
        Failure::Wrong(error) => error,
        Failure::Runtime(_) => TemplateError::Undecided {
            text: text.to_owned(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_conditions_and_children_are_resources_with_full_ids() {
        let template = json!({ "resources": [{
            "type": "N/a", "name": "[concat('a', copyIndex(1))]", "copy": { "name": "c", "count": 2 },
            "properties": { "key": "[listKeys('x')]" },
            "resources": [{ "type": "b", "name": "b" }, { "type": "b", "name": "no", "condition": "[equals(copyIndex(), 7)]" }]
        }] });
        let settings = Settings {
            parameters: Map::new(),
            subscription_id: "s".into(),
            resource_group: "g".into(),
            location: "l".into(),
        };
        let evaluated = evaluate(&template, &settings).unwrap();
        let ids: Vec<_> = evaluated
            .resources
            .iter()
            .filter_map(|one| one["id"].as_str())
            .collect();
        let start = "/subscriptions/s/resourceGroups/g/providers/N/a";
        assert_eq!(
            ids,
            [
                format!("{start}/a1"),
                format!("{start}/a1/b/b"),
                format!("{start}/a2"),
                format!("{start}/a2/b/b")
            ]
        );
        assert_eq!(evaluated.skipped, ["N/a/b a1/no", "N/a/b a2/no"]);
        assert_eq!(evaluated.unresolved.len(), 2);
    }
}
