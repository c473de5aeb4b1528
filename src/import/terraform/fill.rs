//! Fills in the ids that a plan knows only after apply.

use serde_json::{Map, Value};

use super::expected::types;
use super::identity::{Document, is_unknown};
use super::instance::Instance;
use super::kinds::{self, End, Link, Parent};
use super::references::Search;
use super::shape::{Field, Shape};
use super::{TerraformError, azapi};

/// How deep the body of a resource of azapi is looked into.
const DEEPEST_BODY: usize = 64;

/// Where the expressions of attributes are.
#[derive(Debug, Clone, Copy)]
enum Source<'a> {
    /// The plan has no configuration.
    NoConfiguration,
    /// In an object with an expression for each attribute.
    Each(&'a Value),
    /// In one expression for all of them.
    Whole(&'a Value),
    /// Nowhere: the block is a dynamic one.
    Dynamic,
}

/// Fills in ids that an instance has only after apply.
#[derive(Debug)]
pub(super) struct Filler<'a> {
    document: &'a Document<'a>,
    instance: &'a Instance,
    /// What could not be found.
    pub(super) warnings: Vec<String>,
}

/// An attribute.
struct Place<'a> {
    /// Its path through blocks.
    path: String,
    attribute: &'a str,
    /// Whether Azure may set it itself.
    is_computed: bool,
    is_list: bool,
}

impl<'a> Filler<'a> {
    /// A filler of an instance.
    pub(super) const fn new(document: &'a Document<'a>, instance: &'a Instance) -> Self {
        Self {
            document,
            instance,
            warnings: Vec::new(),
        }
    }

    /// The attributes with ids filled in; `None` if nothing is unknown.
    ///
    /// # Errors
    ///
    /// [`TerraformError::NoConfiguration`].
    pub(super) fn filled(&mut self) -> Result<Option<Map<String, Value>>, TerraformError> {
        let unknown = &self.instance.unknown;
        if unknown.as_object().is_none_or(Map::is_empty) || self.instance.is_data {
            return Ok(None);
        }
        let source = match &self.document.configuration {
            None => Source::NoConfiguration,
            Some(configuration) => configuration
                .expressions(self.instance)
                .map_or(Source::Dynamic, Source::Each),
        };
        let mut values = self.instance.values.clone();
        if let Some(kind) = kinds::kind(&self.instance.kind) {
            self.parent(kind.parent, source)?;
            self.fields(kind.fields, &mut values, unknown, (source, ""))?;
            self.links(kind.links, &mut values, source)?;
        } else if let Some(association) = kinds::association(&self.instance.kind) {
            self.links(association.links, &mut values, source)?;
        } else if self.instance.kind == azapi::RESOURCE || self.instance.kind == azapi::UPDATE {
            self.parent(Parent::Id("parent_id"), source)?;
            let expression = match source {
                Source::Each(all) => all.get("body"),
                Source::NoConfiguration | Source::Whole(_) | Source::Dynamic => None,
            };
            if let (Some(expression), Some(body)) = (expression, values.get_mut("body")) {
                self.body(body, unknown.get("body"), expression, ("", DEEPEST_BODY));
            }
        }
        Ok(Some(values))
    }

    /// Reports a parent that is unknown in a plan without configuration.
    fn parent(&self, parent: Parent, source: Source<'a>) -> Result<(), TerraformError> {
        let attribute = match parent {
            Parent::Id(attribute) | Parent::Name(attribute) => attribute,
            Parent::Group => "resource_group_name",
        };
        match source {
            Source::NoConfiguration if self.instance.is_unknown(attribute) => {
                Err(self.no_configuration(attribute))
            }
            _ => Ok(()),
        }
    }

    fn no_configuration(&self, path: &str) -> TerraformError {
        TerraformError::NoConfiguration {
            address: self.instance.address.clone(),
            attribute: path.to_owned(),
        }
    }

    fn fields(
        &mut self,
        fields: &[Field],
        values: &mut Map<String, Value>,
        unknown: &Value,
        (source, path): (Source<'a>, &str),
    ) -> Result<(), TerraformError> {
        for field in fields {
            let there = unknown.get(field.from);
            let (is_computed, is_list) = match field.shape {
                Shape::Reference | Shape::Id => (false, false),
                Shape::Computed => (true, false),
                Shape::References | Shape::Ids(_) => (false, true),
                Shape::Block(inside) | Shape::Blocks(inside) | Shape::Items(inside) => {
                    let blocks = (there, values.get_mut(field.from));
                    self.blocks(inside, blocks, (source, field.from), path)?;
                    continue;
                }
                Shape::Value
                | Shape::Not
                | Shape::Own(_)
                | Shape::OfParent(_)
                | Shape::Convert(_) => continue,
            };
            let place = Place {
                path: format!("{path}{}", field.from),
                attribute: field.from,
                is_computed,
                is_list,
            };
            self.one(&place, values, there, source)?;
        }
        Ok(())
    }

    fn blocks(
        &mut self,
        fields: &[Field],
        (unknown, values): (Option<&Value>, Option<&mut Value>),
        (source, from): (Source<'a>, &str),
        path: &str,
    ) -> Result<(), TerraformError> {
        let (Some(Value::Array(unknown)), Some(Value::Array(values))) = (unknown, values) else {
            return Ok(());
        };
        for (number, (value, unknown)) in values.iter_mut().zip(unknown).enumerate() {
            if let Value::Object(value) = value {
                let inside = inside(source, from, number, value);
                let path = format!("{path}{from}[{number}].");
                self.fields(fields, value, unknown, (inside, &path))?;
            }
        }
        Ok(())
    }

    fn links(
        &mut self,
        links: &[Link],
        values: &mut Map<String, Value>,
        source: Source<'a>,
    ) -> Result<(), TerraformError> {
        for end in links.iter().flat_map(|link| [link.at, link.to]) {
            let (attribute, is_list) = match end {
                End::Of(attribute) | End::Part(attribute, _, _) => (attribute, false),
                End::Each(attribute) => (attribute, true),
                // Fields of the kind name these.
                End::Itself | End::InBlock(_, _) => continue,
            };
            let place = Place {
                path: attribute.to_owned(),
                attribute,
                is_computed: false,
                is_list,
            };
            let unknown = self.instance.unknown.get(attribute);
            self.one(&place, values, unknown, source)?;
        }
        Ok(())
    }

    /// Fills in one attribute.
    fn one(
        &mut self,
        place: &Place<'_>,
        values: &mut Map<String, Value>,
        unknown: Option<&Value>,
        source: Source<'a>,
    ) -> Result<(), TerraformError> {
        if !is_unknown(unknown) || is_whole(values.get(place.attribute), unknown) {
            return Ok(());
        }
        let expression = match source {
            Source::NoConfiguration if place.is_computed => return Ok(()),
            Source::NoConfiguration => return Err(self.no_configuration(&place.path)),
            Source::Each(all) => all.get(place.attribute),
            Source::Whole(expression) => Some(expression),
            Source::Dynamic => None,
        };
        match expression {
            Some(expression) => self.resolve(place, values, expression),
            None if matches!(source, Source::Dynamic) && !place.is_computed => {
                self.warn(&place.path, "it is in a dynamic block");
            }
            // Azure sets it.
            None => {}
        }
        Ok(())
    }

    fn resolve(
        &mut self,
        place: &Place<'_>,
        values: &mut Map<String, Value>,
        expression: &'a Value,
    ) {
        let types = types(place.attribute);
        let found = Search::ids(self.document, self.instance, expression, types);
        let lost = found.lost.join(" and ");
        if place.is_list {
            let there = values.entry(place.attribute).or_insert(Value::Null);
            *there = together(there, found.ids);
            if !lost.is_empty() {
                self.warn(&place.path, &format!("it comes from {lost}"));
            }
            return;
        }
        match found.ids.as_slice() {
            [only] => _ = values.insert(place.attribute.to_owned(), Value::String(only.clone())),
            [] if lost.is_empty() => {
                self.warn(&place.path, "its expression names no resource that is read");
            }
            [] => self.warn(&place.path, &format!("it comes from {lost}")),
            several => {
                let names: Vec<&str> = several
                    .iter()
                    .filter_map(|id| id.rsplit('/').next())
                    .collect();
                self.warn(
                    &place.path,
                    &format!("it may be any of {}", names.join(", ")),
                );
            }
        }
    }

    /// Fills in the ids in the body of a resource of azapi. One expression says all of them.
    fn body(
        &mut self,
        body: &mut Value,
        unknown: Option<&Value>,
        expression: &'a Value,
        (name, left): (&str, usize),
    ) {
        let Some(left) = left.checked_sub(1) else {
            return;
        };
        match (body, unknown) {
            (Value::Object(body), Some(Value::Object(unknown))) => {
                if unknown.get("id") == Some(&Value::Bool(true)) {
                    self.id_in_body(body, expression, name);
                }
                for (key, body) in body {
                    self.body(body, unknown.get(key), expression, (key, left));
                }
            }
            (Value::Array(body), Some(Value::Array(unknown))) => {
                for (body, unknown) in body.iter_mut().zip(unknown) {
                    self.body(body, Some(unknown), expression, (name, left));
                }
            }
            _ => {}
        }
    }

    fn id_in_body(&mut self, body: &mut Map<String, Value>, expression: &'a Value, name: &str) {
        let found = Search::ids(self.document, self.instance, expression, types(name));
        match found.ids.as_slice() {
            [only] => _ = body.insert("id".to_owned(), Value::String(only.clone())),
            _ => self.warn(
                &format!("{name}.id of its body"),
                "the body names several resources, or none",
            ),
        }
    }

    fn warn(&mut self, path: &str, why: &str) {
        self.warnings.push(format!(
            "{}: {path} is known only after apply, and the plan does not say what it is ({why}); it is missing until the state after the apply is imported",
            self.instance.address
        ));
    }
}

/// Whether a value has everything that is unknown: another row of a table filled it in.
fn is_whole(value: Option<&Value>, unknown: Option<&Value>) -> bool {
    let is_text = |one: &Value| one.as_str().is_some_and(|text| !text.is_empty());
    match value {
        Some(Value::Array(items)) => {
            let wanted = unknown.and_then(Value::as_array).map_or(1, Vec::len);
            items.len() >= wanted && items.iter().all(is_text)
        }
        Some(one) => is_text(one),
        None => false,
    }
}

/// The ids of a list that are known, and others.
fn together(known: &Value, found: Vec<String>) -> Value {
    let known = known.as_array().into_iter().flatten();
    let mut ids: Vec<Value> = known.filter(|one| one.is_string()).cloned().collect();
    for id in found.into_iter().map(Value::String) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Value::Array(ids)
}

/// Where the expressions of a block are. Blocks of a set stand in another order in the configuration, so that the name
/// decides where both have one.
fn inside<'a>(
    source: Source<'a>,
    from: &str,
    number: usize,
    value: &Map<String, Value>,
) -> Source<'a> {
    let Source::Each(all) = source else {
        return source;
    };
    match all.get(from) {
        Some(Value::Array(blocks)) => {
            let name = value.get("name").filter(|name| name.is_string());
            let named =
                name.and_then(|name| blocks.iter().find(|one| constant_name(one) == Some(name)));
            let block = named.or_else(|| blocks.get(number));
            block.map_or(Source::Dynamic, Source::Each)
        }
        Some(block) if block.get("references").is_some() => Source::Whole(block),
        Some(block) => Source::Each(block),
        None => Source::Dynamic,
    }
}

fn constant_name(block: &Value) -> Option<&Value> {
    block.get("name")?.get("constant_value")
}
