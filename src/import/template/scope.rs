//! Evaluates values of a template.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::expression::{self, Expression};
use super::functions;
use super::{Settings, TemplateError};

/// How many values of a template are evaluated.
const MOST_VALUES: usize = 2_000_000;

/// How deep values, expressions, parameters and variables may be nested together.
const DEEPEST: usize = 150;

/// Why a value is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Only Azure knows it.
    Runtime(String),
    /// The template is wrong.
    Wrong(TemplateError),
}

/// What expressions of a template may refer to.
#[derive(Debug)]
pub(crate) struct Scope<'a> {
    /// The template.
    pub(crate) template: &'a Value,
    /// What the template does not state.
    pub(crate) settings: &'a Settings,
    /// The copy loops around the value: name and index.
    pub(crate) copies: Vec<(String, i64)>,
    /// The parameters and variables that are being evaluated.
    active: Vec<String>,
    depth: usize,
    /// How deep the template is nested in others.
    pub(crate) nesting: usize,
    /// How many values have been evaluated.
    values: usize,
    /// The values of the parameters and variables that were evaluated.
    evaluated: BTreeMap<String, Value>,
    /// What `reference` knows: properties by the ids of resources, and outputs by those of deployments.
    pub(crate) known: BTreeMap<String, Value>,
}

impl<'a> Scope<'a> {
    /// A scope without copy loops.
    pub(crate) const fn new(template: &'a Value, settings: &'a Settings) -> Self {
        Self {
            template,
            settings,
            copies: Vec::new(),
            active: Vec::new(),
            depth: 0,
            nesting: 0,
            values: 0,
            evaluated: BTreeMap::new(),
            known: BTreeMap::new(),
        }
    }

    /// Counts a value that is evaluated.
    fn count(&mut self) -> Result<(), TemplateError> {
        self.values += 1;
        if self.values > MOST_VALUES {
            return Err(TemplateError::TooLarge { most: MOST_VALUES });
        }
        Ok(())
    }

    /// A value with its expressions evaluated. What only Azure knows becomes null and is added to `unresolved`.
    pub(crate) fn value(
        &mut self,
        value: &Value,
        unresolved: &mut Vec<String>,
    ) -> Result<Value, TemplateError> {
        self.count()?;
        let depth = self.depth;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(TemplateError::TooDeep);
        }
        let result = match value {
            Value::String(text) => match self.text(text) {
                Ok(value) => value,
                Err(Failure::Runtime(_)) => {
                    unresolved.push(text.clone());
                    Value::Null
                }
                Err(Failure::Wrong(error)) => return Err(error),
            },
            Value::Array(items) => {
                let items = items.iter().map(|item| self.value(item, unresolved));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Value::Object(object) => self.object(object, unresolved)?,
            other => other.clone(),
        };
        self.depth = depth;
        Ok(result)
    }

    /// An object with its expressions evaluated, and with the lists that its `copy` makes.
    fn object(
        &mut self,
        object: &Map<String, Value>,
        unresolved: &mut Vec<String>,
    ) -> Result<Value, TemplateError> {
        let mut result = Map::new();
        for (key, value) in object {
            match value {
                Value::Array(copies) if key == "copy" && copies.iter().all(is_copy) => {
                    let items = self.named_copies(copies, unresolved);
                    result.extend(items?);
                }
                value => {
                    result.insert(key.clone(), self.value(value, unresolved)?);
                }
            }
        }
        Ok(Value::Object(result))
    }

    /// The lists of copy loops of values, with their names.
    fn named_copies(
        &mut self,
        copies: &[Value],
        unresolved: &mut Vec<String>,
    ) -> Result<Vec<(String, Value)>, TemplateError> {
        let mut named = Vec::new();
        for copy in copies {
            let items = self.copied(copy, unresolved)?;
            named.push((text_of(copy, "name"), items));
        }
        Ok(named)
    }

    /// The list of a copy loop of values.
    fn copied(
        &mut self,
        copy: &Value,
        unresolved: &mut Vec<String>,
    ) -> Result<Value, TemplateError> {
        let name = text_of(copy, "name");
        let count = self.value(&copy["count"], unresolved)?;
        let count = count
            .as_i64()
            .or_else(|| functions::text(&count).parse().ok());
        let mut items = Vec::new();
        for index in 0..count.unwrap_or(0) {
            self.copies.push((name.clone(), index));
            let item = self.value(&copy["input"], unresolved);
            self.copies.pop();
            items.push(item?);
        }
        Ok(Value::Array(items))
    }

    /// A text with its expression evaluated.
    pub(crate) fn text(&mut self, text: &str) -> Result<Value, Failure> {
        match expression::parse(text) {
            None => Ok(json!(expression::unescaped(text))),
            Some(Err(reason)) => Err(Failure::Wrong(TemplateError::Expression {
                text: text.to_owned(),
                reason,
            })),
            Some(Ok(parsed)) => self
                .expression(&parsed)
                .map_err(|failure| in_text(failure, text)),
        }
    }

    fn expression(&mut self, one: &Expression) -> Result<Value, Failure> {
        self.count().map_err(Failure::Wrong)?;
        let depth = self.depth;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Failure::Wrong(TemplateError::TooDeep));
        }
        let value = match one {
            Expression::Text(text) => json!(text),
            Expression::Number(number) => json!(number),
            Expression::Member(of, key) => {
                let of = self.expression(of)?;
                let key = self.expression(key)?;
                functions::member(&of, &key).ok_or_else(|| Failure::Runtime(key.to_string()))?
            }
            Expression::Call(name, arguments) => self.call(name, arguments)?,
        };
        self.depth = depth;
        Ok(value)
    }

    fn call(&mut self, name: &str, arguments: &[Expression]) -> Result<Value, Failure> {
        if let ("if", [condition, yes, no]) = (name, arguments) {
            let chosen = if functions::truth(&self.expression(condition)?) {
                yes
            } else {
                no
            };
            return self.expression(chosen);
        }
        let mut values = Vec::new();
        for argument in arguments {
            values.push(self.expression(argument)?);
        }
        let first = values.first().and_then(Value::as_str).unwrap_or_default();
        match name {
            "parameters" | "variables" => self.named(name, first),
            "copyindex" => {
                let found = self
                    .copies
                    .iter()
                    .rev()
                    .find(|(of, _)| first.is_empty() || of.eq_ignore_ascii_case(first));
                let offset = values.iter().find_map(Value::as_i64).unwrap_or(0);
                let index = found.map(|(_, index)| json!(index.saturating_add(offset)));
                index.ok_or_else(|| wrong("there is no copy loop of this name around it"))
            }
            "reference" => self.reference(first),
            _ => functions::call(name, &values, self.settings),
        }
    }

    /// What is known of a resource by its id, or of a resource or deployment by its name.
    fn reference(&self, of: &str) -> Result<Value, Failure> {
        let key = of.to_ascii_lowercase();
        let by_name = || {
            let ending = format!("/{key}");
            let mut all = self.known.iter();
            all.find(|(id, _)| id.ends_with(&ending))
                .map(|(_, value)| value)
        };
        let found = self.known.get(&key).or_else(by_name);
        found
            .cloned()
            .ok_or_else(|| Failure::Runtime(format!("reference('{of}')")))
    }

    /// A variable that a copy loop in `variables` makes.
    fn copied_variable(&mut self, list: &str, name: &str, key: &str) -> Result<Value, Failure> {
        let none = || wrong(&format!("there is no {key}"));
        let template = self.template;
        let copies = template.get(list).and_then(|all| all.get("copy"));
        let mut copies = copies.and_then(Value::as_array).into_iter().flatten();
        let is_it = |copy: &&Value| text_of(copy, "name").eq_ignore_ascii_case(name);
        let copy = copies.find(is_it).ok_or_else(none)?;
        let mut unresolved = Vec::new();
        let items = self.copied(copy, &mut unresolved).map_err(Failure::Wrong)?;
        unresolved
            .pop()
            .map_or(Ok(items), |text| Err(Failure::Runtime(text)))
    }

    fn named(&mut self, list: &str, name: &str) -> Result<Value, Failure> {
        let key = format!("{list}('{}')", name.to_ascii_lowercase());
        if let Some(value) = self.evaluated.get(&key) {
            return Ok(value.clone());
        }
        if self.active.contains(&key) {
            return Err(Failure::Wrong(TemplateError::Cycle { of: key }));
        }
        let given = self
            .settings
            .parameters
            .iter()
            .find(|(one, _)| list == "parameters" && one.eq_ignore_ascii_case(name));
        if let Some((_, given)) = given {
            return Ok(given.clone());
        }
        let template = self.template;
        let found = template
            .get(list)
            .and_then(|all| functions::member(all, &json!(name)));
        let found = match found {
            Some(found) => found,
            None => self.copied_variable(list, name, &key)?,
        };
        let value = if list == "variables" {
            Some(&found)
        } else {
            found.get("defaultValue")
        };
        let kind = found
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_ascii_lowercase();
        let Some(value) = value else {
            if kind.starts_with("secure") {
                return Ok(json!("placeholder"));
            }
            return Err(Failure::Wrong(TemplateError::Missing {
                name: name.to_owned(),
            }));
        };
        self.active.push(key.clone());
        let mut unresolved = Vec::new();
        let result = self.value(value, &mut unresolved).map_err(Failure::Wrong);
        self.active.pop();
        if let Some(text) = unresolved.pop() {
            return Err(Failure::Runtime(text));
        }
        let value = result?;
        self.evaluated.insert(key, value.clone());
        Ok(value)
    }
}

/// Whether a value is a copy loop of values.
fn is_copy(value: &Value) -> bool {
    ["name", "count", "input"]
        .iter()
        .all(|key| value.get(key).is_some())
}

fn text_of(value: &Value, key: &str) -> String {
    functions::text(value.get(key).unwrap_or(&Value::Null))
}

/// A failure whose expression is not known yet.
pub(crate) fn wrong(reason: &str) -> Failure {
    Failure::Wrong(TemplateError::Expression {
        text: String::new(),
        reason: reason.to_owned(),
    })
}

fn in_text(failure: Failure, text: &str) -> Failure {
    match failure {
        Failure::Wrong(TemplateError::Expression { text: of, reason }) if of.is_empty() => {
            Failure::Wrong(TemplateError::Expression {
                text: text.to_owned(),
                reason,
            })
        }
        other => other,
    }
}
