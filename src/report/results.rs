//! The JSON Schemas of the results of commands, out of short descriptions of their shapes.
//!
//! In a description, an object has the shape of each key: with `?` after its name, the key may be missing. Under `...`
//! it has the name of a shared shape, whose keys it has too. A list has
//! the shape of its items. A text is the name of a type, `text`, `integer`, `number` or `boolean`, of the version of the
//! shapes, or of a shared shape, which begins with a capital letter. Alternatives are separated by `|`; any other word
//! is a value. With `?` after the text, the value may be null.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// The key of an object for the shared shape whose keys it has too.
const WITH: &str = "...";

const DESCRIPTIONS: &str = include_str!("results.json");

/// The version of the shapes of results. A field that is removed or changes its meaning raises it; a new field does not.
pub const SCHEMA_VERSION: u64 = 1;

/// The results that have a schema: most have the name of the command that prints them.
#[must_use]
pub fn names() -> Vec<String> {
    let descriptions = descriptions();
    let results = descriptions["results"].as_object().into_iter().flatten();
    results.map(|(name, _)| name.clone()).collect()
}

/// The schema, in draft 2020-12, of a result.
#[must_use]
pub fn result_schema(name: &str) -> Option<Value> {
    let descriptions = descriptions();
    let result = descriptions["results"].get(name)?;
    let mut used = BTreeSet::new();
    let shape = expanded(&result["shape"], &mut used);
    let mut definitions = Map::new();
    // A shared shape may use others.
    while let Some(next) = used.iter().find(|name| !definitions.contains_key(*name)) {
        let next = next.clone();
        let shape = expanded(&descriptions["shared"][&next], &mut used);
        definitions.insert(next, shape);
    }
    let head = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("lab {name}"),
        "description": result["about"],
    });
    let parts = [head, shape, json!({"$defs": definitions})];
    let parts = parts.into_iter().filter_map(|part| match part {
        Value::Object(part) => Some(part),
        _ => None,
    });
    Some(Value::Object(parts.flatten().collect()))
}

fn descriptions() -> Value {
    serde_json::from_str(DESCRIPTIONS).expect("a test reads the descriptions")
}

/// The schema of a described shape. The shared shapes that it uses are added to `used`.
fn expanded(shape: &Value, used: &mut BTreeSet<String>) -> Value {
    match shape {
        Value::Object(keys) => object(keys, used),
        Value::Array(items) => {
            let item = items.first().map(|item| expanded(item, used));
            json!({"type": "array", "items": item})
        }
        Value::String(text) => alternatives(text, used),
        _ => Value::Bool(true),
    }
}

fn object(keys: &Map<String, Value>, used: &mut BTreeSet<String>) -> Value {
    let mut required = Vec::new();
    let mut properties = Map::new();
    // A schema that allows no other properties cannot be extended by one that refers to it.
    let with = keys.get(WITH).and_then(Value::as_str).map(shared);
    let own = keys.iter().filter(|(key, _)| *key != WITH);
    for (key, shape) in own.chain(with.iter().flatten()) {
        let name = key.trim_end_matches('?');
        if name == key {
            required.push(name.to_owned());
        }
        properties.insert(name.to_owned(), expanded(shape, used));
    }
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The keys of a shared shape.
fn shared(name: &str) -> Map<String, Value> {
    match descriptions()["shared"][name].take() {
        Value::Object(keys) => keys,
        _ => Map::new(),
    }
}

fn alternatives(text: &str, used: &mut BTreeSet<String>) -> Value {
    let (text, is_nullable) = match text.strip_suffix('?') {
        Some(text) => (text, true),
        None => (text, false),
    };
    let null = is_nullable.then_some("null");
    let words: Vec<&str> = text.split('|').chain(null).collect();
    if let [word] = words.as_slice() {
        return of_word(word, used);
    }
    let types = words.iter().map(|word| type_of(word));
    if let Some(types) = types.collect::<Option<Vec<&str>>>() {
        return json!({ "type": types });
    }
    let is_value =
        |word: &&str| type_of(word).is_none_or(|word| word == "null") && !is_shared(word);
    if words.iter().all(is_value) {
        let value = |word: &&str| {
            if *word == "null" {
                Value::Null
            } else {
                json!(word)
            }
        };
        let values: Vec<Value> = words.iter().map(value).collect();
        return json!({ "enum": values });
    }
    let all: Vec<Value> = words.iter().map(|word| of_word(word, used)).collect();
    json!({ "anyOf": all })
}

fn of_word(word: &str, used: &mut BTreeSet<String>) -> Value {
    if word == "version" {
        return json!({ "const": SCHEMA_VERSION });
    }
    if let Some(name) = type_of(word) {
        return json!({ "type": name });
    }
    if is_shared(word) {
        used.insert(word.to_owned());
        return json!({ "$ref": format!("#/$defs/{word}") });
    }
    json!({ "const": word })
}

/// The name that JSON Schema has for a type.
fn type_of(word: &str) -> Option<&'static str> {
    match word {
        "text" => Some("string"),
        "integer" => Some("integer"),
        "number" => Some("number"),
        "boolean" => Some("boolean"),
        "null" => Some("null"),
        _ => None,
    }
}

/// Whether a word is the name of a shared shape, and not one of az's words.
fn is_shared(word: &str) -> bool {
    const WORDS: [&str; 5] = [
        "Active",
        "Invalid",
        "Default",
        "User",
        "VirtualNetworkGateway",
    ];
    word.starts_with(|c: char| c.is_ascii_uppercase()) && !WORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use boon::{Compiler, Schemas};

    use super::*;

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/labs/results");

    #[test]
    fn every_schema_is_one() {
        for name in names() {
            let mut compiler = Compiler::new();
            let schema = result_schema(&name).unwrap();
            compiler.add_resource("result.json", schema).unwrap();
            let found = compiler.compile("result.json", &mut Schemas::new());
            assert!(found.is_ok(), "{name}: {found:?}");
        }
        assert_eq!(result_schema("no-result"), None);
    }

    #[test]
    fn every_shared_shape_is_used() {
        let mut used = BTreeSet::new();
        for name in names() {
            let schema = result_schema(&name).unwrap();
            used.extend(schema["$defs"].as_object().unwrap().keys().cloned());
        }
        let descriptions = descriptions();
        let shared: BTreeSet<String> = descriptions["shared"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        assert_eq!(used, shared);
    }

    #[test]
    fn keys_of_a_shared_shape_are_written_out_with_others() {
        let shape = json!({"schemaVersion": "version", "...": "Findings"});
        let mut used = BTreeSet::new();
        insta::assert_snapshot!(expanded(&shape, &mut used), @r##"{"type":"object","properties":{"schemaVersion":{"const":1},"file":{"type":"string"},"count":{"type":"integer"},"findings":{"type":"array","items":{"$ref":"#/$defs/Finding"}}},"required":["schemaVersion","file","count","findings"],"additionalProperties":false}"##);
        assert_eq!(used, BTreeSet::from(["Finding".to_owned()]));
    }

    #[test]
    fn descriptions_are_written_out() {
        let shape = json!({"a": "text", "b?": ["integer?"], "c": "up|down", "d": "up|null", "e": "Way?", "f": "version"});
        let mut used = BTreeSet::new();
        insta::assert_snapshot!(expanded(&shape, &mut used), @r##"{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"array","items":{"type":["integer","null"]}},"c":{"enum":["up","down"]},"d":{"enum":["up",null]},"e":{"anyOf":[{"$ref":"#/$defs/Way"},{"type":"null"}]},"f":{"const":1}},"required":["a","c","d","e","f"],"additionalProperties":false}"##);
        assert_eq!(used, BTreeSet::from(["Way".to_owned()]));
    }

    /// `for name in $(ls labs/results); do lab schema ${name%%.*} >labs/results/$name; done` updates them.
    #[test]
    fn the_published_schemas_are_these() {
        let published = fs::read_dir(FOLDER)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap());
        let names = names();
        let expected = names.iter().map(|name| format!("{name}.schema.json"));
        assert_eq!(
            published.collect::<BTreeSet<_>>(),
            expected.collect::<BTreeSet<_>>()
        );
        for name in names {
            let text = fs::read_to_string(format!("{FOLDER}/{name}.schema.json")).unwrap();
            let schema =
                serde_json::to_string_pretty(&result_schema(&name).unwrap()).unwrap() + "\n";
            assert!(
                text == schema,
                "`lab schema {name} >labs/results/{name}.schema.json`"
            );
        }
    }
}
