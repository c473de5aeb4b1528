//! Documents with any one value damaged: an import ends without a panic, and what it writes is a YAML document.

use serde_json::{Value, json};

use super::az::files;
use super::*;

/// The places of all values of a document, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{number}"), found);
            }
        }
        Value::Object(entries) => {
            for (key, value) in entries {
                let key = key.replace('~', "~0").replace('/', "~1");
                places(value, &format!("{at}/{key}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn a_damaged_value_never_breaks_the_lab_files_syntax() {
    let whole: Vec<Value> = files()
        .iter()
        .flat_map(|input| serde_json::from_str::<Vec<Value>>(&input.text).unwrap())
        .collect();
    let whole = Value::Array(whole);
    let mut found = Vec::new();
    places(&whole, "", &mut found);
    let wrong = [
        json!(null),
        json!([]),
        json!({}),
        json!("\u{7}: #é\n'\"{"),
        json!(-3.5),
        json!([[{"id": "/a"}]]),
    ];
    for (number, place) in found.iter().enumerate().skip(1) {
        // Two kinds of damage for each value, not always the same two.
        for value in [
            &wrong[number % wrong.len()],
            &wrong[(number + 2) % wrong.len()],
        ] {
            let mut damaged = whole.clone();
            *damaged.pointer_mut(place).unwrap() = value.clone();
            let text = serde_json::to_string(&damaged).unwrap();
            let Ok(imported) = import(&[input("f", text)], &named("x")) else {
                continue;
            };
            assert!(
                lab::filled(&imported.text).is_some(),
                "{place} {value}\n{}",
                imported.text
            );
        }
    }
}
