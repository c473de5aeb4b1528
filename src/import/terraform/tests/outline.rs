//! What was read, in lines.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::super::{Read, read};

/// Reads a document that can be read.
pub(super) fn read_well(document: &Value) -> Read {
    read(document)
        .expect("is Terraform's")
        .expect("can be read")
}

/// Resources in lines: each value with its path. Ids begin after the provider.
pub(super) fn outline(read: &Read) -> String {
    let mut text = String::new();
    for resource in &read.resources {
        let at = |key: &str| resource[key].as_str().unwrap_or_default();
        _ = writeln!(text, "{} {} = {}", at("type"), at("name"), at("address"));
        let object = resource.as_object().unwrap();
        for (key, value) in object {
            if !["id", "name", "type", "address", "properties"].contains(&key.as_str()) {
                lines(key, value, &mut text);
            }
        }
        for (key, value) in resource["properties"].as_object().unwrap() {
            lines(key, value, &mut text);
        }
    }
    for one in &read.not_taken {
        _ = writeln!(
            text,
            "not taken: {} ({}): {}",
            one.address, one.kind, one.why
        );
    }
    for warning in &read.warnings {
        _ = writeln!(text, "warning: {warning}");
    }
    text
}

fn lines(path: &str, value: &Value, text: &mut String) {
    match value {
        Value::Object(object) => object_lines(path, object, text),
        Value::Array(items) if items.iter().any(|item| item.get("name").is_some()) => {
            for item in items {
                let name = item["name"].as_str().unwrap_or_default();
                let path = format!("{path}[{name}]");
                let object = item.as_object().unwrap();
                if object.len() <= 2 {
                    _ = writeln!(text, "  {path}");
                }
                for (key, value) in object.iter().filter(|(key, _)| *key != "name") {
                    item_lines(&path, (key, value), text);
                }
            }
        }
        Value::Array(items) if items.iter().all(|item| !item.is_object()) => {
            let items: Vec<String> = items.iter().map(short).collect();
            _ = writeln!(text, "  {path}: {}", items.join(", "));
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                lines(&format!("{path}[{number}]"), item, text);
            }
        }
        _ => _ = writeln!(text, "  {path}: {}", short(value)),
    }
}

fn item_lines(path: &str, (key, value): (&str, &Value), text: &mut String) {
    match (key, value) {
        ("id", _) => {}
        ("properties", Value::Object(inside)) => object_lines(path, inside, text),
        _ => lines(&format!("{path}.{key}"), value, text),
    }
}

fn object_lines(path: &str, object: &Map<String, Value>, text: &mut String) {
    for (key, value) in object {
        match key.as_str() {
            "properties" => lines(path, value, text),
            "id" => _ = writeln!(text, "  {path} -> {}", short(value)),
            _ => lines(&format!("{path}.{key}"), value, text),
        }
    }
}

fn short(value: &Value) -> String {
    let Some(one) = value.as_str() else {
        return value.to_string();
    };
    match one.split_once("/providers/Microsoft.") {
        Some((_, rest)) => rest
            .split_once('/')
            .map_or(rest, |(_, rest)| rest)
            .to_owned(),
        None => one.to_owned(),
    }
}
