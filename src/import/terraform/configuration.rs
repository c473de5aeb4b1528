//! The configuration in a plan: what each attribute refers to.

use std::collections::BTreeMap;

use serde_json::Value;

use super::address::{Key, Piece, pieces};
use super::instance::{Block, Instance, names};
use super::state::list;

/// The longest chain of variables that is followed for a value.
const LONGEST_CHAIN: usize = 32;

/// The configuration of a plan.
#[derive(Debug)]
pub(super) struct Configuration<'a> {
    /// Each module by the names on its path: its call, and its content.
    modules: BTreeMap<Vec<String>, (Option<&'a Value>, &'a Value)>,
    /// Each resource by its module, mode, type and name.
    resources: BTreeMap<Block, &'a Value>,
    /// The values of the root module's variables.
    variables: Option<&'a Value>,
}

impl<'a> Configuration<'a> {
    /// The configuration of a plan, if the plan has it.
    pub(super) fn new(plan: &'a Value) -> Option<Self> {
        let root = plan.get("configuration")?.get("root_module")?;
        let mut found = Self {
            modules: BTreeMap::new(),
            resources: BTreeMap::new(),
            variables: plan.get("variables"),
        };
        let mut waiting = vec![(Vec::new(), None, root)];
        while let Some((path, call, module)) = waiting.pop() {
            let resources = list(module, "resources").iter();
            let keyed = resources.filter_map(|one| Some((key(&path, one)?, one)));
            found.resources.extend(keyed);
            let calls = module.get("module_calls").and_then(Value::as_object);
            let calls = calls.into_iter().flatten();
            waiting.extend(calls.filter_map(|(name, call)| {
                let path = path.iter().chain([name]).cloned().collect();
                Some((path, Some(call), call.get("module")?))
            }));
            found.modules.insert(path, (call, module));
        }
        Some(found)
    }

    /// The resource of an instance.
    pub(super) fn resource(&self, instance: &Instance) -> Option<&'a Value> {
        let key = (
            names(&instance.modules),
            instance.is_data,
            instance.kind.clone(),
            instance.name.clone(),
        );
        self.resources.get(&key).copied()
    }

    /// The expressions of an instance's attributes.
    pub(super) fn expressions(&self, instance: &Instance) -> Option<&'a Value> {
        self.resource(instance)?.get("expressions")
    }

    /// The call of a module.
    pub(super) fn call(&self, modules: &[Piece]) -> Option<&'a Value> {
        self.modules.get(&names(modules))?.0
    }

    /// The outputs of a module: one, or all.
    pub(super) fn outputs(&self, modules: &[Piece], name: Option<&str>) -> Vec<&'a Value> {
        let module = self.modules.get(&names(modules)).map(|(_, module)| *module);
        let outputs = module.and_then(|module| module.get("outputs")?.as_object());
        let all = outputs.into_iter().flatten();
        all.filter(|(one, _)| name.is_none_or(|name| name == *one))
            .filter_map(|(_, output)| output.get("expression"))
            .collect()
    }

    /// A part of what `each.value` is, as far as it does not depend on resources.
    pub(super) fn each(
        &self,
        modules: &[Piece],
        (each, key): (&'a Value, &Key),
        path: &[Piece],
    ) -> Option<&'a Value> {
        let whole = each
            .get("constant_value")
            .or_else(|| self.only_variable(modules, each, LONGEST_CHAIN))?;
        let value = match key {
            Key::Text(key) => whole.get(key)?,
            Key::Number(_) => return None,
        };
        path.iter().try_fold(value, |value, piece| {
            let inside = value.get(&piece.name)?;
            match &piece.key {
                None => Some(inside),
                Some(Key::Text(key)) => inside.get(key),
                Some(Key::Number(number)) => inside.get(usize::try_from(*number).ok()?),
            }
        })
    }

    /// The value of an expression that is one variable.
    fn only_variable(
        &self,
        modules: &[Piece],
        expression: &'a Value,
        left: usize,
    ) -> Option<&'a Value> {
        let references = references(expression);
        let [only] = references.as_slice() else {
            return None;
        };
        let parts = pieces(only);
        let [word, variable] = parts.as_slice() else {
            return None;
        };
        if word.name != "var" || variable.key.is_some() {
            return None;
        }
        let Some((_, outside)) = modules.split_last() else {
            return self.variables?.get(&variable.name)?.get("value");
        };
        let call = self.call(modules)?;
        let expression = call.get("expressions")?.get(&variable.name)?;
        expression.get("constant_value").or_else(|| {
            let left = left.checked_sub(1)?;
            self.only_variable(outside, expression, left)
        })
    }
}

/// The key of a resource in a module.
fn key(path: &[String], resource: &Value) -> Option<Block> {
    let text = |key: &str| resource.get(key).and_then(Value::as_str);
    let is_data = text("mode") == Some("data");
    Some((
        path.to_vec(),
        is_data,
        text("type")?.to_owned(),
        text("name")?.to_owned(),
    ))
}

/// What an expression refers to, the most exact form of each: Terraform lists `a.b.id` and then `a.b` too.
pub(super) fn references(expression: &Value) -> Vec<&str> {
    let mut kept: Vec<&str> = Vec::new();
    for one in list(expression, "references")
        .iter()
        .filter_map(Value::as_str)
    {
        let is_start = kept.last().is_some_and(|last| {
            let rest = last.strip_prefix(one);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        });
        if !is_start {
            kept.push(one);
        }
    }
    kept
}
