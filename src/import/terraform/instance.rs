//! Instances of resources, as all forms of Terraform's files have them.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Map, Value};

use super::address::{Key, Piece};

/// An instance of a resource: one of several with `count` or `for_each`.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    /// Its whole address.
    pub(super) address: String,
    /// The modules that it is in, from the outermost.
    pub(super) modules: Vec<Piece>,
    /// Whether it is a data source.
    pub(super) is_data: bool,
    /// Its type, as `azurerm_subnet`.
    pub(super) kind: String,
    /// Its name in the configuration.
    pub(super) name: String,
    /// Its key, of `count` or `for_each`.
    pub(super) key: Option<Key>,
    /// Its attributes.
    pub(super) values: Map<String, Value>,
    /// Which attributes are known only after apply: `true` in their places.
    pub(super) unknown: Value,
}

impl Instance {
    /// An attribute that is a text and not empty.
    pub(super) fn text(&self, attribute: &str) -> Option<&str> {
        let text = self.values.get(attribute)?.as_str()?;
        (!text.is_empty()).then_some(text)
    }

    /// Whether an attribute is known only after apply.
    pub(super) fn is_unknown(&self, attribute: &str) -> bool {
        self.unknown.get(attribute) == Some(&Value::Bool(true))
    }

    /// A name that the address stands for, if the real one is known only after apply.
    pub(super) fn stand_in(&self) -> String {
        let keys = self.modules.iter().filter_map(|step| step.key.as_ref());
        let keys = keys.chain(&self.key).map(Key::text);
        std::iter::once(self.name.clone())
            .chain(keys)
            .collect::<Vec<_>>()
            .join("-")
    }
}

/// What instances have in common: the modules without keys, whether they are data sources, the type and the name.
pub(super) type Block = (Vec<String>, bool, String, String);

/// All instances by their blocks.
#[derive(Debug, Default)]
pub(super) struct Index {
    of: BTreeMap<Block, Vec<usize>>,
    /// Each instance by its address.
    at: BTreeMap<String, usize>,
}

impl Index {
    /// An index of instances.
    pub(super) fn new(instances: &[Instance]) -> Self {
        let mut of: BTreeMap<Block, Vec<usize>> = BTreeMap::new();
        for (place, one) in instances.iter().enumerate() {
            let block = (
                names(&one.modules),
                one.is_data,
                one.kind.clone(),
                one.name.clone(),
            );
            of.entry(block).or_default().push(place);
        }
        let addresses = instances.iter().map(|one| one.address.clone());
        Self {
            of,
            at: addresses.zip(0..).collect(),
        }
    }

    /// The instance with a key in an instance of its modules.
    pub(super) fn exact(
        &self,
        modules: &[Piece],
        is_data: bool,
        (kind, name): (&str, &str),
        key: Option<&Key>,
    ) -> Option<usize> {
        let mut address = String::new();
        for step in modules {
            let key = step.key.as_ref().map(Key::in_brackets).unwrap_or_default();
            _ = write!(address, "module.{}{key}.", step.name);
        }
        let data = if is_data { "data." } else { "" };
        let key = key.map(Key::in_brackets).unwrap_or_default();
        _ = write!(address, "{data}{kind}.{name}{key}");
        self.at.get(&address).copied()
    }

    /// The instances of a block in any instance of its modules.
    pub(super) fn get(
        &self,
        modules: &[Piece],
        is_data: bool,
        (kind, name): (&str, &str),
    ) -> &[usize] {
        let block = (names(modules), is_data, kind.to_owned(), name.to_owned());
        self.of.get(&block).map_or(&[], Vec::as_slice)
    }
}

/// The names of modules.
pub(super) fn names(modules: &[Piece]) -> Vec<String> {
    modules.iter().map(|step| step.name.clone()).collect()
}
