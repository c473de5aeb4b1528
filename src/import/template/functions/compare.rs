//! Functions of truth and order.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::{argument, text, truth};
use crate::import::template::scope::{Failure, wrong};

/// Calls a function of truth and order; `None` for another one.
pub(super) fn call(name: &str, values: &[Value]) -> Option<Result<Value, Failure>> {
    let [first, second] = [0, 1].map(|place| argument(values, place));
    Some(Ok(match name {
        "equals" => json!(same(first, second)),
        "not" => json!(!truth(first)),
        "and" => json!(values.iter().all(truth)),
        "or" => json!(values.iter().any(truth)),
        "xor" => json!(truth(first) != truth(second)),
        "true" => json!(true),
        "false" => json!(false),
        "bool" => json!(truth(first) || first.as_i64().is_some_and(|number| number != 0)),
        "less" => json!(order(first, second).is_lt()),
        "lessorequals" => json!(order(first, second).is_le()),
        "greater" => json!(order(first, second).is_gt()),
        "greaterorequals" => json!(order(first, second).is_ge()),
        "json" => {
            let parsed = serde_json::from_str(&text(first));
            return Some(parsed.map_err(|_| wrong("`json` has a text that is not JSON")));
        }
        _ => return None,
    }))
}

/// Whether values are equal: texts with their case, numbers by their value.
fn same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.total_cmp(&other).is_eq(),
        _ => one == other,
    }
}

fn order(one: &Value, other: &Value) -> Ordering {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.total_cmp(&other),
        _ => text(one).cmp(&text(other)),
    }
}
