//! Functions of lists and objects.

use serde_json::{Map, Value, json};

use super::{LONGEST, argument, length, member, text, whole};
use crate::import::template::scope::{Failure, wrong};

/// Calls a function of lists and objects; `None` for another one.
pub(super) fn call(name: &str, values: &[Value]) -> Option<Result<Value, Failure>> {
    let first = argument(values, 0);
    Some(Ok(match name {
        "concat" => json!(flattened(values)),
        "flatten" => json!(flattened(
            first.as_array().map(Vec::as_slice).unwrap_or_default()
        )),
        "array" if first.is_array() => first.clone(),
        "array" => json!([first]),
        "createarray" => json!(values),
        "createobject" => Value::Object(pairs(values)),
        "length" => json!(length(first)),
        "empty" => json!(length(first) == 0),
        "contains" => json!(contains(first, argument(values, 1))),
        "first" => one_of(first, true),
        "last" => one_of(first, false),
        "skip" => return Some(part(name, values, true)),
        "take" => return Some(part(name, values, false)),
        "union" | "shallowmerge" => union(values),
        "intersection" => intersection(values),
        "range" => return Some(range(values)),
        "items" => json!(items(first)),
        "objectkeys" => json!(
            first
                .as_object()
                .map(|one| one.keys().cloned().collect::<Vec<_>>())
        ),
        "coalesce" => values
            .iter()
            .find(|one| !one.is_null())
            .cloned()
            .unwrap_or_default(),
        "tryget" => member(first, argument(values, 1)).unwrap_or_default(),
        "indexfromend" => from_end(first, argument(values, 1)),
        "indexof" => json!(place(first, argument(values, 1), false)),
        "lastindexof" => json!(place(first, argument(values, 1), true)),
        "null" => Value::Null,
        _ => return None,
    }))
}

fn flattened(lists: &[Value]) -> Vec<Value> {
    let lists = lists.iter().filter_map(Value::as_array);
    lists.flatten().take(LONGEST + 1).cloned().collect()
}

fn pairs(values: &[Value]) -> Map<String, Value> {
    let pairs = values.chunks_exact(2);
    pairs
        .map(|pair| (text(&pair[0]), pair[1].clone()))
        .collect()
}

/// Whether a list has an item, an object a key without case, a text a part.
fn contains(of: &Value, wanted: &Value) -> bool {
    match of {
        Value::Array(items) => items.contains(wanted),
        Value::Object(_) => member(of, &json!(text(wanted))).is_some(),
        other => text(other).contains(&text(wanted)),
    }
}

fn one_of(of: &Value, is_first: bool) -> Value {
    match of {
        Value::Array(items) => {
            let found = if is_first {
                items.first()
            } else {
                items.last()
            };
            found.cloned().unwrap_or_default()
        }
        other => {
            let whole = text(other);
            let mut characters = whole.chars();
            let found = if is_first {
                characters.next()
            } else {
                characters.next_back()
            };
            json!(found.map(String::from).unwrap_or_default())
        }
    }
}

fn part(name: &str, values: &[Value], is_rest: bool) -> Result<Value, Failure> {
    let count = usize::try_from(whole(name, argument(values, 1))?).unwrap_or(0);
    Ok(match argument(values, 0) {
        Value::Array(items) => {
            let at = count.min(items.len());
            json!(if is_rest { &items[at..] } else { &items[..at] })
        }
        other => {
            let characters: Vec<char> = text(other).chars().collect();
            let at = count.min(characters.len());
            let part = if is_rest {
                &characters[at..]
            } else {
                &characters[..at]
            };
            json!(part.iter().collect::<String>())
        }
    })
}

/// Objects joined, later ones first; lists without what is there already.
fn union(values: &[Value]) -> Value {
    if values.iter().any(Value::is_object) {
        let mut joined = json!({});
        for value in values {
            merge(&mut joined, value, 0);
        }
        return joined;
    }
    let mut found: Vec<Value> = Vec::new();
    for item in flattened(values) {
        if !found.contains(&item) {
            found.push(item);
        }
    }
    json!(found)
}

fn merge(into: &mut Value, from: &Value, depth: usize) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) if depth < 64 => {
            for (key, value) in from {
                merge(
                    into.entry(key.clone()).or_insert(Value::Null),
                    value,
                    depth + 1,
                );
            }
        }
        (into, from) => *into = from.clone(),
    }
}

fn intersection(values: &[Value]) -> Value {
    let Some((first, others)) = values.split_first() else {
        return Value::Null;
    };
    match first {
        Value::Object(object) => {
            let is_everywhere = |(key, value): &(&String, &Value)| {
                others
                    .iter()
                    .all(|other| other.get(key.as_str()) == Some(value))
            };
            let common = object.iter().filter(is_everywhere);
            Value::Object(
                common
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect(),
            )
        }
        Value::Array(items) => {
            let is_everywhere = |item: &&Value| {
                let mut lists = others.iter().map(Value::as_array);
                lists.all(|list| list.is_some_and(|list| list.contains(item)))
            };
            json!(items.iter().filter(is_everywhere).collect::<Vec<_>>())
        }
        _ => Value::Null,
    }
}

/// The most numbers of a range (template-functions-array).
const LONGEST_RANGE: i64 = 10_000;

fn range(values: &[Value]) -> Result<Value, Failure> {
    let start = whole("range", argument(values, 0))?;
    let count = whole("range", argument(values, 1))?;
    if !(0..=LONGEST_RANGE).contains(&count) {
        return Err(wrong(&format!(
            "`range` has at most {LONGEST_RANGE} numbers"
        )));
    }
    Ok(json!(
        (0..count)
            .map(|one| start.saturating_add(one))
            .collect::<Vec<_>>()
    ))
}

/// The entries of an object, by key.
fn items(of: &Value) -> Vec<Value> {
    let mut entries: Vec<(&String, &Value)> = of.as_object().into_iter().flatten().collect();
    entries.sort_by_key(|(key, _)| *key);
    let entries = entries.into_iter();
    entries
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect()
}

fn from_end(of: &Value, place: &Value) -> Value {
    let items = of.as_array().map(Vec::as_slice).unwrap_or_default();
    let place = place.as_i64().and_then(|place| usize::try_from(place).ok());
    let place = place.and_then(|place| items.len().checked_sub(place));
    place
        .and_then(|place| items.get(place))
        .cloned()
        .unwrap_or_default()
}

fn place(of: &Value, wanted: &Value, is_last: bool) -> i64 {
    let items = of.as_array().map(Vec::as_slice).unwrap_or_default();
    let found = if is_last {
        items.iter().rposition(|item| item == wanted)
    } else {
        items.iter().position(|item| item == wanted)
    };
    found
        .and_then(|place| i64::try_from(place).ok())
        .unwrap_or(-1)
}
