//! Tables that say where an attribute of Terraform stands in the JSON of Azure Resource Manager.

use serde_json::{Map, Value, json};

/// An attribute, and its place in a resource's JSON.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    /// The attribute.
    pub(super) from: &'static str,
    /// Its place: names with dots between them.
    pub(super) to: &'static str,
    /// What becomes of its value.
    pub(super) shape: Shape,
}

/// What becomes of an attribute's value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// It stays as it is.
    Value,
    /// A boolean with the opposite meaning.
    Not,
    /// An id becomes `{"id": ID}`.
    Reference,
    /// The same for an id that Azure may set itself, so that a plan need not state it.
    Computed,
    /// An id stays a text.
    Id,
    /// Ids become a list of `{"id": ID}`.
    References,
    /// A function makes the value of ids.
    Ids(fn(&Value) -> Option<Value>),
    /// The first block becomes an object.
    Block(&'static [Field]),
    /// Blocks become a list of objects.
    Blocks(&'static [Field]),
    /// Named blocks become a list of objects with names and ids below the resource's own.
    Items(&'static [Field]),
    /// A name becomes the id of a part of the resource, in a list.
    Own(&'static str),
    /// A name becomes `{"id": ID}` of a part of the resource's parent, in a list.
    OfParent(&'static str),
    /// A function makes the value.
    Convert(fn(&Value) -> Option<Value>),
}

/// A field whose value stays as it is.
pub(super) const fn value(from: &'static str, to: &'static str) -> Field {
    field(from, to, Shape::Value)
}

/// A field with a boolean of the opposite meaning.
pub(super) const fn not(from: &'static str, to: &'static str) -> Field {
    field(from, to, Shape::Not)
}

/// A field with an id.
pub(super) const fn reference(from: &'static str, to: &'static str) -> Field {
    field(from, to, Shape::Reference)
}

/// A field with an id that Azure may set itself.
pub(super) const fn computed(from: &'static str, to: &'static str) -> Field {
    field(from, to, Shape::Computed)
}

/// A field with an id that stays a text.
pub(super) const fn id(from: &'static str, to: &'static str) -> Field {
    field(from, to, Shape::Id)
}

/// A field with a list of ids.
pub(super) const fn references(from: &'static str, to: &'static str) -> Field {
    field(from, to, Shape::References)
}

/// A field with a block.
pub(super) const fn block(from: &'static str, to: &'static str, fields: &'static [Field]) -> Field {
    field(from, to, Shape::Block(fields))
}

/// A field with blocks.
pub(super) const fn blocks(
    from: &'static str,
    to: &'static str,
    fields: &'static [Field],
) -> Field {
    field(from, to, Shape::Blocks(fields))
}

/// A field with named blocks.
pub(super) const fn items(from: &'static str, to: &'static str, fields: &'static [Field]) -> Field {
    field(from, to, Shape::Items(fields))
}

/// A field.
pub(super) const fn field(from: &'static str, to: &'static str, shape: Shape) -> Field {
    Field { from, to, shape }
}

/// Puts attributes into an object, each at its place. The first row of a place that has a value counts.
pub(super) fn fill(
    values: &Map<String, Value>,
    fields: &[Field],
    own: &str,
    into: &mut Map<String, Value>,
) {
    for field in fields {
        let Some(value) = values.get(field.from).filter(|value| !is_empty(value)) else {
            continue;
        };
        if let Some(value) = shaped(value, field, own) {
            put(into, field.to, value);
        }
    }
}

fn shaped(value: &Value, field: &Field, own: &str) -> Option<Value> {
    match field.shape {
        Shape::Value | Shape::Id => Some(value.clone()),
        Shape::Not => value.as_bool().map(|value| Value::Bool(!value)),
        Shape::Reference | Shape::Computed => value.as_str().map(|id| json!({ "id": id })),
        Shape::References => {
            let ids = value.as_array()?.iter().filter_map(Value::as_str);
            Some(ids.map(|id| json!({ "id": id })).collect())
        }
        Shape::Block(fields) => {
            let mut made = objects(value).map(|one| object(one, fields, own));
            made.next().filter(|one| !is_empty(one))
        }
        Shape::Blocks(fields) => Some(objects(value).map(|one| object(one, fields, own)).collect()),
        Shape::Items(fields) => {
            let segment = field.to.rsplit('.').next().unwrap_or_default();
            let parent = format!("{own}/{segment}");
            Some(
                objects(value)
                    .map(|one| item(one, fields, &parent))
                    .collect(),
            )
        }
        Shape::Own(segment) => value
            .as_str()
            .map(|name| Value::String(format!("{own}/{segment}/{name}"))),
        Shape::OfParent(segment) => {
            let parent = parent_id(own)?;
            let name = value.as_str()?;
            Some(json!({ "id": format!("{parent}/{segment}/{name}") }))
        }
        Shape::Convert(convert) | Shape::Ids(convert) => convert(value),
    }
}

/// The blocks of an attribute. Terraform writes a block as a list, also one that can only stand once.
pub(super) fn objects(value: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    let (one, several) = match value {
        Value::Object(one) => (Some(one), None),
        Value::Array(several) => (None, Some(several)),
        _ => (None, None),
    };
    let several = several.into_iter().flatten().filter_map(Value::as_object);
    one.into_iter().chain(several)
}

fn object(values: &Map<String, Value>, fields: &[Field], own: &str) -> Value {
    let mut made = Map::new();
    fill(values, fields, own, &mut made);
    Value::Object(made)
}

fn item(values: &Map<String, Value>, fields: &[Field], list: &str) -> Value {
    let text = |key: &str| {
        let text = values.get(key).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    };
    let name = text("name").unwrap_or("default");
    let id = text("id").map_or_else(|| format!("{list}/{name}"), str::to_owned);
    let mut made = Map::new();
    made.insert("name".to_owned(), json!(name));
    made.insert("id".to_owned(), json!(id));
    fill(values, fields, &id, &mut made);
    Value::Object(made)
}

/// Puts a value at a place, unless there is one.
pub(super) fn put(into: &mut Map<String, Value>, place: &str, value: Value) {
    let Some((first, rest)) = place.split_once('.') else {
        into.entry(place).or_insert(value);
        return;
    };
    let inside = into.entry(first).or_insert_with(|| json!({}));
    if let Value::Object(inside) = inside {
        put(inside, rest, value);
    }
}

/// The id that is two segments shorter: of the parent of a child, or of the resource with a part.
pub(super) fn parent_id(id: &str) -> Option<&str> {
    let (rest, _) = id.rsplit_once('/')?;
    let (parent, _) = rest.rsplit_once('/')?;
    (!parent.is_empty()).then_some(parent)
}

/// Whether a value says nothing.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(inside) => inside.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
