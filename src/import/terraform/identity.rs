//! The ids of resources. A resource that is only planned gets one from its names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::address::Piece;
use super::azapi;
use super::configuration::Configuration;
use super::expected::types;
use super::instance::{Index, Instance, names};
use super::kinds::{self, Kind, Parent};
use super::references::Search;

/// The subscription of resources that are only planned, if no resource says which one it is.
const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000000";

/// The resource group of resources whose group is known only after apply.
const GROUP: &str = "known-after-apply";

/// The type of resource groups.
const RESOURCE_GROUP: &str = "azurerm_resource_group";

/// The most levels of resources: a group, a resource, its child, and two below.
const LEVELS: usize = 6;

/// Instances with their ids.
#[derive(Debug)]
pub(super) struct Document<'a> {
    /// The instances.
    pub(super) instances: Vec<Instance>,
    /// The instances by their blocks.
    pub(super) index: Index,
    /// The id of each instance that has one.
    pub(super) ids: Vec<Option<String>>,
    /// What is not known.
    pub(super) warnings: Vec<String>,
    /// The configuration of a plan.
    pub(super) configuration: Option<Configuration<'a>>,
    /// The paths of modules' instances, by the names on them.
    modules: BTreeMap<Vec<String>, BTreeSet<Vec<Piece>>>,
}

/// What an attribute that names a parent or a group says.
enum Stated {
    Text(String),
    Id(String),
    Unknown,
}

impl<'a> Document<'a> {
    /// A document of instances, and of a configuration if it is a plan.
    pub(super) fn new(instances: Vec<Instance>, configuration: Option<Configuration<'a>>) -> Self {
        let mut modules: BTreeMap<Vec<String>, BTreeSet<Vec<Piece>>> = BTreeMap::new();
        for instance in &instances {
            for length in 1..=instance.modules.len() {
                let path = &instance.modules[..length];
                modules
                    .entry(names(path))
                    .or_default()
                    .insert(path.to_vec());
            }
        }
        let mut made = Self {
            index: Index::new(&instances),
            ids: instances.iter().map(known_id).collect(),
            instances,
            warnings: Vec::new(),
            configuration,
            modules,
        };
        made.make_up();
        made
    }

    /// The instances of a module that is called in another one.
    pub(super) fn module_paths(&self, outside: &[Piece], name: &str) -> Vec<&Vec<Piece>> {
        let mut path = names(outside);
        path.push(name.to_owned());
        let all = self.modules.get(&path).into_iter().flatten();
        all.filter(|path| path.starts_with(outside)).collect()
    }

    /// Makes up ids, of parents before those of their children.
    fn make_up(&mut self) {
        let subscription = self.subscription();
        let mut levels: Vec<Vec<usize>> = vec![Vec::new(); LEVELS];
        for (place, instance) in self.instances.iter().enumerate() {
            let level = level(instance).filter(|_| self.ids[place].is_none());
            if let Some(level) = level.and_then(|level| levels.get_mut(level)) {
                level.push(place);
            }
        }
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        for id in self.ids.iter().flatten() {
            known
                .entry(in_subscription(id))
                .or_insert_with(|| id.clone());
        }
        for place in levels.into_iter().flatten() {
            let made = self.made_up(place, &subscription, &known);
            if let Some(id) = &made {
                known
                    .entry(in_subscription(id))
                    .or_insert_with(|| id.clone());
            }
            self.ids[place] = made;
            self.warn_of_name(place);
        }
    }

    fn warn_of_name(&mut self, place: usize) {
        let instance = &self.instances[place];
        if name_of(instance).is_none() && kinds::kind(&instance.kind).is_some() {
            self.warnings.push(format!(
                "{}: its name is known only after apply; it is {} here",
                instance.address,
                instance.stand_in()
            ));
        }
    }

    /// The subscription that all known ids are in, if it is one.
    fn subscription(&self) -> String {
        let ids = self.ids.iter().flatten();
        let all: BTreeSet<&str> = ids
            .filter_map(|id| {
                let id = id.strip_prefix("/subscriptions/")?;
                id.split('/').next()
            })
            .collect();
        match all.first() {
            Some(only) if all.len() == 1 => format!("/subscriptions/{only}"),
            _ => SUBSCRIPTION.to_owned(),
        }
    }

    fn made_up(
        &self,
        place: usize,
        subscription: &str,
        known: &BTreeMap<String, String>,
    ) -> Option<String> {
        let instance = &self.instances[place];
        let name = name_of(instance).unwrap_or_else(|| instance.stand_in());
        if instance.kind == RESOURCE_GROUP {
            return Some(format!("{subscription}/resourceGroups/{name}"));
        }
        if let Some(arm) = azapi_type(instance) {
            return self.made_up_azapi(instance, arm, &name);
        }
        let kind = kinds::kind(&instance.kind)?;
        let in_group = |group: &str, kind: &str, name: &str| {
            let group = known
                .get(&group.to_lowercase())
                .cloned()
                .unwrap_or_else(|| format!("{subscription}/resourceGroups/{group}"));
            let id = format!("{group}/providers/{kind}/{name}");
            known.get(&in_subscription(&id)).cloned().unwrap_or(id)
        };
        let (parent_type, segment) = kind.arm.rsplit_once('/')?;
        let parent = match kind.parent {
            Parent::Group => return Some(in_group(&self.group(instance), kind.arm, &name)),
            Parent::Id(attribute) => match self.stated(instance, attribute) {
                Stated::Text(id) | Stated::Id(id) => id,
                Stated::Unknown => return None,
            },
            Parent::Name(attribute) => match self.stated(instance, attribute) {
                Stated::Text(name) => in_group(&self.group(instance), parent_type, &name),
                Stated::Id(id) => id,
                Stated::Unknown => return None,
            },
        };
        Some(format!("{parent}/{segment}/{name}"))
    }

    fn made_up_azapi(&self, instance: &Instance, arm: &str, name: &str) -> Option<String> {
        if instance.kind == azapi::UPDATE {
            let (_, segment) = arm.rsplit_once('/')?;
            match self.expected(instance, "resource_id", &[segment]) {
                Stated::Text(id) | Stated::Id(id) => return Some(id),
                Stated::Unknown => {}
            }
        }
        let (outer, segment) = arm.rsplit_once('/')?;
        let parents = outer
            .rsplit_once('/')
            .map_or("resourceGroups", |(_, one)| one);
        match self.expected(instance, "parent_id", &[parents]) {
            Stated::Text(id) | Stated::Id(id) if parents == "resourceGroups" => {
                Some(format!("{id}/providers/{arm}/{name}"))
            }
            Stated::Text(id) | Stated::Id(id) => Some(format!("{id}/{segment}/{name}")),
            Stated::Unknown => None,
        }
    }

    /// The resource group of an instance.
    fn group(&self, instance: &Instance) -> String {
        match self.stated(instance, "resource_group_name") {
            Stated::Text(name) => name,
            Stated::Id(id) => id.rsplit('/').next().unwrap_or(GROUP).to_owned(),
            Stated::Unknown => GROUP.to_owned(),
        }
    }

    fn stated(&self, instance: &Instance, attribute: &str) -> Stated {
        self.expected(instance, attribute, types(attribute))
    }

    fn expected(&self, instance: &Instance, attribute: &str, types: &[&str]) -> Stated {
        if let Some(text) = instance.text(attribute) {
            return Stated::Text(text.to_owned());
        }
        let expressions = self
            .configuration
            .as_ref()
            .and_then(|configuration| configuration.expressions(instance));
        let Some(expression) = expressions.and_then(|all| all.get(attribute)) else {
            return Stated::Unknown;
        };
        let mut ids = Search::ids(self, instance, expression, types).ids;
        match (ids.pop(), ids.is_empty()) {
            (Some(id), true) => Stated::Id(id),
            _ => Stated::Unknown,
        }
    }
}

/// The id that a document states.
fn known_id(instance: &Instance) -> Option<String> {
    let id = instance.text("id").filter(|id| id.starts_with('/'))?;
    let is_resource = instance.kind == RESOURCE_GROUP
        || kind_of(instance).is_some()
        || azapi_type(instance).is_some();
    is_resource.then(|| id.trim_end_matches('/').to_owned())
}

fn kind_of(instance: &Instance) -> Option<&'static Kind> {
    kinds::kind(&instance.kind)
}

fn azapi_type(instance: &Instance) -> Option<&str> {
    let is_azapi = instance.kind == azapi::RESOURCE || instance.kind == azapi::UPDATE;
    azapi::arm_type(instance).filter(|_| is_azapi)
}

/// How deep a resource is below its subscription. `None` for one that has no id.
fn level(instance: &Instance) -> Option<usize> {
    if instance.kind == RESOURCE_GROUP {
        return Some(0);
    }
    let arm = azapi_type(instance).or_else(|| kind_of(instance).map(|kind| kind.arm))?;
    // Changes come after all that they can change.
    let is_update = usize::from(instance.kind == azapi::UPDATE);
    Some((arm.matches('/').count() + is_update).min(LEVELS - 1))
}

/// The name of an instance in Azure, if it is known. A peering of a circuit has its type as its name.
fn name_of(instance: &Instance) -> Option<String> {
    let attribute = if instance.kind == "azurerm_express_route_circuit_peering" {
        "peering_type"
    } else {
        "name"
    };
    instance.text(attribute).map(str::to_owned)
}

/// An id without its subscription, in lower case: a resource group is its name.
fn in_subscription(id: &str) -> String {
    let id = id.to_lowercase();
    let rest = id
        .split_once("/resourcegroups/")
        .map(|(_, rest)| rest.to_owned());
    rest.unwrap_or(id)
}

/// Whether a value is `true`, or a list with `true`: known only after apply.
pub(super) fn is_unknown(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(is_unknown)) => *is_unknown,
        Some(Value::Array(items)) => items.contains(&Value::Bool(true)),
        _ => false,
    }
}
