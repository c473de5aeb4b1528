//! The JSON Schema of a lab file, by which editors complete and check it while it is written.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::lab::keys::{Key, Mapping, Needed, ROOT, Scalar, Shape};

/// Names of labs, machines and links, of the letters that namespaces and interfaces may have.
const NAME: &str = "^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$";

/// An IPv4 address.
const ADDRESS: &str =
    r"^(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\.(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}";

/// A prefix length.
const LENGTH: &str = "/(3[0-2]|[12]?[0-9])$";

/// The schema, in draft 2020-12, of the mappings of a lab file.
#[must_use]
pub fn schema(mappings: &[Mapping]) -> Value {
    let definitions: Map<String, Value> = mappings
        .iter()
        .map(|mapping| (definition_name(&mapping.name), definition(mapping)))
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A lab of netns-lab",
        "$ref": reference(ROOT),
        "$defs": definitions,
    })
}

/// `a virtual network` is `virtualNetwork`.
fn definition_name(name: &str) -> String {
    let name = name.replace("'s", "");
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    let _article = words.next();
    let mut camel = String::new();
    for word in words {
        let (first, rest) = word.split_at(word.len().min(1));
        let first = if camel.is_empty() {
            first.to_lowercase()
        } else {
            first.to_uppercase()
        };
        camel += &(first + rest);
    }
    camel
}

fn reference(name: &str) -> String {
    format!("#/$defs/{}", definition_name(name))
}

fn definition(mapping: &Mapping) -> Value {
    let properties: Map<String, Value> = mapping
        .keys
        .iter()
        .map(|key| (key.name.clone(), property(key)))
        .collect();
    let everywhere = |key: &&Key| key.needed == Needed::Everywhere(true);
    let required = names(mapping.keys.iter().filter(everywhere));
    let mut definition = json!({
        "description": described(&mapping.text, mapping.document.as_deref()),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    if let Some(kinds) = kinds(mapping) {
        definition["allOf"] = kinds;
    }
    if let Some(alternatives) = alternatives(mapping) {
        definition["anyOf"] = alternatives;
    }
    definition
}

/// The keys of a mapping of which others take the place: either those, or all that is needed without them.
fn alternatives(mapping: &Mapping) -> Option<Value> {
    let replaced = |key: &Key| match &key.needed {
        Needed::Unless { unless } => Some(unless.clone()),
        Needed::Everywhere(_) | Needed::In(_) => None,
    };
    let others: BTreeSet<String> = mapping.keys.iter().filter_map(replaced).collect();
    let needed = names(mapping.keys.iter().filter(|key| replaced(key).is_some()));
    let needed = (!others.is_empty()).then(|| json!({"required": needed}))?;
    let others = others.into_iter().map(|other| json!({"required": [other]}));
    Some(std::iter::once(needed).chain(others).collect())
}

/// What each kind of a mapping needs, and what it does not have.
fn kinds(mapping: &Mapping) -> Option<Value> {
    let kind = mapping.kind.as_ref()?;
    let words = &mapping.keys.iter().find(|key| key.name == *kind)?.words;
    let of_kind = |word: &Scalar| {
        let word = word.to_string();
        let is_needed =
            |key: &&Key| matches!(&key.needed, Needed::In(kinds) if kinds.contains(&word));
        let is_absent = |key: &&Key| !key.only.is_empty() && !key.only.contains(&word);
        let absent: Map<String, Value> = mapping
            .keys
            .iter()
            .filter(is_absent)
            .map(|key| (key.name.clone(), Value::Bool(false)))
            .collect();
        json!({
            "if": {"properties": {kind: {"const": word}}, "required": [kind]},
            "then": {
                "required": names(mapping.keys.iter().filter(is_needed)),
                "properties": absent,
            },
        })
    };
    Some(words.iter().map(of_kind).collect())
}

fn names<'a>(keys: impl Iterator<Item = &'a Key>) -> Value {
    keys.map(|key| key.name.clone()).collect()
}

fn property(key: &Key) -> Value {
    let mut property = of_shape(&key.shape, key);
    let unit = key.unit.iter().map(|unit| format!("Unit: {unit}."));
    let default = key.default.iter().map(|word| format!("Default: {word}."));
    let text: Vec<String> = [key.text.clone()]
        .into_iter()
        .chain(unit)
        .chain(default)
        .collect();
    property["description"] = described(&text.join(" "), key.document.as_deref()).into();
    match &key.default {
        Some(Scalar::Boolean(value)) => property["default"] = (*value).into(),
        Some(Scalar::Number(number)) => property["default"] = (*number).into(),
        _ => {}
    }
    if let Some(example) = &key.example {
        property["examples"] = json!([example]);
    }
    if let Some(count) = key.count {
        property["minItems"] = count.into();
        property["maxItems"] = count.into();
    }
    property
}

fn described(text: &str, document: Option<&str>) -> String {
    match document {
        Some(document) => format!("{text}\nhttps://learn.microsoft.com/azure/{document}"),
        None => text.to_owned(),
    }
}

fn of_shape(shape: &Shape, key: &Key) -> Value {
    match shape {
        Shape::One(kind) => of_kind(kind, key),
        Shape::List(of) => json!({"type": "array", "items": of_shape(of, key)}),
        Shape::Named(_, of) => {
            json!({"type": "object", "additionalProperties": of_shape(of, key)})
        }
        Shape::Any(shapes) => {
            let shapes: Vec<Value> = shapes.iter().map(|shape| of_shape(shape, key)).collect();
            json!({"anyOf": shapes})
        }
    }
}

fn of_kind(kind: &str, key: &Key) -> Value {
    // The sentence is what editors show of a text that does not match.
    let pattern = |pattern: &str, sentence: &str| json!({"type": "string", "pattern": pattern, "patternErrorMessage": sentence});
    match kind {
        "word" => json!({"enum": words(&key.words)}),
        "integer" if !key.words.is_empty() => json!({"enum": words(&key.words)}),
        "integer" => json!({"type": "integer", "minimum": 0}),
        "boolean" => json!({"type": "boolean"}),
        "text" | "reference" => json!({"type": "string", "minLength": 1}),
        "name" => pattern(
            NAME,
            "a name has letters, digits, - and _, the first a letter or digit",
        ),
        "address" => pattern(&format!("{ADDRESS}$"), "an IPv4 address, such as 10.0.0.4"),
        "prefix" => pattern(
            &format!("{ADDRESS}{LENGTH}"),
            "a prefix, such as 10.0.0.0/24",
        ),
        "community" => pattern(
            "^([0-9]{1,5}:[0-9]{1,5}|(?i:no-export|no-advertise|local-as))$",
            "a community, such as 65001:100, no-export or no-advertise",
        ),
        "interface" => pattern(
            &format!("{ADDRESS}{LENGTH}"),
            "an address and prefix length, such as 10.0.0.4/24",
        ),
        "duration" => pattern(
            r"^[0-9]*\.?[0-9]+ *(us|ms|s)$",
            "a duration in us, ms or s, such as 2ms",
        ),
        "rate" => pattern(
            r"^[0-9]*\.?[0-9]+ *(kbit|mbit|gbit)$",
            "a rate in kbit, mbit or gbit, such as 100mbit",
        ),
        "share" => pattern(r"^[0-9]*\.?[0-9]+ *%$", "a share of packets, such as 0.5%"),
        "silent" => json!({"const": "*"}),
        "steady" => json!({"const": "steady"}),
        "nothing" => json!({"type": "null"}),
        mapping => json!({"$ref": reference(mapping)}),
    }
}

fn words(words: &[Scalar]) -> Vec<Value> {
    let word = |word: &Scalar| match word {
        Scalar::Number(number) => json!(number),
        other => json!(other.to_string()),
    };
    words.iter().map(word).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use boon::{Compiler, Schemas};

    use super::*;
    use crate::lab::keys::mappings;

    /// What the schema has to say of a lab file; nothing where it takes it.
    fn complaint(text: &str) -> Option<String> {
        let mut compiler = Compiler::new();
        compiler
            .add_resource("lab.schema.json", schema(&mappings()))
            .unwrap();
        let mut schemas = Schemas::new();
        let index = compiler.compile("lab.schema.json", &mut schemas).unwrap();
        // As editors do, before they check a file.
        let mut lab: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
        lab.apply_merge().unwrap();
        let lab = serde_json::to_value(lab).unwrap();
        let complaint = schemas.validate(&lab, index).err();
        complaint.map(|complaint| format!("{complaint:#}"))
    }

    #[test]
    fn every_shipped_lab_is_taken() {
        let root = env!("CARGO_MANIFEST_DIR");
        let files = ["labs", "labs/templates"]
            .map(|folder| fs::read_dir(format!("{root}/{folder}")).unwrap());
        let paths = files.into_iter().flatten().map(|file| file.unwrap().path());
        let is_lab = |path: &PathBuf| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        };
        let labs: Vec<PathBuf> = paths.filter(is_lab).collect();
        assert!(labs.len() >= 9, "only {} labs were found", labs.len());
        for path in labs {
            let text = fs::read_to_string(&path).unwrap();
            assert_eq!(complaint(&text), None, "{}", path.display());
            let header = "# yaml-language-server: $schema=lab.schema.json\n";
            assert!(text.starts_with(header), "{}", path.display());
        }
    }

    #[test]
    fn merge_keys_are_taken() {
        let merged = "name: a\nvirtualNetworkGateways:\n  one: &one { virtualNetwork: hub, gatewayType: Vpn }\n  two: { <<: *one, virtualNetwork: hub2 }\n";
        assert_eq!(complaint(merged), None);
        let wrong = merged.replace("<<: *one, ", "<<: *one, colour: red, ");
        assert!(complaint(&wrong).unwrap_or_default().contains("colour"));
    }

    #[test]
    fn what_the_parser_refuses_is_refused() {
        let hub =
            "name: a\nvirtualNetworks:\n  hub: { location: b, addressPrefixes: [10.0.0.0/24] }\n";
        assert_eq!(complaint(hub), None);
        let wrong = [
            (hub.replace("name: a", "name: -a"), "pattern"),
            (hub.replace("location", "locaton"), "locaton"),
            (hub.replace("10.0.0.0/24", "10.0.0.0/33"), "pattern"),
            (hub.replace("10.0.0.0/24", "10.0.0.256/24"), "pattern"),
            (hub.replace("[10.0.0.0/24]", "10.0.0.0/24"), "array"),
            (
                format!(
                    "{hub}virtualNetworkGateways:\n  g: {{ virtualNetwork: hub, gatewayType: ExpressRoute, activeActive: true }}\n"
                ),
                "activeActive",
            ),
            (
                format!("{hub}connections:\n  c: {{ connectionType: ExpressRoute, gateway: g }}\n"),
                "circuit",
            ),
            (
                format!(
                    "{hub}connections:\n  c: {{ connectionType: Vnet2Vnet, gateways: [g], rtt: 2ms }}\n"
                ),
                "minimum 2",
            ),
            (format!("{hub}convergence: soon\n"), "immediate"),
        ];
        for (text, reason) in wrong {
            let complaint = complaint(&text).unwrap_or_default();
            assert!(complaint.contains(reason), "{text}\n{complaint}");
        }
    }

    /// Editors find it beside the labs. `lab schema >labs/lab.schema.json` updates it.
    #[test]
    fn the_published_schema_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/labs/lab.schema.json");
        let published = fs::read_to_string(path).unwrap_or_default();
        let text = serde_json::to_string_pretty(&schema(&mappings())).unwrap() + "\n";
        assert!(published == text, "`lab schema >labs/lab.schema.json`");
    }
}
