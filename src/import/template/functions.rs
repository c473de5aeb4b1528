//! The functions of templates that need nothing of Azure's runtime.

mod cidr;
mod collections;
mod compare;
mod ids;
mod numbers;
mod texts;

use serde_json::Value;

use super::Settings;
use super::scope::{Failure, wrong};

/// A member of an object, without case, or an item of a list.
pub(crate) fn member(of: &Value, key: &Value) -> Option<Value> {
    match (of, key) {
        (Value::Object(object), Value::String(key)) => {
            let found = object.iter().find(|(one, _)| one.eq_ignore_ascii_case(key));
            found.map(|(_, value)| value.clone())
        }
        (Value::Array(items), key) => items.get(usize::try_from(key.as_i64()?).ok()?).cloned(),
        _ => None,
    }
}

/// Whether a value is true. Templates write booleans as texts too.
pub(crate) fn truth(value: &Value) -> bool {
    value
        .as_bool()
        .unwrap_or_else(|| text(value).eq_ignore_ascii_case("true"))
}

/// A value as `concat` writes it.
pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The longest text and the longest list that a function makes.
pub(crate) const LONGEST: usize = 1 << 20;

/// The families of functions. Each answers the functions that it has.
type Family = fn(&str, &[Value]) -> Option<Result<Value, Failure>>;

/// All of them.
const FAMILIES: [Family; 5] = [
    texts::call,
    collections::call,
    compare::call,
    numbers::call,
    cidr::call,
];

/// Calls a function. One that is not known here is left to Azure.
pub(crate) fn call(name: &str, values: &[Value], settings: &Settings) -> Result<Value, Failure> {
    let found = FAMILIES.iter().find_map(|family| family(name, values));
    let found = found.or_else(|| ids::call(name, values, settings));
    let value = found.unwrap_or_else(|| Err(Failure::Runtime(name.to_owned())))?;
    let size = match &value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    };
    if size > LONGEST {
        return Err(wrong(&format!(
            "`{name}` makes more than {LONGEST} characters or items"
        )));
    }
    Ok(value)
}

/// An argument of a function.
fn argument(values: &[Value], place: usize) -> &Value {
    values.get(place).unwrap_or(&Value::Null)
}

/// A whole number as an argument. Templates write numbers as texts too.
fn whole(name: &str, value: &Value) -> Result<i64, Failure> {
    let number = value.as_i64().or_else(|| text(value).trim().parse().ok());
    number.ok_or_else(|| wrong(&format!("`{name}` needs a whole number, not `{value}`")))
}

/// How many characters, items or entries a value has.
fn length(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.len(),
        Value::Object(object) => object.len(),
        Value::String(text) => text.chars().count(),
        _ => 0,
    }
}
