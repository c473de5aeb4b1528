//! Recognizes what a JSON document is by its content, and finds the resources in it.

use serde_json::{Map, Value};

use crate::import::error::ImportError;
use crate::import::notes::Notes;
use crate::import::resource::Resource;
use crate::import::template::{self, Settings};
use crate::import::{Options, terraform};

/// The resources of a document of any form. What is not taken of it is noted.
///
/// # Errors
///
/// [`ImportError`], for a document of no known form, and for one of a known form that cannot be read.
pub(crate) fn read(
    file: &str,
    document: Value,
    options: &Options,
    notes: &mut Notes,
) -> Result<Vec<Resource>, ImportError> {
    if is_template(&document) && !options.before {
        return of_template(file, &document, options, notes);
    }
    let read = if options.before {
        terraform::read_before(&document)
    } else {
        terraform::read(&document)
    };
    let read = match read {
        Some(read) => read,
        None if options.before => {
            return Err(ImportError::NoPlan {
                file: file.to_owned(),
            });
        }
        None => return resources(file, document),
    };
    let read = read.map_err(|source| ImportError::Terraform {
        file: file.to_owned(),
        source,
    })?;
    for one in read.not_taken {
        notes.leave(&one.kind, &one.address, &one.why);
    }
    for warning in read.warnings {
        notes.warn(file, &warning);
    }
    Ok(read
        .resources
        .into_iter()
        .filter_map(Resource::new)
        .collect())
}

/// Whether a document is a template of Azure Resource Manager.
fn is_template(document: &Value) -> bool {
    let schema = document.get("$schema").and_then(Value::as_str);
    schema.is_some_and(|schema| schema.contains("eploymentTemplate"))
}

/// The names of the parameters that a document declares, in lower case. None if it is no template.
pub(crate) fn declared(document: &Value) -> Vec<String> {
    let parameters = document.get("parameters").and_then(Value::as_object);
    let parameters = parameters.filter(|_| is_template(document));
    let names = parameters.into_iter().flat_map(|all| all.keys());
    names.map(|name| name.to_ascii_lowercase()).collect()
}

/// The resources of a template.
fn of_template(
    file: &str,
    document: &Value,
    options: &Options,
    notes: &mut Notes,
) -> Result<Vec<Resource>, ImportError> {
    let settings = Settings {
        parameters: options.parameters.clone(),
        ..Settings::default()
    };
    let evaluated = template::evaluate(document, &settings);
    let evaluated = evaluated.map_err(|source| ImportError::Template {
        file: file.to_owned(),
        source,
    })?;
    for one in &evaluated.skipped {
        notes.leave("resources", one, "a condition of the template is false");
    }
    for one in &evaluated.unresolved {
        let why = format!("only Azure knows `{}`", one.text);
        notes.leave("values", &one.resource, &why);
    }
    for warning in &evaluated.warnings {
        notes.warn(file, warning);
    }
    let resources = evaluated.resources.into_iter();
    Ok(resources.filter_map(Resource::new).collect())
}

/// The resources of a document in the forms of Azure Resource Manager: a list or a resource of `az`, a REST answer, a
/// Resource Graph result, a snapshot of Bicep.
///
/// # Errors
///
/// [`ImportError::Unknown`] and [`ImportError::Parameters`].
fn resources(file: &str, document: Value) -> Result<Vec<Resource>, ImportError> {
    let unknown = |found: String| ImportError::Unknown {
        file: file.to_owned(),
        found,
    };
    match document {
        Value::Array(items) => items
            .into_iter()
            .map(|item| {
                let found = keys(&item);
                Resource::new(item).ok_or_else(|| unknown(format!("a list of items with {found}")))
            })
            .collect(),
        Value::Object(object) => of_object(file, object),
        other => Err(unknown(kind_of(&other).to_owned())),
    }
}

fn of_object(file: &str, mut object: Map<String, Value>) -> Result<Vec<Resource>, ImportError> {
    let schema = object
        .get("$schema")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if schema.contains("deploymentParameters") {
        return Err(ImportError::Parameters {
            file: file.to_owned(),
        });
    }
    // Lists: Bicep's snapshot, Resource Graph, REST.
    for list in ["predictedResources", "data", "value"] {
        if let Some(Value::Array(items)) = object.get_mut(list) {
            return resources(file, Value::Array(std::mem::take(items)));
        }
    }
    let whole = Value::Object(object);
    let found = keys(&whole);
    let resource = Resource::new(whole).ok_or_else(|| ImportError::Unknown {
        file: file.to_owned(),
        found,
    })?;
    Ok(vec![resource])
}

/// The first keys of a value, for errors.
fn keys(value: &Value) -> String {
    match value.as_object() {
        Some(object) if object.is_empty() => "an empty object".to_owned(),
        Some(object) => {
            let keys: Vec<String> = object
                .keys()
                .take(5)
                .map(|key| format!("`{key}`"))
                .collect();
            format!("the keys {}", keys.join(", "))
        }
        None => kind_of(value).to_owned(),
    }
}

const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
